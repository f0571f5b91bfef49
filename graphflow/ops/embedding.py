"""Rows of a table, which may be spread over several tensors, by their numbers."""
from graphflow.framework import convert, dtypes
from graphflow.framework.apply import apply
from graphflow.framework.export import export
from graphflow.framework.scopes import colocate_with, name_scope
from graphflow.framework.sparse_tensor import SparseTensor
from graphflow.framework.tensor_shape import TensorShape
from graphflow.ops import array, fill, math
from graphflow.ops.cast import cast
from graphflow.ops.clip import clip_by_norm
from graphflow.ops.concat import concat, stack
from graphflow.ops.constant import constant
from graphflow.ops.gather import gather
from graphflow.ops.reduce import reduce_sum
from graphflow.ops.stitch import dynamic_partition, parallel_dynamic_stitch
from graphflow.platform import tf_logging


@export('nn.embedding_lookup')
def embedding_lookup(params, ids, partition_strategy='mod', name=None, validate_indices=True, max_norm=None):
    """The rows `ids` of the table `params`.

    Args:
      params: a Tensor or Variable whose first dimension counts rows; or a list of them, over which the rows are
        spread; or a PartitionedVariable.
      ids: an int32 or int64 Tensor of row numbers.
      partition_strategy: with several params, 'mod': row i is in params[i % n]; 'div': each holds consecutive rows.
      name: name of the node that looks up.
      validate_indices: not used: row numbers are always checked.
      max_norm: if given, rows with a greater L2 norm are scaled down to it.

    Returns: a Tensor of shape ids.shape + params.shape[1:].

    Raises: ValueError if there are no params, or for an unknown strategy.
    """
    if params is None:
        raise ValueError('params must be specified')
    if isinstance(params, (list, tuple)) and not params:
        raise ValueError('Need at least one param')
    params = _as_list(params)
    with name_scope(name, 'embedding_lookup', params + [ids]) as name:
        if not any(_is_resource(p) for p in params):
            params = [convert.convert_to_tensor_or_indexed_slices(p, name=f'params_{i}') for i, p in enumerate(params)]
        ids = convert.to_tensor(ids, name='ids')
        if len(params) == 1:
            with _at(params[0]):
                result = _clip(gather(params[0], ids, name=name), ids, max_norm)
            return array.identity(result)       # which is not bound to where the table is
        return _lookup_in_parts(params, ids, partition_strategy, max_norm, name)


def _as_list(params):
    if hasattr(params, '_get_variable_list'):       # a PartitionedVariable
        return list(params._get_variable_list())
    return list(params) if isinstance(params, (list, tuple)) else [params]


def _is_resource(param):
    return hasattr(param, 'sparse_read') and getattr(param, 'handle', None) is not None


def _at(param):
    return colocate_with(getattr(param, 'handle', param).op if hasattr(param, 'op') else param)


def _lookup_in_parts(params, ids, partition_strategy, max_norm, name):
    count = len(params)
    flat = array.reshape(ids, [-1])
    positions = fill.range(array.size(flat))
    if partition_strategy == 'mod':
        part, row = flat % count, flat // count
    elif partition_strategy == 'div':
        part, row = _divided(params, flat)
    else:
        raise ValueError('Unrecognized partition strategy: ' + partition_strategy)
    part = cast(part, dtypes.int32)
    rows = dynamic_partition(row, part, count)
    positions = dynamic_partition(positions, part, count)
    found = []
    for param, wanted in zip(params, rows):
        with _at(param):
            found.append(gather(param, wanted))
    result = parallel_dynamic_stitch(positions, found, name=name)
    element = TensorShape(params[0].get_shape()[1:])
    for param in params[1:]:
        element = element.merge_with(param.get_shape()[1:])
    if element.is_fully_defined():
        shape = concat([array.shape(ids), element], 0)
    else:
        with _at(params[0]):
            params_shape = array.shape(params[0])
        shape = concat([array.shape(ids), apply('Slice', params_shape, [1], [-1])], 0)
    result = array.reshape(result, shape)
    result.set_shape(ids.get_shape().concatenate(element))
    return _clip(result, ids, max_norm)


