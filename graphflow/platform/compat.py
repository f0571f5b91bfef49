"""tf.compat: text, bytes and the number types of Python and numpy."""

import datetime
import numbers

import numpy as np

from graphflow.framework.export import export, export_constant

bytes_or_text_types = export_constant('compat.bytes_or_text_types', (bytes, str))
integral_types = export_constant('compat.integral_types', (numbers.Integral, np.integer))
real_types = export_constant('compat.real_types', (numbers.Real, np.integer, np.floating))
complex_types = export_constant('compat.complex_types', (numbers.Complex, np.number))

# The day from which TensorFlow 1.15.5 keeps newer forms of graphs to itself.
_HORIZON = datetime.date(2019, 7, 18)


@export('compat.as_bytes')
def as_bytes(bytes_or_text, encoding='utf-8'):
    """The bytes of a str (or of bytes or a bytearray). TypeError for anything else."""
    if isinstance(bytes_or_text, str):
        return bytes_or_text.encode(encoding)
    if isinstance(bytes_or_text, (bytes, bytearray)):
        return bytes(bytes_or_text)
    raise TypeError(f'Expected binary or unicode string, got {bytes_or_text!r}')


@export('compat.as_text', 'compat.as_str')
def as_text(bytes_or_text, encoding='utf-8'):
    """The str of bytes (or of a str). TypeError for anything else."""
    if isinstance(bytes_or_text, str):
        return bytes_or_text
    if isinstance(bytes_or_text, bytes):
        return bytes_or_text.decode(encoding)
    raise TypeError(f'Expected binary or unicode string, got {bytes_or_text!r}')


as_str = as_text


@export('compat.as_str_any')
def as_str_any(value):
    """Like `as_str`, and `str(value)` for what is not text."""
    return as_text(value) if isinstance(value, bytes) else str(value)


@export('compat.path_to_str')
def path_to_str(path):
    """The str of a path object; anything else is returned as it is."""
    return as_str_any(path.__fspath__()) if hasattr(path, '__fspath__') else path


@export('compat.forward_compatible')
def forward_compatible(year, month, day):
    """Whether a change of graphs dated so is made by the writer already."""
    return _HORIZON > datetime.date(year, month, day)


@export('compat.forward_compatibility_horizon')
class forward_compatibility_horizon:
    """A context in which the writer's date is another one.

    Graph construction here does not depend on the date; `forward_compatible` does, for programs that ask.
    """

    def __init__(self, year, month, day):
        self._date = datetime.date(year, month, day)

    def __enter__(self):
        global _HORIZON
        self._outer, _HORIZON = _HORIZON, self._date

    def __exit__(self, *exc_info):
        global _HORIZON
        _HORIZON = self._outer
