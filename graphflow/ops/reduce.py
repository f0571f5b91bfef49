"""Reductions: sums, means, extremes, products and logic over some of a tensor's dimensions; the index of an extreme."""
import weakref

import numpy as np

from graphflow.framework import constant_value, convert, dtypes
from graphflow.framework.apply import apply
from graphflow.framework.export import export
from graphflow.framework.registry import gradient, not_differentiable, op
from graphflow.framework.scopes import colocate_with, device, name_scope
from graphflow.framework.sparse_tensor import SparseTensor
from graphflow.framework.tensor import Tensor
from graphflow.ops import array, broadcast, concat, fill, math, stitch
from graphflow.ops.constant import constant
from graphflow.util.deprecation import deprecated_args, deprecated_argument_lookup

_NUMBERS = ('float,double,int32,uint8,int16,int8,complex64,int64,qint8,quint8,qint32,bfloat16,uint16,complex128,half,'
            'uint32,uint64')


def _reduced(c):
    axes_shape = c.rank_at_most(1, 1)
    shape, axes, keep = c.shape(0), c.value(1), c.attr('keep_dims')
    if shape.ndims is None or axes_shape.ndims is None and axes is None and not keep:
        return None
    rank, dims = shape.ndims, shape.as_list()
    if axes is None:
        return [None] * rank if keep else None
    reduced = set()
    for axis in axes.ravel().tolist():
        if not -rank <= axis < rank:
            raise ValueError(f'Invalid reduction dimension {axis} for input with {rank} dimensions.')
        reduced.add(axis % rank)
    return [1 if i in reduced else d for i, d in enumerate(dims) if keep or i not in reduced]


for _name in ('Sum', 'Mean', 'Max', 'Min', 'Prod', 'EuclideanNorm'):
    op(_name, 'input:T, reduction_indices:Tidx -> output:T',
       f'keep_dims:bool=False; T:type{{{_NUMBERS}}}; Tidx:type=int32{{int32,int64}}', shape=_reduced)
for _name in ('All', 'Any'):
    op(_name, 'input:bool, reduction_indices:Tidx -> output:bool', 'keep_dims:bool=False; Tidx:type=int32{int32,int64}',
       shape=_reduced)
not_differentiable('All', 'Any', 'EuclideanNorm', 'ArgMax', 'ArgMin')


# Gradients. The gradient of a reduced element goes to all elements that it was made of.

_made = weakref.WeakKeyDictionary()     # graph -> {(shape, axes): (the shape with reduced dimensions 1, repetitions)}


def kept_dims_shape(shape, axes):
    """The `shape` (1-D tensor or tuple) with 1 for the dimensions in `axes`, a tensor."""
    shape, axes = math.cast(shape, dtypes.int32), math.cast(axes, dtypes.int32)
    rank = array.size(shape)
    axes = (axes + rank) % rank
    axes_shape = array.shape(axes)
    return stitch.dynamic_stitch([fill.range(rank), axes], [shape, fill.fill(axes_shape, 1)])


def _repetitions(shape, reduced):
    """How often each dimension of `reduced` is repeated to make `shape`; dimensions of size 0 count as 1."""
    return shape // apply('Maximum', reduced, 1)


