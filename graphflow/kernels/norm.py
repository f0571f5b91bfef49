"""Kernel of cross products."""
import numpy as np

from graphflow.framework import errors
from graphflow.framework.registry import kernel


def _text(array):
    return '[' + ','.join(map(str, array.shape)) + ']'


@kernel('Cross')
def cross(a, b):
    if a.shape != b.shape:
        raise errors.InvalidArgumentError(None, None, f'Both inputs must be of same shape: {_text(a)} vs. {_text(b)}')
    if a.ndim < 1:
        raise errors.InvalidArgumentError(None, None, f'Input must be at least 1D{_text(a)}')
    if a.shape[-1] != 3:
        raise errors.FailedPreconditionError(None, None, 'Cross-products are only defined for 3-element vectors.')
    a0, a1, a2 = np.moveaxis(a, -1, 0)
    b0, b1, b2 = np.moveaxis(b, -1, 0)
    return np.stack([a1 * b2 - a2 * b1, a2 * b0 - a0 * b2, a0 * b1 - a1 * b0], -1)
