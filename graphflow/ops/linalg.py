"""Linear algebra on (batches of) matrices: inverses, determinants, linear equations, factorizations.

The gradients follow M. Giles, "Collected matrix derivative results for forward and reverse mode algorithmic
differentiation" (2008); that of the Cholesky factor I. Murray, "Differentiation of the Cholesky decomposition" (2016).
"""
from graphflow.framework import convert
from graphflow.framework.apply import apply
from graphflow.framework.export import PUBLIC, export
from graphflow.framework.registry import gradient, op
from graphflow.framework.scopes import control_dependencies, name_scope
from graphflow.framework.shape_rules import merge, merge_dims
from graphflow.framework.tensor import Tensor
from graphflow.framework.tensor_shape import TensorShape
from graphflow.ops import array, broadcast, complex as complex_ops, concat, fill, math, reduce, slicing
from graphflow.ops.matmul import matmul
from graphflow.ops.matrix_parts import eye, matrix_band_part, matrix_diag, matrix_diag_part, matrix_set_diag
from graphflow.ops.norm import adjoint, norm

_TYPES = 'T:type{double,float,half,complex64,complex128}'


# Declarations.

def _parts(c, i):
    """(batch dimensions, rows, columns) of the matrices in input i; None if its rank is not known."""
    shape = c.rank_at_least(i, 2)
    return None if shape.ndims is None else (shape[:-2], *shape.as_list()[-2:])


def _square(c):
    """What the input is, given that its matrices are square."""
    parts = _parts(c, 0)
    if parts is None:
        return None
    n = merge_dims(*parts[1:])
    return parts[0].concatenate([n, n])


def _determinant(c):
    parts = _parts(c, 0)
    if parts is None:
        return None
    batch, rows, columns = parts
    merge_dims(columns, rows)
    return batch


def _solution(c):
    a, b = _parts(c, 0), _parts(c, 1)
    if a is None or b is None:
        return None
    n = merge_dims(merge_dims(*a[1:]), b[1])
    return merge(a[0], b[0]).concatenate([n, b[2]])


def _least_squares(c):
    c.rank(2, 0)
    a, b = _parts(c, 0), _parts(c, 1)
    if a is None or b is None:
        return None
    merge_dims(a[1], b[1])
    return merge(a[0], b[0]).concatenate([a[2], b[2]])


def _smaller(m, n):
    if 0 in (m, n):
        return 0
    return None if m is None or n is None else min(m, n)


def _qr(c):
    parts = _parts(c, 0)
    if parts is None:
        return [TensorShape(None)] * 2
    batch, m, n = parts
    p = m if c.attr('full_matrices') else _smaller(m, n)
    return [batch.concatenate([m, p]), batch.concatenate([p, n])]


def _svd(c):
    parts = _parts(c, 0)
    if parts is None:
        return [TensorShape(None)] + [TensorShape(None if c.attr('compute_uv') else [0])] * 2
    batch, m, n = parts
    p = _smaller(m, n)
    if not c.attr('compute_uv'):
        return [batch.concatenate([p]), TensorShape([0]), TensorShape([0])]
    full = c.attr('full_matrices')
    return [batch.concatenate([p]), batch.concatenate([m, m if full else p]), batch.concatenate([n, n if full else p])]


def _eigen(c):
    shape = _square(c)
    if shape is None:
        return [TensorShape(None), TensorShape(None) if c.attr('compute_v') else TensorShape([0])]
    return [shape[:-1], shape if c.attr('compute_v') else TensorShape([0])]


def _lu(c):
    shape = _square(c)
    return [TensorShape(None)] * 2 if shape is None else [shape, shape[:-1]]


op('MatrixInverse', 'input:T -> output:T', 'adjoint:bool=False; ' + _TYPES, shape=_square)
op('MatrixDeterminant', 'input:T -> output:T', _TYPES, shape=_determinant)
op('LogMatrixDeterminant', 'input:T -> sign:T, log_abs_determinant:T', _TYPES, shape=lambda c: [_determinant(c)] * 2)
op('MatrixSolve', 'matrix:T, rhs:T -> output:T', 'adjoint:bool=False; ' + _TYPES, shape=_solution)
op('MatrixTriangularSolve', 'matrix:T, rhs:T -> output:T', 'lower:bool=True; adjoint:bool=False; ' + _TYPES,
   shape=_solution)
op('MatrixSolveLs', 'matrix:T, rhs:T, l2_regularizer:double -> output:T', _TYPES + '; fast:bool=True',
   shape=_least_squares)
