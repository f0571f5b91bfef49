"""Changes of element type: cast, saturate_cast and the older to_float, to_int32 ..."""
from graphflow.framework import constant_value, convert, dtypes
from graphflow.framework.apply import apply
from graphflow.framework.export import export
from graphflow.framework.indexed_slices import IndexedSlices
from graphflow.framework.registry import gradient, op, value_rule
from graphflow.framework.scopes import name_scope
from graphflow.framework.shape_rules import unchanged
from graphflow.framework.sparse_tensor import SparseTensor
from graphflow.framework.tensor import Tensor
from graphflow.platform import tf_logging

op('Cast', 'x:SrcT -> y:DstT', 'SrcT:type; DstT:type; Truncate:bool=False', shape=unchanged)

_DIFFERENTIABLE = (dtypes.float16, dtypes.float32, dtypes.float64, dtypes.bfloat16, dtypes.complex64, dtypes.complex128)


@gradient('Cast')
def _(op, grad):
    source, target = op.inputs[0].dtype.base_dtype, grad.dtype.base_dtype
    if source in _DIFFERENTIABLE and target in _DIFFERENTIABLE:
        return cast(grad, source)
    return None


@value_rule('Cast')
def _(op):
    value = constant_value.constant_value(op.inputs[0])
    return None if value is None else value.astype(op.get_attr('DstT').as_numpy_dtype)


@export('cast', 'dtypes.cast')
def cast(x, dtype, name=None):
    """`x` with its elements converted to `dtype`.

    Floats become integers by dropping the fraction; anything but zero becomes True; of a complex number the real part
    remains. Nothing is added to the graph if `x` has that dtype already.

    Args:
      x: a Tensor, SparseTensor or IndexedSlices, or what converts to a Tensor.
      dtype: a DType or the name of one.
      name: a name for the node.

    Returns: a Tensor (SparseTensor, IndexedSlices) of the shape of `x`.

    Raises: TypeError if `dtype` is no DType.
    """
    dtype = dtypes.as_dtype(dtype).base_dtype
    if (isinstance(x, Tensor) or hasattr(x, '_handle')) and x.dtype == dtype:
        return x        # a resource variable is read by whoever uses it
    with name_scope(name, 'Cast', [x]) as name:
        if isinstance(x, SparseTensor):
            return SparseTensor(x.indices, cast(x.values, dtype, name=name), x.dense_shape)
        if isinstance(x, IndexedSlices):
            return IndexedSlices(cast(x.values, dtype, name=name), x.indices, x.dense_shape)
        x = convert.to_tensor(x, name='x')
        source = x.dtype.base_dtype
        if source != dtype:
            x = apply('Cast', x, DstT=dtype, name=name)
        if source.is_complex and dtype.is_floating:
            tf_logging.warn('Casting complex to real discards imaginary part.')
        return x


@export('saturate_cast', 'dtypes.saturate_cast')
def saturate_cast(value, dtype, name=None):
    """`cast` that gives what is beyond the range of `dtype` the nearest value in it.

    Args:
      value: a Tensor of a real dtype.
      dtype: a real DType.
      name: a name for the scope of the nodes.

    Returns: a Tensor of `dtype`.
    """
    with name_scope(name, 'saturate_cast', [value]) as name:
        value = convert.to_tensor(value, name='value')
        dtype = dtypes.as_dtype(dtype).base_dtype
        source = value.dtype.base_dtype
        if source.min < dtype.min:
            value = apply('Maximum', value, convert.to_tensor(dtype.min, dtype=source, name='min'))
        if source.max > dtype.max:
            value = apply('Minimum', value, convert.to_tensor(dtype.max, dtype=source, name='max'))
        return cast(value, dtype, name=name)


@export('to_float')
def to_float(x, name='ToFloat'):
    """`cast` to float32."""
    return cast(x, dtypes.float32, name=name)


@export('to_double')
def to_double(x, name='ToDouble'):
    """`cast` to float64."""
    return cast(x, dtypes.float64, name=name)


@export('to_int32')
def to_int32(x, name='ToInt32'):
    """`cast` to int32."""
    return cast(x, dtypes.int32, name=name)


@export('to_int64')
def to_int64(x, name='ToInt64'):
    """`cast` to int64."""
    return cast(x, dtypes.int64, name=name)


@export('to_bfloat16')
def to_bfloat16(x, name='ToBFloat16'):
    """`cast` to bfloat16."""
    return cast(x, dtypes.bfloat16, name=name)


@export('to_complex64')
def to_complex64(x, name='ToComplex64'):
    """`cast` to complex64."""
    return cast(x, dtypes.complex64, name=name)


@export('to_complex128')
def to_complex128(x, name='ToComplex128'):
    """`cast` to complex128."""
    return cast(x, dtypes.complex128, name=name)
