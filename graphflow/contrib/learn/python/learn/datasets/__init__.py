"""`tf.contrib.learn.datasets`: MNIST, and tables in CSV files."""
from graphflow.contrib.learn.python.learn.datasets import base, mnist

__all__ = ['DATASETS', 'base', 'load_dataset', 'mnist']

DATASETS = {'mnist': mnist.load_mnist}


def load_dataset(name):
    """The data set called `name`, a key of `DATASETS`.

    Raises:
        ValueError: there is none of that name.
    """
    if name not in DATASETS:
        raise ValueError('Name of dataset is not found: %s' % name)
    return DATASETS[name]()
