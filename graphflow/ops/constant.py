"""Constants, and how Python values become them."""
import numpy as np

from graphflow.framework import convert, dtypes, tensor_proto, tensor_shape
from graphflow.framework.apply import apply
from graphflow.framework.export import export
from graphflow.framework.graph import get_default_graph
from graphflow.framework.registry import gradient, not_differentiable, op, value_rule
from graphflow.framework.shape_rules import merge

op('Const', '-> output:dtype', 'value:tensor; dtype:type', shape=lambda c: c.attr('value').shape)
not_differentiable('Const')


@value_rule('Const')
def _(op):
    return op._attrs['value']


@export('constant')
def constant(value, dtype=None, shape=None, name='Const', verify_shape=False):
    """A tensor that is always `value`.

    Args:
      value: a number, string, bool, (nested) list of these or numpy array.
      dtype: its DType; by default it follows from the value (Python floats: float32, ints: int32).
      shape: its shape; a single value fills it, a list shorter than it is filled up with its last element.
      name: name of the node.
      verify_shape: whether the value must have exactly `shape`.

    Returns: a Tensor.

    Raises: TypeError, ValueError if the value does not fit dtype or shape.
    """
    graph = get_default_graph()
    if dtype is not None:
        dtype = dtypes.as_dtype(dtype).base_dtype
    if shape is not None:
        shape = [int(d) for d in tensor_shape.as_shape(shape).as_list()]
    array = tensor_proto.to_ndarray(value, dtype, shape, verify_shape)
    if dtype is None:
        dtype = dtypes.as_dtype(array.dtype) if array.dtype != object else dtypes.string
    return graph.create_op('Const', [], [dtype], name=name, attrs={'value': array, 'dtype': dtype}).outputs[0]


def _constant(value, dtype=None, name=None, as_ref=False):
    return constant(value, dtype=dtype, name=name or 'Const')


def _shape_constant(value, dtype=None, name=None, as_ref=False):
    if not value.is_fully_defined():
        raise ValueError(f'Cannot convert a partially known TensorShape to a Tensor: {value}')
    dims = value.as_list()
    if dtype is None:
        dtype = dtypes.int64 if any(d > np.iinfo(np.int32).max for d in dims) else dtypes.int32
    elif dtype not in (dtypes.int32, dtypes.int64):
        raise TypeError(f'Cannot convert a TensorShape to dtype: {dtype}')
    return constant(dims, dtype=dtype, name=name or 'shape_as_tensor')


def _dimension_constant(value, dtype=None, name=None, as_ref=False):
    if value.value is None:
        raise ValueError(f'Cannot convert an unknown Dimension to a Tensor: {value}')
    if dtype is not None and dtype not in (dtypes.int32, dtypes.int64):
        raise TypeError(f'Cannot convert a TensorShape to dtype: {dtype}')
    return constant(value.value, dtype=dtype or dtypes.int32, name=name or 'shape_as_tensor')


def _not_convertible(value, dtype=None, name=None, as_ref=False):
    raise ValueError('None values not supported.')


convert.register_tensor_conversion_function(type(None), _not_convertible, 0)
convert.register_tensor_conversion_function(tensor_shape.TensorShape, _shape_constant, 100)
convert.register_tensor_conversion_function(tensor_shape.Dimension, _dimension_constant, 100)
convert.register_tensor_conversion_function((list, tuple), _constant, 100)
convert.register_tensor_conversion_function((np.ndarray, np.generic), _constant, 100)
convert.register_tensor_conversion_function(object, _constant, 200)

op('Placeholder', '-> output:dtype', 'dtype:type; shape:shape=shape?', shape=lambda c: c.attr('shape'))


# Stateful, as what is fed may differ from the default: static shapes must not be computed from it.
@op('PlaceholderWithDefault', 'input:dtype -> output:dtype', 'dtype:type; shape:shape', stateful=True)
def _(c):
    shape = c.attr('shape')
    if shape is not None:
        merge(c.shape(0), shape)
    return shape


not_differentiable('Placeholder')
gradient('PlaceholderWithDefault')(lambda op, grad: grad)


@export('placeholder')
def placeholder(dtype, shape=None, name=None):
    """A tensor whose value is given with every run, in `feed_dict`.

    Args:
      dtype: its DType.
      shape: what is known of its shape (None: nothing; [None, 3]: any number of rows of 3).
      name: name of the node.

    Returns: a Tensor, which raises InvalidArgumentError when it is run without being fed.
    """
    return apply('Placeholder', dtype=dtype, shape=shape, name=name)


@export('placeholder_with_default')
def placeholder_with_default(input, shape, name=None):
    """A tensor that is `input` unless another value is fed.

    Args:
      input: the default value, convertible to a Tensor.
      shape: what is known of the shape of any value fed; `input` must be compatible with it.
      name: name of the node.

    Returns: a Tensor of the dtype of `input`.
    """
    return apply('PlaceholderWithDefault', input, shape=shape, name=name)
