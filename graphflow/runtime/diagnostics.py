"""Errors of a run, as TensorFlow words them: the class, the node, and the line of the user's program that made it."""
from graphflow.framework import errors


def located(error, node):
    """`error`, raised by a kernel of `node`, as an OpError that names the node and where it was made."""
    if isinstance(error, errors.OpError):
        if error.op is not None and isinstance(error.op, type(node)) and error.node_def is not None:
            return error
        kind, message = type(error), error.message
    elif isinstance(error, MemoryError):
        kind, message = errors.ResourceExhaustedError, f'OOM when running {node.type}: {error}'
    else:
        kind, message = errors.InternalError, f'{type(error).__name__} in {node.type}: {error}'
    return kind(node.node_def, node, message + location(node))


def location(node):
    """The lines that TensorFlow puts behind a message: the node, its source line, its inputs."""
    text = f'\n\t [[node {node.name} (defined at {":".join(map(str, node.user_line))}) ]]'
    if node._inputs:
        text += '\n\nErrors may have originated from an input operation.\nInput Source operations connected to node '
        text += f'{node.name}:'
        for source in dict.fromkeys(t.op for t in node._inputs):
            text += f'\n {source.name} (defined at {":".join(map(str, source.user_line))})'
    return text
