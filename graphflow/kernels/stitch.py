"""Kernels of dynamic_partition and dynamic_stitch."""
import numpy as np

from graphflow.framework.registry import kernel
from graphflow.kernels.array import invalid, text
from graphflow.kernels.fill import zeros


@kernel('DynamicStitch', 'ParallelDynamicStitch')
def dynamic_stitch(indices, data):
    rest = data[0].shape[indices[0].ndim:]
    rows = 0
    for m, (index, values) in enumerate(zip(indices, data)):
        if values.shape[:index.ndim] != index.shape:
            raise invalid(f'data[{m}].shape = {text(values.shape)} does not start with indices[{m}].shape = '
                          f'{text(index.shape)}')
        if values.shape[index.ndim:] != rest:
            raise invalid(f'Need data[0].shape[{indices[0].ndim}:] = data[{m}].shape[{index.ndim}:], got data[0].shape = '
                          f'{text(data[0].shape)}, data[{m}].shape = {text(values.shape)}, indices[0].shape = '
                          f'{text(indices[0].shape)}, indices[{m}].shape = {text(index.shape)}')
        if index.size:
            rows = max(rows, int(index.max()) + 1)
    merged = zeros((rows,) + rest, data[0].dtype)
    for m, (index, values) in enumerate(zip(indices, data)):
        if index.size and index.min() < 0:
            raise invalid(f'indices[{int(np.argmax(index.ravel() < 0))}] is out of range')
        merged[index.ravel()] = values.reshape((-1,) + rest) if index.size else values.reshape((0,) + rest)
    return merged


@kernel('DynamicPartition')
def dynamic_partition(data, partitions, num_partitions):
    if data.shape[:partitions.ndim] != partitions.shape:
        raise invalid(f'data.shape must start with partitions.shape, got data.shape = {text(data.shape)}, '
                      f'partitions.shape = {text(partitions.shape)}')
    outside = (partitions < 0) | (partitions >= num_partitions)
    if outside.any():
        at = np.unravel_index(outside.argmax(), partitions.shape)
        raise invalid(f'partitions{text(at) if at else ""} = {partitions[at]} is not in [0, {num_partitions})')
    rows = data.reshape((partitions.size,) + data.shape[partitions.ndim:])
    flat = partitions.ravel()
    return [rows[flat == k] for k in range(num_partitions)]
