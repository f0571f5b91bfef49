"""Images with their labels, handed out in batches: epoch after epoch, each in a new random order."""
import collections

import numpy as np

from graphflow.framework import dtypes, random_seed

FAKE_EXAMPLES = 10000       # how many a data set of `fake_data` claims to have

Dataset = collections.namedtuple('Dataset', ['data', 'target'])
Datasets = collections.namedtuple('Datasets', ['train', 'validation', 'test'])


class DataSet:
    """Images and labels of one part (train, validation or test) of MNIST or a set like it.

    Args:
        images: array of shape [count, rows, columns, 1].
        labels: array of shape [count] or [count, classes].
        fake_data: hold no data; `next_batch(..., fake_data=True)` then gives constants, for testing.
        one_hot: whether the labels `next_batch(..., fake_data=True)` gives are one-hot.
        dtype: `float32`, which scales pixels from 0..255 to 0..1, or `uint8`, which leaves them as they are.
        reshape: flatten each image to rows * columns numbers.
        seed: number that decides the order of the batches, through `get_seed`: without one the graph's seed
            does, and without that either the order differs from run to run. numpy's global generator is
            seeded with it and shuffles, as TensorFlow has it, so `np.random.seed` after this decides as well.

    Raises:
        TypeError: another dtype.
        AssertionError: as many labels as images are needed, and to reshape, images of one channel.
    """

    def __init__(self, images, labels, fake_data=False, one_hot=False, dtype=dtypes.float32, reshape=True,
                 seed=None):
        graph_seed, own_seed = random_seed.get_seed(seed)
        np.random.seed(graph_seed if seed is None else own_seed)
        dtype = dtypes.as_dtype(dtype).base_dtype
        if dtype not in (dtypes.uint8, dtypes.float32):
            raise TypeError('Invalid image dtype %r, expected uint8 or float32' % dtype)
        self.one_hot = one_hot
        if fake_data:
            self._num_examples = FAKE_EXAMPLES
        else:
            assert images.shape[0] == labels.shape[0], (
                'images.shape: %s labels.shape: %s' % (images.shape, labels.shape))
            self._num_examples = images.shape[0]
            if reshape:
                assert images.shape[3] == 1
                images = images.reshape(images.shape[0], images.shape[1] * images.shape[2])
            if dtype == dtypes.float32:
                images = images.astype(np.float32)
                images *= np.float32(1 / 255)
        self._stored_images, self._stored_labels = images, labels
        self._order = None          # rows in the order of this epoch; None: as stored
        self._epochs_completed = 0
        self._index_in_epoch = 0

    @property
    def images(self):
        """All images, in the order of the present epoch."""
        self._settle()
        return self._stored_images

    @property
    def labels(self):
        """All labels, in the order of the present epoch."""
        self._settle()
        return self._stored_labels

    @property
    def num_examples(self):
        """How many images there are."""
        return self._num_examples

    @property
    def epochs_completed(self):
        """How many times `next_batch` has gone through all images."""
        return self._epochs_completed

    def next_batch(self, batch_size, fake_data=False, shuffle=True):
        """The next `batch_size` images and labels.

        A batch that reaches past the end of an epoch is filled from the next, shuffled anew; one larger than
        the set holds at most two epochs' worth.

        Args:
            batch_size: how many.
            fake_data: give constants instead: lists of 1s and labels 0.
            shuffle: whether each epoch has a new random order.

        Returns:
            `(images, labels)`.
        """
        if fake_data:
            label = [1] + [0] * 9 if self.one_hot else 0
            return [[1] * 784 for _ in range(batch_size)], [label for _ in range(batch_size)]
        start = self._index_in_epoch
        if self._epochs_completed == 0 and start == 0 and shuffle:
            self._shuffle()
        self._index_in_epoch = start + batch_size
        if self._index_in_epoch <= self._num_examples:
            return self._rows(start, self._index_in_epoch)
        self._epochs_completed += 1
        images, labels = self._rows(start, self._num_examples)
        if shuffle:
            self._shuffle()
        self._index_in_epoch = batch_size - (self._num_examples - start)
        more_images, more_labels = self._rows(0, self._index_in_epoch)
        return np.concatenate((images, more_images)), np.concatenate((labels, more_labels))

    def _shuffle(self):
        """Orders the rows anew. Only their numbers move: copying 55,000 images every epoch takes long."""
        permutation = np.arange(self._num_examples)
        np.random.shuffle(permutation)
        self._order = permutation if self._order is None else self._order[permutation]

    def _rows(self, start, stop):
        rows = slice(start, stop) if self._order is None else self._order[start:stop]
        return self._stored_images[rows], self._stored_labels[rows]

    def _settle(self):
        if self._order is not None:
            self._stored_images = self._stored_images[self._order]
            self._stored_labels = self._stored_labels[self._order]
            self._order = None
