"""Adding a bias to each channel, and layers made of it."""
from graphflow.framework import convert, tensor_shape
from graphflow.framework.apply import apply
from graphflow.framework.export import export
from graphflow.framework.registry import gradient, op
from graphflow.framework.scopes import name_scope
from graphflow.framework.shape_rules import merge_dims
from graphflow.ops import array, fill
from graphflow.ops.activation import relu
from graphflow.ops.concat import concat

_NUMBERS = ('{float,double,int32,uint8,int16,int8,complex64,int64,qint8,quint8,qint32,bfloat16,uint16,complex128,half,'
            'uint32,uint64}')
_FORMAT = "T:type" + _NUMBERS + "; data_format:string='NHWC'{'NHWC','NCHW'}"


def _channel_axis(op):
    return 1 if op._attrs['data_format'] == b'NCHW' else -1


def _biased(axis, c):
    """The shape of the values, the dimension `axis` of which is the length of the bias."""
    value = c.rank_at_least(0, 3 if axis == 1 else 2)
    bias = c.rank(1, 1)
    if value.ndims is None:
        return tensor_shape.unknown_shape()
    dims = value.as_list()
    dims[axis] = merge_dims(dims[axis], bias.as_list()[0])
    return dims


@op('BiasAdd', 'value:T, bias:T -> output:T', _FORMAT)
def _(c):
    return _biased(_channel_axis(c.op), c)


@op('BiasAddV1', 'value:T, bias:T -> output:T', 'T:type' + _NUMBERS)
def _(c):
    return _biased(-1, c)


@op('BiasAddGrad', 'out_backprop:T -> output:T', _FORMAT)
def _(c):
    axis = _channel_axis(c.op)
    shape = c.rank_at_least(0, 3 if axis == 1 else 2)
    return [None if shape.ndims is None else shape.as_list()[axis]]


@gradient('BiasAdd')
def _(op, grad):
    return grad, apply('BiasAddGrad', grad, data_format=op._attrs['data_format'])


@gradient('BiasAddV1')
def _(op, grad):
    outer = fill.range(array.rank(grad) - 1)
    return grad, apply('Sum', grad, outer)


@gradient('BiasAddGrad')
def _(op, grad):
    shape = array.shape(op.inputs[0])
    bias_shape = array.shape(grad)
    if _channel_axis(op) == 1:
        expanded = concat([fill.ones_like(shape[:1]), bias_shape, fill.ones_like(shape[2:])], 0)
        repeats = concat([shape[:1], [1], shape[2:]], 0)
    else:
        expanded = concat([fill.ones_like(shape[:-1]), bias_shape], 0)
        repeats = concat([shape[:-1], [1]], 0)
    return apply('Tile', array.reshape(grad, expanded), repeats)


@export('nn.bias_add')
def bias_add(value, bias, data_format=None, name=None):
    """Adds `bias` to `value`, one number a channel.

    Args:
      value: a Tensor of numbers with at least two dimensions.
      bias: a vector as long as `value` has channels, of its dtype.
      data_format: where the channels are: 'N...C' (last, the default) or 'NC...' (second).
      name: name of the node.

    Returns: a Tensor like `value`.

    Raises: ValueError for another data format, or shapes that do not fit.
    """
    with name_scope(name, 'BiasAdd', [value, bias]) as name:
        if data_format is not None:
            if data_format.startswith('NC'):
                data_format = 'NCHW'
            elif data_format.startswith('N') and data_format.endswith('C'):
                data_format = 'NHWC'
            else:
                raise ValueError('data_format must be of the form `N...C` or `NC...`')
        value = convert.to_tensor(value, name='input')
        bias = convert.to_tensor(bias, dtype=value.dtype, name='bias')
        return apply('BiasAdd', value, bias, data_format=data_format, name=name)


def bias_add_v1(value, bias, name=None):
    """`bias_add` along the last dimension, with the node type that older graphs have."""
    with name_scope(name, 'BiasAddV1', [value, bias]) as name:
        value = convert.to_tensor(value, name='input')
        bias = convert.to_tensor(bias, dtype=value.dtype, name='bias')
        return apply('BiasAddV1', value, bias, name=name)


@export('nn.xw_plus_b')
def xw_plus_b(x, weights, biases, name=None):
    """matmul(x, weights) + biases.

    Args:
      x: a Tensor [batch, in].
      weights: a Tensor [in, out].
      biases: a Tensor [out].
      name: name of the last node; 'xw_plus_b' by default.

    Returns: a Tensor [batch, out].
    """
    with name_scope(name, 'xw_plus_b', [x, weights, biases]) as name:
        x, weights, biases = _operands(x, weights, biases)
        return bias_add(apply('MatMul', x, weights), biases, name=name)


@export('nn.relu_layer')
def relu_layer(x, weights, biases, name=None):
    """relu(matmul(x, weights) + biases); see `xw_plus_b`."""
    with name_scope(name, 'relu_layer', [x, weights, biases]) as name:
        x, weights, biases = _operands(x, weights, biases)
        return relu(bias_add(apply('MatMul', x, weights), biases), name=name)


def _operands(x, weights, biases):
    return (convert.to_tensor(x, name='x'), convert.to_tensor(weights, name='weights'),
            convert.to_tensor(biases, name='biases'))
