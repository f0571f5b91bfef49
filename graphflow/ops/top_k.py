"""The largest elements, and whether a class is among them."""
from graphflow.framework import dtypes
from graphflow.framework.apply import apply
from graphflow.framework.export import export
from graphflow.framework.registry import gradient, op
from graphflow.framework.scopes import name_scope
from graphflow.framework.shape_rules import merge_dims
from graphflow.framework.tensor_shape import TensorShape, unknown_shape
from graphflow.ops import array, fill
from graphflow.ops.cast import cast
from graphflow.ops.concat import stack
from graphflow.ops.gather import gather
from graphflow.ops.reduce import reduce_prod, reduce_sum

_REAL = '{float,double,int32,uint8,int16,int8,int64,bfloat16,uint16,half,uint32,uint64}'


def _scalar_input(c, i):
    """The int that the scalar input i is known to hold, or None."""
    value = c.value(i)
    shape = c.shape(i)
    if value is None:
        c.rank(i, 0)
        return None
    if shape.ndims:
        raise ValueError(f'Input must be scalar but has rank {shape.ndims}')
    if value < 0:
        raise ValueError(f'Dimension size, given by scalar input {i}, must be non-negative but is {value}')
    return int(value)


def _largest(c, known_k):
    shape = c.rank_at_least(0, 1)
    k = known_k(c)
    if shape.ndims is None:
        return [unknown_shape()] * 2
    dims = shape.as_list()
    if k is not None and dims[-1] is not None and dims[-1] < k:
        raise ValueError(f'input must have last dimension >= k = {k} but is {dims[-1]}')
    return [TensorShape(dims[:-1] + [k])] * 2


@op('TopKV2', 'input:T, k:int32 -> values:T, indices:int32', 'sorted:bool=True; T:type' + _REAL)
def _(c):
    return _largest(c, lambda c: _scalar_input(c, 1))


@op('TopK', 'input:T -> values:T, indices:int32', 'k:int>=0; sorted:bool=True; T:type' + _REAL)
def _(c):
    return _largest(c, lambda c: c.attr('k'))


def _one_a_row(c):
    rows = c.rank(0, 2).as_list()[0]
    return [merge_dims(rows, c.rank(1, 1).as_list()[0])]


op('InTopK', 'predictions:float, targets:T -> precision:bool', 'k:int; T:type=int32{int32,int64}', shape=_one_a_row)
op('InTopKV2', 'predictions:float, targets:T, k:T -> precision:bool', 'T:type=int32{int32,int64}', shape=_one_a_row)


@op('NthElement', 'input:T, n:int32 -> values:T', 'reverse:bool=False; T:type' + _REAL)
def _(c):
    shape = c.rank_at_least(0, 1)
    n = _scalar_input(c, 1)
    if shape.ndims is None:
        return shape
    dims = shape.as_list()
    if n is not None and dims[-1] is not None and dims[-1] <= n:
        raise ValueError(f'Input must have last dimension > n = {n} but is {dims[-1]}')
    return TensorShape(dims[:-1])


@gradient('TopK', 'TopKV2')
def _(op, grad, _):
    """Every gradient goes back to where its value came from."""
    shape, index_shape = array.shape(op.inputs[0]), array.shape(op.outputs[1])
    k = gather(cast(index_shape, dtypes.int64), array.size(index_shape) - 1)
    indices = array.reshape(op.outputs[1], stack([-1, k]))
    length = gather(cast(shape, dtypes.int64), array.size(shape) - 1)
    rows = array.shape(indices)[0]
    starts = fill.range(0, cast(rows, dtypes.int64) * length, length)
    flat = array.reshape(indices + cast(array.expand_dims(starts, -1), dtypes.int32), [-1])
    scattered = apply('ScatterNd', array.expand_dims(flat, -1), array.reshape(grad, [-1]), [reduce_prod(shape)])
    back = array.reshape(scattered, shape)
    return (back, fill.zeros([], dtype=dtypes.int32))[:len(op.inputs)]


@gradient('NthElement')
def _(op, grad):
    """Elements equal to the n-th share its gradient."""
    x, y = op.inputs[0], op.outputs[0]
    hits = cast(apply('Equal', array.expand_dims(y, -1), x), grad.dtype)
    grad = array.expand_dims(grad, -1)
    count = array.expand_dims(reduce_sum(hits, -1), -1)
    return apply('RealDiv', hits, count, name='div') * grad, None


@export('nn.top_k', 'math.top_k')
def top_k(input, k=1, sorted=True, name=None):
    """The `k` largest elements along the last dimension, and where they are.

    Args:
      input: a Tensor of a real type with at least one dimension.
      k: an int32 scalar, at most the length of the last dimension.
      sorted: whether they come largest first.
      name: name of the node.

    Returns: a namedtuple (values, indices); of equal elements the first come first.
    """
    return apply('TopKV2', input, k, sorted=sorted, name=name)


@export('nn.in_top_k', 'math.in_top_k')
def in_top_k(predictions, targets, k, name=None):
    """Whether the prediction for the target class is among the `k` largest of its row; ties count as among.

    Args:
      predictions: a float32 Tensor [batch, classes].
      targets: an int32 or int64 Tensor [batch] of classes.
      k: an int.
      name: name of the scope.

    Returns: a bool Tensor [batch]; False for rows that hold something not finite and for classes out of range.
    """
    with name_scope(name, 'in_top_k'):
        return apply('InTopKV2', predictions, targets, k, name=name)


@export('contrib.nn.nth_element')
def nth_element(input, n, reverse=False, name=None):
    """The n-th smallest (`reverse`: largest) element along the last dimension, counted from 0."""
    return apply('NthElement', input, n, reverse=reverse, name=name)
