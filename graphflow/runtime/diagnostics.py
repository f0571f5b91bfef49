"""Errors of a run, as TensorFlow words them: the class, the node, and the line of the user's program that made it."""
from graphflow.framework import dtypes, errors


def located(error, node):
    """`error`, raised by a kernel of `node`, as an OpError that names the node and where it was made."""
    if isinstance(error, errors.OpError):
        if error.op is not None and isinstance(error.op, type(node)) and error.node_def is not None:
            return error
        kind, message = type(error), error.message
    elif isinstance(error, MemoryError):
        kind, message = errors.ResourceExhaustedError, f'OOM when running {node.type}: {error}'
    elif type(error).__module__.partition('.')[0] == 'numba':       # the kernel cannot be compiled for these dtypes
        return no_kernel(node)
    else:
        # ValueError and IndexError are what numpy says of arrays that do not fit.
        unfit = isinstance(error, (ValueError, IndexError))
        kind = errors.InvalidArgumentError if unfit else errors.InternalError
        message = f'{node.type}: {str(error) or type(error).__name__}'.split('\n')[0]
    return kind(node.node_def, node, message + location(node))


def location(node):
    """The line that TensorFlow puts behind a message: the node and its source line."""
    return f'\n\t [[{_place(node)} ]]'


def _place(node):
    return f'node {node.name} (defined at {":".join(map(str, node.user_line))})'


def no_kernel(node):
    """The error for a node whose op has no kernel, or none for the types in its attrs."""
    attrs = ', '.join(f'{name}={_attr_text(value)}' for name, value in node._attrs.items() if name[0] != '_')
    return errors.InvalidArgumentError(
        None, None, f"No OpKernel was registered to support Op '{node.type}' used by {_place(node)} with these attrs: "
        f'[{attrs}]\nRegistered devices: [CPU]' + location(node))


def _attr_text(value):
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dtypes.DType):
        return f'DT_{_DATA_TYPES.get(value.name, value.name.upper())}'
    if isinstance(value, bytes):
        return '"%s"' % value.decode('utf-8', 'backslashreplace')
    if isinstance(value, list):
        return '[' + ', '.join(map(_attr_text, value)) + ']'
    return str(value)


_DATA_TYPES = {'float16': 'HALF', 'float32': 'FLOAT', 'float64': 'DOUBLE'}
