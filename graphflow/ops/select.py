"""Choosing by condition and by class: where, one_hot, sequence_mask."""
from graphflow.framework import convert, dtypes
from graphflow.framework.apply import apply
from graphflow.framework.export import export
from graphflow.framework.registry import gradient, not_differentiable, op
from graphflow.framework.scopes import name_scope
from graphflow.framework.shape_rules import broadcast_shapes, merge
from graphflow.ops import array, fill
from graphflow.ops.constant import constant

op('Where', 'input:T -> index:int64', 'T:type=bool{float,double,int32,uint8,int16,int8,complex64,int64,qint8,quint8,qint32,'
   'bfloat16,uint16,complex128,half,uint32,uint64,bool}', shape=lambda c: [None, c.shape(0).ndims])
not_differentiable('OneHot')


@op('Select', 'condition:bool, t:T, e:T -> output:T', 'T:type')
def _(c):
    data = merge(c.shape(1), c.shape(2))
    condition = c.shape(0)
    if condition.ndims == 0 or condition.ndims is None or data.ndims is None:
        return data
    if condition.ndims == 1 and data.ndims != 1:
        # A vector chooses whole rows.
        if data.ndims == 0:
            raise ValueError('Shape must be at least rank 1 but is rank 0')
        merge(condition, data[:1])
        return data
    return merge(condition, data) if condition.ndims == 1 else merge(data, condition)


@op('SelectV2', 'condition:bool, t:T, e:T -> output:T', 'T:type')
def _(c):
    return broadcast_shapes(c.shape(0), broadcast_shapes(c.shape(1), c.shape(2)))


@gradient('Select')
def _(op, grad):
    condition = op.inputs[0]
    zeros = fill.zeros_like(op.inputs[1])
    return None, apply('Select', condition, grad, zeros), apply('Select', condition, zeros, grad)


@gradient('SelectV2')
def _(op, grad):
    condition, t, e = op.inputs
    zeros = fill.zeros([], dtype=grad.dtype.base_dtype)
    return (None, _unbroadcast(apply('SelectV2', condition, grad, zeros), t),
            _unbroadcast(apply('SelectV2', condition, zeros, grad), e))


def _unbroadcast(grad, x):
    shape = array.shape(x)
    _, axes = apply('BroadcastGradientArgs', array.shape(grad), shape)
    return array.reshape(apply('Sum', grad, axes, keep_dims=True), shape)


@export('where')
def where(condition, x=None, y=None, name=None):
    """Where `condition` is true: its coordinates, or the elements of `x` there and of `y` elsewhere.

    Args:
      condition: a bool tensor (or of numbers, when alone); of the shape of `x` and `y`, or a vector that chooses rows,
        or a scalar.
      x, y: Tensors of one shape and dtype, or both None.
      name: name of the node.

    Returns: a Tensor like `x`, or int64 [number of true elements, rank of `condition`] in row-major order.

    Raises: ValueError if only one of `x`, `y` is given.
    """
    if x is None and y is None:
        with name_scope(name, 'Where', [condition]) as name:
            condition = convert.to_tensor(condition, preferred_dtype=dtypes.bool, name='condition')
            return apply('Where', condition, name=name)
    if x is None or y is None:
        raise ValueError('x and y must both be non-None or both be None.')
    return apply('Select', condition, x, y, name=name)


@export('where_v2', 'compat.v2.where')
def where_v2(condition, x=None, y=None, name=None):
    """`where` in which the three arguments broadcast against each other."""
    if x is None and y is None:
        return where(condition, name=name)
    if x is None or y is None:
        raise ValueError('x and y must both be non-None or both be None.')
    return apply('SelectV2', condition, x, y, name=name)


@op('OneHot', 'indices:TI, depth:int32, on_value:T, off_value:T -> output:T',
    'axis:int=-1; T:type; TI:type=int64{uint8,int32,int64}')
