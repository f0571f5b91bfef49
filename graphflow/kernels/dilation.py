"""Grayscale dilation (morphology): the maximum over a window of image plus filter, and its gradients."""
import numpy as np

from graphflow.framework.errors import InvalidArgumentError
from graphflow.framework.registry import kernel
from graphflow.kernels.conv_geometry import frozen, to_channels_last, windows
from graphflow.kernels.jit import jit
from graphflow.kernels.pool import computable, lowest
from graphflow.kernels.threads import shard

GRAIN = 1 << 15  # elements visited that are worth another thread


@jit
def _dilation_range(x, filters, lowest, y, at, geometry, lo, hi):
    """Images lo..hi: y the maxima, `at` the filter tap (row * width + column) of the first maximum."""
    stride1, stride2, rate1, rate2, before1, before2 = geometry
    _, d1, d2, channels = x.shape
    taps1, taps2, _ = filters.shape
    _, out1, out2, _ = y.shape
    for n in range(lo, hi):
        for o1 in range(out1):
            for o2 in range(out2):
                for c in range(channels):
                    best, tap = lowest, -1
                    for a in range(taps1):
                        i = o1 * stride1 + a * rate1 - before1
                        if i < 0 or i >= d1:
                            continue
                        for b in range(taps2):
                            j = o2 * stride2 + b * rate2 - before2
                            if j < 0 or j >= d2:
                                continue
                            v = x.dtype.type(x[n, i, j, c] + filters[a, b, c])
                            if v > best:
                                best, tap = v, a * taps2 + b
                    y[n, o1, o2, c], at[n, o1, o2, c] = best, tap


def _dilate(x, filters, strides, rates, padding):
    if x.ndim != 4:
        raise InvalidArgumentError(None, None, 'input must be 4-dimensional')
    if filters.ndim != 3:
        raise InvalidArgumentError(None, None, 'filter must be 3-dimensional')
    if x.shape[3] != filters.shape[2]:
        raise InvalidArgumentError(None, None, 'input and filter must have the same depth: %d vs %d'
                                   % (x.shape[3], filters.shape[2]))
    start = lowest(x.dtype)
    x, filters = (to_channels_last(computable(a), 'NHWC') for a in (x, filters))
    ws = windows(x.shape[1:3], filters.shape[:2], strides, rates, padding, 'NHWC')
    shape = x.shape[0], ws[0].out, ws[1].out, x.shape[3]
    y, at = np.empty(shape, x.dtype), np.empty(shape, np.int64)
    geometry = tuple(getattr(w, name) for name in ('stride', 'dilation', 'before') for w in ws)
    work = y.size * filters[:, :, 0].size if filters.size else 0
    shard(_dilation_range, shape[0], frozen(x), frozen(filters), x.dtype.type(start), y, at, geometry,
          grain=max(1, shape[0] * GRAIN // max(work, 1)))
    return y, at, ws


@kernel('Dilation2D')
def dilation2d(x, filters, strides, rates, padding):
    """max over taps of x + filters: x [batch, height, width, depth], filters [height, width, depth]."""
    return _dilate(x, filters, strides, rates, padding)[0].astype(x.dtype, copy=False)


def _maxima(x, filters, dy, strides, rates, padding):
    """Indices (image row, image column, filter row, filter column) of the maximum of each output element."""
    y, at, ws = _dilate(x, filters, strides, rates, padding)
    if y.shape != dy.shape:
        raise InvalidArgumentError(None, None, 'out_backprop has incompatible size.')
    _, rows, columns, _ = np.indices(at.shape, sparse=True)
    at = np.maximum(at, 0)
    a, b = at // max(filters.shape[1], 1), at % max(filters.shape[1], 1)
    i = rows * ws[0].stride + a * ws[0].dilation - ws[0].before
    j = columns * ws[1].stride + b * ws[1].dilation - ws[1].before
    return np.clip(i, 0, ws[0].size - 1), np.clip(j, 0, ws[1].size - 1), a, b


@kernel('Dilation2DBackpropInput')
def dilation2d_backprop_input(x, filters, dy, strides, rates, padding):
    """The gradient of `dilation2d` with respect to x: each dy goes to the first maximum."""
    i, j, _, _ = _maxima(x, filters, dy, strides, rates, padding)
    n, _, _, c = np.indices(dy.shape, sparse=True)
    dx = np.zeros(x.shape, computable(dy).dtype)
    np.add.at(dx, (n, i, j, c), computable(dy))
    return dx.astype(dy.dtype, copy=False)


@kernel('Dilation2DBackpropFilter')
def dilation2d_backprop_filter(x, filters, dy, strides, rates, padding):
    """The gradient of `dilation2d` with respect to the filters."""
    _, _, a, b = _maxima(x, filters, dy, strides, rates, padding)
    c = np.indices(dy.shape, sparse=True)[3]
    dw = np.zeros(filters.shape, computable(dy).dtype)
    np.add.at(dw, (a, b, c), computable(dy))
    return dw.astype(dy.dtype, copy=False)
