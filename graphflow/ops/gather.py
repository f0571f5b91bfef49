"""Elements by index: gather and scatter, and their n-dimensional forms."""
from graphflow.framework import convert, dtypes, tensor_shape
from graphflow.framework.apply import apply
from graphflow.framework.constant_value import constant_value
from graphflow.framework.export import export
from graphflow.framework.indexed_slices import IndexedSlices
from graphflow.framework.registry import gradient, op
from graphflow.framework.scopes import colocate_with, name_scope
from graphflow.framework.shape_rules import merge
from graphflow.ops import array, concat, fill, mesh
from graphflow.ops.constant import constant

TensorShape = tensor_shape.TensorShape


@op('Gather', 'params:Tparams, indices:Tindices -> output:Tparams',
    'validate_indices:bool=True; Tparams:type; Tindices:type{int32,int64}')
def _(c):
    params = c.rank_at_least(0, 1)
    return c.shape(1).concatenate(params[1:])


@op('GatherV2', 'params:Tparams, indices:Tindices, axis:Taxis -> output:Tparams',
    'batch_dims:int=0; Tparams:type; Tindices:type{int32,int64}; Taxis:type{int32,int64}')
def _(c):
    params, indices = c.rank_at_least(0, 1), c.shape(1)
    c.rank(2, 0)
    axis = c.value(2)
    batch_dims = c.attr('batch_dims')
    if axis is None:
        if params.ndims is None or indices.ndims is None:
            return None
        return [None] * (params.ndims + indices.ndims - 1 - batch_dims)
    axis = int(axis)
    c.rank_at_least(0, axis + 1 if axis >= 0 else -axis)
    if indices.ndims is None:
        return None
    if batch_dims < 0:
        batch_dims += indices.ndims
    if params.ndims is None:
        return None
    axis %= params.ndims
    if batch_dims > axis:
        raise ValueError(f'Shape must be at least rank {batch_dims + 1} but is rank {axis + 1}')
    return params[:axis].concatenate(indices[batch_dims:]).concatenate(params[axis + 1:])


def _shape_beside(params):
    """The shape of `params` as int32, made where they are."""
    with colocate_with(params.op):
        # A shape of int64 never overflows on the way.
        return apply('Cast', array.shape(params, out_type=dtypes.int64), DstT=dtypes.int32)


def _rows(grad, indices, shape):
    """The gradient of a gather of rows."""
    size = array.expand_dims(array.size(indices), 0)
    values = array.reshape(grad, concat.concat([size, shape[1:]], 0))
    return IndexedSlices(values, array.reshape(indices, size), shape)


@gradient('Gather')
def _(op, grad):
    params, indices = op.inputs
    return [_rows(grad, indices, _shape_beside(params)), None]


@gradient('GatherV2')
def _(op, grad):
    params, indices, axis = op.inputs
    shape = _shape_beside(params)
    static_axis = constant_value(axis)
    if static_axis is not None and int(static_axis) == 0:
        return [_rows(grad, indices, shape), None, None]
    batch_dims = op.get_attr('batch_dims')
    if batch_dims < 0:
        batch_dims += indices._shape.ndims
    array.expand_dims(array.size(indices), 0)   # unused, as in TensorFlow's graph
    outer, inner = shape[:axis], shape[axis:][1:]
    values_shape = concat.concat([outer, [-1], inner], 0)
    rank, at = array.size(values_shape), array.size(outer)
    batches, middle, after = fill.range(0, batch_dims), fill.range(batch_dims, at), fill.range(at + 1, rank)
    # The gathered dimension goes to the front (behind the batches), its slices add up by index, and it goes back.
    values = array.transpose(array.reshape(grad, values_shape), concat.concat([batches, [at], middle, after], 0))
    rows = shape[axis]
    count = array.expand_dims(array.size(indices), 0)
    sums = (_batch_sums(values, indices, count, rows, shape, batch_dims) if batch_dims
            else apply('UnsortedSegmentSum', values, array.reshape(indices, count), rows))
    return [array.transpose(sums, concat.concat([batches, middle + 1, [batch_dims], after], 0)), None, None]


