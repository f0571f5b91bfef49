"""Weights that broadcast to the values they weigh: scalars, or of equal rank, each dimension 1 or that of the values."""
from graphflow.framework import convert
from graphflow.framework.apply import apply
from graphflow.framework.constant_value import constant_value
from graphflow.framework.export import PUBLIC
from graphflow.framework.scopes import control_dependencies, name_scope
from graphflow.ops import array, fill
from graphflow.ops.concat import concat

_MESSAGE = 'weights can not be broadcast to values.'


def assert_broadcastable(weights, values):
    """An operation that checks that `weights` broadcast to `values`, as far as that is not known while building.

    Raises: ValueError if it is known that they do not.
    """
    with name_scope(None, 'assert_broadcastable', (weights, values)) as scope:
        with name_scope(None, 'weights', (weights,)) as inner:
            weights = convert.to_tensor(weights, name=inner)
            weights_shape, weights_rank = array.shape(weights, name='shape'), array.rank(weights, name='rank')
        with name_scope(None, 'values', (values,)) as inner:
            values = convert.to_tensor(values, name=inner)
            values_shape, values_rank = array.shape(values, name='shape'), array.rank(values, name='rank')
        known = _check_static(weights, values, weights_shape, values_shape, constant_value(weights_rank),
                              constant_value(values_rank))
        if known is not None:
            return apply('NoOp', name=known)
        is_scalar = apply('Equal', 0, weights_rank, name='is_scalar')
        is_valid = PUBLIC['cond'](
            is_scalar, lambda: is_scalar,
            lambda: _has_valid_nonscalar_shape(weights_rank, weights_shape, values_rank, values_shape),
            name='is_valid_shape')
        data = (_MESSAGE, 'weights.shape=', weights.name, weights_shape, 'values.shape=', values.name, values_shape,
                'is_scalar=', is_scalar)
        return PUBLIC['Assert'](is_valid, data, name=scope)


def _check_static(weights, values, weights_shape, values_shape, weights_rank, values_rank):
    """The name of the check that succeeded while building; None if not enough is known."""
    if weights_rank is None or values_rank is None:
        return None
    if weights_rank == 0:
        return 'static_scalar_check_success'
    if weights_rank != values_rank:
        raise ValueError(f'{_MESSAGE} values.rank={values_rank}. weights.rank={weights_rank}. '
                         f'values.shape={values.get_shape()}. weights.shape={weights.get_shape()}.')
    weights_shape, values_shape = constant_value(weights_shape), constant_value(values_shape)
    if weights_shape is None or values_shape is None:
        return None
    for i, (w, v) in enumerate(zip(weights_shape, values_shape)):
        if w != 1 and w != v:
            raise ValueError(f'{_MESSAGE} Mismatch at dim {i}. values.shape={values_shape}, '
                             f'weights.shape={weights_shape}.')
    return 'static_dims_check_success'


def _has_valid_nonscalar_shape(weights_rank, weights_shape, values_rank, values_shape):
    with name_scope('has_valid_nonscalar_shape') as scope:
        is_same_rank = apply('Equal', values_rank, weights_rank, name='is_same_rank')
        return PUBLIC['cond'](is_same_rank, lambda: _has_valid_dims(weights_shape, values_shape), lambda: is_same_rank,
                              name=scope)


def _has_valid_dims(weights_shape, values_shape):
    """Whether no dimension of the weights is other than 1 and that of the values: a set difference, row by row."""
    with name_scope('has_invalid_dims') as scope:
        values_shape = array.expand_dims(values_shape, -1)
        valid = concat((values_shape, fill.ones_like(values_shape)), axis=1)
        invalid = PUBLIC['sets.difference'](array.expand_dims(weights_shape, -1), valid)
        count = array.size(invalid.values, name='num_invalid_dims')
        return apply('Equal', 0, count, name=scope)


def broadcast_weights(weights, values):
    """`weights` at the shape of `values`. Raises: as `assert_broadcastable`."""
    with name_scope(None, 'broadcast_weights', (weights, values)) as scope:
        values = convert.to_tensor(values, name='values')
        weights = convert.to_tensor(weights, name='weights')
        shape = weights.get_shape()
        if shape.is_fully_defined() and shape == values.get_shape():
            return weights
        with control_dependencies((assert_broadcastable(weights, values),)):
            return apply('Mul', weights, fill.ones_like(values), name=scope)
