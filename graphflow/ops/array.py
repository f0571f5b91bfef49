"""What leaves the values of a tensor alone: identities, its shape, and changes of shape."""
import numpy as np

from graphflow.framework import convert, dtypes, tensor_shape
from graphflow.framework.apply import apply
from graphflow.framework.export import export, export_constant
from graphflow.framework.registry import (gradient, not_differentiable, op, shape_value_rule, value_rule)
from graphflow.framework.scopes import name_scope
from graphflow.framework.shape_rules import merge, scalar, unchanged
from graphflow.framework.sparse_tensor import SparseTensor
from graphflow.ops.constant import constant
from graphflow.util.deprecation import deprecated_argument_lookup

TensorShape = tensor_shape.TensorShape
_UNKNOWN = tensor_shape.unknown_shape()

export_constant('newaxis', None)

op('Identity', 'input:T -> output:T', 'T:type', shape=unchanged)
op('IdentityN', 'input:list T -> output:list T', 'T:list(type)', shape=lambda c: c.shapes())
op('RefIdentity', 'input:ref(T) -> output:ref(T)', 'T:type', shape=unchanged)
op('Snapshot', 'input:T -> output:T', 'T:type', shape=unchanged)
op('DeepCopy', 'x:T -> y:T', 'T:type', shape=unchanged, stateful=True)
op('StopGradient', 'input:T -> output:T', 'T:type', shape=unchanged)
op('PreventGradient', 'input:T -> output:T', "T:type; message:string=''", shape=unchanged)
op('GuaranteeConst', 'input:T -> output:T', 'T:type', shape=unchanged, stateful=True)
op('CheckNumerics', 'tensor:T -> output:T', 'T:type{bfloat16,half,float,double}; message:string', shape=unchanged,
   stateful=True)

op('ShapeN', 'input:N*T -> output:N*out_type', 'N:int>=1; T:type; out_type:type=int32{int32,int64}',
   shape=lambda c: [TensorShape([s.ndims]) for s in c.shapes()])
op('Size', 'input:T -> output:out_type', 'T:type; out_type:type=int32{int32,int64}', shape=scalar)
op('Rank', 'input:T -> output:int32', 'T:type', shape=scalar)
not_differentiable('StopGradient', 'Shape', 'ShapeN', 'Size', 'Rank', 'InvertPermutation')


@op('Shape', 'input:T -> output:out_type', 'T:type; out_type:type=int32{int32,int64}')
def _(c):
    return TensorShape([c.shape(0).ndims])


@value_rule('Shape')
def _(op):
    shape = op._inputs[0]._shape
    if shape.is_fully_defined():
        return np.array(shape.as_list(), dtype=op.outputs[0].dtype.as_numpy_dtype)
    return None


@value_rule('Size')
def _(op):
    shape = op._inputs[0]._shape
    if shape.is_fully_defined():
        return np.array(shape.num_elements(), dtype=op.outputs[0].dtype.as_numpy_dtype)
    return None


@value_rule('Rank')
def _(op):
    ndims = op._inputs[0]._shape.ndims
    return None if ndims is None else np.array(ndims, dtype=np.int32)


@shape_value_rule('Shape')
def _(op):
    return op._inputs[0]._shape


@shape_value_rule('ShapeN')
def _(op):
    return None if len(op._inputs) != 1 else op._inputs[0]._shape


@gradient('Identity', 'RefIdentity')
def _(op, grad):
    return grad


@gradient('IdentityN')
def _(op, *grads):
    return list(grads)


@gradient('PreventGradient')
def _(op, grad):
    raise LookupError(f"Gradient explicitly disabled. Reason: {op.get_attr('message')}")


@gradient('CheckNumerics')
def _(op, grad):
    return check_numerics(grad, 'Not a number (NaN) or infinity (Inf) values detected in gradient. '
                          f"{op.get_attr('message')}")


@export('identity')
def identity(input, name=None):
    """A tensor with the values of `input` (a Tensor, or what converts to one), a node of its own."""
    return apply('Identity', input, name=name)


@export('identity_n')
def identity_n(input, name=None):
    """The tensors of the list `input`, passed through one node; returns a list."""
    return apply('IdentityN', input, name=name)


@export('stop_gradient')
def stop_gradient(input, name=None):
    """`input`, through which tf.gradients does not go."""
    return apply('StopGradient', input, name=name)


def prevent_gradient(input, message='', name=None):
    """`input`; tf.gradients through it raises LookupError with `message`."""
    return apply('PreventGradient', input, message=message, name=name)


@export('guarantee_const')
def guarantee_const(input, name=None):
    """`input`, which the caller says never changes."""
    return apply('GuaranteeConst', input, name=name)


