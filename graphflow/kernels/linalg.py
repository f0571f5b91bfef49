"""Kernels of linear algebra: LAPACK, through numpy, which takes batches of matrices."""
import functools
import math

import numpy as np

from graphflow.framework import errors
from graphflow.framework.registry import kernel


def _invalid(message):
    return errors.InvalidArgumentError(None, None, message)


def _in_lapack_types(function):
    """Halves are computed in single precision: the kernel's float32 results become halves again."""
    @functools.wraps(function)
    def wrapper(*args, **attrs):
        if args[0].dtype != np.float16:
            return function(*args, **attrs)
        results = function(*[a.astype(np.float32) if a.dtype == np.float16 else a for a in args], **attrs)
        if isinstance(results, tuple):
            return tuple(_as_half(r) for r in results)
        return _as_half(results)
    return wrapper


def _as_half(x):
    return x.astype(np.float16) if x.dtype == np.float32 else x


def _check_rank(x, i=0):
    if x.ndim < 2:
        raise _invalid(f'Input tensor {i} must have rank >= 2, got {x.ndim}')


def _check_square(x, message='Input matrix must be square.'):
    _check_rank(x)
    if x.shape[-1] != x.shape[-2]:
        raise _invalid(message)


def _adjoint(x):
    return (np.conj(x) if x.dtype.kind == 'c' else x).swapaxes(-1, -2)


# Inverses and determinants.

@kernel('MatrixInverse')
@_in_lapack_types
def matrix_inverse(input, adjoint):
    _check_square(input)
    try:
        return np.linalg.inv(_adjoint(input) if adjoint else input)
    except np.linalg.LinAlgError:
        raise _invalid('Input is not invertible.') from None


@kernel('MatrixDeterminant')
@_in_lapack_types
def matrix_determinant(input):
    _check_square(input)
    return np.asarray(np.linalg.det(input), input.dtype)


@kernel('LogMatrixDeterminant')
@_in_lapack_types
def log_matrix_determinant(input):
    _check_square(input)
    sign, size = np.linalg.slogdet(input)
    return np.asarray(sign, input.dtype), np.asarray(size, input.dtype)


# Linear equations.

def _check_equations(matrix, rhs):
    for i, x in enumerate((matrix, rhs)):
        _check_rank(x, i)
    if matrix.shape[:-2] != rhs.shape[:-2]:
        raise _invalid('All input tensors must have the same outer dimensions.')
    if matrix.shape[-2] != rhs.shape[-2]:
        raise _invalid('Input matrix and rhs are incompatible.')


def _check_square_equations(matrix, rhs):
    if matrix.ndim >= 2 and matrix.shape[-1] != matrix.shape[-2]:
        raise _invalid('First input (lhs) must be a square matrix.')
    _check_equations(matrix, rhs)


@kernel('MatrixSolve')
@_in_lapack_types
def matrix_solve(matrix, rhs, adjoint):
    _check_square_equations(matrix, rhs)
    try:
        return np.linalg.solve(_adjoint(matrix) if adjoint else matrix, rhs)
    except np.linalg.LinAlgError:
        raise _invalid('Input matrix is not invertible.') from None


@kernel('MatrixTriangularSolve')
@_in_lapack_types
def matrix_triangular_solve(matrix, rhs, lower, adjoint):
    _check_square_equations(matrix, rhs)
    if (np.diagonal(matrix, axis1=-2, axis2=-1) == 0).any():
        raise _invalid('Input matrix is not invertible.')
    return _substitute(_adjoint(matrix) if adjoint else matrix, rhs, lower != adjoint)


def _substitute(matrix, rhs, lower):
    """Forward substitution, row by row, for all matrices at once; backward for upper triangular ones."""
    n = matrix.shape[-1]
    x = np.empty_like(rhs)
    for i in range(n) if lower else reversed(range(n)):
        known = slice(0, i) if lower else slice(i + 1, n)
        sums = np.matmul(matrix[..., i:i + 1, known], x[..., known, :])
        x[..., i:i + 1, :] = (rhs[..., i:i + 1, :] - sums) / matrix[..., i:i + 1, i:i + 1]
    return x


