"""How kernels are compiled, and kept between processes.

`jit` makes a kernel of a hand-written loop over numpy arrays, in the Python that numba compiles:

    @jit
    def running_sum(x, out): ...

`compile_row` hands back the address of a function written in LLVM's terms; the elementwise kernels are built
on it.

Nothing is compiled, and numba is not even imported, before somebody calls a kernel with kinds of arguments of
which no machine code is on disk (`native/`). The key of an entry there is a digest of everything the code
depends on: the bytecode of the function and of all it calls, constants, kinds of arguments, versions and the
CPU.
"""
import functools
import hashlib
import logging
import os
import sys
import threading
import time
import types as python_types

import numpy as np

from graphflow.kernels.native import loader
from graphflow.kernels.native.signature import python_types as types_of
from graphflow.kernels.native.signature import signature_of
from graphflow.kernels.native.store import store

OPTIONS = dict(nogil=True, error_model='numpy')  # Division by zero gives inf, as IEEE arithmetic says.

_compiling = threading.RLock()


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
    elif isinstance(value, (int, float, complex, str, bytes, np.generic, type(None))):
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


@functools.lru_cache(None)
def source_digest(*modules):
    """A digest of the source of modules of this package, such as 'native.entry': code that generates
    kernels."""
    digest = hashlib.sha256()
    for module in modules:
        with open(os.path.join(os.path.dirname(__file__), *module.split('.')) + '.py', 'rb') as file:
            digest.update(file.read())
    return digest.hexdigest()



# Machine code, from disk or new.

_PATIENCE = 1.0         # seconds of compiling before we say why it takes so long
_spent = 0.0
_told = False


def _machine_code(key, compile_now):
    """The address of the machine code under `key`; `compile_now()` gives (name, object code, text), where the
    disk has none. None if the object code is."""
    packed = store.load(key)
    address = packed and _loaded(packed)
    if not address:
        name, code, text = _timed(compile_now)
        if code is None:
            return None
        packed = loader.pack(name, code)
        address = loader.address(packed)
        store.save(key, packed)
        if text:
            store.save_text(key, text)
    return address


def _loaded(packed):
    try:
        return loader.address(packed)
    except Exception:       # Something that only looked like machine code: compiling again repairs it.
        return None


def _timed(compile_now):
    global _spent, _told
    start = time.perf_counter()
    try:
        return compile_now()
    finally:
        _spent += time.perf_counter() - start
        if _spent > _PATIENCE and not _told:
            _told = True
            _tell('compiling kernels for this machine, which keeps them; the next start will be quick')


def _tell(message):
    if sys.stderr is not None and sys.stderr.isatty():
        print('graphflow: ' + message, file=sys.stderr, flush=True)
    else:
        logging.getLogger('graphflow').info(message)


# Hand-written kernels.

class Kernel:
    """A function over numpy arrays and numbers, which is compiled for each combination of kinds it is called
    with.

    It takes and returns what `native/signature.py` and `native/entry.py` know of; for anything else it is
    numba's own dispatcher, whose work no later process profits from. Other kernels may call it.
    """

    def __init__(self, function, options):
        self.py_func = function
        self.targetoptions = options        # numba looks here for `inline`
        self._entries, self._of_kinds = (), {}
        self._own_digest = self._dispatcher = None
        functools.update_wrapper(self, function)

    def __call__(self, *args):
        for entry in self._entries:
            result = entry(*args)
            if result is not NotImplemented:
                return result
        kinds = signature_of(args)
        return (self.entry(kinds) if kinds is not None else self.dispatcher)(*args)

    def in_team(self, *args):
        """Calls the function by several threads: its arguments but `lo`, then what `EntryBuilder` says of `is_ranged`.

        Returns: NotImplemented, with nothing done, for arguments that only numba's dispatcher takes.
        """
        for entry in self._entries:
            result = entry(*args)
            if result is not NotImplemented:
                return result
        kinds = signature_of(args[:-1])
        entry = None if kinds is None else self.entry(kinds)
        return NotImplemented if entry is None or entry is self._dispatcher else entry(*args)

    @property
    def dispatcher(self):
        """Numba's dispatcher for the function."""
        if self._dispatcher is None:
            from graphflow.kernels.native import compiler
            self._dispatcher = compiler.make_dispatcher(self.py_func, self.targetoptions)
        return self._dispatcher

    def entry(self, kinds):
        """The compiled function for arguments of these kinds. It returns NotImplemented for others."""
        with _compiling:
            if kinds in self._of_kinds:     # made by another thread meanwhile
                return self._of_kinds[kinds]
            if self._own_digest is None:
                self._own_digest = fingerprint(self.py_func, sorted(self.targetoptions.items()),
                                               source_digest('native.entry', 'native.compiler',
                                                             'native.support', 'native.team'))
            key = hashlib.sha256((self._own_digest + repr(kinds)).encode()).hexdigest()[:40]
            name = 'kernel_' + key

            def compile_now():
                from graphflow.kernels.native import compiler
                return name, compiler.compile_kernel(self.py_func, kinds, self.targetoptions, name), ''
            address = _machine_code(key, compile_now)
            if address is None:
                return self.dispatcher
            expected = np.array([*types_of(kinds), id(RuntimeError)], np.int64)
            entry = loader.python_function(address, self.__name__, expected)
            self._entries += (entry,)
            self._of_kinds[kinds] = entry
            return entry


def jit(function=None, **options):
    """Makes a `Kernel`. It releases the GIL, divides as IEEE says, and its machine code is kept between
    processes.

    Options are those of `numba.njit` (`fastmath`, `inline`, ...).
    """
    if function is None:
        return functools.partial(jit, **options)
    return Kernel(function, dict(OPTIONS, **options))


class Intrinsic:
    """What `numba.extending.intrinsic` would make of a function, once something that calls it is compiled."""

    def __init__(self, function):
        self.py_func = function
        functools.update_wrapper(self, function)

    @functools.cached_property
    def real(self):
        """Numba's object."""
        from graphflow.kernels.native import compiler
        return compiler.make_intrinsic(self.py_func)


def intrinsic(function):
    """Like `numba.extending.intrinsic`, without importing numba. The function may import what it needs of
    it."""
    return Intrinsic(function)


# Functions over raw pointers.

_rows = {}       # key -> address of a row kernel


def compile_row(build, key):
    """The address of the machine code of a row kernel.

    It follows numba's calling convention with no result. There is no wrapper to call it from Python. `key` is
    the digest that identifies it: `build(context, library, name)`, which adds the function to a code library
    and returns its text, is only called when no machine code is stored under it.
    """
    with _compiling:
        if key not in _rows:
            _rows[key] = _machine_code(key, lambda: _new_row(build, 'row_' + key))
        return _rows[key]


def _new_row(build, name):
    from graphflow.kernels.native import compiler
    return (name, *compiler.compile_row(build, name))
