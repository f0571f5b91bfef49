"""Products of matrices, single and in batches."""
from graphflow.framework import convert, dtypes
from graphflow.framework.apply import apply
from graphflow.framework.export import export
from graphflow.framework.registry import gradient, op
from graphflow.framework.scopes import name_scope
from graphflow.framework.shape_rules import broadcast_shapes, merge, merge_dims
from graphflow.framework.tensor_shape import TensorShape
from graphflow.ops import array, math, reduce
from graphflow.ops.broadcast import broadcast_gradient_args

_TYPES = 'T:type{bfloat16,half,float,double,int32,int64,complex64,complex128}'


def _matrix_product(c):
    m, k = c.rank(0, 2).as_list()[::-1 if c.attr('transpose_a') else 1]
    l, n = c.rank(1, 2).as_list()[::-1 if c.attr('transpose_b') else 1]
    merge_dims(k, l)
    return [m, n]


def _batch_product(c, join):
    a, b = c.rank_at_least(0, 2), c.rank_at_least(1, 2)
    if a.ndims is None or b.ndims is None:
        return None
    a, b = a.as_list(), b.as_list()
    m, k = a[-2:][::-1 if c.attr('adj_x') else 1]
    l, n = b[-2:][::-1 if c.attr('adj_y') else 1]
    batch = join(TensorShape(a[:-2]), TensorShape(b[:-2]))
    merge_dims(k, l)
    return batch.concatenate([m, n])


op('MatMul', 'a:T, b:T -> product:T', 'transpose_a:bool=False; transpose_b:bool=False; ' + _TYPES,
   shape=_matrix_product)
op('SparseMatMul', 'a:Ta, b:Tb -> product:float',
   'transpose_a:bool=False; transpose_b:bool=False; a_is_sparse:bool=False; b_is_sparse:bool=False; '
   'Ta:type=float{float,bfloat16}; Tb:type=float{float,bfloat16}', shape=_matrix_product)
op('BatchMatMul', 'x:T, y:T -> output:T', _TYPES + '; adj_x:bool=False; adj_y:bool=False',
   shape=lambda c: _batch_product(c, merge))
op('BatchMatMulV2', 'x:T, y:T -> output:T', _TYPES + '; adj_x:bool=False; adj_y:bool=False',
   shape=lambda c: _batch_product(c, broadcast_shapes))


def _gradients(a, b, grad, a_flipped, b_flipped, product):
    """The gradients of a b, where either factor may be used flipped (transposed or adjoint).

    `product(x, y, flip_x, flip_y)` multiplies. With C = A B: dA = dC B', dB = A' dC.
    """
    if a_flipped:
        grad_a = product(b, grad, b_flipped, True)
    else:
        grad_a = product(grad, b, False, not b_flipped)
    if b_flipped:
        grad_b = product(grad, a, True, a_flipped)
    else:
        grad_b = product(a, grad, not a_flipped, False)
    return grad_a, grad_b


@gradient('MatMul')
def _(op, grad):
    def product(x, y, flip_x, flip_y):
        return apply('MatMul', x, y, transpose_a=flip_x, transpose_b=flip_y)
    a, b = (math.conj(x) for x in op.inputs)
    return _gradients(a, b, grad, op.get_attr('transpose_a'), op.get_attr('transpose_b'), product)


def _batch_gradients(op, grad):
    def product(x, y, flip_x, flip_y):
        return matmul(x, y, adjoint_a=flip_x, adjoint_b=flip_y)
    return _gradients(*op.inputs, grad, op.get_attr('adj_x'), op.get_attr('adj_y'), product)


gradient('BatchMatMul')(_batch_gradients)


@gradient('BatchMatMulV2')
def _(op, grad):
    grads = _batch_gradients(op, grad)
    x, y = (x._shape for x in op.inputs)
    if x.is_fully_defined() and x == y:     # TensorFlow compares the whole shapes, not the batch dimensions
        return grads
    shapes = [array.shape(x) for x in op.inputs]
    axes = broadcast_gradient_args(*[shape[:-2] for shape in shapes])
    return [array.reshape(reduce.reduce_sum(g, a), shape) for g, a, shape in zip(grads, axes, shapes)]


