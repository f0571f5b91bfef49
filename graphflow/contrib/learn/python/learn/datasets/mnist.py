"""Where `read_data_sets` lived before `examples.tutorials.mnist.input_data`."""
from graphflow.contrib.learn.python.learn.datasets import base
from graphflow.examples.tutorials.mnist.input_data import (
    DEFAULT_SOURCE_URL, SOURCE_URL, DataSet, dense_to_one_hot, extract_images, extract_labels, load_mnist,
    read_data_sets)

__all__ = ['DEFAULT_SOURCE_URL', 'SOURCE_URL', 'DataSet', 'base', 'dense_to_one_hot', 'extract_images',
           'extract_labels', 'load_mnist', 'read_data_sets']
