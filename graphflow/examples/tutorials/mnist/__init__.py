"""MNIST, where TensorFlow 1 programs import it from."""
from graphflow.examples.tutorials.mnist import input_data, mnist

__all__ = ['input_data', 'mnist']
