"""Compiling: Python functions by numba, and what is written in LLVM's terms, to object code."""
import types as python_types

import llvmlite.binding as llvm
import numba
import numpy as np
from numba.core import compiler, types
from numba.core.compiler_lock import global_compiler_lock
from numba.core.registry import cpu_target
from numba.extending import intrinsic, typeof_impl

from graphflow.kernels import jit
from graphflow.kernels.native import entry
from graphflow.kernels.trace import traced


@typeof_impl.register(jit.Kernel)
def _(kernel, context):
    return types.Dispatcher(kernel.dispatcher)


@typeof_impl.register(jit.Intrinsic)
def _(lazy, context):
    real = lazy.real
    cpu_target.typing_context.refresh()     # which tells it of new intrinsics
    return cpu_target.typing_context.resolve_value_type(real)


def make_dispatcher(function, options):
    """What stands for the function in code that numba compiles, and takes any arguments numba can."""
    return numba.njit(**options)(function)


def make_intrinsic(function):
    return intrinsic(function)


def _object_code(library, name):
    """Finishes a library; its machine code, of which nothing but the function `name` can be seen from outside.

    Numba's names for functions count from 1 in every process. Objects of two processes that both show what they call
    would be linked to each other's functions.
    """
    optimize = library._optimize_final_module       # which runs when everything has been linked in

    def hide_and_optimize():
        module = library._final_module
        for item in [*module.functions, *module.global_variables]:
            if item.name != name and not item.is_declaration:
                item.linkage = llvm.Linkage.internal
        optimize()
    library._optimize_final_module = hide_and_optimize
    library.finalize()
    library.get_pointer_to_function('')         # makes LLVM write it
    return library.serialize_using_object_code()[2][0]


def _refresh():
    cpu_target.typing_context.refresh()
    cpu_target.target_context.refresh()
    return cpu_target.target_context


def is_ranged(function):
    """Whether the last arguments of a function are the ends of a range, `lo` and `hi`."""
    code = function.__code__
    return code.co_varnames[:code.co_argcount][-2:] == ('lo', 'hi')


@global_compiler_lock
def compile_kernel(function, kinds, options, name):
    """Object code with the entry point `name` of a Python function.

    Args:
        function: the Python function.
        kinds: the kinds of its arguments (see `signature`).
        options: numba's.
        name: of the entry point.

    Returns:
        bytes; None if the function returns what entry points cannot hand over.
    """
    context = _refresh()
    flags = compiler.Flags()
    cpu_target.options.parse_as_flags(flags, dict(options, nopython=True))
    flags.no_cpython_wrapper = flags.no_cfunc_wrapper = flags.no_compile = True
    result = compiler.compile_extra(cpu_target.typing_context, context, function,
                                    tuple(entry.numba_type(kind) for kind in kinds), None, flags, {})
    if not entry.can_return(result.signature.return_type):
        return None
    library = context.codegen().create_library(name)
    library.enable_object_caching()
    library.add_linking_library(result.library)
    entry.EntryBuilder(context, library, result.fndesc, result.signature, kinds, options['nogil'],
                       is_ranged(function)).build(name)
    return _object_code(library, name)


@global_compiler_lock
def compile_row(build, name):
    """Object code, and the text it was made from, of what `build(context, library, name)` adds to a
    library."""
    context = _refresh()
    library = context.codegen().create_library(name)
    library.enable_object_caching()
    text = build(context, library, name)
    return _object_code(library, name), text


# Scalar functions

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
    options = dict(jit.OPTIONS, no_cpython_wrapper=True, no_cfunc_wrapper=True)
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
