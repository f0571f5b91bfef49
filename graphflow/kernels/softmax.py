"""Softmax, its logarithm, and the cross entropies that are computed together with their gradients.

Of each row the maximum is subtracted first, so that no exponential overflows. A row with a NaN or +inf becomes NaN, as in
TensorFlow. Half precision is computed in single precision.
"""
import math

import numpy as np

from graphflow.framework.errors import InvalidArgumentError
from graphflow.framework.registry import kernel, specialised
from graphflow.kernels import mathlib, memory
from graphflow.kernels.conv_geometry import frozen, working
from graphflow.kernels.elementwise import shape_text
from graphflow.kernels.jit import jit
from graphflow.kernels.threads import shard
from graphflow.kernels.vector import ScalarCall, greatest, total

GRAIN = 1 << 15  # exponentials that are worth another thread
BLOCK = 1 << 11  # elements computed at a time


def _rows(x):
    """`x` as a contiguous matrix of float32 or float64 with its last dimension."""
    return frozen(np.ascontiguousarray(working(x)).reshape(-1, x.shape[-1]))


def _shard_rows(loop, x, *args):
    shard(loop, len(x), x, *args, grain=max(1, GRAIN // max(x.shape[1], 1)))


_exp, _log = ScalarCall(mathlib.exp), ScalarCall(mathlib.log)


@jit(inline='always')
def _exponentials(x, first, last, powers, largest):
    """The first `last - first` rows of `powers` become exp(x - largest), for the rows of x from `first` on."""
    columns = x.shape[1]
    for i in range(first, last):
        peak = largest[i - first] = greatest(x, i * columns, (i + 1) * columns, x[i, 0])
        for j in range(columns):
            powers[i - first, j] = x[i, j] - peak
    flat = powers.ravel()
    for k in range((last - first) * columns):     # in one go: rows may be short
        flat[k] = _exp(flat[k])


@jit(inline='always')
def _row_sum(x, i):
    columns = x.shape[1]
    return total(x, i * columns, (i + 1) * columns, x.dtype.type(0))


@jit(inline='always')
def _block_rows(x):
    """As many rows as stay in the first cache."""
    return max(1, BLOCK // x.shape[1])


@jit
def _softmax_range(x, y, lo, hi):
    rows = _block_rows(x)
    largest = np.empty(rows, x.dtype)
    for first in range(lo, hi, rows):
        last = min(first + rows, hi)
        powers = y[first:last]
        _exponentials(x, first, last, powers, largest)
        for i in range(last - first):
            whole = _row_sum(powers, i)
            for j in range(x.shape[1]):
                powers[i, j] /= whole


@jit
def _log_softmax_range(x, y, lo, hi):
    rows = _block_rows(x)
    largest = np.empty(rows, x.dtype)
    powers = np.empty((rows, x.shape[1]), x.dtype)
    for first in range(lo, hi, rows):
        last = min(first + rows, hi)
        _exponentials(x, first, last, powers, largest)
        for i in range(first, last):
            peak, log_total = largest[i - first], _log(_row_sum(powers, i - first))
            for j in range(x.shape[1]):
                y[i, j] = x[i, j] - peak - log_total


@jit(fastmath={'reassoc', 'contract', 'nsz'})
def _cost(x, labels, i, peak, log_total):
    cost = x.dtype.type(0)
    for j in range(x.shape[1]):
        cost += labels[i, j] * (log_total - (x[i, j] - peak))
    return cost


@jit
def _cross_entropy_range(x, labels, loss, backprop, lo, hi):
    rows = _block_rows(x)
    largest = np.empty(rows, x.dtype)
    for first in range(lo, hi, rows):
        last = min(first + rows, hi)
        powers = backprop[first:last]
        _exponentials(x, first, last, powers, largest)
        for i in range(first, last):
            whole = _row_sum(powers, i - first)
            loss[i] = _cost(x, labels, i, largest[i - first], _log(whole))
            for j in range(x.shape[1]):
                backprop[i, j] = backprop[i, j] / whole - labels[i, j]


@jit
def _sparse_cross_entropy_range(x, labels, loss, backprop, lo, hi):
    rows = _block_rows(x)
    largest = np.empty(rows, x.dtype)
    for first in range(lo, hi, rows):
        last = min(first + rows, hi)
        powers = backprop[first:last]
        _exponentials(x, first, last, powers, largest)
        for i in range(first, last):
            whole, at = _row_sum(powers, i - first), labels[i]
            loss[i] = _log(whole) - (x[i, at] - largest[i - first])
            for j in range(x.shape[1]):
                backprop[i, j] /= whole
            backprop[i, at] -= 1


def _along_rows(loop, logits):
    if logits.ndim == 0:
        raise InvalidArgumentError(None, None, 'logits must have >= 1 dimension, got []')
    if logits.size == 0:
        return np.empty(logits.shape, logits.dtype)
    x = _rows(logits)
    y = memory.empty(x.shape, x.dtype)
    _shard_rows(loop, x, y)
    return y.reshape(logits.shape).astype(logits.dtype, copy=False)


def _is_small(shape, dtype):
    """Whether these are rows for a single thread, in a precision the loops are made for."""
    return len(shape) == 2 and 0 < math.prod(shape) < 2 * GRAIN and dtype in (np.float32, np.float64)


@specialised('Softmax', 'LogSoftmax')
def _(shapes, dtypes, node):
    shape, dtype = shapes[0], dtypes[0]
    if not _is_small(shape, dtype):
        return None
    loop = _softmax_range if node.type == 'Softmax' else _log_softmax_range
    make, rows = memory.allocator(shape, dtype), shape[0]

    def run(x):
        y = make()
        loop(frozen(x if x.flags.c_contiguous else np.ascontiguousarray(x)), y, 0, rows)
        return y
    return run


@kernel('Softmax')
def softmax(logits):
    """exp(logits) divided by its sum, along the last dimension."""
    return _along_rows(_softmax_range, logits)


@kernel('LogSoftmax')
def log_softmax(logits):
    """The logarithm of `softmax`."""
    return _along_rows(_log_softmax_range, logits)


@specialised('SoftmaxCrossEntropyWithLogits')
def _(shapes, dtypes):
    shape, dtype = shapes[0], dtypes[0]
    if not _is_small(shape, dtype) or shapes[1] != shape:
        return None
    make_loss, make, rows = memory.allocator(shape[:1], dtype), memory.allocator(shape, dtype), shape[0]

    def run(x, labels):
        loss, backprop = make_loss(), make()
        _cross_entropy_range(frozen(np.ascontiguousarray(x)), frozen(np.ascontiguousarray(labels)), loss, backprop, 0, rows)
        return loss, backprop
    return run


@kernel('SoftmaxCrossEntropyWithLogits')
def softmax_cross_entropy(features, labels):
    """(-sum(labels * log_softmax(features)) of each row, its derivative by `features`)."""
    dtype = features.dtype
    if features.shape != labels.shape:
        try:
            features, labels = np.broadcast_arrays(features, labels)
        except ValueError:
            raise InvalidArgumentError(
                None, None, f'logits and labels must be broadcastable: logits_size={shape_text(features.shape)} '
                f'labels_size={shape_text(labels.shape)}') from None
    if features.ndim != 2:
        raise InvalidArgumentError(
            None, None, 'logits and labels must be either 2-dimensional, or broadcasted to be 2-dimensional')
    if features.size == 0:
        return np.zeros(len(features), dtype), np.empty(features.shape, dtype)
    x, labels = _rows(features), _rows(labels)
    loss, backprop = np.empty(len(x), x.dtype), memory.empty(x.shape, x.dtype)
    _shard_rows(_cross_entropy_range, x, labels, loss, backprop)
    return loss.astype(dtype, copy=False), backprop.astype(dtype, copy=False)


@kernel('SparseSoftmaxCrossEntropyWithLogits')
def sparse_softmax_cross_entropy(features, labels):
    """(-log_softmax(features) of each row at its label, the derivative by `features`)."""
    dtype = features.dtype
    if features.ndim != 2:
        raise InvalidArgumentError(None, None, f'logits must be 2-D, but got shape {shape_text(features.shape)}')
    if labels.ndim != 1:
        raise InvalidArgumentError(None, None, f'labels must be 1-D, but got shape {shape_text(labels.shape)}')
    if len(features) != len(labels):
        raise InvalidArgumentError(
            None, None, 'logits and labels must have the same first dimension, got logits shape '
            f'{shape_text(features.shape)} and labels shape {shape_text(labels.shape)}')
    classes = features.shape[1]
    if classes == 0:
        raise InvalidArgumentError(
            None, None, f'Must have at least one class, but got logits shape {shape_text(features.shape)}')
    if len(labels) == 0:
        return np.empty(0, dtype), np.empty(features.shape, dtype)
    if labels.min() < 0 or labels.max() >= classes:
        first = labels[(labels < 0) | (labels >= classes)][0]
        raise InvalidArgumentError(
            None, None, f'Received a label value of {first} which is outside the valid range of [0, {classes}).  Label '
            'values: ' + ' '.join(map(str, labels)))
    x = _rows(features)
    loss, backprop = np.empty(len(x), x.dtype), memory.empty(x.shape, x.dtype)
    _shard_rows(_sparse_cross_entropy_range, x, frozen(np.ascontiguousarray(labels)), loss, backprop)
    return loss.astype(dtype, copy=False), backprop.astype(dtype, copy=False)
