"""Kernels of fill, zeros_like, range, linspace."""
import numpy as np

from graphflow.framework.registry import kernel
from graphflow.kernels import memory
from graphflow.kernels.array import invalid, text


def zeros(shape, dtype):
    """An array of zeros; of empty strings for objects."""
    return np.full(shape, b'', dtype=object) if dtype == object else memory.zeros(shape, dtype)


@kernel('Fill')
def fill(dims, value):
    if dims.ndim != 1:
        raise invalid(f'dims must be a vector, got shape {text(dims.shape)}')
    if value.ndim:
        raise invalid(f'value must be a scalar, got shape {text(value.shape)}')
    for d in dims.tolist():
        if d < 0:
            raise invalid(f'Dimension {d} must be >= 0')
    result = memory.empty(tuple(dims.tolist()), value.dtype)
    result.fill(value[()])
    return result


@kernel('ZerosLike')
def zeros_like(x):
    return zeros(x.shape, x.dtype)


@kernel('OnesLike')
def ones_like(x):
    result = memory.empty(x.shape, x.dtype)
    result.fill(1)
    return result


@kernel('Range')
def range_(start, limit, delta):
    for name, value in (('start', start), ('limit', limit), ('delta', delta)):
        if value.ndim:
            raise invalid(f'{name} must be a scalar, not shape {text(value.shape)}')
    dtype = start.dtype
    start, limit, delta = start.item(), limit.item(), delta.item()
    if delta == 0:
        raise invalid(f'Requires delta != 0: {delta}')
    if delta > 0 and start > limit:
        raise invalid(f'Requires start <= limit when delta > 0: {start}/{limit}')
    if delta < 0 and start < limit:
        raise invalid(f'Requires start >= limit when delta < 0: {start}/{limit}')
    if dtype.kind == 'i':
        return np.arange(start, limit, delta, dtype=dtype)
    # Each element is the one before it plus delta, rounded to the dtype.
    out = np.full(int(np.ceil(abs((limit - start) / delta))), dtype.type(delta))
    if out.size:
        out[0] = start
    return np.add.accumulate(out, dtype=dtype)


@kernel('LinSpace')
def linspace(start, stop, num):
    for name, value in (('start', start), ('stop', stop), ('num', num)):
        if value.ndim:
            raise invalid(f'{name} must be a scalar, not shape {text(value.shape)}')
    dtype, num = start.dtype, int(num)
    if num <= 0:
        raise invalid(f'Requires num > 0: {num}')
    if num == 1:
        return start.reshape(1)
    step = dtype.type((stop - start) / dtype.type(num - 1))
    out = start + step * np.arange(num, dtype=dtype)
    out[-1] = stop
    return out
