"""How kernels are compiled, and where machine code is kept between processes.

`jit` is `numba.njit` with the project's settings, for hand-written loops:

    @jit
    def running_sum(x, out): ...

`compile_row` compiles a function over raw pointers and hands back its address; the elementwise kernels are
built on it.

Both keep machine code in one directory, so that a second process compiles nothing. The key of an entry is a
digest of everything the code depends on (the bytecode of the function and of all it calls, constants,
argument types, versions and the CPU), so entries never go stale; each file begins with a digest of its
content, and one that does not match is ignored and written anew.
"""
import hashlib
import os
import pickle
import sys
import tempfile
import threading
import types as python_types

import numba
import numpy as np
from numba.core import caching, types
from numba.core.compiler_lock import global_compiler_lock
from numba.core.registry import cpu_target
from numba.core.serialize import dumps
from numba.extending import intrinsic

from graphflow.kernels.trace import traced

OPTIONS = dict(nogil=True, error_model='numpy')  # Division by zero gives inf, as IEEE arithmetic says.

_compiling = threading.RLock()


# The directory.

def _candidate_directories():
    chosen = os.environ.get('GRAPHFLOW_CACHE_DIR')
    if chosen:
        yield chosen
    home = os.environ.get('XDG_CACHE_HOME') or os.path.join(os.path.expanduser('~'), '.cache')
    yield os.path.join(home, 'graphflow')
    user = os.getuid() if hasattr(os, 'getuid') else 'user'
    yield os.path.join(tempfile.gettempdir(), 'graphflow-%s' % user)


def _usable(directory):
    """Whether we can write there, and nobody else planted it (its files are unpickled)."""
    try:
        os.makedirs(directory, mode=0o700, exist_ok=True)
        owned = not hasattr(os, 'getuid') or os.stat(directory).st_uid == os.getuid()
        return owned and os.access(directory, os.W_OK | os.X_OK)
    except OSError:
        return False


def _platform_key():
    cpu = cpu_target.target_context.codegen().magic_tuple()
    return repr((sys.implementation.cache_tag, numba.__version__, np.__version__, cpu))


class MachineCodeStore:
    """Files named by the digest of their key. Safe for many processes at once: files appear whole, by a
    rename."""

    def __init__(self):
        self._directory = None

    @property
    def directory(self):
        if self._directory is None:
            version = hashlib.sha256(_platform_key().encode()).hexdigest()[:12]
            for base in _candidate_directories():
                directory = os.path.join(base, version)
                if _usable(directory):
                    break
            else:
                directory = tempfile.mkdtemp(prefix='graphflow-')
            self._directory = directory
        return self._directory

    def _path(self, key):
        return os.path.join(self.directory, key)

    def load(self, key):
        """The object stored under `key`, or None where there is none, or the file is damaged."""
        try:
            with open(self._path(key), 'rb') as file:
                content = file.read()
            checksum, payload = content[:32], content[32:]
            if hashlib.sha256(payload).digest() != checksum:
                return None
            return pickle.loads(payload)
        except Exception:  # Whatever is wrong with a stored file, compiling again repairs it.
            return None

    def save(self, key, value):
        payload = dumps(value)
        self._write(key, hashlib.sha256(payload).digest() + payload)

    def save_source(self, key, source):
        """Keeps the text of a kernel, as LLVM got it, beside its machine code, for people who read it."""
        self._write(key + '.ll', source.encode())

    def _write(self, name, content):
        try:
            handle, temporary = tempfile.mkstemp(dir=self.directory)
            with os.fdopen(handle, 'wb') as file:
                file.write(content)
            os.replace(temporary, self._path(name))
        except OSError:  # A full or vanished disk costs the next process some time, and nothing else.
            pass


store = MachineCodeStore()


# What a function's machine code depends on.

def _describe(value, seen, add):
    function = getattr(value, 'py_func', value)  # A dispatcher stands for its Python function.
    if isinstance(function, python_types.FunctionType):
        if id(function) in seen:
            add('again')
            return
        seen.add(id(function))
        add(function.__module__ + '.' + function.__qualname__)
        _describe_code(function.__code__, function.__globals__, seen, add)
        add(repr(function.__defaults__))
        for cell in function.__closure__ or ():
            _describe(cell.cell_contents, seen, add)
    elif isinstance(value, np.ndarray):
        add(value.dtype.str + repr(value.shape))
        add(value.tobytes())
    elif isinstance(value, (tuple, list)):
        for item in value:
            _describe(item, seen, add)
    elif isinstance(value, (int, float, complex, str, bytes, np.generic, type(None), types.Type)):
        add(repr(value))
    else:
        add(getattr(value, '__name__', type(value).__name__))


def _describe_code(code, namespace, seen, add):
    add(code.co_code)
    add(repr(code.co_varnames))
    for constant in code.co_consts:
        if isinstance(constant, python_types.CodeType):
            _describe_code(constant, namespace, seen, add)
        else:
            add(repr(constant))
    for name in code.co_names:
        add(name)
        value = namespace.get(name)
        if isinstance(value, python_types.ModuleType) and value.__name__.startswith('graphflow.'):
            for attribute in code.co_names:
                _describe(getattr(value, attribute, None), seen, add)
        elif value is not None:
            _describe(value, seen, add)


def fingerprint(function, *details):
    """A digest of the function's bytecode, of all it calls, of the constants it reads and of `details`."""
    digest = hashlib.sha256()

    def add(part):
        part = part if isinstance(part, bytes) else part.encode()
        digest.update(b'%d:' % len(part) + part)
    _describe(function, set(), add)
    for detail in details:
        add(str(detail))
    return digest.hexdigest()[:40]


