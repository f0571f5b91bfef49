"""Kernels of SparseTensors. Elements are found by their place in the flattened dense tensor."""
import numpy as np

from graphflow.framework import errors
from graphflow.framework.registry import kernel
from graphflow.kernels.array import invalid, text


def _flat(indices, shape):
    """The places of `indices` [n, rank] in the flattened tensor."""
    strides = np.append(np.cumprod(np.asarray(shape)[:0:-1])[::-1], 1).astype(np.int64)
    return indices @ strides if indices.shape[1] else np.zeros(len(indices), np.int64)


def _check(indices, shape, name):
    bad = ((indices < 0) | (indices >= shape)).any(axis=1)
    if bad.any():
        i = int(np.argmax(bad))
        raise errors.InvalidArgumentError(
            None, None, f'{name}[{i}] = [{",".join(map(str, indices[i]))}] is out of bounds: need 0 <= index < '
            f'[{",".join(map(str, shape))}]')


@kernel('SparseReorder')
def sparse_reorder(input_indices, input_values, input_shape):
    _check(input_indices, input_shape, 'indices')
    order = np.argsort(_flat(input_indices, input_shape), kind='stable')
    return input_indices[order], input_values[order]


@kernel('SparseReshape')
def sparse_reshape(input_indices, input_shape, new_shape):
    size = int(np.prod(input_shape))
    shape = np.array(new_shape, np.int64)
    unknown = shape == -1
    if unknown.sum() > 1:
        raise errors.InvalidArgumentError(None, None, 'only one output dimension may be -1, not both '
                                          f'{np.argmax(unknown)} and {np.flatnonzero(unknown)[1]}')
    if unknown.any():
        rest = int(np.prod(shape[~unknown]))
        if rest == 0 or size % rest:
            raise errors.InvalidArgumentError(
                None, None, f'Input to reshape is a SparseTensor with {size} dense values, but the requested shape '
                f'requires a multiple of {rest}. input_shape={list(map(int, input_shape))} '
                f'output_shape={list(map(int, new_shape))}')
        shape[unknown] = size // rest
    elif int(np.prod(shape)) != size:
        raise errors.InvalidArgumentError(
            None, None, f'Input to reshape is a tensor with {size} dense values, but the requested shape has '
            f'{int(np.prod(shape))}. input_shape={list(map(int, input_shape))} output_shape={shape.tolist()}')
    flat = _flat(input_indices, input_shape)
    indices = np.stack(np.unravel_index(flat, tuple(shape)), axis=1) if len(flat) else np.zeros((0, len(shape)))
    return indices.astype(np.int64), shape


@kernel('SparseFillEmptyRows')
def sparse_fill_empty_rows(indices, values, dense_shape, default_value):
    rows = int(dense_shape[0])
    bad = (indices[:, 0] < 0) | (indices[:, 0] >= rows)
    if bad.any():
        i = int(np.argmax(bad))
        raise errors.InvalidArgumentError(None, None, f'indices({i}, 0) is invalid: {indices[i, 0]} >= {rows}')
    empty = np.bincount(indices[:, 0], minlength=rows) == 0
    new = np.zeros((int(empty.sum()), indices.shape[1]), np.int64)
    new[:, 0] = np.flatnonzero(empty)
    every = np.concatenate([indices, new])
    order = np.argsort(every[:, 0], kind='stable')
    filled = np.concatenate([values, np.full(len(new), default_value, values.dtype)])[order]
    reverse = np.empty(len(order), np.int64)
    reverse[order] = np.arange(len(order))
    return every[order], filled, empty, reverse[:len(indices)]


@kernel('SparseFillEmptyRowsGrad')
def sparse_fill_empty_rows_grad(reverse_index_map, grad_values):
    default = np.ones(len(grad_values), bool)
    default[reverse_index_map] = False
    return grad_values[reverse_index_map], np.asarray(grad_values[default].sum(), grad_values.dtype)


