"""Inner names of python.ops.partitioned_variables."""
from graphflow.framework import dtypes, scopes
from graphflow.ops import variable_scope


def create_partitioned_variables(shape, slicing, initializer, dtype=None, trainable=True, collections=None,
                                 name=None, reuse=None):
    """The slices of a variable, made one by one.

    Args:
      shape: the whole variable's shape, a list of ints.
      slicing: how many slices to cut each dimension into; all but one of them 1.
      initializer: a tensor of the whole, or a function of a shape, as for get_variable.
      dtype, trainable, collections, reuse: see get_variable.
      name: the name of the scope of the slices.

    Returns: a list of Variables.

    Raises: ValueError if `slicing` does not fit.
    """
    if len(shape) != len(slicing):
        raise ValueError("The 'shape' and 'slicing' of a partitioned Variable must have the length: "
                         f'shape: {shape}, slicing: {slicing}')
    if len(shape) < 1:
        raise ValueError(f'A partitioned Variable must have rank at least 1: shape: {shape}')
    dtype = dtypes.float32 if dtype is None else dtype
    with variable_scope.variable_scope(name, 'PartitionedVariable', reuse=reuse) as scope, scopes.name_scope(None):
        store = variable_scope._get_default_variable_store()
        return list(store.get_variable(
            scope.name, shape=shape, dtype=dtype, initializer=initializer, trainable=trainable,
            collections=collections, reuse=scope.reuse, partitioner=lambda shape, dtype: slicing))
