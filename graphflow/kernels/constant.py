"""Kernels of constants and placeholders."""
from graphflow.framework import errors, shape_inference
from graphflow.framework.registry import kernel


@kernel('Const')
def const(value):
    return value


@kernel('Placeholder')
def placeholder(node):
    """Runs only if nothing was fed for it."""
    dtype = node.outputs[0].dtype
    shape = node.outputs[0].shape
    message = f"You must feed a value for placeholder tensor '{node.name}' with dtype {_NAMES.get(dtype.name, dtype.name)}"
    if shape.ndims:
        message += f' and shape {shape_inference.shape_text(shape)}'
    raise errors.InvalidArgumentError(None, None, message)


@kernel('PlaceholderWithDefault')
def placeholder_with_default(input):
    return input


_NAMES = {'float32': 'float', 'float64': 'double', 'float16': 'half'}
