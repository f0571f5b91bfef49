"""Kernels of reverse, roll, searchsorted, unique and set differences."""
import numpy as np

from graphflow.framework.registry import kernel
from graphflow.kernels.array import invalid, text


@kernel('Reverse')
def reverse(tensor, dims):
    if dims.ndim != 1:
        raise invalid(f"'dims' must be 1-dimension, not {dims.ndim}")
    if dims.size != tensor.ndim:
        raise invalid("'dims' must have the same number of values as 'input' has dimensions. 'input' has "
                      f"{tensor.ndim}'dims' has {dims.size} values")
    return np.flip(tensor, np.flatnonzero(dims).tolist())


@kernel('ReverseV2')
def reverse_v2(tensor, axis):
    if axis.ndim != 1:
        raise invalid(f"'dims' must be 1-dimension, not {axis.ndim}")
    axes = axis.tolist()
    seen = set()
    for i, a in enumerate(axes):
        if not -tensor.ndim <= a < tensor.ndim:
            raise invalid(f"'axis'[{i}] = {a} is out of valid range [0, {tensor.ndim - 1}")
        if a % tensor.ndim in seen:
            raise invalid(f'axis {a % tensor.ndim} specified more than once.')
        seen.add(a % tensor.ndim)
    return np.flip(tensor, axes) if axes else tensor


@kernel('ReverseSequence')
def reverse_sequence(input, seq_lengths, seq_dim, batch_dim):
    if seq_lengths.ndim != 1:
        raise invalid(f'seq_lens input must be 1-dim, not {seq_lengths.ndim}')
    if batch_dim == seq_dim:
        raise invalid(f'batch_dim == seq_dim == {seq_dim}')
    for name, dim in (('seq_dim', seq_dim), ('batch_dim', batch_dim)):
        if dim >= input.ndim:
            raise invalid(f'{name} must be < input rank ( {dim} vs. {input.ndim})')
    if len(seq_lengths) != input.shape[batch_dim]:
        raise invalid(f'len(seq_lens) != input.dims({batch_dim}), ({len(seq_lengths)} vs. {input.shape[batch_dim]})')
    out = input.copy()
    source, target = (np.moveaxis(a, (batch_dim, seq_dim), (0, 1)) for a in (input, out))
    for b, n in enumerate(seq_lengths.tolist()):
        if n < 0:
            raise invalid(f'seq_lens({b}) < 0')
        if n > input.shape[seq_dim]:
            raise invalid(f'seq_lens({b}) > input.dims({seq_dim})')
        target[b, :n] = source[b, :n][::-1]
    return out


@kernel('Roll')
def roll(input, shift, axis):
    if not input.ndim:
        raise invalid('input must be 1-D or higher')
    if shift.ndim > 1:
        raise invalid(f'shift must be a scalar or a 1-D vector. Found: {text(shift.shape)}')
    if axis.ndim > 1:
        raise invalid(f'axis must be a scalar or a 1-D vector. Found: {text(axis.shape)}')
    if shift.shape != axis.shape:
        raise invalid('shift and axis must have the same size')
    for a in axis.ravel().tolist():
        if not -input.ndim <= a < input.ndim:
            raise invalid(f'axis {a} is out of range')
    return np.roll(input, tuple(shift.ravel().tolist()), tuple(axis.ravel().tolist()))


def _bounds(sorted_inputs, values, out_type, side):
    if sorted_inputs.ndim != 2 or values.ndim != 2 or len(sorted_inputs) != len(values):
        raise invalid('Leading dim_size of both tensors must match.')
    out = np.empty(values.shape, out_type)
    for i in range(len(values)):
        out[i] = np.searchsorted(sorted_inputs[i], values[i], side)
    return out


@kernel('LowerBound')
def lower_bound(sorted_inputs, values, out_type):
    return _bounds(sorted_inputs, values, out_type, 'left')


@kernel('UpperBound')
def upper_bound(sorted_inputs, values, out_type):
    return _bounds(sorted_inputs, values, out_type, 'right')


def _unique(x, out_idx):
    """(positions of the first appearances in order, idx, count) of a vector, or of the rows of a matrix."""
    if x.dtype == object:
        places = {}
        rows = x.tolist() if x.ndim == 1 else [tuple(row) for row in x.tolist()]
        idx = np.array([places.setdefault(v, len(places)) for v in rows], out_idx)
        first = np.full(len(places), -1, np.int64)
        first[idx[::-1]] = np.arange(len(x))[::-1]
    else:
        _, first, inverse = np.unique(x, return_index=True, return_inverse=True, axis=0, equal_nan=False) \
            if x.ndim == 1 else np.unique(x, return_index=True, return_inverse=True, axis=0)
        order = np.argsort(first)
        rank = np.empty_like(order)
        rank[order] = np.arange(len(order))
        first, idx = first[order], rank[inverse.ravel()].astype(out_idx)
    return first, idx, np.bincount(idx, minlength=len(first)).astype(out_idx)


def _vector(x):
    if x.ndim != 1:
        raise invalid('unique expects a 1D vector.')
    return x


@kernel('Unique')
def unique(x, out_idx):
    first, idx, _ = _unique(_vector(x), out_idx)
    return x[first], idx


@kernel('UniqueWithCounts')
def unique_with_counts(x, out_idx):
    first, idx, count = _unique(_vector(x), out_idx)
    return x[first], idx, count


def _along(x, axis, out_idx):
    if not axis.size:
        first, idx, count = _unique(_vector(x), out_idx)
        return x[first], idx, count
    if axis.size > 1:
        raise invalid('axis does not support input tensors larger than 1 elements')
    at = int(axis.ravel()[0])
    if not -x.ndim <= at < x.ndim:
        raise invalid(f'axis has to be between [0, {x.ndim})')
    first, idx, count = _unique(np.moveaxis(x, at, 0).reshape(x.shape[at], -1), out_idx)
    return x.take(first, at), idx, count


@kernel('UniqueV2')
def unique_v2(x, axis, out_idx):
    return _along(x, axis, out_idx)[:2]


@kernel('UniqueWithCountsV2')
def unique_with_counts_v2(x, axis, out_idx):
    return _along(x, axis, out_idx)


@kernel('ListDiff')
def list_diff(x, y, out_idx):
    for name, value in (('x', x), ('y', y)):
        if value.ndim != 1:
            raise invalid(f'{name} should be a 1D vector.')
    known = set(y.tolist())
    kept = np.array([i for i, v in enumerate(x.tolist()) if v not in known], dtype=out_idx)
    return x[kept], kept
