"""dilation2d and erosion2d with gradients."""
import numpy as np


def build(tf):
    x = tf.constant(np.sin(np.arange(2 * 7 * 8 * 3)).reshape(2, 7, 8, 3), tf.float32)
    w = tf.constant(np.cos(np.arange(3 * 2 * 3)).reshape(3, 2, 3), tf.float32)
    out = {}
    for padding in ('SAME', 'VALID'):
        y = tf.nn.dilation2d(x, w, [1, 2, 1, 1], [1, 1, 2, 1], padding)
        z = tf.nn.erosion2d(x, w, [1, 2, 1, 1], [1, 1, 2, 1], padding)
        for name, v in (('d', y), ('e', z)):
            for i, part in enumerate([v] + tf.gradients(tf.sin(v), [x, w])):
                out['%s_%s_%d' % (name, padding, i)] = part
    tf.nn.dilation2d(tf.placeholder(tf.float32, [None, None, 4, 3]), w, [1, 1, 1, 1], [1, 1, 1, 1], 'SAME')
    tf.nn.dilation2d(tf.placeholder(tf.float32), tf.placeholder(tf.float32), [1, 1, 1, 1], [1, 1, 1, 1], 'SAME')
    return out


def run(tf, out):
    with tf.Session() as session:
        return session.run(out)