# Hand-written kernels.

class _KernelCache(caching._Cache):
    """What a numba dispatcher asks for machine code before it compiles."""

    def __init__(self, function, options):
        self._function = function
        self._options = repr(sorted(options.items()))
        self._implementation = caching.CompileResultCacheImpl.__new__(caching.CompileResultCacheImpl)
        self._enabled = True

    @property
    def cache_path(self):
        return store.directory

    def _key(self, signature):
        return fingerprint(self._function, signature, self._options)

    def load_overload(self, sig, target_context):
        if not self._enabled:
            return None
        target_context.refresh()
        stored = store.load(self._key(sig))
        try:
            return stored and self._implementation.rebuild(target_context, stored)
        except Exception:  # Written by something that only looked like this numba.
            return None

    def save_overload(self, sig, data):
        if self._enabled and self._implementation.check_cachable(data):
            store.save(self._key(sig), self._implementation.reduce(data))

    def enable(self):
        self._enabled = True

    def disable(self):
        self._enabled = False

    def flush(self):
        pass


def jit(function=None, *, signature=None, **options):
    """`numba.njit` that releases the GIL, divides as IEEE says and keeps machine code between processes.

    Options are numba's (`fastmath`, `inline`, ...). With `signature`, only that one is ever compiled.
    """
    if function is None:
        return lambda function: jit(function, signature=signature, **options)
    options = dict(OPTIONS, **options)
    dispatcher = numba.njit(**options)(function)
    if options.get('inline', 'never') == 'never':  # Inlined functions have no machine code of their own.
        dispatcher._cache = _KernelCache(function, options)
    if signature is not None:
        dispatcher.compile(signature)
        dispatcher.disable_compile()
    return dispatcher


# Functions over raw pointers.

_compiled_scalars = {}


def compiled(function):
    """A plain Python scalar function (and the project's functions it calls) as something numba code can
    call."""
    if function not in _compiled_scalars:
        _compiled_scalars[function] = _compiled(function)
    return _compiled_scalars[function]


def _compiled(function):
    if hasattr(function, 'complete'):
        return compiled(function.complete)
    if getattr(function, 'branch_free', False):
        return _traced_call(function)
    options = dict(OPTIONS, no_cpython_wrapper=True, no_cfunc_wrapper=True)
    return numba.njit(**options)(with_compiled_callees(function))


def compile_scalar(function, argument_types):
    """Numba's compile result of a plain Python scalar function for the given types of arguments."""
    dispatcher = compiled(function)
    dispatcher.compile(tuple(argument_types))
    return dispatcher.overloads[tuple(argument_types)]


def _traced_call(function):
    """A branch-free function for numba code: its instructions are written where it is called."""
    def typed(*arguments):
        real = [a if isinstance(a, types.Float) else types.float64 for a in arguments]
        result = max(real, key=lambda t: t.bitwidth)
        dtype = np.dtype(result.name)

        def codegen(context, builder, signature, values):
            value, given = traced(builder, function, values, [dtype] * len(values))
            return context.cast(builder, value, getattr(types, given.name), signature.return_type)
        return result(*[result] * len(arguments)), codegen

    if function.__wrapped__.__code__.co_argcount == 1:
        @intrinsic
        def call(typingctx, x):
            return typed(x)
    else:
        @intrinsic
        def call(typingctx, x, y):
            return typed(x, y)
    return call


def with_compiled_callees(function):
    """The same function, reading `compiled` versions of the package's functions from its globals."""
    def callable_from_numba(value):
        is_ours = (isinstance(value, python_types.FunctionType) and value is not function
                   and value.__module__.partition('.')[0] == __name__.partition('.')[0])
        return compiled(value) if is_ours else value

    namespace = dict(function.__globals__)
    for name in function.__code__.co_names:
        if name in namespace:
            namespace[name] = callable_from_numba(namespace[name])
    cells = [python_types.CellType(callable_from_numba(cell.cell_contents))
             for cell in function.__closure__ or ()]
    clone = python_types.FunctionType(
        function.__code__, namespace, function.__name__, function.__defaults__, tuple(cells) or None)
    clone.__module__, clone.__qualname__ = function.__module__, function.__qualname__
    return clone


_libraries = []  # Machine code lives as long as the process: kernels hold bare addresses.
_rows = {}       # key -> address of a row kernel


def compile_row(build, key):
    """The address of the machine code of a row kernel.

    It follows numba's calling convention with no result. There is no wrapper to call it from Python. `key` is
    the digest that identifies it: `build(context, library, name)`, which adds the function to a code library
    and returns its text, is only called when no machine code is stored under it.
    """
    with _compiling, global_compiler_lock:
        if key not in _rows:
            _rows[key] = _stored_row(key) or _new_row(build, key)
        return _rows[key]


def _stored_row(key):
    stored = store.load(key)
    if stored is None:
        return None
    try:
        cpu_target.target_context.refresh()
        name, code = stored
        return _address(cpu_target.target_context.codegen().unserialize_library(code), name)
    except Exception:  # Written by something that only looked like this numba.
        return None


def _new_row(build, key):
    context = cpu_target.target_context
    context.refresh()
    name = 'row_' + key
    library = context.codegen().create_library(name)
    library.enable_object_caching()
    text = build(context, library, name)
    library.finalize()
    address = _address(library, name)
    store.save(key, (name, library.serialize_using_object_code()))
    store.save_source(key, text)
    return address


def _address(library, name):
    _libraries.append(library)
    address = library.get_pointer_to_function(name)
    if not address:
        raise RuntimeError('No function %s in the compiled library' % name)
    return address
