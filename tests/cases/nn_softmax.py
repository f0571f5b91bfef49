"""softmax and log_softmax along every axis, with gradients to the second order."""
import numpy as np


def build(tf):
    x = tf.placeholder(tf.float32, [None, 3, 4], 'x')
    w = tf.constant(np.arange(12.).reshape(3, 4), tf.float32)
    out = {}
    for name in ('softmax', 'log_softmax'):
        f = getattr(tf.nn, name)
        for axis in (None, 0, 1, 2, -1, -2):
            out['%s_%s' % (name, axis)] = f(x, axis=axis)
        out[name + '_named'] = f(x, 1, name='n_' + name)
        out[name + '_dim'] = f(x, dim=1)
        out[name + '_half'] = f(tf.constant([[1., 2., 4.]], tf.float16))
        out[name + '_tensor_axis'] = f(x, tf.constant(1))
        first, = tf.gradients(f(x) * w, x)
        second, = tf.gradients(first * first, x)
        out[name + '_first'], out[name + '_second'] = first, second
    out['math'] = tf.math.softmax([[1., 2.]])
    return x, out


def run(tf, built):
    x, out = built
    with tf.Session() as session:
        values = session.run(out, {x: np.sin(np.arange(24.)).reshape(2, 3, 4) * 5})
    # TensorFlow rounds half precision at every step.
    return {name: v for name, v in values.items() if not name.endswith('half')}
