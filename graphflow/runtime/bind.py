"""Joins a node with its kernel: looks the kernel up and binds attrs, state and session to its parameters."""
import functools
import inspect

from graphflow import kernels
from graphflow.framework import dtypes, registry
from graphflow.kernels import elementwise
from graphflow.runtime import diagnostics


def bind(node, state):
    """A function of the values of the node's inputs (lists for list inputs) that computes its outputs, or None if the
    node has nothing to compute.

    Args:
      node: an Operation.
      state: the SessionState.

    Raises: InvalidArgumentError if the op has no kernel.
    """
    kernels.load()
    op_def = node.op_def_
    if node.type in registry.KERNELS:
        function = registry.KERNELS[node.type]
        if function is None:
            return None
        return _with_parameters(function, node, state, len(op_def.inputs))
    if node.type in elementwise.ELEMENTWISE:
        return _elementwise(node)
    raise diagnostics.no_kernel(node)


def _elementwise(node):
    scalar = elementwise.ELEMENTWISE[node.type]
    attrs = {name: attr_value(node, name) for name in scalar.attrs or ()}
    out = node.outputs[0].dtype.as_numpy_dtype
    return elementwise.array_function(node.type, out_dtype=out, **attrs)


def bind_known(node, inputs):
    """A kernel of the node made for inputs of known shapes and dtypes (Values), or None if there is none."""
    make = registry.SPECIALISED.get(node.type)
    if make is None or any(v.shape is None or v.dtype is None for v in inputs):
        return None
    return _with_parameters(make, node, None, 2)([v.shape for v in inputs], [v.dtype for v in inputs])


@functools.lru_cache(maxsize=None)
def _extra_parameters(function, inputs):
    return tuple(inspect.signature(function).parameters)[inputs:]


def _with_parameters(function, node, state, inputs):
    given = {}
    for name in _extra_parameters(function, inputs):
        if name == 'node':
            given[name] = node
        elif name == 'state':
            given[name] = state.of(node)
        elif name == 'session':
            given[name] = state
        else:
            given[name] = attr_value(node, name)
    return functools.partial(function, **given) if given else function


def attr_value(node, name):
    """An attr as kernels see it: numpy dtypes for types, str for strings, lists for lists."""
    return _plain(node._attrs[name.rstrip('_') if name not in node._attrs else name])


def _plain(value):
    if isinstance(value, bytes):
        return value.decode('utf-8', 'surrogateescape')
    if isinstance(value, dtypes.DType):
        return value.as_numpy_dtype if value.as_numpy_dtype is not None else value
    if isinstance(value, list):
        return [_plain(v) for v in value]
    return value
