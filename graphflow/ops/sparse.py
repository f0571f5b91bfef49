"""tf.sparse: ops of SparseTensors, each given to a node as indices, values and dense shape."""
from graphflow.framework import convert, dtypes, scopes
from graphflow.framework.apply import apply
from graphflow.framework.export import export
from graphflow.framework.registry import gradient, not_differentiable, op
from graphflow.framework.sparse_tensor import SparseTensor, is_sparse
from graphflow.framework.tensor_shape import TensorShape
from graphflow.ops import array, fill
from graphflow.ops.cast import cast
from graphflow.ops.gather import gather
from graphflow.ops.reduce import reduce_sum
from graphflow.util.deprecation import deprecated_argument_lookup

_NUMBERS = ('T:type{float,double,int32,uint8,int16,int8,complex64,int64,qint8,quint8,qint32,bfloat16,uint16,complex128,'
            'half,uint32,uint64}')
_REAL = _NUMBERS.replace('T:type', 'Treal:type').replace('complex64,', '').replace('complex128,', '')
_VECTOR = TensorShape([None])


def _triple(c, rank=None):
    """The shapes of a resulting SparseTensor."""
    return [TensorShape([None, rank]), _VECTOR, TensorShape([rank])]


def _rank(c, shape_input):
    shape = c.rank(shape_input, 1)
    return shape.as_list()[0] if shape.ndims is not None else None


op('SparseReorder', 'input_indices:int64, input_values:T, input_shape:int64 -> output_indices:int64, output_values:T',
   'T:type', shape=lambda c: [c.rank(0, 2), c.rank(1, 1)])
op('SparseReshape', 'input_indices:int64, input_shape:int64, new_shape:int64 -> output_indices:int64, output_shape:int64',
   shape=lambda c: [TensorShape([c.rank(0, 2)[0].value, _rank(c, 2)]), TensorShape([_rank(c, 2)])])
op('SparseFillEmptyRows', 'indices:int64, values:T, dense_shape:int64, default_value:T -> output_indices:int64, '
   'output_values:T, empty_row_indicator:bool, reverse_index_map:int64', 'T:type',
   shape=lambda c: [TensorShape([None, _rank(c, 2)]), _VECTOR, _VECTOR, TensorShape([c.rank(0, 2)[0].value])])
op('SparseFillEmptyRowsGrad', 'reverse_index_map:int64, grad_values:T -> d_values:T, d_default_value:T', 'T:type',
   shape=lambda c: [c.rank(0, 1), TensorShape([])])
op('SparseAdd', 'a_indices:int64, a_values:T, a_shape:int64, b_indices:int64, b_values:T, b_shape:int64, thresh:Treal '
   '-> sum_indices:int64, sum_values:T, sum_shape:int64', f'{_NUMBERS}; {_REAL}', shape=lambda c: _triple(c, _rank(c, 2)))
op('SparseAddGrad', 'backprop_val_grad:T, a_indices:int64, b_indices:int64, sum_indices:int64 -> a_val_grad:T, '
   'b_val_grad:T', _NUMBERS, shape=lambda c: [TensorShape([c.rank(i, 2)[0].value]) for i in (1, 2)])
op('SparseTensorDenseAdd', 'a_indices:Tindices, a_values:T, a_shape:Tindices, b:T -> output:T',
   f'{_NUMBERS}; Tindices:type{{int32,int64}}', shape=lambda c: c.shape(3))
op('SparseReduceSum', 'input_indices:int64, input_values:T, input_shape:int64, reduction_axes:int32 -> output:T',
   f'keep_dims:bool=False; {_NUMBERS}', shape=lambda c: None)
for _name in ('Add', 'Div', 'Mul'):
    op('SparseDenseCwise' + _name, 'sp_indices:int64, sp_values:T, sp_shape:int64, dense:T -> output:T', _NUMBERS,
       shape=lambda c: TensorShape([c.rank(0, 2)[0].value]))
op('SparseSlice', 'indices:int64, values:T, shape:int64, start:int64, size:int64 -> output_indices:int64, '
   'output_values:T, output_shape:int64', 'T:type', shape=lambda c: _triple(c, _rank(c, 2)))
