"""Kernels of gather and scatter."""
import numpy as np

from graphflow.framework.registry import kernel
from graphflow.kernels.array import invalid, text
from graphflow.kernels.fill import zeros
from graphflow.kernels.jit import jit

_SMALL = 1 << 12    # below this many elements numpy is as quick as a compiled loop


def check_indices(indices, limit, name='indices'):
    """Raises: InvalidArgumentError for the first index that is not in [0, limit)."""
    if not indices.size or indices.min() >= 0 and indices.max() < limit:
        return
    flat = ((indices < 0) | (indices >= limit)).ravel().argmax()
    at = np.unravel_index(flat, indices.shape)
    where = '[' + ','.join(str(i) for i in at) + ']' if at else ''
    raise invalid(f'{name}{where} = {indices.ravel()[flat]} is not in [0, {limit})')


@kernel('Gather')
def gather(params, indices):
    if not params.ndim:
        raise invalid('params must be at least 1 dimensional')
    check_indices(indices, params.shape[0])
    return params.take(indices, axis=0)


@kernel('GatherV2')
def gather_v2(params, indices, axis, batch_dims):
    if axis.ndim:
        raise invalid('axis must be scalar')
    axis = int(axis)
    if not params.ndim:
        raise invalid('params must be at least 1 dimensional')
    if not -params.ndim <= axis < params.ndim:
        raise invalid(f'Expected axis in the range [{-params.ndim}, {params.ndim}), but got {axis}')
    axis %= params.ndim
    if not batch_dims:
        check_indices(indices, params.shape[axis])
        return params.take(indices, axis=axis)
    if not -indices.ndim <= batch_dims <= indices.ndim:
        raise invalid(f'Expected batch_dims in the range [{-indices.ndim}, {indices.ndim}], but got {batch_dims}')
    batch_dims %= indices.ndim if batch_dims < 0 else indices.ndim + 1
    if batch_dims > axis:
        raise invalid(f'batch_dims ({batch_dims}) must be less than or equal to axis ({axis}).')
    for i in range(batch_dims):
        if params.shape[i] != indices.shape[i]:
            raise invalid(f'params.shape[{i}]: {params.shape[i]} should be equal to indices.shape[{i}]: '
                          f'{indices.shape[i]}')
    check_indices(indices, params.shape[axis])
    batch = params.shape[:batch_dims]
    flat = params.reshape((-1,) + params.shape[batch_dims:])
    rows = indices.reshape((flat.shape[0],) + indices.shape[batch_dims:])
    inner = axis - batch_dims
    shape = batch + params.shape[batch_dims:axis] + indices.shape[batch_dims:] + params.shape[axis + 1:]
    out = np.empty((flat.shape[0],) + shape[batch_dims:], params.dtype)
    for b in range(flat.shape[0]):
        out[b] = flat[b].take(rows[b], axis=inner)
    return out.reshape(shape)


def _coordinates(indices, shape, what):
    """The rows of `indices` as positions in an array of `shape` flattened over its first indices.shape[-1] dimensions."""
    depth = indices.shape[-1]
    rows = indices.reshape(-1, depth) if depth else np.empty((int(np.prod(indices.shape[:-1])), 0), indices.dtype)
    limits = np.array(shape[:depth], dtype=np.int64)
    outside = ((rows < 0) | (rows >= limits)).any(axis=1)
    if outside.any():
        flat = outside.argmax()
        at = np.unravel_index(flat, indices.shape[:-1]) if indices.ndim > 1 else ()
        where = '[' + ','.join(str(i) for i in at) + ']' if at else ''
        raise invalid(f'indices{where} = [{", ".join(str(v) for v in rows[flat].tolist())}] does not index into {what} '
                      f'{text(shape)}')
    strides = np.ones(depth, np.int64)
    for d in range(depth - 2, -1, -1):
        strides[d] = strides[d + 1] * shape[d + 1]
    return rows @ strides if depth else np.zeros(rows.shape[0], np.int64)


@kernel('GatherNd')
def gather_nd(params, indices):
    depth = indices.shape[-1] if indices.ndim else 0
    if not indices.ndim:
        raise invalid('indices must be at least a vector')
    if depth > params.ndim:
        raise invalid('index innermost dimension length must be <= params rank; saw: '
                      f'{depth} vs. {params.ndim}')
    positions = _coordinates(indices, params.shape, 'param shape')
    inner = params.shape[depth:]
    flat = params.reshape((int(np.prod(params.shape[:depth])),) + inner)
    return flat[positions].reshape(indices.shape[:-1] + inner)


@jit
def _add_rows(out, positions, updates):
    for i in range(positions.shape[0]):
        p = positions[i]
        for j in range(out.shape[1]):
            out[p, j] += updates[i, j]


@jit
def _subtract_rows(out, positions, updates):
    for i in range(positions.shape[0]):
        p = positions[i]
        for j in range(out.shape[1]):
            out[p, j] -= updates[i, j]


def _put(out, positions, updates):
    out[positions] = updates        # the last of several wins


_SLOW = {_add_rows: np.add, _subtract_rows: np.subtract}


def _scatter(out, indices, updates, change, what='shape'):
    """Changes `out`, which nobody else holds, in place; returns it."""
    if not indices.ndim:
        raise invalid('Indices shape must have rank at least one. Found: []')
    depth = indices.shape[-1]
    if depth > out.ndim or updates.shape != indices.shape[:-1] + out.shape[depth:]:
        raise invalid(f'Must have updates.shape = indices.shape[:batch_dim] + params_shape[slice_dim:], got '
                      f'updates.shape: {text(updates.shape)}, indices.shape: {text(indices.shape)}, params_shape: '
                      f'{text(out.shape)}, slice_dim: {depth}, and batch_dim: {indices.ndim - 1}')
    if not updates.size:
        return out
    positions = _coordinates(indices, out.shape, what)
    rows = int(np.prod(out.shape[:depth]))
    flat, new = out.reshape(rows, -1), np.ascontiguousarray(updates).reshape(positions.size, -1)
    if change in _SLOW and (new.size < _SMALL or new.dtype.kind not in 'iuf' or new.dtype.itemsize < 4):
        if flat.dtype == object:
            for p, row in zip(positions.tolist(), new):
                flat[p] += row
        else:
            _SLOW[change].at(flat, positions, new)
    else:
        change(flat, positions, new)
    return out


@kernel('ScatterNd')
def scatter_nd(indices, updates, shape):
    if shape.ndim != 1:
        raise invalid('Shape must be a vector')
    if indices.ndim and updates.shape[:indices.ndim - 1] != indices.shape[:-1]:
        raise invalid('Outer dimensions of indices and update must match. Indices shape: '
                      f'{text(indices.shape)}, updates shape:{text(updates.shape)}')
    return _scatter(zeros(tuple(shape.tolist()), updates.dtype), indices, updates, _add_rows)


@kernel('TensorScatterUpdate')
def tensor_scatter_update(tensor, indices, updates):
    return _scatter(np.array(tensor, order='C'), indices, updates, _put)


@kernel('TensorScatterAdd', 'ScatterNdNonAliasingAdd')
def tensor_scatter_add(tensor, indices, updates):
    return _scatter(np.array(tensor, order='C'), indices, updates, _add_rows)


@kernel('TensorScatterSub')
def tensor_scatter_sub(tensor, indices, updates):
    return _scatter(np.array(tensor, order='C'), indices, updates, _subtract_rows)