op('Cholesky', 'input:T -> output:T', _TYPES, shape=_square)
op('CholeskyGrad', 'l:T, grad:T -> output:T', 'T:type{half,float,double}', shape=_square)
op('Qr', 'input:T -> q:T, r:T', 'full_matrices:bool=False; ' + _TYPES, shape=_qr)
op('Svd', 'input:T -> s:T, u:T, v:T', 'compute_uv:bool=True; full_matrices:bool=False; ' + _TYPES, shape=_svd)
op('SelfAdjointEigV2', 'input:T -> e:T, v:T', 'compute_v:bool=True; ' + _TYPES, shape=_eigen)
op('MatrixSquareRoot', 'input:T -> output:T', _TYPES, shape=_square)
op('MatrixLogarithm', 'input:T -> output:T', 'T:type{complex64,complex128}', shape=_square)
op('MatrixExponential', 'input:T -> output:T', _TYPES, shape=_square)
op('Lu', 'input:T -> lu:T, p:output_idx_type', _TYPES + '; output_idx_type:type=int32{int32,int64}', shape=_lu)


# Gradients.

@gradient('MatrixInverse')
def _(op, grad):
    inverse = op.outputs[0]
    return -matmul(inverse, matmul(grad, inverse, adjoint_b=True), adjoint_a=True)


def _as_matrices(x, like):
    """Numbers, one a matrix, shaped to multiply matrices; `like` has the shape of the numbers."""
    return array.reshape(x, concat.concat([array.shape(like), [1, 1]], 0))


@gradient('MatrixDeterminant')
def _(op, grad):
    determinant = op.outputs[0]
    inverse = inv(op.inputs[0], adjoint=True)
    return _as_matrices(grad * determinant, determinant) * inverse


@gradient('LogMatrixDeterminant')
def _(op, _, grad):
    inverse = inv(op.inputs[0], adjoint=True)
    return _as_matrices(grad, op.outputs[1]) * inverse


def _solve_gradient(op, grad, **attrs):
    """With A X = B: dB = A'^-1 dX and dA = -dB X'."""
    is_adjoint = op.get_attr('adjoint')
    x = op.outputs[0]
    grad_b = apply(op.type, op.inputs[0], grad, adjoint=not is_adjoint, **attrs)
    grad_a = -matmul(x, grad_b, adjoint_b=True) if is_adjoint else -matmul(grad_b, x, adjoint_b=True)
    return grad_a, grad_b


@gradient('MatrixSolve')
def _(op, grad):
    return _solve_gradient(op, grad)


@gradient('MatrixTriangularSolve')
def _(op, grad):
    lower = op.get_attr('lower')
    grad_a, grad_b = _solve_gradient(op, grad, lower=lower)
    return matrix_band_part(grad_a, *((-1, 0) if lower else (0, -1))), grad_b


@gradient('Cholesky')
def _(op, grad):
    factor = op.outputs[0]
    size = array.shape(factor)[-1]
    batch = array.shape(factor)[:-2]
    inverse = triangular_solve(factor, eye(size, batch_shape=batch, dtype=factor.dtype))
    middle = matmul(factor, grad, adjoint_a=True)
    middle = matrix_set_diag(middle, 0.5 * matrix_diag_part(middle))
    middle = matrix_band_part(middle, -1, 0)
    result = matmul(matmul(inverse, middle, adjoint_a=True), inverse)
    result += adjoint(result)
    return result * 0.5


@gradient('Qr')
def _(op, grad_q, grad_r):
    q, r = op.outputs
    q_dims, r_dims = ((None, None) if x._shape.ndims is None else x._shape.as_list()[-2:] for x in (q, r))
    if None in r_dims or q_dims[1] is None:
        raise NotImplementedError('QrGrad not implemented with dynamic shapes.')
    if r_dims[0] != r_dims[1]:
        raise NotImplementedError(
            'QrGrad not implemented when ncols > nrows or full_matrices is true and ncols != nrows.')

    def divide(x):      # x R'^-1
        return adjoint(triangular_solve(r, adjoint(x), lower=False, adjoint=False))
    q_grad = matmul(q, grad_q, adjoint_a=True)
    q_part = q_grad - adjoint(q_grad)
    r_grad = matmul(r, grad_r, adjoint_b=True)
    r_part = r_grad - adjoint(r_grad)
    lower = matrix_band_part(q_part + r_part, -1, 0)
    inside = matmul(q, grad_r + divide(lower))
    outside = divide(grad_q - matmul(q, q_grad))
    return inside + outside


