"""Kernels of sparse_to_dense and edit_distance."""
import numpy as np

from graphflow.framework.registry import kernel
from graphflow.kernels.array import invalid, text


@kernel('SparseToDense')
def sparse_to_dense(sparse_indices, output_shape, sparse_values, default_value, validate_indices):
    if sparse_indices.ndim > 2:
        raise invalid('sparse_indices should be a scalar, vector, or matrix, got shape '
                      f'{text(sparse_indices.shape)}')
    if output_shape.ndim != 1:
        raise invalid(f'output_shape should be a vector, got shape {text(output_shape.shape)}')
    shape = tuple(output_shape.tolist())
    rows = sparse_indices.reshape(-1, 1) if sparse_indices.ndim < 2 else sparse_indices
    if rows.shape[1] != len(shape):
        raise invalid(f'output_shape has incorrect number of elements: {len(shape)} should be: {rows.shape[1]}')
    if sparse_values.ndim > 1 or sparse_values.ndim and len(sparse_values) != len(rows):
        raise invalid(f'sparse_values has incorrect shape {text(sparse_values.shape)}, should be [] or [{len(rows)}]')
    if default_value.ndim:
        raise invalid(f'default_value should be a scalar.')
    limits = np.array(shape, np.int64)
    outside = ((rows < 0) | (rows >= limits)).any(axis=1) if len(rows) else np.zeros(0, bool)
    positions = rows @ np.array([int(np.prod(shape[d + 1:])) for d in range(len(shape))], np.int64)
    wrong = outside.copy()
    if validate_indices:
        wrong[1:] |= positions[1:] <= positions[:-1]
    if wrong.any():
        i = int(wrong.argmax())
        where = f'indices[{i}] = {text(rows[i].tolist())} is '
        if outside[i]:
            raise invalid(f'{where}out of bounds: need 0 <= index < {text(shape)}')
        if positions[i] == positions[i - 1]:
            raise invalid(f'{where}repeated')
        raise invalid(f'{where}out of order. Many sparse ops require sorted indices.')
    out = np.full(shape, default_value, dtype=default_value.dtype)
    out.reshape(-1)[positions] = sparse_values
    return out


def _sequences(indices, values):
    """{group: list of values in order}: the sequences along the last dimension."""
    found = {}
    for row, value in zip(indices.tolist(), values.tolist()):
        found.setdefault(tuple(row[:-1]), []).append(value)
    return found


def _distance(a, b):
    """The least number of insertions, deletions and replacements that make `a` into `b`."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        diagonal, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (x != y))
    return row[-1]


@kernel('EditDistance')
def edit_distance(hypothesis_indices, hypothesis_values, hypothesis_shape, truth_indices, truth_values, truth_shape,
                  normalize):
    if len(hypothesis_shape) != len(truth_shape):
        raise invalid('truth_shape and hypothesis_shape should be the same length')
    shape = np.maximum(hypothesis_shape, truth_shape)[:-1]
    out = np.zeros(shape.tolist(), np.float32)
    hypotheses = _sequences(hypothesis_indices, hypothesis_values)
    truths = _sequences(truth_indices, truth_values)
    for group in hypotheses.keys() | truths.keys():
        hypothesis, truth = hypotheses.get(group, []), truths.get(group, [])
        distance = float(_distance(hypothesis, truth))
        if normalize:
            distance = distance / len(truth) if truth else np.inf if hypothesis else 0.
        out[group] = distance
    return out
