"""Fourier and cosine transforms: nodes, static shapes, gradients and values."""
import numpy as np


def build(tf):
    rng = np.random.RandomState(2)
    out, feeds = {}, {}

    def placeholder(dtype, shape, static):
        value = rng.standard_normal(shape)
        if dtype.is_complex:
            value = value + 1j * rng.standard_normal(shape)
        x = tf.placeholder(dtype, shape if static else [None] * len(shape))
        feeds[x] = value.astype(dtype.as_numpy_dtype)
        return x

    def add(name, y, x, differentiable=True):
        out[name] = y
        if differentiable:
            out[name + '_grad'] = tf.gradients(y, x, grad_ys=tf.ones_like(y))[0]

    s = tf.signal
    for static in (True, False):
        for dtype in (tf.complex64, tf.complex128):
            for name in ('fft', 'ifft', 'fft2d', 'ifft2d', 'fft3d', 'ifft3d'):
                x = placeholder(dtype, [2, 3, 4, 5], static)
                add(f'{name}_{static}_{dtype.name}', getattr(s, name)(x), x)
        for shape in ([3, 6, 8], [2, 4, 5]):
            x = placeholder(tf.float32, shape, static)
            z = placeholder(tf.complex64, shape, static)
            key = f'{static}_{shape}'
            add(f'rfft_{key}', s.rfft(x), x)
            add(f'rfft_long_{key}', s.rfft(x, [11]), x)
            add(f'rfft_short_{key}', s.rfft(x, [3]), x, False)
            add(f'rfft2d_{key}', s.rfft2d(x), x)
            add(f'rfft3d_{key}', s.rfft3d(x), x, False)
            add(f'irfft_{key}', s.irfft(z), z)
            add(f'irfft_odd_{key}', s.irfft(z, [2 * shape[-1] - 1]), z)
            add(f'irfft_long_{key}', s.irfft(z, [20]), z)
            add(f'irfft2d_{key}', s.irfft2d(z), z)
            add(f'irfft3d_{key}', s.irfft3d(z), z, False)
            for norm in (None, 'ortho'):
                for kind in (1, 2, 3):
                    if kind > 1 or norm is None:
                        add(f'dct_{key}_{norm}_{kind}', s.dct(x, kind, norm=norm), x)
                        add(f'idct_{key}_{norm}_{kind}', s.idct(x, kind, norm=norm), x, False)
            if static:
                add(f'shift_{key}', s.fftshift(x), x)
                add(f'unshift_{key}', s.ifftshift(x, axes=[1]), x)
    length = tf.placeholder(tf.int32, [1])
    feeds[length] = [7]
    add('fed', s.rfft(x, length), x, False)
    out['list'] = s.fft([1., 2.])
    return out, feeds


def run(tf, built):
    out, feeds = built
    with tf.Session() as session:
        values = session.run(out, feeds)
    # Single precision is lost relative to the greatest element.
    values = {k: v / (1 + abs(v).max()) for k, v in values.items()}
    return {**values, **{k + '_shape': str(t.shape) for k, t in out.items()}}
