"""The largest elements of rows."""
import numpy as np

from graphflow.framework.errors import InvalidArgumentError
from graphflow.framework.registry import kernel
from graphflow.kernels.conv_geometry import frozen
from graphflow.kernels.elementwise import shape_text
from graphflow.kernels.jit import jit
from graphflow.kernels.threads import shard

GRAIN = 1 << 15     # elements visited that are worth another thread
FEW = 32            # up to this many, inserting into a sorted list beats sorting the row


def invalid(message):
    return InvalidArgumentError(None, None, message)


@jit
def _insert_range(x, values, indices, lo, hi):
    """Rows lo..hi: keeps the largest so far in order; of equal ones the first."""
    k = values.shape[1]
    for row in range(lo, hi):
        count = 0
        for j in range(x.shape[1]):
            v = x[row, j]
            if count == k and not v > values[row, k - 1]:
                continue
            at = count if count < k else k - 1
            while at > 0 and v > values[row, at - 1]:
                values[row, at], indices[row, at] = values[row, at - 1], indices[row, at - 1]
                at -= 1
            values[row, at], indices[row, at] = v, j
            count += count < k


@kernel('TopKV2', 'TopK')
def top_k(input, k):
    """(the k largest elements of each row, where they are), largest first whether `sorted` asks for it or not."""
    if np.ndim(k):
        raise invalid(f'k must be scalar, got shape {shape_text(k.shape)}')
    k = int(k)
    if k < 0:
        raise invalid(f'Need k >= 0, got {k}')
    if input.ndim < 1:
        raise invalid(f'input must be >= 1-D, got shape {shape_text(input.shape)}')
    n = input.shape[-1]
    if n < k:
        raise invalid(f'input must have at least k columns. Had {n}, needed {k}')
    shape = input.shape[:-1] + (k,)
    if 0 in shape:
        return np.empty(shape, input.dtype), np.empty(shape, np.int32)
    rows = np.ascontiguousarray(input).reshape(-1, n)
    if k <= FEW and input.dtype != np.float16:
        values, indices = np.empty((len(rows), k), input.dtype), np.empty((len(rows), k), np.int32)
        shard(_insert_range, len(rows), frozen(rows), values, indices, grain=max(1, GRAIN // n))
    else:
        # Sorted backwards, so that a stable sort puts the first of equal elements last.
        order = np.argsort(rows[:, ::-1], axis=1, kind='stable')[:, :-k - 1:-1]
        indices = (n - 1 - order).astype(np.int32)
        values = np.take_along_axis(rows, indices, axis=1)
    return values.reshape(shape), indices.reshape(shape)


@kernel('InTopK', 'InTopKV2')
def in_top_k(predictions, targets, k):
    """Whether fewer than k predictions of a row are above that of its target."""
    if predictions.ndim != 2:
        raise invalid('predictions must be 2-dimensional')
    if targets.ndim != 1:
        raise invalid('targets must be 1-dimensional')
    if len(predictions) != len(targets):
        raise invalid(f'First dimension of predictions {len(predictions)} must match length of targets {len(targets)}')
    if predictions.size == 0:
        return np.zeros(len(predictions), bool)
    known = (targets >= 0) & (targets < predictions.shape[1])
    chosen = np.take_along_axis(predictions, np.where(known, targets, 0)[:, None], axis=1)
    above = np.count_nonzero(predictions > chosen, axis=1)
    return known & np.isfinite(predictions).all(axis=1) & (above < k)


@kernel('NthElement')
def nth_element(input, n, reverse):
    """The n-th smallest, or with `reverse` largest, element of each row."""
    if n.ndim:
        raise invalid(f'N must be scalar, got shape {shape_text(n.shape)}')
    if n < 0:
        raise invalid(f'Need n >= 0, got {n}')
    if input.ndim < 1:
        raise invalid(f'Input must be >= 1-D, got shape {shape_text(input.shape)}')
    if input.shape[-1] <= n:
        raise invalid('Input must have at least n+1 columns')
    n = input.shape[-1] - 1 - int(n) if reverse else int(n)
    return np.partition(input, n, axis=-1)[..., n]
