"""Kernels of where and one_hot. `Select` is an elementwise function, in math.py."""
import numpy as np

from graphflow.framework.registry import kernel
from graphflow.kernels.array import invalid, text
from graphflow.kernels.jit import jit


@kernel('Where')
def where(input):
    if not input.ndim:
        raise invalid('WhereOp : Unhandled input dimensions: 0')
    return np.argwhere(input)


@jit
def _set_ones(out, indices, on_value):
    """out[outer, index, inner] = on_value."""
    depth = out.shape[1]
    for i in range(out.shape[0]):
        for j in range(out.shape[2]):
            k = indices[i, j]
            if 0 <= k < depth:
                out[i, k, j] = on_value


@kernel('OneHot')
def one_hot(indices, depth, on_value, off_value, axis):
    for name, value in (('depth', depth), ('on_value', on_value), ('off_value', off_value)):
        if value.ndim:
            raise invalid(f'{name} must be a scalar, but got: {text(value.shape)}')
    depth = int(depth)
    if depth < 0:
        raise invalid(f'depth must be non-negative, got: {depth}')
    if not -1 <= axis <= indices.ndim:
        raise invalid(f'Expected axis to be -1 or between [0, {indices.ndim + 1}).  But received: {axis}')
    axis = indices.ndim if axis == -1 else axis
    shape = indices.shape[:axis] + (depth,) + indices.shape[axis:]
    out = np.full(shape, off_value, dtype=off_value.dtype)
    outer = int(np.prod(indices.shape[:axis]))
    parts, rows = out.reshape(outer, depth, -1), indices.reshape(outer, -1)
    if not out.size:
        return out
    if out.dtype.kind in 'iuf' and out.dtype.itemsize > 2:
        _set_ones(parts, np.ascontiguousarray(rows), on_value[()])
    else:
        i, j = np.nonzero((rows >= 0) & (rows < depth))
        parts[i, rows[i, j], j] = on_value[()]
    return out
