"""Kernels of reductions.

A reduction is brought into the form [outer, reduced, inner] by joining neighbouring dimensions of one kind; only
when kept and reduced dimensions alternate more often is the input transposed first. Big ones are cut into chunks of the
reduced dimension, whose partial results are then reduced in turn: that gives work to several threads and keeps the
rounding errors of sums small.
"""
import math

import numpy as np

from graphflow.framework import errors
from graphflow.framework.registry import kernel
from graphflow.kernels.jit import jit
from graphflow.kernels.threads import shard
from graphflow.kernels.vector import greatest, least, product, total

_CHUNK = 1 << 16        # elements reduced in one go
_GRAIN = 1 << 15        # elements worth a thread
_SMALL = 1 << 11        # so few elements are reduced by numpy, which is called more quickly


def reduced_axes(shape, axes):
    """The sorted dimensions that `axes`, an int array, names. Raises: InvalidArgumentError."""
    rank = len(shape)
    found = set()
    for axis in axes.ravel().tolist():
        if not -rank <= axis < rank:
            raise errors.InvalidArgumentError(
                None, None, f'Invalid reduction dimension ({axis} for input with {rank} dimension(s)')
        found.add(axis % rank)
    return sorted(found)


def _layout(x, axes):
    """`x` as an array [outer, reduced, inner]."""
    shape = x.shape
    big = [i for i in axes if shape[i] != 1]    # a dimension of size 1 can stand anywhere
    first, end = (big[0], big[-1] + 1) if big else (0, 0)
    if any(i not in axes and shape[i] != 1 for i in range(first, end)):
        kept = [i for i in range(x.ndim) if i not in axes]
        x = x.transpose(kept + axes)
        first, end, shape = len(kept), x.ndim, x.shape
    dims = [math.prod(part) for part in (shape[:first], shape[first:end], shape[end:])]
    return np.ascontiguousarray(x).reshape(dims)


def _kept(shape, axes, keep_dims):
    return [1 if i in axes else d for i, d in enumerate(shape) if keep_dims or i not in axes]


