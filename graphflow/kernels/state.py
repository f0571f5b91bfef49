"""Kernels of variables. An update checks everything first, so that it happens whole or not at all."""
import numpy as np

from graphflow.framework import errors
from graphflow.framework.registry import kernel
from graphflow.kernels.elementwise import shape_text
from graphflow.kernels.jit import jit


def _invalid(message):
    return errors.InvalidArgumentError(None, None, message)


@kernel('VariableV2', 'Variable')
def variable(node, session, container, shared_name):
    return session.cell(container, shared_name or node.name)


@kernel('TemporaryVariable')
def temporary_variable(node, session, var_name, dtype, shape):
    cell = session.cell('/temporary', var_name or node.name)
    if cell.value is not None:
        raise errors.AlreadyExistsError(None, None, f'Temporary variable {cell.name} already exists.')
    cell.assign(np.zeros(tuple(shape.as_list()), dtype))
    return cell


@kernel('DestroyTemporaryVariable')
def destroy_temporary_variable(ref, session, var_name):
    value = ref.read()
    with session.lock:
        if session.cells.pop(('/temporary', var_name), None) is None:
            raise errors.NotFoundError(None, None, f'Temporary variable {var_name} does not exist.')
    return value


@kernel('IsVariableInitialized')
def is_variable_initialized(ref):
    return np.bool_(ref.value is not None)


@kernel('Assign')
def assign(ref, value, validate_shape, T, node):
    with ref.lock:
        old = ref.value
        if type(value) is np.ndarray is type(old) and value.dtype is old.dtype and value.shape == old.shape:
            old[...] = value    # most are such
            return ref
        value = np.asarray(value, T)
        if validate_shape:
            shape = ref.value.shape if ref.value is not None else declared_shape(node)
            if shape != value.shape:
                raise _invalid('Assign requires shapes of both tensors to match. '
                               f'lhs shape= {shape_text(shape)} rhs shape= {shape_text(value.shape)}')
        ref.assign(value)
    return ref


def declared_shape(node):
    """The shape that a variable without a value was declared with; a scalar's if none was."""
    shape = node._inputs[0].op._attrs.get('shape')
    return tuple(shape.as_list()) if shape is not None and shape.is_fully_defined() else ()


def add_in_place(target, value):
    np.add(target, value, out=target)


def subtract_in_place(target, value):
    np.subtract(target, value, out=target)


def _update(ref, value, change):
    with ref.lock:
        target = ref.read()
        if np.shape(value) != target.shape:
            raise _invalid('Parameters and update must be the same size')
        change(target, value)
    return ref


@kernel('AssignAdd')
def assign_add(ref, value):
    return _update(ref, value, add_in_place)


@kernel('AssignSub')
def assign_sub(ref, value):
    return _update(ref, value, subtract_in_place)


@kernel('CountUpTo')
def count_up_to(ref, limit):
    with ref.lock:
        value = ref.read()
        if value >= limit:
            raise errors.OutOfRangeError(None, None, f'Reached limit of {limit}')
        before = value.copy()
        value += 1
    return before


# Scatters. The loops see the variable as a matrix, one row a slice, and run in order: a repeated index counts twice.

@jit
def _scatter_update(rows, indices, updates):
    for i in range(len(indices)):
        rows[indices[i]] = updates[i]


@jit
def _scatter_add(rows, indices, updates):
    for i in range(len(indices)):
        row, update = rows[indices[i]], updates[i]
        for j in range(len(row)):
            row[j] += update[j]


@jit
def _scatter_sub(rows, indices, updates):
    for i in range(len(indices)):
        row, update = rows[indices[i]], updates[i]
        for j in range(len(row)):
            row[j] -= update[j]


def _unbuffered(ufunc):
    """A scatter for the rarer operations, by numpy's own loop that counts repeated indices."""
    def scatter(rows, indices, updates):
        ufunc.at(rows, indices, updates)
    return scatter


def _truncated_quotient(rows, indices, updates):
    """Division as C does it: integers are rounded toward zero."""
    if rows.dtype.kind not in 'iu':
        np.divide.at(rows, indices, updates)
        return
    if not np.all(updates):
        raise _invalid('Integer division by zero')
    for index, update in zip(indices, updates):
        quotient = np.abs(rows[index]) // np.abs(update)
        rows[index] = quotient * np.sign(rows[index]) * np.sign(update)


_COMPILED = {np.dtype(t) for t in ('f4', 'f8', 'i1', 'i2', 'i4', 'i8', 'u1', 'u2', 'u4', 'u8', 'c8', 'c16')}


def _numpy_update(rows, indices, updates):
    rows[indices] = updates


