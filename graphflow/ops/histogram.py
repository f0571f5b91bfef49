"""Counting values: bincount, histograms of evenly wide bins."""
from graphflow.framework import convert, dtypes
from graphflow.framework.apply import apply
from graphflow.framework.export import export
from graphflow.framework.registry import op
from graphflow.framework.scopes import name_scope
from graphflow.ops import array, clip, math, reduce
from graphflow.ops.constant import constant


@op('Bincount', 'arr:int32, size:int32, weights:T -> bins:T', 'T:type{int32,int64,float,double}')
def _(c):
    c.rank(1, 0)
    size = c.value(1)
    if size is not None and size < 0:
        raise ValueError(f'size ({size}) must be non-negative')
    return [None if size is None else int(size)]


@op('HistogramFixedWidth', 'values:T, value_range:T, nbins:int32 -> out:dtype',
    'T:type{int32,int64,float,double}; dtype:type=int32{int32,int64}')
def _(c):
    length = c.rank(1, 1).as_list()[0]
    if length not in (None, 2):
        raise ValueError(f'Dimension must be 2 but is {length}')
    c.rank(2, 0)
    nbins = c.value(2)
    if nbins is not None and nbins <= 0:
        raise ValueError(f'Requires nbins > 0: {nbins}')
    return [None if nbins is None else int(nbins)]


@export('bincount', 'math.bincount')
def bincount(arr, weights=None, minlength=None, maxlength=None, dtype=dtypes.int32):
    """How often each of 0, 1, ... up to the greatest value occurs in `arr`.

    Args:
      arr: an int32 Tensor of values that are not negative.
      weights: a Tensor of the shape of `arr`; each value counts as much as its weight.
      minlength: the least length of the result, which is filled up with zeros.
      maxlength: its greatest length; values beyond are not counted.
      dtype: the DType of the counts, if there are no weights.

    Returns: a 1-D Tensor of `dtype`, or of the dtype of `weights`.
    """
    with name_scope(None, 'bincount', [arr] if weights is None else [arr, weights]):
        arr = convert.to_tensor(arr, name='arr', dtype=dtypes.int32)
        not_empty = reduce.reduce_prod(array.shape(arr)) > 0
        length = math.cast(not_empty, dtypes.int32) * (reduce.reduce_max(arr) + 1)
        if minlength is not None:
            minlength = convert.to_tensor(minlength, name='minlength', dtype=dtypes.int32)
            length = math.maximum(minlength, length)
        if maxlength is not None:
            maxlength = convert.to_tensor(maxlength, name='maxlength', dtype=dtypes.int32)
            length = math.minimum(maxlength, length)
        if weights is not None:
            weights = convert.to_tensor(weights, name='weights')
            return apply('UnsortedSegmentSum', weights, arr, length)
        return apply('Bincount', arr, length, constant([], dtype))


@export('histogram_fixed_width')
def histogram_fixed_width(values, value_range, nbins=100, dtype=dtypes.int32, name=None):
    """How many of `values` fall into each of `nbins` bins of one width between the ends of `value_range`.

    Values beyond the range count for the first and the last bin.

    Args:
      values: a numeric Tensor.
      value_range: [lowest, highest], a Tensor of the dtype of `values`.
      nbins: the number of bins, an int32 scalar.
      dtype: int32 or int64, the DType of the counts.
      name: a name for the node.

    Returns: a Tensor [nbins] of `dtype`.
    """
    with name_scope(name, 'histogram_fixed_width', [values, value_range, nbins]) as name:
        return apply('HistogramFixedWidth', values, value_range, nbins, dtype=dtype, name=name)


@export('histogram_fixed_width_bins')
def histogram_fixed_width_bins(values, value_range, nbins=100, dtype=dtypes.int32, name=None):
    """The bin that each of `values` falls into; see `histogram_fixed_width`.

    Returns: a Tensor of `dtype` and the shape of `values`.
    """
    with name_scope(name, 'histogram_fixed_width_bins', [values, value_range, nbins]):
        values = convert.to_tensor(values, name='values')
        shape = array.shape(values)
        values = array.reshape(values, [-1])
        value_range = convert.to_tensor(value_range, name='value_range')
        nbins = convert.to_tensor(nbins, name='nbins')
        count = math.cast(nbins, values.dtype)
        scaled = math.truediv(values - value_range[0], value_range[1] - value_range[0], name='scaled_values')
        indices = math.floor(count * scaled, name='indices')
        indices = math.cast(clip.clip_by_value(indices, 0, count - 1), dtypes.int32)
        return array.reshape(indices, shape)
