"""Reductions by segment: the rows of a tensor that share an id are summed, multiplied, compared.

Segment ids are sorted in `segment_*` and free in `unsorted_segment_*`; `sparse_segment_*` take the rows from a table
first, as embeddings do. What makes a dense tensor of an IndexedSlices is such a sum, too.
"""
import warnings

from graphflow.framework import constant_value, convert, dtypes
from graphflow.framework.apply import apply
from graphflow.framework.export import export
from graphflow.framework.indexed_slices import IndexedSlices
from graphflow.framework.registry import gradient, op
from graphflow.framework.scopes import name_scope
from graphflow.framework.shape_rules import merge, merge_dims
from graphflow.framework.tensor_shape import TensorShape
from graphflow.ops import array, concat, fill, math
from graphflow.ops.constant import constant

_REAL = 'float,double,int32,uint8,int16,int8,int64,bfloat16,uint16,half,uint32,uint64'
_NUMBERS = ('float,double,int32,uint8,int16,int8,complex64,int64,qint8,quint8,qint32,bfloat16,uint16,complex128,half,'
            'uint32,uint64')
_MANY = 100000000       # elements of a dense tensor that are worth a warning


# Declarations.

def _rows_shape(c, rows):
    """`rows` (int or None) rows like those of input 0."""
    shape = c.rank_at_least(0, 1)
    return None if shape.ndims is None else TensorShape([rows]).concatenate(shape[1:])


def _size(c, i):
    """The size that the scalar input i gives, or None."""
    c.rank(i, 0)
    value = c.value(i)
    if value is None:
        return None
    if value < 0:
        raise ValueError(f'Dimension size, given by scalar input {i}, must be non-negative but is {value}')
    return int(value)


def _sorted(c):
    c.rank(1, 1)
    return _rows_shape(c, None)


def _unsorted(c):
    data, ids = c.shape(0), c.shape(1)
    if data.ndims is None or ids.ndims is None:
        return None
    if ids.ndims > data.ndims:
        raise ValueError(f'Shape must be at least rank {ids.ndims} but is rank {data.ndims}')
    for m, n in zip(data.as_list(), ids.as_list()):
        merge_dims(m, n)
    return TensorShape([_size(c, 2)]).concatenate(data[ids.ndims:])


def _sparse(c):
    merge(c.rank(1, 1), c.rank(2, 1))
    return _rows_shape(c, _size(c, 3) if c.num_inputs > 3 else None)


for _name, _types in (('Sum', _NUMBERS), ('Mean', _NUMBERS), ('Prod', _NUMBERS), ('Max', _REAL), ('Min', _REAL)):
    op('Segment' + _name, 'data:T, segment_ids:Tindices -> output:T',
       f'T:type{{{_types}}}; Tindices:type{{int32,int64}}', shape=_sorted)
    if _name != 'Mean':
        op('UnsortedSegment' + _name, 'data:T, segment_ids:Tindices, num_segments:Tnumsegments -> output:T',
           f'T:type{{{_types}}}; Tindices:type{{int32,int64}}; Tnumsegments:type=int32{{int32,int64}}', shape=_unsorted)
for _name, _types in (('Sum', _REAL), ('Mean', 'float,double'), ('SqrtN', 'float,double')):
    _attrs = f'T:type{{{_types}}}; Tidx:type=int32{{int32,int64}}'
    op('SparseSegment' + _name, 'data:T, indices:Tidx, segment_ids:int32 -> output:T', _attrs, shape=_sparse)
    op(f'SparseSegment{_name}WithNumSegments',
       'data:T, indices:Tidx, segment_ids:int32, num_segments:Tnumsegments -> output:T',
       _attrs + '; Tnumsegments:type=int32{int32,int64}', shape=_sparse)
    if _name != 'Sum':
        op(f'SparseSegment{_name}Grad', 'grad:T, indices:Tidx, segment_ids:int32, output_dim0:int32 -> output:T',
           _attrs, shape=_sparse)


