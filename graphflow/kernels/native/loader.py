"""Puts compiled object code into memory, and makes functions of its addresses.

An object names the symbols it needs: functions of Python's and C's libraries, rarely helpers of numba's.
Where one of these is missing, numba is imported, whose helpers LLVM then knows. (LLVM itself would end the
process.)
"""
import ctypes
import json
import struct
import threading

import llvmlite.binding as llvm

_METH_FASTCALL = 0x80
_lock = threading.Lock()
_engine = None
_definitions = []           # of Python functions, which point to them as long as the process lives


def _the_engine():
    global _engine
    if _engine is None:
        try:
            llvm.initialize()
        except RuntimeError:    # newer releases have done so already, and say so
            pass
        llvm.initialize_native_target()
        llvm.initialize_native_asmprinter()
        machine = llvm.Target.from_triple(llvm.get_process_triple()).create_target_machine(jit=True)
        _engine = llvm.create_mcjit_compiler(llvm.parse_assembly(''), machine)
        # While the interpreter ends, threads may still be running its code.
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(_engine))
    return _engine


def pack(name, code):
    """The bytes to store for object code: the function's name and the symbols needed go before it."""
    return json.dumps([name, undefined_symbols(code)]).encode() + b'\n' + code


def address(packed):
    """Loads what `pack` made; the address of its function, or None where a symbol is missing."""
    head, _, code = packed.partition(b'\n')
    name, needed = json.loads(head)
    with _lock:
        engine = _the_engine()
        if not _known(needed):
            from numba.core.registry import cpu_target
            cpu_target.target_context.refresh()
            if not _known(needed or []):
                return None
        engine.add_object_file(llvm.ObjectFileRef.from_data(code))
        engine.finalize_object()
        return engine.get_function_address(name) or None


def _known(symbols):
    return symbols is not None and all(llvm.address_of_symbol(s) for s in symbols)


def undefined_symbols(code):
    """Names of the symbols that an ELF object needs from elsewhere; None for objects in other formats."""
    sections = {s.name(): s.data() for s in llvm.ObjectFileRef.from_data(code).sections()}
    if code[:5] != b'\x7fELF\x02' or b'.symtab' not in sections:
        return None
    names = sections[b'.strtab']
    symbols = struct.iter_unpack('<IBBHQQ', sections[b'.symtab'])
    return sorted(names[start:names.index(b'\0', start)].decode()
                  for start, _, _, section, _, _ in symbols if start and section == 0)


class _Definition(ctypes.Structure):
    """PyMethodDef of Python's C API."""
    _fields_ = [('name', ctypes.c_char_p), ('address', ctypes.c_void_p), ('flags', ctypes.c_int),
                ('doc', ctypes.c_char_p)]


_new_function = ctypes.PYFUNCTYPE(ctypes.py_object, ctypes.c_void_p, ctypes.py_object, ctypes.c_void_p)(
    ('PyCFunction_NewEx', ctypes.pythonapi))


def python_function(address, name, owner):
    """A function of Python's whose calls go to the address, in the C API's fast calling convention.

    `owner` is the object the code gets as its first argument.
    """
    definition = _Definition(name.encode(), address, _METH_FASTCALL, None)
    _definitions.append(definition)
    return _new_function(ctypes.addressof(definition), owner, None)