@export('debugging.check_numerics', 'check_numerics')
def check_numerics(tensor, message, name=None):
    """`tensor` (of floats); running it raises InvalidArgumentError with `message` if it holds a NaN or an infinity."""
    return apply('CheckNumerics', tensor, message=message, name=name)


@export('shape')
def shape(input, name=None, out_type=dtypes.int32):
    """The shape of `input` as a 1-D tensor of `out_type` (int32 or int64); a constant if it is fully known.

    For a SparseTensor, the shape of the dense tensor.
    """
    return shape_of(input, name, out_type=out_type)


def shape_of(input, name=None, optimize=True, out_type=dtypes.int32):
    """`shape`; with optimize=False a Shape node even for a known shape."""
    with name_scope(name, 'Shape', [input]) as name:
        if isinstance(input, SparseTensor):
            return _cast(input.dense_shape, out_type)
        input = convert.to_tensor(input)
        if optimize and input._shape.is_fully_defined():
            return constant(input._shape.as_list(), dtype=out_type, name=name)
        return apply('Shape', input, out_type=out_type, name=name)


@export('shape_n')
def shape_n(input, out_type=dtypes.int32, name=None):
    """The shapes of the tensors of the list `input`, a list of 1-D tensors of `out_type`."""
    return apply('ShapeN', input, out_type=out_type, name=name)


@export('size')
def size(input, name=None, out_type=dtypes.int32):
    """The number of elements of `input`, a scalar of `out_type`; a constant if its shape is fully known."""
    return size_of(input, name, out_type=out_type)


def size_of(input, name=None, optimize=True, out_type=dtypes.int32):
    """`size`; with optimize=False a Size node even for a known shape."""
    with name_scope(name, 'Size', [input]) as name:
        if isinstance(input, SparseTensor):
            return apply('Prod', _cast(input.dense_shape, out_type), 0, name=name)
        input = convert.to_tensor(input)
        if optimize and input._shape.is_fully_defined():
            return constant(input._shape.num_elements(), dtype=out_type, name=name)
        return apply('Size', input, out_type=out_type, name=name)


@export('rank')
def rank(input, name=None):
    """The number of dimensions of `input`, an int32 scalar; a constant if it is known."""
    return rank_of(input, name)


def rank_of(input, name=None, optimize=True):
    """`rank`; with optimize=False a Rank node even for a known rank."""
    with name_scope(name, 'Rank', [input]) as name:
        if isinstance(input, SparseTensor):
            return apply('Size', input.dense_shape, name=name)
        input = convert.to_tensor(input)
        if optimize and input._shape.ndims is not None:
            return constant(input._shape.ndims, dtype=dtypes.int32, name=name)
        return apply('Rank', input, name=name)


def _cast(x, dtype):
    dtype = dtypes.as_dtype(dtype)
    return x if x.dtype.base_dtype == dtype else apply('Cast', x, DstT=dtype)


@op('Reshape', 'tensor:T, shape:Tshape -> output:T', 'T:type; Tshape:type=int32{int32,int64}')
def _(c):
    out = c.value_as_shape(1)
    source = c.shape(0)
    if out.ndims is None or source.ndims is None:
        return out
    source, dims = source.as_list(), out.as_list()
    have, missing_in = _count(source)
    want, missing_out = _count(dims)
    if missing_in > 1 or missing_out > 1:
        return out
    if not missing_in and not missing_out:
        if have != want:
            raise ValueError(f'Cannot reshape a tensor with {have} elements to shape {_text(dims)} ({want} elements)')
    elif not missing_in and want > 0:
        if have % want:
            raise ValueError(f'Dimension size must be evenly divisible by {want} but is {have}')
        dims[dims.index(None)] = have // want
    elif not missing_out and have:
        if want % have:
            raise ValueError(f'Dimension size must be evenly divisible by {have} but is {want}')
    return dims


def _count(dims):
    """(product of the known dimensions, number of those not known)."""
    product, missing = 1, 0
    for d in dims:
        if d is None:
            missing += 1
        else:
            product *= d
    return product, missing


def _text(dims):
    return '[' + ','.join('?' if d is None else str(d) for d in dims) + ']'


@export('reshape', 'manip.reshape')
def reshape(tensor, shape, name=None):
    """The elements of `tensor`, in row-major order, in another shape.

    Args:
      tensor: a Tensor.
      shape: a 1-D int32 or int64 tensor; one element may be -1, which stands for what is left.
      name: name of the node.

    Returns: a Tensor.

    Raises: ValueError (InvalidArgumentError when run) if the numbers of elements differ.
    """
    return apply('Reshape', tensor, shape, name=name)