def _batch_sums(values, indices, count, rows, params_shape, batch_dims):
    """Sums by index within each batch: the batches are joined, an offset to the indices tells them apart.

    The offset is counted in the dimension behind the batches, like TensorFlow 1.15's, which is that of the indices only
    if the gathered axis is the one behind the batches.
    """
    shape = array.shape(values)
    batch, rest = shape[:batch_dims], shape[batch_dims:][1:]
    batches = apply('Prod', batch, constant([0], name='Prod/reduction_indices'))
    flat_shape = concat.concat([[-1], rest], 0)
    total = rows * batches
    step = fill.ones((), dtype=indices.dtype)
    if params_shape.dtype != indices.dtype:
        params_shape = apply('Cast', params_shape, DstT=indices.dtype.base_dtype)
    indices = _flattened_indices(indices, step, params_shape, batch_dims)
    values = array.reshape(values, flat_shape)
    sums = apply('UnsortedSegmentSum', values, array.reshape(indices, count), total)
    return array.reshape(sums, concat.concat([batch, flat_shape], 0))


def _flattened_indices(indices, step, dims, batch_dims, name='range'):
    """`indices` of each batch as indices of the joined batches of a tensor with dimensions `dims`; `step` is 1."""
    ndims, dtype = indices._shape.ndims, indices.dtype.base_dtype
    for dim in range(batch_dims, 0, -1):
        size = dims[dim - 1]
        step = step * dims[dim]
        positions = apply('Range', fill.zeros((), dtype=dtype), size, fill.ones((), dtype=dtype), name=name)
        offsets = positions * step
        indices = indices + array.reshape(offsets, concat.stack([1] * (dim - 1) + [size] + [1] * (ndims - dim)))
    return indices


@export('gather')
def gather(params, indices, validate_indices=None, name=None, axis=None, batch_dims=0):
    """The slices of `params` along dimension `axis` at `indices`.

    Args:
      params: a Tensor (a variable is read where it is stored).
      indices: int32 or int64, in [0, size of the dimension).
      validate_indices: ignored: indices are always checked.
      name: name of the node.
      axis: the dimension; `batch_dims` by default.
      batch_dims: how many leading dimensions `params` and `indices` share.

    Returns: a Tensor of shape params.shape[:axis] + indices.shape[batch_dims:] + params.shape[axis + 1:].
    """
    if axis is None:
        axis = batch_dims
    if not isinstance(axis, int) or axis != 0:
        return apply('GatherV2', params, indices, axis, batch_dims=batch_dims, name=name)
    try:
        # A resource variable gathers by itself.
        return params.sparse_read(indices, name=name)
    except AttributeError:
        return apply('GatherV2', params, indices, axis, name=name)


@export('batch_gather')
def batch_gather(params, indices, name=None):
    """gather in the last dimension of `indices`, all dimensions before it being shared with `params`.

    Args:
      params: a Tensor whose shape begins with indices.shape[:-1].
      indices: int32 or int64, of known rank.
      name: name of the scope.
    """
    with name_scope(name, 'BatchGather', [params, indices]):
        indices = convert.to_tensor(indices, name='indices')
        params = convert.to_tensor(params, name='params')
        if indices._shape.ndims is None:
            raise ValueError('batch_gather does not allow indices with unknown shape.')
        return _batch_gather(params, indices, indices._shape.ndims - 1)


def _batch_gather(params, indices, batch_dims):
    dtype = indices.dtype.base_dtype
    indices_shape, params_shape = array.shape(indices), array.shape(params)
    step = fill.ones((), dtype=dtype)
    dims = apply('Cast', params_shape, DstT=dtype)
    flat = _flattened_indices(indices, step, dims, batch_dims, 'Range')
    flat = array.reshape(flat, [-1])
    rest = params_shape[batch_dims + 1:]
    rows = apply('Prod', params_shape[:batch_dims + 1], constant([0], name='Prod/reduction_indices'))
    result = gather(array.reshape(params, concat.concat([[rows], rest], 0)), flat)
    result = array.reshape(result, concat.concat([indices_shape, rest], 0))
    shape = indices._shape[:batch_dims].merge_with(params._shape[:batch_dims]).concatenate(indices._shape[batch_dims:])
    if params._shape.ndims is not None:
        shape = shape.concatenate(params._shape[batch_dims + 1:])
        result.set_shape(shape)
    return result


# N-dimensional indices: the last dimension of `indices` holds the coordinates.

@op('GatherNd', 'params:Tparams, indices:Tindices -> output:Tparams', 'Tparams:type; Tindices:type{int32,int64}')
def _(c):
    params, indices = c.shape(0), c.rank_at_least(1, 1)
    if params.ndims is None or indices.ndims is None or indices.as_list()[-1] is None:
        return None
    depth = indices.as_list()[-1]
    if depth > params.ndims:
        text = [str(s.as_list()).replace(' ', '').replace('None', '?') for s in (indices, params)]
        raise ValueError(f'indices.shape[-1] must be <= params.rank, but saw indices shape: {text[0]} and params shape: '
                         f'{text[1]}')
    return indices[:-1].concatenate(params[depth:])


