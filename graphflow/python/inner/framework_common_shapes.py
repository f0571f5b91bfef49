"""Inner names of python.framework.common_shapes."""
from graphflow.framework import tensor_shape
from graphflow.ops import broadcast


def unknown_shape(op):
    """The shapes of an Operation's outputs, none of them known."""
    return [tensor_shape.unknown_shape() for _ in op.outputs]


def scalar_shape(unused_op):
    """The shape of an Operation that outputs one scalar."""
    return [tensor_shape.TensorShape([])]


def unchanged_shape(op):
    """The shape of an Operation whose output has its first input's."""
    return [op.inputs[0].get_shape()]


def rank(tensor):
    """The rank of a tensor (or of what has a shape), None if unknown."""
    return _shape_of(tensor).ndims


def has_fully_defined_shape(tensor):
    """Whether the shape of a tensor (or of what has a shape) is fully known."""
    return _shape_of(tensor).is_fully_defined()


def _shape_of(tensor):
    return tensor.shape if hasattr(tensor, 'shape') else tensor_shape.TensorShape(None)


def is_broadcast_compatible(shape_x, shape_y):
    """Whether two shapes of known rank broadcast against each other."""
    if shape_x.ndims is None or shape_y.ndims is None:
        return False
    try:
        broadcast.broadcast_static_shape(shape_x, shape_y)
    except ValueError:
        return False
    return True


def broadcast_shape(shape_x, shape_y):
    """The shape that two shapes broadcast to. Raises: ValueError if they do not."""
    return broadcast.broadcast_static_shape(shape_x, shape_y)
