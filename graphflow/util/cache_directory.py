"""Where files are kept that cost time to make again: `~/.cache/graphflow`, unless GRAPHFLOW_CACHE_DIR names a
place.

A directory that another user owns, or may write to, is not used: what lies there is trusted.
"""
import os
import stat
import tempfile


def candidates():
    """Directories to try, the best first."""
    chosen = os.environ.get('GRAPHFLOW_CACHE_DIR')
    if chosen:
        yield chosen
    home = os.environ.get('XDG_CACHE_HOME') or os.path.join(os.path.expanduser('~'), '.cache')
    yield os.path.join(home, 'graphflow')
    user = os.getuid() if hasattr(os, 'getuid') else 'user'
    yield os.path.join(tempfile.gettempdir(), 'graphflow-%s' % user)


def find(folder):
    """Makes the folder of that name in the first directory that serves.

    Returns:
        `(directory, path of the folder)`, or None where none serves.
    """
    for base in candidates():
        path = os.path.join(base, folder)
        if _usable(base, path):
            return base, path


def _usable(base, path):
    """Whether we can write there, and nobody else can."""
    try:
        os.makedirs(base, mode=0o700, exist_ok=True)
        os.makedirs(path, mode=0o700, exist_ok=True)
        if not (_is_ours(path) and _keeps_it_ours(base)):
            return False
        handle, name = tempfile.mkstemp(dir=path)       # os.access does not know of read-only mounts
        os.close(handle)
        os.unlink(name)
        return True
    except OSError:
        return False


def _is_ours(path):
    """Whether the directory belongs to this user, and only they can write to it."""
    if not hasattr(os, 'getuid'):
        return True
    found = os.stat(path)
    return found.st_uid == os.getuid() and not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def _keeps_it_ours(base):
    """Whether others, but root, cannot exchange what is in it: as its owner, or because it is open to all."""
    if not hasattr(os, 'getuid'):
        return True
    found = os.stat(base)
    open_to_all = found.st_mode & stat.S_IWOTH and not found.st_mode & stat.S_ISVTX    # /tmp is sticky
    return found.st_uid in (0, os.getuid()) and not open_to_all


def write(path, *pieces):
    """Writes bytes to a file that appears whole or not at all.

    Raises:
        OSError: the disk is full, or gone.
    """
    handle, temporary = tempfile.mkstemp(dir=os.path.dirname(path))
    try:
        with os.fdopen(handle, 'wb') as file:
            for piece in pieces:
                file.write(piece)
        os.replace(temporary, path)
    except OSError:
        remove(temporary)
        raise


def remove(path):
    """Deletes a file, if it can be."""
    try:
        os.unlink(path)
    except OSError:
        pass
