"""Matrix products: nodes, static shapes, gradients and values."""
import numpy as np


def _array(rng, shape, dtype):
    values = np.round(rng.standard_normal(shape) * 3, 0 if dtype == 'float16' else 6)
    return (values + 1j * rng.standard_normal(shape) if dtype.startswith('complex') else values).astype(dtype)


CASES = [([3, 2], [2, 4]), ([5, 3, 2], [5, 2, 4]), ([3, 2], [5, 2, 4]), ([1, 4, 3, 2], [5, 1, 2, 3]), ([0, 2], [2, 3]),
         ([3, 0], [0, 2]), ([2, 0, 3], [2, 3, 2]), ([4, 2, 2], [4, 2, 2])]


def build(tf):
    out, feeds = {}, {}

    def add(name, a, b, dtype, static, **options):
        x, y = (_array(np.random.default_rng(len(name)), s, dtype) for s in (a, b))
        shapes = {'known': (a, b), 'part': ([None] + a[1:], b), 'unknown': (None, None)}[static]
        p, q = (tf.placeholder(dtype, s) for s in shapes)
        feeds.update({p: x, q: y})
        out[name] = product = tf.matmul(p, q, **options)
        if dtype not in ('int32', 'int64'):
            out[name + '_a'], out[name + '_b'] = tf.gradients(product, [p, q], grad_ys=tf.ones_like(product))

    for i, (a, b) in enumerate(CASES):
        for flip_a in (None, 'transpose_a', 'adjoint_a'):
            for flip_b in (None, 'transpose_b', 'adjoint_b'):
                options = {f: True for f in (flip_a, flip_b) if f}
                shape_a = a[:-2] + a[:-3:-1] if flip_a else a
                shape_b = b[:-2] + b[:-3:-1] if flip_b else b
                for dtype in ('float32', 'complex64') if i < 2 else ('float64',):
                    for static in ('known', 'part', 'unknown') if i < 4 else ('known',):
                        add(f'{i}_{flip_a}_{flip_b}_{dtype}_{static}', shape_a, shape_b, dtype, static, **options)
                if i == 0 and not (flip_a or '').startswith('adj') and not (flip_b or '').startswith('adj'):
                    for hint in ({'a_is_sparse': True}, {'b_is_sparse': True}):
                        add(f'sparse_{flip_a}_{flip_b}_{hint}', shape_a, shape_b, 'float32', 'known', **options, **hint)
    for dtype in ('int32', 'int64', 'float16'):
        add(dtype, [2, 3], [3, 2], dtype, 'known')
    add('sparse_double', [2, 3], [3, 2], 'float64', 'known', a_is_sparse=True)
    out['operator'] = tf.constant([[1., 2.]]) @ tf.constant([[3.], [4.]])
    out['lists'] = tf.matmul([[1, 2]], [[1], [2]], name='lists')
    out['vector'] = tf.linalg.matvec([[1., 2.], [3., 4.]], [5., 6.])
    out['vectors'] = tf.linalg.matvec(np.ones((2, 2, 3), np.float32), np.ones((2, 2), np.float32), transpose_a=True)
    out['raw_sparse'] = tf.sparse_matmul([[1., 0.]], [[2.], [3.]], b_is_sparse=True)
    return out, feeds


def run(tf, built):
    out, feeds = built
    with tf.Session() as session:
        values = session.run(out, feeds)
    return {**values, **{k + '_shape': str(t.shape) for k, t in out.items()}}