def _run(loop, x, dtype, initial):
    """Reduces x [outer, reduced, inner] with `loop`, to an array [outer, inner] of `dtype`."""
    while True:
        outer, count, inner = x.shape
        size = max(_CHUNK // max(inner, 1), 64)
        chunks = max(-(-count // size), 1)
        partial = np.full((outer, chunks, inner), initial, dtype)
        if partial.size and count:
            shard(loop, outer * chunks, x, partial, size, grain=-(-_GRAIN // (min(size, count) * inner)))
        if chunks == 1:
            return partial[:, 0]
        x = partial


# One loop a kind: items lo to hi of partial's [outer, chunks], each made of `size` elements of the reduced dimension.

# Where nothing follows the reduced dimension, an item is one stretch of memory, for which there is vector code.

def _sum_loop(of_stretch):
    @jit
    def sum_loop(x, partial, size, lo, hi):
        count, inner, chunks = x.shape[1], x.shape[2], partial.shape[1]
        memory, zero = x.reshape(x.size), x.dtype.type(0)
        o, c = lo // chunks, lo % chunks
        for _ in range(lo, hi):
            start, stop = c * size, min((c + 1) * size, count)
            if inner == 1:
                end = o * count + stop
                result = partial[o, c, 0]
                for first in range(o * count + start, end, 512):    # so few that rounding errors stay small
                    result += of_stretch(memory, first, min(first + 512, end), zero)
                partial[o, c, 0] = result
            else:
                for i in range(start, stop):
                    for j in range(inner):
                        partial[o, c, j] += x[o, i, j]
            c += 1
            if c == chunks:
                o, c = o + 1, 0
    return sum_loop


def _product_loop(of_stretch):
    @jit
    def product_loop(x, partial, size, lo, hi):
        count, inner, chunks = x.shape[1], x.shape[2], partial.shape[1]
        memory, one = x.reshape(x.size), x.dtype.type(1)
        for item in range(lo, hi):
            o, c = item // chunks, item % chunks
            start, stop = c * size, min((c + 1) * size, count)
            if inner == 1:
                partial[o, c, 0] *= of_stretch(memory, o * count + start, o * count + stop, one)
            else:
                for i in range(start, stop):
                    for j in range(inner):
                        partial[o, c, j] *= x[o, i, j]
    return product_loop


@jit
def _total_of_complex(x, start, stop, initial):
    for i in range(start, stop):
        initial += x[i]
    return initial


@jit
def _product_of_complex(x, start, stop, initial):
    for i in range(start, stop):
        initial *= x[i]
    return initial


_sum, _complex_sum = _sum_loop(total), _sum_loop(_total_of_complex)
_product, _complex_product = _product_loop(product), _product_loop(_product_of_complex)


def _extreme(better, of_stretch):
    """The loop that keeps the better of two elements. A NaN is never better: it is passed over."""
    better = jit(better)

    @jit
    def extreme(x, partial, size, lo, hi):
        count, inner, chunks = x.shape[1], x.shape[2], partial.shape[1]
        memory = x.reshape(x.size)
        o, c = lo // chunks, lo % chunks
        for _ in range(lo, hi):
            start, stop = c * size, min((c + 1) * size, count)
            if inner == 1:
                partial[o, c, 0] = of_stretch(memory, o * count + start, o * count + stop, partial[o, c, 0])
            else:
                for i in range(start, stop):
                    for j in range(inner):
                        v = x[o, i, j]
                        if better(v, partial[o, c, j]):
                            partial[o, c, j] = v
            c += 1
            if c == chunks:
                o, c = o + 1, 0
    return extreme


_max = _extreme(lambda v, best: v > best, greatest)
_min = _extreme(lambda v, best: v < best, least)

_WIDER = {np.dtype(np.float32): np.float64, np.dtype(np.complex64): np.complex128}


def _reduce(loop, ufunc, x, axes, keep_dims, dtype=None, initial=0):
    """Reduces `x` over `axes` and gives the result `x`'s dtype; `dtype` is that of the partial results."""
    axes = reduced_axes(x.shape, axes)
    if all([x.shape[i] == 1 for i in axes]):      # nothing is reduced: a NaN stays, and so does the sign of a zero
        return x.reshape(_kept(x.shape, axes, keep_dims))
    if x.size <= _SMALL and x.dtype != np.float16:
        return np.asarray(ufunc.reduce(x, tuple(axes), x.dtype, keepdims=keep_dims, initial=initial))
    shape = _kept(x.shape, axes, keep_dims)
    wide = x.astype(np.float32) if x.dtype == np.float16 else x     # compiled code knows no half precision
    result = _run(loop, _layout(wide, axes), dtype or wide.dtype, initial)
    with np.errstate(over='ignore', invalid='ignore'):
        return result.reshape(shape).astype(x.dtype, copy=False)


@kernel('Sum')
def sum_(input, reduction_indices, keep_dims):
    loop = _complex_sum if input.dtype.kind == 'c' else _sum
    return _reduce(loop, np.add, input, reduction_indices, keep_dims, _WIDER.get(input.dtype))


@kernel('Mean')
def mean(input, reduction_indices, keep_dims):
    total = sum_(input, reduction_indices, keep_dims)
    count = input.size // total.size if total.size else 1
    if input.dtype.kind in 'iu':    # C's division: toward zero
        if count == 0:
            return total
        wide = total.astype(np.int64 if input.dtype.kind == 'i' else np.uint64)
        return (np.sign(wide) * (np.abs(wide) // wide.dtype.type(count))).astype(input.dtype)
    if count == 0:
        return np.full_like(total, 0 if input.dtype.kind == 'c' else np.nan)
    with np.errstate(over='ignore', invalid='ignore'):
        return (total / input.dtype.type(count)).astype(input.dtype, copy=False)


@kernel('Prod')
def prod(input, reduction_indices, keep_dims):
    loop = _complex_product if input.dtype.kind == 'c' else _product
    return _reduce(loop, np.multiply, input, reduction_indices, keep_dims, initial=1)


@kernel('EuclideanNorm')
def euclidean_norm(input, reduction_indices, keep_dims):
    axes = reduced_axes(input.shape, reduction_indices)
    if all(input.shape[i] == 1 for i in axes):
        return input.reshape(_kept(input.shape, axes, keep_dims))
    with np.errstate(all='ignore'):
        total = sum_(input * np.conj(input), reduction_indices, keep_dims)
        return np.sqrt(total).astype(input.dtype)


def _limit(dtype, name):
    if dtype.kind in 'iu':
        return getattr(np.iinfo(dtype), name)
    return np.inf if name == 'max' else -np.inf


@kernel('Max')
def max_(input, reduction_indices, keep_dims):
    return _reduce(_max, np.fmax, input, reduction_indices, keep_dims, initial=_limit(input.dtype, 'min'))


@kernel('Min')
def min_(input, reduction_indices, keep_dims):
    return _reduce(_min, np.fmin, input, reduction_indices, keep_dims, initial=_limit(input.dtype, 'max'))


@kernel('All')
def all_(input, reduction_indices, keep_dims):
    return np.asarray(np.all(input, axis=tuple(reduced_axes(input.shape, reduction_indices)), keepdims=keep_dims))


@kernel('Any')
def any_(input, reduction_indices, keep_dims):
    return np.asarray(np.any(input, axis=tuple(reduced_axes(input.shape, reduction_indices)), keepdims=keep_dims))


# The index of an extreme.

def _index_of_extreme(better):
    """The loop that finds, in x [outer, count, inner], where the first best element stands."""
    better = jit(better)

    @jit
    def index_of_extreme(x, worst, out, lo, hi):
        count, inner = x.shape[1], x.shape[2]
        found = np.empty(inner, x.dtype)
        for o in range(lo, hi):
            if inner == 1:
                best, at = worst, 0
                for i in range(count):
                    if better(x[o, i, 0], best):
                        best, at = x[o, i, 0], i
                out[o, 0] = at
            else:
                found[:] = worst
                for i in range(count):
                    for j in range(inner):
                        if better(x[o, i, j], found[j]):
                            found[j] = x[o, i, j]
                            out[o, j] = i
    return index_of_extreme


_argmax = _index_of_extreme(lambda v, best: v > best)
_argmin = _index_of_extreme(lambda v, best: v < best)


def _index(loop, x, axis, output_type, worst):
    if axis.ndim:
        raise errors.InvalidArgumentError(
            None, None, f'dim must be a scalar, but received tensor of shape: [{",".join(map(str, axis.shape))}]')
    axis, rank = int(axis), x.ndim
    if not -rank <= axis < rank:
        raise errors.InvalidArgumentError(
            None, None, f'Expected dimension in the range [{-rank}, {rank}), but got {axis}')
    axis %= rank
    if x.shape[axis] == 0:
        raise errors.InvalidArgumentError(
            None, None, f'Reduction axis {axis} is empty in shape [{",".join(map(str, x.shape))}]')
    if x.dtype == np.float16:
        x = x.astype(np.float32)
    flat = _layout(x, [axis])
    out = np.zeros((flat.shape[0], flat.shape[2]), output_type)
    if out.size:
        shard(loop, len(flat), flat, x.dtype.type(worst), out, grain=-(-_GRAIN // (flat.shape[1] * flat.shape[2])))
    return out.reshape(_kept(x.shape, [axis], False))


@kernel('ArgMax')
def argmax(input, dimension, output_type):
    return _index(_argmax, input, dimension, output_type, _limit(input.dtype, 'min'))


@kernel('ArgMin')
def argmin(input, dimension, output_type):
    return _index(_argmin, input, dimension, output_type, _limit(input.dtype, 'max'))
