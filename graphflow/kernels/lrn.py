"""Local response normalisation (A. Krizhevsky, I. Sutskever, G. Hinton, 2012, section 3.3) and its
gradient."""
import numpy as np

from graphflow.framework.errors import InvalidArgumentError
from graphflow.framework.registry import kernel
from graphflow.kernels import mathlib
from graphflow.kernels.conv_geometry import frozen, working
from graphflow.kernels.jit import jit
from graphflow.kernels.threads import shard
from graphflow.kernels.vector import ScalarCall

GRAIN = 1 << 12  # elements worth another thread: each takes a power

_power = ScalarCall(mathlib.power)


@jit
def _norms(x, row, radius, bias, alpha, norms):
    """bias + alpha * the sum of squares of the channels within `radius`, for each channel of pixel `row`."""
    channels = x.shape[1]
    for c in range(channels):
        total = x.dtype.type(0)
        for k in range(max(0, c - radius), min(channels, c + radius + 1)):
            total += x[row, k] * x[row, k]
        norms[c] = bias + alpha * total


@jit
def _lrn_range(x, radius, bias, alpha, beta, y, lo, hi):
    norms = np.empty(x.shape[1], x.dtype)
    for row in range(lo, hi):
        _norms(x, row, radius, bias, alpha, norms)
        for c in range(x.shape[1]):
            y[row, c] = x[row, c] * _power(norms[c], -beta)


@jit
def _lrn_grad_range(dy, x, y, radius, bias, alpha, beta, dx, lo, hi):
    channels = x.shape[1]
    norms = np.empty(channels, x.dtype)
    shares = np.empty(channels, x.dtype)
    for row in range(lo, hi):
        _norms(x, row, radius, bias, alpha, norms)
        for c in range(channels):
            shares[c] = dy[row, c] * y[row, c] / norms[c]
        for c in range(channels):
            total = x.dtype.type(0)
            for k in range(max(0, c - radius), min(channels, c + radius + 1)):
                total += shares[k]
            dx[row, c] = dy[row, c] * _power(norms[c], -beta) - 2 * alpha * beta * x[row, c] * total


def _rows(x):
    if x.ndim != 4:
        raise InvalidArgumentError(None, None, 'in must be 4-dimensional')
    return frozen(np.ascontiguousarray(working(x)).reshape(-1, x.shape[-1]))


def _run(loop, dtype, shape, arrays, radius, *numbers):
    result = np.empty(arrays[0].shape, np.float32)
    shard(loop, len(result), *arrays, radius, *map(np.float32, numbers), result,
          grain=GRAIN // max(shape[-1], 1) + 1)
    return result.reshape(shape).astype(dtype, copy=False)


@kernel('LRN')
def lrn(x, depth_radius=5, bias=1.0, alpha=1.0, beta=0.5):
    """x / (bias + alpha * sum of squares of 2 * depth_radius + 1 channels) ** beta, x [n, h, w, channels]."""
    return _run(_lrn_range, x.dtype, x.shape, [_rows(x)], depth_radius, bias, alpha, beta)


@kernel('LRNGrad')
def lrn_grad(dy, x, y, depth_radius=5, bias=1.0, alpha=1.0, beta=0.5):
    """The gradient of `lrn`, given its input x and output y."""
    arrays = [_rows(a) for a in (dy, x, y)]
    return _run(_lrn_grad_range, x.dtype, x.shape, arrays, depth_radius, bias, alpha, beta)
