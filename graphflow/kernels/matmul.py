"""Kernels of matrix products: BLAS, through numpy."""
import numpy as np

from graphflow.framework import errors
from graphflow.framework.registry import kernel, specialised
from graphflow.kernels import memory
from graphflow.kernels.blas import SMALL, product


def _text(array):
    return '[' + ','.join(map(str, array.shape)) + ']'


def _invalid(message):
    return errors.InvalidArgumentError(None, None, message)


def _product(a, b):
    """numpy's product; halves are summed in single precision, integers wrap."""
    if a.dtype == np.float16:
        with np.errstate(over='ignore'):
            return np.matmul(a.astype(np.float32), b.astype(np.float32)).astype(np.float16)
    if a.ndim == 2 and b.ndim == 2 and a.dtype.kind == 'f':
        return product(a, b)
    return np.matmul(a, b)


def _operands(a, b, transpose_a, transpose_b):
    for i, x in enumerate((a, b)):
        if x.ndim != 2:
            raise _invalid(f'In[{i}] is not a matrix. Instead it has shape {_text(x)}')
    left, right = a.T if transpose_a else a, b.T if transpose_b else b
    if left.shape[1] != right.shape[0]:
        raise _invalid(f'Matrix size-incompatible: In[0]: {_text(a)}, In[1]: {_text(b)}')
    return left, right


@kernel('MatMul')
def matmul(a, b, transpose_a, transpose_b):
    return _product(*_operands(a, b, transpose_a, transpose_b))


@specialised('MatMul')
def _(shapes, dtypes, transpose_a, transpose_b):
    """Small products: BLAS without what `matmul` has to look at first."""
    (m, k), (l, n) = [s if len(s) == 2 else (0, 0) for s in shapes]
    if transpose_a:
        m, k = k, m
    if transpose_b:
        l, n = n, l
    if k != l or not 0 < m * k * n < SMALL or dtypes[0] not in (np.float32, np.float64) or dtypes[0] != dtypes[1]:
        return None
    make, multiply = memory.allocator((m, n), dtypes[0]), np.dot
    if transpose_a and transpose_b:
        return lambda a, b: multiply(a.T, b.T, make())
    if transpose_a:
        return lambda a, b: multiply(a.T, b, make())
    if transpose_b:
        return lambda a, b: multiply(a, b.T, make())
    return lambda a, b: multiply(a, b, make())


def matmul_fused(a, b, bias, transpose_a=False, transpose_b=False, relu=False):
    """`matmul` of float32 or float64, plus `bias` [columns] (or None) for each row, rectified with `relu`."""
    return product(*_operands(a, b, transpose_a, transpose_b), bias, relu)


@kernel('SparseMatMul')
def sparse_matmul(a, b, transpose_a, transpose_b):
    for name, x in (('a', a), ('b', b)):
        if x.ndim != 2:
            raise _invalid(f'{name} is not a matrix')
    left, right = a.T if transpose_a else a, b.T if transpose_b else b
    if left.shape[1] != right.shape[0]:
        raise _invalid(f'Matrix size incompatible: a: {_text(a)}, b: {_text(b)}')
    return np.matmul(left, right)


def _adjoint(x):
    return (np.conj(x) if x.dtype.kind == 'c' else x).swapaxes(-1, -2)


def _batch_product(x, y, adj_x, adj_y):
    left, right = _adjoint(x) if adj_x else x, _adjoint(y) if adj_y else y
    if left.shape[-1] != right.shape[-2]:
        raise _invalid(f'In[0] mismatch In[1] shape: {left.shape[-1]} vs. {right.shape[-2]}: {_text(x)} {_text(y)} '
                       f'{int(adj_x)} {int(adj_y)}')
    return _product(left, right)


@kernel('BatchMatMul')
def batch_matmul(x, y, adj_x, adj_y):
    if x.ndim != y.ndim:
        raise _invalid(f'In[0] and In[1] has different ndims: {_text(x)} vs. {_text(y)}')
    if x.ndim < 2:
        raise _invalid(f'In[0] and In[1] ndims must be >= 2: {x.ndim}')
    for i in range(x.ndim - 2):
        if x.shape[i] != y.shape[i]:
            raise _invalid(f'In[0].dim({i}) and In[1].dim({i}) must be the same: {_text(x)} vs {_text(y)}')
    return _batch_product(x, y, adj_x, adj_y)


@kernel('BatchMatMulV2')
def batch_matmul_v2(x, y, adj_x, adj_y):
    for i, array in enumerate((x, y)):
        if array.ndim < 2:
            raise _invalid(f'In[{i}] ndims must be >= 2: {array.ndim}')
    if any(m != n and 1 not in (m, n) for m, n in zip(x.shape[-3::-1], y.shape[-3::-1])):
        raise _invalid(f'In[0] and In[1] must have compatible batch dimensions: {_text(x)} vs. {_text(y)}')
    return _batch_product(x, y, adj_x, adj_y)
