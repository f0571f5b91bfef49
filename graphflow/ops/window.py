"""Static shapes of convolutions and pools: how many places a sliding window takes, and attributes in short form."""


def spatial_axes(data_format, rank):
    """The dimensions along which the window slides; 'NHWC' and 'NCHW' tell where, `rank` how many there are."""
    return range(2, rank) if data_format.startswith('NC') else range(1, rank - 1)


def channel_axis(data_format, rank):
    """The dimension of the channels."""
    return 1 if data_format.startswith('NC') else rank - 1


def output_size(size, taps, stride, padding, dilation=1, pads=(0, 0), may_be_empty=False):
    """The number of outputs along a dimension, None if it is not known.

    Args:
      size: elements of the input, or None.
      taps: elements of the window, `dilation` apart, or None.
      stride: how far the window moves from one output to the next.
      padding: 'SAME', 'VALID' or 'EXPLICIT'.
      dilation: see `taps`.
      pads: zeros added before and behind for 'EXPLICIT'.
      may_be_empty: whether a window one element too long gives no outputs rather than an error.

    Raises: ValueError for a stride or dilation below one, or a window longer than the input.
    """
    if stride <= 0:
        raise ValueError(f'Stride must be > 0, but got {stride}')
    if dilation < 1:
        raise ValueError(f'Dilation rate must be >= 1, but got {dilation}')
    if size is None:
        return None
    if padding == 'SAME':
        return -(-size // stride)
    if taps is None:
        return None
    extent = (taps - 1) * dilation + 1
    size += sum(pads)
    if extent > size and not may_be_empty:
        raise ValueError(f'Negative dimension size caused by subtracting {extent} from {size}')
    return (size - extent + stride) // stride


def sized_by(i, rank):
    """A shape rule: the shape, of `rank` dimensions, that the integer input i stands for."""
    def rule(c):
        given = c.rank(i, 1).as_list()[0]
        if given not in (None, rank):
            raise ValueError(f'Shape must be rank {rank} but is rank {given}')
        return c.value_as_shape(i).with_rank(rank)
    return rule


def per_dimension(value, name, data_format, rank=4):
    """The attr `name` for each of `rank` dimensions, from one number, one a spatial dimension, or all of them.

    Raises: ValueError for a list of another length.
    """
    spatial = rank - 2
    if value is None:
        value = [1]
    elif not hasattr(value, '__iter__'):
        value = [value]
    value = list(value)
    if len(value) == rank:
        return value
    if len(value) == 1:
        value *= spatial
    elif len(value) != spatial:
        raise ValueError(f'{name} should be of length 1, {spatial} or {rank} but was {len(value)}')
    return [1, 1] + value if data_format.startswith('NC') else [1] + value + [1]