def reshape_like(grad, x):
    """`grad` in the shape of `x`: the gradient of all ops that only change the shape."""
    return reshape(grad, shape(x))


@gradient('Reshape', 'ExpandDims')
def _(op, grad):
    return reshape_like(grad, op.inputs[0]), None


@op('ExpandDims', 'input:T, dim:Tdim -> output:T', 'T:type; Tdim:type=int32{int32,int64}')
def _(c):
    shape = c.shape(0)
    dim = c.value(1)
    if dim is not None and dim.size != 1:
        raise ValueError("'dim' input must be a tensor with a single value")
    if shape.ndims is None:
        return _UNKNOWN
    if dim is None:
        return [None] * (shape.ndims + 1)
    dim = int(dim.ravel()[0])
    if not -shape.ndims - 1 <= dim <= shape.ndims:
        raise ValueError(f'dim {dim} not in the interval [{-shape.ndims - 1}, {shape.ndims}].')
    dims = shape.as_list()
    dims.insert(dim if dim >= 0 else dim + shape.ndims + 1, 1)
    return dims


@export('expand_dims')
def expand_dims(input, axis=None, name=None, dim=None):
    """`input` with a dimension of size 1 put in at index `axis` (an int or int32 tensor in [-rank-1, rank]).

    `dim` is the old name of `axis`. Raises: ValueError if neither or both are given.
    """
    axis = deprecated_argument_lookup('axis', axis, 'dim', dim)
    if axis is None:
        raise ValueError('Must specify an axis argument to tf.expand_dims()')
    return apply('ExpandDims', input, axis, name=name)


@op('Squeeze', 'input:T -> output:T', 'T:type; squeeze_dims:list(int)=[]')
def _(c):
    shape, axes = c.shape(0), c.attr('squeeze_dims')
    if shape.ndims is None:
        return _UNKNOWN
    dims = shape.as_list()
    if not axes:
        # A dimension not known may turn out to be 1.
        return _UNKNOWN if None in dims else [d for d in dims if d != 1]
    gone = set()
    for i, axis in enumerate(axes):
        if not -len(dims) <= axis < len(dims):
            raise ValueError(f'squeeze_dims[{i}] not in [{-len(dims)},{len(dims)}).')
        axis %= len(dims)
        if dims[axis] not in (None, 1):
            raise ValueError(f'Can not squeeze dim[{axis}], expected a dimension of 1, got {dims[axis]}')
        gone.add(axis)
    return [d for i, d in enumerate(dims) if i not in gone]


@gradient('Squeeze')
def _(op, grad):
    return reshape_like(grad, op.inputs[0])


@export('squeeze')
def squeeze(input, axis=None, name=None, squeeze_dims=None):
    """`input` without its dimensions of size 1.

    Args:
      input: a Tensor.
      axis: an int or list of ints: only these dimensions, which must be of size 1.
      name: name of the node.
      squeeze_dims: the old name of `axis`.

    Raises: ValueError if both `axis` and `squeeze_dims` are given, or a dimension is not 1.
    """
    axis = deprecated_argument_lookup('axis', axis, 'squeeze_dims', squeeze_dims)
    if np.isscalar(axis):
        axis = [axis]
    return apply('Squeeze', input, squeeze_dims=axis, name=name)


def _transposed(c):
    shape, rank = c.shape(0), c.shape(0).ndims
    length = c.shape(1).num_elements()
    if rank is None and length is None:
        return _UNKNOWN
    if rank is None:
        rank = length
        shape = TensorShape([None] * rank)
    elif length is not None and length != rank and not (rank < 2 and length < 2):
        raise ValueError(f'Dimension must be {rank} but is {length}')
    if rank < 2:
        return shape
    perm = c.value(1)
    if perm is None:
        return [None] * rank
    dims = shape.as_list()
    for p in perm.tolist():
        if not -rank <= p < rank:
            raise ValueError(f'perm dim {p} is out of range of input rank {rank}')
    return [dims[p] for p in perm.tolist()]


op('Transpose', 'x:T, perm:Tperm -> y:T', 'T:type; Tperm:type=int32{int32,int64}', shape=_transposed)
op('ConjugateTranspose', 'x:T, perm:Tperm -> y:T', 'T:type; Tperm:type=int32{int32,int64}', shape=_transposed)


@gradient('Transpose')
def _(op, grad):
    return transpose(grad, invert_permutation(op.inputs[1])), None


@gradient('ConjugateTranspose')
def _(op, grad):
    return transpose(grad, invert_permutation(op.inputs[1]), conjugate=True), None


