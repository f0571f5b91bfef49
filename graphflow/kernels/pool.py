"""Max and average pooling in two and three dimensions, and their gradients.

Loops see [batch, size1, size2, size3, channels]. What happens to NaN and to ties follows TensorFlow's CPU
kernels: `MaxPool` passes over NaN, `MaxPoolWithArgmax` and `MaxPoolGrad` pick the first of equal elements (a
NaN in front stays picked), `MaxPool3DGrad` gives to every element within 1e-5 of the maximum.
"""
import numpy as np

from graphflow.framework.errors import InvalidArgumentError, UnimplementedError
from graphflow.framework.registry import kernel
from graphflow.kernels import memory
from graphflow.kernels.conv_geometry import (channels_first, channels_last_shape, from_channels_last, frozen,
                                             to_channels_last, windows)
from graphflow.kernels.jit import jit
from graphflow.kernels.threads import shard

GRAIN = 1 << 15  # elements visited that are worth another thread


@jit(inline='always')
def _clip(i, stride, before, taps, size):
    """The input elements that window `i` covers."""
    start = i * stride - before
    return max(start, 0), min(start + taps, size)


@jit
def _max_range(x, lowest, padding, y, geometry, lo, hi):
    """Rows lo..hi of all output rows; `lowest` is the maximum of nothing, `padding` what lies outside."""
    (taps1, taps2, taps3), (stride1, stride2, stride3), (before1, before2, before3) = geometry
    _, d1, d2, d3, channels = x.shape
    _, out1, out2, out3, _ = y.shape
    for row in range(lo, hi):
        n, o1 = row // out1, row % out1
        low1, high1 = _clip(o1, stride1, before1, taps1, d1)
        for o2 in range(out2):
            low2, high2 = _clip(o2, stride2, before2, taps2, d2)
            for o3 in range(out3):
                low3, high3 = _clip(o3, stride3, before3, taps3, d3)
                whole = (high1 - low1 == taps1) & (high2 - low2 == taps2) & (high3 - low3 == taps3)
                for c in range(channels):
                    y[n, o1, o2, o3, c] = lowest if whole else padding
                for i in range(low1, high1):
                    for j in range(low2, high2):
                        for k in range(low3, high3):
                            for c in range(channels):
                                v, best = x[n, i, j, k, c], y[n, o1, o2, o3, c]
                                y[n, o1, o2, o3, c] = v if v > best else best


@jit
def _max_2x2_range(x, lowest, y, lo, hi):
    """Rows lo..hi of all output rows, where windows of 2 x 2 elements tile the image without remainder."""
    _, out1, out2, _, channels = y.shape
    for row in range(lo, hi):
        n, o1 = row // out1, row % out1
        for o2 in range(out2):
            a, b = x[n, 2 * o1, 2 * o2, 0], x[n, 2 * o1, 2 * o2 + 1, 0]
            c, d = x[n, 2 * o1 + 1, 2 * o2, 0], x[n, 2 * o1 + 1, 2 * o2 + 1, 0]
            result = y[n, o1, o2, 0]
            for k in range(channels):
                best = lowest
                best = a[k] if a[k] > best else best
                best = b[k] if b[k] > best else best
                best = c[k] if c[k] > best else best
                result[k] = d[k] if d[k] > best else best