op('SparseConcat', 'indices:N*int64, values:N*T, shapes:N*int64 -> output_indices:int64, output_values:T, '
   'output_shape:int64', 'concat_dim:int; N:int>=2; T:type', shape=lambda c: _triple(c, _rank(c, c.num_inputs - 1)))


@op('SparseTensorDenseMatMul', 'a_indices:Tindices, a_values:T, a_shape:int64, b:T -> product:T',
    'T:type; Tindices:type=int64{int32,int64}; adjoint_a:bool=False; adjoint_b:bool=False')
def _(c):
    shape, b = c.value_as_shape(2), c.rank(3, 2).as_list()
    a = shape.as_list() if shape.ndims is not None else [None, None]
    if len(a) != 2:
        raise ValueError(f'Shape must be rank 2 but is rank {len(a)}')
    inner_a, inner_b = a[0 if c.attr('adjoint_a') else 1], b[1 if c.attr('adjoint_b') else 0]
    if None not in (inner_a, inner_b) and inner_a != inner_b:
        raise ValueError(f'Dimensions must be equal, but are {inner_a} and {inner_b}')
    return [a[1 if c.attr('adjoint_a') else 0], b[0 if c.attr('adjoint_b') else 1]]


not_differentiable('SparseAddGrad', 'SparseConcat', 'SparseSlice', 'SparseFillEmptyRowsGrad')


@gradient('SparseReorder')
def _(op, _, grad):
    indices, _, shape = op.inputs
    places = fill.range(array.shape(indices)[0])
    # Where each value went: the places, sorted as the values were.
    moved = sparse_reorder(SparseTensor(indices, places, shape)).values
    inverse = apply('InvertPermutation', moved)
    return None, gather(grad, inverse), None


@gradient('SparseAdd')
def _(op, *grads):
    a, b = apply('SparseAddGrad', grads[1], op.inputs[0], op.inputs[3], op.outputs[0])
    a.set_shape(op.inputs[1].shape)
    b.set_shape(op.inputs[4].shape)
    return None, a, None, None, b, None, None


@gradient('SparseTensorDenseAdd')
def _(op, grad):
    return None, apply('GatherNd', grad, op.inputs[0]), None, grad


@gradient('SparseFillEmptyRows')
def _(op, _, values_grad, *__):
    values, default = apply('SparseFillEmptyRowsGrad', op.outputs[3], values_grad)
    return None, values, None, default


@gradient('SparseTensorDenseMatMul')
def _(op, grad):
    indices, values, shape, b = op.inputs
    adjoint_a, adjoint_b = op.get_attr('adjoint_a'), op.get_attr('adjoint_b')
    b_grad = apply('SparseTensorDenseMatMul', indices, values, shape, grad, adjoint_a=not adjoint_a)
    if adjoint_b:
        b_grad = array.transpose(b_grad, conjugate=True)
    rows, columns = indices[:, 0], indices[:, 1]
    of_grad = gather(grad, columns if adjoint_a else rows)
    of_b = gather(array.transpose(b) if adjoint_b else b, rows if adjoint_a else columns)
    return None, reduce_sum(of_grad * of_b, axis=1), None, b_grad


@gradient('SparseDenseCwiseMul')
def _(op, grad):
    indices, values, shape, dense = op.inputs
    grad_values = _pick(dense, indices, shape) * grad
    return None, grad_values, None, None        # TensorFlow has none for the dense side either


@gradient('SparseDenseCwiseDiv')
def _(op, grad):
    indices, _, shape, dense = op.inputs
    return None, grad / _pick(dense, indices, shape), None, None


def _pick(dense, indices, shape):
    """The elements of `dense`, which broadcasts to `shape`, at `indices`."""
    missing = array.size(shape) - array.rank(dense)
    padded = apply('ConcatV2', [fill.ones([missing], dtypes.int32), array.shape(dense)], 0)
    dense = array.reshape(dense, padded)
    return apply('GatherNd', dense, apply('FloorMod', indices, cast(padded, dtypes.int64)))


