"""Reductions of neural networks that are ops of their own."""
import numpy as np

from graphflow.framework.registry import kernel
from graphflow.kernels.conv_geometry import working


@kernel('L2Loss')
def l2_loss(t):
    """sum(t ** 2) / 2."""
    flat = working(t).ravel()
    return np.asarray(np.dot(flat, flat) / 2, dtype=t.dtype)
