"""Kernels of stack, concat and split."""
import numpy as np

from graphflow.framework.registry import kernel
from graphflow.kernels import memory
from graphflow.kernels.array import invalid, text


@kernel('Pack')
def pack(values, axis):
    first = values[0].shape
    for i, value in enumerate(values):
        if value.shape != first:
            raise invalid(f'Shapes of all inputs must match: values[0].shape = {text(first)} != values[{i}].shape = '
                          f'{text(value.shape)}')
    if not first and values[0].dtype.kind not in 'fc':      # of floats, Python's would lose the smallest
        return np.array([v.item() for v in values], dtype=values[0].dtype)
    return np.stack(values, axis=axis)


@kernel('ParallelConcat')
def parallel_concat(values):
    return np.concatenate(values)


@kernel('Unpack')
def unpack(value, num, axis):
    if not -value.ndim <= axis < value.ndim:
        raise invalid(f'axis = {axis} not in [{-value.ndim}, {value.ndim})')
    if value.shape[axis] != num:
        raise invalid(f'Input shape axis {axis % value.ndim} must equal {num}, got shape {text(value.shape)}')
    at = (slice(None),) * (axis % value.ndim)
    return [value[at + (i, ...)] for i in range(num)]


def _concatenate(values, axis, name):
    if axis.ndim:
        raise invalid(f'{name} tensor should be a scalar integer, but got shape {text(axis.shape)}')
    axis, first = int(axis), values[0]
    if not -first.ndim <= axis < first.ndim:
        raise invalid('ConcatOp : Expected concatenating dimensions in the range '
                      f'[{-first.ndim}, {first.ndim}), but got {axis}')
    at = axis % first.ndim
    rest = first.shape[:at], first.shape[at + 1:]
    for i, value in enumerate(values):
        if value.ndim != first.ndim:
            raise invalid(f'ConcatOp : Ranks of all input tensors should match: shape[0] = {text(first.shape)} vs. '
                          f'shape[{i}] = {text(value.shape)}')
        if (value.shape[:at], value.shape[at + 1:]) != rest:
            raise invalid(f'ConcatOp : Dimensions of inputs should match: shape[0] = {text(first.shape)} vs. '
                          f'shape[{i}] = {text(value.shape)}')
    if sum(value.nbytes for value in values) < memory.SMALLEST:
        return np.concatenate(values, axis=at)
    shape = (*rest[0], sum(value.shape[at] for value in values), *rest[1])
    return np.concatenate(values, axis=at, out=memory.empty(shape, first.dtype))


@kernel('ConcatV2')
def concat_v2(values, axis):
    return _concatenate(values, axis, 'axis')


@kernel('Concat')
def concat(concat_dim, values):
    return _concatenate(values, concat_dim, 'Concat dim')


@kernel('ConcatOffset')
def concat_offset(concat_dim, shape):
    if concat_dim.ndim:
        raise invalid(f'Concat dim tensor should be a scalar integer, but got shape {text(concat_dim.shape)}')
    for i, dims in enumerate(shape):
        if dims.ndim != 1:
            raise invalid(f'input {i + 1} should be a vector, but got shape {text(dims.shape)}')
    rank = shape[0].size
    axis = int(concat_dim)
    if not -rank <= axis < rank:
        raise invalid(f'Concat dim is out of range: {axis} vs. {rank}')
    axis %= rank
    offsets, position = [], 0
    for i, dims in enumerate(shape):
        if dims.size != rank:
            raise invalid(f'input {i} should contain {rank} elements, but got {dims.size}')
        for d in range(rank):
            if d != axis and dims[d] != shape[0][d]:
                raise invalid(f'All dimensions except {axis} must match. Input {i} has shape {_spaced(dims)} and doesn\'t '
                              f'match input 0 with shape {_spaced(shape[0])}.')
        offset = np.zeros(rank, np.int32)
        offset[axis] = position
        position += int(dims[axis])
        offsets.append(offset)
    return offsets


def _spaced(dims):
    return '[' + ' '.join(str(d) for d in dims.tolist()) + ']'


@kernel('Split')
def split(split_dim, value, num_split):
    if split_dim.ndim:
        raise invalid(f'split_dim must be a scalar but has rank {split_dim.ndim}')
    axis = int(split_dim)
    if not -value.ndim <= axis < value.ndim:
        raise invalid(f'-input rank(-{value.ndim}) <= split_dim < input rank ({value.ndim}), but got {axis}')
    axis %= value.ndim
    whole = value.shape[axis]
    if whole % num_split:
        raise invalid('Number of ways to split should evenly divide the split dimension, but got split_dim '
                      f'{axis} (size = {whole}) and num_split {num_split}')
    return _pieces(value, [whole // num_split] * num_split, axis)


def _pieces(value, sizes, axis):
    before, start, pieces = (slice(None),) * axis, 0, []
    for size in sizes:
        pieces.append(value[before + (slice(start, start + size),)])
        start += size
    return pieces


@kernel('SplitV')
def split_v(value, size_splits, split_dim, num_split):
    if split_dim.size != 1:
        raise invalid('split_dim_tensor must have exactly one element.')
    split_dim = split_dim.ravel()[0]
    axis = int(split_dim)
    if size_splits.ndim != 1 or size_splits.size != num_split:
        raise invalid('size of the split_tensor must be 1-D and have the same elements as outputs got '
                      f'{size_splits.ndim} -D and {size_splits.size} elements')
    if not -value.ndim <= axis < value.ndim:
        raise invalid(f'-input rank(-{value.ndim}) <= split_dim < input rank ({value.ndim}), but got {axis}')
    axis %= value.ndim
    sizes, whole = size_splits.tolist(), value.shape[axis]
    total = sum(s for s in sizes if s != -1)
    if sizes.count(-1) > 1:
        raise invalid('There can only be one -1 in the input.')
    if -1 in sizes and total <= whole:
        sizes[sizes.index(-1)] = whole - total
    elif total != whole or -1 in sizes:
        raise invalid('Determined shape must either match input shape along split_dim exactly if fully specified, or be '
                      f'less than the size of the input along split_dim if not fully specified.  Got: {total}')
    for i, s in enumerate(sizes):
        if s < 0:
            raise invalid(f'Split size at index {i} must be >= 0. Got: {s}')
    return _pieces(value, sizes, axis)
