"""Batch normalisation (S. Ioffe and C. Szegedy, 2015, arXiv:1502.03167) and its gradient.

Loops see images as [outer, channels, inner]: inner is 1 for 'NHWC', and outer the batch for 'NCHW'. Sums are
made per channel over blocks of rows and then added up in double precision.
"""
import numpy as np

from graphflow.framework.errors import InvalidArgumentError
from graphflow.framework.registry import kernel
from graphflow.kernels import memory
from graphflow.kernels.conv_geometry import SUMS, channels_first, frozen, working
from graphflow.kernels.jit import jit
from graphflow.kernels.threads import shard

BLOCK = 64          # rows of `outer` per partial sum
GRAIN = 1 << 16     # elements worth another thread


def _invalid(message):
    return InvalidArgumentError(None, None, message)


def _text(x):
    return '[%s]' % ','.join(map(str, x.shape))


@jit(fastmath=SUMS)
def _moments_range(x, shift, sums, lo, hi):
    """Blocks lo..hi: sums[block, 0] of x - shift and sums[block, 1] of (x - shift) ** 2, per channel."""
    outer, channels, inner = x.shape
    for block in range(lo, hi):
        for n in range(block * BLOCK, min(outer, block * BLOCK + BLOCK)):
            if inner == 1:
                for c in range(channels):
                    d = x[n, c, 0] - shift[c]
                    sums[block, 0, c] += d
                    sums[block, 1, c] += d * d
                continue
            for c in range(channels):
                first = second = x.dtype.type(0)
                for i in range(inner):
                    d = x[n, c, i] - shift[c]
                    first += d
                    second += d * d
                sums[block, 0, c] += first
                sums[block, 1, c] += second


@jit(fastmath=SUMS)
def _gradient_sums_range(x, dy, mean, sums, lo, hi):
    """Blocks lo..hi: sums[block, 0] of dy and sums[block, 1] of dy * (x - mean), per channel."""
    outer, channels, inner = x.shape
    for block in range(lo, hi):
        for n in range(block * BLOCK, min(outer, block * BLOCK + BLOCK)):
            if inner == 1:
                for c in range(channels):
                    d = dy[n, c, 0]
                    sums[block, 0, c] += d
                    sums[block, 1, c] += d * (x[n, c, 0] - mean[c])
                continue
            for c in range(channels):
                first = second = x.dtype.type(0)
                for i in range(inner):
                    d = dy[n, c, i]
                    first += d
                    second += d * (x[n, c, i] - mean[c])
                sums[block, 0, c] += first
                sums[block, 1, c] += second


@jit
def _scale_range(x, mean, factor, offset, y, lo, hi):
    """y = (x - mean) * factor + offset for rows lo..hi."""
    _, channels, inner = x.shape
    for n in range(lo, hi):
        if inner == 1:
            for c in range(channels):
                y[n, c, 0] = (x[n, c, 0] - mean[c]) * factor[c] + offset[c]
            continue
        for c in range(channels):
            for i in range(inner):
                y[n, c, i] = (x[n, c, i] - mean[c]) * factor[c] + offset[c]


@jit
def _input_gradient_range(x, dy, mean, dy_mean, slope, factor, dx, lo, hi):
    """dx = (dy - dy_mean - (x - mean) * slope) * factor for rows lo..hi."""
    _, channels, inner = x.shape
    for n in range(lo, hi):
        if inner == 1:
            for c in range(channels):
                dx[n, c, 0] = (dy[n, c, 0] - dy_mean[c] - (x[n, c, 0] - mean[c]) * slope[c]) * factor[c]
            continue
        for c in range(channels):
            for i in range(inner):
                dx[n, c, i] = (dy[n, c, i] - dy_mean[c] - (x[n, c, i] - mean[c]) * slope[c]) * factor[c]


def _rows(x, data_format):
    """`x` [outer, channels, inner]: see the top of the file."""
    a, b, c, d = x.shape
    shape = (a, b, c * d) if channels_first(data_format) else (a * b * c, d, 1)
    return np.ascontiguousarray(working(x)).reshape(shape)


