"""Elements in another order, or several times: reverse, roll, repeat, searchsorted, unique, set differences."""
from graphflow.framework import convert, dtypes
from graphflow.framework.apply import apply
from graphflow.framework.export import export
from graphflow.framework.registry import gradient, op
from graphflow.framework.scopes import name_scope
from graphflow.framework.shape_rules import merge, merge_dims, unchanged
from graphflow.framework.tensor_shape import TensorShape
from graphflow.ops import array, broadcast, concat, fill, select, slicing
from graphflow.util.deprecation import deprecated_argument_lookup

op('Reverse', 'tensor:T, dims:bool -> output:T', 'T:type{uint8,int8,uint16,int16,int32,int64,bool,half,float,double,'
   'complex64,complex128,string}', shape=unchanged)


@op('ReverseV2', 'tensor:T, axis:Tidx -> output:T', 'Tidx:type=int32{int32,int64}; T:type{uint8,int8,uint16,int16,int32,'
    'int64,bool,bfloat16,half,float,double,complex64,complex128,string}')
def _(c):
    shape = c.shape(0)
    c.rank(1, 1)
    axes = c.value(1)
    if axes is None or shape.ndims is None:
        return shape
    seen = set()
    for i, axis in enumerate(axes.tolist()):
        at = axis + shape.ndims if axis < 0 else axis
        if not 0 <= at < shape.ndims:
            raise ValueError(f"'axis'[{i}] = {axis} is out of valid range [0, {shape.ndims - 1}")
        if at in seen:
            raise ValueError(f'axis {at} specified more than once.')
        seen.add(at)
    return shape


@gradient('Reverse', 'ReverseV2')
def _(op, grad):
    return apply(op.type, grad, op.inputs[1]), None


@export('reverse', 'reverse_v2', 'manip.reverse')
def reverse(tensor, axis, name=None):
    """`tensor` with the order along the dimensions `axis` (1-D int32 or int64) reversed."""
    return apply('ReverseV2', tensor, axis, name=name)


@op('ReverseSequence', 'input:T, seq_lengths:Tlen -> output:T',
    'seq_dim:int; batch_dim:int=0; T:type; Tlen:type=int64{int32,int64}')
def _(c):
    shape, lengths = c.shape(0), c.rank(1, 1)
    sequence, batch = c.attr('seq_dim'), c.attr('batch_dim')
    if shape.ndims is None:
        return shape
    if batch >= shape.ndims:
        raise ValueError(f'batch_dim must be < input rank: {batch} vs. {shape.ndims}')
    if sequence >= shape.ndims:
        raise ValueError(f'seq_dim must be < input rank: {sequence} vs. {shape.ndims}')
    dims = shape.as_list()
    dims[batch] = merge_dims(dims[batch], lengths.as_list()[0])
    return dims


@gradient('ReverseSequence')
def _(op, grad):
    return apply('ReverseSequence', grad, op.inputs[1], seq_dim=op.get_attr('seq_dim'),
                 batch_dim=op.get_attr('batch_dim')), None


@export('reverse_sequence')
def reverse_sequence(input, seq_lengths, seq_axis=None, batch_axis=None, name=None, seq_dim=None, batch_dim=None):
    """`input` with the first seq_lengths[b] elements along `seq_axis` reversed, for each b along `batch_axis`.

    Args:
      input: a Tensor.
      seq_lengths: int32 or int64, 1-D.
      seq_axis: int.
      batch_axis: int, 0 by default.
      name: name of the node.
      seq_dim, batch_dim: old names of the axes.

    Raises: ValueError without `seq_axis`.
    """
    seq_axis = deprecated_argument_lookup('seq_axis', seq_axis, 'seq_dim', seq_dim)
    batch_axis = deprecated_argument_lookup('batch_axis', batch_axis, 'batch_dim', batch_dim)
    if seq_axis is None:
        raise ValueError('seq_dim or seq_axis must be specified')
    return apply('ReverseSequence', input, seq_lengths, seq_dim=seq_axis,
                 batch_dim=0 if batch_axis is None else batch_axis, name=name)


@op('Roll', 'input:T, shift:Tshift, axis:Taxis -> output:T',
    'T:type; Tshift:type{int32,int64}; Taxis:type{int32,int64}')
def _(c):
    c.rank_at_least(0, 1)
    merge(c.rank_at_most(1, 1), c.rank_at_most(2, 1))
    return c.shape(0)


@gradient('Roll')
def _(op, grad):
    return roll(grad, -op.inputs[1], op.inputs[2]), None, None


@export('roll', 'manip.roll')
def roll(input, shift, axis, name=None):
    """`input` with its elements moved by `shift` along `axis`; those that leave at one end come in at the other.

    `shift` and `axis` are scalars or vectors of one length (int32 or int64).
    """
    return apply('Roll', input, shift, axis, name=name)


# Search in sorted rows.

for _name in ('LowerBound', 'UpperBound'):
    op(_name, 'sorted_inputs:T, values:T -> output:out_type', 'T:type; out_type:type=int32{int32,int64}',
       shape=lambda c: c.rank(1, 2) if c.rank(0, 2) is not None else None)


@export('searchsorted')
def searchsorted(sorted_sequence, values, side='left', out_type=dtypes.int32, name=None):
    """Where to insert `values` so that the rows of `sorted_sequence` stay sorted.

    Args:
      sorted_sequence: a Tensor, sorted along its last dimension.
      values: a Tensor with the same dimensions before the last.
      side: 'left' or 'right': before or after equal elements.
      out_type: int32 or int64.
      name: name of the node.

    Raises: ValueError for another `side`.
    """
    length, count = array.shape(sorted_sequence)[-1], array.shape(values)[-1]
    rows = array.reshape(sorted_sequence, [-1, length])
    wanted = array.reshape(values, [-1, count])
    if side not in ('left', 'right'):
        raise ValueError(f"side must be either 'right' or 'left'.  Saw: {side}.")
    op_type = 'LowerBound' if side == 'left' else 'UpperBound'
    return array.reshape(apply(op_type, rows, wanted, out_type=out_type, name=name), array.shape(values))


