"""top_k, in_top_k and nth_element with gradients."""
import numpy as np


def build(tf):
    x = tf.constant(np.sin(np.arange(60.)).reshape(3, 4, 5) * 3, tf.float32)
    open_x = tf.placeholder_with_default(np.sin(np.arange(40.)).astype('f'), None)
    ties = tf.constant([[3, 1, 3, 2, 3], [5, 5, 5, 5, 5]])
    out = dict(two=list(tf.nn.top_k(x, 2)), one=list(tf.nn.top_k(x, name='foo')), ties=list(tf.nn.top_k(ties, 4)),
               many=list(tf.nn.top_k(open_x, 35)), none=list(tf.nn.top_k(x, 0)),
               fed=list(tf.nn.top_k(open_x, tf.placeholder_with_default(3, []))))
    out['grad'] = tf.gradients(tf.sin(out['two'][0]), x)
    out['open_grad'] = tf.gradients(out['many'][0], open_x)
    logits = tf.constant([[.1, .3, .2, .4], [.1, .8, .1, 0.], [1., float('inf'), 2., 3.], [1., 1., 1., 1.]])
    for k in (1, 2, 4):
        out['in_%d' % k] = tf.nn.in_top_k(logits, [3, 2, 1, 1], k)
    out['in_64'] = tf.math.in_top_k(logits, tf.constant([3, 9, 1, -1], tf.int64), 2, name='q')
    for reverse in (False, True):
        y = tf.contrib.nn.nth_element(x, 1, reverse=reverse)
        out['nth_%s' % reverse] = [y] + tf.gradients(y, x)
    return out


def flat(values):
    return {'%s_%d' % (name, i): v for name, vs in values.items()
            for i, v in enumerate(vs if isinstance(vs, list) else [vs])}


def run(tf, out):
    with tf.Session() as session:
        return flat(session.run(out))
