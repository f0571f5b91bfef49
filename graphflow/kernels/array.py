"""Kernels of identities, shapes and reshapes. Results are views where they can be."""
import math

import numpy as np

from graphflow.framework import dtypes, errors
from graphflow.framework.registry import kernel


def invalid(message):
    """The error for arguments that do not fit."""
    return errors.InvalidArgumentError(None, None, message)


def text(shape):
    """A shape as in TensorFlow's messages: [2,3]."""
    return '[' + ','.join(str(d) for d in shape) + ']'


@kernel('Identity', 'Snapshot', 'StopGradient', 'PreventGradient', 'GuaranteeConst', 'RefIdentity')
def identity(input):
    return input


@kernel('IdentityN')
def identity_n(input):
    return input


@kernel('DeepCopy')
def deep_copy(x):
    return x.copy()


@kernel('CheckNumerics')
def check_numerics(tensor, message):
    if np.isfinite(tensor).all():
        return tensor
    found = [name for name, test in (('Inf', np.isinf), ('NaN', np.isnan)) if test(tensor).any()]
    raise invalid(f'{message} : Tensor had {" and ".join(found)} values')


@kernel('Shape')
def shape(input, out_type):
    return np.array(input.shape, dtype=out_type)


@kernel('ShapeN')
def shape_n(input, out_type):
    return [np.array(a.shape, dtype=out_type) for a in input]


@kernel('Size')
def size(input, out_type):
    return np.array(input.size, dtype=out_type)


@kernel('Rank')
def rank(input):
    return np.array(input.ndim, dtype=np.int32)


@kernel('Reshape')
def reshape(tensor, shape):
    if shape.ndim != 1:
        raise invalid(f'sizes input must be 1-D, not {text(shape.shape)}')
    dims = shape.tolist()
    if dims and min(dims) < 0:
        dims = _without_unknown(tensor, dims)
    try:
        return tensor.reshape(dims)
    except ValueError:
        raise invalid(f'Input to reshape is a tensor with {tensor.size} values, but the requested shape has '
                      f'{math.prod(dims)}') from None


def _without_unknown(tensor, dims):
    """`dims` with -1 replaced by what is left. Dimensions of 0 that are asked for do not count, on either side."""
    unknown = [i for i, d in enumerate(dims) if d == -1]
    if len(unknown) > 1:
        raise invalid(f'Only one input size may be -1, not both {unknown[0]} and {unknown[1]}')
    for i, d in enumerate(dims):
        if d < -1:
            raise invalid(f'Size {i} must be non-negative, not {d}')
    empty = 0 in dims
    known = math.prod(d for d in dims if d > 0)
    have = math.prod(d for d in tensor.shape if d or not empty)
    if have % known and not (empty and 0 in tensor.shape):
        raise invalid(f'Input to reshape is a tensor with {tensor.size} values, but the requested shape requires a '
                      f'multiple of {known}')
    return [have // known if d == -1 else d for d in dims]


@kernel('ExpandDims')
def expand_dims(input, dim):
    if dim.size != 1:
        raise invalid("'dim' must be a tensor with a single value")
    dim = int(dim.ravel()[0])
    if not -input.ndim - 1 <= dim <= input.ndim:
        raise invalid(f'Tried to expand dim index {dim} for tensor with {input.ndim} dimensions.')
    at = dim if dim >= 0 else dim + input.ndim + 1
    return input.reshape(input.shape[:at] + (1,) + input.shape[at:])


@kernel('Squeeze')
def squeeze(input, squeeze_dims):
    if not squeeze_dims:
        return input.reshape([d for d in input.shape if d != 1])
    for axis in squeeze_dims:
        if not -input.ndim <= axis < input.ndim:
            raise invalid(f'Tried to squeeze dim index {axis} for tensor with {input.ndim} dimensions.')
        if input.shape[axis] != 1:
            raise invalid(f'Can not squeeze dim[{axis % input.ndim}], expected a dimension of 1, got '
                          f'{input.shape[axis]}')
    gone = {axis % input.ndim for axis in squeeze_dims}
    return input.reshape([d for i, d in enumerate(input.shape) if i not in gone])


@kernel('Transpose')
def transpose(x, perm):
    if perm.ndim != 1:
        raise invalid(f'perm must be a vector, not {text(perm.shape)}')
    perm = perm.tolist()
    if len(perm) != x.ndim:
        raise invalid(f'transpose expects a vector of size {x.ndim}. But input(1) is a vector of size {len(perm)}')
    seen = set()
    for d in perm:
        if not 0 <= d < x.ndim:
            raise invalid(f'{d} is out of range [0 .. {x.ndim})')
        seen.add(d)
    for d in range(x.ndim):
        if d not in seen:
            raise invalid(f'{d} is missing from {{{",".join(map(str, perm))}}}.')
    return x.transpose(perm)


@kernel('ConjugateTranspose')
def conjugate_transpose(x, perm):
    return np.conjugate(transpose(x, perm))


@kernel('InvertPermutation')
def invert_permutation(x):
    if x.ndim != 1:
        raise invalid('invert_permutation expects a 1D vector.')
    n = x.size
    outside = (x < 0) | (x >= n)
    if outside.any():
        raise invalid(f'{x[outside.argmax()]} is not between 0 and {n}')
    y = np.full(n, -1, dtype=x.dtype)
    y[x] = np.arange(n, dtype=x.dtype)
    if (y < 0).any():
        values, counts = np.unique(x, return_counts=True)
        raise invalid(f'{values[counts > 1][0]} is duplicated in the input.')
    return y


@kernel('Bitcast')
def bitcast(input, type):
    old, new = input.dtype.itemsize, np.dtype(type).itemsize
    input = np.ascontiguousarray(input).reshape(input.shape)
    if old == new:
        return input.view(type)
    if old > new:
        return input.reshape(input.shape + (1,)).view(type)
    if not input.ndim or input.shape[-1] != new // old:
        enums = [dtypes.as_dtype(t).as_datatype_enum for t in (input.dtype, type)]
        raise invalid(f'Cannot bitcast from {enums[0]} to {enums[1]}')
    return input.view(type).reshape(input.shape[:-1])


@kernel('EnsureShape')
def ensure_shape(input, shape, node):
    if not shape.is_compatible_with(input.shape):
        wanted = text('?' if d is None else d for d in shape.as_list())
        raise invalid(f'Shape of tensor {node.inputs[0].op.name} {text(input.shape)} is not compatible with expected '
                      f'shape {wanted}.')
    return input


@kernel('UnravelIndex')
def unravel_index(indices, dims):
    size = int(np.prod(dims))
    if indices.size and (indices.min() < 0 or indices.max() >= size):
        raise invalid('index is out of bound as with dims')
    return np.array(np.unravel_index(indices, tuple(dims.tolist())), dtype=indices.dtype)
