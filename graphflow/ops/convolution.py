"""Convolutions and pools of any number of dimensions, and dilation by moving spatial elements into the batch."""
import numpy as np

from graphflow.framework import convert, dtypes
from graphflow.framework.constant_value import constant_value
from graphflow.framework.export import export
from graphflow.framework.scopes import name_scope
from graphflow.ops import array
from graphflow.ops.concat import concat, stack
from graphflow.ops.conv import conv1d, conv2d, conv3d
from graphflow.ops.pool import avg_pool, avg_pool1d, avg_pool3d, max_pool, max_pool1d, max_pool3d
from graphflow.ops.space_batch import batch_to_space_nd, required_space_to_batch_paddings, space_to_batch_nd
from graphflow.util.deprecation import deprecated_argument_lookup


@export('nn.with_space_to_batch')
def with_space_to_batch(input, dilation_rate, padding, op, filter_shape=None, spatial_dims=None, data_format=None):
    """Does with dilation what `op` does without.

    Elements `dilation_rate` apart become neighbours in images of their own; `op` sees them as a larger batch.

    Args:
      input: a Tensor with a batch dimension and spatial ones.
      dilation_rate: an int32 vector, one rate a spatial dimension.
      padding: 'SAME' or 'VALID'.
      op: function(input, num_spatial_dims, padding) -> Tensor; with a dilation other than 1 the padding is 'VALID'.
      filter_shape: int32 vector that begins with the spatial shape of the filter; needed for 'SAME'.
      spatial_dims: the numbers of the spatial dimensions, ascending; by default as `data_format` says.
      data_format: a string that starts with 'NC' if the channels come second.

    Returns: what `op` returns, rearranged.

    Raises: ValueError for rates or paddings that do not fit.
    """
    input = convert.to_tensor(input, name='input')
    rate = rate_tensor = convert.to_tensor(dilation_rate, dtypes.int32, name='dilation_rate')
    if rate.get_shape().ndims not in (None, 1):
        raise ValueError('rate must be rank 1')
    if not rate.get_shape().is_fully_defined():
        raise ValueError('rate must have known shape')
    count = rate.get_shape()[0].value
    known_rate = constant_value(rate)
    if known_rate is not None:
        if np.any(known_rate < 1):
            raise ValueError('dilation_rate must be positive')
        if np.all(known_rate == 1):
            return op(input, count, padding)
        rate = known_rate
    channels_first = data_format is not None and data_format.startswith('NC')
    if spatial_dims is None:
        spatial_dims = range(2, count + 2) if channels_first else range(1, count + 1)
    spatial_dims = sorted(int(d) for d in spatial_dims)
    base = _base_paddings(padding, filter_shape, count, rate)
    paddings, crops = required_space_to_batch_paddings(
        input_shape=_spatial_shape(input, spatial_dims), base_paddings=base, block_shape=rate_tensor)
    block = _for_leading_dims(rate, 1, spatial_dims)
    paddings, crops = (_for_leading_dims(v, 0, spatial_dims) for v in (paddings, crops))
    batch = space_to_batch_nd(input, block, paddings)
    result = op(batch, count, 'VALID')
    result_dims = result.get_shape()
    result = batch_to_space_nd(result, block, crops)
    if channels_first and result_dims.ndims is not None:
        # The channels went through as if they were a spatial dimension.
        dims = result.get_shape().as_list()
        dims[1] = result_dims.as_list()[1]
        result.set_shape(dims)
    return result


def _base_paddings(padding, filter_shape, count, rate):
    """Zeros before and behind in each spatial dimension, [count, 2]."""
    if padding == 'VALID':
        return np.zeros([count, 2], np.int32)
    if padding != 'SAME':
        raise ValueError('Invalid padding method %r' % padding)
    if filter_shape is None:
        raise ValueError('filter_shape must be specified for SAME padding')
    filter_shape = convert.to_tensor(filter_shape, name='filter_shape')
    known = constant_value(filter_shape)
    taps = (filter_shape if known is None else known)[:count]
    extra = taps + (taps - 1) * (rate - 1) - 1
    before = extra // 2
    behind = extra - before
    return stack([[before[i], behind[i]] for i in range(count)])


