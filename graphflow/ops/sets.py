"""Sets that lie in the last dimension: their sizes, differences, intersections and unions."""
from graphflow.framework import convert, dtypes, sparse_tensor
from graphflow.framework.apply import apply
from graphflow.framework.export import export
from graphflow.framework.registry import not_differentiable, op
from graphflow.framework.shape_rules import merge, unknown

_TYPES = 'validate_indices:bool=True; T:type{int8,int16,int32,int64,uint8,uint16,string}'
_OPERATION = f'set_operation:string; {_TYPES}'
_RESULT = 'result_indices:int64, result_values:T, result_shape:int64'
_VALID = frozenset((dtypes.int8, dtypes.int16, dtypes.int32, dtypes.int64, dtypes.uint8, dtypes.uint16,
                    dtypes.string))

op('SetSize', 'set_indices:int64, set_values:T, set_shape:int64 -> size:int32',
   _TYPES, shape=unknown)


def _sparse(rank):
    """The shapes of a SparseTensor of that rank: indices, values, dense shape."""
    return [[None, rank], [None], [rank]]


@op('DenseToDenseSetOperation', f'set1:T, set2:T -> {_RESULT}', _OPERATION)
def _(c):
    a, b = c.shape(0), c.shape(1)
    for i, shape in enumerate((a, b)):
        if shape.ndims is not None:
            c.rank_at_least(i, 2)
    if a.ndims is None or b.ndims is None:
        return _sparse(a.ndims or b.ndims)
    if a.ndims != b.ndims:
        raise ValueError(f'Shape must be rank {a.ndims} but is rank {b.ndims}')
    merge(a[:-1], b[:-1])
    return _sparse(a.ndims)


@op('DenseToSparseSetOperation', f'set1:T, set2_indices:int64, set2_values:T, set2_shape:int64 -> {_RESULT}',
    _OPERATION)
def _(c):
    rank = c.shape(0).ndims
    if rank is not None:
        c.rank_at_least(0, 2)
    return _sparse(_sparse_rank(c, 1) if rank is None else rank)


@op('SparseToSparseSetOperation', 'set1_indices:int64, set1_values:T, set1_shape:int64, set2_indices:int64, '
    f'set2_values:T, set2_shape:int64 -> {_RESULT}', _OPERATION)
def _(c):
    rank = _sparse_rank(c, 0)
    return _sparse(_sparse_rank(c, 3) if rank is None else rank)


def _sparse_rank(c, i):
    """The rank of the SparseTensor that starts at input i, as far as its shape's length tells it."""
    shape = c.rank(i + 2, 1)
    return shape.as_list()[0]


not_differentiable('SetSize', 'DenseToDenseSetOperation', 'DenseToSparseSetOperation',
                   'SparseToSparseSetOperation')


def _parts(value):
    return value.indices, value.values, value.dense_shape


@export('sets.size', 'sets.set_size')
def set_size(a, validate_indices=True):
    """How many different values each set has.

    Args:
      a: a SparseTensor of integers or strings, its indices sorted: the sets are the rows of its last dimension.
      validate_indices: whether to check that the indices are in order.

    Returns: an int32 Tensor of one rank less.

    Raises: TypeError if `a` is not sparse or of another dtype.
    """
    a = sparse_tensor.convert_to_tensor_or_sparse_tensor(a, name='a')
    if not sparse_tensor.is_sparse(a):
        raise TypeError('Expected `SparseTensor`, got %s.' % a)
    if a.values.dtype.base_dtype not in _VALID:
        raise TypeError('Invalid dtype %s.' % a.values.dtype)
    return apply('SetSize', *_parts(a), validate_indices=validate_indices)


def _converted(a, b):
    """Both as Tensors or SparseTensors, the sparse one last; whether they changed places."""
    a = sparse_tensor.convert_to_tensor_or_sparse_tensor(a, name='a')
    if a.dtype.base_dtype not in _VALID:
        raise TypeError("'a' invalid dtype %s." % a.dtype)
    b = sparse_tensor.convert_to_tensor_or_sparse_tensor(b, name='b')
    if b.dtype.base_dtype != a.dtype.base_dtype:
        raise TypeError("Types don't match, %s vs %s." % (a.dtype, b.dtype))
    if sparse_tensor.is_sparse(a) and not sparse_tensor.is_sparse(b):
        return b, a, True
    return a, b, False


def _set_operation(a, b, operation, validate_indices):
    sparse = [sparse_tensor.is_sparse(value) for value in (a, b)]
    kind = ['Dense', 'Sparse'][sparse[0]] + 'To' + ['Dense', 'Sparse'][sparse[1]]
    parts = [part for value in (a, b) for part in (_parts(value) if sparse_tensor.is_sparse(value) else [value])]
    result = apply(f'{kind}SetOperation', *parts, set_operation=operation, validate_indices=validate_indices)
    return sparse_tensor.SparseTensor(*result)


@export('sets.intersection', 'sets.set_intersection')
def set_intersection(a, b, validate_indices=True):
    """The values in both of two sets; arguments as for `set_difference`."""
    a, b, _ = _converted(a, b)
    return _set_operation(a, b, 'intersection', validate_indices)


@export('sets.difference', 'sets.set_difference')
def set_difference(a, b, aminusb=True, validate_indices=True):
    """The values of a set that are not in the other.

    Args:
      a: a Tensor or SparseTensor [..., n] of integers or strings; every row of the last dimension is a set, and
        what a row repeats counts once.
      b: a Tensor or SparseTensor [..., m] of the same dtype, equal in all dimensions but the last.
      aminusb: whether `b` is taken from `a`, else `a` from `b`.
      validate_indices: whether to check that the indices of sparse arguments are in order.

    Returns: a SparseTensor, each row sorted.

    Raises: TypeError for other dtypes, ValueError for shapes that do not fit.
    """
    a, b, swapped = _converted(a, b)
    return _set_operation(a, b, 'b-a' if aminusb == swapped else 'a-b', validate_indices)


@export('sets.union', 'sets.set_union')
def set_union(a, b, validate_indices=True):
    """The values in either of two sets; arguments as for `set_difference`."""
    a, b, _ = _converted(a, b)
    return _set_operation(a, b, 'union', validate_indices)