@export('transpose')
def transpose(a, perm=None, name='transpose', conjugate=False):
    """`a` with its dimensions permuted: dimension i of the result is dimension perm[i] of `a`.

    Args:
      a: a Tensor.
      perm: a permutation of the dimensions (1-D integer tensor); by default they are reversed.
      name: name of the node.
      conjugate: whether complex elements are conjugated too.
    """
    with name_scope(name, 'transpose', [a]) as name:
        a = convert.to_tensor(a, name='a')
        op_type = 'ConjugateTranspose' if conjugate and a.dtype.is_complex else 'Transpose'
        if perm is not None:
            return apply(op_type, a, perm, name=name)
        ndims = a._shape.ndims
        if ndims:
            perm = np.arange(ndims - 1, -1, -1)
        else:
            rank = apply('Rank', a)
            perm = (rank - 1) - apply('Range', 0, rank, 1)
        result = apply(op_type, a, perm, name=name)
        if ndims is not None:
            result.set_shape(a._shape.as_list()[::-1])
        return result


@export('linalg.matrix_transpose', 'matrix_transpose', 'linalg.transpose')
def matrix_transpose(a, name='matrix_transpose', conjugate=False):
    """`a` with its last two dimensions exchanged (and conjugated, if `conjugate` is set).

    Raises: ValueError if the rank is known and less than 2.
    """
    with name_scope(name, values=[a]):
        a = convert.to_tensor(a, name='a')
        ndims = a._shape.ndims
        if ndims is None:
            rank = rank_of(a)
            perm = apply('ConcatV2', [apply('Range', 0, rank - 2, 1), [rank - 1, rank - 2]], 0, name='concat')
        elif ndims < 2:
            raise ValueError("Argument 'a' should be a (batch) matrix, with rank >= 2.  Found: " f'{a._shape}')
        else:
            perm = list(range(ndims - 2)) + [ndims - 1, ndims - 2]
        return transpose(a, perm=perm, conjugate=conjugate)


op('InvertPermutation', 'x:T -> y:T', 'T:type=int32{int32,int64}', shape=lambda c: c.rank(0, 1))


@export('math.invert_permutation', 'invert_permutation')
def invert_permutation(x, name=None):
    """The permutation y with y[x[i]] = i. `x` holds 0 ... n-1, each once (int32 or int64, 1-D)."""
    return apply('InvertPermutation', x, name=name)


@op('Bitcast', 'input:T -> output:type', 'T:type{bfloat16,half,float,double,int64,int32,uint8,uint16,uint32,uint64,int8,'
    'int16,complex64,complex128,qint8,quint8,qint16,quint16,qint32}; type:type{bfloat16,half,float,double,int64,int32,'
    'uint8,uint16,uint32,uint64,int8,int16,complex64,complex128,qint8,quint8,qint16,quint16,qint32}')
def _(c):
    shape = c.shape(0)
    old, new = c.dtype(0).size, c.attr('type').size
    if shape.ndims is None:
        return _UNKNOWN
    dims = shape.as_list()
    if old > new:
        return dims + [old // new]
    if old < new:
        if not dims:
            raise ValueError(f'Shape must be at least rank 1 but is rank 0')
        if dims[-1] is not None and dims[-1] != new // old:
            raise ValueError(f'Cannot bitcast due to shape. {dims[-1]} does not match {new // old}')
        return dims[:-1]
    return shape


@export('bitcast')
def bitcast(input, type, name=None):
    """The bytes of `input` read as elements of the DType `type`; a smaller or larger element adds or takes the last
    dimension."""
    return apply('Bitcast', input, type=type, name=name)




@op('EnsureShape', 'input:T -> output:T', 'shape:shape; T:type')
def _(c):
    return merge(c.shape(0), c.attr('shape'))


@gradient('EnsureShape')
def _(op, grad):
    return grad


@export('ensure_shape')
def ensure_shape(x, shape, name=None):
    """`x`, whose static shape is known to be `shape`; running it raises InvalidArgumentError if it is not."""
    return apply('EnsureShape', x, shape=tensor_shape.as_shape(shape), name=name)


@op('UnravelIndex', 'indices:Tidx, dims:Tidx -> output:Tidx', 'Tidx:type=int32{int32,int64}')
def _(c):
    indices, dims = c.rank_at_most(0, 1), c.rank(1, 1).as_list()
    if indices.ndims is None:
        return None
    return dims + indices.as_list()





@export('unravel_index')
def unravel_index(indices, dims, name=None):
    """The coordinates in an array of shape `dims` of the elements with flat `indices`, a column each."""
    return apply('UnravelIndex', indices, dims, name=name)