@kernel('SparseAdd')
def sparse_add(a_indices, a_values, a_shape, b_indices, b_values, b_shape, thresh):
    if len(a_indices) != len(a_values) or len(b_indices) != len(b_values):
        raise invalid(f'Expected {len(a_indices)} and {len(b_indices)} non-empty input values, '
                      f'got {len(a_values)} and {len(b_values)}')
    if len(a_shape) != len(b_shape):
        raise invalid('Operands do not have the same ranks; got shapes: '
                      f'{" ".join(map(str, a_shape))} and {" ".join(map(str, b_shape))}')
    for i, (m, n) in enumerate(zip(a_shape, b_shape)):
        if m != n:
            raise invalid(f'Operands\' shapes do not match: got {m} and {n} for dimension {i}')
    indices = np.concatenate([a_indices, b_indices])
    places, first, inverse, count = np.unique(_flat(indices, a_shape), return_index=True, return_inverse=True,
                                              return_counts=True)
    values = np.zeros(len(places), a_values.dtype)
    np.add.at(values, inverse.reshape(-1), np.concatenate([a_values, b_values]))
    kept = (np.abs(values) >= thresh) | (count == 1)     # what only one of the two has stays, however small
    return indices[first][kept], values[kept], a_shape


@kernel('SparseAddGrad')
def sparse_add_grad(backprop_val_grad, a_indices, b_indices, sum_indices):
    grads = {tuple(index): grad for index, grad in zip(sum_indices.tolist(), backprop_val_grad)}
    zero = backprop_val_grad.dtype.type(0)
    return tuple(np.array([grads.get(tuple(i), zero) for i in indices.tolist()], backprop_val_grad.dtype)
                 for indices in (a_indices, b_indices))


@kernel('SparseTensorDenseAdd')
def sparse_tensor_dense_add(a_indices, a_values, a_shape, b):
    if len(a_shape) != b.ndim:
        raise invalid(f'Two operands have different ranks; received: {len(a_shape)} and {b.ndim}')
    for i, (m, n) in enumerate(zip(a_shape.tolist(), b.shape)):
        if m != n:
            raise invalid(f'Dimension {i} does not equal (no broadcasting is supported): '
                          f'sparse side {m} vs dense side {n}')
    outside = ((a_indices < 0) | (a_indices >= a_shape)).any(axis=0)
    if outside.any():
        raise invalid(f'Sparse tensor has some invalid index on dimension {outside.argmax()}; '
                      f'dense tensor shape: {text(b.shape)}')
    result = b.copy()
    np.add.at(result, tuple(a_indices.T), a_values)
    return result


@kernel('SparseReduceSum')
def sparse_reduce_sum(input_indices, input_values, input_shape, reduction_axes, keep_dims):
    rank = len(input_shape)
    axes = {int(a) % rank for a in np.asarray(reduction_axes).reshape(-1)} or set(range(rank))
    kept = [i for i in range(rank) if i not in axes]
    result = np.zeros([int(input_shape[i]) for i in kept], input_values.dtype)
    if kept:
        np.add.at(result, tuple(input_indices[:, i] for i in kept), input_values)
    else:
        result[...] = input_values.sum(dtype=input_values.dtype)
    return result.reshape([1 if i in axes else int(d) for i, d in enumerate(input_shape)]) if keep_dims else result


def _dense_values(sp_indices, sp_shape, dense):
    """The elements of `dense`, broadcast to the sparse tensor's shape, at its indices."""
    try:
        return np.broadcast_to(dense, tuple(sp_shape))[tuple(sp_indices.T)]
    except ValueError:
        raise errors.InvalidArgumentError(
            None, None, 'SparseDenseBinaryOpShared broadcasts dense to sparse only; got incompatible shapes: ['
            f'{",".join(map(str, sp_shape))}] vs. [{",".join(map(str, dense.shape))}]') from None


