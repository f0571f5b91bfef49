"""Broadcasting and repetition: the shapes that broadcast, broadcast_to, tile."""
from graphflow.framework import tensor_shape
from graphflow.framework.apply import apply
from graphflow.framework.export import export
from graphflow.framework.indexed_slices import IndexedSlices
from graphflow.framework.registry import gradient, not_differentiable, op
from graphflow.framework.shape_rules import broadcast_shapes
from graphflow.ops import array, concat, fill

TensorShape = tensor_shape.TensorShape


@op('BroadcastGradientArgs', 's0:T, s1:T -> r0:T, r1:T', 'T:type=int32{int32,int64}')
def _(c):
    c.rank(0, 1)
    c.rank(1, 1)
    return [TensorShape([None]), TensorShape([None])]


@op('BroadcastArgs', 's0:T, s1:T -> r0:T', 'T:type=int32{int32,int64}')
def _(c):
    m, n = c.rank(0, 1).as_list()[0], c.rank(1, 1).as_list()[0]
    return [None if m is None or n is None else max(m, n)]


not_differentiable('BroadcastGradientArgs')


def broadcast_gradient_args(s0, s1, name=None):
    """(dimensions over which the gradient of an operand of shape `s0` is summed, those for `s1`)."""
    return apply('BroadcastGradientArgs', s0, s1, name=name)


@export('broadcast_dynamic_shape')
def broadcast_dynamic_shape(shape_x, shape_y):
    """The shape that tensors of shapes `shape_x` and `shape_y` (1-D integer tensors) broadcast to, a 1-D tensor."""
    return apply('BroadcastArgs', shape_x, shape_y)


@export('broadcast_static_shape')
def broadcast_static_shape(shape_x, shape_y):
    """The TensorShape that two TensorShapes broadcast to. Raises: ValueError if they do not."""
    if shape_x.ndims is None or shape_y.ndims is None:
        return tensor_shape.unknown_shape()
    try:
        return broadcast_shapes(shape_x, shape_y)
    except ValueError:
        raise ValueError(f'Incompatible shapes for broadcasting: {shape_x} and {shape_y}') from None


@op('BroadcastTo', 'input:T, shape:Tidx -> output:T', 'T:type; Tidx:type=int32{int32,int64}')
def _(c):
    c.rank(1, 1)
    out, shape = c.value_as_shape(1), c.shape(0)
    if out.ndims is None:
        return out
    if shape.ndims is None:
        return out
    if shape.ndims > out.ndims:
        raise ValueError(f'Shape must be at most rank {out.ndims} but is rank {shape.ndims}')
    return broadcast_shapes(shape, out)


@gradient('BroadcastTo')
def _(op, grad):
    shape = array.shape(op.inputs[0])
    _, axes = broadcast_gradient_args(op.inputs[1], shape)
    return array.reshape(apply('Sum', grad, axes, keep_dims=True), shape), None


@export('broadcast_to')
def broadcast_to(input, shape, name=None):
    """`input` broadcast to `shape` (1-D int32 or int64), by numpy's rules."""
    return apply('BroadcastTo', input, shape, name=name)


@op('Tile', 'input:T, multiples:Tmultiples -> output:T', 'T:type; Tmultiples:type=int32{int32,int64}')
def _(c):
    shape, rank = c.shape(0), c.rank(1, 1).as_list()[0]
    if rank is None:
        rank = shape.ndims
    elif shape.ndims not in (None, rank):
        raise ValueError(f'Shape must be rank {shape.ndims} but is rank {rank}')
    if rank is None:
        return None
    multiples = c.value_as_shape(1)
    dims = [None] * rank if shape.ndims is None else shape.as_list()
    times = [None] * rank if multiples.ndims is None else multiples.as_list()
    return [0 if 0 in (d, m) else None if d is None or m is None else d * m for d, m in zip(dims, times)]


@gradient('Tile')
def _(op, grad):
    shape = array.shape(op.inputs[0])
    # Each dimension becomes two, (multiple, size); the sum goes over the first of each pair.
    pairs = array.reshape(array.transpose(concat.stack([op.inputs[1], shape])), [-1])
    axes = fill.range(0, array.size(pairs), 2)
    if isinstance(grad, IndexedSlices):
        grad = _sum_slices(grad, op)
    result = apply('Sum', array.reshape(grad, pairs), axes)
    result.set_shape(op.inputs[0].shape)
    return result, None


def _sum_slices(grad, op):
    rows = array.shape(op.outputs[0])[0]
    return apply('UnsortedSegmentSum', grad.values, grad.indices, rows)


@export('tile', 'manip.tile')
def tile(input, multiples, name=None):
    """`input` repeated multiples[i] times along dimension i (`multiples`: 1-D, one element a dimension)."""
    return apply('Tile', input, multiples, name=name)
