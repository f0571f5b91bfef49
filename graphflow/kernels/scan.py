"""Kernels of running sums and products."""
import numpy as np

from graphflow.framework import errors
from graphflow.framework.registry import kernel


def _scan(accumulate, x, axis, exclusive, reverse, start):
    """`accumulate` along a dimension; exclusive scans are shifted by one and begin with `start`."""
    if axis.ndim:
        raise errors.InvalidArgumentError(
            None, None, f'ScanOp: axis must be a scalar, not [{",".join(map(str, axis.shape))}]')
    axis, rank = int(axis), x.ndim
    if not -rank <= axis < rank:
        raise errors.InvalidArgumentError(
            None, None, f'ScanOp: Expected scan axis in the range [{-rank}, {rank}), but got {axis}')
    x = np.moveaxis(x, axis, 0)
    if reverse:
        x = x[::-1]
    out = np.empty(x.shape, x.dtype)
    if exclusive and len(x):
        out[0] = start
        accumulate(x[:-1], out[1:])
    else:
        accumulate(x, out)
    return np.moveaxis(out[::-1] if reverse else out, 0, axis)


def _in_single(ufunc):
    """A ufunc's accumulate over the first dimension; halves are summed in single precision."""
    def accumulate(x, out):
        dtype = np.float32 if x.dtype == np.float16 else x.dtype
        out[...] = ufunc.accumulate(x, axis=0, dtype=dtype)
    return accumulate


@kernel('Cumsum')
def cumsum(x, axis, exclusive, reverse):
    return _scan(_in_single(np.add), x, axis, exclusive, reverse, 0)


@kernel('Cumprod')
def cumprod(x, axis, exclusive, reverse):
    return _scan(_in_single(np.multiply), x, axis, exclusive, reverse, 1)


@kernel('CumulativeLogsumexp')
def cumulative_logsumexp(x, axis, exclusive, reverse):
    return _scan(_in_single(np.logaddexp), x, axis, exclusive, reverse, np.finfo(x.dtype).min)
