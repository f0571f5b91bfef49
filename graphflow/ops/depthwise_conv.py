"""Convolutions of each channel by itself, and separable ones built on them."""
from graphflow.framework import convert
from graphflow.framework.apply import apply
from graphflow.framework.export import export
from graphflow.framework.registry import gradient, op
from graphflow.framework.scopes import name_scope
from graphflow.framework.shape_rules import merge_dims
from graphflow.ops import array
from graphflow.ops.convolution import with_space_to_batch
from graphflow.ops.window import channel_axis, output_size, sized_by, spatial_axes
from graphflow.util.deprecation import deprecated_argument_lookup

_ATTRS = ("T:type{half,bfloat16,float,double}; strides:list(int); padding:string{'SAME','VALID'}; "
          "data_format:string='NHWC'{'NHWC','NCHW'}; dilations:list(int)=[1,1,1,1]")


@op('DepthwiseConv2dNative', 'input:T, filter:T -> output:T', _ATTRS)
def _(c):
    dims, filters = c.rank(0, 4).as_list(), c.rank(1, 4).as_list()
    strides, data_format = c.attr('strides'), c.attr('data_format')
    if len(strides) != 4:
        raise ValueError(f'DepthwiseConv2D requires the stride attribute to contain 4 values, but got: {len(strides)}')
    channels = channel_axis(data_format, 4)
    depth = merge_dims(dims[channels], filters[2])
    dims[channels] = None if depth is None or filters[3] is None else depth * filters[3]
    for k, axis in enumerate(spatial_axes(data_format, 4)):
        dims[axis] = output_size(dims[axis], filters[k], strides[axis], c.attr('padding'))
    return dims


op('DepthwiseConv2dNativeBackpropInput', 'input_sizes:int32, filter:T, out_backprop:T -> output:T', _ATTRS,
   shape=sized_by(0, 4))
op('DepthwiseConv2dNativeBackpropFilter', 'input:T, filter_sizes:int32, out_backprop:T -> output:T', _ATTRS,
   shape=sized_by(1, 4))


def _attrs(op):
    return {name: op._attrs[name] for name in ('strides', 'padding', 'data_format', 'dilations')}


@gradient('DepthwiseConv2dNative')
def _(op, grad):
    x, filters = op.inputs
    return (apply('DepthwiseConv2dNativeBackpropInput', array.shape(x), filters, grad, **_attrs(op)),
            apply('DepthwiseConv2dNativeBackpropFilter', x, array.shape(filters), grad, **_attrs(op)))


@gradient('DepthwiseConv2dNativeBackpropInput')
def _(op, grad):
    _, filters, dy = op.inputs
    return (None, apply('DepthwiseConv2dNativeBackpropFilter', grad, array.shape(filters), dy, **_attrs(op)),
            apply('DepthwiseConv2dNative', grad, filters, **_attrs(op)))


@gradient('DepthwiseConv2dNativeBackpropFilter')
def _(op, grad):
    x, _, dy = op.inputs
    return (apply('DepthwiseConv2dNativeBackpropInput', array.shape(x), grad, dy, **_attrs(op)), None,
            apply('DepthwiseConv2dNative', x, grad, **_attrs(op)))


@export('nn.depthwise_conv2d_native')
def depthwise_conv2d_native(input, filter, strides, padding, data_format='NHWC', dilations=[1, 1, 1, 1], name=None):
    """Each channel of images under filters of its own.

    Args:
      input: a Tensor of floats [batch, height, width, in], or as `data_format` says.
      filter: a Tensor [height, width, in, multiplier].
      strides: a list of four ints, equal for height and width.
      padding: 'SAME' or 'VALID'.
      data_format: 'NHWC' or 'NCHW'.
      dilations: a list of four ones; see `depthwise_conv2d` for others.
      name: name of the node.

    Returns: a Tensor [batch, height, width, in * multiplier].
    """
    return apply('DepthwiseConv2dNative', input, filter, strides=strides, padding=padding, data_format=data_format,
                 dilations=dilations, name=name)


