"""`inspect`, which sees the function behind its decorators."""

import collections
import inspect
from inspect import *   # noqa: F401,F403

from graphflow.util import tf_decorator

ArgSpec = collections.namedtuple('ArgSpec', 'args varargs keywords defaults')
FullArgSpec = inspect.FullArgSpec


def getfullargspec(obj):
    """inspect.getfullargspec of the undecorated function, or of the __init__ of a class."""
    return inspect.getfullargspec(tf_decorator.unwrap(obj)[1])


def getargspec(obj):
    """(args, varargs, keywords, defaults) of the undecorated function."""
    return ArgSpec(*getfullargspec(obj)[:4])