@gradient('Svd')
def _(op, grad_s, grad_u, grad_v):
    a = op.inputs[0]
    a_shape = a.get_shape().with_rank_at_least(2)
    grad_s_matrix = matrix_diag(grad_s)
    if not op.get_attr('compute_uv'):
        _, u, v = svd(a, compute_uv=True)
        result = matmul(u, matmul(grad_s_matrix, v, adjoint_b=True))
        result.set_shape(a_shape)
        return result
    full = op.get_attr('full_matrices')
    m, n = (None, None) if a_shape.ndims is None else a_shape.as_list()[-2:]
    if m is None or n is None:
        raise NotImplementedError('SVD gradient has not been implemented for input with unknown inner matrix shape.')
    s, u, v = op.outputs
    flipped = m > n             # a tall matrix is treated as the adjoint of a wide one
    if flipped:
        m, n, u, v, grad_u, grad_v = n, m, v, u, grad_v, grad_u
    if full and abs(m - n) > 1:
        raise NotImplementedError('svd gradient is not implemented for abs(m - n) > 1 when full_matrices is True')
    with control_dependencies([grad_s, grad_u, grad_v]):
        s_matrix = matrix_diag(s)
        squares = math.square(s)
        s_shape = array.shape(s)
        ones = eye(s_shape[-1], batch_shape=s_shape[:-1], dtype=s.dtype)
        f = math.reciprocal(array.expand_dims(squares, -2) - array.expand_dims(squares, -1) + ones)
        f = matrix_set_diag(f, fill.zeros_like(s))
        s_inverse = matrix_diag(math.reciprocal(s))
        v1, grad_v1 = v[..., :, :m], grad_v[..., :, :m]
        u_grad = matmul(u, grad_u, adjoint_a=True)
        v_grad = matmul(v1, grad_v1, adjoint_a=True)
        f_u, f_v = f * u_grad, f * v_grad
        middle = grad_s_matrix + matmul(f_u + adjoint(f_u), s_matrix) + matmul(s_matrix, f_v + adjoint(f_v))
        result = matmul(u, matmul(middle, v1, adjoint_b=True))
        if m != n:
            rest = array.matrix_transpose(grad_v1)
            rest -= matmul(matmul(rest, v1), v1, adjoint_b=True)
            if full:
                v2, grad_v2 = v[..., :, m:n], grad_v[..., :, m:n]
                rest -= matmul(matmul(v1, grad_v2, adjoint_a=True), v2, adjoint_b=True)
            result += matmul(matmul(u, s_inverse), rest)
        if flipped:
            result = array.matrix_transpose(result)
        result.set_shape(a_shape)
        return result


@gradient('SelfAdjointEigV2')
def _(op, grad_e, grad_v):
    e = op.outputs[0]
    with control_dependencies([grad_e, grad_v]):
        if op.get_attr('compute_v'):
            v = op.outputs[1]
            f = math.reciprocal(array.expand_dims(e, -2) - array.expand_dims(e, -1))
            f = matrix_set_diag(f, fill.zeros_like(e))
            middle = matrix_diag(grad_e) + f * matmul(v, grad_v, adjoint_a=True)
        else:
            _, v = self_adjoint_eig(op.inputs[0])
            middle = matrix_diag(grad_e)
        result = matmul(v, matmul(middle, v, adjoint_b=True))
        # Only the lower triangle of the input is read: it takes the gradient of both.
        result = matrix_band_part(result + adjoint(result), -1, 0)
        return matrix_set_diag(result, 0.5 * matrix_diag_part(result))


@gradient('MatrixSquareRoot')
def _(op, grad):
    """Solves X dX + dX X = dA for dX, as a system of linear equations in the n^2 elements."""
    root = op.outputs[0]
    shape = array.shape(root)
    size, batch_count = shape[-1], reduce.reduce_prod(shape[0:-2])
    identity = array.reshape(broadcast.tile(array.reshape(eye(size, dtype=root.dtype), [-1]), [batch_count]), shape)
    transposed = array.matrix_transpose(root)
    system = math.add(_kronecker(identity, transposed), _kronecker(root, identity))
    dims = slicing.slice(shape, [0], [apply('Sub', array.size(shape), 2)])
    vector_shape = concat.concat([dims, [size * size], [1]], 0)
    solution = solve(system, array.reshape(array.matrix_transpose(grad), vector_shape))
    return array.matrix_transpose(array.reshape(solution, shape))


