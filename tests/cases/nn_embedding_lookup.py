"""embedding_lookup in one table and in several, clipped, with sparse gradients."""
import numpy as np


def build(tf):
    table = tf.constant(np.sin(np.arange(40.)).reshape(10, 4), tf.float32)
    parts = [tf.constant(np.cos(np.arange(n * 4.) + n).reshape(n, 4), tf.float32) for n in (4, 3, 3)]
    open_part = tf.placeholder_with_default(np.ones([3, 4], 'f'), [None, 4])
    ids = tf.constant([[1, 7], [0, 3], [9, 1]])
    open_ids = tf.placeholder_with_default(np.array([2, 5]), None)
    lookup = tf.nn.embedding_lookup
    out = dict(one=lookup(table, ids), listed=lookup([table], [1, 2], name='q'), clipped=lookup(table, ids, max_norm=1.),
               clipped_open=lookup(table, open_ids, max_norm=1.), mod=lookup(parts, ids),
               div=lookup(parts, ids, partition_strategy='div', name='d'), mod_clipped=lookup(parts, ids, max_norm=.5),
               long=lookup(parts, tf.constant([3, 4], tf.int64)),
               open_div=lookup(parts[:2] + [open_part], ids, partition_strategy='div'))
    for name in ('one', 'clipped', 'mod', 'div'):
        for i, (p, g) in enumerate(zip([table] + parts, tf.gradients(tf.sin(out[name]), [table] + parts))):
            if g is not None:
                out['%s_grad_%d' % (name, i)] = tf.convert_to_tensor(g)
    return out


def run(tf, out):
    with tf.Session() as session:
        return session.run(out)
