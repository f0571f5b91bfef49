"""Clipping of values and norms, as gradients often need it."""
import collections.abc

import numpy as np

from graphflow.framework import convert, dtypes
from graphflow.framework.apply import apply
from graphflow.framework.export import export
from graphflow.framework.indexed_slices import IndexedSlices
from graphflow.framework.registry import op
from graphflow.framework.scopes import colocate_with, name_scope
from graphflow.framework.shape_rules import unchanged
from graphflow.ops import array, comparison, concat, fill, math, reduce
from graphflow.ops.constant import constant

op('ClipByValue', 't:T, clip_value_min:T, clip_value_max:T -> output:T',
   'T:type{float,double,int32,uint8,int16,int8,complex64,int64,qint8,quint8,qint32,bfloat16,uint16,complex128,half,'
   'uint32,uint64}', shape=unchanged)


@export('clip_by_value')
def clip_by_value(t, clip_value_min, clip_value_max, name=None):
    """`t` with the elements below `clip_value_min` or above `clip_value_max` replaced by these.

    Args:
      t: a Tensor or IndexedSlices.
      clip_value_min: a scalar, or a Tensor that broadcasts to the shape of `t`.
      clip_value_max: likewise.
      name: a name for the node.

    Returns: what `t` is.

    Raises: ValueError if the result would have another shape than `t`.
    """
    with name_scope(name, 'clip_by_value', [t, clip_value_min, clip_value_max]) as name:
        values = _values(t)
        smaller = math.minimum(values, clip_value_max)
        values.shape.merge_with(smaller.shape)
        clipped = math.maximum(smaller, clip_value_min, name=name)
        values.shape.merge_with(clipped.shape)
        return _like(t, clipped)


@export('clip_by_norm')
def clip_by_norm(t, clip_norm, axes=None, name=None):
    """`t`, scaled so that its L2 norm is at most `clip_norm`: t * clip_norm / max(norm, clip_norm).

    Args:
      t: a Tensor or IndexedSlices of floats.
      clip_norm: a positive 0-D Tensor.
      axes: the axes along which norms are taken; all by default.
      name: a name for the node.

    Returns: what `t` is.
    """
    with name_scope(name, 'clip_by_norm', [t, clip_norm]) as name:
        values = _values(t)
        squares = reduce.reduce_sum(values * values, axes, keepdims=True)
        # The square root of zero has no gradient: take that of one there, and not its value.
        positive = squares > 0
        safe = apply('Select', positive, squares, fill.ones_like(squares))
        norm = apply('Select', positive, math.sqrt(safe), squares)
        scaled = values * clip_norm
        values.shape.merge_with(scaled.shape)
        return _like(t, array.identity(scaled / math.maximum(norm, clip_norm), name=name))


@export('clip_by_average_norm')
def clip_by_average_norm(t, clip_norm, name=None):
    """`t`, scaled so that its L2 norm divided by its number of elements is at most `clip_norm`.

    Args:
      t: a Tensor of floats.
      clip_norm: a positive 0-D Tensor.
      name: a name for the node.
    """
    with name_scope(name, 'clip_by_average_norm', [t, clip_norm]) as name:
        t = convert.to_tensor(t, name='t')
        count = math.cast(array.size(t), dtypes.float32)
        inverse_norm = math.rsqrt(reduce.reduce_sum(t * t, fill.range(array.rank(t))))
        return array.identity(t * clip_norm * math.minimum(inverse_norm * count, constant(1.0) / clip_norm), name=name)


@export('global_norm', 'linalg.global_norm')
def global_norm(t_list, name=None):
    """The L2 norm of all tensors of a list together, sqrt(sum(l2norm(t)**2 for t in t_list)).

    Args:
      t_list: a list of Tensors, IndexedSlices and None, which is skipped.
      name: a name for the scope of the nodes.

    Returns: a 0-D Tensor.

    Raises: TypeError if `t_list` is no list.
    """
    t_list = _checked_list(t_list)
    with name_scope(name, 'global_norm', [t for t in t_list if t is not None]) as name:
        halves = []     # L2Loss is half the square of the norm
        for values in _convert_list(t_list):
            if values is not None:
                with colocate_with(values):
                    halves.append(apply('L2Loss', values))
        half = reduce.reduce_sum(concat.stack(halves))
        return math.sqrt(half * constant(2.0, dtype=half.dtype), name='global_norm')


@export('clip_by_global_norm')
def clip_by_global_norm(t_list, clip_norm, use_norm=None, name=None):
    """The tensors of a list, scaled by one factor so that their global norm is at most `clip_norm`.

    The factor is clip_norm / max(global_norm, clip_norm); it is NaN if the norm is infinite or NaN
    (Pascanu, Mikolov and Bengio, On the difficulty of training recurrent neural networks, 2012).

    Args:
      t_list: a list of Tensors, IndexedSlices and None, which stays None.
      clip_norm: a positive 0-D Tensor.
      use_norm: their global norm, if it is known already.
      name: a name for the scope of the nodes.

    Returns: (the list of scaled tensors, the global norm).

    Raises: TypeError if `t_list` is no list.
    """
    t_list = _checked_list(t_list)
    if use_norm is None:
        use_norm = global_norm(t_list, name)
    with name_scope(name, 'clip_by_global_norm', [t for t in t_list if t is not None] + [clip_norm]) as name:
        factor = clip_norm * math.minimum(1.0 / use_norm, constant(1.0, dtype=use_norm.dtype) / clip_norm)
        finite = comparison.is_finite(use_norm)
        factor = apply('Select', finite, factor, constant(np.nan, dtype=use_norm.dtype))
        clipped = []
        for i, (t, values) in enumerate(zip(t_list, _convert_list(t_list))):
            if values is None:
                clipped.append(None)
                continue
            with colocate_with(values):
                clipped.append(_like(t, array.identity(values * factor, name=f'{name}_{i}')))
    return clipped, use_norm


def _checked_list(t_list):
    if not isinstance(t_list, collections.abc.Sequence) or isinstance(t_list, str):
        raise TypeError('t_list should be a sequence')
    return list(t_list)


def _convert_list(t_list):
    return [None if t is None else t.values if isinstance(t, IndexedSlices) else
            convert.to_tensor(t, name=f't_{i}') for i, t in enumerate(t_list)]


def _values(t):
    return t.values if isinstance(t, IndexedSlices) else convert.to_tensor(t, name='t')


def _like(t, values):
    return IndexedSlices(values, t.indices, t.dense_shape) if isinstance(t, IndexedSlices) else values

