"""Adding a bias to each channel, and its gradient."""
import math

import numpy as np

from graphflow.framework.errors import InvalidArgumentError
from graphflow.framework.registry import kernel
from graphflow.kernels.conv_geometry import channels_first


def _check(x):
    if x.ndim < 2:
        raise InvalidArgumentError(None, None, 'Input tensor must be at least 2D: ' + _text(x))


def _text(x):
    return '[%s]' % ','.join(map(str, x.shape))


BLOCK = 512


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
    return np.add(value, bias.reshape((-1,) + (1,) * (value.ndim - 2)) if first else bias, dtype=value.dtype)


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
        # A product with ones runs at the speed of memory; NaN and infinity pass through it. In blocks, since
        # rounding errors grow with the number of summands.
        rows = np.ascontiguousarray(rows).sum(axis=2) if first else rows[:, :, 0]
        sums = [np.ones(min(BLOCK, len(rows) - at), dtype) @ rows[at:at + BLOCK]
                for at in range(0, len(rows), BLOCK)]
        return np.sum(sums, axis=0, dtype=dtype)
    total = dtype if dtype.kind in 'iuc' else np.float32
    return rows.sum(axis=(0, 2), dtype=total).astype(dtype, copy=False)
