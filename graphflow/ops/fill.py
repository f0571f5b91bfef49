"""Tensors made of one value or of evenly spaced ones: fill, zeros, ones, range, linspace."""
import functools
import math
import operator

import numpy as np

from graphflow.framework import constant_value, convert, dtypes, tensor_shape
from graphflow.framework.apply import apply
from graphflow.framework.export import export
from graphflow.framework.registry import gradient, not_differentiable, op, value_rule
from graphflow.framework.scopes import name_scope
from graphflow.framework.shape_rules import unchanged
from graphflow.framework.tensor import Tensor
from graphflow.ops import array
from graphflow.ops.constant import constant

_MAX_CONSTANT = 1000    # zeros and ones with fewer elements become one constant

op('ZerosLike', 'x:T -> y:T', 'T:type', shape=unchanged)
op('OnesLike', 'x:T -> y:T', 'T:type{bfloat16,half,float,double,int8,uint8,int16,uint16,int32,int64,complex64,complex128,'
   'bool}', shape=unchanged)
not_differentiable('ZerosLike', 'OnesLike', 'Range', 'LinSpace')


@op('Fill', 'dims:index_type, value:T -> output:T', 'T:type; index_type:type=int32{int32,int64}')
def _(c):
    c.rank(0, 1)
    c.rank(1, 0)
    shape = c.value_as_shape(0)
    dims = c.value(0)
    if dims is not None and (dims < 0).any():
        raise ValueError('Fill dimensions must be >= 0')
    return shape


@value_rule('Fill')
def _(op):
    shape = op.outputs[0]._shape
    value = constant_value.constant_value(op._inputs[1])
    if value is None or not shape.is_fully_defined():
        return None
    return np.full(shape.as_list(), value, dtype=value.dtype)


@gradient('Fill')
def _(op, grad):
    return None, apply('Sum', grad, all_axes(grad))


def all_axes(x):
    """All dimensions of `x`, as an int32 tensor."""
    if x._shape.ndims is not None:
        return constant(np.arange(x._shape.ndims), dtype=dtypes.int32)
    return range(0, array.rank(x))


@export('fill')
def fill(dims, value, name=None):
    """A tensor of shape `dims` (1-D int32 or int64) with the scalar `value` everywhere."""
    return apply('Fill', dims, value, name=name)


@export('zeros')
def zeros(shape, dtype=dtypes.float32, name=None):
    """A tensor of zeros (False, empty strings) of the given shape (ints, a TensorShape or a 1-D tensor)."""
    return _filled('zeros', {dtypes.bool: False, dtypes.string: ''}, 0, shape, dtype, name)


@export('ones')
def ones(shape, dtype=dtypes.float32, name=None):
    """A tensor of ones (True) of the given shape (ints, a TensorShape or a 1-D tensor)."""
    return _filled('ones', {dtypes.bool: True}, 1, shape, dtype, name)


def _filled(default_name, special, ordinary, shape, dtype, name):
    dtype = dtypes.as_dtype(dtype).base_dtype
    value = special.get(dtype, ordinary)
    with name_scope(name, default_name, [shape]) as name:
        if not isinstance(shape, Tensor):
            try:
                if _is_small(shape):
                    return constant(value, shape=shape, dtype=dtype, name=name)
            except TypeError:
                pass
            try:
                shape = convert.to_tensor(tensor_shape.TensorShape(shape))
            except (TypeError, ValueError):
                shape = convert.to_tensor(shape, dtypes.int32)
        if not shape._shape.ndims:      # a scalar, or of a rank that is not known
            shape = array.reshape(shape, [-1])
        return apply('Fill', shape, constant(value, dtype=dtype), name=name)


def _is_small(shape):
    """Whether a shape of Python values holds few elements. Raises: TypeError if a Tensor is among them, or it is no list.

    The product is taken with the elements' own operators: a tensor among them adds its nodes, as in TensorFlow.
    """
    dims = list(shape)
    small = functools.reduce(operator.mul, dims, *([] if dims else [1])) < _MAX_CONSTANT
    return bool(small) and all(int(d) >= 0 for d in dims)