@jit
def _max_grad_range(x, dy, dx, relu, add, geometry, lo, hi):
    """Output rows lo..hi of all images: each dy goes to the first maximum of its window.

    With `relu`, only if the maximum is positive. With `add`, to what `dx` holds (windows overlap); without, dx
    is set wherever there is a window.
    """
    (taps1, taps2, taps3), (stride1, stride2, stride3), (before1, before2, before3) = geometry
    _, d1, d2, d3, channels = x.shape
    _, out1, out2, out3, _ = dy.shape
    best, winner, passed = np.empty(channels, x.dtype), np.empty(channels, np.int32), np.empty(channels, dy.dtype)
    for row in range(lo, hi):
        n, o1 = row // out1, row % out1
        low1, high1 = _clip(o1, stride1, before1, taps1, d1)
        for o2 in range(out2):
            low2, high2 = _clip(o2, stride2, before2, taps2, d2)
            for o3 in range(out3):
                low3, high3 = _clip(o3, stride3, before3, taps3, d3)
                first, given = x[n, low1, low2, low3], dy[n, o1, o2, o3]
                for c in range(channels):
                    best[c] = first[c]
                    winner[c] = 0
                tap = np.int32(0)
                for i in range(low1, high1):
                    for j in range(low2, high2):
                        for k in range(low3, high3):
                            here = x[n, i, j, k]
                            for c in range(channels):
                                larger = here[c] > best[c]
                                best[c] = here[c] if larger else best[c]
                                winner[c] = tap if larger else winner[c]
                            tap += np.int32(1)
                if relu:
                    for c in range(channels):
                        passed[c] = given[c] * dx.dtype.type(best[c] > 0)     # as ReluGrad: NaN shows through
                else:
                    for c in range(channels):
                        passed[c] = given[c]
                tap = np.int32(0)
                for i in range(low1, high1):
                    for j in range(low2, high2):
                        for k in range(low3, high3):
                            target = dx[n, i, j, k]
                            if add:
                                for c in range(channels):
                                    target[c] += passed[c] if winner[c] == tap else 0
                            else:
                                for c in range(channels):
                                    target[c] = passed[c] if winner[c] == tap else 0
                            tap += np.int32(1)


@jit
def _argmax_range(x, at, geometry, lo, hi):
    """Images lo..hi: where in the flat image the first maximum of each window is."""
    (taps1, taps2, taps3), (stride1, stride2, stride3), (before1, before2, before3) = geometry
    _, d1, d2, d3, channels = x.shape
    _, out1, out2, out3, _ = at.shape
    best = np.empty(channels, x.dtype)
    for n in range(lo, hi):
        for o1 in range(out1):
            low1, high1 = _clip(o1, stride1, before1, taps1, d1)
            for o2 in range(out2):
                low2, high2 = _clip(o2, stride2, before2, taps2, d2)
                for o3 in range(out3):
                    low3, high3 = _clip(o3, stride3, before3, taps3, d3)
                    first = ((low1 * d2 + low2) * d3 + low3) * channels
                    for c in range(channels):
                        best[c] = x[n, low1, low2, low3, c]
                        at[n, o1, o2, o3, c] = first + c
                    for i in range(low1, high1):
                        for j in range(low2, high2):
                            for k in range(low3, high3):
                                here = ((i * d2 + j) * d3 + k) * channels
                                for c in range(channels):
                                    v = x[n, i, j, k, c]
                                    larger = v > best[c]
                                    best[c] = v if larger else best[c]
                                    at[n, o1, o2, o3, c] = here + c if larger else at[n, o1, o2, o3, c]


@jit
def _scatter_range(dy, at, dx, lo, hi):
    """Images lo..hi, flat: dx[n, at] += dy."""
    for n in range(lo, hi):
        for p in range(dy.shape[1]):
            dx[n, at[n, p]] += dy[n, p]


@jit
def _near_maximum_range(x, y, dy, dx, geometry, lo, hi):
    """Images lo..hi of `dx`: each element gets dy of the windows whose maximum it nearly is."""
    (taps1, taps2, taps3), (stride1, stride2, stride3), (before1, before2, before3) = geometry
    _, d1, d2, d3, channels = x.shape
    _, out1, out2, out3, _ = y.shape
    for n in range(lo, hi):
        for o1 in range(out1):
            low1, high1 = _clip(o1, stride1, before1, taps1, d1)
            for o2 in range(out2):
                low2, high2 = _clip(o2, stride2, before2, taps2, d2)
                for o3 in range(out3):
                    low3, high3 = _clip(o3, stride3, before3, taps3, d3)
                    for i in range(low1, high1):
                        for j in range(low2, high2):
                            for k in range(low3, high3):
                                for c in range(channels):
                                    if abs(x[n, i, j, k, c] - y[n, o1, o2, o3, c]) < 1e-5:
                                        dx[n, i, j, k, c] += dy[n, o1, o2, o3, c]


