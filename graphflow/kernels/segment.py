"""Kernels of reductions by segment."""
import numpy as np

from graphflow.framework import errors
from graphflow.framework.registry import kernel
from graphflow.kernels.jit import jit


def _invalid(message):
    return errors.InvalidArgumentError(None, None, message)


def _text(array):
    return '[' + ','.join(map(str, array.shape)) + ']'


# Loops: rows[i] of data [n, width] goes to out[ids[i]]; rows with negative ids are dropped.

def _scatter(combine):
    combine = jit(combine)

    @jit
    def scatter(data, rows, ids, out):
        width = data.shape[1]
        for i in range(len(ids)):
            to, row = ids[i], rows[i]
            if to >= 0:
                for j in range(width):
                    out[to, j] = combine(out[to, j], data[row, j])
    return scatter


_add = _scatter(lambda a, v: a + v)
_multiply = _scatter(lambda a, v: a * v)
# The order of the operands decides what becomes of a NaN.
_greatest = _scatter(lambda a, v: a if a >= v else v)
_least = _scatter(lambda a, v: a if a <= v else v)
_greatest_number = _scatter(lambda a, v: v if v > a else a)
_least_number = _scatter(lambda a, v: v if v < a else a)


def _reduce(loop, data, rows, ids, count, row_shape, initial):
    """Runs `loop` and returns an array [count, *row_shape] of data's dtype."""
    wide = data.astype(np.float32) if data.dtype == np.float16 else data    # compiled code knows no half precision
    out = np.full((count, int(np.prod(row_shape))), initial, wide.dtype)
    table = np.ascontiguousarray(wide).reshape(-1, out.shape[1]) if data.size else out[:0]
    if out.size:
        loop(table, rows, ids, out)
    return out.reshape((count,) + tuple(row_shape)).astype(data.dtype, copy=False)


def _limit(dtype, name):
    return getattr(np.iinfo(dtype) if dtype.kind in 'iu' else np.finfo(dtype), name)


# Unsorted ids.

def _unsorted(loop, data, ids, count, initial):
    if count.ndim:
        raise _invalid(f'num_segments should be a scalar, not shape {_text(count)}')
    count = int(count)
    if count < 0:
        raise _invalid(f'Input num_segments == {count} must not be negative.')
    if data.shape[:ids.ndim] != ids.shape:
        raise _invalid(f'data.shape = {_text(data)} does not start with segment_ids.shape = {_text(ids)}')
    flat = ids.ravel()
    if flat.size and flat.max() >= count:
        at = int(np.argmax(flat >= count))
        raise _invalid(f'segment_ids{_position(at, ids.shape)} = {flat[at]} is out of range [0, {count})')
    return _reduce(loop, data, np.arange(flat.size), flat, count, data.shape[ids.ndim:], initial)


def _position(at, shape):
    return '[' + ','.join(str(int(i)) for i in np.unravel_index(at, shape)) + ']' if shape else ''


@kernel('UnsortedSegmentSum')
def unsorted_segment_sum(data, segment_ids, num_segments):
    return _unsorted(_add, data, segment_ids, num_segments, 0)


@kernel('UnsortedSegmentProd')
def unsorted_segment_prod(data, segment_ids, num_segments):
    return _unsorted(_multiply, data, segment_ids, num_segments, 1)


@kernel('UnsortedSegmentMax')
def unsorted_segment_max(data, segment_ids, num_segments):
    return _unsorted(_greatest, data, segment_ids, num_segments, _limit(data.dtype, 'min'))


@kernel('UnsortedSegmentMin')
def unsorted_segment_min(data, segment_ids, num_segments):
    return _unsorted(_least, data, segment_ids, num_segments, _limit(data.dtype, 'max'))


# Sorted ids.

def _check_sorted(ids, count):
    """Raises: InvalidArgumentError unless `ids` ascend from 0 or more and are below `count`."""
    if not ids.size:
        return
    steps = np.diff(ids)
    down = np.flatnonzero(steps < 0)
    first_change = int(np.flatnonzero(steps)[0]) if steps.any() else -1
    if down.size and down[0] == first_change:
        raise _invalid('segment ids are not increasing')
    if ids[0] < 0 or ids[0] >= count:
        raise _invalid(f"Segment id {ids[0]} out of range [0, {count}), possibly because 'segment_ids' input is not "
                       'sorted.')
    if down.size:
        raise _invalid('segment ids are not increasing')


def _sorted(loop, data, ids, initial, empty=0):
    """Reduces rows by sorted ids; segments without rows are `empty`."""
    if ids.ndim != 1:
        raise _invalid('segment_ids should be a vector.')
    if data.shape[:1] != ids.shape:
        raise _invalid('segment_ids should be the same size as dimension 0 of input.')
    count = int(ids[-1]) + 1 if ids.size else 0
    if count < 0:
        raise _invalid('segment ids must be >= 0')
    _check_sorted(ids, count)
    out = _reduce(loop, data, np.arange(ids.size), ids, count, data.shape[1:], initial)
    if initial != empty:
        out[np.bincount(ids, minlength=count) == 0] = empty
    return out