# Gradients.

def _gather(params, indices):
    return apply('GatherV2', params, indices, 0)


@gradient('SegmentSum')
def _(op, grad):
    return _gather(grad, op.inputs[1]), None


@gradient('SegmentMean')
def _(op, grad):
    x, ids = op.inputs
    rank = array.rank(x)
    ones_shape = concat.concat([array.shape(ids), fill.fill(array.expand_dims(rank - 1, 0), 1)], 0)
    ones = fill.fill(ones_shape, constant(1, dtype=grad.dtype))
    return _gather(math.divide(grad, segment_sum(ones, ids)), ids), None


@gradient('SegmentMax', 'SegmentMin')
def _(op, grad):
    """Rows that tie share the gradient evenly."""
    x, ids = op.inputs
    zeros = fill.zeros_like(x, dtype=x.dtype)
    selected = math.equal(x, _gather(op.outputs[0], ids))
    ties = segment_sum(math.cast(selected, grad.dtype), ids)
    return apply('Select', selected, _gather(math.divide(grad, ties), ids), zeros), None


def _gather_kept(params, ids, clipped=None, kept=None):
    """The rows `ids` of `params`, zeros for negative ids, which an unsorted reduction drops.

    Returns: (the rows, the ids with 0 for negative ones, which elements are not dropped).
    """
    if clipped is None:
        clipped = math.maximum(ids, fill.zeros_like(ids))
    rows = _gather(params, clipped)
    if kept is None:
        kept = math.greater_equal(ids, 0)
        for _ in range(rows._shape.ndims - kept._shape.ndims):
            kept = array.expand_dims(kept, -1)
        kept = kept & fill.ones_like(rows, dtype=dtypes.bool)
    return apply('Select', kept, rows, fill.zeros_like(rows)), clipped, kept


@gradient('UnsortedSegmentSum')
def _(op, grad):
    return _gather_kept(grad, op.inputs[1])[0], None, None


@gradient('UnsortedSegmentMax', 'UnsortedSegmentMin')
def _(op, grad):
    x, ids, count = op.inputs
    extreme, clipped, kept = _gather_kept(op.outputs[0], ids)
    selected = apply('LogicalAnd', math.equal(x, extreme), kept)
    ties = unsorted_segment_sum(math.cast(selected, grad.dtype), ids, count)
    shares, _, _ = _gather_kept(math.divide(grad, ties), None, clipped, kept)
    return apply('Select', selected, shares, fill.zeros_like(shares)), None, None


@gradient('UnsortedSegmentProd')
def _(op, grad):
    """The product of the other rows: the whole product over x, or, where x is 0, the product of all that is not 0."""
    x, ids, count = op.inputs
    is_zero = math.equal(x, 0)
    zeros = unsorted_segment_sum(math.cast(is_zero, dtypes.int32), ids, count)
    grad = apply('Select', apply('Greater', zeros, 1), fill.zeros_like(grad), grad)     # two zeros: nothing is left
    nonzero = apply('Select', is_zero, fill.ones_like(x), x)
    nonzero_product = unsorted_segment_prod(nonzero, ids, count)
    clipped = math.maximum(ids, fill.zeros_like(ids))
    product, nonzero_product = _gather(op.outputs[0], clipped), _gather(nonzero_product, clipped)
    others = apply('Select', is_zero, nonzero_product, math.divide(product, x))
    return _gather_kept(grad, ids, clipped)[0] * others, None, None


@gradient('SparseSegmentSum', 'SparseSegmentSumWithNumSegments')
def _(op, grad):
    rows = array.shape(op.inputs[0])[0]
    grads = unsorted_segment_sum(_gather(grad, op.inputs[2]), op.inputs[1], rows)
    return [grads] + [None] * (len(op.inputs) - 1)


@gradient('SparseSegmentMean', 'SparseSegmentMeanWithNumSegments')
def _(op, grad):
    return _sparse_gradient('SparseSegmentMeanGrad', op, grad)