@kernel('SparseDenseCwiseMul')
def sparse_dense_cwise_mul(sp_indices, sp_values, sp_shape, dense):
    return sp_values * _dense_values(sp_indices, sp_shape, dense)


@kernel('SparseDenseCwiseAdd')
def sparse_dense_cwise_add(sp_indices, sp_values, sp_shape, dense):
    return sp_values + _dense_values(sp_indices, sp_shape, dense)


@kernel('SparseDenseCwiseDiv')
def sparse_dense_cwise_div(sp_indices, sp_values, sp_shape, dense):
    divisor = _dense_values(sp_indices, sp_shape, dense)
    if sp_values.dtype.kind not in 'iu':
        with np.errstate(all='ignore'):
            return sp_values / divisor
    if not divisor.all():
        raise errors.InvalidArgumentError(None, None, 'Integer division by zero')
    return (np.sign(sp_values) * np.sign(divisor) * (np.abs(sp_values) // np.abs(divisor))).astype(sp_values.dtype)


@kernel('SparseTensorDenseMatMul')
def sparse_tensor_dense_matmul(a_indices, a_values, a_shape, b, adjoint_a, adjoint_b):
    rows, columns = a_indices[:, 0], a_indices[:, 1]
    height, inner = map(int, a_shape)
    if adjoint_a:
        rows, columns, height, inner, a_values = columns, rows, inner, height, a_values.conj()
    b = b.conj().T if adjoint_b else b
    if inner != b.shape[0]:
        raise errors.InvalidArgumentError(
            None, None, f'Cannot multiply A and B because inner dimension does not match: {inner} vs. {b.shape[0]}.  '
            'Did you forget a transpose?  Dimensions of A: '
            f'[{a_shape[0]}, {a_shape[1]}).  Dimensions of B: [{",".join(map(str, b.shape))}]')
    for which, index, limit in (('row', rows, height), ('column', columns, inner)):
        if len(index) and not (0 <= index.min() and index.max() < limit):
            i = int(np.argmax((index < 0) | (index >= limit)))
            place = 1 if (which == 'column') != adjoint_a else 0
            k_or_m = 'k' if which == 'column' else 'm'
            raise errors.InvalidArgumentError(
                None, None, f'{k_or_m} ({index[i]}) from index[{i},{place}] out of bounds (>={limit})')
    result = np.zeros((height, b.shape[1]), b.dtype)
    np.add.at(result, rows, a_values[:, None] * b[columns])
    return result


@kernel('SparseSlice')
def sparse_slice(indices, values, shape, start, size):
    size = np.maximum(np.minimum(size, np.asarray(shape) - start), 0)
    kept = ((indices >= start) & (indices < start + size)).all(axis=1)
    return indices[kept] - start, values[kept], size


@kernel('SparseConcat')
def sparse_concat(indices, values, shapes, concat_dim):
    rank = len(shapes[0])
    axis = concat_dim + rank if concat_dim < 0 else concat_dim
    if not 0 <= axis < rank:
        raise errors.InvalidArgumentError(None, None, f'Concat dimension must be in range [{-rank}, {rank}), got '
                                          f'{concat_dim}')
    for i, shape in enumerate(shapes):
        for d in range(rank):
            if d != axis and shape[d] != shapes[0][d]:
                raise errors.InvalidArgumentError(
                    None, None, f'Input shapes must match: expected {shapes[0][d]} for dimension {d} but got '
                    f'{shape[d]} at position {i}')
    shape = np.array(shapes[0], np.int64)
    moved, at = [], 0
    for each, one in zip(indices, shapes):
        each = each.copy()
        each[:, axis] += at
        at += int(one[axis])
        moved.append(each)
    shape[axis] = at
    joined, found = np.concatenate(moved), np.concatenate(values)
    order = np.argsort(_flat(joined, shape), kind='stable')
    return joined[order], found[order], shape
