"""Fetch structures: what comes back, as text."""
import collections

Pair = collections.namedtuple('Pair', 'a b')


def build(tf):
    c = tf.constant([2., 3.], name='c')
    v = tf.Variable(4., name='v')
    return dict(c=c, v=v, init=tf.global_variables_initializer(), s=tf.constant('text'), i=tf.constant(3),
                b=tf.constant(True), slices=tf.IndexedSlices(c, tf.constant([1, 0]), tf.constant([5])),
                open_slices=tf.IndexedSlices(c, tf.constant([1, 0])), sparse=tf.SparseTensor([[0]], [1.], [2]),
                none=tf.zeros([0, 2]), texts=tf.constant(['a', 'b']))


def plain(value):
    """Types and values, the same text under any numpy."""
    import numpy as np
    if isinstance(value, np.ndarray):
        return 'array%s%s%s' % (value.dtype, value.shape, value.tolist())
    if isinstance(value, np.generic):
        return 'scalar %s %s' % (value.dtype, value.item())
    if isinstance(value, tuple) and hasattr(value, '_fields'):
        return '%s(%s)' % (type(value).__name__, ', '.join(f + '=' + plain(p) for f, p in zip(value._fields, value)))
    if isinstance(value, (list, tuple)):
        return '%s%s' % (type(value).__name__, [plain(v) for v in value])
    if isinstance(value, dict):
        return '%s%s' % (type(value).__name__, [(k, plain(v)) for k, v in value.items()])
    return repr(value)


def run(tf, n):
    c, v = n['c'], n['v']
    fetches = [
        c, v, n['s'], n['i'], n['b'], n['none'], n['texts'], n['init'], 'c', 'c:0', 'v', 'v/read:0', [], (), {}, [c], (c,),
        [c, c, v, c], [[c], (v, [n['i']])], Pair(c, v), Pair([c], {'x': v}), {'b': c, 'a': v}, [[], {}, ()],
        collections.OrderedDict([('b', c), ('a', c.op)]), {1: c, 2: [v]}, n['slices'], n['open_slices'], n['sparse'],
        [n['sparse'], c.op], c.op, [c.op, c], v.op, v.value(), [v, v],
        {'a': {'b': {'c': ['c:0', n['init']]}}}, [n['slices'].values, n['slices']],
    ]
    found = {}
    with tf.Session() as sess:
        sess.run(n['init'])
        for i, fetch in enumerate(fetches):
            for again in range(2):      # planned, and planned already
                found['%02d_%d' % (i, again)] = plain(sess.run(fetch))
    return found