@gradient('SparseSegmentSqrtN', 'SparseSegmentSqrtNWithNumSegments')
def _(op, grad):
    return _sparse_gradient('SparseSegmentSqrtNGrad', op, grad)


def _sparse_gradient(op_type, op, grad):
    rows = array.shape(op.inputs[0])[0]
    return [apply(op_type, grad, op.inputs[1], op.inputs[2], rows)] + [None] * (len(op.inputs) - 1)


# The functions.

@export('segment_sum', 'math.segment_sum')
def segment_sum(data, segment_ids, name=None):
    """The sums of the rows of each segment.

    Args:
      data: a numeric tensor [n, ...].
      segment_ids: int32 or int64 [n], sorted, from 0; ids may repeat, and be left out.
      name: name of the node.

    Returns: a tensor [last id + 1, ...]. Rows of ids left out are 0.

    Raises: InvalidArgumentError when run with ids that are not sorted.
    """
    return apply('SegmentSum', data, segment_ids, name=name)


@export('segment_mean', 'math.segment_mean')
def segment_mean(data, segment_ids, name=None):
    """The means of the rows of each segment; arguments as in `segment_sum`."""
    return apply('SegmentMean', data, segment_ids, name=name)


@export('segment_max', 'math.segment_max')
def segment_max(data, segment_ids, name=None):
    """The greatest elements in each segment's rows; arguments as in `segment_sum`."""
    return apply('SegmentMax', data, segment_ids, name=name)


@export('segment_min', 'math.segment_min')
def segment_min(data, segment_ids, name=None):
    """The least elements in each segment's rows; arguments as in `segment_sum`."""
    return apply('SegmentMin', data, segment_ids, name=name)


@export('segment_prod', 'math.segment_prod')
def segment_prod(data, segment_ids, name=None):
    """The products of the rows of each segment; arguments as in `segment_sum`. Rows of ids left out are 1."""
    return apply('SegmentProd', data, segment_ids, name=name)


@export('unsorted_segment_sum', 'math.unsorted_segment_sum')
def unsorted_segment_sum(data, segment_ids, num_segments, name=None):
    """The sums of the rows of each segment, whose ids need not be sorted.

    Args:
      data: a numeric tensor whose shape begins with that of `segment_ids`.
      segment_ids: int32 or int64 tensor of any rank, below `num_segments`; negative ids drop their rows.
      num_segments: a scalar, the number of rows of the result.
      name: name of the node.

    Returns: a tensor [num_segments, ...]. Rows of ids that do not occur are 0.
    """
    return apply('UnsortedSegmentSum', data, segment_ids, num_segments, name=name)


@export('unsorted_segment_prod', 'math.unsorted_segment_prod')
def unsorted_segment_prod(data, segment_ids, num_segments, name=None):
    """The products of the rows of each segment, 1 for none; arguments as in `unsorted_segment_sum`."""
    return apply('UnsortedSegmentProd', data, segment_ids, num_segments, name=name)


@export('unsorted_segment_max', 'math.unsorted_segment_max')
def unsorted_segment_max(data, segment_ids, num_segments, name=None):
    """The greatest elements in each segment's rows, the dtype's least number for none; arguments as in
    `unsorted_segment_sum`."""
    return apply('UnsortedSegmentMax', data, segment_ids, num_segments, name=name)


@export('unsorted_segment_min', 'math.unsorted_segment_min')
def unsorted_segment_min(data, segment_ids, num_segments, name=None):
    """The least elements in each segment's rows, the dtype's greatest number for none; arguments as in
    `unsorted_segment_sum`."""
    return apply('UnsortedSegmentMin', data, segment_ids, num_segments, name=name)


def _segment_sizes(data, segment_ids, num_segments):
    """The number of rows of each segment, at least 1, shaped to divide the sums by."""
    ones = fill.ones(array.shape_of(segment_ids), dtype=data.dtype)
    sizes = unsorted_segment_sum(ones, segment_ids, num_segments)
    sizes = array.reshape(sizes, [num_segments] + [1] * (data._shape.ndims - segment_ids._shape.ndims))
    return math.maximum(sizes, 1)


