"""Gradients of ops whose operands broadcast: summed over the dimensions in which an operand was repeated."""
import weakref

import numpy as np

from graphflow.framework.apply import apply
from graphflow.framework.tensor import Tensor
from graphflow.ops import array
from graphflow.ops.broadcast import broadcast_gradient_args

_made = weakref.WeakKeyDictionary()     # graph -> {(shape, shape): the axes, for each, to sum over}


def sums(x, y):
    """For each of two operands a function that makes a gradient of their common shape one of the operand's shape."""
    shapes = array.shape_of(x), array.shape_of(y)
    return sums_to(*shapes)


def sums_to(x_shape, y_shape):
    """`sums` for the operands' shapes, given as tensors."""
    axes = broadcast_gradient_args(x_shape, y_shape)
    return [_sum_function(a, s) for a, s in zip(axes, (x_shape, y_shape))]


def sums_where_needed(x, y, grad):
    """Like `sums` for a gradient shaped like `grad`, but with known shapes an operand that was not repeated is left
    alone, and the axes to sum over are constants."""
    shapes = [_known(t) for t in (x, y)]
    if None in shapes:
        return sums_to(apply('Shape', x), apply('Shape', y))
    grad_shape = _known(grad) if isinstance(grad, Tensor) else None
    return [_unchanged if shape == grad_shape else _sum_function(axes, np.array(shape, np.int32))
            for axes, shape in zip(_known_axes(x.graph, *shapes), shapes)]


def equally_shaped(x, y, grad):
    """Whether the shapes of all three are fully known and the same."""
    return isinstance(grad, Tensor) and _known(x) is not None and _known(x) == _known(y) == _known(grad)


def _known(tensor):
    shape = tensor._shape
    return tuple(shape.as_list()) if shape.is_fully_defined() else None


def _known_axes(graph, x_shape, y_shape):
    made = _made.setdefault(graph, {})
    if (x_shape, y_shape) not in made:
        # TensorFlow has the node compute the axes while building; it stays in the graph, once for each pair of shapes.
        broadcast_gradient_args(np.array(x_shape, np.int32), np.array(y_shape, np.int32))
        made[x_shape, y_shape] = repeated_axes(x_shape, y_shape)
    return made[x_shape, y_shape]


def repeated_axes(x_shape, y_shape):
    """For each of two shapes that broadcast, the axes of the common shape along which it is repeated (or of size 1)."""
    rank = max(len(x_shape), len(y_shape))
    x, y = ((1,) * (rank - len(s)) + tuple(s) for s in (x_shape, y_shape))
    axes = [], []
    for i, (m, n) in enumerate(zip(x, y)):
        if m == n == 1:
            axes[0].append(i), axes[1].append(i)
        elif m == 1 and n != 1:
            axes[0].append(i)
        elif n == 1 and m != 1:
            axes[1].append(i)
    if tuple(x_shape) == tuple(y_shape):
        axes = [], []
    return [np.array(a, np.int32) for a in axes]


def _sum_function(axes, shape):
    return lambda grad: array.reshape(apply('Sum', grad, axes), shape)


def _unchanged(grad):
    return grad
