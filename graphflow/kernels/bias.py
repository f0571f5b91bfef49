"""Adding a bias to each channel, and its gradient."""
import math

import numpy as np

from graphflow.framework.errors import InvalidArgumentError
from graphflow.framework.registry import kernel
from graphflow.kernels import math as _math  # noqa: F401 (has Add)
from graphflow.kernels import memory
from graphflow.kernels.conv_geometry import channels_first, frozen
from graphflow.kernels.correlate import make_tiles
from graphflow.kernels.elementwise import array_function
from graphflow.kernels.jit import jit
from graphflow.kernels.microkernel import address_of, call
from graphflow.kernels.threads import shard


def _check(x):
    if x.ndim < 2:
        raise InvalidArgumentError(None, None, 'Input tensor must be at least 2D: ' + _text(x))


def _text(x):
    return '[%s]' % ','.join(map(str, x.shape))


BLOCK = 512         # rows summed in one go
GRAIN = 1 << 17     # elements worth another thread
_ZEROS = np.zeros(BLOCK, np.int64)
_add = array_function('Add')


@kernel('BiasAdd')
def bias_add(value, bias, data_format='NHWC'):
    """`value` plus `bias` [channels] along the last dimension, or the second for 'NCHW'."""
    _check(value)
    if bias.ndim != 1:
        raise InvalidArgumentError(None, None, 'Biases must be 1D: ' + _text(bias))
    first = channels_first(data_format)
    if bias.shape[0] != value.shape[1 if first else -1]:
        raise InvalidArgumentError(
            None, None, 'Must provide as many biases as the last dimension of the input tensor: %s vs. %s'
            % (_text(bias), _text(value)))
    return _add(value, bias.reshape((-1,) + (1,) * (value.ndim - 2)) if first else bias)


@kernel('BiasAddV1')
def bias_add_v1(value, bias):
    """`bias_add` along the last dimension."""
    return bias_add(value, bias)


@kernel('BiasAddGrad')
def bias_add_grad(out_backprop, data_format='NHWC'):
    """The sum of `out_backprop` over all dimensions but its channels."""
    _check(out_backprop)
    dtype = out_backprop.dtype
    first = channels_first(data_format)
    channels = out_backprop.shape[1 if first else -1]
    shape = (len(out_backprop), channels, math.prod(out_backprop.shape[2:])) if first else (-1, channels, 1)
    if out_backprop.size == 0:
        return np.zeros(channels, dtype)
    rows = out_backprop.reshape(shape)
    if dtype in (np.float32, np.float64):
        rows = memory.contiguous(rows).sum(axis=2) if first else memory.contiguous(rows[:, :, 0])
        return _row_sums(rows)
    total = dtype if dtype.kind in 'iuc' else np.float32
    return rows.sum(axis=(0, 2), dtype=total).astype(dtype, copy=False)


def _row_sums(rows):
    """The sum of the rows of [n, channels]: a product with ones, at the speed of memory; NaN and infinity pass through it.

    In blocks, since rounding errors grow with the number of summands.
    """
    n, channels = rows.shape
    partial = np.empty((-(-n // BLOCK), channels), rows.dtype)
    shard(_row_sums_range, len(partial), frozen(rows), partial, make_tiles(1, channels, rows.dtype), _ZEROS,
          np.ones(1, rows.dtype), grain=-(-GRAIN // (BLOCK * channels)))
    return partial[0] if len(partial) == 1 else partial.sum(axis=0)


@jit
def _row_sums_range(rows, partial, tiles, zeros, one, lo, hi):
    """The sums of blocks lo..hi of BLOCK rows."""
    whole_tile, width, last_tile, _, _ = tiles
    n, channels = rows.shape
    size = rows.itemsize
    from_rows, to_partial, nothing, a = address_of(rows), address_of(partial), address_of(zeros), address_of(one)
    for block in range(lo, hi):
        for column in range(0, channels, width):
            call(last_tile if column + width >= channels else whole_tile, min(BLOCK, n - block * BLOCK),
                 (a, nothing, nothing, from_rows + (block * BLOCK * channels + column) * size, channels,
                  to_partial + (block * channels + column) * size, nothing, a, 0, channels - column))
