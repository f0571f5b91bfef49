"""Max and average pooling."""
from graphflow.framework.apply import apply
from graphflow.framework.export import export
from graphflow.framework.registry import gradient, op
from graphflow.framework.scopes import name_scope
from graphflow.framework.shape_rules import unchanged
from graphflow.framework.tensor_shape import TensorShape
from graphflow.ops import array, fill
from graphflow.ops.window import channel_axis, output_size, per_dimension, sized_by, spatial_axes
from graphflow.util.deprecation import deprecated_argument_lookup

_REAL = '{float,double,int32,uint8,int16,int8,int64,bfloat16,uint16,half,uint32,uint64}'
_POOLED = '{half,bfloat16,float,double,int32,int64,uint8,int16,int8,uint16,qint8}'
_FLOATS = '{half,bfloat16,float,double}'
_WINDOW = "ksize:list(int); strides:list(int); padding:string{'SAME','VALID'}"
_2D = "; data_format:string='NHWC'{'NHWC','NCHW'}; "
_3D = "; data_format:string='NDHWC'{'NDHWC','NCDHW'}; "


def _pooled(c, rank, data_format, ksize, strides, over_depth=False):
    """The shape of the input with its spatial dimensions pooled; `over_depth`: the channels too."""
    dims = c.rank(0, rank).as_list()
    for values, name in ((ksize, 'ksize'), (strides, 'strides')):
        if len(values) != rank:
            raise ValueError(f'{c.op.type} requires the {"stride" if name == "strides" else name} attribute to contain '
                             f'{rank} values, but got: {len(values)}')
    axes = list(spatial_axes(data_format, rank))
    if over_depth:
        axes.append(channel_axis(data_format, rank))
    padding = c.attr('padding')
    for axis in axes:
        dims[axis] = output_size(dims[axis], ksize[axis], strides[axis], padding)
    return TensorShape(dims)


def _pool_rule(rank, over_depth=False):
    def rule(c):
        return _pooled(c, rank, c.attr('data_format'), c.attr('ksize'), c.attr('strides'), over_depth)
    return rule


op('MaxPool', 'input:T -> output:T',
   f"T:type=float{_POOLED}; {_WINDOW}; data_format:string='NHWC'{{'NHWC','NCHW','NCHW_VECT_C'}}",
   shape=_pool_rule(4, over_depth=True))
op('AvgPool', 'value:T -> output:T', _WINDOW + _2D + 'T:type' + _FLOATS, shape=_pool_rule(4))
op('MaxPool3D', 'input:T -> output:T', _WINDOW + _3D + 'T:type{half,bfloat16,float}', shape=_pool_rule(5))
op('AvgPool3D', 'input:T -> output:T', _WINDOW + _3D + 'T:type' + _FLOATS, shape=_pool_rule(5))


@op('MaxPoolV2', 'input:T, ksize:int32, strides:int32 -> output:T',
    f"T:type=float{_POOLED}; padding:string{{'SAME','VALID'}}; "
    "data_format:string='NHWC'{'NHWC','NCHW','NCHW_VECT_C'}")
def _(c):
    ksize, strides = c.value(1), c.value(2)
    if ksize is None or strides is None:
        return None
    return _pooled(c, 4, c.attr('data_format'), ksize.tolist(), strides.tolist(), over_depth=True)


@op('MaxPoolWithArgmax', 'input:T -> output:T, argmax:Targmax',
    "ksize:list(int); strides:list(int); Targmax:type=int64{int32,int64}; padding:string{'SAME','VALID'}; "
    'include_batch_in_index:bool=False; T:type' + _REAL)
def _(c):
    shape = _pooled(c, 4, 'NHWC', c.attr('ksize'), c.attr('strides'), over_depth=True)
    return [shape, shape]


def _like_input(rank):
    def rule(c):
        return c.rank(0, rank)
    return rule


def _like_output(c):
    """A gradient of MaxPoolGrad has the shape of the pool's output, which is an input here."""
    return c.shape(1)


