"""The inputs every engine gets: the same numbers, made by numpy."""
import numpy as np

FLOATS = 4 * 1000 * 1000        # of the workload `transcendentals`
BATCH = {'softmax_regression': 100, 'softmax_accuracy': 10000, 'mlp': 100, 'conv_step': 50,
         'conv_accuracy': 10000}
LAYERS = (784, 256, 256, 10)    # of the workload `mlp`


def line():
    """x and y of a linear regression, float32 [100, 1] each."""
    x = np.random.RandomState(0).rand(100, 1).astype('f')
    return x, 3 * x + 1


def images(workload):
    """As many images (float32 [n, 784]) and one-hot labels (float32 [n, 10]) as a step of the workload
    takes."""
    random, n = np.random.RandomState(1), BATCH[workload]
    return random.rand(n, 784).astype('f'), np.eye(10, dtype='f')[random.randint(10, size=n)]


def floats():
    """float32 [4,000,000] in 0.5..1.5."""
    return np.random.RandomState(2).rand(FLOATS).astype('f') + np.float32(0.5)


def weights(*shape):
    """Initial weights, float32, of standard deviation 0.1."""
    return np.random.RandomState(3).normal(scale=0.1, size=shape).astype('f')


def conv_shapes():
    """Shapes of the convolutional network's weights; the bias of each has the last one's length."""
    return [5, 5, 1, 32], [5, 5, 32, 64], [7 * 7 * 64, 1024], [1024, 10]