@kernel('MatrixSolveLs')
@_in_lapack_types
def matrix_solve_ls(matrix, rhs, l2_regularizer, fast):
    _check_equations(matrix, rhs)
    if fast:
        return _normal_equations(matrix, rhs, float(l2_regularizer))
    return np.matmul(np.linalg.pinv(matrix, rcond=max(matrix.shape[-2:]) * np.finfo(matrix.dtype).eps), rhs)


def _normal_equations(matrix, rhs, l2_regularizer):
    m, n = matrix.shape[-2:]
    adjoint = _adjoint(matrix)
    tall = m >= n
    gramian = np.matmul(adjoint, matrix) if tall else np.matmul(matrix, adjoint)
    gramian = gramian + np.asarray(l2_regularizer, matrix.dtype) * np.eye(min(m, n), dtype=matrix.dtype)
    factor = cholesky(gramian)
    y = _substitute(factor, np.matmul(adjoint, rhs) if tall else rhs, True)
    x = _substitute(_adjoint(factor), y, False)
    return x if tall else np.matmul(adjoint, x)


# Factorizations.

@kernel('Cholesky')
@_in_lapack_types
def cholesky(input):
    _check_square(input)
    try:
        return np.linalg.cholesky(input)
    except np.linalg.LinAlgError:
        raise _invalid('Cholesky decomposition was not successful. The input might not be valid.') from None


@kernel('CholeskyGrad')
@_in_lapack_types
def cholesky_grad(l, grad):
    middle = np.tril(np.matmul(_adjoint(l), np.tril(grad)))
    middle -= 0.5 * middle * np.eye(l.shape[-1], dtype=l.dtype)
    inverse = _substitute(np.tril(l), np.broadcast_to(np.eye(l.shape[-1], dtype=l.dtype), l.shape), True)
    result = np.matmul(np.matmul(_adjoint(inverse), middle), inverse)
    return 0.5 * (result + _adjoint(result))


@kernel('Qr')
@_in_lapack_types
def qr(input, full_matrices):
    _check_rank(input)
    q, r = np.linalg.qr(input, 'complete' if full_matrices else 'reduced')
    return q, r


@kernel('Svd')
@_in_lapack_types
def svd(input, compute_uv, full_matrices):
    _check_rank(input)
    if not np.isfinite(input).all():
        input = np.full_like(input, np.nan)
    empty = np.empty(0, input.dtype)
    try:
        if not compute_uv:
            return np.linalg.svd(input, compute_uv=False).astype(input.dtype), empty, empty
        u, s, v = np.linalg.svd(input, full_matrices)
    except np.linalg.LinAlgError:
        return _unfactored(input, compute_uv, full_matrices)
    return s.astype(input.dtype), u, _adjoint(v)


def _unfactored(input, compute_uv, full_matrices):
    """NaNs, for matrices with elements that are not finite."""
    m, n = input.shape[-2:]
    p = min(m, n)
    shapes = [(p,), (m, m if full_matrices else p), (n, n if full_matrices else p)]
    if not compute_uv:
        shapes = shapes[:1]
    found = [np.full(input.shape[:-2] + s, np.nan, input.dtype) for s in shapes]
    return tuple(found) if compute_uv else (found[0], np.empty(0, input.dtype), np.empty(0, input.dtype))


@kernel('SelfAdjointEigV2')
@_in_lapack_types
def self_adjoint_eig(input, compute_v):
    _check_square(input)
    try:
        if compute_v:
            e, v = np.linalg.eigh(input)
            return e.astype(input.dtype), v
        return np.linalg.eigvalsh(input).astype(input.dtype), np.empty(0, input.dtype)
    except np.linalg.LinAlgError:
        raise _invalid('Self-adjoint eigen decomposition was not successful. The input might not be valid.') from None


