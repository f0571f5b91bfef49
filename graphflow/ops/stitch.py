"""Tensors taken apart and put together by index: dynamic_partition, dynamic_stitch."""
from graphflow.framework import tensor_shape
from graphflow.framework.apply import apply
from graphflow.framework.export import export
from graphflow.framework.indexed_slices import IndexedSlices
from graphflow.framework.registry import gradient, op
from graphflow.framework.shape_rules import merge
from graphflow.ops import array, fill

TensorShape = tensor_shape.TensorShape


def _stitched(c):
    half = c.num_inputs // 2
    rows, known, rest = -1, True, tensor_shape.unknown_shape()
    for i in range(half):
        indices = c.value(i)
        if indices is None:
            known = False
        elif indices.size:
            rows = max(rows, int(indices.max()))
        prefix, data = c.shape(i), c.shape(half + i)
        if prefix.ndims is None or data.ndims is None:
            continue
        if data.ndims < prefix.ndims:
            raise ValueError(f'Shape must be at least rank {prefix.ndims} but is rank {data.ndims}')
        # data[i] has shape indices[i].shape + rest.
        merge(prefix, data[:prefix.ndims])
        rest = merge(rest, data[prefix.ndims:])
    return TensorShape([rows + 1 if known else None]).concatenate(rest)


op('DynamicStitch', 'indices:N*int32, data:N*T -> merged:T', 'N:int>=1; T:type', shape=_stitched)
op('ParallelDynamicStitch', 'indices:N*int32, data:N*T -> merged:T', 'N:int>=1; T:type', shape=_stitched)


@gradient('DynamicStitch', 'ParallelDynamicStitch')
def _(op, grad):
    indices = op.inputs[:len(op.inputs) // 2]
    if isinstance(grad, IndexedSlices):
        rows = array.shape(op.outputs[0])[0]
        grad = apply('UnsortedSegmentSum', grad.values, grad.indices, rows)
    return [None] * len(indices) + [apply('GatherV2', grad, i, 0) for i in indices]


@export('dynamic_stitch')
def dynamic_stitch(indices, data, name=None):
    """A tensor with merged[indices[m][i, ...], ...] = data[m][i, ..., ...]; the last of several wins.

    Args:
      indices: a list of int32 tensors.
      data: as many tensors of one dtype, data[m] of shape indices[m].shape + rest with one `rest` for all.
      name: name of the node.

    Returns: a Tensor [largest index + 1] + rest.
    """
    return apply('DynamicStitch', indices, data, name=name)


def parallel_dynamic_stitch(indices, data, name=None):
    """dynamic_stitch in no particular order: no index may appear twice."""
    return apply('ParallelDynamicStitch', indices, data, name=name)


@op('DynamicPartition', 'data:T, partitions:int32 -> outputs:num_partitions*T', 'num_partitions:int>=1; T:type')
def _(c):
    data, partitions, num = c.shape(0), c.shape(1), c.attr('num_partitions')
    if partitions.ndims is None or data.ndims is None:
        return [TensorShape(None)] * num
    if data.ndims < partitions.ndims:
        raise ValueError(f'Shape must be at least rank {partitions.ndims} but is rank {data.ndims}')
    merge(partitions, data[:partitions.ndims])
    return [TensorShape([None]).concatenate(data[partitions.ndims:])] * num


@gradient('DynamicPartition')
def _(op, *grads):
    data, partitions = op.inputs
    shape = array.shape(partitions)
    positions = array.reshape(fill.range(apply('Prod', shape, fill.all_axes(shape))), shape)
    places = dynamic_partition(positions, partitions, op.get_attr('num_partitions'))
    whole = dynamic_stitch(places, list(grads))
    return array.reshape(whole, array.shape(data)), None


@export('dynamic_partition')
def dynamic_partition(data, partitions, num_partitions, name=None):
    """Sorts the rows of `data` into `num_partitions` tensors: row i goes to number partitions[i].

    Args:
      data: a Tensor whose shape begins with that of `partitions`.
      partitions: int32, each in [0, num_partitions).
      num_partitions: an int.
      name: name of the node.

    Returns: a list of Tensors, in the order of the rows.
    """
    return apply('DynamicPartition', data, partitions, num_partitions=num_partitions, name=name)