def _divided(params, flat):
    """(part, row in it) for parts of consecutive rows; the first total % count parts hold one row more."""
    count = len(params)
    sizes = [p.get_shape()[0].value if p.get_shape().ndims else None for p in params]
    if None not in sizes:
        total = constant(sum(sizes), flat.dtype)
    else:
        for i, param in enumerate(params):
            if sizes[i] is None:
                with _at(param):
                    sizes[i] = array.shape(param)[0]
        total = reduce_sum(cast(stack(sizes), flat.dtype))
    size, extras = total // count, total % count
    part = apply('Maximum', flat // (size + 1), (flat - extras) // size)
    return part, apply('Select', part < extras, flat % (size + 1), (flat - extras) % size)


def _clip(rows, ids, max_norm):
    """`rows`, each scaled to a norm of at most `max_norm`."""
    if max_norm is None:
        return rows
    first, last = ids.get_shape().ndims, rows.get_shape().ndims
    if first is not None and last is not None:
        axes = list(range(first, last))
    else:
        first = array.rank(ids) if first is None else first
        axes = fill.range(first, array.rank(rows) if last is None else last)
    return clip_by_norm(rows, max_norm, axes=axes)


@export('nn.embedding_lookup_sparse')
def embedding_lookup_sparse(params, sp_ids, sp_weights, partition_strategy='mod', name=None, combiner=None,
                            max_norm=None):
    """For each row of `sp_ids`, the weighted sum, or mean, of the rows of the table `params` that it names.

    Args:
      params: see `embedding_lookup`.
      sp_ids: a SparseTensor [n, m] of int32 or int64 row numbers; each of its rows has at least one.
      sp_weights: a SparseTensor of floats with the same indices, or None: all weights are 1.
      partition_strategy, max_norm: see `embedding_lookup`.
      name: a name for the scope of the nodes.
      combiner: 'sum', 'mean' (the sum divided by that of the weights; the default) or 'sqrtn' (divided by the root of
        the sum of the squared weights).

    Returns: a Tensor [n, ...] with the other dimensions of `params`.

    Raises: ValueError for another combiner, TypeError if sp_ids or sp_weights are of other types.
    """
    if combiner is None:
        tf_logging.warn('The default value of combiner will change from "mean" to "sqrtn" after 2016/11/01.')
        combiner = 'mean'
    if combiner not in ('mean', 'sqrtn', 'sum'):
        raise ValueError("combiner must be one of 'mean', 'sqrtn' or 'sum'")
    params = _as_list(params)
    if not isinstance(sp_ids, SparseTensor):
        raise TypeError('sp_ids must be SparseTensor')
    if sp_weights is not None and not isinstance(sp_weights, SparseTensor):
        raise TypeError('sp_weights must be either None or SparseTensor')
    with name_scope(name, 'embedding_lookup_sparse', params + [sp_ids]) as name:
        rows = sp_ids.indices[:, 0]
        if rows.dtype != dtypes.int32:
            rows = cast(rows, dtypes.int32)
        ids, places = apply('Unique', sp_ids.values)    # each row of the table is looked up once
        found = embedding_lookup(params, ids, partition_strategy=partition_strategy, max_norm=max_norm)
        if found.dtype in (dtypes.float16, dtypes.bfloat16):
            found = cast(found, dtypes.float32)
        if sp_weights is None:
            op_type = {'sum': 'SparseSegmentSum', 'mean': 'SparseSegmentMean', 'sqrtn': 'SparseSegmentSqrtN'}[combiner]
            return apply(op_type, found, places, rows, name=name)
        return _weighted(found, places, rows, sp_weights.values, combiner, name)


def _weighted(found, places, rows, weights, combiner, name):
    if weights.dtype != found.dtype:
        weights = cast(weights, found.dtype)
    found = gather(found, places)
    ones = fill.fill(array.expand_dims(array.rank(found) - 1, 0), 1)
    static = weights.shape
    weights = array.reshape(weights, concat([array.shape(weights), ones], 0))
    if found.shape.ndims is not None:
        weights.set_shape(static.concatenate([1] * (found.shape.ndims - 1)))
    found *= weights
    if combiner == 'sum':
        return apply('SegmentSum', found, rows, name=name)
    total = apply('SegmentSum', found, rows)
    if combiner == 'mean':
        return apply('RealDiv', total, apply('SegmentSum', weights, rows), name=name)
    squares = apply('SegmentSum', math.pow(weights, 2), rows)
    return apply('RealDiv', total, apply('Sqrt', squares), name=name)
