"""Diagonals, bands and identity matrices."""
import numpy as np

from graphflow.framework import convert, dtypes
from graphflow.framework.apply import apply
from graphflow.framework.export import export
from graphflow.framework.registry import gradient, op
from graphflow.framework.scopes import colocate_with, name_scope
from graphflow.framework.shape_rules import merge, merge_dims
from graphflow.framework.tensor import Tensor
from graphflow.ops import array, concat, fill

_NUMBERS = 'T:type{bfloat16,half,float,double,int32,int64,complex64,complex128}'


@op('Diag', 'diagonal:T -> output:T', _NUMBERS)
def _(c):
    shape = c.rank_at_least(0, 1)
    return None if shape.ndims is None else shape.concatenate(shape)


@op('DiagPart', 'input:T -> diagonal:T', _NUMBERS)
def _(c):
    shape = c.shape(0)
    if shape.ndims is None:
        return None
    if shape.ndims % 2 or not shape.ndims:
        raise ValueError(f'Input must have even and non-zero rank, input rank is {shape.ndims}')
    dims, half = shape.as_list(), shape.ndims // 2
    return [merge_dims(m, n) for m, n in zip(dims[:half], dims[half:])]


@op('MatrixDiag', 'diagonal:T -> output:T', 'T:type')
def _(c):
    shape = c.rank_at_least(0, 1)
    return None if shape.ndims is None else shape.concatenate(shape[-1:])


def _diagonal_length(m, n):
    return None if m is None or n is None else min(m, n)


@op('MatrixDiagPart', 'input:T -> diagonal:T', 'T:type')
def _(c):
    shape = c.rank_at_least(0, 2)
    if shape.ndims is None:
        return None
    dims = shape.as_list()
    return dims[:-2] + [_diagonal_length(*dims[-2:])]


@op('MatrixSetDiag', 'input:T, diagonal:T -> output:T', 'T:type')
def _(c):
    shape, diagonal = c.rank_at_least(0, 2), c.rank_at_least(1, 1)
    if shape.ndims is not None:
        dims = shape.as_list()
        if diagonal.ndims is not None:
            merge_dims(_diagonal_length(*dims[-2:]), diagonal.as_list()[-1])
        return shape if diagonal.ndims is None else merge(shape, diagonal[:-1].concatenate([None, None]))
    return None if diagonal.ndims is None else diagonal[:-1].concatenate([None, None])


op('MatrixBandPart', 'input:T, num_lower:Tindex, num_upper:Tindex -> band:T', 'T:type; Tindex:type=int64{int32,int64}',
   shape=lambda c: c.shape(0))


@gradient('Diag')
def _(op, grad):
    return tensor_diag_part(grad)


@gradient('DiagPart')
def _(op, grad):
    return tensor_diag(grad)


@gradient('MatrixDiag')
def _(op, grad):
    return matrix_diag_part(grad)


@gradient('MatrixDiagPart')
def _(op, grad):
    shape = op.inputs[0].shape[-2:]
    if shape.is_fully_defined() and shape[0] == shape[1]:
        return matrix_diag(grad)
    return matrix_set_diag(fill.zeros_like(op.inputs[0]), grad)


@gradient('MatrixSetDiag')
def _(op, grad):
    shape = op.inputs[0].shape.merge_with(grad.shape)
    batch = shape[:-2].merge_with(op.inputs[1].shape[:-1])
    if batch.is_fully_defined() and shape[-2:].is_fully_defined():
        diagonal_shape = batch.as_list() + [min(shape[-2:].as_list())]
    else:
        with colocate_with(grad.op):
            grad_shape, rank = array.shape(grad), array.rank(grad)
            batch = apply('Slice', grad_shape, [0], [rank - 2])
            matrix = apply('Slice', grad_shape, [rank - 2], [2])
            diagonal_shape = concat.concat([batch, [apply('Min', matrix, fill.all_axes(matrix))]], 0)
    return matrix_set_diag(grad, fill.zeros(diagonal_shape, dtype=grad.dtype)), matrix_diag_part(grad)