def _spatial_shape(input, spatial_dims):
    shape = input.get_shape()
    dims = None if shape.ndims is None else shape.as_list()
    if dims is not None:
        known = [dims[d] for d in spatial_dims]
        if None not in known:
            return np.array(known, np.int32)
    sizes = array.shape(input)
    return stack([sizes[d] for d in spatial_dims])


def _for_leading_dims(values, fill_value, spatial_dims):
    """Values, one a spatial dimension, for all dimensions from 1 to the last spatial one."""
    known = constant_value(values) if hasattr(values, 'get_shape') else values
    source = values if known is None else known
    rest = list(source.get_shape().as_list()[1:] if known is None else source.shape[1:])
    parts, at, previous = [], 0, 0
    while at < len(spatial_dims):
        start = at
        if spatial_dims[start] > previous + 1:
            parts.append(np.full([spatial_dims[start] - 1 - previous] + rest, fill_value, np.int32))
        while at + 1 < len(spatial_dims) and spatial_dims[at + 1] == spatial_dims[at] + 1:
            at += 1
        parts.append(source[start:at + 1])
        previous = spatial_dims[at]
        at += 1
    return concat(parts, 0) if known is None else np.concatenate(parts)


def _strides_and_rate(count, strides, dilation_rate):
    """Both as arrays of `count` ints. Raises: ValueError if they do not fit."""
    result = []
    for value, name in ((dilation_rate, 'dilation_rate'), (strides, 'strides')):
        if value is None:
            value = [1] * count
        elif len(value) != count:
            raise ValueError('len(%s)=%d but should be %d' % (name, len(value), count))
        value = np.array(value, np.int32)
        if np.any(value < 1):
            raise ValueError(f'all values of {name} must be positive')
        result.append(value)
    rate, strides = result
    if np.any(strides > 1) and np.any(rate > 1):
        raise ValueError('strides > 1 not supported in conjunction with dilation_rate > 1')
    return strides, rate


def _for_every_dim(values, data_format):
    values = [int(v) for v in values]
    first = data_format is not None and data_format.startswith('NC')
    return [1, 1] + values if first else [1] + values + [1]


@export('nn.convolution')
def convolution(input, filter, padding, strides=None, dilation_rate=None, name=None, data_format=None, filters=None,
                dilations=None):
    """Slides filters over rows, images or volumes, with strides or with dilation.

    Args:
      input: a Tensor of floats [batch, ... spatial ..., in], or with the channels second.
      filter: a Tensor [... spatial ..., in, out].
      padding: 'SAME' or 'VALID'.
      strides: one int a spatial dimension.
      dilation_rate: one int a spatial dimension, how far apart the weights of a filter lie.
      name: name of the scope of the nodes.
      data_format: a string that starts with 'NC' if the channels come second.
      filters, dilations: other names of `filter` and `dilation_rate`.

    Returns: a Tensor [batch, ... spatial ..., out], or with the channels second.

    Raises: ValueError for shapes or arguments that do not fit.
    """
    filter = deprecated_argument_lookup('filters', filters, 'filter', filter)
    dilation_rate = deprecated_argument_lookup('dilations', dilations, 'dilation_rate', dilation_rate)
    with name_scope(name, 'convolution', [input, filter]) as name:
        input = convert.to_tensor(input, name='input')
        filter = convert.to_tensor(filter, name='filter')
        count = _num_spatial_dims(input, filter)
        first = data_format is not None and data_format.startswith('NC')
        strides, rate = _strides_and_rate(count, strides, dilation_rate)

        def convolve(x, _, padding):
            return _convolve(x, filter, count, strides, padding, data_format, name)
        if np.all(rate == 1):
            return convolve(input, count, padding)
        _check_channels(input, filter, count, first)
        return with_space_to_batch(input, rate, padding, convolve, filter_shape=filter.get_shape(),
                                   spatial_dims=range(2, count + 2) if first else range(1, count + 1),
                                   data_format=data_format)