@kernel('SegmentSum')
def segment_sum(data, segment_ids):
    return _sorted(_add, data, segment_ids, 0)


@kernel('SegmentMean')
def segment_mean(data, segment_ids):
    total = _sorted(_add, data, segment_ids, 0)
    sizes = np.maximum(np.bincount(segment_ids, minlength=len(total)), 1).reshape((-1,) + (1,) * (total.ndim - 1))
    if data.dtype.kind in 'iu':     # C's division: toward zero
        return (np.sign(total) * (np.abs(total) // sizes)).astype(data.dtype)
    return (total / sizes).astype(data.dtype)


@kernel('SegmentProd')
def segment_prod(data, segment_ids):
    return _sorted(_multiply, data, segment_ids, 1, empty=1)


@kernel('SegmentMax')
def segment_max(data, segment_ids):
    worst = -np.inf if data.dtype.kind == 'f' else _limit(data.dtype, 'min')
    return _sorted(_greatest_number, data, segment_ids, worst)


@kernel('SegmentMin')
def segment_min(data, segment_ids):
    worst = np.inf if data.dtype.kind == 'f' else _limit(data.dtype, 'max')
    return _sorted(_least_number, data, segment_ids, worst)


# Sorted ids of rows taken from a table.

def _sparse(data, indices, ids, num_segments=None):
    """(sums, sizes of the segments as a column)."""
    if ids.ndim != 1:
        raise _invalid('segment_ids should be a vector.')
    if indices.ndim != 1:
        raise _invalid('indices should be a vector.')
    if ids.shape != indices.shape:
        raise _invalid('segment_ids and indices should have same size.')
    count = int(ids[-1]) + 1 if ids.size else 0
    if num_segments is not None:
        if count > int(num_segments):
            raise _invalid('segment ids must be < num_segments')
        count = int(num_segments)
    if count < 0:
        raise _invalid('segment ids must be >= 0')
    _check_sorted(ids, count)
    outside = np.flatnonzero((indices < 0) | (indices >= len(data)))
    if outside.size:
        at = int(outside[0])
        raise _invalid(f'Bad: indices[{at}] == {indices[at]} out of range [0, {len(data)})')
    total = _reduce(_add, data, indices, ids, count, data.shape[1:], 0)
    sizes = np.maximum(np.bincount(ids, minlength=count), 1)
    return total, sizes.reshape((-1,) + (1,) * (total.ndim - 1))


@kernel('SparseSegmentSum')
def sparse_segment_sum(data, indices, segment_ids):
    return _sparse(data, indices, segment_ids)[0]


@kernel('SparseSegmentSumWithNumSegments')
def sparse_segment_sum_with_num_segments(data, indices, segment_ids, num_segments):
    return _sparse(data, indices, segment_ids, num_segments)[0]


@kernel('SparseSegmentMean')
def sparse_segment_mean(data, indices, segment_ids):
    return sparse_segment_mean_with_num_segments(data, indices, segment_ids, None)


@kernel('SparseSegmentMeanWithNumSegments')
def sparse_segment_mean_with_num_segments(data, indices, segment_ids, num_segments):
    total, sizes = _sparse(data, indices, segment_ids, num_segments)
    return (total / sizes).astype(data.dtype)


@kernel('SparseSegmentSqrtN')
def sparse_segment_sqrt_n(data, indices, segment_ids):
    return sparse_segment_sqrt_n_with_num_segments(data, indices, segment_ids, None)


@kernel('SparseSegmentSqrtNWithNumSegments')
def sparse_segment_sqrt_n_with_num_segments(data, indices, segment_ids, num_segments):
    total, sizes = _sparse(data, indices, segment_ids, num_segments)
    return (total / np.sqrt(sizes)).astype(data.dtype)


def _sparse_gradient(grad, indices, ids, rows, weight):
    """Row i of `grad`, times the weight of a segment of that size, is added to each row that went into segment i."""
    rows = int(rows)
    if ids.size and ids[-1] >= len(grad):
        raise _invalid('Invalid number of segments')
    outside = np.flatnonzero((ids < 0) | (ids >= len(grad)))
    if outside.size:
        raise _invalid(f'Segment id {ids[outside[0]]} out of range [0, {len(grad)}).')
    outside = np.flatnonzero((indices < 0) | (indices >= rows))
    if outside.size:
        raise _invalid(f'Index {indices[outside[0]]} out of range [0, {rows}).')
    sizes = np.maximum(np.bincount(ids, minlength=len(grad)), 1).reshape((-1,) + (1,) * (grad.ndim - 1))
    return _reduce(_add, (grad * weight(sizes)).astype(grad.dtype), ids, indices, rows, grad.shape[1:], 0)


@kernel('SparseSegmentMeanGrad')
def sparse_segment_mean_grad(grad, indices, segment_ids, output_dim0):
    return _sparse_gradient(grad, indices, segment_ids, output_dim0, lambda sizes: 1 / sizes)


@kernel('SparseSegmentSqrtNGrad')
def sparse_segment_sqrt_n_grad(grad, indices, segment_ids, output_dim0):
    return _sparse_gradient(grad, indices, segment_ids, output_dim0, lambda sizes: 1 / np.sqrt(sizes))
