"""Notices that a function or an argument is deprecated, logged once (not at each call) as TensorFlow words them."""

import contextlib
import functools
import inspect
import re
import sys

from graphflow.platform import tf_logging

_noticed = set()
_silent = False


@contextlib.contextmanager
def silence():
    """A context in which nothing is logged."""
    global _silent
    before, _silent = _silent, True
    try:
        yield
    finally:
        _silent = before


def _check(date, instructions):
    if date is not None and not re.match(r'20\d\d-[01]\d-[0123]\d', date):
        raise ValueError('Date must be YYYY-MM-DD.')
    if not instructions:
        raise ValueError("Don't deprecate things without conversion instructions!")


def _when(date):
    return 'in a future version' if date is None else f'after {date}'


def _notice(key, warn_once, what, date, instructions):
    """Logs that `what` is deprecated, from the line that called the deprecated function."""
    if _silent or key in _noticed:
        return
    if warn_once:
        _noticed.add(key)
    caller = sys._getframe(2)
    tf_logging.warning('From %s:%d: %s is deprecated and will be removed %s.\nInstructions for updating:\n%s',
                       caller.f_code.co_filename, caller.f_lineno, what, _when(date), instructions)


def _called(func):
    return f'{func.__qualname__.replace("<locals>.", "")} (from {func.__module__})'


def _documented(func, wrapper, suffix, default, notice, instructions):
    """Gives the wrapper the docstring of the function with the notice in it."""
    doc = inspect.cleandoc(func.__doc__ or '')
    summary, _, rest = doc.partition('\n')
    body = f'Warning: {notice}\nInstructions for updating:\n{instructions}'
    parts = [f'{summary} {suffix}' if summary else default, body] + ([rest.strip('\n')] if rest.strip() else [])
    wrapper.__doc__ = '\n\n'.join(parts)
    return wrapper


def deprecated(date, instructions, warn_once=True):
    """Decorator: calling the function logs that it will be removed after `date` (YYYY-MM-DD or None)."""
    _check(date, instructions)

    def decorate(func):
        @functools.wraps(func)
        def wrapper(*args, **kwargs):
            _notice(wrapper, warn_once, _called(func), date, instructions)
            return func(*args, **kwargs)
        if isinstance(func, type):      # a class stays one: its construction gives notice
            _wrap_init(func, date, instructions, warn_once)
            return func
        return _documented(func, wrapper, '(deprecated)', 'DEPRECATED FUNCTION',
                           f'THIS FUNCTION IS DEPRECATED. It will be removed {_when(date)}.', instructions)
    return decorate


def _wrap_init(cls, date, instructions, warn_once):
    init = cls.__init__

    @functools.wraps(init)
    def wrapper(self, *args, **kwargs):
        _notice(cls, warn_once, f'{cls.__name__} (from {cls.__module__})', date, instructions)
        init(self, *args, **kwargs)
    cls.__init__ = wrapper


def deprecated_alias(deprecated_name, name, func_or_class, warn_once=True):
    """`func_or_class` under a former name: the same, with a notice."""
    def notice(key):
        if _silent or key in _noticed:
            return
        if warn_once:
            _noticed.add(key)
        caller = sys._getframe(2)
        tf_logging.warning('From %s:%d: The name %s is deprecated. Please use %s instead.\n',
                           caller.f_code.co_filename, caller.f_lineno, deprecated_name, name)

    if isinstance(func_or_class, type):
        class Alias(func_or_class):
            def __init__(self, *args, **kwargs):
                notice(Alias)
                super().__init__(*args, **kwargs)
        Alias.__name__, Alias.__qualname__ = func_or_class.__name__, func_or_class.__qualname__
        Alias.__module__, Alias.__doc__ = func_or_class.__module__, func_or_class.__doc__
        return Alias

    @functools.wraps(func_or_class)
    def wrapper(*args, **kwargs):
        notice(wrapper)
        return func_or_class(*args, **kwargs)
    return _documented(func_or_class, wrapper, '(deprecated)', 'DEPRECATED FUNCTION',
                       'THIS FUNCTION IS DEPRECATED. It will be removed in a future version.',
                       f'Please use {name} instead.')


def deprecated_endpoints(*args):
    """Decorator: notes names under which the function is deprecated."""
    def decorate(func):
        func._tf_deprecated_api_names = args
        return func
    return decorate


def deprecated_args(date, instructions, *deprecated_arg_names_or_tuples, **kwargs):
    """Decorator: giving one of the arguments logs that it is deprecated.

    An argument is named, or is (name, value) with a value that gives no notice. `warn_once=True` logs it once.
    """
    _check(date, instructions)
    warn_once = kwargs.pop('warn_once', True)
    allowed = dict(a if isinstance(a, tuple) else (a, _ANY) for a in deprecated_arg_names_or_tuples)

    def decorate(func):
        signature = inspect.signature(func)
        missing = [name for name in allowed if name not in signature.parameters]
        if missing and not any(p.kind is p.VAR_KEYWORD for p in signature.parameters.values()):
            raise ValueError(f'The following deprecated arguments are not present in the function signature: {missing}.')

        @functools.wraps(func)
        def wrapper(*args, **kwargs):
            given = _arguments(signature, args, kwargs)
            for name, harmless in allowed.items():
                if name in given and not (harmless is not _ANY and given[name] is harmless):
                    _notice((wrapper, name), warn_once, f'calling {_called(func)} with {name}', date, instructions)
            return func(*args, **kwargs)
        names = ', '.join(allowed)
        return _documented(func, wrapper, '(deprecated arguments)', 'DEPRECATED FUNCTION ARGUMENTS',
                           f'SOME ARGUMENTS ARE DEPRECATED: `({names})`. They will be removed {_when(date)}.',
                           instructions)
    return decorate


_ANY = object()


def _arguments(signature, args, kwargs):
    """The arguments of a call by name; none if the call does not fit, which the function will say itself."""
    try:
        bound = signature.bind(*args, **kwargs)
    except TypeError:
        return {}
    return {**bound.arguments, **kwargs}


def deprecated_arg_values(date, instructions, warn_once=True, **deprecated_kwargs):
    """Decorator: giving an argument one of the values logs that the value is deprecated."""
    _check(date, instructions)

    def decorate(func):
        signature = inspect.signature(func)

        @functools.wraps(func)
        def wrapper(*args, **kwargs):
            given = _arguments(signature, args, kwargs)
            for name, value in deprecated_kwargs.items():
                if name in given and given[name] == value:
                    _notice((wrapper, name), warn_once, f'calling {_called(func)} with {name}={value}', date,
                            instructions)
            return func(*args, **kwargs)
        values = ', '.join(f'{name}={value}' for name, value in deprecated_kwargs.items())
        return _documented(func, wrapper, '(deprecated argument values)', 'DEPRECATED FUNCTION ARGUMENT VALUES',
                           f'SOME ARGUMENT VALUES ARE DEPRECATED: `({values})`. They will be removed {_when(date)}.',
                           instructions)
    return decorate


def deprecated_argument_lookup(new_name, new_value, old_name, old_value):
    """The value of an argument that has a former name too. ValueError if it was given under both."""
    if old_value is None:
        return new_value
    if new_value is not None:
        raise ValueError(f"Cannot specify both '{old_name}' and '{new_name}'")
    return old_value
