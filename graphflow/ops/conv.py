"""Convolutions over images and volumes, and their gradients."""
from graphflow.framework.apply import apply
from graphflow.framework.export import export
from graphflow.framework.registry import gradient, op
from graphflow.framework.scopes import name_scope
from graphflow.ops import array
from graphflow.ops.concat import concat
from graphflow.ops.window import channel_axis, output_size, per_dimension, sized_by, spatial_axes
from graphflow.util.deprecation import deprecated_arg_values, deprecated_argument_lookup

_FLOATS = 'T:type{half,bfloat16,float,double}; '
_2D = ("strides:list(int); use_cudnn_on_gpu:bool=True; padding:string{'SAME','VALID','EXPLICIT'}; "
       "explicit_paddings:list(int)=[]; data_format:string='NHWC'{'NHWC','NCHW'}; dilations:list(int)=[1,1,1,1]")
_3D = ("strides:list(int); padding:string{'SAME','VALID'}; data_format:string='NDHWC'{'NDHWC','NCDHW'}; "
       'dilations:list(int)=[1,1,1,1,1]')


def _convolved(c, rank):
    """The shape of input 0 [batch, ..., in] convolved with filters [..., in, out]."""
    data_format, padding = c.attr('data_format'), c.attr('padding')
    dims, filters = c.rank(0, rank).as_list(), c.rank(1, rank).as_list()
    strides, dilations = c.attr('strides'), c.attr('dilations')
    for values, name in ((strides, 'strides'), (dilations, 'dilations')):
        if len(values) != rank:
            raise ValueError(f'{c.op.type} requires the {name[:-1]} attribute to contain {rank} values, but got: '
                             f'{len(values)}')
    channels = channel_axis(data_format, rank)
    depth, wanted = dims[channels], filters[-2]
    if depth is not None and wanted:
        if depth % wanted:
            raise ValueError(f'Depth of input ({depth}) is not a multiple of input depth of filter ({wanted})')
        groups = depth // wanted
        if groups and filters[-1] is not None and filters[-1] % groups:
            raise ValueError(f'Depth of output ({filters[-1]}) is not a multiple of the number of groups ({groups})')
    pads = c.attr('explicit_paddings') if padding == 'EXPLICIT' else [0] * 2 * rank
    axes = spatial_axes(data_format, rank)
    if any(pads[2 * a] or pads[2 * a + 1] for a in range(rank) if a not in axes):
        raise ValueError('Nonzero explicit padding in the batch or depth dimensions is not supported')
    for k, axis in enumerate(axes):
        dims[axis] = output_size(dims[axis], filters[k], strides[axis], padding, dilations[axis],
                                 pads[2 * axis:2 * axis + 2])
    dims[channels] = filters[-1]
    return dims


op('Conv2D', 'input:T, filter:T -> output:T', _FLOATS + _2D, shape=lambda c: _convolved(c, 4))
op('Conv2DBackpropInput', 'input_sizes:int32, filter:T, out_backprop:T -> output:T', _FLOATS + _2D,
   shape=sized_by(0, 4))
op('Conv2DBackpropFilter', 'input:T, filter_sizes:int32, out_backprop:T -> output:T', _FLOATS + _2D,
   shape=sized_by(1, 4))
op('Conv3D', 'input:T, filter:T -> output:T', _FLOATS + _3D, shape=lambda c: _convolved(c, 5))
op('Conv3DBackpropInputV2', 'input_sizes:Tshape, filter:T, out_backprop:T -> output:T',
   _FLOATS + _3D + '; Tshape:type=int32{int32,int64}', shape=sized_by(0, 5))
op('Conv3DBackpropFilterV2', 'input:T, filter_sizes:int32, out_backprop:T -> output:T', _FLOATS + _3D,
   shape=sized_by(1, 5))
_3D_V1 = ("T:type{half,float,double}; strides:list(int); padding:string{'SAME','VALID'}; "
          'dilations:list(int)=[1,1,1,1,1]')
op('Conv3DBackpropInput', 'input:T, filter:T, out_backprop:T -> output:T', _3D_V1, shape=lambda c: c.rank(0, 5))
op('Conv3DBackpropFilter', 'input:T, filter:T, out_backprop:T -> output:T', _3D_V1, shape=lambda c: c.rank(1, 5))


