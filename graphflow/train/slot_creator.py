"""Slots: the variables that an optimizer keeps beside each variable it trains, named '<variable>/<slot>'."""
from graphflow.framework import scopes
from graphflow.framework.tensor import Tensor
from graphflow.ops import array, fill, init, variable_scope, variables


def _slot_variable(primary, value, scope, validate_shape, shape, dtype):
    # A slot is whole even where variables are made in parts.
    current = variable_scope.get_variable_scope()
    partitioner = current.partitioner
    current.set_partitioner(None)
    try:
        return variable_scope.get_variable(
            scope, initializer=value, trainable=False, use_resource=_use_resource(primary), shape=shape, dtype=dtype,
            validate_shape=validate_shape)
    finally:
        current.set_partitioner(partitioner)


def _use_resource(primary):
    """A slot is a variable of its primary's kind; that of a tensor is as the scope says."""
    if hasattr(primary, '_handle'):
        return True
    return False if isinstance(primary, variables.Variable) else None


def _scoped(primary, name, colocate_with_primary, make):
    with variable_scope.variable_scope(None, primary.op.name + '/' + name):
        if colocate_with_primary:
            with scopes.colocate_with(primary.op):
                return make()
        return make()


def create_slot(primary, val, name, colocate_with_primary=True):
    """A variable '<primary>/<name>' initialized to the Tensor `val`."""
    validate_shape = val.get_shape().is_fully_defined()
    return _scoped(primary, name, colocate_with_primary,
                   lambda: _slot_variable(primary, val, '', validate_shape, None, None))


def create_slot_with_initializer(primary, initializer, shape, dtype, name, colocate_with_primary=True):
    """A variable '<primary>/<name>' of a shape and dtype, initialized by an initializer."""
    validate_shape = shape.is_fully_defined()
    shape = shape if callable(initializer) else None        # a Tensor has its own
    return _scoped(primary, name, colocate_with_primary,
                   lambda: _slot_variable(primary, initializer, '', validate_shape, shape, dtype))


def create_zeros_slot(primary, name, dtype=None, colocate_with_primary=True):
    """A variable '<primary>/<name>' of zeros, shaped like the variable `primary`."""
    dtype = (dtype or primary.dtype).base_dtype
    shape = primary.get_shape()
    if shape.is_fully_defined():
        return create_slot_with_initializer(primary, init.Zeros(), shape, dtype, name, colocate_with_primary)
    value = primary.initialized_value() if not isinstance(primary, Tensor) else primary
    zeros = fill.zeros(array.shape(value), dtype=dtype)
    return create_slot(primary, zeros, name, colocate_with_primary)