def _block_sums(loop, x, *args):
    outer, channels, inner = x.shape
    sums = np.zeros((-(-outer // BLOCK), 2, channels), x.dtype)
    shard(loop, len(sums), frozen(x), *args, sums, grain=max(1, GRAIN // (BLOCK * channels * inner or 1)))
    return sums.sum(axis=0, dtype=np.float64)


def _per_row(loop, x, *args):
    outer, channels, inner = x.shape
    result = memory.empty_like(x)
    shard(loop, outer, frozen(x), *args, result, grain=max(1, GRAIN // (channels * inner or 1)))
    return result


def _moments(x):
    """Mean and variance per channel, each as float64, of x [outer, channels, inner]."""
    count = x.shape[0] * x.shape[2]
    # Deviations from one sample are small where the mean is large against the spread: nothing cancels.
    shift = x[0, :, 0].copy()
    shift[~np.isfinite(shift)] = 0
    first, second = _block_sums(_moments_range, x, frozen(shift))
    first /= count
    return first + shift, np.maximum(second / count - first * first, 0), count


@kernel('FusedBatchNorm', 'FusedBatchNormV2')
def fused_batch_norm(x, scale, offset, mean, variance, epsilon=1e-4, data_format='NHWC', is_training=True):
    """Normalises each channel of images `x`, then scales and shifts it.

    Args:
      x: [batch, height, width, channels], or [batch, channels, height, width] for 'NCHW'.
      scale, offset: [channels].
      mean, variance: [channels] if not `is_training`, empty otherwise.

    Returns: (y, batch mean, batch variance, mean, variance). Training, the batch variance is unbiased
      (the sum of squares over n - 1) and the last is not; otherwise all are the arguments.
    """
    if x.ndim != 4:
        raise _invalid('input must be 4-dimensional' + _text(x))
    for name, value in (('scale', scale), ('offset', offset), ('estimated_mean', mean),
                        ('estimated_variance', variance)):
        if value.ndim != 1:
            raise _invalid('%s must be 1-dimensional%s' % (name, _text(value)))
    if is_training:
        for name, value in (('mean', mean), ('variance', variance)):
            if value.size:
                raise _invalid('estimated_%s must be empty for training%s' % (name, _text(value)))
    channels = scale.size
    if x.size == 0 and is_training:
        nothing = [np.full(channels, np.nan, np.float32) for _ in range(4)]
        return (np.empty_like(x), *nothing)
    rows = _rows(x, data_format)
    with np.errstate(all='ignore'):
        if is_training:
            exact_mean, exact_variance, count = _moments(rows)
            mean, variance = exact_mean.astype(np.float32), exact_variance.astype(np.float32)
            unbiased = (exact_variance * (count / max(count - 1, 1))).astype(np.float32)
            statistics = mean, unbiased, mean, variance
        else:
            statistics = mean, variance, mean, variance
        factor = (scale / np.sqrt(variance + np.float32(epsilon))).astype(np.float32)
    y = _per_row(_scale_range, rows, *map(frozen, (mean, factor, offset)))
    return (y.reshape(x.shape).astype(x.dtype, copy=False), *statistics)


@kernel('FusedBatchNormV3')
def fused_batch_norm_v3(x, scale, offset, mean, variance, epsilon=1e-4, data_format='NHWC', is_training=True):
    """`fused_batch_norm` and a third reserve space, which is a zero here."""
    return (*fused_batch_norm(x, scale, offset, mean, variance, epsilon, data_format, is_training),
            np.zeros((), np.float32))


@kernel('FusedBatchNormGrad', 'FusedBatchNormGradV2')
def fused_batch_norm_grad(dy, x, scale, mean, variance, epsilon=1e-4, data_format='NHWC', is_training=True):
    """The gradients of `fused_batch_norm`: (of x, of scale, of offset, 0, 0).

    Args:
      dy, x: images of one shape.
      scale, mean, variance: [channels]; mean and variance as `fused_batch_norm` normalised with.
    """
    for name, value in (('y_backprop', dy), ('input', x)):
        if value.ndim != 4:
            raise _invalid('%s must be 4-dimensional%s' % (name, _text(value)))
    if x.size == 0:
        zeros, nothing = (np.zeros(shape, np.float32) for shape in (scale.size, ()))
        return np.empty_like(x), zeros, zeros, nothing, nothing
    rows, dy_rows = _rows(x, data_format), _rows(dy, data_format)
    count = rows.shape[0] * rows.shape[2]
    with np.errstate(all='ignore'):
        total, with_x = _block_sums(_gradient_sums_range, rows, frozen(dy_rows), frozen(mean))
        inverse = 1 / np.sqrt(variance.astype(np.float64) + np.float32(epsilon))
        factor = (scale * inverse).astype(np.float32)
        if is_training:
            dy_mean = (total / count).astype(np.float32)
            slope = (with_x / count * inverse * inverse).astype(np.float32)
        else:
            dy_mean = slope = np.zeros(scale.size, np.float32)
        d_scale, d_offset = (with_x * inverse).astype(np.float32), total.astype(np.float32)
    dx = _per_row(_input_gradient_range, rows, frozen(dy_rows), *map(frozen, (mean, dy_mean, slope, factor)))
    nothing = np.zeros((), np.float32)
    return dx.reshape(x.shape).astype(x.dtype, copy=False), d_scale, d_offset, nothing, nothing


@kernel('FusedBatchNormGradV3')
def fused_batch_norm_grad_v3(dy, x, scale, mean, variance, reserve, epsilon=1e-4, data_format='NHWC',
                             is_training=True):
    """`fused_batch_norm_grad`; the third reserve space holds nothing."""
    return fused_batch_norm_grad(dy, x, scale, mean, variance, epsilon, data_format, is_training)
