"""tf.app.flags: absl's flags, parsed when a flag is first read if tf.app.run has not done it before.

Imported when a program first asks for flags.
"""

import functools
import logging
import sys

from absl import flags as _absl
from absl.flags import *    # noqa: F401,F403 (tf.app.flags is absl.flags but for what is redefined below)

_OLD_ARGUMENTS = {'flag_name': 'name', 'default_value': 'default', 'docstring': 'help'}


def _with_old_arguments(define):
    """Lets a DEFINE_... function take its arguments by the names of TensorFlow's first releases."""
    @functools.wraps(define)
    def wrapper(*args, **kwargs):
        if kwargs.keys() & _OLD_ARGUMENTS.keys():
            logging.warning('Use of the keyword argument names (flag_name, default_value, docstring) is deprecated, '
                            'please use (name, default, help) instead.')
            kwargs = {_OLD_ARGUMENTS.get(key, key): value for key, value in kwargs.items()}
        return define(*args, **kwargs)
    return wrapper


for _name in ('DEFINE_string', 'DEFINE_boolean', 'DEFINE_bool', 'DEFINE_integer', 'DEFINE_float'):
    globals()[_name] = _with_old_arguments(getattr(_absl, _name))


class _FlagValuesWrapper:
    """absl's FLAGS, which parses sys.argv when an attribute is first read."""

    def __init__(self, flag_values):
        self.__dict__['_wrapped'] = flag_values

    def __getattr__(self, name):
        if name == '_FlagValues__flags' or name == '__flags':
            return self._wrapped.__dict__['__flags']
        if name == '_wrapped':      # while being copied or unpickled
            raise AttributeError(name)
        if not self._wrapped.is_parsed():
            self._wrapped(sys.argv)
        return getattr(self._wrapped, name)

    def __setattr__(self, name, value):
        setattr(self._wrapped, name, value)

    def __delattr__(self, name):
        delattr(self._wrapped, name)

    def __dir__(self):
        return dir(self._wrapped)

    def __getitem__(self, name):
        return self._wrapped[name]

    def __setitem__(self, name, flag):
        self._wrapped[name] = flag

    def __len__(self):
        return len(self._wrapped)

    def __iter__(self):
        return iter(self._wrapped)

    def __contains__(self, name):
        return name in self._wrapped

    def __str__(self):
        return str(self._wrapped)

    def __call__(self, *args, **kwargs):
        return self._wrapped(*args, **kwargs)


FLAGS = _FlagValuesWrapper(_absl.FLAGS)
del _name
