"""What MNIST is: looking at the data, and at softmax and cross-entropy, before learning from them.

MNIST is 70,000 handwritten digits, each a picture of 28 x 28 grey pixels. Flattened, a picture is a point in
a space of 784 dimensions, and classifying digits means telling regions of that space apart. No graph is built
here, this is all numpy.

    python what_is_mnist.py
"""
import os

import numpy as np
import options
import pictures

from graphflow.examples.tutorials.mnist import input_data


def as_text(image):
    """A 784-vector as 28 lines of characters, darker for more ink."""
    shades = np.array(list(' .:-=+*#%@'))
    return '\n'.join(''.join(row) for row in shades[np.minimum((image * 10).astype(int), 9)].reshape(28, 28))


def softmax(x):
    """Numbers to probabilities: larger ones get the larger share, all add up to 1."""
    powers = np.exp(x - x.max())
    return powers / powers.sum()


def cross_entropy(probabilities, one_hot):
    """How surprised a prediction is by the truth: 0 if certain and right, infinite if certain and wrong."""
    return -np.sum(one_hot * np.log(probabilities))


def shadow(points):
    """Casts [count, 784] points onto the plane in which they spread most: their two principal components."""
    centred = points - points.mean(axis=0)
    _, directions = np.linalg.eigh(centred.T @ centred)
    return centred @ directions[:, :-3:-1]


def main():
    arguments = options.parser(__doc__).parse_args()
    out = arguments.out
    mnist = input_data.read_data_sets(arguments.data_dir, one_hot=True, seed=arguments.seed)

    print('Three parts: %d examples to learn from, %d to tune choices on, %d to test what was learned.'
          % tuple(part.num_examples for part in mnist))
    print('Images', mnist.train.images.shape, mnist.train.images.dtype, 'from 0.0 (paper) to 1.0 (ink)')
    print('Labels', mnist.train.labels.shape, mnist.train.labels.dtype)

    image, label = mnist.train.images[0], mnist.train.labels[0]
    print('\nThe first image:\n' + as_text(image))
    print('and its label, one-hot: a 1 in the place of the digit %d.\n%s' % (label.argmax(), label))
    print('Were labels plain numbers, 8 would be "twice 4", which means nothing here.')

    images, labels = mnist.test.images, mnist.test.labels.argmax(axis=1)
    pictures.digits(os.path.join(out, 'mnist_digits.png'), images[:50], labels[:50])
    means = np.stack([images[labels == digit].mean(axis=0) for digit in range(10)])
    pictures.digits(os.path.join(out, 'mnist_means.png'), means, range(10), columns=5)
    flat = shadow(images)
    clouds = {digit: flat[labels == digit].T for digit in range(10)}
    pictures.scatter(os.path.join(out, 'mnist_shadow.png'), clouds)

    distances = (means**2).sum(axis=1) - 2 * images @ means.T       # squared, up to a constant
    nearest = distances.argmin(axis=1)
    print('\nA first classifier: say the digit whose mean image is nearest. Right for %.1f%% of test images.'
          % (100 * np.mean(nearest == labels)))

    numbers = np.random.RandomState(arguments.seed).normal(size=10)
    print('\nSoftmax turns %s\ninto probabilities %s, which add up to %.3f'
          % (numbers.round(1), softmax(numbers).round(2), softmax(numbers).sum()))
    one_hot = np.eye(10)[8]
    losses = []
    for _ in range(100):                # training makes the number of the right class grow
        losses.append(cross_entropy(softmax(numbers), one_hot))
        numbers[8] += 0.1
    print('If the truth is 8, the cross-entropy is %.2f; as the ninth number grows by 10, it falls to %.3f.'
          % (losses[0], losses[-1]))
    pictures.curves(os.path.join(out, 'cross_entropy.png'), {'cross-entropy': losses}, 'step', 'loss')


if __name__ == '__main__':
    main()
