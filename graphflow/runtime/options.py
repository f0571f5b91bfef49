"""The switch of the compiler: whether plans are compiled for the shapes they meet.

`GRAPHFLOW_COMPILE` in the environment sets it for a process: 'hot' (the default) compiles a signature once it has run a few
times, 'always' on its first run, 'never' not at all.
"""
import contextlib
import os

MODES = {'never': None, 'hot': 3, 'always': 0}      # mode -> runs before a signature is compiled


def _from_environment():
    mode = os.environ.get('GRAPHFLOW_COMPILE', 'hot')
    if mode not in MODES:
        raise ValueError(f'GRAPHFLOW_COMPILE is {mode!r}; it may be {", ".join(MODES)}')
    return mode


_mode = _from_environment()


def mode():
    """The mode in force: 'hot', 'always' or 'never'."""
    return _mode


def threshold():
    """The number of runs after which a signature is compiled; None: never."""
    return MODES[_mode]


@contextlib.contextmanager
def compilation(mode):
    """Sets the mode within a `with` block, for all sessions; plans made before keep theirs.

    Args:
      mode: 'hot', 'always' or 'never'.

    Raises: ValueError for another mode.
    """
    global _mode
    if mode not in MODES:
        raise ValueError(f'compilation({mode!r}): the modes are {", ".join(MODES)}')
    before, _mode = _mode, mode
    try:
        yield
    finally:
        _mode = before
