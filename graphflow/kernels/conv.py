"""Convolutions in two and three dimensions, depthwise convolutions, and their gradients.

Sums are made by correlate.py, which wants channels last and three spatial dimensions. Half precision is
computed in single precision.
"""
import numpy as np

from graphflow.framework.errors import InvalidArgumentError, UnimplementedError
from graphflow.framework.registry import kernel
from graphflow.kernels import memory, scatter_correlation
from graphflow.kernels.conv_geometry import (Window, channels_first, channels_last_shape, frozen,
                                             from_channels_last, to_channels_last, windows, working)
from graphflow.kernels.correlate import Axis, correlate, correlate_filters
from graphflow.kernels.jit import jit
from graphflow.kernels.threads import shard


def invalid(message):
    return InvalidArgumentError(None, None, message)


def shape_text(shape):
    return '[%s]' % ','.join(str(int(n)) for n in shape)


def _five_dimensional(x):
    """[batch, ..., channels] with one or two spatial dimensions, with three."""
    return x.reshape(x.shape[:-1] + (1,) * (5 - x.ndim) + x.shape[-1:])


def _three_taps(filters):
    """[..., in, out] with one to three dimensions of taps, with three."""
    return filters.reshape(filters.shape[:-2] + (1,) * (5 - filters.ndim) + filters.shape[-2:])


def _three(items, one):
    return tuple(items) + (one,) * (3 - len(items))


ONE = Axis(1, 1, (0,), 0)


def _forward_axes(ws):
    return _three([Axis(w.out, w.stride, tuple(range(0, w.taps * w.dilation, w.dilation)), w.before)
                   for w in ws], ONE)


def _forward(x, filters, strides, dilations, padding, data_format, explicit_paddings=(), bias=None, relu=False):
    dtype = x.dtype
    bias = None if bias is None else np.ascontiguousarray(working(bias))
    x, filters = to_channels_last(working(x), data_format), working(filters)
    ws = windows(x.shape[1:-1], filters.shape[:-2], strides, dilations, padding, data_format,
                 explicit_paddings)
    shape = (x.shape[0], *(w.out for w in ws), filters.shape[-1])
    y = (memory.empty if x.size and filters.size else memory.zeros)(shape, x.dtype)
    if x.size and filters.size:
        correlate(_five_dimensional(x), _forward_axes(ws), _three_taps(filters), _five_dimensional(y), bias, relu)
    elif bias is not None:
        y[...] = np.maximum(bias, 0) if relu else bias
    return memory.cast(from_channels_last(y, data_format), dtype)