@jit
def _gather_at_maximum_range(x, y, dx, dy, geometry, lo, hi):
    """Images lo..hi of `dy`: the value of dx at the first element of each window that equals y."""
    (taps1, taps2, taps3), (stride1, stride2, stride3), (before1, before2, before3) = geometry
    _, d1, d2, d3, channels = x.shape
    _, out1, out2, out3, _ = y.shape
    found = np.empty(channels, np.bool_)
    for n in range(lo, hi):
        for o1 in range(out1):
            low1, high1 = _clip(o1, stride1, before1, taps1, d1)
            for o2 in range(out2):
                low2, high2 = _clip(o2, stride2, before2, taps2, d2)
                for o3 in range(out3):
                    low3, high3 = _clip(o3, stride3, before3, taps3, d3)
                    found[:] = False
                    for i in range(low1, high1):
                        for j in range(low2, high2):
                            for k in range(low3, high3):
                                for c in range(channels):
                                    if x[n, i, j, k, c] == y[n, o1, o2, o3, c] and not found[c]:
                                        found[c] = True
                                        dy[n, o1, o2, o3, c] = dx[n, i, j, k, c]


@jit
def _average_range(x, y, geometry, lo, hi):
    """Rows lo..hi of all images' output rows; elements outside the image do not count."""
    (taps1, taps2, taps3), (stride1, stride2, stride3), (before1, before2, before3) = geometry
    _, d1, d2, d3, channels = x.shape
    _, out1, out2, out3, _ = y.shape
    for row in range(lo, hi):
        n, o1 = row // out1, row % out1
        low1, high1 = _clip(o1, stride1, before1, taps1, d1)
        for o2 in range(out2):
            low2, high2 = _clip(o2, stride2, before2, taps2, d2)
            for o3 in range(out3):
                low3, high3 = _clip(o3, stride3, before3, taps3, d3)
                for c in range(channels):
                    y[n, o1, o2, o3, c] = 0
                for i in range(low1, high1):
                    for j in range(low2, high2):
                        for k in range(low3, high3):
                            for c in range(channels):
                                y[n, o1, o2, o3, c] += x[n, i, j, k, c]
                count = x.dtype.type((high1 - low1) * (high2 - low2) * (high3 - low3))
                for c in range(channels):
                    y[n, o1, o2, o3, c] /= count


@jit
def _spread_range(dy, dx, geometry, lo, hi):
    """Images lo..hi of `dx`: the gradient of the average."""
    (taps1, taps2, taps3), (stride1, stride2, stride3), (before1, before2, before3) = geometry
    _, d1, d2, d3, channels = dx.shape
    _, out1, out2, out3, _ = dy.shape
    for n in range(lo, hi):
        for o1 in range(out1):
            low1, high1 = _clip(o1, stride1, before1, taps1, d1)
            for o2 in range(out2):
                low2, high2 = _clip(o2, stride2, before2, taps2, d2)
                for o3 in range(out3):
                    low3, high3 = _clip(o3, stride3, before3, taps3, d3)
                    part = dx.dtype.type(1) / dx.dtype.type((high1 - low1) * (high2 - low2) * (high3 - low3))
                    for i in range(low1, high1):
                        for j in range(low2, high2):
                            for k in range(low3, high3):
                                for c in range(channels):
                                    dx[n, i, j, k, c] += dy[n, o1, o2, o3, c] * part


