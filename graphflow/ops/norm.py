"""Norms of vectors and matrices, the trace, cross products, the adjoint."""
import numpy as np

from graphflow.framework import convert, dtypes
from graphflow.framework.apply import apply
from graphflow.framework.export import PUBLIC, export
from graphflow.framework.registry import gradient, op
from graphflow.framework.scopes import name_scope
from graphflow.framework.shape_rules import merge
from graphflow.ops import array, concat, fill, math, matrix_parts, order, reduce
from graphflow.util.deprecation import deprecated_args, deprecated_argument_lookup


@export('norm', 'linalg.norm')
@deprecated_args(None, 'keep_dims is deprecated, use keepdims instead', 'keep_dims')
def norm(tensor, ord='euclidean', axis=None, keepdims=None, name=None, keep_dims=None):
    """The norm of vectors or matrices.

    Args:
      tensor: a float or complex tensor.
      ord: 'euclidean' (the root of the sum of squares), a positive number p (the p-th root of the sum of p-th powers), or
        inf (the greatest). For matrices 'fro' is 'euclidean', and 1, 2 and inf are the norms those of vectors induce.
      axis: None for the norm of all elements as one vector; an int, the dimension that holds the vectors; or two ints, the
        dimensions that hold the matrices.
      keepdims: whether the dimensions of the vectors or matrices stay, with size 1.
      name: name of the nodes' scope.
      keep_dims: former name of `keepdims`.

    Raises: ValueError for another `ord` or `axis`.
    """
    keepdims = bool(deprecated_argument_lookup('keepdims', keepdims, 'keep_dims', keep_dims))
    is_matrix = isinstance(axis, (list, tuple, np.ndarray)) and len(axis) == 2
    _check_norm(ord, axis, is_matrix)
    axes = [axis] if axis is not None and not is_matrix else axis
    with name_scope(name, 'norm', [tensor]):
        tensor = convert.to_tensor(tensor)
        if ord in ('fro', 'euclidean', 2, 2.0):
            if is_matrix and ord in (2, 2.0):
                result = _spectral_norm(tensor, axis)
            else:
                result = math.sqrt(reduce.reduce_sum(tensor * math.conj(tensor), axes, keepdims=True))
        else:
            result = math.abs(tensor)
            if ord == 1:
                result = reduce.reduce_sum(result, axis[0] if is_matrix else axis, keepdims=True)
                if is_matrix:
                    result = reduce.reduce_max(result, axis[1], keepdims=True)
            elif ord == np.inf:
                if is_matrix:
                    result = reduce.reduce_sum(result, axis[1], keepdims=True)
                result = reduce.reduce_max(result, axis[0] if is_matrix else axis, keepdims=True)
            else:
                result = math.pow(reduce.reduce_sum(math.pow(result, ord), axes, keepdims=True), 1.0 / ord)
        return result if keepdims else array.squeeze(result, axis)


def _check_norm(ord, axis, is_matrix):
    unfit = ValueError("'axis' must be None, an integer, or a tuple of 2 unique integers")
    if is_matrix:
        axis = tuple(axis)
        if not all(isinstance(a, (int, np.integer)) for a in axis) or axis[0] == axis[1]:
            raise unfit
        supported = ['euclidean', 'fro', 1, 2, np.inf]
        if ord not in supported:
            raise ValueError(f"'ord' must be a supported matrix norm in {supported}, got {ord}")
        return
    if axis is not None and not isinstance(axis, (int, np.integer)):
        raise unfit
    if ord != 'euclidean' and (isinstance(ord, str) or ord <= 0):
        raise ValueError(f"'ord' must be a supported vector norm, got {ord}")


def _spectral_norm(tensor, axis):
    """The greatest singular value of the matrices in two dimensions, which are moved to the end for that."""
    map_fn = PUBLIC['map_fn']
    rank = array.rank(tensor)
    axes = map_fn(lambda i: PUBLIC['cond'](math.greater_equal(i, 0), lambda: i, lambda: i + rank),
                  convert.to_tensor(axis))
    dims = fill.range(rank)
    others, _ = order.setdiff1d(dims, axes)
    perm = concat.concat([others, axes], axis=0)
    back = map_fn(lambda i: math.cast(array.squeeze(PUBLIC['where_v2'](math.equal(perm, i))), dtypes.int32), dims)
    values = math.abs(apply('Svd', array.transpose(tensor, perm=perm), compute_uv=False)[0])
    greatest = array.expand_dims(reduce.reduce_max(values, axis=-1, keepdims=True), axis=-1)
    return array.transpose(greatest, perm=back)


@export('trace', 'linalg.trace')
def trace(x, name=None):
    """The sum of the elements on the diagonal of each matrix: `x` [..., m, n] gives [...]."""
    with name_scope(name, 'Trace', [x]) as name:
        x = convert.to_tensor(x, name='x')
        return reduce.reduce_sum(matrix_parts.matrix_diag_part(x), [-1], name=name)


@op('Cross', 'a:T, b:T -> product:T',
    'T:type{float,double,int32,uint8,int16,int8,int64,bfloat16,uint16,half,uint32,uint64}')
def _(c):
    a, b = c.rank_at_least(0, 1), c.rank_at_least(1, 1)
    for shape in (a, b):
        if shape.ndims is not None and shape.as_list()[-1] not in (None, 3):
            raise ValueError(f'Dimension must be 3 but is {shape.as_list()[-1]}')
    return merge(a, b)


@gradient('Cross')
def _(op, grad):
    a, b = op.inputs
    return cross(b, grad), cross(grad, a)


@export('cross', 'linalg.cross')
def cross(a, b, name=None):
    """The cross products of the vectors in the last dimension (of size 3) of `a` and `b`, which have one shape."""
    return apply('Cross', a, b, name=name)


@export('linalg.adjoint')
def adjoint(matrix, name=None):
    """The matrices [..., m, n] transposed and conjugated, a tensor [..., n, m]."""
    with name_scope(name, 'adjoint', [matrix]):
        matrix = convert.to_tensor(matrix, name='matrix')
        return array.matrix_transpose(matrix, conjugate=True)