def _known_shapes(graph, shape, axes):
    made = _made.setdefault(graph, {})
    if (shape, axes) not in made:
        reduced = tuple(1 if i in {a % len(shape) for a in axes} else d for i, d in enumerate(shape))
        # TensorFlow computes both with nodes, while building; they stay in the graph, once for each shape and axes.
        kept_dims_shape(shape, axes)
        _repetitions(shape, reduced)
        made[shape, axes] = reduced, tuple(d // max(r, 1) for d, r in zip(shape, reduced))
    return made[shape, axes]


@gradient('Sum')
def _sum_gradient(op, grad):
    x, axes = op.inputs
    if x._shape.ndims is not None:
        dims, known = tuple(x._shape.as_list()), constant_value.constant_value(axes)
        if known is not None:
            if np.array_equal(known, np.arange(len(dims))):
                grad = array.reshape(grad, [1] * len(dims))
                repetitions = array.shape(x) if None in dims else constant(dims, dtype=dtypes.int32)
                return broadcast.tile(grad, repetitions), None
            if None not in dims:
                reduced, repetitions = _known_shapes(x.graph, dims, tuple(known.ravel().tolist()))
                return broadcast.tile(array.reshape(grad, reduced), repetitions), None
    shape = array.shape(x)
    with colocate_with(shape):
        reduced = kept_dims_shape(shape, axes)
        repetitions = _repetitions(shape, reduced)
    return broadcast.tile(array.reshape(grad, reduced), repetitions), None


@gradient('Mean')
def _(op, grad):
    total = _sum_gradient(op, grad)[0]
    shapes = op.inputs[0]._shape, op.outputs[0]._shape
    if all(s.is_fully_defined() for s in shapes):
        sizes = [int(np.prod(s.as_list())) for s in shapes]
        count = constant(sizes[0] // max(sizes[1], 1), dtype=total.dtype)
    else:
        shapes = array.shape(op.inputs[0]), array.shape(op.outputs[0])
        count = _repetitions(reduce_prod(shapes[0]), reduce_prod(shapes[1]))
    return math.truediv(total, math.cast(count, total.dtype)), None


@gradient('Max', 'Min')
def _(op, grad):
    """Elements that tie share the gradient evenly."""
    x, axes = op.inputs
    reduced = kept_dims_shape(array.shape(x), axes)
    y = array.reshape(op.outputs[0], reduced)
    grad = array.reshape(grad, reduced)
    extreme = math.cast(math.equal(y, x), grad.dtype)
    ties = array.reshape(reduce_sum(extreme, axes), reduced)
    return math.divide(extreme, ties) * grad, None


@gradient('Prod')
def _(op, grad):
    """Each element gets the product of all the others, from exclusive products on its left and right."""
    from graphflow.ops import scan
    x, axes = op.inputs
    shape = array.shape(x)
    flat_axes = array.reshape(axes, [-1])
    reduced = kept_dims_shape(shape, axes)
    repetitions = _repetitions(shape, reduced)
    grad = broadcast.tile(array.reshape(grad, reduced), repetitions)
    # The reduced dimensions come first, and the tensor becomes a matrix of which each column is multiplied up.
    with device('/cpu:0'):
        rank = array.rank(x)
        flat_axes = (flat_axes + rank) % rank
        others = apply('ListDiff', fill.range(0, rank), flat_axes)[0]
        perm = concat.concat([flat_axes, others], 0)
        reduced_count = reduce_prod(apply('GatherV2', shape, flat_axes, 0))
        other_count = reduce_prod(apply('GatherV2', shape, others, 0))
    permuted = array.transpose(x, perm)
    permuted_shape = array.shape(permuted)
    columns = array.reshape(permuted, (reduced_count, other_count))
    left = scan.cumprod(columns, axis=0, exclusive=True)
    right = scan.cumprod(columns, axis=0, exclusive=True, reverse=True)
    rest = array.reshape(math.conj(left) * math.conj(right), permuted_shape)
    grad = grad * array.transpose(rest, array.invert_permutation(perm))
    return array.reshape(grad, shape), None


# The functions.

def _axes(x, axis, reduction_indices=None):
    """What to reduce over: `axis`, or all dimensions of `x`."""
    axis = deprecated_argument_lookup('axis', axis, 'reduction_indices', reduction_indices)
    if axis is not None:
        return axis
    rank = None
    if isinstance(x, Tensor):
        rank = x._shape.ndims
    elif isinstance(x, SparseTensor) and x.dense_shape._shape.is_fully_defined():
        rank = x.dense_shape._shape.as_list()[0]
    if rank is not None:
        return constant(np.arange(rank), dtype=dtypes.int32)
    return fill.range(0, array.rank(x))


def _reduce(op_type, x, axis, keepdims, name, reduction_indices, keep_dims):
    keepdims = bool(deprecated_argument_lookup('keepdims', keepdims, 'keep_dims', keep_dims))
    axes = _axes(x, axis, reduction_indices)
    result = apply(op_type, x, axes, keep_dims=keepdims, name=name)
    if axis is None and reduction_indices is None and not keepdims:
        result.set_shape(())
    return result


_former_names = deprecated_args(None, 'keep_dims is deprecated, use keepdims instead', 'keep_dims')


@export('reduce_sum', 'math.reduce_sum')
@_former_names
def reduce_sum(input_tensor, axis=None, keepdims=None, name=None, reduction_indices=None, keep_dims=None):
    """The sum of the elements along some dimensions.

    Args:
      input_tensor: a numeric tensor [d0, d1, ...].
      axis: the dimension or dimensions to sum over (ints, negative ones count from the end, or an int tensor); None: all.
      keepdims: whether the dimensions summed over stay, with size 1, or vanish.
      name: name of the node.
      reduction_indices, keep_dims: former names of `axis` and `keepdims`.

    Returns: a tensor of the same dtype. The sum of no elements is 0.

    Raises: ValueError for a dimension that the tensor does not have.
    """
    return _reduce('Sum', input_tensor, axis, keepdims, name, reduction_indices, keep_dims)


@export('reduce_mean', 'math.reduce_mean')
@_former_names
def reduce_mean(input_tensor, axis=None, keepdims=None, name=None, reduction_indices=None, keep_dims=None):
    """The mean of the elements along some dimensions (all by default); arguments as in `reduce_sum`.

    Integers give a mean rounded toward zero; the mean of no floats is NaN.
    """
    return _reduce('Mean', input_tensor, axis, keepdims, name, reduction_indices, keep_dims)


@export('reduce_prod', 'math.reduce_prod')
@_former_names
def reduce_prod(input_tensor, axis=None, keepdims=None, name=None, reduction_indices=None, keep_dims=None):
    """The product of the elements along some dimensions (all by default); arguments as in `reduce_sum`.

    The product of no elements is 1.
    """
    return _reduce('Prod', input_tensor, axis, keepdims, name, reduction_indices, keep_dims)


@export('reduce_min', 'math.reduce_min')
@_former_names
def reduce_min(input_tensor, axis=None, keepdims=None, name=None, reduction_indices=None, keep_dims=None):
    """The least element along some dimensions (all by default); arguments as in `reduce_sum`.

    The least of no elements is infinity, or the greatest number that the dtype has.
    """
    return _reduce('Min', input_tensor, axis, keepdims, name, reduction_indices, keep_dims)


@export('reduce_max', 'math.reduce_max')
@_former_names
def reduce_max(input_tensor, axis=None, keepdims=None, name=None, reduction_indices=None, keep_dims=None):
    """The greatest element along some dimensions (all by default); arguments as in `reduce_sum`.

    The greatest of no elements is -infinity, or the least number that the dtype has.
    """
    return _reduce('Max', input_tensor, axis, keepdims, name, reduction_indices, keep_dims)


@export('reduce_all', 'math.reduce_all')
@_former_names
def reduce_all(input_tensor, axis=None, keepdims=None, name=None, reduction_indices=None, keep_dims=None):
    """Whether all elements of a bool tensor along some dimensions are true; arguments as in `reduce_sum`."""
    return _reduce('All', input_tensor, axis, keepdims, name, reduction_indices, keep_dims)


@export('reduce_any', 'math.reduce_any')
@_former_names
def reduce_any(input_tensor, axis=None, keepdims=None, name=None, reduction_indices=None, keep_dims=None):
    """Whether any element of a bool tensor along some dimensions is true; arguments as in `reduce_sum`."""
    return _reduce('Any', input_tensor, axis, keepdims, name, reduction_indices, keep_dims)


@export('math.reduce_euclidean_norm')
def reduce_euclidean_norm(input_tensor, axis=None, keepdims=False, name=None):
    """The root of the sum of the squares along some dimensions; arguments as in `reduce_sum`."""
    return _reduce('EuclideanNorm', input_tensor, axis, keepdims, name, None, None)


@export('math.reduce_variance')
def reduce_variance(input_tensor, axis=None, keepdims=False, name=None):
    """The variance (mean squared distance from the mean) along some dimensions; arguments as in `reduce_sum`."""
    with name_scope(name or 'reduce_variance'):
        means = reduce_mean(input_tensor, axis=axis, keepdims=True)
        return reduce_mean(math.square(input_tensor - means), axis=axis, keepdims=keepdims)


@export('math.reduce_std')
def reduce_std(input_tensor, axis=None, keepdims=False, name=None):
    """The standard deviation, the square root of the variance; arguments as in `reduce_sum`."""
    with name_scope(name or 'reduce_std'):
        return math.sqrt(reduce_variance(input_tensor, axis=axis, keepdims=keepdims))


@export('reduce_logsumexp', 'math.reduce_logsumexp')
@_former_names
def reduce_logsumexp(input_tensor, axis=None, keepdims=None, name=None, reduction_indices=None, keep_dims=None):
    """log(sum(exp(x))) along some dimensions (all by default), which does not overflow; arguments as in `reduce_sum`.

    The greatest element is taken out first: log(sum(exp(x))) = m + log(sum(exp(x - m))).
    """
    axis = deprecated_argument_lookup('axis', axis, 'reduction_indices', reduction_indices)
    keepdims = bool(deprecated_argument_lookup('keepdims', keepdims, 'keep_dims', keep_dims))
    with name_scope(name, 'ReduceLogSumExp', [input_tensor]) as name:
        greatest = reduce_max(input_tensor, axis=axis, keepdims=True)
        # An infinite maximum must not turn into NaN by inf - inf.
        finite = apply('IsFinite', greatest)
        greatest = array.stop_gradient(apply('Select', finite, greatest, fill.zeros_like(greatest)))
        total = reduce_sum(math.exp(apply('Sub', input_tensor, greatest)), axis=axis, keepdims=keepdims)
        result = math.log(total)
        if not keepdims:
            greatest = array.reshape(greatest, array.shape(result))
        return apply('Add', result, greatest)


@export('count_nonzero', 'math.count_nonzero')
@deprecated_args(None, 'keep_dims is deprecated, use keepdims instead', 'keep_dims')
@deprecated_args(None, 'reduction_indices is deprecated, use axis instead', 'reduction_indices')
def count_nonzero(input_tensor=None, axis=None, keepdims=None, dtype=dtypes.int64, name=None, reduction_indices=None,
                  keep_dims=None, input=None):
    """How many elements along some dimensions (all by default) are not zero (not False, not the empty string).

    Args:
      input_tensor: a tensor of numbers, bools or strings; `input` is another name for it.
      axis, keepdims, reduction_indices, keep_dims: as in `reduce_sum`.
      dtype: DType of the result.
      name: name of the nodes' scope.
    """
    keepdims = deprecated_argument_lookup('keepdims', keepdims, 'keep_dims', keep_dims)
    input_tensor = deprecated_argument_lookup('input', input, 'input_tensor', input_tensor)
    axis = deprecated_argument_lookup('axis', axis, 'reduction_indices', reduction_indices)
    with name_scope(name, 'count_nonzero', [input_tensor]):
        input_tensor = convert.to_tensor(input_tensor, name='input')
        zero = fill.zeros([], dtype=input_tensor.dtype)
        found = math.cast(math.not_equal(input_tensor, zero), dtypes.int64)
        return math.cast(reduce_sum(found, axis=axis, keepdims=bool(keepdims)), dtype)


# The index of an extreme.

def _index_shape(c):
    shape = c.shape(0)
    c.rank(1, 0)
    if shape.ndims is None:
        return None
    if shape.ndims <= 1:
        return []
    axis = c.value(1)
    if axis is None:
        return [None] * (shape.ndims - 1)
    axis = int(axis)
    if not -shape.ndims <= axis < shape.ndims:
        raise ValueError(f'Dimension ({axis}) must be in the range [{-shape.ndims}, {shape.ndims}), where '
                         f'{shape.ndims} is the number of dimensions in the input.')
    dims = shape.as_list()
    del dims[axis]
    return dims


for _name in ('ArgMax', 'ArgMin'):
    op(_name, 'input:T, dimension:Tidx -> output:output_type',
       f'T:type{{{_NUMBERS}}}; Tidx:type=int32{{int32,int64}}; output_type:type=int64{{int32,int64}}',
       shape=_index_shape)


def _index_of_extreme(op_type, input, axis, name, dimension, output_type):
    axis = deprecated_argument_lookup('axis', axis, 'dimension', dimension)
    return apply(op_type, input, 0 if axis is None else axis, name=name, output_type=output_type)


@export('argmax', 'math.argmax')
@deprecated_args(None, 'Use the `axis` argument instead', 'dimension')
def argmax(input, axis=None, name=None, dimension=None, output_type=dtypes.int64):
    """The index of the greatest element along a dimension, the first where several tie.

    Args:
      input: a numeric tensor.
      axis: the dimension (an int or a scalar int tensor), 0 by default; it vanishes from the result.
      name: name of the node.
      dimension: former name of `axis`.
      output_type: int64 or int32.
    """
    return _index_of_extreme('ArgMax', input, axis, name, dimension, output_type)


@export('argmin', 'math.argmin')
@deprecated_args(None, 'Use the `axis` argument instead', 'dimension')
def argmin(input, axis=None, name=None, dimension=None, output_type=dtypes.int64):
    """The index of the least element along a dimension, the first where several tie; arguments as in `argmax`."""
    return _index_of_extreme('ArgMin', input, axis, name, dimension, output_type)


@export('arg_max')
def arg_max(input, dimension, output_type=dtypes.int64, name=None):
    """`argmax` with its arguments in another order."""
    return apply('ArgMax', input, dimension, output_type=output_type, name=name)


@export('arg_min')
def arg_min(input, dimension, output_type=dtypes.int64, name=None):
    """`argmin` with its arguments in another order."""
    return apply('ArgMin', input, dimension, output_type=output_type, name=name)