SCATTERS = {    # operation -> (compiled loop or None, loop for all other dtypes)
    'Update': (_scatter_update, _numpy_update),
    'Add': (_scatter_add, _unbuffered(np.add)),
    'Sub': (_scatter_sub, _unbuffered(np.subtract)),
    'Mul': (None, _unbuffered(np.multiply)),
    'Div': (None, _truncated_quotient),
    'Min': (None, _unbuffered(np.minimum)),
    'Max': (None, _unbuffered(np.maximum)),
}


def scatter_rows(operation, rows, indices, updates):
    """Applies `operation` to rows[indices[i]] and updates[i] in turn. `rows` is a matrix, changed in place."""
    compiled, plain = SCATTERS[operation]
    loop = compiled if compiled is not None and rows.dtype in _COMPILED else plain
    loop(rows, indices, updates)


def scatter(target, indices, updates, operation):
    """Changes slices of the array `target` (its first axis) in place. Raises: InvalidArgumentError, before any change."""
    indices, updates = np.asarray(indices), np.asarray(updates, target.dtype)
    if target.ndim == 0:
        raise _invalid(f'params must be at least 1-D, got shape {shape_text(target.shape)}')
    if updates.ndim and updates.shape != indices.shape + target.shape[1:]:
        raise _invalid('Must have updates.shape = indices.shape + params.shape[1:] or updates.shape = [], got '
                       f'updates.shape {shape_text(updates.shape)}, indices.shape {shape_text(indices.shape)}, '
                       f'params.shape {shape_text(target.shape)}')
    flat = indices.ravel().astype(np.int64)
    bad = np.flatnonzero((flat < 0) | (flat >= len(target)))
    if bad.size:
        raise _invalid(f'indices{_position(bad[0], indices.shape)} = {flat[bad[0]]} is not in [0, {len(target)})')
    if not flat.size or not target.size:
        return
    rows = target.reshape(len(target), -1)
    updates = np.broadcast_to(updates, (flat.size, rows.shape[1])) if not updates.ndim else updates
    scatter_rows(operation, rows, flat, np.ascontiguousarray(updates).reshape(flat.size, -1))


def _position(i, shape):
    """The i-th element of an array of that shape, as error messages have it: [0,2]."""
    return '[' + ','.join(str(int(k)) for k in np.unravel_index(i, shape)) + ']' if shape else ''


def _scatter_kernel(operation):
    @kernel('Scatter' + operation)
    def run(ref, indices, updates):
        with ref.lock:
            scatter(ref.read(), indices, updates, operation)
        return ref


for _operation in SCATTERS:
    _scatter_kernel(_operation)


def scatter_nd(target, indices, updates, operation):
    """Changes elements or slices of the array `target` in place, named by the innermost rows of `indices`.

    Raises: InvalidArgumentError, before any change.
    """
    indices, updates = np.asarray(indices), np.asarray(updates, target.dtype)
    if updates.size and not indices.size:
        raise _invalid('Indices and updates specified for empty output.  indices shape: ' + shape_text(indices.shape))
    depth = indices.shape[-1] if indices.ndim > 1 else 1
    outer = indices.shape[:-1] if indices.ndim > 1 else indices.shape   # a vector indexes the first axis
    if outer and updates.ndim and updates.shape[0] != outer[0]:
        raise _invalid('The outermost dimension of updates and indices must match. Got indices.shape '
                       f'{shape_text(indices.shape)}, updates.shape {shape_text(updates.shape)}')
    if not indices.ndim or depth > target.ndim or updates.shape != outer + target.shape[depth:]:
        raise _invalid('Must have updates.shape = indices.shape[:batch_dim] + params_shape[slice_dim:], got '
                       f'updates.shape: {shape_text(updates.shape)}, indices.shape: {shape_text(indices.shape)}, '
                       f'params_shape: {shape_text(target.shape)}, slice_dim: {depth}, and batch_dim: '
                       f'{max(len(outer), 1)}')
    if not updates.size:
        return
    flat = indices.reshape(-1, depth).astype(np.int64)
    bounds = target.shape[:depth]
    bad = np.flatnonzero(((flat < 0) | (flat >= bounds)).any(axis=1))
    if bad.size:
        raise _invalid(f'indices{_position(bad[0], outer)} = {flat[bad[0]].tolist()} does not index into shape '
                       f'{shape_text(target.shape)}')
    rows = np.ravel_multi_index(tuple(flat.T), bounds)
    scatter_rows(operation, target.reshape(int(np.prod(bounds)), -1), rows,
                 np.ascontiguousarray(updates).reshape(len(rows), -1))


def _scatter_nd_kernel(operation):
    @kernel('ScatterNd' + operation)
    def run(ref, indices, updates):
        with ref.lock:
            scatter_nd(ref.read(), indices, updates, operation)
        return ref


for _operation in ('Update', 'Add', 'Sub'):
    _scatter_nd_kernel(_operation)