@export('nn.depthwise_conv2d_native_backprop_input', 'nn.depthwise_conv2d_backprop_input')
def depthwise_conv2d_native_backprop_input(input_sizes, filter, out_backprop, strides, padding, data_format='NHWC',
                                           dilations=[1, 1, 1, 1], name=None):
    """The gradient of `depthwise_conv2d_native` by its images, of shape `input_sizes`."""
    return apply('DepthwiseConv2dNativeBackpropInput', input_sizes, filter, out_backprop, strides=strides,
                 padding=padding, data_format=data_format, dilations=dilations, name=name)


@export('nn.depthwise_conv2d_native_backprop_filter', 'nn.depthwise_conv2d_backprop_filter')
def depthwise_conv2d_native_backprop_filter(input, filter_sizes, out_backprop, strides, padding, data_format='NHWC',
                                            dilations=[1, 1, 1, 1], name=None):
    """The gradient of `depthwise_conv2d_native` by its filters, of shape `filter_sizes`."""
    return apply('DepthwiseConv2dNativeBackpropFilter', input, filter_sizes, out_backprop, strides=strides,
                 padding=padding, data_format=data_format, dilations=dilations, name=name)


def _dilated(input, filter, strides, padding, data_format, rate, name):
    """`depthwise_conv2d_native` with weights `rate` apart, in a node called `name`."""
    def convolve(images, _, padding):
        return apply('DepthwiseConv2dNative', images, filter, strides=strides, padding=padding, data_format=data_format,
                     name=name)
    return with_space_to_batch(input, rate, padding, convolve, filter_shape=array.shape(filter),
                               data_format=data_format)


@export('nn.depthwise_conv2d')
def depthwise_conv2d(input, filter, strides, padding, rate=None, name=None, data_format=None, dilations=None):
    """`depthwise_conv2d_native` with dilation.

    Args:
      input, filter, strides, padding, data_format: see there.
      rate: two ints, how far apart the weights of a filter lie; if not ones, strides must be ones.
      name: name of the scope of the nodes.
      dilations: another name of `rate`.

    Returns: a Tensor [batch, height, width, in * multiplier].
    """
    rate = deprecated_argument_lookup('dilations', dilations, 'rate', rate)
    with name_scope(name, 'depthwise', [input, filter]) as name:
        input = convert.to_tensor(input, name='tensor_in')
        filter = convert.to_tensor(filter, name='filter_in')
        return _dilated(input, filter, strides, padding, data_format, [1, 1] if rate is None else rate, name)


@export('nn.separable_conv2d')
def separable_conv2d(input, depthwise_filter, pointwise_filter, strides, padding, rate=None, name=None,
                     data_format=None, dilations=None):
    """`depthwise_conv2d`, its channels then mixed at each point.

    Args:
      input, strides, padding, rate, data_format, dilations: see `depthwise_conv2d`.
      depthwise_filter: a Tensor [height, width, in, multiplier].
      pointwise_filter: a Tensor [1, 1, in * multiplier, out].
      name: name of the scope of the nodes.

    Returns: a Tensor [batch, height, width, out].

    Raises: ValueError if the pointwise filter is larger than one point.
    """
    rate = deprecated_argument_lookup('dilations', dilations, 'rate', rate)
    with name_scope(name, 'separable_conv2d', [input, depthwise_filter, pointwise_filter]) as name:
        input = convert.to_tensor(input, name='tensor_in')
        depthwise_filter = convert.to_tensor(depthwise_filter, name='depthwise_filter')
        pointwise_filter = convert.to_tensor(pointwise_filter, name='pointwise_filter')
        shape = pointwise_filter.get_shape().with_rank(4)
        for axis in (0, 1):
            shape[axis].assert_is_compatible_with(1)
        depthwise = _dilated(input, depthwise_filter, strides, padding, data_format, [1, 1] if rate is None else rate,
                             'depthwise')
        return apply('Conv2D', depthwise, pointwise_filter, strides=[1, 1, 1, 1], padding='VALID',
                     data_format=data_format, name=name)
