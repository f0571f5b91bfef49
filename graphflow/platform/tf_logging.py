"""tf.logging: the logger named 'tensorflow', on standard error unless the program has set up logging itself."""

import collections
import logging
import sys
import threading

from graphflow.framework.export import export, export_constant

DEBUG = export_constant('logging.DEBUG', logging.DEBUG)
INFO = export_constant('logging.INFO', logging.INFO)
WARN = export_constant('logging.WARN', logging.WARNING)
ERROR = export_constant('logging.ERROR', logging.ERROR)
FATAL = export_constant('logging.FATAL', logging.FATAL)

_lock = threading.Lock()
_logger = None
_counts = collections.Counter()


@export('get_logger')
def get_logger():
    """The logging.Logger behind tf.logging."""
    global _logger
    with _lock:
        if _logger is None:
            logger = logging.getLogger('tensorflow')
            # A program that configured the root logger has its own handlers and level; else ours say
            # WARNING:tensorflow:message.
            if not logging.getLogger().handlers:
                if hasattr(sys, 'ps1') or sys.flags.interactive:
                    logger.setLevel(logging.INFO)
                if not logger.handlers:
                    handler = logging.StreamHandler(sys.stderr)
                    handler.setFormatter(logging.Formatter(logging.BASIC_FORMAT))
                    logger.addHandler(handler)
            _logger = logger
        return _logger


def _method(name, level):
    def write(msg, *args, **kwargs):
        kwargs['stacklevel'] = kwargs.get('stacklevel', 1) + 1
        get_logger().log(level, msg, *args, **kwargs)
    write.__name__ = write.__qualname__ = name
    write.__doc__ = f'Logs `msg % args` at level {logging.getLevelName(level)}.'
    return export('logging.' + name)(write)


debug = _method('debug', DEBUG)
info = _method('info', INFO)
warning = _method('warning', WARN)
warn = _method('warn', WARN)
error = _method('error', ERROR)
fatal = _method('fatal', FATAL)


@export('logging.log')
def log(level, msg, *args, **kwargs):
    """Logs `msg % args` at a level."""
    get_logger().log(level, msg, *args, **kwargs)


@export('logging.vlog')
def vlog(level, msg, *args, **kwargs):
    """The same as `log`."""
    get_logger().log(level, msg, *args, **kwargs)


@export('logging.TaskLevelStatusMessage')
def TaskLevelStatusMessage(msg):
    """Logs an error."""
    error(msg)


@export('logging.flush')
def flush():
    """Flushes what the logger writes to."""
    for handler in get_logger().handlers:
        handler.flush()


def _calls_before():
    """How often the line that called the logging function has called it before."""
    frame = sys._getframe(2)
    key = (frame.f_code.co_filename, frame.f_lineno)
    _counts[key] += 1
    return _counts[key] - 1


@export('logging.log_every_n')
def log_every_n(level, msg, n, *args):
    """Logs the first and then every n-th call from this line."""
    log_if(level, msg, not _calls_before() % n, *args)


@export('logging.log_first_n')
def log_first_n(level, msg, n, *args):
    """Logs the first n calls from this line."""
    log_if(level, msg, _calls_before() < n, *args)


@export('logging.log_if')
def log_if(level, msg, condition, *args):
    """Logs if the condition holds."""
    if condition:
        log(level, msg, *args)


@export('logging.get_verbosity')
def get_verbosity():
    """The level below which nothing is logged."""
    return get_logger().getEffectiveLevel()


@export('logging.set_verbosity')
def set_verbosity(v):
    """Sets the level (a number or a name such as 'INFO') below which nothing is logged."""
    get_logger().setLevel(v)
