"""Kernels of sets: each row of the last dimension becomes a Python set."""
import numpy as np

from graphflow.framework.registry import kernel
from graphflow.kernels.array import invalid, text

_OPERATIONS = {
    'a-b': lambda a, b: a - b,
    'b-a': lambda a, b: b - a,
    'intersection': lambda a, b: a & b,
    'union': lambda a, b: a | b,
}


def _checked_operation(name):
    if name.lower() not in _OPERATIONS:
        raise invalid(f'Invalid set_operation {name}.')
    return _OPERATIONS[name.lower()]


def _dense(values):
    """The groups' shape and {group: its values} of a dense array of sets."""
    if values.ndim < 2:
        raise invalid(f'Shape {text(values.shape)} has rank {values.ndim} < 2')
    groups = values.shape[:-1]
    return groups, {group: set(values[group].tolist()) for group in np.ndindex(groups)}


def _sparse(indices, values, shape, validate):
    groups = tuple(shape[:-1].tolist())
    if len(shape) < 2:
        raise invalid(f'Shape {text(shape.tolist())} has rank {len(shape)} < 2')
    if validate:
        _check_order(indices, shape)
    found = {}
    for row, value in zip(indices.tolist(), values.tolist()):
        found.setdefault(tuple(row[:-1]), set()).add(value)
    return groups, found


def _check_order(indices, shape):
    """Raises InvalidArgumentError at the first index that lies outside, or not after the one before it."""
    rows = indices.tolist()
    for i, row in enumerate(rows):
        where = f'indices[{i}] = [{",".join(map(str, row))}] is '
        if any(not 0 <= index < size for index, size in zip(row, shape.tolist())):
            raise invalid(f'{where}out of bounds: need 0 <= index < [{",".join(map(str, shape.tolist()))}]')
        if i and row == rows[i - 1]:
            raise invalid(f'{where}repeated')
        if i and row < rows[i - 1]:
            raise invalid(f'{where}out of order. Many sparse ops require sorted indices.\n'
                          '    Use `tf.sparse.reorder` to create a correctly ordered copy.\n\n')


def _combined(first, second, dtype, name):
    """The SparseTensor of the sets that an operation makes of two arrays of sets."""
    operation = _checked_operation(name)
    (groups, a), (others, b) = first, second
    if groups != others:
        raise invalid(f'Mismatched shapes {text(groups)} vs {text(others)}')
    indices, values, longest = [], [], 0
    for group in sorted(a.keys() | b.keys()):
        result = sorted(operation(a.get(group, set()), b.get(group, set())))
        indices.extend(group + (i,) for i in range(len(result)))
        values.extend(result)
        longest = max(longest, len(result))
    return (np.array(indices, np.int64).reshape(-1, len(groups) + 1), np.array(values, dtype),
            np.array(groups + (longest,), np.int64))


@kernel('DenseToDenseSetOperation')
def dense_to_dense(set1, set2, set_operation):
    return _combined(_dense(set1), _dense(set2), set1.dtype, set_operation)


@kernel('DenseToSparseSetOperation')
def dense_to_sparse(set1, set2_indices, set2_values, set2_shape, set_operation, validate_indices):
    second = _sparse(set2_indices, set2_values, set2_shape, validate_indices)
    return _combined(_dense(set1), second, set1.dtype, set_operation)


@kernel('SparseToSparseSetOperation')
def sparse_to_sparse(set1_indices, set1_values, set1_shape, set2_indices, set2_values, set2_shape, set_operation,
                     validate_indices):
    first = _sparse(set1_indices, set1_values, set1_shape, validate_indices)
    second = _sparse(set2_indices, set2_values, set2_shape, validate_indices)
    return _combined(first, second, set1_values.dtype, set_operation)


@kernel('SetSize')
def set_size(set_indices, set_values, set_shape, validate_indices):
    groups, sets = _sparse(set_indices, set_values, set_shape, validate_indices)
    out = np.zeros(groups, np.int32)
    for group, values in sets.items():
        out[group] = len(values)
    return out
