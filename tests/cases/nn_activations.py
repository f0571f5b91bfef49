"""Activations with their first and second gradients, crelu, swish, leaky_relu of integers."""
import numpy as np

X = np.array([[-7., -1.5, -0.1, 0.], [0.1, 1.5, 5.9, 9.]], 'f')
ACTIVATIONS = ('relu', 'relu6', 'elu', 'selu', 'leaky_relu', 'softplus', 'sigmoid', 'tanh')


def build(tf):
    x, dy = tf.placeholder(tf.float32, [None, 4], 'x'), tf.placeholder(tf.float32, [None, 4], 'dy')
    out = {}
    for name in ACTIVATIONS:
        y = getattr(tf.nn, name)(x)
        out[name] = y
        out[name + '_grad'], = tf.gradients(y, x, grad_ys=dy)
        for i, second in enumerate(tf.gradients(out[name + '_grad'], [x, dy])):
            if second is not None:
                out['%s_second_%d' % (name, i)] = second
    out['softsign_grad'], = tf.gradients(tf.nn.softsign(x), x, grad_ys=dy)
    out['crelu'], out['crelu_axis'] = tf.nn.crelu(x), tf.nn.crelu(x, axis=0, name='c')
    out['swish'] = tf.nn.swish(x)
    out['swish_grad'], = tf.gradients(out['swish'], x)
    out['of_int'] = tf.nn.leaky_relu(tf.constant([-3, 4]), 0.1, name='leaky')
    out['relu_int'] = tf.nn.relu([-1, 2])
    out['double'] = tf.nn.elu(tf.constant([-1., 1.], tf.float64))
    return x, dy, out


def run(tf, built):
    x, dy, out = built
    with tf.Session() as session:
        return session.run(out, {x: X, dy: (np.arange(8.).reshape(2, 4) - 3) / 4})
