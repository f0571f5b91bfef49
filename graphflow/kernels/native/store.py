"""Machine code on disk, from which later processes take it.

An entry's key is a digest of everything the code depends on, so entries never go stale. The directory is
named by a digest of the versions and the processor. A file begins with a digest of its key and content; one
that does not match is ignored and written anew. Files appear whole, by a rename, so any number of processes
may share the directory.
"""
import hashlib
import importlib.util
import os
import sys
import time

import llvmlite
import llvmlite.binding as llvm
import numpy as np

from graphflow.util import cache_directory

LIMIT = 512 << 20           # bytes of all files together; beyond it the least recently used go
_DAY = 24 * 3600            # how often a directory's size is looked at, and a file is marked as used
_FORMAT = b'graphflow-1'
# What decides, besides the processor, which instructions numba's LLVM chooses.
_SETTINGS = ('NUMBA_CPU_NAME', 'NUMBA_CPU_FEATURES', 'NUMBA_OPT', 'NUMBA_ENABLE_AVX', 'NUMBA_LOOP_VECTORIZE',
             'NUMBA_SLP_VECTORIZE', 'NUMBA_BOUNDSCHECK')


def _numba_version():
    """What tells numba's versions apart, without importing it: the file it keeps its version in."""
    spec = importlib.util.find_spec('numba')
    try:
        with open(os.path.join(os.path.dirname(spec.origin), '_version.py'), 'rb') as file:
            return file.read()
    except OSError:
        import numba
        return numba.__version__.encode()


def _platform():
    """Names the versions and the processor that machine code is for."""
    parts = [sys.implementation.cache_tag, llvmlite.__version__, np.__version__, llvm.get_process_triple(),
             llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten(),
             *[os.environ.get(name, '') for name in _SETTINGS]]
    return hashlib.sha256(_FORMAT + _numba_version() + '\n'.join(parts).encode()).hexdigest()[:12]


class MachineCodeStore:
    """Files named by their keys in one directory, which is chosen when first needed."""

    def __init__(self):
        self._base = self._directory = None

    @property
    def directory(self):
        """Where this process keeps machine code; None where there is no place to."""
        if self._base is None:
            self._base, self._directory = cache_directory.find(_platform()) or ('', None)
        return self._directory

    def load(self, key):
        """The bytes stored under `key`, or None where there are none, or the file is damaged."""
        if self.directory is None:
            return None
        path = os.path.join(self.directory, key)
        try:
            with open(path, 'rb') as file:
                content = file.read()
                written = os.fstat(file.fileno()).st_mtime
            if content[:32] != _digest(key, content[32:]):
                return None
            if time.time() - written > _DAY:
                os.utime(path)
        except OSError:
            return None
        return content[32:]

    def save(self, key, content):
        """Keeps bytes under `key`, if the disk lets us."""
        self._write(key, _digest(key, content) + content)

    def save_text(self, key, text):
        """Keeps the text of a kernel, as LLVM got it, beside its machine code, for people who read it."""
        self._write(key + '.ll', text.encode())

    def _write(self, name, content):
        if self.directory is None:
            return
        try:
            cache_directory.write(os.path.join(self.directory, name), content)
            self._tidy_sometimes()
        except OSError:     # a full or vanished disk costs the next process some time, and nothing else
            pass

    def _tidy_sometimes(self):
        stamp = os.path.join(self._base, 'tidied')
        try:
            if time.time() - os.stat(stamp).st_mtime < _DAY:
                return
        except OSError:
            pass
        with open(stamp, 'w'):      # first: one process is enough
            pass
        os.utime(stamp)
        tidy(self._base)


def tidy(base, limit=LIMIT):
    """Deletes the least recently used files below `base` until three quarters of `limit` bytes are left, if
    there are more than `limit`; and what writers that died left behind. Files that others delete meanwhile
    are no matter."""
    found = []
    for folder in _entries(base, os.DirEntry.is_dir):
        for entry in _entries(folder.path, os.DirEntry.is_file):
            try:
                status = entry.stat(follow_symlinks=False)
            except OSError:
                continue
            if entry.name.startswith('tmp') and time.time() - status.st_mtime > _DAY:
                cache_directory.remove(entry.path)
            else:
                found.append((status.st_mtime, status.st_size, entry.path))
    total = sum(size for _, size, _ in found)
    if total > limit:
        for _, size, path in sorted(found):
            if total <= limit * 3 // 4:
                break
            cache_directory.remove(path)
            total -= size


def _entries(directory, kind):
    try:
        with os.scandir(directory) as entries:
            return [e for e in entries if kind(e, follow_symlinks=False)]
    except OSError:
        return []


def _digest(key, content):
    return hashlib.sha256(key.encode() + b'\n' + content).digest()


store = MachineCodeStore()