@export('unsorted_segment_mean', 'math.unsorted_segment_mean')
def unsorted_segment_mean(data, segment_ids, num_segments, name=None):
    """The means of the rows of each segment, 0 for none; arguments as in `unsorted_segment_sum`."""
    with name_scope(name, 'UnsortedSegmentMean'):
        data, segment_ids = convert.to_tensor(data), convert.to_tensor(segment_ids)
        sizes = _segment_sizes(data, segment_ids, num_segments)
        return unsorted_segment_sum(data, segment_ids, num_segments) / sizes


@export('unsorted_segment_sqrt_n', 'math.unsorted_segment_sqrt_n')
def unsorted_segment_sqrt_n(data, segment_ids, num_segments, name=None):
    """The sums of the rows of each segment over the roots of their numbers; arguments as in `unsorted_segment_sum`."""
    with name_scope(name, 'UnsortedSegmentSqrtN'):
        data, segment_ids = convert.to_tensor(data), convert.to_tensor(segment_ids)
        sizes = _segment_sizes(data, segment_ids, num_segments)
        return unsorted_segment_sum(data, segment_ids, num_segments) / math.sqrt(sizes)


def _sparse_segment(op_type, data, indices, segment_ids, name, num_segments):
    if num_segments is None:
        return apply(op_type, data, indices, segment_ids, name=name)
    return apply(op_type + 'WithNumSegments', data, indices, segment_ids, num_segments, name=name)


@export('sparse_segment_sum', 'sparse.segment_sum')
def sparse_segment_sum(data, indices, segment_ids, name=None, num_segments=None):
    """The sums, by segment, of the rows `indices` of `data`: segment_sum(gather(data, indices), segment_ids).

    Args:
      data: a tensor [n, ...].
      indices: int32 or int64 [m], rows of `data`.
      segment_ids: int32 [m], sorted.
      name: name of the node.
      num_segments: the number of rows of the result; by default the last id + 1.
    """
    return _sparse_segment('SparseSegmentSum', data, indices, segment_ids, name, num_segments)


@export('sparse_segment_mean', 'sparse.segment_mean')
def sparse_segment_mean(data, indices, segment_ids, name=None, num_segments=None):
    """The means, by segment, of the rows `indices` of `data`; arguments as in `sparse_segment_sum`."""
    return _sparse_segment('SparseSegmentMean', data, indices, segment_ids, name, num_segments)


@export('sparse_segment_sqrt_n', 'sparse.segment_sqrt_n')
def sparse_segment_sqrt_n(data, indices, segment_ids, name=None, num_segments=None):
    """The sums, by segment, of the rows `indices` of `data` over the roots of their numbers; arguments as in
    `sparse_segment_sum`."""
    return _sparse_segment('SparseSegmentSqrtN', data, indices, segment_ids, name, num_segments)


# IndexedSlices as dense tensors.

def _dense(value, dtype=None, name=None, as_ref=False):
    if dtype is not None and not dtype.is_compatible_with(value.dtype):
        raise ValueError(f'Tensor conversion requested dtype {dtype.name} for IndexedSlices with dtype '
                         f'{value.dtype.name}')
    if value.dense_shape is None:
        raise ValueError(f'Tensor conversion requested for IndexedSlices without dense_shape: {value}')
    shape = constant_value.constant_value(value.dense_shape)
    size = 'of unknown shape'
    if shape is not None:
        elements = int(shape.prod(dtype=int))
        size = f'with {elements} elements' if elements >= _MANY else None
    if size is not None:
        warnings.warn(f'Converting sparse IndexedSlices to a dense Tensor {size}. This may consume a large amount of '
                      'memory.')
    return unsorted_segment_sum(value.values, value.indices, value.dense_shape[0], name=name)


convert.register_tensor_conversion_function(IndexedSlices, _dense)
