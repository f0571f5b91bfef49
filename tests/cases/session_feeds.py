"""What may be fed: intermediate tensors, variables, constants, names, sparse values; and what then comes back."""
import numpy as np


def build(tf):
    p = tf.placeholder(tf.float32, name='p')
    q = tf.placeholder(tf.float32, [None, 2], name='q')
    v, r = tf.Variable(3., name='v'), tf.Variable(3., name='r', use_resource=True)
    c = tf.constant([1., 2.], name='c')
    m = tf.multiply(p, 2., name='m')
    s = tf.placeholder(tf.string, name='s')
    sp = tf.sparse_placeholder(tf.float32, name='sp')
    return dict(p=p, q=q, v=v, r=r, c=c, m=m, s=s, sp=sp, end=m + 1., doubled=q * 2., text=tf.identity(s),
                twice=v * 2., rtwice=r * 2., ctwice=c * 2., sparse_values=sp.values * 3., i=tf.placeholder(tf.int32),
                default=tf.placeholder_with_default([1., 2.], [None], name='d') * 1., init=tf.global_variables_initializer(),
                slices=tf.IndexedSlices(tf.placeholder(tf.float32), tf.placeholder(tf.int32)))


def run(tf, n):
    runs = [
        (n['end'], {n['p']: 3}), (n['end'], {n['p']: np.float64(3)}), (n['end'], {n['p']: [1, 2]}),
        (n['end'], {n['m']: 5.}), (n['end'], {'m:0': 5.}), (n['end'], {'p:0': 5.}), (n['end'], {n['p']: 1., n['m']: 7.}),
        (n['m'], {n['m']: 7.}), ([n['m'], n['end']], {n['m']: [7.]}), ([n['p'], n['m']], {n['p']: 3}),
        (n['twice'], {n['v']: 9.}), ([n['v'], n['twice']], {n['v']: 9.}), (n['twice'], {'v/read:0': 9.}),
        (n['rtwice'], {n['r']: 9.}), (n['rtwice'], {n['r'].value(): 9.}), (n['ctwice'], {n['c']: [5., 6.]}),
        (n['ctwice'], {n['c']: np.array([5, 6])}), (n['doubled'], {n['q']: [[1, 2]]}), (n['doubled'], {n['q']: np.zeros((0, 2))}),
        (n['doubled'], {n['q']: (np.float32([1, 2]), np.float32([3, 4]))}), (n['text'], {n['s']: 'a'}),
        (n['text'], {n['s']: b'a'}), (n['text'], {n['s']: ['a', b'b', u'\u00e9']}), (n['text'], {n['s']: np.array(['a', 'bc'])}),
        (n['text'], {n['s']: np.array([['a'], ['bc']], object)}),
        (n['sparse_values'], {n['sp']: tf.SparseTensorValue([[0], [1]], [1., 2.], [2])}),
        (n['sparse_values'], {n['sp']: ([[0], [1]], [1., 2.], [2])}),
        (n['sparse_values'], {n['sp']: (np.array([[0], [1]]), np.array([1., 2.]), np.array([2]))}),
        (n['default'], None), (n['default'], {}), (n['default'], {'d:0': [4.]}), (n['i'], {n['i']: True}),
        (n['i'], {n['i']: 1.7}), (n['i'], {n['i']: np.array([1.7, -1.7])}), (n['i'], {n['i']: np.int64(5)}),
        ([n['m'], n['ctwice']], {(n['p'], n['i']): (4., 1)}),
        (n['slices'], {n['slices']: ([1., 2.], [0, 1])}),
    ]
    found = {}
    with tf.Session() as sess:
        sess.run(n['init'])
        for i, (fetch, feed) in enumerate(runs):
            for again in range(2):
                value = sess.run(fetch, feed)
                for j, part in enumerate(value if isinstance(value, (list, tuple)) else [value]):
                    if part is not None:
                        found['%02d_%d_%d' % (i, again, j)] = part
                        found['%02d_%d_%d_type' % (i, again, j)] = str(isinstance(part, np.ndarray))
    return found
