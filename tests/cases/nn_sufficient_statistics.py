"""sufficient_statistics of unknown shapes and with a shift."""
import numpy as np


def build(tf):
    x, y = tf.placeholder(tf.float32, [None, 4]), tf.placeholder(tf.float32)
    a = tf.nn.sufficient_statistics(x, [0], shift=tf.ones([4]), name='q')
    return x, y, [list(a), list(tf.nn.normalize_moments(*a)), list(tf.nn.sufficient_statistics(y, [0, 1], keep_dims=True))[:3]]


def run(tf, built):
    x, y, out = built
    with tf.Session() as session:
        values = session.run(out, {x: np.arange(12.).reshape(3, 4), y: np.arange(12.).reshape(3, 4)})
    return {'%d_%d' % (i, j): v for i, vs in enumerate(values) for j, v in enumerate(vs)}
