"""Kernels of broadcasting and repetition."""
import numpy as np

from graphflow.framework.registry import kernel
from graphflow.kernels.array import invalid, text


def _aligned(a, b):
    """Two shapes as lists of one length, filled up with 1 in front."""
    for i, shape in enumerate((a, b)):
        if shape.ndim != 1:
            raise invalid(f'In[{i}] must be a vector.{text(shape.shape)}')
    a, b = a.tolist(), b.tolist()
    rank = max(len(a), len(b))
    return [1] * (rank - len(a)) + a, [1] * (rank - len(b)) + b


def _mismatch(s0, s1):
    return invalid(f'Incompatible shapes: {text(s0.tolist())} vs. {text(s1.tolist())}')


@kernel('BroadcastGradientArgs')
def broadcast_gradient_args(s0, s1):
    a, b = _aligned(s0, s1)
    if a == b and len(s0) == len(s1):
        none = np.empty(0, s0.dtype)
        return none, none
    over_a, over_b = [], []
    for i, (m, n) in enumerate(zip(a, b)):
        if m != n and m != 1 and n != 1:
            raise _mismatch(s0, s1)
        if m == 1:
            over_a.append(i)
        if n == 1:
            over_b.append(i)
    return np.array(over_a, s0.dtype), np.array(over_b, s0.dtype)


@kernel('BroadcastArgs')
def broadcast_args(s0, s1):
    dims = []
    for m, n in zip(*_aligned(s0, s1)):
        if m != n and m != 1 and n != 1:
            raise _mismatch(s0, s1)
        dims.append(n if m == 1 else m)
    return np.array(dims, s0.dtype)


@kernel('BroadcastTo')
def broadcast_to(input, shape):
    if shape.ndim != 1:
        raise invalid(f'shape must be a vector of {{int32,int64}}, got shape {text(shape.shape)}')
    try:
        # A copy: kernels need memory they can walk through.
        return np.ascontiguousarray(np.broadcast_to(input, shape.tolist())).reshape(shape.tolist())
    except ValueError:
        if input.ndim > shape.size:
            raise invalid(f'Rank of input ({input.ndim}) must be no greater than rank of output shape '
                          f'({shape.size}).') from None
        raise invalid(f'Incompatible shapes: {text(input.shape)} vs. {text(shape.tolist())}') from None


@kernel('Tile')
def tile(input, multiples):
    if multiples.ndim != 1:
        raise invalid(f'Expected multiples to be 1-D, but got shape {text(multiples.shape)}')
    if multiples.size != input.ndim:
        raise invalid('Expected multiples argument to be a vector of length '
                      f'{input.ndim} but got length {multiples.size}')
    for i, m in enumerate(multiples.tolist()):
        if m < 0:
            raise invalid(f'Expected multiples[{i}] >= 0, but got {m}')
    return np.tile(input, multiples.tolist())