@gradient('GatherNd')
def _(op, grad):
    params, indices = op.inputs
    shape = array.shape(params, out_type=indices.dtype.base_dtype)
    if indices._shape.ndims == 2 and indices._shape.as_list()[-1] == 1:
        return [IndexedSlices(grad, array.squeeze(indices, axis=-1), shape), None]
    return [scatter_nd(indices, grad, shape), None]


@export('gather_nd', 'manip.gather_nd')
def gather_nd(params, indices, name=None, batch_dims=0):
    """The elements or slices of `params` whose leading coordinates are the rows of `indices`.

    Args:
      params: a Tensor.
      indices: int32 or int64 [..., k], k <= rank of `params`.
      name: name of the node.
      batch_dims: how many leading dimensions `params` and `indices` share.

    Returns: a Tensor of shape indices.shape[:-1] + params.shape[k:] (with no batch dimensions).
    """
    static = constant_value(batch_dims) if hasattr(batch_dims, 'op') else batch_dims
    if static == 0:
        if hasattr(params, 'gather_nd'):
            return params.gather_nd(indices, name=name)
        return apply('GatherNd', params, indices, name=name)
    return batch_gather_nd(params, indices, batch_dims, name)


def batch_gather_nd(params, indices, batch_dims, name=None):
    """gather_nd within each of the batches that the first `batch_dims` dimensions number."""
    with name_scope(name, 'BatchGatherND', [params, indices]):
        indices = convert.to_tensor(indices, name='indices')
        params = convert.to_tensor(params, name='params')
        ndims = indices._shape.ndims
        if hasattr(batch_dims, 'op'):
            batch_dims = constant_value(batch_dims)
        if batch_dims is None:
            raise ValueError('gather_nd does not allow unknown batch_dims')
        if ndims is None:
            raise ValueError('gather_nd does not allow indices with unknown shape.')
        if batch_dims < 0:
            batch_dims += ndims
        if batch_dims < 0 or batch_dims >= ndims:
            raise ValueError(f'batch_dims = {batch_dims} must be less than rank(indices) = {ndims}')
        if params._shape.ndims is not None and batch_dims >= params._shape.ndims:
            raise ValueError(f'batch_dims = {batch_dims} must be less than rank(params) = {params._shape.ndims}')
        params_shape, indices_shape = array.shape(params), array.shape(indices)
        batch_shape = params_shape[:batch_dims]
        batch_size = apply('Prod', batch_shape, constant([0], name='Prod/reduction_indices'))
        inner = array.rank(indices) - batch_dims - 1
        inner_slices = indices_shape[batch_dims:-1]
        ranges = [apply('Cast', apply('Range', 0, n, 1), DstT=indices.dtype.base_dtype)
                  for n in concat.unstack(batch_shape)]
        grid = mesh.meshgrid(*ranges, indexing='ij')
        flat = array.transpose(concat.stack([array.reshape(g, [-1]) for g in grid]))
        flat_shape = array.shape(flat)
        flat_shape = concat.concat([flat_shape[:1], fill.ones(inner, dtype=dtypes.int32), flat_shape[1:]], 0)
        flat = array.reshape(flat, flat_shape)
        flat = apply('Tile', flat, concat.concat([[1], inner_slices, [1]], 0))
        joined = array.reshape(indices, concat.concat([[batch_size], indices_shape[batch_dims:]], 0))
        result = apply('GatherNd', params, concat.concat([flat, joined], -1))
        result_shape = array.shape(result)
        result = array.reshape(result, concat.concat([batch_shape, result_shape[1:]], 0))
        return result


def _check_scatter(indices, updates, shape):
    """Checks that `updates` has a slice of a tensor of `shape` for each coordinate row of `indices`."""
    if indices.ndims is None or updates.ndims is None:
        return
    outer = indices.ndims - 1
    i, u = (str(s.as_list()).replace(' ', '').replace('None', '?') for s in (indices, updates))
    try:
        merge(indices[:outer], updates[:outer])
    except ValueError as error:
        raise ValueError(f'The outer {outer} dimensions of indices.shape={i} must match the outer {outer} dimensions of '
                         f'updates.shape={u}: {error}') from None
    depth = indices.as_list()[-1]
    if depth is None or shape.ndims is None:
        return
    inner = shape.ndims - depth
    text = str(shape.as_list()).replace(' ', '').replace('None', '?')
    try:
        merge(shape[depth:], updates[outer:])
    except ValueError as error:
        raise ValueError(f'The inner {inner} dimensions of input.shape={text} must match the inner '
                         f'{updates.ndims - outer} dimensions of updates.shape={u}: {error}') from None


