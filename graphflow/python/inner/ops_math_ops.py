"""Inner names of python.ops.math_ops."""
from graphflow.framework import dtypes
from graphflow.ops import math
from graphflow.ops.reduce import kept_dims_shape


def reduced_shape(input_shape, axes):
    """The shape (a tensor) that a reduction of `input_shape` over `axes` has if it keeps the reduced dimensions, as 1."""
    return kept_dims_shape(math.cast(input_shape, dtypes.int32), math.cast(axes, dtypes.int32))


def tensor_equals(self, other):
    """Whether the two are the same object, which is what == of tensors means in TensorFlow 1."""
    return self is other


def tensor_not_equals(self, other):
    return self is not other