def _attrs(op):
    return {name: op._attrs[name] for name in ('strides', 'padding', 'data_format', 'dilations', 'explicit_paddings',
                                               'use_cudnn_on_gpu') if name in op._attrs}


@gradient('Conv2D')
def _(op, grad):
    x, filters = op.inputs
    x_shape, filter_shape = array.shape_n([x, filters])
    return (apply('Conv2DBackpropInput', x_shape, filters, grad, **_attrs(op)),
            apply('Conv2DBackpropFilter', x, filter_shape, grad, **_attrs(op)))


@gradient('Conv3D')
def _(op, grad):
    x, filters = op.inputs
    return (apply('Conv3DBackpropInputV2', array.shape(x), filters, grad, **_attrs(op)),
            apply('Conv3DBackpropFilterV2', x, array.shape(filters), grad, **_attrs(op)))


def _conv_gradients(kind, suffix):
    """Registers the gradients of the gradients of 'Conv2D' or 'Conv3D', which are the three ops again."""
    to_input, to_filter = f'{kind}BackpropInput{suffix}', f'{kind}BackpropFilter{suffix}'

    @gradient(to_input)
    def _(op, grad):
        _, filters, dy = op.inputs
        return (None, apply(to_filter, grad, array.shape(filters), dy, **_attrs(op)),
                apply(kind, grad, filters, **_attrs(op)))

    @gradient(to_filter)
    def _(op, grad):
        x, _, dy = op.inputs
        return apply(to_input, array.shape(x), grad, dy, **_attrs(op)), None, apply(kind, x, grad, **_attrs(op))


_conv_gradients('Conv2D', '')
_conv_gradients('Conv3D', 'V2')


def _padding_attrs(padding):
    """(padding, explicit_paddings) from 'SAME', 'VALID' or a list of pairs, one a dimension."""
    if not isinstance(padding, (list, tuple)):
        return padding, []
    if len(padding) != 4 and all(isinstance(p, (list, tuple)) for p in padding):
        raise ValueError(f'When padding is a list, it must be of size 4. Got padding of size: {len(padding)}')
    for pair in padding:
        if not isinstance(pair, (list, tuple)):
            raise ValueError('When padding is a list, each element of padding must be a list/tuple of size 2. Element '
                             f'with index {padding.index(pair)} of padding is not a list or tuple')
        if len(pair) != 2:
            raise ValueError('When padding is a list, each element of padding must be a list/tuple of size 2. Element '
                             f'with index {padding.index(pair)} of padding has size {len(pair)}')
    return 'EXPLICIT', [int(n) for pair in padding for n in pair]


@export('nn.conv2d')
def conv2d(input, filter=None, strides=None, padding=None, use_cudnn_on_gpu=True, data_format='NHWC',
           dilations=[1, 1, 1, 1], name=None, filters=None):
    """Slides filters over images: each output is the sum of the elements under a filter times its weights.

    Args:
      input: a Tensor of floats [batch, height, width, in], or as `data_format` says.
      filter: a Tensor [height, width, in, out] of the same dtype.
      strides: how far the filter moves: a number, one for height and width, or one for each dimension.
      padding: 'VALID' (filters lie within the image), 'SAME' (zeros around, as many outputs as strides begin in the
        image) or a list of four pairs: the zeros before and behind in each dimension.
      use_cudnn_on_gpu: an attr of the node that changes nothing here.
      data_format: 'NHWC' or 'NCHW'.
      dilations: how far apart the weights of a filter lie in the image; given like `strides`.
      name: name of the node.
      filters: another name of `filter`.

    Returns: a Tensor [batch, height, width, out], or as `data_format` says.

    Raises: ValueError for shapes or attributes that do not fit.
    """
    filter = deprecated_argument_lookup('filters', filters, 'filter', filter)
    padding, explicit_paddings = _padding_attrs(padding)
    data_format = 'NHWC' if data_format is None else data_format
    strides = per_dimension(strides, 'strides', data_format)
    dilations = per_dimension(dilations, 'dilations', data_format)
    return apply('Conv2D', input, filter, strides=strides, padding=padding, use_cudnn_on_gpu=use_cudnn_on_gpu,
                 explicit_paddings=explicit_paddings, data_format=data_format, dilations=dilations, name=name)


