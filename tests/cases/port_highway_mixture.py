"""Highway layers with gates, a mixture density output, maxout, piecewise activations, ops named by templates."""
import numpy as np

xs = np.linspace(-1, 1, 12).reshape(12, 1)
ys = np.sin(4 * xs) + xs


def build(tf):
    x = tf.placeholder(tf.float64, [None, 1])
    y = tf.placeholder(tf.float64, [None, 1])
    init = tf.random_normal_initializer(stddev=0.4, dtype=tf.float64)

    def affine(t, units, name, bias=0.):
        with tf.variable_scope(name):
            w = tf.get_variable('w', [int(t.shape[-1]), units], tf.float64, init)
            return tf.matmul(t, w) + tf.get_variable('b', [units], tf.float64, tf.constant_initializer(bias))

    h = tf.tanh(affine(x, 6, 'in'))
    layer = tf.make_template('highway', lambda t: (lambda g: tf.nn.relu(affine(t, 6, 'H')) * g + t * (1 - g))(
        tf.sigmoid(affine(t, 6, 'T', -1.))))
    h = layer(layer(h))
    h = tf.concat([h, tf.reduce_max(tf.reshape(affine(h, 8, 'maxout'), [-1, 4, 2]), 2)], axis=1)
    out_pi, out_mu, out_sigma = tf.split(affine(h, 9, 'out'), 3, axis=1)
    pi = tf.nn.softmax(out_pi)
    sigma = tf.exp(out_sigma)
    normal = tf.exp(-tf.square((y - out_mu) / sigma) / 2) / (sigma * np.sqrt(2 * np.pi))
    loss = tf.reduce_mean(-tf.log(tf.reduce_sum(pi * normal, 1, keepdims=True)))
    step = tf.train.AdamOptimizer(0.02).minimize(loss)
    swish = tf.where(x > 0., x * tf.sigmoid(x), 0.01 * (tf.exp(x) - 1))
    return x, y, loss, step, pi, [swish, tf.gradients(swish, x)[0], tf.nn.selu(x), tf.nn.softsign(x), tf.nn.crelu(x)]


def run(tf, built):
    x, y, loss, step, pi, curves = built
    losses = []
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        for _ in range(30):
            losses.append(sess.run([step, loss], {x: xs, y: ys})[1])
        out = {'curve%d' % i: c for i, c in enumerate(sess.run(curves, {x: xs}))}
        return dict(out, losses=losses, pi=sess.run(pi, {x: xs}))