op('AvgPoolGrad', 'orig_input_shape:int32, grad:T -> output:T', _WINDOW + _2D + 'T:type' + _FLOATS,
   shape=sized_by(0, 4))
op('AvgPool3DGrad', 'orig_input_shape:int32, grad:T -> output:T', _WINDOW + _3D + 'T:type' + _FLOATS,
   shape=sized_by(0, 5))
_ORIGINALS = 'orig_input:T, orig_output:T, grad:T'
op('MaxPoolGrad', _ORIGINALS + ' -> output:T', _WINDOW + _2D + 'T:type=float' + _REAL, shape=_like_input(4))
op('MaxPoolGradGrad', _ORIGINALS + ' -> output:T', _WINDOW + _2D + 'T:type' + _REAL, shape=_pool_rule(4, True))
_SIZES_AS_INPUTS = ", ksize:int32, strides:int32 -> output:T"
_PADDING = "padding:string{'SAME','VALID'}"
op('MaxPoolGradV2', _ORIGINALS + _SIZES_AS_INPUTS, _PADDING + _2D + 'T:type=float' + _REAL, shape=_like_input(4))
op('MaxPoolGradGradV2', _ORIGINALS + _SIZES_AS_INPUTS, _PADDING + _2D + 'T:type' + _REAL, shape=_like_output)
op('MaxPool3DGrad', 'orig_input:TInput, orig_output:TInput, grad:T -> output:T',
   _WINDOW + _3D + 'T:type=float{half,bfloat16,float}; TInput:type=float{half,bfloat16,float}', shape=_like_input(5))
op('MaxPool3DGradGrad', _ORIGINALS + ' -> output:T', _WINDOW + _3D + 'T:type' + _REAL, shape=_pool_rule(5))
_WITH_ARGMAX = _WINDOW + '; include_batch_in_index:bool=False; Targmax:type{int32,int64}; T:type' + _REAL
op('MaxPoolGradWithArgmax', 'input:T, grad:T, argmax:Targmax -> output:T', _WITH_ARGMAX, shape=unchanged)


@op('MaxPoolGradGradWithArgmax', 'input:T, grad:T, argmax:Targmax -> output:T', _WITH_ARGMAX)
def _(c):
    return _pooled(c, 4, 'NHWC', c.attr('ksize'), c.attr('strides'), over_depth=True)


def _attrs(op, *others):
    return {name: op._attrs[name] for name in ('padding', 'data_format', *others)}


def _window_attrs(op):
    return _attrs(op, 'ksize', 'strides')


@gradient('AvgPool', 'AvgPool3D')
def _(op, grad):
    return apply(op.type + 'Grad', array.shape(op.inputs[0]), grad, **_window_attrs(op))


@gradient('AvgPoolGrad', 'AvgPool3DGrad')
def _(op, grad):
    return array.stop_gradient(op.inputs[0]), apply(op.type[:-4], grad, **_window_attrs(op))


@gradient('MaxPool', 'MaxPool3D')
def _(op, grad):
    return apply(op.type + 'Grad', op.inputs[0], op.outputs[0], grad, **_window_attrs(op))


@gradient('MaxPoolV2')
def _(op, grad):
    x, ksize, strides = op.inputs
    return apply('MaxPoolGradV2', x, op.outputs[0], grad, ksize, strides, **_attrs(op)), None, None


@gradient('MaxPoolWithArgmax')
def _(op, grad, _):
    return apply('MaxPoolGradWithArgmax', op.inputs[0], grad, op.outputs[1],
                 include_batch_in_index=op.get_attr('include_batch_in_index'), ksize=op.get_attr('ksize'),
                 strides=op.get_attr('strides'), padding=op.get_attr('padding'))


def _zeros_like_originals(op):
    return [fill.zeros(array.shape(op.inputs[i]), dtype=op.inputs[i].dtype) for i in (0, 1)]


@gradient('MaxPoolGrad', 'MaxPool3DGrad')
def _(op, grad):
    return (*_zeros_like_originals(op), apply(op.type + 'Grad', op.inputs[0], op.inputs[1], grad, **_window_attrs(op)))