# Sets in the order of first appearance.

_OUT = 'T:type; out_idx:type=int32{int32,int64}'
_OUT_AXIS = 'T:type; Taxis:type=int64{int32,int64}; out_idx:type=int32{int32,int64}'


def _unique_shapes(c):
    c.rank(0, 1)
    return [TensorShape([None]), c.shape(0), TensorShape([None])][:c.num_outputs]


def _unique_axis_shapes(c):
    # y counts as a vector whatever the rank of x is, and idx is as large as all of x.
    return [TensorShape([None]), c.shape(0), TensorShape([None])][:c.num_outputs]


op('Unique', 'x:T -> y:T, idx:out_idx', _OUT, shape=_unique_shapes)
op('UniqueWithCounts', 'x:T -> y:T, idx:out_idx, count:out_idx', _OUT, shape=_unique_shapes)
op('UniqueV2', 'x:T, axis:Taxis -> y:T, idx:out_idx', _OUT_AXIS, shape=_unique_axis_shapes)
op('UniqueWithCountsV2', 'x:T, axis:Taxis -> y:T, idx:out_idx, count:out_idx', _OUT_AXIS, shape=_unique_axis_shapes)
op('ListDiff', 'x:T, y:T -> out:T, idx:out_idx', _OUT,
   shape=lambda c: [TensorShape([None]) for i in (0, 1) if c.rank(i, 1) is not None])


@export('unique')
def unique(x, out_idx=dtypes.int32, name=None):
    """(y, idx): the different elements of the vector `x` in the order they appear, and x[i] = y[idx[i]]."""
    return apply('Unique', x, out_idx=out_idx, name=name)


@export('unique_with_counts')
def unique_with_counts(x, out_idx=dtypes.int32, name=None):
    """(y, idx, count): as `unique`, and how often each element of `y` appears."""
    return apply('UniqueWithCounts', x, out_idx=out_idx, name=name)


@export('setdiff1d')
def setdiff1d(x, y, index_dtype=dtypes.int32, name=None):
    """(out, idx): the elements of the vector `x` that are not in `y`, in order, and out[i] = x[idx[i]]."""
    return apply('ListDiff', x, y, out_idx=index_dtype, name=name)


# Repeat.

@export('repeat')
def repeat(input, repeats, axis=None, name=None):
    """Each element of `input` along `axis`, `repeats` times.

    Args:
      input: a Tensor.
      repeats: an int, or a vector with one int for each element along `axis`.
      axis: the dimension; by default `input` is flattened first.
      name: name of the scope.
    """
    if axis is None:
        input, axis = array.reshape(input, [-1]), 0
    with name_scope(name, 'Repeat', [input, repeats]):
        data = convert.to_tensor(input, name='data')
        repeats = apply('Cast', convert.to_tensor(repeats, name='repeats'), DstT=dtypes.int32)
        repeats._shape.with_rank_at_most(1)
        if data._shape.ndims == 0:
            data = array.expand_dims(data, 0)
        shape = array.shape(data)
        axis = _positive(axis, data._shape.ndims)
        if repeats._shape.num_elements() == 1:
            repeats = array.reshape(repeats, []) if repeats._shape.ndims else repeats
            tiled = _tiled(data, axis, repeats)
            return array.reshape(tiled, concat.concat([shape[:axis], [-1], shape[axis + 1:]], 0))
        if repeats._shape.ndims == 0:
            repeats = broadcast.broadcast_to(repeats, shape[axis:axis + 1])
        most = apply('Maximum', 0, apply('Max', repeats, fill.all_axes(repeats)))
        repeats = _broadcast_to_rank(repeats, shape, axis)
        mask = select.sequence_mask(repeats, most)
        chosen = slicing.boolean_mask(_tiled(data, axis, most), mask)
        if axis:
            chosen = array.reshape(chosen, concat.concat([shape[:axis], [-1], shape[axis + 1:]], 0))
        if data._shape.ndims is not None:
            dims = data._shape.as_list()
            dims[axis] = None
            chosen.set_shape(dims)
        return chosen


def _positive(axis, ndims):
    if not isinstance(axis, int):
        raise TypeError(f'axis must be an int; got {type(axis).__name__}')
    if ndims is not None:
        if not -ndims <= axis < ndims:
            raise ValueError(f'axis={axis} out of bounds: expected {-ndims}<=axis<{ndims}')
        return axis % ndims
    if axis < 0:
        raise ValueError('axis may only be negative if ndims is statically known.')
    return axis


def _tiled(data, axis, count):
    """`data` with a new dimension of size `count` after `axis`."""
    expanded = array.expand_dims(data, axis + 1)
    if expanded._shape.ndims is not None:
        multiples = [1] * expanded._shape.ndims
        multiples[axis + 1] = count
    else:
        ones = fill.ones_like(array.shape(expanded))
        multiples = concat.concat([ones[:axis + 1], [count], ones[axis + 2:]], 0)
    return apply('Tile', expanded, multiples)


def _broadcast_to_rank(repeats, shape, axis):
    if not axis:
        return repeats
    wanted = concat.concat([shape[:axis], array.shape(repeats)], 0)
    return broadcast.broadcast_to(repeats, wanted)
