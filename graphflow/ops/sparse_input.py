"""Sparse values made dense, placeholders for them, and the edit distance of sequences."""
from graphflow.framework import dtypes, sparse_tensor, tensor_shape
from graphflow.framework.apply import apply
from graphflow.framework.export import export
from graphflow.framework.registry import gradient, not_differentiable, op
from graphflow.ops import fill, gather
from graphflow.ops.constant import constant, placeholder


@op('SparseToDense', 'sparse_indices:Tindices, output_shape:Tindices, sparse_values:T, default_value:T -> dense:T',
    'validate_indices:bool=True; T:type; Tindices:type{int32,int64}')
def _(c):
    return c.value_as_shape(1)


@gradient('SparseToDense')
def _(op, grad):
    values = gather.gather_nd(grad, op.inputs[0])
    default = apply('Sum', grad, fill.all_axes(grad)) - apply('Sum', values, fill.all_axes(values))
    return None, None, values, default


@export('sparse_to_dense')
def sparse_to_dense(sparse_indices, output_shape, sparse_values, default_value=0, validate_indices=True, name=None):
    """A dense tensor with `sparse_values` at `sparse_indices` and `default_value` elsewhere.

    Args:
      sparse_indices: int32 or int64: [n, rank], or [n] for a vector, or a scalar.
      output_shape: 1-D, of the same type.
      sparse_values: [n] or a scalar.
      default_value: a scalar.
      validate_indices: whether the indices must be in row-major order without repetitions.
      name: name of the node.
    """
    return apply('SparseToDense', sparse_indices, output_shape, sparse_values, default_value,
                 validate_indices=validate_indices, name=name)


@export('sparse_placeholder', 'sparse.placeholder')
def sparse_placeholder(dtype, shape=None, name=None):
    """A SparseTensor whose value is given with every run.

    Args:
      dtype: DType of the values.
      shape: the dense shape, as far as it is known (None: nothing).
      name: prefix of the names.
    """
    prefix = None if name is None else name + '/'
    rank = None
    if shape is not None and not hasattr(shape, 'op'):
        shape = tensor_shape.as_shape(shape)
        rank = shape.ndims
    if shape is None or rank is None and not hasattr(shape, 'op') or rank is not None and not shape.is_fully_defined():
        dense_shape = placeholder(dtypes.int64, shape=[rank], name=prefix and prefix + 'shape')
    elif rank is not None:
        dense_shape = constant(shape.as_list(), dtype=dtypes.int64, name=prefix and prefix + 'shape' or 'Const')
    else:
        dense_shape = shape
        rank = shape._shape.as_list()[0] if shape._shape.ndims == 1 else None
    values = placeholder(dtype, shape=[None], name=prefix and prefix + 'values')
    indices = placeholder(dtypes.int64, shape=[None, rank], name=prefix and prefix + 'indices')
    return sparse_tensor.SparseTensor(values=values, indices=indices, dense_shape=dense_shape)


@op('EditDistance', 'hypothesis_indices:int64, hypothesis_values:T, hypothesis_shape:int64, truth_indices:int64, '
    'truth_values:T, truth_shape:int64 -> output:float', 'normalize:bool=True; T:type')
def _(c):
    hypothesis, truth = c.value(2), c.value(5)
    if hypothesis is None or truth is None:
        return None
    return [int(max(h, t)) for h, t in zip(hypothesis[:-1], truth[:-1])]


not_differentiable('EditDistance')


@export('edit_distance')
def edit_distance(hypothesis, truth, normalize=True, name='edit_distance'):
    """The Levenshtein distance of sequences.

    Args:
      hypothesis: a SparseTensor whose last dimension holds the sequences.
      truth: a SparseTensor of the same dtype.
      normalize: whether to divide by the length of the truth.
      name: name of the node.

    Returns: a float32 Tensor of one rank less.

    Raises: TypeError if the arguments are not sparse.

    Source: V. I. Levenshtein, Binary codes capable of correcting deletions, insertions, and reversals (1966).
    """
    for value, text in ((hypothesis, 'Hypothesis'), (truth, 'Truth')):
        if not sparse_tensor.is_sparse(value):
            raise TypeError(f'{text} must be a SparseTensor.')
    parts = [part for value in (hypothesis, truth) for part in (value.indices, value.values, value.dense_shape)]
    return apply('EditDistance', *parts, normalize=normalize, name=name)
