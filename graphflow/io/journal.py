"""Files that change as one: a set of new files takes the place of the old in a single step.

A checkpoint has an index file and data files whose names are fixed, so one that is written over cannot change with a single
rename. Instead each new file is written under its name with `.pending` added. Renaming the index to that name, after all the
others are complete and on disk, is the step that counts: whoever opens the files from then on takes the pending ones. What
is left is to give all files their own names, the index last. A writer killed at any moment leaves the old files or the
new ones, whole; the next writer finishes its renames, or writes over what it left.
"""
import contextlib
import glob
import os
import threading

# Held by whoever writes such files: names of pending files are fixed, and two threads may save at once.
writing = threading.RLock()

PENDING = '.pending'
_INCOMPLETE = PENDING + '.part'


def index_path(index):
    """Where to write a new index, before `commit`."""
    return index + _INCOMPLETE


def data_path(path):
    """Where to write a new data file, before `commit`."""
    return path + PENDING


def sync(file):
    """Waits until what was written to a Python file is on disk."""
    file.flush()
    os.fsync(file.fileno())


def _sync_folder(path):
    # Some file systems cannot do this, and need not.
    with contextlib.suppress(OSError):
        descriptor = os.open(os.path.dirname(path) or '.', os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def commit(index, data):
    """Puts new files in place of the old ones.

    Args:
      index: path of the index file, whose new version is complete and on disk at `index_path(index)`.
      data: paths of the data files, whose new versions are complete and on disk at their `data_path`.
    """
    os.replace(index + _INCOMPLETE, index + PENDING)
    for path in data:
        os.replace(path + PENDING, path)
    os.replace(index + PENDING, index)
    _sync_folder(index)


def recover(index, data_pattern):
    """Finishes what a writer was killed in, so that its files may be written over.

    Args:
      index: path of the index file.
      data_pattern: a glob of the data files' paths.
    """
    if os.path.exists(index + PENDING):
        for path in glob.glob(data_pattern + PENDING):
            os.replace(path, path[:-len(PENDING)])
        os.replace(index + PENDING, index)


def is_pending(index):
    """Whether the current version of the files is one whose writer was killed while it renamed them."""
    return os.path.exists(index + PENDING)


def current(path):
    """Where to read a file from while the files are pending: not all of them have their new names yet."""
    return path + PENDING if os.path.exists(path + PENDING) else path
