"""Entry points: how Python calls compiled code.

An entry point is a function in Python's fast calling convention, written for one signature. It checks that
the arguments are of the kinds it was compiled for, and returns NotImplemented where they are not, so that
choosing among specialisations costs no look-up. Then it reads their contents straight from the objects, and
calls the function with the GIL released. Arrays are borrowed: the caller's references keep them alive.
"""
import sys

import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.np import arrayobj

from graphflow.kernels.native import support, team

_HEADER = object.__basicsize__      # of every object; its last word is the type
_TYPE = _HEADER - 8
_ITEMS_OF_TUPLE = tuple.__basicsize__
# The layout of numpy's arrays: data, rank, dims, strides, base, descr, flags; and of its dtypes.
_DATA, _RANK, _DIMS, _STRIDES, _DESCR, _FLAGS = (_HEADER + 8 * i for i in (0, 1, 2, 3, 5, 6))
_ORDER, _NUMBER = _HEADER + 10, _HEADER + 12
_ALIGNED = 0x100
_LAYOUTS = {'C': (1, 1), 'F': (3, 2), 'A': (3, 0)}      # (mask, value) of the flags C and F

_WORD, _INT, _BYTE = ir.IntType(64), ir.IntType(32), ir.IntType(8)
_POINTER = _BYTE.as_pointer()
_FOREIGN_ORDER = ir.Constant(_BYTE, ord('>' if sys.byteorder == 'little' else '<'))


def numba_type(kind):
    """Numba's type for a kind of argument (see `signature`)."""
    if kind == 'object':
        return types.intp
    if kind[0] == 'array':
        return types.Array(_of_dtype(kind[1]), kind[2], kind[3])
    if kind[0] == 'scalar':
        return _of_dtype(kind[1])
    if kind[0] == 'tuple':
        return types.Tuple([numba_type(k) for k in kind[1:]])
    return types.boolean if kind == 'bool' else getattr(types, kind)


def _of_dtype(name):
    return types.boolean if name == 'bool' else getattr(types, np.dtype(name).name)


def can_return(result):
    """Whether an entry point can hand over a result of that numba type."""
    if isinstance(result, types.BaseTuple):
        return all(can_return(item) for item in result)
    return result == types.none or isinstance(result, (types.Integer, types.Float, types.Boolean))