@export('nn.conv2d_backprop_filter')
def conv2d_backprop_filter(input, filter_sizes, out_backprop, strides, padding, use_cudnn_on_gpu=True,
                           data_format='NHWC', dilations=[1, 1, 1, 1], name=None):
    """The gradient of `conv2d` by its filters.

    Args:
      input: the images.
      filter_sizes: an int32 vector, the shape of the filters.
      out_backprop: the gradient by the output of `conv2d`.
      strides, padding, use_cudnn_on_gpu, data_format, dilations: as given to `conv2d`, for every dimension.
      name: name of the node.

    Returns: a Tensor of shape `filter_sizes`.
    """
    padding, explicit_paddings = _padding_attrs(padding)
    return apply('Conv2DBackpropFilter', input, filter_sizes, out_backprop, strides=strides, padding=padding,
                 use_cudnn_on_gpu=use_cudnn_on_gpu, explicit_paddings=explicit_paddings, data_format=data_format,
                 dilations=dilations, name=name)


@export('nn.conv2d_backprop_input')
def conv2d_backprop_input(input_sizes, filter=None, out_backprop=None, strides=None, padding=None,
                          use_cudnn_on_gpu=True, data_format='NHWC', dilations=[1, 1, 1, 1], name=None, filters=None):
    """The gradient of `conv2d` by its images, of shape `input_sizes`; see `conv2d_backprop_filter`."""
    filter = deprecated_argument_lookup('filters', filters, 'filter', filter)
    padding, explicit_paddings = _padding_attrs(padding)
    return apply('Conv2DBackpropInput', input_sizes, filter, out_backprop, strides=strides, padding=padding,
                 use_cudnn_on_gpu=use_cudnn_on_gpu, explicit_paddings=explicit_paddings, data_format=data_format,
                 dilations=dilations, name=name)


def _transposed_attrs(strides, padding, data_format, dilations, rank):
    padding, explicit_paddings = _padding_attrs(padding)
    attrs = dict(strides=per_dimension(strides, 'strides', data_format, rank), padding=padding, data_format=data_format,
                 dilations=per_dimension(dilations, 'dilations', data_format, rank))
    return attrs if rank == 5 else dict(attrs, explicit_paddings=explicit_paddings)


@export('nn.conv2d_transpose')
def conv2d_transpose(value=None, filter=None, output_shape=None, strides=None, padding='SAME', data_format='NHWC',
                     name=None, input=None, filters=None, dilations=None):
    """The gradient of `conv2d` by its images, as a layer of its own that makes images larger.

    Args:
      value: a Tensor of floats [batch, height, width, in], or as `data_format` says.
      filter: a Tensor [height, width, out, in].
      output_shape: an int32 vector, the shape of the result.
      strides, padding, data_format, dilations: those of the convolution.
      name: name of the node; 'conv2d_transpose' by default.
      input, filters: other names of `value` and `filter`.

    Returns: a Tensor of shape `output_shape`.

    M. Zeiler et al., "Deconvolutional Networks", 2010.
    """
    value = deprecated_argument_lookup('input', input, 'value', value)
    filter = deprecated_argument_lookup('filters', filters, 'filter', filter)
    with name_scope(name, 'conv2d_transpose', [value, filter, output_shape]) as name:
        attrs = _transposed_attrs(strides, padding, 'NHWC' if data_format is None else data_format, dilations, 4)
        return apply('Conv2DBackpropInput', output_shape, filter, value, name=name, **attrs)


@export('nn.conv3d')
def conv3d(input, filter=None, strides=None, padding=None, data_format='NDHWC', dilations=[1, 1, 1, 1, 1], name=None,
           filters=None):
    """`conv2d` of volumes [batch, depth, height, width, in] with filters [depth, height, width, in, out].

    Args:
      input: a Tensor of floats, laid out as `data_format` says: 'NDHWC' or 'NCDHW'.
      filter: a Tensor of the same dtype.
      strides, dilations: lists of five ints.
      padding: 'SAME' or 'VALID'.
      data_format: see `input`.
      name: name of the node.
      filters: another name of `filter`.

    Returns: a Tensor [batch, depth, height, width, out], or as `data_format` says.
    """
    filter = deprecated_argument_lookup('filters', filters, 'filter', filter)
    return apply('Conv3D', input, filter, strides=strides, padding=padding, data_format=data_format,
                 dilations=dilations, name=name)


