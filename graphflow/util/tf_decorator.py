"""Decorators that can be seen through: a wrapper names what it wraps in `__wrapped__`, as functools does."""

import functools
import inspect


def make_decorator(target, decorator_func, decorator_name=None, decorator_doc='', decorator_argspec=None):
    """Makes `decorator_func` look like `target`, which it wraps."""
    functools.update_wrapper(decorator_func, target)
    if decorator_doc:
        decorator_func.__doc__ = decorator_doc
    return decorator_func


def unwrap(maybe_decorated):
    """(the decorators from the outside in, what they wrap)."""
    decorators = []
    while hasattr(maybe_decorated, '__wrapped__'):
        decorators.append(maybe_decorated)
        maybe_decorated = inspect.unwrap(maybe_decorated, stop=lambda f: f is not decorators[-1])
    return decorators, maybe_decorated