@gradient('SparseMatMul')
def _(op, grad):
    a, b = op.inputs
    sparse = {id(a): op.get_attr('a_is_sparse'), id(b): op.get_attr('b_is_sparse'),
              id(grad): grad.op.type == 'ReluGrad'}
    wanted = iter((a.dtype, b.dtype))

    def product(x, y, flip_x, flip_y):
        flipped = array.transpose(y) if flip_y else y
        result = matmul(x, flipped, transpose_a=flip_x, a_is_sparse=sparse[id(x)], b_is_sparse=sparse[id(y)])
        return math.cast(result, next(wanted))
    return _gradients(a, b, grad, op.get_attr('transpose_a'), op.get_attr('transpose_b'), product)


@export('matmul', 'linalg.matmul')
def matmul(a, b, transpose_a=False, transpose_b=False, adjoint_a=False, adjoint_b=False, a_is_sparse=False,
           b_is_sparse=False, name=None):
    """The product of two matrices, or of batches of matrices.

    Args:
      a: a tensor [..., m, k] ([..., k, m] if it is transposed), of floats, complex numbers, int32 or int64.
      b: a tensor [..., k, n] of the same dtype; the leading dimensions broadcast against those of `a`.
      transpose_a, transpose_b: whether a factor is transposed.
      adjoint_a, adjoint_b: whether a factor is transposed and conjugated.
      a_is_sparse, b_is_sparse: hints that a factor has many zeros; for matrices of float32 and bfloat16.
      name: name of the node.

    Returns: a tensor [..., m, n].

    Raises: ValueError if the shapes do not fit, or a factor is to be both transposed and adjoint.
    """
    with name_scope(name, 'MatMul', [a, b]) as name:
        for letter, both in (('a', transpose_a and adjoint_a), ('b', transpose_b and adjoint_b)):
            if both:
                raise ValueError(f'Only one of transpose_{letter} and adjoint_{letter} can be True.')
        a, b = convert.to_tensor(a, name='a'), convert.to_tensor(b, name='b')
        sparse = a_is_sparse or b_is_sparse
        if not sparse and any(x._shape.ndims is None or x._shape.ndims > 2 for x in (a, b)):
            # The op for batches has adjoint factors only.
            if transpose_a:
                a = math.conj(a)
            if transpose_b:
                b = math.conj(b)
            return apply('BatchMatMulV2', a, b, adj_x=transpose_a or adjoint_a, adj_y=transpose_b or adjoint_b,
                         name=name)
        if adjoint_a:
            a = math.conj(a)
        if adjoint_b:
            b = math.conj(b)
        flips = dict(transpose_a=transpose_a or adjoint_a, transpose_b=transpose_b or adjoint_b)
        types = {a.dtype.base_dtype, b.dtype.base_dtype}
        if sparse and types <= {dtypes.bfloat16, dtypes.float32} or types == {dtypes.bfloat16, dtypes.float32}:
            result = apply('SparseMatMul', a, b, a_is_sparse=a_is_sparse, b_is_sparse=b_is_sparse, name=name, **flips)
            return math.cast(result, dtypes.bfloat16) if types == {dtypes.bfloat16} else result
        return apply('MatMul', a, b, name=name, **flips)


@export('sparse_matmul')
def sparse_matmul(a, b, transpose_a=False, transpose_b=False, a_is_sparse=False, b_is_sparse=False, name=None):
    """The product of two matrices of float32 or bfloat16 that may have many zeros, a float32 tensor; see `matmul`."""
    return apply('SparseMatMul', a, b, transpose_a=transpose_a, transpose_b=transpose_b, a_is_sparse=a_is_sparse,
                 b_is_sparse=b_is_sparse, name=name)


@export('linalg.matvec')
def matvec(a, b, transpose_a=False, adjoint_a=False, a_is_sparse=False, b_is_sparse=False, name=None):
    """The product of a matrix and a vector, `a` [..., m, k] and `b` [..., k]; arguments as in `matmul`.

    Returns: a tensor [..., m].
    """
    with name_scope(name, 'MatVec', [a, b]) as name:
        product = matmul(a, array.expand_dims(b, axis=-1), transpose_a=transpose_a, adjoint_a=adjoint_a,
                         a_is_sparse=a_is_sparse, b_is_sparse=b_is_sparse)
        return array.squeeze(product, axis=-1)