@export('nn.conv3d_backprop_filter', 'nn.conv3d_backprop_filter_v2')
def conv3d_backprop_filter(input, filter_sizes, out_backprop, strides, padding, data_format='NDHWC',
                           dilations=[1, 1, 1, 1, 1], name=None):
    """The gradient of `conv3d` by its filters, of shape `filter_sizes`; see `conv2d_backprop_filter`."""
    return apply('Conv3DBackpropFilterV2', input, filter_sizes, out_backprop, strides=strides, padding=padding,
                 data_format=data_format, dilations=dilations, name=name)


@export('nn.conv3d_transpose')
def conv3d_transpose(value, filter=None, output_shape=None, strides=None, padding='SAME', data_format='NDHWC',
                     name=None, input=None, filters=None, dilations=None):
    """`conv2d_transpose` of volumes; filters are [depth, height, width, out, in]."""
    filter = deprecated_argument_lookup('filters', filters, 'filter', filter)
    value = deprecated_argument_lookup('input', input, 'value', value)
    with name_scope(name, 'conv3d_transpose', [value, filter, output_shape]) as name:
        attrs = _transposed_attrs(strides, padding, data_format or 'NDHWC', dilations, 5)
        return apply('Conv3DBackpropInputV2', output_shape, filter, value, name=name, **attrs)


def _row_layout(data_format):
    """(layout of images of height one, the dimension that is their height) for rows 'NWC' or 'NCW'."""
    if data_format in (None, 'NHWC', 'NWC'):
        return 'NHWC', 1
    if data_format in ('NCHW', 'NCW'):
        return 'NCHW', 2
    raise ValueError('data_format must be "NWC" or "NCW".')


def _with_height(values, axis):
    """Values for the three dimensions of rows, for the four of images of height one."""
    return values[:axis] + [1] + values[axis:]


@export('nn.conv1d')
@deprecated_arg_values(None, '`NCHW` for data_format is deprecated, use `NCW` instead', warn_once=True,
                       data_format='NCHW')
@deprecated_arg_values(None, '`NHWC` for data_format is deprecated, use `NWC` instead', warn_once=True,
                       data_format='NHWC')
def conv1d(value=None, filters=None, stride=None, padding=None, use_cudnn_on_gpu=None, data_format=None, name=None,
           input=None, dilations=None):
    """`conv2d` of rows [batch, width, in] with filters [width, in, out], as images of height one.

    Args:
      value: a Tensor of floats, laid out as `data_format` says: 'NWC' or 'NCW'.
      filters: a Tensor of the same dtype.
      stride, dilations: ints.
      padding: 'SAME' or 'VALID'.
      use_cudnn_on_gpu: an attr of the node that changes nothing here.
      data_format: see `value`.
      name: name of the scope of the nodes.
      input: another name of `value`.

    Returns: a Tensor [batch, width, out], or as `data_format` says.
    """
    value = deprecated_argument_lookup('input', input, 'value', value)
    with name_scope(name, 'conv1d', [value, filters]) as name:
        layout, axis = _row_layout(data_format)
        strides = _with_height(per_dimension(stride, 'stride', layout, 3), axis)
        dilations = _with_height(per_dimension(dilations, 'dilations', layout, 3), axis)
        images, filters = array.expand_dims(value, axis), array.expand_dims(filters, 0)
        result = apply('Conv2D', images, filters, strides=strides, padding=padding, use_cudnn_on_gpu=use_cudnn_on_gpu,
                       data_format=layout, dilations=dilations, name=name)
        return array.squeeze(result, [axis])


@export('nn.conv1d_transpose')
def conv1d_transpose(input, filters, output_shape, strides, padding='SAME', data_format='NWC', dilations=None,
                     name=None):
    """`conv2d_transpose` of rows; filters are [width, out, in]; see `conv1d`."""
    with name_scope(name, 'conv1d_transpose', [input, filters, output_shape]) as name:
        layout, axis = _row_layout(data_format)
        strides = _with_height(per_dimension(strides, 'strides', layout, 3), axis)
        dilations = _with_height(per_dimension(dilations, 'dilations', layout, 3), axis)
        images, filters = array.expand_dims(input, axis), array.expand_dims(filters, 0)
        output_shape = list(output_shape) if isinstance(output_shape, (list, tuple)) else output_shape
        output_shape = concat([output_shape[:axis], [1], output_shape[axis:]], 0)
        result = apply('Conv2DBackpropInput', output_shape, filters, images, strides=strides, padding=padding,
                       data_format=layout, dilations=dilations, name=name)
        return array.squeeze(result, axis)