@gradient('MaxPoolGradGrad', 'MaxPool3DGradGrad')
def _(op, grad):
    return (*_zeros_like_originals(op), apply(op.type[:-4], op.inputs[0], op.inputs[1], grad, **_window_attrs(op)))


@gradient('MaxPoolGradV2')
def _(op, grad):
    x, y, _, ksize, strides = op.inputs
    zeros = _zeros_like_originals(op)
    return (*zeros, apply('MaxPoolGradGradV2', x, y, grad, ksize, strides, **_attrs(op)), None, None)


@gradient('MaxPoolGradGradV2')
def _(op, grad):
    x, y, _, ksize, strides = op.inputs
    zeros = _zeros_like_originals(op)
    return (*zeros, apply('MaxPoolGradV2', x, y, grad, ksize, strides, **_attrs(op)), None, None)


@export('nn.max_pool')
def max_pool(value, ksize, strides, padding, data_format='NHWC', name=None, input=None):
    """The largest element of each window.

    Args:
      value: a Tensor [batch, height, width, channels], or as `data_format` says.
      ksize: size of the window: a number, one for height and width, or one for each dimension.
      strides: how far the window moves in each dimension; given like `ksize`.
      padding: 'VALID' (windows lie within the input) or 'SAME' (as many outputs as strides begin in the input).
      data_format: 'NHWC' or 'NCHW'.
      name: name of the node.
      input: another name of `value`.

    Returns: a Tensor of the maxima.
    """
    value = deprecated_argument_lookup('input', input, 'value', value)
    with name_scope(name, 'MaxPool', [value]) as name:
        data_format = 'NHWC' if data_format is None else data_format
        ksize = per_dimension(ksize, 'ksize', data_format)
        strides = per_dimension(strides, 'strides', data_format)
        if any(n == 0 for n in ksize):
            raise ValueError('ksize cannot be zero.')
        return apply('MaxPool', value, ksize=ksize, strides=strides, padding=padding, data_format=data_format,
                     name=name)


@export('nn.avg_pool', 'nn.avg_pool2d')
def avg_pool(value, ksize, strides, padding, data_format='NHWC', name=None, input=None):
    """The mean of the elements of each window (padding does not count); see `max_pool`."""
    with name_scope(name, 'AvgPool', [value]) as name:
        value = deprecated_argument_lookup('input', input, 'value', value)
        data_format = 'NHWC' if data_format is None else data_format
        ksize = per_dimension(ksize, 'ksize', data_format)
        strides = per_dimension(strides, 'strides', data_format)
        return apply('AvgPool', value, ksize=ksize, strides=strides, padding=padding, data_format=data_format,
                     name=name)


@export('nn.max_pool2d')
def max_pool2d(input, ksize, strides, padding, data_format='NHWC', name=None):
    """`max_pool` under its later name."""
    with name_scope(name, 'MaxPool2d', [input]) as name:
        return _pool('MaxPool', 4, input, ksize, strides, padding, data_format or 'NHWC', name)


def _pool(op_type, rank, input, ksize, strides, padding, data_format, name):
    return apply(op_type, input, ksize=per_dimension(ksize, 'ksize', data_format, rank),
                 strides=per_dimension(strides, 'strides', data_format, rank), padding=padding, data_format=data_format,
                 name=name)


@export('nn.max_pool3d')
def max_pool3d(input, ksize, strides, padding, data_format='NDHWC', name=None):
    """`max_pool` of volumes [batch, depth, height, width, channels] ('NDHWC') or 'NCDHW'."""
    with name_scope(name, 'MaxPool3D', [input]) as name:
        return _pool('MaxPool3D', 5, input, ksize, strides, padding, data_format or 'NDHWC', name)


@export('nn.avg_pool3d')
def avg_pool3d(input, ksize, strides, padding, data_format='NDHWC', name=None):
    """`avg_pool` of volumes; see `max_pool3d`."""
    with name_scope(name, 'AvgPool3D', [input]) as name:
        return _pool('AvgPool3D', 5, input, ksize, strides, padding, data_format or 'NDHWC', name)


