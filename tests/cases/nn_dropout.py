"""dropout by keep_prob and rate, fixed or fed, with noise shapes and gradients."""
import numpy as np


def build(tf):
    x = tf.placeholder(tf.float32, [None, 4], 'x')
    p = tf.placeholder(tf.float32, name='p')
    fixed = tf.constant(np.arange(20.).reshape(5, 4), tf.float32)
    out = dict(
        keep=tf.nn.dropout(x, 0.5), rate=tf.nn.dropout(x, rate=0.3), large=tf.nn.dropout(x, rate=0.7, seed=3),
        fed=tf.nn.dropout(x, p), fed_rate=tf.nn.dropout(x, rate=p), fixed=tf.nn.dropout(fixed, 0.4, name='d'),
        noise=tf.nn.dropout(fixed, 0.5, noise_shape=[None, 1], seed=4), all=tf.nn.dropout(x, 1),
        noise_open=tf.nn.dropout(x, 0.5, noise_shape=[5, 1]), none=tf.nn.dropout(x, rate=0.0),
        noise_tensor=tf.nn.dropout(fixed, 0.5, noise_shape=tf.shape(x)), const=tf.nn.dropout(x, tf.constant(0.8)),
        zero=tf.nn.dropout(x, rate=tf.constant(0.)), double=tf.nn.dropout(tf.ones([3], tf.float64), 0.5),
        numpy=tf.nn.dropout(x, np.float32(0.5)))
    out['grads'] = tf.gradients(out['fed'], [x, p]) + tf.gradients(out['fixed'], fixed)
    return x, p, out


def flat(values):
    return {'%s_%d' % (name, i): v for name, vs in values.items()
            for i, v in enumerate(vs if isinstance(vs, list) else [vs])}


def run(tf, built):
    x, p, out = built
    with tf.Session() as session:
        return flat(session.run(out, {x: np.arange(20.).reshape(5, 4) + 1, p: 0.6}))
