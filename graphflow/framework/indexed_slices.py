"""IndexedSlices: a tensor known at some of its rows only, as the gradient of a gather is."""
import collections

from graphflow.framework.export import export


@export('IndexedSlices')
class IndexedSlices:
    """The slices `dense[indices[i]] = values[i]` of a dense tensor that is zero elsewhere; rows that repeat add up.

    Args:
      values: a Tensor [n, d1, ..., dk].
      indices: a Tensor [n] of int32 or int64, into the dense tensor's first dimension.
      dense_shape: a Tensor with the dense tensor's shape, or None.
    """

    def __init__(self, values, indices, dense_shape=None):
        self._values, self._indices, self._dense_shape = values, indices, dense_shape

    values = property(lambda self: self._values)
    indices = property(lambda self: self._indices)
    dense_shape = property(lambda self: self._dense_shape)
    name = property(lambda self: self._values.name)
    device = property(lambda self: self._values.device)
    op = property(lambda self: self._values.op)
    dtype = property(lambda self: self._values.dtype)
    graph = property(lambda self: self._values.graph)

    @property
    def shape(self):
        """The dense tensor's static shape."""
        from graphflow.framework import constant_value, tensor_shape
        if self._dense_shape is None:
            return tensor_shape.TensorShape(None)
        return constant_value.constant_value_as_shape(self._dense_shape)

    def _to_components(self):
        parts = [self._values, self._indices]
        return parts if self._dense_shape is None else parts + [self._dense_shape]

    def _from_components(self, components):
        return IndexedSlices(*components)

    def consumers(self):
        return self._values.consumers()

    def __str__(self):
        shape = '' if self._dense_shape is None else f', dense_shape={self._dense_shape}'
        return f'IndexedSlices(indices={self._indices}, values={self._values}{shape})'

    def __neg__(self):
        return IndexedSlices(-self._values, self._indices, self._dense_shape)


@export('IndexedSlicesValue', 'compat.v1.IndexedSlicesValue')
class IndexedSlicesValue(collections.namedtuple('IndexedSlicesValue', ['values', 'indices', 'dense_shape'])):
    """What `Session.run` returns for a fetched IndexedSlices, and takes to feed one: three numpy arrays."""