def _pool_1d(op_type, default_name, input, ksize, strides, padding, data_format, name):
    """Pools rows as images of height one."""
    with name_scope(name, default_name, [input]) as name:
        data_format = 'NWC' if data_format is None else data_format
        first = data_format.startswith('NC')
        axis = 2 if first else 1
        ksize = [1] + per_dimension(ksize, 'ksize', data_format, 3)
        strides = [1] + per_dimension(strides, 'strides', data_format, 3)
        if first:
            ksize, strides = ([v[0], v[2], 1, v[3]] for v in (ksize, strides))
        image = array.expand_dims(input, axis)
        result = apply(op_type, image, ksize=ksize, strides=strides, padding=padding,
                       data_format='NCHW' if first else 'NHWC', name=name)
        return array.squeeze(result, axis)


@export('nn.max_pool1d')
def max_pool1d(input, ksize, strides, padding, data_format='NWC', name=None):
    """`max_pool` of rows [batch, width, channels] ('NWC') or 'NCW'."""
    return _pool_1d('MaxPool', 'MaxPool1d', input, ksize, strides, padding, data_format, name)


@export('nn.avg_pool1d')
def avg_pool1d(input, ksize, strides, padding, data_format='NWC', name=None):
    """`avg_pool` of rows; see `max_pool1d`."""
    return _pool_1d('AvgPool', 'AvgPool1D', input, ksize, strides, padding, data_format, name)


_DEFAULT_FORMATS = {1: 'NWC', 2: 'NHWC', 3: 'NDHWC'}


def _pool_of_rank(functions, input, ksize, strides, padding, data_format, name):
    if data_format is None:
        spatial = input.get_shape().ndims - 2 if hasattr(input, 'get_shape') else None
    else:
        spatial = len(data_format) - 2
    if spatial not in functions:
        raise ValueError('Input tensor must be of rank 3, 4 or 5 but was {}.'.format(
            None if spatial is None else spatial + 2))
    return functions[spatial](input, ksize=ksize, strides=strides, padding=padding,
                              data_format=data_format or _DEFAULT_FORMATS[spatial], name=name)


@export('nn.max_pool_v2')
def max_pool_v2(input, ksize, strides, padding, data_format=None, name=None):
    """`max_pool` of rows, images or volumes, whichever the rank of `input` says."""
    return _pool_of_rank({1: max_pool1d, 2: max_pool, 3: max_pool3d}, input, ksize, strides, padding, data_format, name)


@export('nn.avg_pool_v2')
def avg_pool_v2(input, ksize, strides, padding, data_format=None, name=None):
    """`avg_pool` of rows, images or volumes, whichever the rank of `input` says."""
    return _pool_of_rank({1: avg_pool1d, 2: avg_pool, 3: avg_pool3d}, input, ksize, strides, padding, data_format, name)


@export('nn.max_pool_with_argmax')
def max_pool_with_argmax(input, ksize, strides, padding, data_format='NHWC', Targmax=None, name=None, output_dtype=None,
                         include_batch_in_index=False):
    """`max_pool`, and where each maximum is.

    Args:
      input: a Tensor [batch, height, width, channels].
      ksize, strides: lists of four numbers, one for each dimension.
      padding: 'VALID' or 'SAME'.
      data_format: 'NHWC'.
      Targmax: DType of the positions, int64 or int32.
      name: name of the node.
      output_dtype: another name of `Targmax`.
      include_batch_in_index: whether positions count from the start of the batch rather than of the image.

    Returns: a namedtuple (output, argmax); argmax holds positions in the flattened image.
    """
    if data_format != 'NHWC':
        raise ValueError("Data formats other than 'NHWC' are not yet supported")
    Targmax = deprecated_argument_lookup('output_dtype', output_dtype, 'Targmax', Targmax)
    return apply('MaxPoolWithArgmax', input, ksize=ksize, strides=strides, padding=padding, Targmax=Targmax,
                 include_batch_in_index=include_batch_in_index, name=name)
