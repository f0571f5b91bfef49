"""Switch and Merge, the ops that branches are made of: a Switch sends its data to one of its two outputs, and what
follows the other does not run; a Merge passes on the one of its inputs that is there (Dennis and Misunas 1975; for
TensorFlow: Yu et al. 2018, Dynamic Control Flow in Large-Scale Machine Learning)."""
from graphflow.framework import convert, dtypes, scopes
from graphflow.framework.apply import apply
from graphflow.framework.indexed_slices import IndexedSlices
from graphflow.framework.registry import joins, op
from graphflow.framework.sparse_tensor import SparseTensor
from graphflow.framework.tensor import Tensor
from graphflow.framework.tensor_shape import TensorShape
from graphflow.ops import cast, fill
from graphflow.util import nest

joins('Merge', 'RefMerge')


def _switch_shape(c):
    c.rank(1, 0)
    return [c.shape(0), c.shape(0)]


def _merge_shape(c):
    """What the shapes of all inputs have in common."""
    shapes = c.shapes()
    if any(s.ndims is None or s.ndims != shapes[0].ndims for s in shapes):
        return [TensorShape(None), TensorShape([])]
    dims = [d[0] if len(set(d)) == 1 else None for d in zip(*(s.as_list() for s in shapes))]
    return [TensorShape(dims), TensorShape([])]


op('Switch', 'data:T, pred:bool -> output_false:T, output_true:T', 'T:type', shape=_switch_shape)
op('RefSwitch', 'data:ref(T), pred:bool -> output_false:ref(T), output_true:ref(T)', 'T:type', shape=_switch_shape)
op('Merge', 'inputs:N*T -> output:T, value_index:int32', 'T:type; N:int>=1', shape=_merge_shape)
op('RefMerge', 'inputs:N*ref(T) -> output:ref(T), value_index:int32', 'T:type; N:int>=1', shape=_merge_shape)


def switch(data, pred, dtype=None, name=None):
    """Sends `data` one of two ways.

    Args:
      data: a Tensor, IndexedSlices or SparseTensor.
      pred: a bool scalar.
      dtype: a DType for `data`.
      name: a name for the node.

    Returns: (output_false, output_true), of which one is there in a run.
    """
    with scopes.name_scope(name, 'Switch', [data, pred]) as name:
        data = _composite_or_tensor(data, dtype)
        pred = convert.to_tensor(pred, name='pred')
        if isinstance(data, Tensor):
            return apply('Switch', data, pred, name=name)
        pairs = [apply('Switch', t, pred) for t in nest.flatten(data, expand_composites=True)]
        return tuple(nest.pack_sequence_as(data, list(side), expand_composites=True) for side in zip(*pairs))


def switch_value(data, pred, name='Switch'):
    """`switch` placed with the data; a variable's reference stays one."""
    data = _composite_or_tensor(data, None, name='data')
    with scopes.colocate_with(data, ignore_existing=True):
        if isinstance(data, Tensor) and data.dtype._is_ref_dtype:
            return apply('RefSwitch', data, pred, name=name)
        return switch(data, pred, name=name)


def merge(inputs, name=None):
    """The one of `inputs` that is there.

    Args:
      inputs: a list of Tensors of one dtype, or of IndexedSlices.
      name: a name for the node.

    Returns: (output, value_index): the value and the int32 scalar that tells which input it is.

    Raises: ValueError if one of the inputs is None.
    """
    if any(i is None for i in inputs):
        raise ValueError(f'At least one of the merge inputs is None: {inputs}')
    with scopes.name_scope(name, 'Merge', inputs) as name:
        inputs = [_composite_or_tensor(i, None) for i in inputs]
        if all(isinstance(i, Tensor) for i in inputs):
            by_reference = all(i.dtype._is_ref_dtype for i in inputs)
            return apply('RefMerge' if by_reference else 'Merge', inputs, name=name)
        if all(isinstance(i, (Tensor, IndexedSlices)) for i in inputs):
            inputs = _all_slices(inputs)
        for other in inputs[1:]:
            nest.assert_same_structure(inputs[0], other, expand_composites=True)
        columns = zip(*(nest.flatten(i, expand_composites=True) for i in inputs))
        merged = [apply('Merge', list(column)) for column in columns]
        return (nest.pack_sequence_as(inputs[0], [m[0] for m in merged], expand_composites=True), merged[0][1])


def _composite_or_tensor(value, dtype, name=None):
    if isinstance(value, (IndexedSlices, SparseTensor)):
        return value
    return convert.to_tensor(value, dtype, name, as_ref=True)


def _all_slices(values):
    """Tensors and IndexedSlices as IndexedSlices: what was dense names every row."""
    slices = [v if isinstance(v, IndexedSlices) else _every_row(v) for v in values]
    kinds = {s.indices.dtype for s in slices}
    if len(kinds) == 1:
        return slices
    return [IndexedSlices(s.values, cast.cast(s.indices, dtypes.int64), s.dense_shape)
            if s.indices.dtype == dtypes.int32 else s for s in slices]


def _every_row(tensor):
    shape = apply('Shape', tensor)
    return IndexedSlices(tensor, fill.range(0, shape[0]), shape)
