"""SparseTensor: a tensor given by its non-zero elements."""
import collections

from graphflow.framework import convert, dtypes, scopes
from graphflow.framework.export import export


@export('SparseTensorValue', 'compat.v1.SparseTensorValue')
class SparseTensorValue(collections.namedtuple('SparseTensorValue', ['indices', 'values', 'dense_shape'])):
    """What `Session.run` returns for a fetched SparseTensor, and takes to feed one: three numpy arrays."""


@export('SparseTensor', 'sparse.SparseTensor')
class SparseTensor:
    """Elements `values[i]` at `indices[i]` of a tensor of `dense_shape` that is zero elsewhere.

    Args:
      indices: int64 [n, rank]; sorted in row-major order by convention.
      values: [n], of any dtype.
      dense_shape: int64 [rank].
    """

    def __init__(self, indices, values, dense_shape):
        with scopes.name_scope(None, 'SparseTensor', [indices, values, dense_shape]):
            self._indices = convert.to_tensor(indices, dtypes.int64, 'indices')
            self._values = convert.to_tensor(values, None, 'values')
            self._dense_shape = convert.to_tensor(dense_shape, dtypes.int64, 'dense_shape')
        rows = self._indices.shape.with_rank(2)
        rank = self._dense_shape.shape.with_rank(1)[0]
        rows[0].merge_with(self._values.shape.with_rank(1)[0])
        rows[1].merge_with(rank)

    indices = property(lambda self: self._indices)
    values = property(lambda self: self._values)
    dense_shape = property(lambda self: self._dense_shape)
    dtype = property(lambda self: self._values.dtype)
    op = property(lambda self: self._values.op)
    graph = property(lambda self: self._values.graph)

    @classmethod
    def from_value(cls, value):
        """A SparseTensor from a SparseTensor or SparseTensorValue. Raises: TypeError for anything else."""
        if not is_sparse(value):
            raise TypeError(f'Neither a SparseTensor nor SparseTensorValue: {value}.')
        return cls(value.indices, value.values, value.dense_shape)

    @property
    def shape(self):
        return self.get_shape()

    def get_shape(self):
        """The static dense shape."""
        from graphflow.framework import constant_value
        return constant_value.constant_value_as_shape(self._dense_shape)

    def _to_components(self):
        return [self._indices, self._values, self._dense_shape]

    def _from_components(self, components):
        return SparseTensor(*components)

    def consumers(self):
        return self._values.consumers()

    def eval(self, feed_dict=None, session=None):
        """Computes the three tensors and returns a SparseTensorValue."""
        from graphflow.framework import defaults
        session = session or defaults.get_default_session()
        return SparseTensorValue(*session.run([self._indices, self._values, self._dense_shape], feed_dict))

    def __str__(self):
        return (f'SparseTensor(indices={self._indices}, values={self._values}, '
                f'dense_shape={self._dense_shape})')


def is_sparse(value):
    """Whether `value` is a SparseTensor or SparseTensorValue."""
    return isinstance(value, (SparseTensor, SparseTensorValue))


@export('convert_to_tensor_or_sparse_tensor')
def convert_to_tensor_or_sparse_tensor(value, dtype=None, name=None):
    """convert_to_tensor, but sparse values become SparseTensors.

    Raises: RuntimeError if a sparse value has another dtype than `dtype`.
    """
    if isinstance(value, SparseTensorValue):
        value = SparseTensor.from_value(value)
    if isinstance(value, SparseTensor):
        if dtype is not None and not dtypes.as_dtype(dtype).is_compatible_with(value.dtype):
            raise RuntimeError(f'Sparse dtype: requested = {dtypes.as_dtype(dtype).name}, actual = {value.dtype.name}')
        return value
    return convert.to_tensor(value, dtype, name)


