"""Sums of several tensors: add_n, accumulate_n."""
from graphflow.framework import convert, tensor_shape
from graphflow.framework.apply import apply
from graphflow.framework.export import export
from graphflow.framework.indexed_slices import IndexedSlices
from graphflow.framework.registry import gradient, op
from graphflow.framework.shape_rules import merge
from graphflow.framework.tensor import Tensor
from graphflow.ops import array

_NUMBERS = ('float,double,int32,uint8,int16,int8,complex64,int64,qint8,quint8,qint32,bfloat16,uint16,complex128,half,'
            'uint32,uint64')


@op('AddN', 'inputs:N*T -> sum:T', 'N:int>=1; T:type{' + _NUMBERS + ',variant}')
def _(c):
    shape = c.shape(c.num_inputs - 1)
    for i in reversed(range(c.num_inputs - 1)):
        try:
            shape = merge(c.shape(i), shape)
        except ValueError as error:
            raise ValueError(f'{error}\n\tFrom merging shape {i} with other shapes.') from None
    return shape


op('AccumulateNV2', 'inputs:N*T -> sum:T', 'N:int>=1; T:type{' + _NUMBERS + '}; shape:shape',
   shape=lambda c: c.attr('shape'))


@gradient('AddN', 'AccumulateNV2')
def _(op, grad):
    return [grad] * len(op.inputs)


@export('add_n', 'math.add_n')
def add_n(inputs, name=None):
    """The sum of `inputs`, a list of Tensors or IndexedSlices of one shape and dtype.

    IndexedSlices are made dense. A single input is returned as it is.

    Raises: ValueError, TypeError if there are none or they do not fit together.
    """
    inputs = [convert.convert_to_tensor_or_indexed_slices(i) for i in inputs]
    if not inputs or not all(isinstance(i, (Tensor, IndexedSlices)) for i in inputs):
        raise _unfit('Tensor/IndexedSlices')
    if len(inputs) > 1:
        return apply('AddN', inputs, name=name)
    only = convert.to_tensor(inputs[0])
    return array.identity(only, name=name) if name else only


@export('accumulate_n', 'math.accumulate_n')
def accumulate_n(inputs, shape=None, tensor_dtype=None, name=None):
    """The sum of `inputs`, a list of Tensors of one shape and dtype, which need not all be there at the same time.

    Args:
      inputs: a list of Tensors.
      shape: what is known of their shape.
      tensor_dtype: their dtype.
      name: a name for the node.

    Raises: ValueError, TypeError if there are none or they do not fit `shape`, `tensor_dtype` or each other.
    """
    if not inputs or not isinstance(inputs, (list, tuple)):
        raise _unfit('Tensor')
    inputs = [convert.convert_to_tensor_or_indexed_slices(i) for i in inputs]
    if not all(isinstance(i, Tensor) for i in inputs) or not all(i.dtype == inputs[0].dtype for i in inputs):
        raise _unfit('Tensor')
    shape = tensor_shape.as_shape(shape)
    for tensor in inputs:
        shape = shape.merge_with(tensor.get_shape())
    if tensor_dtype is not None and tensor_dtype != inputs[0].dtype:
        raise TypeError(f'tensor_dtype is {tensor_dtype}, but input is of type {inputs[0].dtype}')
    if len(inputs) > 1:
        return apply('AccumulateNV2', inputs, shape=shape, name=name)
    return inputs[0] if name is None else array.identity(inputs[0], name=name)


def _unfit(kind):
    return ValueError(f'inputs must be a list of at least one {kind} with the same dtype and shape')
