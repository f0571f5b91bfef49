"""tensordot, einsum, norms, traces and cross products: nodes, shapes, values and gradients."""
import numpy as np

EQUATIONS = [
    ('ij,jk->ik', [2, 3], [3, 4]), ('ij,jk', [2, 3], [3, 4]), ('bij,bjk->bik', [5, 2, 3], [5, 3, 4]), ('ij->ji', [2, 3]),
    ('ij->i', [2, 3]), ('ij->', [2, 3]), ('i,j->ij', [2], [3]), ('i,i->', [3], [3]), ('ij,ij->ij', [2, 3], [2, 3]),
    ('ij,ij->i', [2, 3], [2, 3]), ('bij,jk->bik', [5, 2, 3], [3, 4]), ('ijk,ilj->ikl', [2, 3, 4], [2, 5, 3]),
    ('aij,ajk,akl->ail', [2, 3, 4], [2, 4, 5], [2, 5, 6]), ('i,->i', [3], []), ('ab,cb->ca', [2, 3], [4, 3]),
    ('abc,abd->cd', [2, 3, 4], [2, 3, 5]), ('ijk,ijk->', [2, 3, 4], [2, 3, 4]), ('ij,ijk->ik', [2, 3], [2, 3, 4]),
    ('bijk,jkl->bil', [2, 3, 4, 5], [4, 5, 6]), ('i,i,i->', [3], [3], [3]), ('ij,jk,jl->il', [2, 3], [3, 4], [3, 5]),
    ('...ij,...jk->...ik', [5, 2, 3], [5, 3, 4]), ('...ij,...jk->...ik', [5, 6, 2, 3], [3, 4]), ('ii', [2, 2]),
    ('i...->...', [2, 3]), ('z...a,a...->...z', [2, 7, 3], [3, 7]), ('i,ij,jk->k', [2], [2, 3], [3, 4]),
    (' i j , j k -> i k', [2, 3], [3, 4]), ('aij,bjk,->', [2, 3, 4], [2, 4, 5], []), ('Ij,jK->KI', [2, 3], [3, 4])]
DOTS = [([2, 3], [3, 4], 1), ([2, 3, 4], [4, 3, 5], [[1, 2], [1, 0]]), ([2], [3], 0), ([2, 3], [3, 4], [[-1], [0]]),
        ([2, 3], [3, 4], [1, 0]), ([3], [3], 1), ([2, 3, 4, 5], [4, 6], [[2], [0]]), ([2, 3], [2, 3], 2),
        ([5, 2, 3], [3, 4], [[2], [0]]), ([4, 5, 2], [2, 7], (-1, 0))]
NORMS = [('euclidean', None), (1, 1), (np.inf, -1), (3, None), (2.5, 0), ('fro', [-2, -1]), ('euclidean', (0, 1)),
         (1, [-2, -1]), (np.inf, (1, 2)), (2, 1)]


def build(tf):
    rng = np.random.RandomState(3)
    out, feeds = {}, {}

    def operands(shapes, part):
        placeholders = [tf.placeholder(tf.float32, s if not part or i or not s else [None] + s[1:])
                        for i, s in enumerate(shapes)]
        feeds.update({p: np.asarray(rng.standard_normal(s), np.float32) for p, s in zip(placeholders, shapes)})
        return placeholders

    def add(name, y, xs):
        out[name] = y
        for i, g in enumerate(tf.gradients(y, xs)):
            out[f'{name}_grad{i}'] = g

    for part in (False, True):
        for i, (equation, *shapes) in enumerate(EQUATIONS):
            xs = operands(shapes, part)
            add(f'einsum{i}_{part}', tf.einsum(equation, *xs), xs)
        for i, (a, b, axes) in enumerate(DOTS):
            xs = operands([a, b], part)
            add(f'dot{i}_{part}', tf.tensordot(*xs, axes), xs)
        for i, (ord, axis) in enumerate(NORMS):
            for keep in (False, True):
                x, = operands([[4, 2, 3]], part)
                add(f'norm{i}_{keep}_{part}', tf.norm(x, ord, axis, keep), [x])
        x, y = operands([[2, 3], [2, 3]], part)
        add(f'trace_{part}', tf.trace(x), [x])
        add(f'cross_{part}', tf.cross(x, y), [x, y])
        add(f'adjoint_{part}', tf.linalg.adjoint(x), [x])
    a, b = (tf.placeholder(tf.float32) for _ in range(2))
    axes = tf.placeholder(tf.int32, [2, 1])
    feeds.update({a: np.ones([2, 3], np.float32), b: np.ones([3, 4], np.float32), axes: [[1], [0]]})
    add('dot_unknown', tf.tensordot(a, b, 1), [a, b])
    out['dot_fed'] = tf.tensordot(a, b, axes, name='fed')
    out['dot_lists'] = tf.tensordot([[1., 2.]], [[1.], [2.]], 1)
    z = tf.complex([1., 2.], [3., -1.])
    out['norm_complex'] = tf.norm(z)
    out['adjoint_complex'] = tf.linalg.adjoint([z])
    return out, feeds


def run(tf, built):
    out, feeds = built
    with tf.Session() as session:
        values = session.run(out, feeds)
    return {**values, **{k + '_shape': str(t.shape) for k, t in out.items()}}