def _num_spatial_dims(input, filter):
    rank = filter.get_shape().ndims
    if rank is None:
        rank = input.get_shape().ndims
    if rank is None:
        raise ValueError('rank of input or filter must be known')
    for tensor, what in ((input, 'input tensor'), (filter, 'filter tensor')):
        if tensor.get_shape().ndims not in (None, rank):
            raise ValueError('%s must have rank %d' % (what, rank))
    return rank - 2


def _check_channels(input, filter, count, first):
    have = input.get_shape().with_rank(count + 2)[1 if first else count + 1]
    want = filter.get_shape().with_rank(count + 2)[count]
    if not have.is_compatible_with(want):
        raise ValueError(f'number of input channels does not match corresponding dimension of filter, {have} != {want}')


def _convolve(x, filter, count, strides, padding, data_format, name):
    if count == 1:
        return conv1d(x, filter, int(strides[0]), padding, data_format=data_format or 'NWC', name=name)
    if count == 2:
        data_format = data_format or 'NHWC'
        return conv2d(x, filter, _for_every_dim(strides, data_format), padding, data_format=data_format, name=name)
    if count == 3:
        data_format = data_format or 'NDHWC'
        return conv3d(x, filter, _for_every_dim(strides, data_format), padding, data_format=data_format, name=name)
    raise NotImplementedError('%d dimensions not supported' % count)


@export('nn.atrous_conv2d')
def atrous_conv2d(value, filters, rate, padding, name=None):
    """`convolution` of images with weights `rate` (an int) apart in both dimensions."""
    return convolution(value, filters, padding, dilation_rate=np.broadcast_to(rate, (2,)), name=name)


_POOLS = {('MAX', 1): max_pool1d, ('MAX', 2): max_pool, ('MAX', 3): max_pool3d,
          ('AVG', 1): avg_pool1d, ('AVG', 2): avg_pool, ('AVG', 3): avg_pool3d}
_FORMATS = {1: 'NWC', 2: 'NHWC', 3: 'NDHWC'}


@export('nn.pool')
def pool(input, window_shape, pooling_type, padding, dilation_rate=None, strides=None, name=None, data_format=None,
         dilations=None):
    """Max or average pool of rows, images or volumes, with strides or with dilation.

    Args:
      input: a Tensor [batch, ... spatial ..., channels], or with the channels second.
      window_shape: one int a spatial dimension.
      pooling_type: 'MAX' or 'AVG'.
      padding: 'SAME' or 'VALID'.
      dilation_rate, strides: one int a spatial dimension.
      name: name of the scope of the nodes.
      data_format: a string that starts with 'NC' if the channels come second.
      dilations: another name of `dilation_rate`.

    Returns: a Tensor with the spatial dimensions pooled.

    Raises: ValueError for arguments that do not fit.
    """
    dilation_rate = deprecated_argument_lookup('dilations', dilations, 'dilation_rate', dilation_rate)
    with name_scope(name, f'{pooling_type.lower()}_pool', [input]) as scope:
        input = convert.to_tensor(input, name='input')
        count = len(window_shape)
        if count < 1 or count > 3:
            raise ValueError('It is required that 1 <= num_spatial_dims <= 3.')
        if input.get_shape().ndims not in (None, count + 2):
            raise ValueError(f'Shape {input.get_shape()} must have rank {count + 2}')
        strides, rate = _strides_and_rate(count, strides, dilation_rate)
        if padding == 'SAME' and np.any(rate > 1):
            raise ValueError("pooling with SAME padding is not implemented for dilation_rate > 1")
        if np.any(strides > window_shape):
            raise ValueError('strides > window_shape not supported due to inconsistency between CPU and GPU '
                             'implementations')
        if (pooling_type, count) not in _POOLS:
            raise ValueError(f'{count}-D {pooling_type} pooling is not supported.')
        layout = data_format or _FORMATS[count]

        def pooled(x, _, padding):
            return _POOLS[pooling_type, count](x, _for_every_dim(window_shape, layout), _for_every_dim(strides, layout),
                                               padding, data_format=layout, name=scope)
        first = data_format is not None and data_format.startswith('NC')
        return with_space_to_batch(input, rate, padding, pooled,
                                   spatial_dims=range(2, count + 2) if first else range(1, count + 1),
                                   data_format=data_format)