def _(c):
    axis, indices = c.attr('axis'), c.shape(0)
    if axis < -1:
        raise ValueError('axis must be >= -1')
    depth = c.value(1)
    if depth is not None and depth.ndim:
        raise ValueError(f'Input must be scalar but has rank {depth.ndim}')
    if depth is not None and depth < 0:
        raise ValueError(f'Dimension size, given by scalar input 1, must be non-negative but is {depth}')
    c.rank(2, 0)
    c.rank(3, 0)
    if indices.ndims is None:
        return None
    dims = indices.as_list()
    dims.insert(len(dims) if axis == -1 else axis, None if depth is None else int(depth))
    return dims


@export('one_hot')
def one_hot(indices, depth, on_value=None, off_value=None, axis=None, dtype=None, name=None):
    """`on_value` at each index along a new dimension, `off_value` elsewhere; an index out of range gives none.

    Args:
      indices: a Tensor of uint8, int32 or int64.
      depth: the size of the new dimension, a scalar int32.
      on_value: a scalar, 1 by default.
      off_value: a scalar, 0 by default.
      axis: the index of the new dimension, the last (-1) by default.
      dtype: DType of the result; by default that of the values, float32 without them.
      name: name of the node.

    Raises: TypeError if the values' types and `dtype` differ.
    """
    with name_scope(name, 'one_hot', [indices, depth, on_value, off_value, axis, dtype]) as name:
        on, off = on_value is not None, off_value is not None
        on_dtype = convert.to_tensor(on_value).dtype.base_dtype if on else None
        off_dtype = convert.to_tensor(off_value).dtype.base_dtype if off else None
        if on or off:
            if dtype is not None:
                if on and on_dtype != dtype:
                    raise TypeError(f'dtype {on_dtype} of on_value does not match dtype parameter {dtype}')
                if off and off_dtype != dtype:
                    raise TypeError(f'dtype {off_dtype} of off_value does not match dtype parameter {dtype}')
            else:
                dtype = on_dtype if on else off_dtype
        elif dtype is None:
            dtype = dtypes.float32
        if not on:
            on_value = convert.to_tensor(1, dtype, name='on_value')
            on_dtype = on_value.dtype
        if not off:
            off_value = convert.to_tensor(0, dtype, name='off_value')
            off_dtype = off_value.dtype
        if on_dtype != off_dtype:
            raise TypeError(f'dtype {on_dtype} of on_value does not match dtype {off_dtype} of off_value')
        return apply('OneHot', indices, depth, on_value, off_value, axis=axis, name=name)


@export('sequence_mask')
def sequence_mask(lengths, maxlen=None, dtype=dtypes.bool, name=None):
    """mask[..., j] = j < lengths[...].

    Args:
      lengths: an integer tensor.
      maxlen: the size of the last dimension, a scalar integer; the largest length by default.
      dtype: DType of the result.
      name: name of the scope.

    Returns: a Tensor of shape lengths.shape + [maxlen].

    Raises: ValueError if `maxlen` is no scalar.
    """
    with name_scope(name, 'SequenceMask', [lengths, maxlen]):
        lengths = convert.to_tensor(lengths)
        if maxlen is None:
            maxlen = apply('Max', lengths, fill.all_axes(lengths))
            maxlen = apply('Maximum', constant(0, maxlen.dtype), maxlen)
        else:
            maxlen = convert.to_tensor(maxlen)
        if maxlen._shape.ndims is not None and maxlen._shape.ndims != 0:
            raise ValueError('maxlen must be scalar for sequence_mask')
        row = apply('Range', constant(0, maxlen.dtype), maxlen, constant(1, maxlen.dtype))
        column = apply('Cast', array.expand_dims(lengths, -1), DstT=maxlen.dtype)
        mask = apply('Less', row, column)
        if dtype is None or dtypes.as_dtype(dtype) == dtypes.bool:
            return mask
        return apply('Cast', mask, DstT=dtype)
