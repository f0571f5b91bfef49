"""Kernels that count values."""
import numpy as np

from graphflow.framework import errors
from graphflow.framework.registry import kernel


def _invalid(message):
    return errors.InvalidArgumentError(None, None, message)


@kernel('Bincount')
def bincount(arr, size, weights):
    size = int(size.ravel()[0])
    if size < 0:
        raise _invalid(f'size ({size}) must be non-negative')
    values = arr.ravel()
    if values.size and values.min() < 0:
        raise _invalid('Input arr must be non-negative!')
    weights = weights.ravel()
    counted = values < size
    bins = np.zeros(size, weights.dtype)
    if weights.size:        # beyond the weights given nothing counts
        n = min(values.size, weights.size)
        np.add.at(bins, values[:n][counted[:n]], weights[:n][counted[:n]])
    else:
        bins += np.bincount(values[counted], minlength=size).astype(weights.dtype)
    return bins


@kernel('HistogramFixedWidth')
def histogram_fixed_width(values, value_range, nbins, dtype):
    if value_range.ndim != 1:
        raise _invalid('value_range should be a vector.')
    if value_range.size != 2:
        raise _invalid('value_range should be a vector of 2 elements.')
    if nbins.ndim != 0:
        raise _invalid('nbins should be a scalar.')
    low, high = value_range
    if not low < high:
        raise _invalid('value_range should satisfy value_range[0] < value_range[1], but got '
                       f"'[{low:g}, {high:g}]'")
    if nbins <= 0:
        raise _invalid(f"nbins should be a positive number, but got '{nbins}'")
    step = float(high - low) / int(nbins)
    bins = (np.maximum(values.ravel(), low) - low).astype(np.float64) / step
    bins = np.minimum(bins, float(nbins - 1)).astype(np.int64)
    return np.bincount(bins, minlength=int(nbins)).astype(dtype)