def _sparse(value):
    """A SparseTensor or SparseTensorValue as SparseTensor. Raises: TypeError for anything else."""
    if not is_sparse(value):
        raise TypeError('Input must be a SparseTensor.')
    return value if isinstance(value, SparseTensor) else SparseTensor.from_value(value)


def _parts(sp_input):
    return sp_input.indices, sp_input.values, sp_input.dense_shape


@export('sparse.to_dense', 'sparse_tensor_to_dense')
def sparse_tensor_to_dense(sp_input, default_value=None, validate_indices=True, name=None):
    """The dense tensor, with `default_value` (zeros, empty strings) where there is no element."""
    sp_input = _sparse(sp_input)
    if default_value is None:
        default_value = fill.zeros([], dtype=sp_input.dtype)
    return apply('SparseToDense', sp_input.indices, sp_input.dense_shape, sp_input.values, default_value,
                 validate_indices=validate_indices, name=name)


@export('sparse.reorder', 'sparse_reorder')
def sparse_reorder(sp_input, name=None):
    """The same SparseTensor with its elements sorted in row-major order."""
    sp_input = _sparse(sp_input)
    indices, values = apply('SparseReorder', *_parts(sp_input), name=name)
    return SparseTensor(indices, values, array.identity(sp_input.dense_shape))


@export('sparse.retain', 'sparse_retain')
def sparse_retain(sp_input, to_retain):
    """The SparseTensor of those elements for which the bool vector `to_retain` holds."""
    sp_input = _sparse(sp_input)
    to_retain = convert.to_tensor(to_retain)
    where = array.reshape(apply('Where', to_retain), [-1])
    indices, values = gather(sp_input.indices, where), gather(sp_input.values, where)
    return SparseTensor(indices, values, array.identity(sp_input.dense_shape))


@export('sparse.reshape', 'sparse_reshape')
def sparse_reshape(sp_input, shape, name=None):
    """The SparseTensor in another dense shape, an int64 vector in which one -1 stands for what is left."""
    sp_input = _sparse(sp_input)
    shape = cast(shape, dtypes.int64)
    with scopes.name_scope(name, 'SparseReshape', [sp_input.values]) as name:
        indices, dense_shape = apply('SparseReshape', sp_input.indices, sp_input.dense_shape, shape, name=name)
        return SparseTensor(indices, array.identity(sp_input.values), dense_shape)


@export('sparse.fill_empty_rows', 'sparse_fill_empty_rows')
def sparse_fill_empty_rows(sp_input, default_value, name=None):
    """Puts `default_value` at the start of each row that has no element.

    Returns: the SparseTensor and a bool vector that says which rows were empty.
    """
    sp_input = _sparse(sp_input)
    with scopes.name_scope(name, 'SparseFillEmptyRows', [sp_input.values]):
        default_value = convert.to_tensor(default_value, dtype=sp_input.values.dtype)
        indices, values, empty, _ = apply('SparseFillEmptyRows', *_parts(sp_input), default_value)
        return SparseTensor(indices, values, sp_input.dense_shape), empty


@export('sparse.sparse_dense_matmul', 'sparse.matmul', 'sparse_tensor_dense_matmul')
def sparse_tensor_dense_matmul(sp_a, b, adjoint_a=False, adjoint_b=False, name=None):
    """The product of a sparse matrix [m, k] and a dense one [k, n]; `adjoint_` uses the conjugate transpose."""
    sp_a = _sparse(sp_a)
    with scopes.name_scope(name, 'SparseTensorDenseMatMul', [sp_a.values, b]):
        b = convert.to_tensor(b, name='b')
        return apply('SparseTensorDenseMatMul', *_parts(sp_a), b, adjoint_a=adjoint_a, adjoint_b=adjoint_b)


