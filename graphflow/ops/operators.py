"""Python operators on tensors: `x + 1` adds a node named 'add'."""
from graphflow.framework import convert
from graphflow.framework.apply import apply
from graphflow.framework.scopes import name_scope
from graphflow.framework.sparse_tensor import SparseTensor
from graphflow.framework.tensor import Tensor
from graphflow.ops import cast, comparison, math, matmul


def _binary(function, name):
    """Installs `function(x, y, name=)` as the operator `name` on tensors, and its reversed form."""
    def operator(x, y):
        with name_scope(None, name, [x, y]) as scope:
            if not isinstance(y, (Tensor, SparseTensor)):
                try:
                    y = convert.to_tensor(y, preferred_dtype=x.dtype.base_dtype, name='y')
                except TypeError:
                    if hasattr(type(y), f'__r{name}__'):
                        return NotImplemented       # y may know what to do with a tensor
                    raise
            return function(x, y, name=scope)

    def reversed_operator(y, x):
        with name_scope(None, name, [x, y]) as scope:
            x = convert.to_tensor(x, dtype=y.dtype.base_dtype, name='x')
            return function(x, y, name=scope)

    Tensor._override_operator(f'__{name}__', operator)
    Tensor._override_operator(f'__r{name}__', reversed_operator)


def _sparse(function, name):
    """Installs the operator `name` between a SparseTensor and a dense one that broadcasts to its shape."""
    def operator(sparse, y):
        with name_scope(None, name, [sparse, y]) as scope:
            y = convert.to_tensor(y, dtype=sparse.dtype.base_dtype, name='y')
            return SparseTensor(sparse.indices, function(sparse, y, scope), sparse.dense_shape)
    setattr(SparseTensor, f'__{name}__', operator)


def _add(x, y, name):
    return apply('Add' if x.dtype.base_dtype.name == 'string' else 'AddV2', x, y, name=name)


def _mul(x, y, name):
    if isinstance(y, SparseTensor):
        return SparseTensor(y.indices, _sparse_product(y, x, name), y.dense_shape)
    return math.multiply(x, y, name=name)


def _sparse_product(sparse, y, name):
    return apply('SparseDenseCwiseMul', sparse.indices, sparse.values, sparse.dense_shape, y, name=name)


def _sparse_quotient(sparse, y, name):
    values, dtype = sparse.values, math.quotient_dtype(sparse, y)
    if dtype is not None:
        values, y = cast.cast(values, dtype), cast.cast(y, dtype)
    return apply('SparseDenseCwiseDiv', sparse.indices, values, sparse.dense_shape, y, name=name)


def _sparse_div(sparse, y, name):
    return apply('SparseDenseCwiseDiv', sparse.indices, sparse.values, sparse.dense_shape, y, name=name)


_binary(_add, 'add')
_binary(math.subtract, 'sub')
_binary(_mul, 'mul')
_binary(math.div, 'div')
_binary(math.truediv, 'truediv')
_binary(math.floordiv, 'floordiv')
_binary(math.floormod, 'mod')
_binary(math.pow, 'pow')
_binary(comparison.logical_and, 'and')
_binary(comparison.logical_or, 'or')
_binary(comparison.logical_xor, 'xor')
_binary(matmul.matmul, 'matmul')
_sparse(_sparse_product, 'mul')
_sparse(_sparse_quotient, 'truediv')
_sparse(_sparse_div, 'div')

# These take the names of their ops.
Tensor._override_operator('__lt__', comparison.less)
Tensor._override_operator('__le__', comparison.less_equal)
Tensor._override_operator('__gt__', comparison.greater)
Tensor._override_operator('__ge__', comparison.greater_equal)
Tensor._override_operator('__invert__', comparison.logical_not)
Tensor._override_operator('__neg__', math.negative)
Tensor._override_operator('__abs__', math.abs)
