"""Kernels of diagonals and bands."""
import numpy as np

from graphflow.framework.registry import kernel
from graphflow.kernels.array import invalid, text
from graphflow.kernels.fill import zeros


@kernel('Diag')
def diag(diagonal):
    out = zeros((diagonal.size, diagonal.size), diagonal.dtype)
    np.fill_diagonal(out, diagonal.ravel()) if diagonal.size else None
    return out.reshape(diagonal.shape + diagonal.shape)


@kernel('DiagPart')
def diag_part(input):
    half = input.ndim // 2
    if input.ndim % 2 or input.shape[:half] != input.shape[half:]:
        raise invalid(f'Invalid shape {text(input.shape)}: dimensions {0} and {half} do not match.')
    n = int(np.prod(input.shape[:half]))
    return input.reshape(n, n).diagonal().reshape(input.shape[:half])


@kernel('MatrixDiag')
def matrix_diag(diagonal):
    if not diagonal.ndim:
        raise invalid('input must be at least 1-dim, received shape: []')
    n = diagonal.shape[-1]
    out = zeros(diagonal.shape + (n,), diagonal.dtype)
    out[..., np.arange(n), np.arange(n)] = diagonal
    return out


@kernel('MatrixDiagPart')
def matrix_diag_part(input):
    if input.ndim < 2:
        raise invalid(f'input must be at least 2-dim, received shape: {text(input.shape)}')
    return input.diagonal(axis1=-2, axis2=-1)


@kernel('MatrixSetDiag')
def matrix_set_diag(input, diagonal):
    if input.ndim < 2:
        raise invalid(f'input must be at least 2-dim, received shape: {text(input.shape)}')
    n = min(input.shape[-2:])
    if diagonal.shape != input.shape[:-2] + (n,):
        raise invalid('must have diagonal.shape == input.shape[:-2] + min(input.shape[-2:]), but received input shape: '
                      f'{text(input.shape)} and diagonal shape: {text(diagonal.shape)}')
    out = input.copy()
    out[..., np.arange(n), np.arange(n)] = diagonal
    return out


@kernel('MatrixBandPart')
def matrix_band_part(input, num_lower, num_upper):
    if input.ndim < 2:
        raise invalid(f'input must be at least 2-dim, received shape: {text(input.shape)}')
    for name, value in (('num_lower', num_lower), ('num_upper', num_upper)):
        if value.ndim:
            raise invalid(f'{name} must be scalar, got shape {text(value.shape)}')
    rows, columns = input.shape[-2:]
    lower, upper = int(num_lower), int(num_upper)
    if lower > rows:
        raise invalid(f'num_lower must be negative or less or equal to number of rows ({rows}) got: {lower}')
    if upper > columns:
        raise invalid(f'num_upper must be negative or less or equal to number of columns ({columns}) got: {upper}')
    i, j = np.ogrid[:rows, :columns]
    inside = ((lower < 0) | (i - j <= lower)) & ((upper < 0) | (j - i <= upper))
    return np.where(inside, input, zeros((), input.dtype))