@export('sparse.add', 'sparse_add')
def sparse_add(a, b, threshold=None, thresh=None):
    """The sum of two SparseTensors, or of one and a dense tensor (then dense).

    `threshold` (0; `thresh` is its old name): sums of two elements that are smaller in absolute value are left out.
    """
    threshold = deprecated_argument_lookup('threshold', threshold, 'thresh', thresh)
    threshold = 0 if threshold is None else threshold
    if not is_sparse(a) and not is_sparse(b):
        raise TypeError('At least one input should be SparseTensor; do you mean to use tf.add()?')
    if is_sparse(a) and is_sparse(b):
        a, b = _sparse(a), _sparse(b)
        threshold = convert.to_tensor(threshold, dtype=a.values.dtype.real_dtype.base_dtype, name='threshold')
        indices, values, shape = apply('SparseAdd', *_parts(a), *_parts(b), threshold)
        a.get_shape().assert_is_compatible_with(b.get_shape())
        if a.get_shape().ndims is not None and b.get_shape().ndims is not None:
            static = a.get_shape().merge_with(b.get_shape())
            shape = static.as_list() if static.is_fully_defined() else shape
        return SparseTensor(indices, values, shape)
    if is_sparse(b):
        a, b = b, a
    return apply('SparseTensorDenseAdd', *_parts(_sparse(a)), b)


@export('sparse.reduce_sum', 'sparse_reduce_sum')
def sparse_reduce_sum(sp_input, axis=None, keepdims=None, reduction_axes=None, keep_dims=None):
    """The sum along the dimensions `axis` (an int, a list; default: all) as a dense tensor."""
    keepdims = bool(deprecated_argument_lookup('keepdims', keepdims, 'keep_dims', keep_dims))
    axis = deprecated_argument_lookup('axis', axis, 'reduction_axes', reduction_axes)
    sp_input = _sparse(sp_input)
    if axis is None:
        axis = fill.all_axes(sp_input) if sp_input.shape.ndims is None else \
            convert.to_tensor(list(range(sp_input.shape.ndims)), dtype=dtypes.int32)
    return apply('SparseReduceSum', *_parts(sp_input), axis, keep_dims=keepdims)


@export('sparse.slice', 'sparse_slice')
def sparse_slice(sp_input, start, size, name=None):
    """The part of a SparseTensor that begins at `start` and has the size `size`, two int64 vectors."""
    sp_input = _sparse(sp_input)
    start = convert.to_tensor(start, dtypes.int64)
    size = convert.to_tensor(size, dtypes.int64)
    with scopes.name_scope(name, 'SparseSlice', [sp_input.values]) as name:
        return SparseTensor(*apply('SparseSlice', *_parts(sp_input), start, size, name=name))


@export('sparse.concat', 'sparse_concat')
def sparse_concat(axis, sp_inputs, name=None, expand_nonconcat_dim=False, concat_dim=None, expand_nonconcat_dims=None):
    """Joins SparseTensors along the dimension `axis`; the others must agree.

    Raises: NotImplementedError for expand_nonconcat_dim.
    """
    axis = deprecated_argument_lookup('axis', axis, 'concat_dim', concat_dim)
    if expand_nonconcat_dim or expand_nonconcat_dims:
        raise NotImplementedError('sparse_concat with expand_nonconcat_dim')
    sp_inputs = [_sparse(sp) for sp in sp_inputs]
    if len(sp_inputs) == 1:
        return sp_inputs[0]
    return SparseTensor(*apply('SparseConcat', [sp.indices for sp in sp_inputs], [sp.values for sp in sp_inputs],
                               [sp.dense_shape for sp in sp_inputs], concat_dim=axis, name=name))


def _with_dense(op_type, default_name):
    def operator(sparse, dense):
        with scopes.name_scope(None, default_name, [sparse.values, dense]) as name:
            dense = convert.to_tensor(dense, dtype=sparse.dtype.base_dtype, name='y')
            return SparseTensor(sparse.indices, apply(op_type, *_parts(sparse), dense, name=name), sparse.dense_shape)
    return operator


SparseTensor.__mul__ = _with_dense('SparseDenseCwiseMul', 'mul')
SparseTensor.__div__ = _with_dense('SparseDenseCwiseDiv', 'div')
SparseTensor.__truediv__ = _with_dense('SparseDenseCwiseDiv', 'truediv')
