"""Static values: what can be said of a tensor's value while the graph is still being built.

There are two views, as in TensorFlow. `constant_value` is what Python code asks for and knows only the ops that have a
value rule; `evaluate` is what shape rules ask for and computes any stateless subgraph of constants, with the kernels.
"""
import threading

import numpy as np

from graphflow.framework import registry, tensor_shape
from graphflow.framework.export import export


class ShapeValueError(ValueError):
    """A tensor's value cannot be a shape. Unlike other errors of shape rules it does not name the node."""


# Shapes hang on small subgraphs, so an evaluation gives up where a graph (that somebody else made) is not of the kind.
_MAX_NODES = 1000           # nodes
_MAX_DEPTH = 50             # value rules that ask each other
_MAX_CALLS = 10000          # of such rules: one may ask another twice, which asks a third twice ...
_MAX_SIZE = 1 << 20         # elements
_MAX_RANK = 254             # of a tensor, as in TensorFlow


class _GiveUp(Exception):
    """An evaluation would take too long or too much memory."""


class _Walk(threading.local):
    """The evaluation that a thread is in the middle of: how deep it is, and how many values it asked for."""
    active, depth, calls = False, 0, 0


_walk = _Walk()


@export('get_static_value', 'contrib.util.constant_value')
def constant_value(tensor, partial=False):
    """The value of `tensor` as an ndarray if it is known while building, else None.

    Args:
      tensor: a Tensor or Variable; a value that is neither is returned as it is.
      partial: whether a value known only in part may be given, as an object array with None for the rest.
    """
    if not hasattr(tensor, 'op'):
        return tensor
    op = tensor.op
    rule = registry.VALUE_RULES.get(op.type)
    value = None
    if rule is not None:
        value = _within_bounds(rule, tensor) if _walk.active else rule(op)
    if value is None and partial and op.type in registry.PARTIAL_VALUE_RULES:
        value = registry.PARTIAL_VALUE_RULES[op.type](op)
    if value is not None:
        # The caller now depends on this value, so it must not be replaced when the graph runs.
        tensor.graph.prevent_feeding(tensor)
    return value


def _within_bounds(rule, tensor):
    """What the rule says, if finding out takes no more than an evaluation may. Raises: _GiveUp."""
    _walk.calls += 1
    if _walk.depth >= _MAX_DEPTH or _walk.calls > _MAX_CALLS or _is_large(tensor):
        raise _GiveUp
    _walk.depth += 1
    try:
        return rule(tensor.op)
    finally:
        _walk.depth -= 1


def _bounded(rule, tensor):
    """What the rule says of the tensor; None if finding out takes more than an evaluation may."""
    if _walk.active:
        return _within_bounds(rule, tensor)
    _walk.active, _walk.depth, _walk.calls = True, 0, 0
    try:
        return _within_bounds(rule, tensor)
    except _GiveUp:
        return None
    finally:
        _walk.active = False


def _is_large(tensor):
    size = tensor._shape.num_elements()
    return size is not None and size > _MAX_SIZE


@export('contrib.util.constant_value_as_shape')
def constant_value_as_shape(tensor):
    """The TensorShape that a 1-D integer tensor stands for; dimensions not known while building are None.

    Raises: ValueError if the tensor has a known rank that is not 1; a scalar must be -1 and means an unknown rank.
    """
    if tensor._shape.ndims == 0:
        value = constant_value(tensor)
        if value == -1:
            return tensor_shape.unknown_shape()
        found = 'with unknown value' if value is None else f"value '{value}'"
        raise ValueError(f"Received a scalar {found} as shape; require a statically known scalar with value '-1' to "
                         'describe an unknown shape.')
    shape = tensor._shape.with_rank(1)
    rule = registry.SHAPE_VALUE_RULES.get(tensor.op.type)
    known = rule(tensor.op) if rule is not None else None
    if known is not None:
        return known
    value = constant_value(tensor)
    if value is not None:
        return tensor_shape.TensorShape([None if d < 0 else d.item() for d in value])
    return tensor_shape.unknown_shape(shape.as_list()[0])


def evaluate(tensor):
    """The value of `tensor` as an ndarray if it is a stateless function of constants alone, else None."""
    if _is_large(tensor):
        return None
    rule = registry.VALUE_RULES.get(tensor.op.type)
    if rule is not None:
        value = _bounded(rule, tensor)
        if value is not None:
            return value
    if evaluator is None or not _only_constants(tensor.op):
        return None
    return evaluator(tensor)


evaluator = None        # function(tensor) -> ndarray or None, set by the runtime: this layer has no kernels


def set_evaluator(function):
    """Called by the runtime: `function` computes a tensor that depends on constants alone."""
    global evaluator
    evaluator = function


def _only_constants(op):
    pending, seen = [op], {op}
    while pending:
        node = pending.pop()
        if node.op_def_.is_stateful or node.type in registry.JOINS:
            return False
        if not node._inputs and node.type not in registry.VALUE_RULES:
            return False
        for tensor in node._inputs:
            if tensor.dtype._is_ref_dtype or _is_large(tensor):
                return False
            if tensor.op not in seen:
                seen.add(tensor.op)
                pending.append(tensor.op)
        if len(seen) > _MAX_NODES:
            return False
    return True


def evaluate_as_shape(tensor):
    """Like constant_value_as_shape, for shape rules."""
    shape = tensor._shape
    if shape.ndims == 0:
        value = evaluate(tensor)
        if value is None or value == -1:
            return tensor_shape.unknown_shape()
        raise ValueError(f'Received a scalar with value \'{value}\' as shape; require a statically known scalar with '
                         "value '-1' to describe an unknown shape.")
    if shape.ndims is not None and shape.ndims != 1:
        raise ValueError(f'Shape must be rank 1 but is rank {shape.ndims}')
    if shape.ndims == 1 and (shape.as_list()[0] or 0) > _MAX_RANK:
        return tensor_shape.unknown_shape()
    rule = registry.SHAPE_VALUE_RULES.get(tensor.op.type)
    if rule is not None:
        known = _bounded(rule, tensor)
        if known is not None:
            return known
    value = evaluate(tensor)
    if value is not None:
        dims = np.asarray(value).ravel().tolist()
        for d in dims:
            if d < -1:
                raise ShapeValueError(f'Invalid value in tensor used for shape: {d}')
        return tensor_shape.TensorShape([None if d == -1 else d for d in dims])
    if shape.ndims == 1 and shape.as_list()[0] is not None:
        return tensor_shape.TensorShape([None] * shape.as_list()[0])
    return tensor_shape.unknown_shape()
