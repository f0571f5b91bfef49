"""Where the windows of convolutions and pools lie: output sizes, padding, and the layout of the
dimensions."""
from typing import NamedTuple

import numpy as np

from graphflow.framework.errors import InvalidArgumentError
from graphflow.kernels import memory

# For `jit`'s fastmath: lets sums use vectors, while NaN and infinity keep their meaning.
SUMS = {'contract': True, 'reassoc': True, 'nsz': True}


class Window(NamedTuple):
    """A window sliding along one dimension of `size` elements; `before` zeros precede the first element."""
    size: int
    taps: int
    stride: int
    dilation: int
    before: int
    out: int


def text(value):
    """A string attr as str, whether it came as str or bytes."""
    return value.decode() if isinstance(value, bytes) else value


def channels_first(data_format):
    """True for 'NCHW' and 'NCDHW'."""
    return text(data_format).startswith('NC')


def window(size, taps, stride, dilation, padding, explicit=(0, 0)):
    """The Window along one dimension.

    Args:
      size: elements of the input.
      taps: elements of the window, `dilation` apart.
      stride: how far the window moves from one output element to the next.
      dilation: see `taps`.
      padding: 'SAME' (as many outputs as strides begun; an odd zero goes behind), 'VALID' or 'EXPLICIT'.
      explicit: zeros before and behind for 'EXPLICIT'.
    """
    extent = (taps - 1) * dilation + 1
    if padding == 'SAME':
        out = -(-size // stride)
        before = max((out - 1) * stride + extent - size, 0) // 2
    else:
        before, behind = explicit if padding == 'EXPLICIT' else (0, 0)
        out = (size + before + behind - extent + stride) // stride
    return Window(size, taps, stride, dilation, before, out)


def windows(sizes, taps, strides, dilations, padding, data_format, explicit_paddings=()):
    """One Window for each spatial dimension.

    Args:
      sizes, taps: spatial sizes of the input and of the filter or pool.
      strides, dilations: for every dimension, in the order of `data_format`; no `dilations` means ones.
      padding: 'SAME', 'VALID' or 'EXPLICIT'.
      data_format: 'NHWC', 'NCHW', 'NDHWC' or 'NCDHW'.
      explicit_paddings: before and behind of every dimension, in the order of `data_format`.

    Raises:
      InvalidArgumentError: a window is larger than the padded input by more than a stride.
    """
    first = 2 if channels_first(data_format) else 1
    padding = text(padding)
    result = []
    for k, (size, n) in enumerate(zip(sizes, taps)):
        d = first + k
        explicit = tuple(explicit_paddings[2 * d:2 * d + 2]) if padding == 'EXPLICIT' else (0, 0)
        dilation = int(dilations[d]) if dilations else 1
        w = window(int(size), int(n), int(strides[d]), dilation, padding, explicit)
        if w.out < 0:
            raise InvalidArgumentError(
                None, None, 'Computed output size would be negative: %d [input_size: %d, '
                'effective_filter_size: %d, stride: %d]'
                % (w.out, w.size, (w.taps - 1) * w.dilation + 1, w.stride))
        result.append(w)
    return result


def channels_last_view(x, data_format):
    """`x` seen with its channels last; a view."""
    return np.moveaxis(x, 1, -1) if channels_first(data_format) else x


def to_channels_last(x, data_format):
    """`x` with its channels last, contiguous."""
    return memory.contiguous(channels_last_view(x, data_format))


def from_channels_last(x, data_format):
    """A channels-last result in the layout `data_format`, contiguous."""
    return memory.contiguous(np.moveaxis(x, -1, 1)) if channels_first(data_format) else x


def channels_last_shape(shape, data_format):
    """A list of sizes in the order of `data_format`, reordered to channels last."""
    shape = [int(n) for n in shape]
    return shape[:1] + shape[2:] + shape[1:2] if channels_first(data_format) else shape


def frozen(x):
    """A read-only view: one type for writeable and read-only inputs, so that loops are compiled once."""
    view = x.view()
    view.flags.writeable = False
    return view


def working(x):
    """`x` in the precision the loops are made for: half and bfloat16 are computed in single precision."""
    return x if x.dtype in (np.float32, np.float64) else memory.cast(x, np.float32)
