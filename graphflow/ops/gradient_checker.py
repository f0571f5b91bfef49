"""Checks of gradients: the Jacobian that tf.gradients computes against one of finite differences."""
import numpy as np

from graphflow.framework import defaults, dtypes
from graphflow.framework.export import export
from graphflow.framework.indexed_slices import IndexedSlices
from graphflow.ops import array
from graphflow.ops.constant import constant
from graphflow.ops.gradients import gradients


@export('test.compute_gradient')
def compute_gradient(x, x_shape, y, y_shape, x_init_value=None, delta=1e-3, init_targets=None, extra_feed_dict=None):
    """The Jacobian of y by x, computed by tf.gradients and by central differences, in the default session.

    Args:
      x: a float or complex Tensor, or a list of such.
      x_shape: the shape of x as a list or tuple of ints, or a list of these.
      y: a Tensor.
      y_shape: its shape.
      x_init_value: a numpy array, the x at which to differentiate, or a list of these; random numbers by default.
      delta: the size of the finite steps.
      init_targets: an Operation or a list of these to be run first.
      extra_feed_dict: a dict of further values to feed.

    Returns: a pair of numpy arrays [size of x, size of y], the symbolic and the numeric Jacobian; a list of pairs if x
      is a list. Of complex tensors, real and imaginary parts count as elements of their own.
    """
    extra_feed_dict = {} if extra_feed_dict is None else extra_feed_dict
    if init_targets is not None:
        session = defaults.get_default_session()
        for target in init_targets if isinstance(init_targets, (list, tuple)) else [init_targets]:
            session.run(target)
    if not isinstance(x, list):
        return _jacobians(x, x_shape, y, y_shape, x_init_value, delta, extra_feed_dict)
    graph = y.graph
    with graph.as_default():
        dy = constant(1.0, shape=y_shape, dtype=y.dtype)
        dxs = gradients(y, x, array.identity(dy))
    starts = [None] * len(x) if x_init_value is None else x_init_value
    starts = [_start(t, shape, value) for t, shape, value in zip(x, x_shape, starts)]
    feeds = {**dict(zip(x, starts)), **extra_feed_dict}
    return [(_symbolic(t, start, y_shape, dy, dx, feeds), _numeric(t, start, y, y_shape, delta, feeds))
            for t, start, dx in zip(x, starts, dxs)]


@export('test.compute_gradient_error')
def compute_gradient_error(x, x_shape, y, y_shape, x_init_value=None, delta=1e-3, init_targets=None,
                           extra_feed_dict=None):
    """The largest difference between the elements of the two Jacobians of `compute_gradient`, a float."""
    pairs = compute_gradient(x, x_shape, y, y_shape, x_init_value, delta, init_targets, extra_feed_dict)
    error = 0
    for symbolic, numeric in [pairs] if isinstance(pairs, tuple) else pairs:
        if symbolic.size or numeric.size:       # empty ones do not differ
            error = np.maximum(error, np.fabs(symbolic - numeric).max())
    return error


def _jacobians(x, x_shape, y, y_shape, x_init_value, delta, extra_feed_dict):
    with y.graph.as_default():
        dy = constant(1.0, shape=y_shape, dtype=y.dtype)
        dx, = gradients(y, x, array.identity(dy))
    start = _start(x, x_shape, x_init_value)
    feeds = {x: start, **extra_feed_dict}
    return (_symbolic(x, start, y_shape, dy, dx, feeds), _numeric(x, start, y, y_shape, delta, feeds))


def _start(x, shape, value):
    """The array at which to differentiate by x."""
    kind = x.dtype.base_dtype
    if not (kind.is_floating or kind.is_complex):
        raise AssertionError(f'Cannot differentiate by a tensor of {kind.name}')
    dtype = kind.real_dtype.as_numpy_dtype
    if value is None:
        value = np.random.random_sample(shape).astype(dtype)
        if kind.is_complex:
            value = value + 1j * np.random.random_sample(shape).astype(dtype)
    value = np.array(value, dtype=kind.as_numpy_dtype)
    assert list(value.shape) == list(shape), f'{value.shape} != {shape}'
    return value


def _parts(array_):
    """The real numbers an array is made of, as a flat view."""
    flat = array_.reshape(-1)
    return flat.view(flat.real.dtype) if flat.dtype.kind == 'c' else flat


def _symbolic(x, start, y_shape, dy, dx, feeds):
    session = defaults.get_default_session()
    dy_value = np.zeros(y_shape, dtype=dy.dtype.base_dtype.as_numpy_dtype)
    dy_parts, width = _parts(dy_value), _parts(start).size
    jacobian = np.zeros((width, dy_parts.size), dtype=_real(x))
    for column in range(dy_parts.size):
        dy_parts[column] = 1
        jacobian[:, column] = _parts(_dense(session.run(dx, {**feeds, dy: dy_value}), start))
        dy_parts[column] = 0
    if not dy_parts.size:       # the shape is worth a look even so
        grad = session.run(dx, {**feeds, dy: dy_value})
        if not isinstance(dx, IndexedSlices) and grad.shape != start.shape:
            raise ValueError(f'Empty gradient has wrong shape: expected {start.shape}, got {grad.shape}')
    return jacobian


def _dense(grad, start):
    if not hasattr(grad, 'indices'):
        return np.ascontiguousarray(grad)
    result = np.zeros(start.shape, start.dtype)
    np.add.at(result, grad.indices, grad.values)
    return result


def _numeric(x, start, y, y_shape, delta, feeds):
    session = defaults.get_default_session()
    x_value = start.copy()
    x_parts = _parts(x_value)
    width = int(np.prod(y_shape, dtype=np.int64)) * (2 if y.dtype.is_complex else 1)
    jacobian = np.zeros((x_parts.size, width), dtype=_real(x))
    scale = np.asarray(2 * delta, dtype=_real(y))
    for row in range(x_parts.size):
        at = x_parts[row]
        x_parts[row] = at + delta
        above = session.run(y, {**feeds, x: x_value})
        x_parts[row] = at - delta
        below = session.run(y, {**feeds, x: x_value})
        x_parts[row] = at
        jacobian[row] = _parts(np.ascontiguousarray((above - below) / scale))
    return jacobian


def _real(tensor):
    kind = dtypes.as_dtype(tensor.dtype).base_dtype
    return kind.real_dtype.as_numpy_dtype
