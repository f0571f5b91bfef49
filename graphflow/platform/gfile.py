"""tf.gfile and tf.io.gfile: files of the local file system, with TensorFlow's errors."""

import collections
import contextlib
import errno
import glob
import os
import shutil
import threading

from graphflow.framework import errors
from graphflow.framework.export import export, export_constant
from graphflow.platform import compat

_ERRORS = {
    errno.ENOENT: errors.NotFoundError,
    errno.EEXIST: errors.AlreadyExistsError,
    errno.EACCES: errors.PermissionDeniedError,
    errno.EPERM: errors.PermissionDeniedError,
    errno.EISDIR: errors.FailedPreconditionError,
    errno.ENOTDIR: errors.FailedPreconditionError,
    errno.ENOTEMPTY: errors.FailedPreconditionError,
    errno.EINVAL: errors.InvalidArgumentError,
    errno.ENOSPC: errors.ResourceExhaustedError,
}
_MODES = ('r', 'w', 'a', 'r+', 'w+', 'a+')


@contextlib.contextmanager
def file_errors(path):
    """Turns an OSError about `path` into TensorFlow's error."""
    try:
        yield
    except OSError as e:
        cls = _ERRORS.get(e.errno, errors.UnknownError)
        raise cls(None, None, f'{_path(path)}; {os.strerror(e.errno)}') from None


def _path(path):
    text = compat.as_text(compat.path_to_str(path))
    return text[len('file://'):] if text.startswith('file://') else text


@export('gfile.GFile', 'io.gfile.GFile')
class GFile:
    """A file, opened when first read or written.

    `mode` is one of r, w, a, r+, w+, a+, with a b for bytes; without it `read` returns str.
    """

    def __init__(self, name, mode='r'):
        self._reader = self._writer = None
        self._name = name
        self._mode = mode
        self._binary = 'b' in mode
        self._plain_mode = mode.replace('b', '')
        if self._plain_mode not in _MODES:
            raise errors.InvalidArgumentError(
                None, None, "mode is not 'r' or 'w' or 'a' or 'r+' or 'w+' or 'a+'")

    @property
    def name(self):
        """The path as given."""
        return self._name

    @property
    def mode(self):
        """The mode as given."""
        return self._mode

    def _open_to_read(self):
        if self._reader is None:
            if not (self._plain_mode.startswith('r') or '+' in self._plain_mode):
                raise errors.PermissionDeniedError(None, None, "File isn't open for reading")
            with file_errors(self._name):
                self._reader = open(_path(self._name), 'rb')
        return self._reader

    def _open_to_write(self):
        if self._writer is None:
            if self._plain_mode == 'r':
                raise errors.PermissionDeniedError(None, None, "File isn't open for writing")
            mode = self._plain_mode[0].replace('r', 'w')
            with file_errors(self._name):
                self._writer = open(_path(self._name), mode + 'b')
        return self._writer

    def _text(self, data):
        return data if self._binary else compat.as_text(data)

    def size(self):
        """The number of bytes."""
        return Stat(self._name).length

    def write(self, file_content):
        """Writes str or bytes."""
        writer = self._open_to_write()
        writer.write(compat.as_bytes(file_content))

    def read(self, n=-1):
        """The next n bytes (all that are left by default), as str unless the mode has a b."""
        reader = self._open_to_read()
        with file_errors(self._name):
            return self._text(reader.read(n))

    def readline(self):
        """The next line with its newline; empty at the end."""
        reader = self._open_to_read()
        with file_errors(self._name):
            return self._text(reader.readline())

    def readlines(self):
        """The lines that are left."""
        return list(self)

    def seek(self, offset=None, whence=0, position=None):
        """Moves the place that is read next: `offset` from the start (whence=0), from here (1), from the end (2)."""
        reader = self._open_to_read()
        if offset is None and position is None:
            raise TypeError('seek(): offset argument required')
        offset = position if position is not None else offset
        if whence not in (0, 1, 2):
            raise errors.InvalidArgumentError(
                None, None, f'Invalid whence argument: {whence}. Valid values are 0, 1, or 2.')
        target = offset + (0, reader.tell(), self.size())[whence]
        if target > self.size():
            raise errors.OutOfRangeError(None, None, 'reached end of file')
        with file_errors(self._name):
            reader.seek(target)

    def tell(self):
        """The place that is read or written next."""
        if self._plain_mode.startswith('r') or '+' in self._plain_mode:
            return self._open_to_read().tell()
        return self._open_to_write().tell()

    def flush(self):
        """Hands what was written to the operating system."""
        if self._writer is not None:
            self._writer.flush()

    def close(self):
        """Closes the file; what was written is there for others to read."""
        for file in (self._reader, self._writer):
            if file is not None:
                file.close()
        self._reader = self._writer = None

    def seekable(self):
        """True."""
        return True

    def __iter__(self):
        return self

    def __next__(self):
        line = self.readline()
        if not line:
            raise StopIteration
        return line

    next = __next__

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        self.close()

    def __del__(self):
        self.close()


@export('gfile.FastGFile')
class FastGFile(GFile):
    """The same as GFile."""


@export('gfile.Exists')
def Exists(filename):
    """Whether there is a file or directory of the name."""
    return os.path.exists(_path(filename))


@export('gfile.IsDirectory')
def IsDirectory(dirname):
    """Whether there is a directory of the name."""
    return os.path.isdir(_path(dirname))


@export('gfile.ListDirectory')
def ListDirectory(dirname):
    """The names in a directory, in no particular order. NotFoundError if it is not a directory."""
    if not IsDirectory(dirname):
        raise errors.NotFoundError(None, None, f'Could not find directory {_path(dirname)}')
    with file_errors(dirname):
        return os.listdir(_path(dirname))