@op('ScatterNd', 'indices:Tindices, updates:T, shape:Tindices -> output:T', 'T:type; Tindices:type{int32,int64}')
def _(c):
    c.rank_at_least(0, 1)
    shape = c.value_as_shape(2)
    c._shapes_used.pop(2, None)     # TensorFlow's message does not tell it
    _check_scatter(c.shape(0), c.shape(1), shape)
    return shape


def _scattered(c):
    c.rank_at_least(1, 1)
    _check_scatter(c.shape(1), c.shape(2), c.shape(0))
    return c.shape(0)


for _name in ('TensorScatterUpdate', 'TensorScatterAdd', 'TensorScatterSub'):
    op(_name, 'tensor:T, indices:Tindices, updates:T -> output:T', 'T:type; Tindices:type{int32,int64}',
       shape=_scattered)
op('ScatterNdNonAliasingAdd', 'input:T, indices:Tindices, updates:T -> output:T',
   'T:type{float,double,int32,uint8,int16,int8,complex64,int64,qint8,quint8,qint32,bfloat16,uint16,complex128,half,uint32,'
   'uint64,bool}; Tindices:type{int32,int64}', shape=_scattered)


@gradient('ScatterNd')
def _(op, grad):
    return None, gather_nd(grad, op.inputs[0]), None


@gradient('TensorScatterUpdate')
def _(op, grad):
    _, indices, updates = op.inputs
    updates_grad = gather_nd(grad, indices)
    tensor_grad = apply('TensorScatterUpdate', array.identity(grad), indices, fill.zeros_like(updates))
    return tensor_grad, None, updates_grad


@gradient('ScatterNdNonAliasingAdd')
def _(op, grad):
    return grad, None, gather_nd(grad, op.inputs[1])


@gradient('TensorScatterAdd')
def _(op, grad):
    updates = gather_nd(grad, op.inputs[1])
    return array.identity(grad), None, updates


@gradient('TensorScatterSub')
def _(op, grad):
    updates = gather_nd(grad, op.inputs[1])
    return array.identity(grad), None, -updates


@export('scatter_nd', 'manip.scatter_nd')
def scatter_nd(indices, updates, shape, name=None):
    """Zeros of `shape` with `updates` added at the coordinates in the rows of `indices`.

    Args:
      indices: int32 or int64 [..., k], k <= length of `shape`.
      updates: a Tensor of shape indices.shape[:-1] + shape[k:].
      shape: 1-D, of the type of `indices`.
      name: name of the node.
    """
    return apply('ScatterNd', indices, updates, shape, name=name)


def _tensor_scatter(op_type, doc, *names):
    @export(*names)
    def function(tensor, indices, updates, name=None):
        return apply(op_type, tensor, indices, updates, name=name)
    function.__name__ = function.__qualname__ = names[0]
    function.__doc__ = f"""{doc}

    Args:
      tensor: a Tensor; it is copied.
      indices: int32 or int64 [..., k]: rows of coordinates.
      updates: a Tensor of shape indices.shape[:-1] + tensor.shape[k:].
      name: name of the node.
    """
    return function


tensor_scatter_update = _tensor_scatter(
    'TensorScatterUpdate', '`tensor` with the slices at `indices` replaced by `updates`.',
    'tensor_scatter_update', 'tensor_scatter_nd_update')
tensor_scatter_add = _tensor_scatter(
    'TensorScatterAdd', '`tensor` with `updates` added to the slices at `indices`.',
    'tensor_scatter_add', 'tensor_scatter_nd_add')
tensor_scatter_sub = _tensor_scatter(
    'TensorScatterSub', '`tensor` with `updates` subtracted from the slices at `indices`.',
    'tensor_scatter_sub', 'tensor_scatter_nd_sub')


def scatter_nd_non_aliasing_add(input, indices, updates, name=None):
    """`input` with `updates` added at the coordinates in `indices`, as a new tensor."""
    return apply('ScatterNdNonAliasingAdd', input, indices, updates, name=name)
