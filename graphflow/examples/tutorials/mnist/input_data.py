"""Reading MNIST: `mnist = input_data.read_data_sets('MNIST_data/')`, then `mnist.train.next_batch(100)`.

The data are the first of these that can be had: the four IDX files in the folder, the same downloaded into
it, digits drawn by code (`synthetic`).
"""
import os
import warnings

import numpy as np

from graphflow.examples.tutorials.mnist import idx, synthetic
from graphflow.examples.tutorials.mnist.data_set import DataSet, Datasets
from graphflow.examples.tutorials.mnist.download import (
    DEFAULT_SOURCE_URL, FAILURES, MNIST_SOURCES, fetch_mnist, maybe_download)
from graphflow.framework import dtypes

__all__ = ['DEFAULT_SOURCE_URL', 'SOURCE_URL', 'DataSet', 'Datasets', 'dense_to_one_hot', 'extract_images',
           'extract_labels', 'load_mnist', 'maybe_download', 'read_data_sets']

SOURCE_URL = DEFAULT_SOURCE_URL

TRAIN_IMAGES = 'train-images-idx3-ubyte.gz'
TRAIN_LABELS = 'train-labels-idx1-ubyte.gz'
TEST_IMAGES = 't10k-images-idx3-ubyte.gz'
TEST_LABELS = 't10k-labels-idx1-ubyte.gz'


def read_data_sets(train_dir, fake_data=False, one_hot=False, dtype=dtypes.float32, reshape=True,
                   validation_size=5000, seed=None, source_url=DEFAULT_SOURCE_URL):
    """MNIST, or whatever set in its format the folder holds, in three parts.

    Args:
        train_dir: folder with the IDX files, gzipped or not. Missing files are downloaded into it.
        fake_data: read nothing; the parts then only serve `next_batch(..., fake_data=True)`.
        one_hot: labels as rows of 10 zeros and ones (float64) rather than numbers (uint8).
        dtype: of the images: `float32` in 0..1, or `uint8` in 0..255.
        reshape: images as rows of 784 numbers rather than [28, 28, 1].
        validation_size: how many of the training images to set aside, from the front, for validation.
        seed: decides the order of batches; see `DataSet`.
        source_url: where to download from, ending in a slash. If it is a home of MNIST and cannot be reached,
            digits drawn by code stand in and a warning says so; nothing is then written to the folder.

    Returns:
        A `Datasets` tuple `(train, validation, test)` of `DataSet`s.

    Raises:
        ValueError: a file is damaged or cut short (the message names it), or `validation_size` exceeds the
            number of images.
        TypeError: another dtype.
        OSError: some files are there, others are not and cannot be downloaded; or `source_url` is not MNIST's
            own and cannot be reached.
    """
    if fake_data:
        def fake():
            return DataSet([], [], fake_data=True, one_hot=one_hot, dtype=dtype, seed=seed)
        return Datasets(train=fake(), validation=fake(), test=fake())
    train_images, train_labels, test_images, test_labels = _load(train_dir, source_url, one_hot)
    if not 0 <= validation_size <= len(train_images):
        raise ValueError('Validation size should be between 0 and %d. Received: %d.'
                         % (len(train_images), validation_size))
    parts = [(train_images[validation_size:], train_labels[validation_size:]),
             (train_images[:validation_size], train_labels[:validation_size]),
             (test_images, test_labels)]
    return Datasets(*(DataSet(*part, dtype=dtype, reshape=reshape, seed=seed) for part in parts))


def load_mnist(train_dir='MNIST-data'):
    """`read_data_sets(train_dir)`."""
    return read_data_sets(train_dir)


def extract_images(f):
    """Reads an IDX file of images.

    Args:
        f: a path, or a file object open for reading bytes, plain or gzipped.

    Returns:
        uint8 array of shape [count, rows, columns, 1].

    Raises:
        ValueError: wrong magic number, damaged, or cut short.
    """
    return _extract(f, idx.IMAGES_MAGIC, 'image')[..., np.newaxis]


def extract_labels(f, one_hot=False, num_classes=10):
    """Reads an IDX file of labels.

    Args:
        f: a path, or a file object open for reading bytes, plain or gzipped.
        one_hot: see `dense_to_one_hot`.
        num_classes: length of a one-hot row.

    Returns:
        uint8 array of shape [count], or float64 of [count, num_classes] if `one_hot`.

    Raises:
        ValueError: wrong magic number, damaged, or cut short.
    """
    labels = _extract(f, idx.LABELS_MAGIC, 'label')
    return dense_to_one_hot(labels, num_classes) if one_hot else labels


def dense_to_one_hot(labels_dense, num_classes):
    """Rows of zeros with a one at the label: [2] to [[0, 0, 1]] with `num_classes` 3; float64.

    Raises:
        IndexError: a label is not below `num_classes`.
    """
    rows = np.zeros((labels_dense.shape[0], num_classes))
    rows[np.arange(len(rows)), labels_dense.ravel()] = 1
    return rows


def _extract(f, magic, kind):
    print('Extracting', getattr(f, 'name', f))
    return idx.read(f, magic, 'MNIST %s file' % kind)


def _load(train_dir, source_url, one_hot):
    """The four arrays, from files or, failing that, drawn."""
    arrays = []
    for filename in (TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS):
        path = _find(train_dir, filename)
        if path is None:
            try:
                path = fetch_mnist(filename, train_dir, source_url)
            except FAILURES as error:
                if source_url not in MNIST_SOURCES:
                    raise
                present = [name for name in (TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS)
                           if _find(train_dir, name)]
                if present:
                    raise FileNotFoundError('%s holds %s but not %s, which could not be downloaded: %s' % (
                        train_dir, ', '.join(present), filename, error)) from error
                return _draw(train_dir, error, one_hot)
        arrays.append(extract_images(path) if 'images' in filename else extract_labels(path, one_hot))
    return arrays


def _find(directory, filename):
    """The path of the file under one of the names people keep it by, or None."""
    plain = filename[:-len('.gz')]
    for name in (filename, plain, plain.replace('-idx', '.idx')):
        path = os.path.join(directory, name)
        if os.path.exists(path):
            return path


def _draw(train_dir, reason, one_hot):
    warnings.warn(
        'MNIST could not be downloaded (%s). Digits drawn by code stand in: %d to train with and %d to test '
        'with, in the same format; results resemble those with MNIST but are not the same. For the real ones '
        'put %s, %s, %s and %s into %s.' % (
            reason, synthetic.TRAIN_IMAGES, synthetic.TEST_IMAGES, TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES,
            TEST_LABELS, train_dir), stacklevel=4)
    (train_images, train_labels), (test_images, test_labels) = map(synthetic.load, ('train', 'test'))
    if one_hot:
        train_labels, test_labels = (dense_to_one_hot(labels, 10) for labels in (train_labels, test_labels))
    return train_images, train_labels, test_images, test_labels
