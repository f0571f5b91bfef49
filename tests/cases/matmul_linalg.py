"""Linear algebra: nodes, static shapes, gradients, values (of what does not depend on the signs of vectors)."""
import numpy as np


def build(tf):
    rng = np.random.RandomState(5)
    out, feeds = {}, {}

    def matrix(shape, static, dtype=np.float64, positive=False):
        value = rng.standard_normal(shape)
        if positive:
            value = np.matmul(value, np.swapaxes(value, -1, -2)) + 3 * np.eye(shape[-1])
        if np.issubdtype(dtype, np.complexfloating):
            imaginary = rng.standard_normal(shape) * 0.3
            value = value + 1j * (imaginary - np.swapaxes(imaginary, -1, -2) if positive else imaginary)
        x = tf.placeholder(dtype, {'known': shape, 'part': [None] * (len(shape) - 2) + shape[-2:],
                                   'ranked': [None] * len(shape), 'unknown': None}[static])
        feeds[x] = value.astype(dtype)
        return x

    def add(name, y, *xs):
        ys = y if isinstance(y, (list, tuple)) else [y]
        for i, t in enumerate(ys):
            out[f'{name}_{i}'] = t
        if xs:
            for i, g in enumerate(tf.gradients(ys, xs, grad_ys=[tf.ones_like(t) for t in ys])):
                if g is not None:
                    out[f'{name}_grad{i}'] = g

    la = tf.linalg
    for static in ('known', 'part', 'ranked', 'unknown'):
        for batch in ([], [2]):
            for dtype in (np.float32, np.float64, np.complex128):
                key = f'{static}_{len(batch)}_{np.dtype(dtype).name}'
                a = matrix(batch + [3, 3], static, dtype, True)
                b = matrix(batch + [3, 2], static, dtype)
                for flag in (False, True):
                    add(f'inv_{key}_{flag}', la.inv(a, adjoint=flag), a)
                    add(f'solve_{key}_{flag}', la.solve(a, b, adjoint=flag), a, b)
                    for lower in (False, True):
                        add(f'tri_{key}_{flag}_{lower}', la.triangular_solve(a, b, lower=lower, adjoint=flag), a, b)
                add(f'cholesky_{key}', la.cholesky(a), a)
                add(f'cholesky_solve_{key}', la.cholesky_solve(la.cholesky(a), b), a, b)
                add(f'eigvals_{key}', la.eigvalsh(a), *([a] if dtype != np.complex128 else []))
                if dtype != np.complex128:
                    add(f'det_{key}', la.det(a), a)
                    add(f'slogdet_{key}', la.slogdet(a), a)
                    add(f'logdet_{key}', la.logdet(a), a)
                    add(f'singular_{key}', la.svd(b, compute_uv=False), b)
                    add(f'sqrtm_{key}', la.sqrtm(a), a)
                    e, v = la.eigh(a)
                    add(f'eigh_{key}', [e, tf.abs(v)], a)
                    add(f'trace_{key}', tf.trace(a), a)
                    if static in ('known', 'part'):
                        for shape in ([3, 3], [4, 3], [3, 4]):
                            x = matrix(batch + shape, static, dtype)
                            for full in (False, True):
                                s, u, v = la.svd(x, full_matrices=full)
                                add(f'svd_{key}_{shape}_{full}', [s, tf.abs(u), tf.abs(v)], x)
                            rhs = matrix(batch + [shape[0], 2], static, dtype)
                            for l2 in (0.0, 0.5):
                                add(f'lstsq_{key}_{shape}_{l2}', la.lstsq(x, rhs, l2_regularizer=l2), x, rhs)
                            add(f'slow_{key}_{shape}', la.lstsq(x, rhs, fast=False))
                            if shape[0] >= shape[1]:
                                q, r = la.qr(x)
                                add(f'qr_{key}_{shape}', [tf.abs(q), tf.abs(r)], x)
                            q, r = la.qr(x, full_matrices=True)
                            add(f'qr_full_{key}_{shape}', tf.matmul(q, r))
                else:
                    add(f'logm_{key}', la.logm(a))
                lu, p = la.lu(a)
                add(f'lu_{key}', [lu, p])
        add(f'normalize_{static}', la.normalize(b, axis=-1) if dtype != np.complex128 else la.normalize(e, axis=-1))
    return out, feeds


def run(tf, built):
    out, feeds = built
    with tf.Session() as session:
        values = session.run(out, feeds)
    imprecise = ('svd', 'lstsq', 'qr', 'eigh')      # in single precision
    return {**{k: v for k, v in values.items() if not ('svd' in k and 'grad' in k or 'float32' in k
                                                       and k.startswith(imprecise))},
            **{k + '_shape': str(t.shape) for k, t in out.items()}}
