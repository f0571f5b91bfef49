"""moments and what goes with them, batch_normalization, of known and unknown shapes."""
import numpy as np


def build(tf):
    x = tf.constant(np.sin(np.arange(60.)).reshape(3, 4, 5), tf.float32)
    open_x = tf.placeholder(tf.float32, [None, 4, 5], 'x')
    half = tf.cast(x, tf.float16)
    w = tf.constant(np.arange(12.).reshape(3, 4, 1), tf.float32)
    out = dict(
        plain=tf.nn.moments(x, [0]), two=tf.nn.moments(open_x, [0, 1], keep_dims=True, name='m'),
        last=tf.nn.moments(x, 1), negative=tf.nn.moments(x, [-1]), half=tf.nn.moments(half, [0]),
        weighted=tf.nn.weighted_moments(x, [0], w), weighted_int=tf.nn.weighted_moments(open_x, [0], tf.constant(2)),
        weighted_half=tf.nn.weighted_moments(half, [0, 1], tf.cast(w, tf.float16), keep_dims=True, name='w'))
    counts, sums, squares, _ = tf.nn.sufficient_statistics(x, [0, 1])
    out['sufficient'] = [counts, sums, squares]
    out['normalized'] = tf.nn.normalize_moments(counts, sums, squares, None)
    mean, variance = out['plain']
    for name, offset, scale in (('both', 1., 2.), ('none', None, None), ('offset', 1., None), ('scale', None, 2.)):
        y = tf.nn.batch_normalization(x, mean, variance, offset and tf.fill([4, 5], offset),
                                      scale and tf.fill([4, 5], scale), 1e-3)
        out['bn_' + name] = [y] + tf.gradients(tf.sin(y), [x, mean, variance])
    out['global'] = tf.nn.batch_norm_with_global_normalization(
        tf.reshape(x, [3, 2, 2, 5]), tf.ones([5]), tf.ones([5]), tf.ones([5]), tf.ones([5]) * 3, 0.1, True)
    return open_x, out


def flat(values):
    return {'%s_%d' % (name, i): v for name, vs in values.items()
            for i, v in enumerate(vs if isinstance(vs, (list, tuple)) else [vs])}


def run(tf, built):
    x, out = built
    with tf.Session() as session:
        return flat(session.run(out, {x: np.cos(np.arange(60.)).reshape(3, 4, 5)}))
