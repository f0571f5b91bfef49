"""What kinds of arguments a compiled function is for, in plain Python.

The kind of an argument is
    ('array', character, rank, layout)  character of the dtype; layout 'C', 'F' or 'A' (neither)
    ('scalar', character)               a numpy scalar
    'int64', 'float64', 'bool'          a number of Python's
    ('tuple', kind, ...)
    'object'                            any object; the function gets its address as an integer
"""
import numpy as np

_OF_PYTHON = {bool: 'bool', float: 'float64'}
_CHARACTERS = frozenset('?bhilqBHILQfdFD')


def kind_of(value):
    """The kind of an argument; None for values that kernels cannot take."""
    python_type = type(value)
    if python_type is np.ndarray:
        dtype, flags = value.dtype, value.flags
        if dtype.char not in _CHARACTERS or not dtype.isnative or not flags.aligned:
            return None
        layout = 'C' if flags.c_contiguous else 'F' if flags.f_contiguous else 'A'
        return 'array', dtype.char, value.ndim, layout
    if python_type is int:
        return 'int64' if -1 << 63 <= value < 1 << 63 else None
    if python_type in _OF_PYTHON:
        return _OF_PYTHON[python_type]
    if python_type is tuple:
        kinds = tuple(kind_of(v) for v in value)
        return None if None in kinds else ('tuple', *kinds)
    if isinstance(value, np.generic) and value.dtype.char in _CHARACTERS:
        return 'scalar', value.dtype.char
    return None


def signature_of(args):
    """The kinds of the arguments; None where one has none."""
    kinds = tuple(kind_of(a) for a in args)
    return None if None in kinds else kinds


def python_types(kinds):
    """The addresses of the types that objects of these kinds have, as the entry point compares them: a
    tuple's own type stands before those of its items. 0 for any type."""
    found = []
    for kind in kinds:
        if kind == 'object':
            found.append(0)
        elif kind[0] == 'array':
            found.append(id(np.ndarray))
        elif kind[0] == 'scalar':
            found.append(id(np.dtype(kind[1]).type))
        elif kind[0] == 'tuple':
            found += [id(tuple), *python_types(kind[1:])]
        else:
            found.append(id({'int64': int, 'float64': float, 'bool': bool}[kind]))
    return found