@kernel('Lu')
@_in_lapack_types
def lu(input, output_idx_type):
    """Gaussian elimination with partial pivoting, column by column, for all matrices at once."""
    _check_square(input)
    n = input.shape[-1]
    a = input.reshape(math.prod(input.shape[:-2]), n, n).copy()
    order = np.tile(np.arange(n), (len(a), 1))
    each = np.arange(len(a))
    for k in range(n):
        pivot = k + np.argmax(np.abs(a[:, k:, k]), axis=1)
        for x in (a, order):
            x[each, k], x[each, pivot] = x[each, pivot], x[each, k]
        if (a[:, k, k] == 0).any():
            raise _invalid('Input is not invertible.')
        a[:, k + 1:, k] /= a[:, k:k + 1, k]
        a[:, k + 1:, k + 1:] -= a[:, k + 1:, k:k + 1] * a[:, k:k + 1, k + 1:]
    return a.reshape(input.shape), order.reshape(input.shape[:-1]).astype(output_idx_type)


# Functions of matrices.

def _of_eigenvalues(function, x):
    """f(A) = V f(D) V^-1 in double precision, or None where A has no well-conditioned basis of eigenvectors."""
    values, vectors = np.linalg.eig(x.astype(np.complex128))
    if x.size and np.linalg.cond(vectors).max() > 1e7:
        return None
    return np.matmul(vectors * function(values)[..., None, :], np.linalg.inv(vectors))


def _of_type(result, dtype):
    """A complex result in the input's type; NaN where a real type cannot hold it."""
    if dtype.kind == 'c':
        return result.astype(dtype)
    scale = max(1.0, np.abs(result).max(initial=0.0))
    return np.where(np.abs(result.imag) > 1e-6 * scale, np.nan, result.real).astype(dtype)


@kernel('MatrixSquareRoot')
@_in_lapack_types
def matrix_square_root(input):
    _check_square(input)
    result = _of_eigenvalues(np.sqrt, input)
    return _of_type(_newton_square_root(input.astype(np.complex128)) if result is None else result, input.dtype)


def _newton_square_root(x):
    """The iteration of Denman and Beavers (1976)."""
    y, z = x, np.broadcast_to(np.eye(x.shape[-1], dtype=x.dtype), x.shape)
    for _ in range(100):
        before = y
        y, z = (y + np.linalg.inv(z)) / 2, (z + np.linalg.inv(y)) / 2
        if np.allclose(y, before, rtol=1e-14, atol=0):
            break
    return y


@kernel('MatrixLogarithm')
@_in_lapack_types
def matrix_logarithm(input):
    _check_square(input)
    result = _of_eigenvalues(np.log, input)
    return _of_type(_series_logarithm(input.astype(np.complex128)) if result is None else result, input.dtype)


def _series_logarithm(x):
    """log A = 2^k log A^(1/2^k), with roots taken until the series of log(1 + Y) converges quickly."""
    identity = np.eye(x.shape[-1])
    doublings = 0
    while np.abs(x - identity).sum(axis=-1).max(initial=0) > 0.05 and doublings < 60:
        x, doublings = _newton_square_root(x), doublings + 1
    step = x - identity
    power, total = step, step.copy()
    for k in range(2, 20):
        power = np.matmul(power, step)
        total += power * ((-1) ** (k + 1) / k)
    return total * 2.0 ** doublings


@kernel('MatrixExponential')
@_in_lapack_types
def matrix_exponential(input):
    """Scaling and squaring: exp A = exp(A / 2^k)^(2^k), with a Taylor series for the small matrix."""
    _check_square(input)
    wide = input.astype(np.complex128 if input.dtype.kind == 'c' else np.float64)
    size = np.abs(wide).sum(axis=-1).max(initial=0)
    squarings = max(0, math.frexp(size)[1] + 3) if size > 0 else 0
    small = wide / 2.0 ** squarings
    total = term = np.broadcast_to(np.eye(wide.shape[-1], dtype=wide.dtype), wide.shape)
    for k in range(1, 20):
        term = np.matmul(term, small) / k
        total = total + term
    for _ in range(squarings):
        total = np.matmul(total, total)
    return total.astype(input.dtype)
