"""tensordot: products of tensors summed over pairs of dimensions, as one matrix product."""
import math as python_math
import numbers

from graphflow.framework import convert, dtypes
from graphflow.framework.apply import apply
from graphflow.framework.export import export
from graphflow.framework.scopes import name_scope
from graphflow.ops import array, concat, fill, order, reduce
from graphflow.ops.constant import constant
from graphflow.ops.matmul import matmul


@export('tensordot', 'linalg.tensordot')
def tensordot(a, b, axes, name=None):
    """The sum of products of the elements of two tensors over pairs of their dimensions.

    Args:
      a: a numeric tensor.
      b: a tensor of the same dtype.
      axes: n, for the last n dimensions of `a` and the first n of `b`; or a pair: the dimensions of `a` and, in the same
        order, those of `b` (lists of ints, ints or tensors; an int tensor [2, n] gives both).
      name: name of the node.

    Returns: a tensor whose dimensions are those of `a` left, then those of `b` left.

    Raises: ValueError if `axes` does not fit.
    """
    with name_scope(name, 'Tensordot', [a, b, axes]) as name:
        a, b = convert.to_tensor(a, name='a'), convert.to_tensor(b, name='b')
        a_axes, b_axes = _axes(a, axes)
        a_matrix, a_free, a_static = _as_matrix(a, a_axes, summed_first=False)
        b_matrix, b_free, b_static = _as_matrix(b, b_axes, summed_first=True)
        product = matmul(a_matrix, b_matrix)
        if isinstance(a_free, list) and isinstance(b_free, list):
            return array.reshape(product, a_free + b_free, name=name)
        a_free, b_free = (constant(f, dtype=dtypes.int32) if isinstance(f, list) else f for f in (a_free, b_free))
        product = array.reshape(product, concat.concat([a_free, b_free], 0), name=name)
        if a_static is not None and b_static is not None:
            product.set_shape(a_static + b_static)
        return product


def _axes(a, axes):
    """The dimensions to sum over of either tensor: lists of ints where they are known, else tensors."""
    if isinstance(axes, numbers.Integral):
        if axes < 0:
            raise ValueError("'axes' must be at least 0.")
        rank = a._shape.ndims
        if rank is None:
            rank = array.rank(a)
            return (fill.range(rank - axes, rank, dtype=dtypes.int32), fill.range(axes, dtype=dtypes.int32))
        if axes > rank:
            raise ValueError(f"'axes' must not be larger than the number of dimensions of tensor {a}.")
        return [*range(rank - axes, rank)], [*range(axes)]
    if isinstance(axes, (list, tuple)):
        if len(axes) != 2:
            raise ValueError("'axes' must be an integer or have length 2.")
        a_axes, b_axes = ([x] if isinstance(x, numbers.Integral) else x for x in axes)
        if len(a_axes) != len(b_axes):
            raise ValueError(f"Different number of contraction axes 'a' and 'b', {len(a_axes)} != {len(b_axes)}.")
        return a_axes, b_axes
    axes = convert.to_tensor(axes, dtypes.int32, name='axes')
    return axes[0], axes[1]


def _as_matrix(x, axes, summed_first):
    """`x` as a matrix with all summed dimensions on one side and all free ones on the other.

    Returns: (the matrix, the sizes of the free dimensions as list or tensor, what is known of them or None).
    """
    if isinstance(axes, (list, tuple)) and x._shape.ndims is not None:
        dims = x._shape.as_list()
        axes = [i if i >= 0 else i + len(dims) for i in axes]
        free = [i for i in range(len(dims)) if i not in axes]
        sizes = [dims[i] for i in free]
        if None not in dims:
            perm = list(axes) + free if summed_first else free + list(axes)
            counts = [python_math.prod(sizes), python_math.prod(dims[i] for i in axes)]
            return array.reshape(array.transpose(x, perm), counts[::-1] if summed_first else counts), sizes, sizes
        axes = convert.to_tensor(axes, dtypes.int32, name='axes')
        free = convert.to_tensor(free, dtypes.int32, name='free')
        shape, static = array.shape(x), sizes
    else:
        static = None
        shape, rank = array.shape(x), array.rank(x)
        axes = convert.to_tensor(axes, dtypes.int32, name='axes')
        axes = apply('Select', axes >= 0, axes, axes + rank)
        free, _ = order.setdiff1d(fill.range(rank), axes)
    free_sizes, summed_sizes = apply('GatherV2', shape, free, 0), apply('GatherV2', shape, axes, 0)
    free_count, summed_count = reduce.reduce_prod(free_sizes), reduce.reduce_prod(summed_sizes)
    perm = concat.concat([axes, free] if summed_first else [free, axes], 0)
    counts = concat.stack([summed_count, free_count] if summed_first else [free_count, summed_count])
    return array.reshape(array.transpose(x, perm), counts), free_sizes, static