@gradient('MatrixBandPart')
def _(op, grad):
    return matrix_band_part(grad, op.inputs[1], op.inputs[2]), None, None


@export('linalg.tensor_diag', 'diag')
def tensor_diag(diagonal, name=None):
    """A tensor of shape diagonal.shape + diagonal.shape with `diagonal` on its diagonal and zeros elsewhere."""
    return apply('Diag', diagonal, name=name)


@export('linalg.tensor_diag_part', 'diag_part')
def tensor_diag_part(input, name=None):
    """The diagonal of a tensor of shape s + s: a tensor of shape s."""
    return apply('DiagPart', input, name=name)


@export('linalg.diag', 'matrix_diag')
def matrix_diag(diagonal, name='diag', k=0, num_rows=-1, num_cols=-1, padding_value=0):
    """Square matrices with the last dimension of `diagonal` on their diagonals: [..., n] -> [..., n, n].

    `k`, `num_rows`, `num_cols` and `padding_value` have no effect, as in TensorFlow 1.15.
    """
    return apply('MatrixDiag', diagonal, name=name)


@export('linalg.diag_part', 'matrix_diag_part')
def matrix_diag_part(input, name='diag_part', k=0, padding_value=0):
    """The main diagonals of matrices: [..., m, n] -> [..., min(m, n)]. `k` and `padding_value` have no effect."""
    return apply('MatrixDiagPart', input, name=name)


@export('linalg.set_diag', 'matrix_set_diag')
def matrix_set_diag(input, diagonal, name='set_diag', k=0):
    """The matrices `input` [..., m, n] with their main diagonals replaced by `diagonal` [..., min(m, n)]."""
    return apply('MatrixSetDiag', input, diagonal, name=name)


@export('linalg.band_part', 'matrix_band_part')
def matrix_band_part(input, num_lower, num_upper, name=None):
    """The matrices `input` [..., m, n] with zeros outside of the band around the main diagonal.

    Args:
      input: a Tensor.
      num_lower: how many subdiagonals stay, a scalar int; -1: all.
      num_upper: how many superdiagonals stay.
      name: name of the node.
    """
    return apply('MatrixBandPart', input, num_lower, num_upper, name=name)


@export('eye', 'linalg.eye')
def eye(num_rows, num_columns=None, batch_shape=None, dtype=dtypes.float32, name=None):
    """Identity matrices.

    Args:
      num_rows: int or int32 scalar.
      num_columns: the same; as many as rows by default.
      batch_shape: ints or a 1-D int32 tensor: the dimensions before the matrices'.
      dtype: DType of the result.
      name: name of the scope.

    Returns: a Tensor batch_shape + [num_rows, num_columns].
    """
    with name_scope(name, 'eye', [num_rows, num_columns, batch_shape]):
        square = num_columns is None
        batch = [] if batch_shape is None else batch_shape
        columns = num_rows if square else num_columns
        if isinstance(num_rows, Tensor) or isinstance(columns, Tensor):
            length = apply('Minimum', num_rows, columns)
        else:
            length = int(np.minimum(num_rows, columns))
        dynamic = isinstance(batch, Tensor) or isinstance(length, Tensor)
        if dynamic:
            batch = convert.to_tensor(batch, dtypes.int32, name='shape')
            diagonal_shape = concat.concat((batch, [length]), axis=0)
            if not square:
                shape = concat.concat((batch, [num_rows, columns]), axis=0)
        else:
            batch = [int(d) for d in batch]
            diagonal_shape, shape = batch + [length], batch + [num_rows, columns]
        ones = fill.ones(diagonal_shape, dtype=dtype)
        if square:
            return matrix_diag(ones)
        return matrix_set_diag(fill.zeros(shape, dtype=dtype), ones)
