"""Max and average pools in one, two and three dimensions, with gradients of gradients."""
import numpy as np


def build(tf):
    out = {}
    image = tf.constant(np.sin(np.arange(2 * 7 * 8 * 3)).reshape(2, 7, 8, 3), tf.float32)
    volume = tf.constant(np.sin(np.arange(2 * 5 * 4 * 6 * 2)).reshape(2, 5, 4, 6, 2), tf.float32)
    rows = tf.constant(np.sin(np.arange(2 * 7 * 3)).reshape(2, 7, 3), tf.float32)
    for kind in ('max', 'avg'):
        pools = [getattr(tf.nn, kind + suffix) for suffix in ('_pool', '_pool3d', '_pool1d', '_pool_v2', '_pool2d')]
        for padding in ('SAME', 'VALID'):
            tests = [(pools[0], image, [1, 3, 2, 1], [1, 2, 2, 1]), (pools[0], image, 2, 2), (pools[0], image, [2, 3], [1]),
                     (pools[1], volume, 2, [1, 2, 1, 2, 1]), (pools[2], rows, 3, 2), (pools[3], volume, 3, 2),
                     (pools[3], rows, [2], [1]), (pools[3], image, 3, 2), (pools[4], image, 3, 2)]
            for i, (pool, x, ksize, strides) in enumerate(tests):
                y = pool(x, ksize, strides, padding)
                dy = tf.cos(y)
                first, = tf.gradients(y, x, grad_ys=dy)
                out['%s_%s_%d' % (kind, padding, i)] = [y, first, tf.gradients(tf.sin(first), dy)]
    most, at = tf.nn.max_pool_with_argmax(image, [1, 2, 2, 1], [1, 2, 2, 1], 'SAME')
    out['argmax'] = [most, at] + tf.gradients(most, image)
    out['argmax_batch'] = list(tf.nn.max_pool_with_argmax(image, [1, 2, 2, 1], [1, 1, 1, 1], 'VALID',
                                                          include_batch_in_index=True))
    return out


def flat(values):
    return {'%s_%d' % (name, i): v for name, vs in values.items()
            for i, v in enumerate(vs if isinstance(vs, list) else [vs])}


def run(tf, out):
    with tf.Session() as session:
        return flat(session.run(out))
