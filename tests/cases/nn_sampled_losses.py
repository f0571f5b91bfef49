"""nce_loss and sampled_softmax_loss, given and drawn classes, with gradients."""
import numpy as np


def build(tf):
    w = tf.constant(np.sin(np.arange(80.)).reshape(20, 4), tf.float32)
    b = tf.constant(np.cos(np.arange(20.)), tf.float32)
    x = tf.constant(np.sin(np.arange(12.) * 2).reshape(3, 4), tf.float32)
    one = tf.constant([[3], [7], [0]], tf.int64)
    two = tf.constant([[3, 1], [7, 2], [0, 19]])
    given = (tf.constant([3, 5, 0], tf.int64), tf.constant([[.5], [.25], [.1]]), tf.constant([.5, .1, .2]))
    out = dict(nce=tf.nn.nce_loss(w, b, one, x, 5, 20), softmax=tf.nn.sampled_softmax_loss(w, b, one, x, 5, 20, seed=3),
               given=tf.nn.nce_loss(w, b, one, x, 3, 20, sampled_values=given, name='g'),
               hits=tf.nn.nce_loss(w, b, two, x, 5, 20, num_true=2, remove_accidental_hits=True, name='q'))
    for name in ('given', 'nce', 'softmax', 'hits'):
        for i, g in enumerate(tf.gradients(out[name], [w, b, x])):
            out['%s_grad_%d' % (name, i)] = tf.convert_to_tensor(g)
    return out


def run(tf, out):
    with tf.Session() as session:
        return session.run(out)