def _phases(w):
    """What reaches input elements  phase, phase + stride, ...:  (filter taps in use, Axis) for each phase.

    Input element phase + i * stride was met by tap k in output i + (phase + before - k * dilation) / stride.
    """
    for phase in range(min(w.stride, w.size)):
        used = [k for k in range(w.taps) if (phase + w.before - k * w.dilation) % w.stride == 0][::-1]
        if used:
            at = [(phase + w.before - k * w.dilation) // w.stride for k in used]
            count = -(-(w.size - phase) // w.stride)
            yield used, Axis(count, 1, tuple(a - at[0] for a in at), -at[0], phase, w.stride)


def _run(indices):
    """The slice that selects these indices, which lie equally far apart, in their order."""
    if len(indices) == 1:
        return slice(indices[0], indices[0] + 1)
    step = indices[1] - indices[0]
    end = indices[-1] + step
    return slice(indices[0], end if end >= 0 else None, step)


def _gather(dy, filters, dx, ws):
    choices = _three([list(_phases(w)) for w in ws], [([0], ONE)])
    for taps1, axis1 in choices[0]:
        for taps2, axis2 in choices[1]:
            for taps3, axis3 in choices[2]:
                correlate(dy, (axis1, axis2, axis3), filters[_run(taps1), _run(taps2), _run(taps3)], dx)


def _backprop_input(sizes, filters, dy, strides, dilations, padding, data_format, name, explicit_paddings=()):
    dtype = dy.dtype
    dy, filters = to_channels_last(working(dy), data_format), working(filters)
    sizes = channels_last_shape(sizes, data_format)
    rank = len(sizes) - 2
    _check_backprop(name, sizes, filters.shape, dy.shape)
    ws = windows(sizes[1:-1], filters.shape[:rank], strides, dilations, padding, data_format,
                 explicit_paddings)
    _check_outputs(name, ws, dy.shape[1:-1])
    few = scatter_correlation.suits(sizes[-1], dy.dtype)
    # Where every element of the image meets a window, all of dx is written below.
    met = dy.size and filters.size and all(len(list(_phases(w))) == min(w.stride, w.size) for w in ws)
    dx = (memory.empty if met or few and dy.size and filters.size else memory.zeros)(sizes, dy.dtype)
    if dx.size and dy.size and filters.size:
        if few:     # the last dimension is the one that matters there
            one = (1,) * (3 - rank)
            scatter_correlation.backprop_input(
                dy.reshape(dy.shape[:1] + one + dy.shape[1:]), filters.reshape(one + filters.shape),
                dx.reshape(dx.shape[:1] + one + dx.shape[1:]), [Window(1, 1, 1, 1, 0, 1)] * (3 - rank) + list(ws))
        else:
            _gather(_five_dimensional(dy), _three_taps(filters).swapaxes(3, 4), _five_dimensional(dx), ws)
    return memory.cast(from_channels_last(dx, data_format), dtype)


def _backprop_filter(x, filter_sizes, dy, strides, dilations, padding, data_format, name,
                     explicit_paddings=()):
    dtype = dy.dtype
    x, dy = (to_channels_last(working(a), data_format) for a in (x, dy))
    filter_sizes = tuple(int(n) for n in filter_sizes)
    rank = len(filter_sizes) - 2
    if len(filter_sizes) != x.ndim:
        raise invalid('%s: filter must be %d-dimensional' % (name, x.ndim))
    _check_backprop(name, x.shape, filter_sizes, dy.shape)
    ws = windows(x.shape[1:-1], filter_sizes[:rank], strides, dilations, padding, data_format,
                 explicit_paddings)
    _check_outputs(name, ws, dy.shape[1:-1])
    if 0 in filter_sizes or x.size == 0 or dy.size == 0:
        return np.zeros(filter_sizes, dtype)
    dw = correlate_filters(_five_dimensional(x), _forward_axes(ws), _five_dimensional(dy))
    return memory.cast(dw.reshape(filter_sizes), dtype)


def _check_backprop(name, sizes, filter_sizes, dy_shape):
    rank = len(filter_sizes)
    if len(sizes) != rank:
        raise invalid('%s: input must be %d-dimensional' % (name, rank))
    if len(dy_shape) != rank:
        raise invalid('%s: out_backprop must be %d-dimensional' % (name, rank))
    if sizes[0] != dy_shape[0]:
        raise invalid('%s: input and out_backprop must have the same batch sizeinput batch: %d'
                      'outbackprop batch: %d batch_dim: 0' % (name, sizes[0], dy_shape[0]))
    if sizes[-1] != filter_sizes[-2]:
        raise invalid('%s: input depth must be evenly divisible by filter depth' % name)
    if filter_sizes[-1] != dy_shape[-1]:
        raise invalid('%s: filter and out_backprop must have the same out_depth' % name)


def _check_outputs(name, ws, actual):
    for k, (w, n) in enumerate(zip(ws, actual)):
        if w.out != n:
            raise invalid("%s: Size of out_backprop doesn't match computed: actual = %d, computed = %d "
                          'spatial_dim: %d input: %d filter: %d output: %d stride: %d dilation: %d'
                          % (name, n, w.out, k + 1, w.size, w.taps, n, w.stride, w.dilation))


def _check_conv2d(x, filters, data_format):
    if x.ndim != 4:
        raise invalid('input must be 4-dimensional' + shape_text(x.shape))
    if filters.ndim != 4:
        raise invalid('filter must be 4-dimensional: ' + shape_text(filters.shape))
    depth = x.shape[1 if channels_first(data_format) else 3]
    if depth != filters.shape[2]:
        if filters.shape[2] and depth % filters.shape[2] == 0:
            raise UnimplementedError(
                None, None, 'The Conv2D op currently does not support grouped convolutions on the CPU. A '
                'grouped convolution was attempted to be run because the input depth of %d does not match '
                'the filter input depth of %d' % (depth, filters.shape[2]))
        raise invalid('input depth must be evenly divisible by filter depth: %d vs %d'
                      % (depth, filters.shape[2]))


@kernel('Conv2D')
def conv2d(x, filters, strides, padding, data_format='NHWC', dilations=(1, 1, 1, 1), explicit_paddings=()):
    """Cross-correlation of images [batch, height, width, in] with filters [height, width, in, out]."""
    _check_conv2d(x, filters, data_format)
    return _forward(x, filters, strides, dilations, padding, data_format, explicit_paddings)


def conv2d_fused(x, filters, bias, strides, padding, data_format='NHWC', dilations=(1, 1, 1, 1), explicit_paddings=(),
                 relu=False):
    """`conv2d` plus `bias` [out] (or None) on each channel, rectified with `relu`: one pass over the memory of the result.

    Half precision is rounded once, in the end.
    """
    _check_conv2d(x, filters, data_format)
    return _forward(x, filters, strides, dilations, padding, data_format, explicit_paddings, bias, relu)


@kernel('Conv2DBackpropInput')
def conv2d_backprop_input(input_sizes, filters, dy, strides, padding, data_format='NHWC',
                          dilations=(1, 1, 1, 1), explicit_paddings=()):
    """The gradient of `conv2d` with respect to images of shape `input_sizes`."""
    if np.ndim(input_sizes) != 1:
        raise invalid(f'Conv2DBackpropInput: input_sizes input must be 1-dim, not {np.ndim(input_sizes)}')
    if len(input_sizes) != 4:
        raise invalid('Conv2DCustomBackpropInput: input must be 4-dimensional')
    return _backprop_input(input_sizes, filters, dy, strides, dilations, padding, data_format,
                           'Conv2DCustomBackpropInput', explicit_paddings)


@kernel('Conv2DBackpropFilter')
def conv2d_backprop_filter(x, filter_sizes, dy, strides, padding, data_format='NHWC', dilations=(1, 1, 1, 1),
                           explicit_paddings=()):
    """The gradient of `conv2d` with respect to filters of shape `filter_sizes`."""
    if np.ndim(filter_sizes) != 1:
        raise invalid(f'Conv2DCustomBackpropFilter: filter_sizes input must be 1-dim, not {np.ndim(filter_sizes)}')
    return _backprop_filter(x, filter_sizes, dy, strides, dilations, padding, data_format,
                            'Conv2DCustomBackpropFilter', explicit_paddings)


@kernel('Conv3D')
def conv3d(x, filters, strides, padding, data_format='NDHWC', dilations=(1, 1, 1, 1, 1)):
    """Cross-correlation of volumes [batch, depth, height, width, in] with filters [..., in, out]."""
    if x.ndim != 5:
        raise invalid('input must be 5-dimensional')
    if filters.ndim != 5:
        raise invalid('filter must be 5-dimensional')
    depth = x.shape[1 if channels_first(data_format) else 4]
    if depth != filters.shape[3]:
        raise invalid('Input depth must be evenly divisible by filter depth: %d vs %d'
                      % (depth, filters.shape[3]))
    return _forward(x, filters, strides, dilations, padding, data_format)


@kernel('Conv3DBackpropInputV2')
def conv3d_backprop_input(input_sizes, filters, dy, strides, padding, data_format='NDHWC',
                          dilations=(1, 1, 1, 1, 1)):
    """The gradient of `conv3d` with respect to volumes of shape `input_sizes`."""
    return _backprop_input(input_sizes, filters, dy, strides, dilations, padding, data_format,
                           'Conv3DBackpropInputOp')


@kernel('Conv3DBackpropFilterV2')
def conv3d_backprop_filter(x, filter_sizes, dy, strides, padding, data_format='NDHWC',
                           dilations=(1, 1, 1, 1, 1)):
    """The gradient of `conv3d` with respect to filters of shape `filter_sizes`."""
    return _backprop_filter(x, filter_sizes, dy, strides, dilations, padding, data_format,
                            'Conv3DBackpropFilterOp')


@kernel('Conv3DBackpropInput')
def conv3d_backprop_input_v1(x, filters, dy, strides, padding, dilations=(1, 1, 1, 1, 1)):
    """`conv3d_backprop_input` given the volumes in place of their shape."""
    return conv3d_backprop_input(x.shape, filters, dy, strides, padding, 'NDHWC', dilations)


@kernel('Conv3DBackpropFilter')
def conv3d_backprop_filter_v1(x, filters, dy, strides, padding, dilations=(1, 1, 1, 1, 1)):
    """`conv3d_backprop_filter` given the filters in place of their shape."""
    return conv3d_backprop_filter(x, filters.shape, dy, strides, padding, 'NDHWC', dilations)


# Depthwise convolution: output channel c * multiplier + m is input channel c under filter m of its own.

@jit
def _depthwise_range(x, filters, y, geometry, lo, hi):
    """Rows lo..hi of all images' output rows."""
    stride1, stride2, dilation1, dilation2, before1, before2 = geometry
    _, d1, d2, channels = x.shape
    taps1, taps2, _, multiplier = filters.shape
    _, out1, out2, _ = y.shape
    for row in range(lo, hi):
        n, i = row // out1, row % out1
        for j in range(out2):
            y[n, i, j, :] = 0
        for a in range(taps1):
            p = i * stride1 + a * dilation1 - before1
            if p < 0 or p >= d1:
                continue
            for b in range(taps2):
                for j in range(out2):
                    q = j * stride2 + b * dilation2 - before2
                    if q < 0 or q >= d2:
                        continue
                    if multiplier == 1:
                        for c in range(channels):
                            y[n, i, j, c] += x[n, p, q, c] * filters[a, b, c, 0]
                    else:
                        for c in range(channels):
                            for m in range(multiplier):
                                y[n, i, j, c * multiplier + m] += x[n, p, q, c] * filters[a, b, c, m]


@jit
def _depthwise_input_range(dx, filters, dy, geometry, lo, hi):
    """Images lo..hi of `dx`, which holds zeros."""
    stride1, stride2, dilation1, dilation2, before1, before2 = geometry
    _, d1, d2, channels = dx.shape
    taps1, taps2, _, multiplier = filters.shape
    _, out1, out2, _ = dy.shape
    for n in range(lo, hi):
        for i in range(out1):
            for a in range(taps1):
                p = i * stride1 + a * dilation1 - before1
                if p < 0 or p >= d1:
                    continue
                for j in range(out2):
                    for b in range(taps2):
                        q = j * stride2 + b * dilation2 - before2
                        if q < 0 or q >= d2:
                            continue
                        for c in range(channels):
                            for m in range(multiplier):
                                dx[n, p, q, c] += dy[n, i, j, c * multiplier + m] * filters[a, b, c, m]


@jit
def _depthwise_filter_range(x, dw, dy, geometry, lo, hi):
    """Filter rows lo..hi of `dw`, which holds zeros."""
    stride1, stride2, dilation1, dilation2, before1, before2 = geometry
    batch, d1, d2, channels = x.shape
    _, taps2, _, multiplier = dw.shape
    _, out1, out2, _ = dy.shape
    for a in range(lo, hi):
        for n in range(batch):
            for i in range(out1):
                p = i * stride1 + a * dilation1 - before1
                if p < 0 or p >= d1:
                    continue
                for b in range(taps2):
                    for j in range(out2):
                        q = j * stride2 + b * dilation2 - before2
                        if q < 0 or q >= d2:
                            continue
                        for c in range(channels):
                            for m in range(multiplier):
                                dw[a, b, c, m] += x[n, p, q, c] * dy[n, i, j, c * multiplier + m]


def _depthwise_geometry(sizes, filter_sizes, strides, padding, data_format):
    ws = windows(sizes[1:3], filter_sizes[:2], strides, None, padding, data_format)
    if ws[0].stride != ws[1].stride:
        raise invalid('Current implementation only supports equal length strides in the row and column '
                      'dimensions.')
    # The op's dilations say nothing here, nor to TensorFlow's CPU kernel: tf.nn dilates by space_to_batch.
    return ws, tuple(getattr(w, name) for name in ('stride', 'dilation', 'before') for w in ws)


def _run_depthwise(loop, n, result, other, dy_or_y, geometry, work):
    shard(loop, n, result, other, dy_or_y, geometry, grain=max(1, n * 100_000 // max(work, 1)))


@kernel('DepthwiseConv2dNative')
def depthwise_conv2d(x, filters, strides, padding, data_format='NHWC'):
    """Each channel of images [batch, height, width, in] under filters [height, width, in, multiplier]."""
    for name, array in (('input', x), ('filter', filters)):
        if array.ndim != 4:
            raise invalid(f'{name} must be 4-dimensional{shape_text(array.shape)}')
    dtype = x.dtype
    x, filters = to_channels_last(working(x), data_format), np.ascontiguousarray(working(filters))
    if x.shape[-1] != filters.shape[2]:
        raise invalid('input and filter must have the same depth: %d vs %d' % (x.shape[-1], filters.shape[2]))
    ws, geometry = _depthwise_geometry(x.shape, filters.shape, strides, padding, data_format)
    y = memory.empty((x.shape[0], ws[0].out, ws[1].out, x.shape[-1] * filters.shape[3]), x.dtype)
    _run_depthwise(_depthwise_range, y.shape[0] * ws[0].out, frozen(x), frozen(filters), y, geometry,
                   y.size * ws[0].taps * ws[1].taps)
    return from_channels_last(y, data_format).astype(dtype, copy=False)


@kernel('DepthwiseConv2dNativeBackpropInput')
def depthwise_conv2d_backprop_input(input_sizes, filters, dy, strides, padding, data_format='NHWC'):
    """The gradient of `depthwise_conv2d` with respect to images of shape `input_sizes`."""
    if np.shape(input_sizes) != (4,):
        raise invalid('DepthwiseConv2DBackpropInput: input must be 4-dimensional')
    dtype = dy.dtype
    filters, dy = np.ascontiguousarray(working(filters)), to_channels_last(working(dy), data_format)
    sizes = channels_last_shape(input_sizes, data_format)
    ws, geometry = _depthwise_geometry(sizes, filters.shape, strides, padding, data_format)
    dx = memory.zeros(sizes, dy.dtype)
    _run_depthwise(_depthwise_input_range, sizes[0], dx, frozen(filters), frozen(dy), geometry,
                   dy.size * ws[0].taps * ws[1].taps)
    return from_channels_last(dx, data_format).astype(dtype, copy=False)


@kernel('DepthwiseConv2dNativeBackpropFilter')
def depthwise_conv2d_backprop_filter(x, filter_sizes, dy, strides, padding, data_format='NHWC'):
    """The gradient of `depthwise_conv2d` with respect to filters of shape `filter_sizes`."""
    if np.shape(filter_sizes) != (4,):
        raise invalid('DepthwiseConv2DBackpropFilter: filter must be 4-dimensional')
    dtype = dy.dtype
    x, dy = (to_channels_last(working(a), data_format) for a in (x, dy))
    filter_sizes = tuple(int(n) for n in filter_sizes)
    ws, geometry = _depthwise_geometry(x.shape, filter_sizes, strides, padding, data_format)
    dw = np.zeros(filter_sizes, dy.dtype)
    _run_depthwise(_depthwise_filter_range, filter_sizes[0], frozen(x), dw, frozen(dy), geometry,
                   dy.size * ws[0].taps * ws[1].taps)
    return dw.astype(dtype, copy=False)