class EntryBuilder:
    """Adds the entry point `name` of a compiled function to a code library.

    Args:
        context: numba's target context.
        library: the code library; it links the one the function is in.
        descriptor: numba's descriptor of the function.
        signature: its numba signature.
        kinds: the kinds of its arguments.
        nogil: whether others may use the interpreter meanwhile.
        is_ranged: whether its last arguments are the ends of a range that threads may do together. Then the entry point
            takes one argument more: a slot (see `team.py`); and it takes for `lo` how to share the range out.
    """

    def __init__(self, context, library, descriptor, signature, kinds, nogil=True, is_ranged=False):
        self.context, self.library = context, library
        self.descriptor, self.signature, self.kinds = descriptor, signature, kinds
        self.nogil, self.is_ranged = nogil, is_ranged

    def build(self, name):
        self.module = module = self.library.create_ir_module(name + '_module')
        function_type = ir.FunctionType(_POINTER, [_POINTER, _POINTER.as_pointer(), _WORD])
        function = ir.Function(module, function_type, name)
        self.builder = builder = ir.IRBuilder(function.append_basic_block('entry'))
        self.mismatch = function.append_basic_block('mismatch')
        owner, args, count = function.args
        self.expected = self._read(owner, _DATA, _WORD.as_pointer())
        self.position = 0
        needed = ir.Constant(_WORD, len(self.kinds))
        given = builder.icmp_signed('==', count, needed)
        self._require(builder.or_(given, self._has_slot(count)) if self.is_ranged else given)
        objects = [builder.load(builder.gep(args, [ir.Constant(_WORD, i)])) for i in range(len(self.kinds))]
        values = [self._value(kind, thing) for kind, thing in zip(self.kinds, objects)]
        if self.is_ranged:
            with builder.if_then(self._has_slot(count)):
                self._call_in_team(values, builder.load(builder.gep(args, [needed])))
        self._call(values)
        builder.position_at_end(self.mismatch)
        builder.ret(self._new_reference('_Py_NotImplementedStruct'))
        support.define(module)
        self.library.add_ir_module(module)

    # Instructions

    def _read(self, thing, offset, of=_WORD):
        address = self.builder.gep(thing, [ir.Constant(_WORD, offset)])
        return self.builder.load(self.builder.bitcast(address, of.as_pointer()))

    def _require(self, condition):
        """Goes on where the condition holds, and else to the block `mismatch`."""
        going_on = self.builder.append_basic_block('matches')
        self.builder.cbranch(condition, going_on, self.mismatch)
        self.builder.position_at_end(going_on)

    def _require_word(self, thing, offset, value, mask=None, of=_WORD):
        found = self._read(thing, offset, of)
        if mask is not None:
            found = self.builder.and_(found, ir.Constant(of, mask))
        self._require(self.builder.icmp_unsigned('==', found, ir.Constant(of, value)))

    def _c(self, name, result, *arguments):
        """Calls a function of Python's C API."""
        function_type = ir.FunctionType(result, [a.type for a in arguments])
        function = cgutils.get_or_insert_function(self.module, function_type, name)
        return self.builder.call(function, arguments)

    def _symbol(self, name):
        """The address of an object of Python's."""
        known = self.module.globals.get(name)
        return known or ir.GlobalVariable(self.module, _BYTE, name)

    def _expected_word(self):
        self.position += 1
        return self._expected_at(self.position - 1)

    def _expected_at(self, position):
        return self.builder.load(self.builder.gep(self.expected, [ir.Constant(_WORD, position)]))

    def _new_reference(self, name):
        thing = self._symbol(name)
        self._c('Py_IncRef', ir.VoidType(), thing)
        return thing

    # Arguments

    def _value(self, kind, thing):
        """Checks an object, and returns numba's value for it."""
        builder = self.builder
        expected = self._expected_word()
        if kind == 'object':
            return builder.ptrtoint(thing, _WORD)
        self._require(builder.icmp_unsigned('==', self._read(thing, _TYPE), expected))
        if kind[0] == 'array':
            return self._array(kind, thing)
        if kind[0] == 'tuple':
            self._require_word(thing, _HEADER, len(kind) - 1)
            items = [self._value(item, self._read(thing, _ITEMS_OF_TUPLE + 8 * i, _POINTER))
                     for i, item in enumerate(kind[1:])]
            return self.context.make_tuple(builder, numba_type(kind), items)
        if kind == 'int64':
            overflow = cgutils.alloca_once(builder, _INT)
            number = self._c('PyLong_AsLongLongAndOverflow', _WORD, thing, overflow)
            self._require(builder.icmp_signed('==', builder.load(overflow), ir.Constant(_INT, 0)))
            return number
        if kind == 'bool':
            return builder.icmp_unsigned('==', thing, self._symbol('_Py_TrueStruct'))
        number_type = numba_type(kind)      # floats, and numpy's scalars: the number follows the header
        address = builder.gep(thing, [ir.Constant(_WORD, _HEADER)])
        stored = self.context.get_data_type(number_type).as_pointer()
        return self.context.unpack_value(builder, number_type, builder.bitcast(address, stored))

    def _array(self, kind, thing):
        _, dtype, rank, layout = kind
        builder, context, array_type = self.builder, self.context, numba_type(kind)
        self._require_word(thing, _RANK, rank, of=_INT)
        descriptor = self._read(thing, _DESCR, _POINTER)
        self._require_word(descriptor, _NUMBER, np.dtype(dtype).num, of=_INT)
        self._require(builder.icmp_unsigned('!=', self._read(descriptor, _ORDER, _BYTE), _FOREIGN_ORDER))
        mask, value = _LAYOUTS[layout]
        self._require_word(thing, _FLAGS, value | _ALIGNED, mask | _ALIGNED, _INT)
        array = context.make_array(array_type)(context, builder)
        shape, strides = (self._words(self._read(thing, at, _POINTER), rank) for at in (_DIMS, _STRIDES))
        arrayobj.populate_array(
            array, data=builder.bitcast(self._read(thing, _DATA, _POINTER), array.data.type), shape=shape,
            strides=strides, itemsize=ir.Constant(_WORD, np.dtype(dtype).itemsize),
            meminfo=ir.Constant(_POINTER, None), parent=ir.Constant(_POINTER, None))
        return array._getvalue()

    def _words(self, pointer, count):
        return cgutils.pack_array(self.builder, [self._read(pointer, 8 * i) for i in range(count)], _WORD)

    # The call

    def _has_slot(self, count):
        return self.builder.icmp_signed('==', count, ir.Constant(_WORD, len(self.kinds) + 1))

    def _call_in_team(self, values, slot):
        """Leads other threads through the range, and returns None."""
        builder = self.builder
        *values, how, n = values
        overflow = cgutils.alloca_once(builder, _INT)
        slot = self._c('PyLong_AsLongLongAndOverflow', _WORD, slot, overflow)
        data = cgutils.alloca_once_value(builder, cgutils.make_anonymous_struct(builder, values))
        words = builder.inttoptr(slot, _WORD.as_pointer())
        lead = builder.load(builder.gep(words, [ir.Constant(_WORD, team.LEAD)]))
        lead = builder.inttoptr(lead, team.LEAD_TYPE.as_pointer())
        part = self._part(data.type)
        state = self._c('PyEval_SaveThread', _POINTER)
        failed = builder.call(lead, [slot, part, builder.bitcast(data, _POINTER), how, n])
        self._c('PyEval_RestoreThread', ir.VoidType(), state)
        self._raise_if(builder.icmp_signed('!=', failed, ir.Constant(_WORD, 0)))
        builder.ret(self._new_reference('_Py_NoneStruct'))

    def _part(self, data_type):
        """The function that does part of the range for the other arguments in a structure."""
        function = ir.Function(self.module, team.PART_TYPE, 'part')
        function.linkage = 'internal'
        builder, context = ir.IRBuilder(function.append_basic_block('entry')), self.context
        data, lo, hi = function.args
        values = cgutils.unpack_tuple(builder, builder.load(builder.bitcast(data, data_type)))
        status, _ = context.call_conv.call_function(
            builder, context.declare_function(self.module, self.descriptor), self.signature.return_type,
            self.signature.args, [*values, lo, hi])
        builder.ret(builder.zext(status.is_error, _WORD))
        return function

    def _raise_if(self, failed):
        builder = self.builder
        with builder.if_then(failed, likely=False):
            text = self.context.insert_const_string(self.module, '%s failed' % self.descriptor.qualname)
            error = self._expected_at(self.position)     # RuntimeError, behind the arguments' types
            self._c('PyErr_SetString', ir.VoidType(), builder.inttoptr(error, _POINTER), text)
            builder.ret(ir.Constant(_POINTER, None))

    def _call(self, values):
        builder, context = self.builder, self.context
        function = context.declare_function(self.module, self.descriptor)
        state = self._c('PyEval_SaveThread', _POINTER) if self.nogil else None
        status, result = context.call_conv.call_function(
            builder, function, self.signature.return_type, self.signature.args, values)
        if self.nogil:
            self._c('PyEval_RestoreThread', ir.VoidType(), state)
        self._raise_if(status.is_error)
        builder.ret(self._object(self.signature.return_type, result))

    def _object(self, kind, result):
        """The Python object for a result of that numba type."""
        if kind == types.none:
            return self._new_reference('_Py_NoneStruct')
        if isinstance(kind, types.Boolean):
            return self._c('PyBool_FromLong', _POINTER, self.builder.zext(result, _WORD))
        if isinstance(kind, types.Float):
            double = self.context.cast(self.builder, result, kind, types.float64)
            return self._c('PyFloat_FromDouble', _POINTER, double)
        if isinstance(kind, types.BaseTuple):
            made = self._c('PyTuple_New', _POINTER, ir.Constant(_WORD, len(kind)))
            items = cgutils.unpack_tuple(self.builder, result, len(kind))
            for i, (item_type, item) in enumerate(zip(kind, items)):
                self._c('PyTuple_SetItem', _INT, made, ir.Constant(_WORD, i), self._object(item_type, item))
            return made
        wide = types.int64 if kind.signed else types.uint64
        name = 'PyLong_FromLongLong' if kind.signed else 'PyLong_FromUnsignedLongLong'
        return self._c(name, _POINTER, self.context.cast(self.builder, result, kind, wide))