@export('zeros_like')
def zeros_like(tensor, dtype=None, name=None, optimize=True):
    """Zeros in the shape of `tensor`, of its dtype or of `dtype`.

    With `optimize` a fully known shape gives a constant.
    """
    with name_scope(name, 'zeros_like', [tensor]) as name:
        tensor = convert.to_tensor(tensor, name='tensor')
        own = tensor.dtype.base_dtype
        dtype = own if dtype is None else dtypes.as_dtype(dtype).base_dtype
        if optimize and tensor._shape.is_fully_defined() and own != dtypes.variant:
            return zeros(tensor._shape, dtype=dtype, name=name)
        if dtype != own and dtype != dtypes.variant:
            return zeros(array.shape_of(tensor, optimize=optimize), dtype=dtype, name=name)
        return apply('ZerosLike', tensor, name=name)


@export('ones_like')
def ones_like(tensor, dtype=None, name=None, optimize=True):
    """Ones in the shape of `tensor`, of its dtype or of `dtype`."""
    with name_scope(name, 'ones_like', [tensor]) as name:
        tensor = convert.to_tensor(tensor, name='tensor')
        shape = array.shape_of(tensor, optimize=optimize)
        result = ones(shape, dtype=tensor.dtype if dtype is None else dtype, name=name)
        result.set_shape(tensor._shape)
        return result


def _check_scalars(c, *names):
    for i, name in enumerate(names):
        if c.shape(i).ndims not in (None, 0):
            raise ValueError(f"Shape must be rank 0 but is rank {c.shape(i).ndims}\n\t for '{name}'")


@op('Range', 'start:Tidx, limit:Tidx, delta:Tidx -> output:Tidx', 'Tidx:type=int32{bfloat16,float,double,int32,int64}')
def _(c):
    _check_scalars(c, 'start', 'limit', 'delta')
    start, limit, delta = (c.value(i) for i in (0, 1, 2))
    if start is None or limit is None or delta is None:
        return [None]
    start, limit, delta = start.item(), limit.item(), delta.item()
    if delta == 0:
        raise ValueError('Requires delta != 0')
    if delta > 0 and start > limit:
        raise ValueError(f'Requires start <= limit when delta > 0: {start:g}/{limit:g}' if isinstance(start, float)
                         else f'Requires start <= limit when delta > 0: {start}/{limit}')
    if delta < 0 and start < limit:
        raise ValueError(f'Requires start >= limit when delta < 0: {start:g}/{limit:g}' if isinstance(start, float)
                         else f'Requires start >= limit when delta < 0: {start}/{limit}')
    if isinstance(start, int):
        return [-(-abs(limit - start) // abs(delta))]
    return [math.ceil(abs((limit - start) / delta))]


@value_rule('Range')
def _(op):
    values = [constant_value.constant_value(t) for t in op._inputs]
    if any(v is None for v in values):
        return None
    return np.arange(*values, dtype=op.outputs[0].dtype.as_numpy_dtype)


_PRECEDENCE = (dtypes.int32, dtypes.int64, dtypes.float32, dtypes.float64)


@export('range')
def range(start, limit=None, delta=1, dtype=None, name='range'):
    """The numbers start, start + delta, ... below `limit`, a 1-D tensor.

    Args:
      start: the first number, a scalar; the limit if `limit` is None (it starts with 0 then).
      limit: the end, not included.
      delta: the step.
      dtype: DType of the result; by default the widest of the arguments, in the order int32, int64, float32, float64.
      name: name of the node.
    """
    if limit is None:
        start, limit = 0, start
    with name_scope(name, 'Range', [start, limit, delta]) as name:
        args = [convert.to_tensor(v, dtype, name=n)
                for v, n in ((start, 'start'), (limit, 'limit'), (delta, 'delta'))]
        if dtype is None:
            widest = max((t.dtype.base_dtype for t in args), key=_PRECEDENCE.index)
            args = [t if t.dtype.base_dtype == widest else apply('Cast', t, DstT=widest) for t in args]
        return apply('Range', *args, name=name)


@op('LinSpace', 'start:T, stop:T, num:Tidx -> output:T',
    'T:type{bfloat16,float,double}; Tidx:type=int32{int32,int64}')
def _(c):
    _check_scalars(c, 'start', 'stop', 'num')
    num = c.value(2)
    if num is None:
        return [None]
    if num <= 0:
        raise ValueError(f'Requires num > 0: {num}')
    return [int(num)]


@export('linspace', 'lin_space')
def linspace(start, stop, num, name=None):
    """`num` numbers from `start` to `stop`, both included, evenly spaced, a 1-D tensor."""
    return apply('LinSpace', start, stop, num, name=name)