@export('gfile.Glob')
def Glob(filename):
    """The paths that match a pattern, or any of a list of patterns."""
    if isinstance(filename, (list, tuple)):
        return [path for pattern in filename for path in Glob(pattern)]
    pattern = _path(filename)
    parent = os.path.dirname(pattern)
    if parent and not glob.has_magic(parent) and not os.path.exists(parent):
        raise errors.NotFoundError(None, None, f'{parent}; No such file or directory')
    return sorted(path for path in glob.glob(pattern) if path[-1:] != '/')


@export('gfile.MkDir')
def MkDir(dirname):
    """Makes a directory in a directory that exists. Does nothing if it exists already."""
    if dirname and not IsDirectory(dirname):
        with file_errors(dirname):
            os.mkdir(_path(dirname))


@export('gfile.MakeDirs')
def MakeDirs(dirname):
    """Makes a directory and those above it. Does nothing if it exists already."""
    if dirname:
        with file_errors(dirname):
            os.makedirs(_path(dirname), exist_ok=True)


@export('gfile.Remove')
def Remove(filename):
    """Deletes a file."""
    with file_errors(filename):
        os.remove(_path(filename))


@export('gfile.DeleteRecursively')
def DeleteRecursively(dirname):
    """Deletes a directory with all that is in it."""
    if not Exists(dirname):
        raise errors.NotFoundError(None, None, f'{_path(dirname)} not found')
    with file_errors(dirname):
        shutil.rmtree(_path(dirname))


def _check_target(path, overwrite):
    if not overwrite and Exists(path):
        raise errors.AlreadyExistsError(None, None, 'file already exists')


@export('gfile.Copy')
def Copy(oldpath, newpath, overwrite=False):
    """Copies a file. AlreadyExistsError if there is one of the new name and `overwrite` is False."""
    with file_errors(oldpath):
        os.stat(_path(oldpath))
    _check_target(newpath, overwrite)
    with file_errors(oldpath if not os.path.isfile(_path(oldpath)) else newpath):
        shutil.copyfile(_path(oldpath), _path(newpath))


@export('gfile.Rename')
def Rename(oldname, newname, overwrite=False):
    """Renames a file or directory. AlreadyExistsError if there is one of the new name and `overwrite` is False."""
    _check_target(newname, overwrite)
    with file_errors(oldname):
        os.replace(_path(oldname), _path(newname))


FileStatistics = collections.namedtuple('FileStatistics', 'length mtime_nsec is_directory')


@export('gfile.Stat')
def Stat(filename):
    """The size in bytes, the time of change in nanoseconds, and whether it is a directory."""
    with file_errors(filename):
        stat = os.stat(_path(filename))
    return FileStatistics(stat.st_size, stat.st_mtime_ns, os.path.isdir(_path(filename)))


@export('gfile.Walk')
def Walk(top, in_order=True):
    """Yields (directory, names of directories in it, names of files in it), parents first if `in_order`."""
    yield from os.walk(_path(top), topdown=in_order)


def _under_new_name(name, function, *arguments):
    """tf.io.gfile has the functions of tf.gfile in lower case, with other names for their arguments."""
    def renamed(*args, **kwargs):
        values = dict(zip(arguments, args), **kwargs)
        unknown = values.keys() - set(arguments)
        if unknown or len(args) > len(arguments):
            raise TypeError(f'{name}() takes the arguments {", ".join(arguments)}')
        if arguments[0] not in values:
            raise TypeError(f"{name}() missing 1 required positional argument: '{arguments[0]}'")
        return function(*(values[a] for a in arguments if a in values))
    renamed.__name__ = renamed.__qualname__ = name
    renamed.__doc__ = function.__doc__
    return export('io.gfile.' + name)(renamed)


for _name, _function, _arguments in (
        ('exists', Exists, 'path'), ('isdir', IsDirectory, 'path'), ('listdir', ListDirectory, 'path'),
        ('glob', Glob, 'pattern'), ('mkdir', MkDir, 'path'), ('makedirs', MakeDirs, 'path'),
        ('remove', Remove, 'path'), ('rmtree', DeleteRecursively, 'path'), ('copy', Copy, 'src dst overwrite'),
        ('rename', Rename, 'src dst overwrite'), ('stat', Stat, 'path')):
    _under_new_name(_name, _function, *_arguments.split())
Open = export_constant('gfile.Open', GFile)


@export('io.gfile.walk')
def walk(top, topdown=True, onerror=None):
    """Yields (directory, names of directories in it, names of files in it), parents first if `topdown`."""
    yield from os.walk(_path(top), topdown=topdown, onerror=onerror)


@export('python.lib.io.file_io.read_file_to_string')
def read_file_to_string(filename, binary_mode=False):
    """The contents of a file, str or, if binary_mode, bytes."""
    with GFile(filename, 'rb' if binary_mode else 'r') as file:
        return file.read()


@export('python.lib.io.file_io.write_string_to_file')
def write_string_to_file(filename, file_content):
    """Writes str or bytes to a file, over one that is there."""
    with GFile(filename, 'w') as file:
        file.write(file_content)


@export('python.lib.io.file_io.atomic_write_string_to_file')
def atomic_write_string_to_file(filename, contents, overwrite=True):
    """Writes str or bytes to a file that is whole whenever it is there. AlreadyExistsError as for Rename."""
    temporary = f'{_path(filename)}.tmp{os.getpid()}-{threading.get_ident()}'
    write_string_to_file(temporary, contents)
    try:
        Rename(temporary, filename, overwrite)
    except errors.OpError:
        Remove(temporary)
        raise
