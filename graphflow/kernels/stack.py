"""Kernels of Stack: a handle is the Python list itself, made anew in every run."""
from graphflow.framework import errors
from graphflow.framework.registry import kernel


@kernel('StackV2')
def stack(max_size):
    return []


@kernel('StackPushV2')
def push(handle, elem):
    handle.append(elem)
    return elem


@kernel('StackPopV2')
def pop(handle):
    if not handle:
        raise errors.InvalidArgumentError(None, None, 'Stack is empty when calling Pop()')
    return handle.pop()
