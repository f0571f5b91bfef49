"""TensorSpec: what a tensor is expected to be, its shape, dtype and name, without the tensor."""
import numpy as np

from graphflow.framework import convert, dtypes, tensor_shape
from graphflow.framework.export import export
from graphflow.framework.shape_rules import broadcast_shapes
from graphflow.framework.tensor import Tensor


@export('TensorSpec', 'contrib.framework.TensorSpec')
class TensorSpec:
    """A shape, a dtype and perhaps a name.

    Args:
      shape: a TensorShape, or what converts to one.
      dtype: a DType, or what converts to one.
      name: a string or None.
    """

    def __init__(self, shape, dtype=dtypes.float32, name=None):
        self._shape = tensor_shape.TensorShape(shape)
        self._dtype = dtypes.as_dtype(dtype)
        self._name = name

    shape = property(lambda self: self._shape)
    dtype = property(lambda self: self._dtype)
    name = property(lambda self: self._name)
    value_type = property(lambda self: Tensor)

    @classmethod
    def from_spec(cls, spec, name=None):
        """A copy of `spec`, with another name if one is given."""
        return cls(spec.shape, spec.dtype, name or spec.name)

    @classmethod
    def from_tensor(cls, tensor, name=None):
        """The spec of a Tensor; its name is the op's unless given. Raises: ValueError if it is no Tensor."""
        if not isinstance(tensor, Tensor):
            raise ValueError('`tensor` should be a tf.Tensor')
        return cls(tensor.shape, tensor.dtype, name or tensor.op.name)

    def is_compatible_with(self, spec_or_tensor):
        """Whether a spec or tensor has this dtype, and a shape that may be this one."""
        if not isinstance(spec_or_tensor, TensorSpec) and not convert.is_tensor(spec_or_tensor):
            return False
        return (self._dtype.is_compatible_with(spec_or_tensor.dtype)
                and self._shape.is_compatible_with(spec_or_tensor.shape))

    def most_specific_compatible_type(self, other):
        """The spec that fits this and `other`. Raises: ValueError if their dtypes differ."""
        if self._dtype != other.dtype:
            raise ValueError(f'Types are not compatible: {self!r} vs {other!r}')
        return TensorSpec(self._shape.most_specific_compatible_shape(other.shape), self._dtype, self._name)

    def __repr__(self):
        return f'TensorSpec(shape={self._shape}, dtype={self._dtype!r}, name={self._name!r})'

    def __hash__(self):
        return hash((str(self._shape), self._dtype, self._name))

    def __eq__(self, other):
        return (isinstance(other, TensorSpec) and str(self._shape) == str(other._shape)
                and self._dtype == other._dtype and self._name == other._name)

    def __ne__(self, other):
        return not self == other

    def __reduce__(self):
        return type(self), (self._shape, self._dtype, self._name)


class BoundedTensorSpec(TensorSpec):
    """A TensorSpec whose values lie within bounds, both included.

    Args:
      minimum, maximum: arrays that broadcast to `shape`.
    """

    def __init__(self, shape, dtype, minimum, maximum, name=None):
        super().__init__(shape, dtype, name)
        if minimum is None or maximum is None:
            raise ValueError(f"minimum and maximum must be provided; but saw '{minimum}' and '{maximum}'")
        self._minimum, self._maximum = self._bound('minimum', minimum), self._bound('maximum', maximum)

    def _bound(self, which, value):
        shape = tensor_shape.TensorShape(np.shape(value))
        try:
            if self._shape.ndims is not None:
                broadcast_shapes(shape, self._shape)
        except ValueError:
            error = ValueError(f'Incompatible shapes for broadcasting: {shape} and {self._shape}')
            raise ValueError(f'{which} is not compatible with shape. Message: {error!r}.') from None
        bound = np.array(value, dtype=self._dtype.as_numpy_dtype)
        bound.setflags(write=False)
        return bound

    minimum = property(lambda self: self._minimum)
    maximum = property(lambda self: self._maximum)

    @classmethod
    def from_spec(cls, spec):
        """A copy of `spec`; without bounds of its own it gets those of its dtype."""
        low, high = getattr(spec, 'minimum', spec.dtype.min), getattr(spec, 'maximum', spec.dtype.max)
        return cls(spec.shape, spec.dtype, low, high, spec.name)

    def __repr__(self):
        return (f'BoundedTensorSpec(shape={self._shape}, dtype={self._dtype!r}, name={self._name!r}, '
                f'minimum={self._minimum!r}, maximum={self._maximum!r})')

    def __eq__(self, other):
        return (isinstance(other, BoundedTensorSpec) and super().__eq__(other)
                and np.allclose(self._minimum, other._minimum) and np.allclose(self._maximum, other._maximum))

    def __hash__(self):
        return super().__hash__()

    def __reduce__(self):
        return type(self), (self._shape, self._dtype, self._minimum, self._maximum, self._name)