def _kronecker(a, b):
    """The Kronecker products of two batches of square matrices."""
    a_shape, b_shape = array.shape(a), array.shape(b)
    m, n = a_shape[-1], b_shape[-1]
    batch = slicing.slice(a_shape, [0], [apply('Sub', array.size(a_shape), 2)])
    a_dims = concat.concat([batch, [m], [1], [m], [1]], 0)
    b_dims = concat.concat([batch, [1], [n], [1], [n]], 0)
    a, b = array.reshape(a, a_dims), array.reshape(b, b_dims)
    size = m * n
    shape = concat.concat([batch, [size], [size]], 0)
    return array.reshape(a * b, shape)


# The functions.

@export('linalg.inv', 'matrix_inverse')
def inv(input, adjoint=False, name=None):
    """The inverses of the square matrices `input` [..., n, n], or of their adjoints.

    Raises: InvalidArgumentError when run with a matrix that is not invertible.
    """
    return apply('MatrixInverse', input, adjoint=adjoint, name=name)


@export('linalg.det', 'matrix_determinant')
def det(input, name=None):
    """The determinants of the square matrices `input` [..., n, n], a tensor [...]."""
    return apply('MatrixDeterminant', input, name=name)


@export('linalg.slogdet')
def slogdet(input, name=None):
    """The determinants of square matrices [..., n, n] as (sign, logarithm of the absolute value), both [...]."""
    return apply('LogMatrixDeterminant', input, name=name)


@export('linalg.logdet')
def logdet(matrix, name=None):
    """The logarithms of the determinants of Hermitian positive definite matrices [..., n, n], a tensor [...]."""
    with name_scope(name, 'logdet', [matrix]):
        factor = cholesky(matrix)
        return 2.0 * reduce.reduce_sum(math.log(complex_ops.real(matrix_diag_part(factor))), axis=[-1])


@export('linalg.solve', 'matrix_solve')
def solve(matrix, rhs, adjoint=False, name=None):
    """The solutions X of A X = B (A' X = B with `adjoint`).

    Args:
      matrix: A, [..., n, n].
      rhs: B, [..., n, k].
      adjoint: whether A is transposed and conjugated.
      name: name of the node.

    Returns: a tensor [..., n, k].

    Raises: InvalidArgumentError when run with a matrix that is not invertible.
    """
    return apply('MatrixSolve', matrix, rhs, adjoint=adjoint, name=name)


@export('linalg.triangular_solve', 'matrix_triangular_solve')
def triangular_solve(matrix, rhs, lower=True, adjoint=False, name=None):
    """`solve` for triangular matrices; the other triangle of `matrix` is not read.

    Args:
      matrix, rhs, adjoint, name: as in `solve`.
      lower: whether the lower triangle is meant, or the upper one.
    """
    return apply('MatrixTriangularSolve', matrix, rhs, lower=lower, adjoint=adjoint, name=name)


@export('linalg.cholesky', 'cholesky')
def cholesky(input, name=None):
    """The lower triangular L with L L' = A for Hermitian positive definite matrices A [..., n, n].

    Only the lower triangle of A is read.

    Raises: InvalidArgumentError when run with a matrix that is not positive definite.
    """
    return apply('Cholesky', input, name=name)


@export('linalg.cholesky_solve', 'cholesky_solve')
def cholesky_solve(chol, rhs, name=None):
    """The solutions X of A X = B, given `chol`, the Cholesky factor of A [..., n, n], and `rhs`, B [..., n, k]."""
    with name_scope(name, 'cholesky_solve', [chol, rhs]):
        y = triangular_solve(chol, rhs, adjoint=False, lower=True)
        return triangular_solve(chol, y, adjoint=True, lower=True)


def _gramian_factor(matrix, l2_regularizer, of_columns):
    """The Cholesky factor of A' A + l I, or of A A' + l I."""
    gramian = matmul(matrix, matrix, adjoint_a=of_columns, adjoint_b=not of_columns)
    if isinstance(l2_regularizer, Tensor) or l2_regularizer != 0:
        shape = array.shape(matrix)
        batch, side = shape[:-2], -1 if of_columns else -2
        identity = eye(shape[side], batch_shape=batch, dtype=matrix.dtype)
        size = matrix._shape[side]
        identity.set_shape(matrix._shape[:-2].concatenate([size, size]))
        gramian += l2_regularizer * identity
    return cholesky(gramian)