class _Pool:
    """One call: where its windows lie, and the layout the loops want for images and for pooled images.

    Pooling over channels becomes pooling over the last spatial dimension of single-channel images.
    """

    def __init__(self, shape, ksize, strides, padding, data_format):
        rank = len(shape) - 2
        ksize, strides = ([int(v) for v in values] for values in (ksize, strides))
        if rank not in (2, 3):
            raise InvalidArgumentError(None, None, 'tensor_in_shape must have 2 spatial dimensions. %d %d'
                                       % (len(shape), channels_first(data_format)))
        if ksize[0] != 1 or strides[0] != 1:
            raise UnimplementedError(None, None, 'Pooling is not yet supported on the batch dimension.')
        self.data_format = data_format
        self.sizes = channels_last_shape(shape, data_format)
        depth = ksize[1 if channels_first(data_format) else -1]
        spatial = slice(2, None) if channels_first(data_format) else slice(1, -1)
        if depth == 1:
            ws = windows(self.sizes[1:-1], ksize[spatial], strides, None, padding, data_format)
            self.wide = self.sizes[:-1] + [1] * (3 - rank) + self.sizes[-1:]
            self.pooled = [self.sizes[0], *(w.out for w in ws), self.sizes[-1]]
            self.wide_pooled = self.pooled[:-1] + [1] * (3 - rank) + self.pooled[-1:]
            one = 3 - rank
            self.geometry = tuple(tuple(getattr(w, name) for w in ws) + (fill,) * one
                                  for name, fill in (('taps', 1), ('stride', 1), ('before', 0)))
        else:
            self._pool_channels(depth, ksize[spatial], strides)

    def _pool_channels(self, depth, spatial_ksize, strides):
        channels = self.sizes[-1]
        if any(k != 1 for k in spatial_ksize):
            raise UnimplementedError(None, None, 'MaxPooling supports exactly one of pooling across depth or '
                                     'pooling across width/height.')
        if channels % depth:
            raise UnimplementedError(None, None, 'Depthwise max pooling requires the depth window to evenly '
                                     'divide the input depth')
        if strides[1 if channels_first(self.data_format) else -1] != depth:
            raise UnimplementedError(None, None, 'Depthwise max pooling requires the depth window to equal '
                                     'the depth stride')
        pixels = int(np.prod(self.sizes[1:-1]))
        self.wide = [self.sizes[0], 1, pixels, channels, 1]
        self.pooled = self.sizes[:-1] + [channels // depth]
        self.wide_pooled = self.wide[:3] + [channels // depth, 1]
        self.geometry = (1, 1, depth), (1, 1, depth), (0, 0, 0)

    def image(self, x):
        """An argument of the input's shape for the loops."""
        return self._argument(x, self.sizes, self.wide)

    def window_values(self, y):
        """An argument of the output's shape for the loops."""
        return self._argument(y, self.pooled, self.wide_pooled)

    def _argument(self, x, expected, wide):
        x = to_channels_last(computable(x), self.data_format)
        if list(x.shape) != expected:
            raise InvalidArgumentError(None, None, 'Expected a tensor of shape [%s], got [%s]' % tuple(
                ','.join(map(str, channels_as_given)) for channels_as_given in (expected, x.shape)))
        return frozen(x.reshape(wide))

    def tiles(self):
        """Whether windows meet every element of the image exactly once."""
        taps, strides, before = self.geometry
        return taps == strides and not any(before) and all(
            k * n == d for k, n, d in zip(taps, self.wide_pooled[1:], self.wide[1:]))

    def apart(self):
        """Whether no two windows share an element."""
        taps, strides, _ = self.geometry
        return all(stride >= k for k, stride in zip(taps, strides))

    def result(self, wide, shape, dtype):
        return from_channels_last(wide.reshape(shape), self.data_format).astype(dtype, copy=False)

    def over_windows(self, loop, *args):
        """Runs a loop that takes output rows, and writes to the images, over the rows of all images."""
        # Windows of different rows that overlap belong to one shard.
        rows = 1 if self.apart() else self.wide_pooled[1]
        n = self.wide_pooled[0] * self.wide_pooled[1] // max(rows, 1)
        self.run(_by_rows, n, int(np.prod(self.wide_pooled)), loop, rows, *args, self.geometry)

    def over_images(self, loop, *args):
        """Runs a loop over images."""
        self.run(loop, self.sizes[0], int(np.prod(self.wide_pooled)), *args, self.geometry)

    def run(self, loop, n, outputs, *args):
        """Runs `loop(*args, lo, hi)` over `n` items that make `outputs` pooled elements."""
        if outputs:
            shard(loop, n, *args, grain=max(1, n * GRAIN // (outputs * int(np.prod(self.geometry[0])))))


def _by_rows(loop, rows, *args):
    *args, lo, hi = args
    loop(*args, lo * rows, hi * rows)


def computable(x):
    """`x`, but half and bfloat16 in single precision: the loops have no 16-bit floats."""
    return x if x.dtype.kind in 'iu' or x.dtype in (np.float32, np.float64) else x.astype(np.float32)


def lowest(dtype):
    if dtype.kind in 'iu':
        return np.iinfo(dtype).min
    return np.finfo(dtype).min if dtype.kind == 'f' else -3.3895313892515355e38  # bfloat16


def _max(x, ksize, strides, padding, data_format, start):
    pool = _Pool(x.shape, ksize, strides, padding, data_format)
    wide = pool.image(x)
    y = memory.empty(pool.wide_pooled, wide.dtype)
    start = wide.dtype.type(start)
    if pool.geometry[0] == (2, 2, 1) and pool.tiles():
        pool.run(_max_2x2_range, y.shape[0] * y.shape[1], y.size, wide, start, y)
    else:
        pool.run(_max_range, y.shape[0] * y.shape[1], y.size, wide, start, wide.dtype.type(max(lowest(x.dtype), start)), y,
                 pool.geometry)
    return pool.result(y, pool.pooled, x.dtype)


def _positions(pool, x):
    """For each output element the flat position of its maximum within the image."""
    at = memory.empty(pool.wide_pooled, np.int64)
    pool.over_images(_argmax_range, pool.image(x), at)
    return at


def _scatter(pool, dy, at, dtype):
    """dx with each dy added at the position `at` of its image."""
    dx = memory.zeros(pool.wide, dy.dtype)
    if dy.size:
        n = dx.shape[0]
        shard(_scatter_range, n, frozen(dy.reshape(n, -1)), frozen(at.reshape(n, -1)), dx.reshape(n, -1),
              grain=max(1, n * GRAIN // dy.size))
    return pool.result(dx, pool.sizes, dtype)


def _max_grad(pool, x, dy, relu):
    values = pool.window_values(dy)
    dx = (memory.empty if pool.tiles() else memory.zeros)(pool.wide, values.dtype)
    pool.over_windows(_max_grad_range, pool.image(x), values, dx, relu, not pool.apart())
    return pool.result(dx, pool.sizes, dy.dtype)


def max_pool_relu(x, ksize, strides, padding, data_format='NHWC'):
    """`max_pool` of the rectified `x`, in one pass; NaN is passed over."""
    return _max(x, ksize, strides, padding, data_format, 0)


def max_pool_relu_grad(x, dy, ksize, strides, padding, data_format='NHWC'):
    """The gradient of `max_pool_relu` with respect to `x`, which may be given rectified or not."""
    return _max_grad(_Pool(x.shape, ksize, strides, padding, data_format), x, dy, True)


def _gather_at_maximum(x, y, dx, ksize, strides, padding, data_format):
    pool = _Pool(x.shape, ksize, strides, padding, data_format)
    result = memory.zeros(pool.wide_pooled, computable(dx).dtype)
    pool.over_images(_gather_at_maximum_range, pool.image(x), pool.window_values(y), pool.image(dx), result)
    return pool.result(result, pool.pooled, dx.dtype)


@kernel('MaxPool')
def max_pool(x, ksize, strides, padding, data_format='NHWC'):
    """The maximum of each window of images; NaN is passed over."""
    return _max(x, ksize, strides, padding, data_format, lowest(x.dtype))


@kernel('MaxPoolV2')
def max_pool_v2(x, ksize, strides, padding, data_format='NHWC'):
    """`max_pool` with `ksize` and `strides` as arrays."""
    for name, sizes in (('ksize', ksize), ('strides', strides)):
        if np.shape(sizes) != (4,):
            raise InvalidArgumentError(None, None, f'Sliding window {name} field must specify 4 dimensions')
    return max_pool(x, ksize, strides, padding, data_format)


@kernel('MaxPoolGrad', 'MaxPoolGradV2')
def max_pool_grad(x, y, dy, ksize, strides, padding, data_format='NHWC'):
    """The gradient of `max_pool`: each dy goes to the first maximum of its window."""
    pool = _Pool(x.shape, ksize, strides, padding, data_format)
    pool.window_values(y)
    return _max_grad(pool, x, dy, False)


@kernel('MaxPoolGradGrad', 'MaxPoolGradGradV2')
def max_pool_grad_grad(x, y, dx, ksize, strides, padding, data_format='NHWC'):
    """The gradient of `max_pool_grad` with respect to dy."""
    return _gather_at_maximum(x, y, dx, ksize, strides, padding, data_format)


def _batch_offsets(at, image_size, include_batch_in_index):
    if not include_batch_in_index:
        return 0
    return (np.arange(at.shape[0]) * image_size).reshape(-1, *[1] * (at.ndim - 1))


@kernel('MaxPoolWithArgmax')
def max_pool_with_argmax(x, ksize, strides, padding, include_batch_in_index=False, Targmax=np.int64):
    """The maximum of each window of NHWC images, and where it is in the flat image (or the flat batch)."""
    pool = _Pool(x.shape, ksize, strides, padding, 'NHWC')
    at = _positions(pool, x).reshape(pool.pooled)
    batch = x.shape[0]
    values = np.take_along_axis(x.reshape(batch, -1), at.reshape(batch, -1), 1).reshape(at.shape)
    at = at + _batch_offsets(at, int(np.prod(x.shape[1:])), include_batch_in_index)
    return values, at.astype(Targmax, copy=False)


@kernel('MaxPoolGradWithArgmax')
def max_pool_grad_with_argmax(x, dy, at, ksize, strides, padding, include_batch_in_index=False):
    """The gradient of `max_pool_with_argmax`."""
    pool = _Pool(x.shape, ksize, strides, padding, 'NHWC')
    at = at.astype(np.int64) - _batch_offsets(at, int(np.prod(x.shape[1:])), include_batch_in_index)
    _check_positions(at, int(np.prod(x.shape[1:])))
    return _scatter(pool, pool.window_values(dy), at, dy.dtype)


@kernel('MaxPoolGradGradWithArgmax')
def max_pool_grad_grad_with_argmax(x, dx, at, ksize, strides, padding, include_batch_in_index=False):
    """The gradient of `max_pool_grad_with_argmax` with respect to dy."""
    at = at.astype(np.int64) - _batch_offsets(at, int(np.prod(x.shape[1:])), include_batch_in_index)
    _check_positions(at, int(np.prod(x.shape[1:])))
    batch = x.shape[0]
    return np.take_along_axis(dx.reshape(batch, -1), at.reshape(batch, -1), 1).reshape(at.shape)


def _check_positions(at, image_size):
    if at.size and (at.min() < 0 or at.max() >= image_size):
        raise InvalidArgumentError(None, None, 'Invalid argmax: an index points outside its image of %d '
                                   'elements' % image_size)


@kernel('MaxPool3D')
def max_pool_3d(x, ksize, strides, padding, data_format='NDHWC'):
    """The maximum of each window of volumes; NaN is passed over, a window of nothing else gives -inf
    (where it reaches outside, the lowest finite number)."""
    return _max(x, ksize, strides, padding, data_format, -np.inf)


@kernel('MaxPool3DGrad')
def max_pool_3d_grad(x, y, dy, ksize, strides, padding, data_format='NDHWC'):
    """The gradient of `max_pool_3d`: each dy goes to every element within 1e-5 of the maximum."""
    pool = _Pool(x.shape, ksize, strides, padding, data_format)
    values = pool.window_values(dy)
    dx = memory.zeros(pool.wide, values.dtype)
    pool.over_images(_near_maximum_range, pool.image(x), pool.window_values(y), values, dx)
    return pool.result(dx, pool.sizes, dy.dtype)


@kernel('MaxPool3DGradGrad')
def max_pool_3d_grad_grad(x, y, dx, ksize, strides, padding, data_format='NDHWC'):
    """The gradient of `max_pool_3d_grad` with respect to dy, at the first maximum of each window."""
    return _gather_at_maximum(x, y, dx, ksize, strides, padding, data_format)


@kernel('AvgPool', 'AvgPool3D')
def avg_pool(x, ksize, strides, padding, data_format='NHWC'):
    """The mean of what each window covers of the images or volumes."""
    pool = _Pool(x.shape, ksize, strides, padding, data_format)
    wide = pool.image(x)
    y = memory.empty(pool.wide_pooled, wide.dtype)
    pool.run(_average_range, y.shape[0] * y.shape[1], y.size, wide, y, pool.geometry)
    return pool.result(y, pool.pooled, x.dtype)


@kernel('AvgPoolGrad', 'AvgPool3DGrad')
def avg_pool_grad(shape, dy, ksize, strides, padding, data_format='NHWC'):
    """The gradient of `avg_pool` for inputs of `shape`."""
    if np.shape(shape) != (len(ksize),):
        raise InvalidArgumentError(None, None, 'out_backprop must be 1-dimensional and %d elements'
                                   % len(ksize))
    if dy.ndim != len(ksize):
        raise InvalidArgumentError(None, None, f'out_backprop must be {len(ksize)}-dimensional')
    pool = _Pool(shape, ksize, strides, padding, data_format)
    values = pool.window_values(dy)
    dx = memory.zeros(pool.wide, values.dtype)
    pool.over_images(_spread_range, values, dx)
    return pool.result(dx, pool.sizes, dy.dtype)