@export('linalg.lstsq', 'matrix_solve_ls')
def lstsq(matrix, rhs, l2_regularizer=0.0, fast=True, name=None):
    """The X with the least |A X - B|^2 + l |X|^2, or, with fewer rows than columns, the least X with A X = B.

    Args:
      matrix: A, [..., m, n].
      rhs: B, [..., m, k].
      l2_regularizer: l, a number.
      fast: whether to solve the normal equations, which is fast and has a gradient but loses digits if A is near to
        singular; else an orthogonal factorization is used, and `l2_regularizer` is ignored.
      name: name of the node or scope.

    Returns: a tensor [..., n, k].
    """
    def tall():
        factor = _gramian_factor(matrix, l2_regularizer, True)
        return cholesky_solve(factor, matmul(matrix, rhs, adjoint_a=True))

    def wide():
        factor = _gramian_factor(matrix, l2_regularizer, False)
        return matmul(matrix, cholesky_solve(factor, rhs), adjoint_a=True)

    if not fast:
        return apply('MatrixSolveLs', matrix, rhs, l2_regularizer, fast=False, name=name)
    with name_scope(name, 'matrix_solve_ls', [matrix, rhs, l2_regularizer]):
        dims = matrix.get_shape()[-2:]
        if dims.is_fully_defined():
            m, n = dims.as_list()
            return tall() if m >= n else wide()
        sizes = array.shape(matrix)[-2:]
        return PUBLIC['cond'](sizes[-2] >= sizes[-1], tall, wide)


@export('linalg.qr', 'qr')
def qr(input, full_matrices=False, name=None):
    """The factors (q, r) of matrices [..., m, n]: A = Q R, Q with orthonormal columns, R upper triangular.

    With p = min(m, n), q is [..., m, p] and r [..., p, n]; with `full_matrices` p is m.
    """
    return apply('Qr', input, full_matrices=full_matrices, name=name)


@export('linalg.svd', 'svd')
def svd(tensor, full_matrices=False, compute_uv=True, name=None):
    """The singular values of matrices [..., m, n], and their singular vectors: A = U diag(s) V'.

    Args:
      tensor: A.
      full_matrices: whether U and V are square, or have p = min(m, n) columns.
      compute_uv: whether the vectors are wanted.
      name: name of the node.

    Returns: (s [..., p] in descending order, u [..., m, p], v [..., n, p]), or s alone.
    """
    s, u, v = apply('Svd', tensor, compute_uv=compute_uv, full_matrices=full_matrices, name=name)
    return (complex_ops.real(s), u, v) if compute_uv else complex_ops.real(s)


@export('linalg.eigh', 'self_adjoint_eig')
def self_adjoint_eig(tensor, name=None):
    """The eigenvalues [..., n] in ascending order and the eigenvectors [..., n, n], in columns, of Hermitian matrices
    [..., n, n], of which the lower triangle is read."""
    e, v = apply('SelfAdjointEigV2', tensor, compute_v=True, name=name)
    return e, v


@export('linalg.eigvalsh', 'self_adjoint_eigvals')
def self_adjoint_eigvals(tensor, name=None):
    """The eigenvalues [..., n] in ascending order of Hermitian matrices [..., n, n]."""
    return apply('SelfAdjointEigV2', tensor, compute_v=False, name=name)[0]


@export('linalg.sqrtm', 'matrix_square_root')
def sqrtm(input, name=None):
    """The principal square roots of square matrices [..., n, n]."""
    return apply('MatrixSquareRoot', input, name=name)


@export('linalg.logm')
def logm(input, name=None):
    """The principal logarithms of complex square matrices [..., n, n]."""
    return apply('MatrixLogarithm', input, name=name)


@export('linalg.lu')
def lu(input, output_idx_type=None, name=None):
    """The LU factors of square matrices [..., n, n], with partial pivoting.

    Returns: (lu [..., n, n], which holds U on and above the diagonal and L, whose diagonal is 1, below; p [..., n], the
    order of A's rows: A[p] = L U).
    """
    return apply('Lu', input, output_idx_type=output_idx_type, name=name)


@export('linalg.normalize')
def normalize(tensor, ord='euclidean', axis=None, name=None):
    """(`tensor` divided by its norm along `axis`, the norm); see `norm`."""
    with name_scope(name, 'normalize', [tensor]):
        tensor = convert.to_tensor(tensor)
        size = math.cast(norm(tensor, ord, axis, keepdims=True), tensor.dtype)
        return tensor / size, size
