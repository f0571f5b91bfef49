"""What compiled code asks of numba's runtime, which a process has only once numba is imported.

Two functions allocate and free arrays that a kernel makes for itself; these never leave it. They keep to the
layout of numba's record of a piece of memory: count of references, destructor, its argument, address, size,
allocator. The third works out the strides of a reshaped array. All are linked to each kernel.
"""
from llvmlite import ir
from numba.core import cgutils

_WORD, _INT = ir.IntType(64), ir.IntType(32)
_POINTER = ir.IntType(8).as_pointer()
_RECORD = ir.LiteralStructType([_WORD, _POINTER, _POINTER, _POINTER, _WORD, _POINTER])
_RECORD_SIZE = 48
_ONE = ir.Constant(_WORD, 1)


def define(module):
    """Adds the functions to a module."""
    _define_allocate(module)
    _define_free(module)
    _define_reshape(module)


def _begin(module, name, result, *arguments):
    function = ir.Function(module, ir.FunctionType(result, arguments), name)
    function.linkage = 'weak_odr'       # one of many that are all the same
    return function, ir.IRBuilder(function.append_basic_block())


def _define_allocate(module):
    """A new record with `size` bytes at a multiple of `align`; NULL if there is no memory."""
    function, builder = _begin(module, 'NRT_MemInfo_alloc_aligned', _POINTER, _WORD, _INT)
    size, align = function.args[0], builder.zext(function.args[1], _WORD)
    malloc = ir.Function(module, ir.FunctionType(_POINTER, [_WORD]), 'malloc')
    extra = builder.add(align, ir.Constant(_WORD, _RECORD_SIZE))
    memory = builder.call(malloc, [builder.add(size, extra)])
    null = ir.Constant(_POINTER, None)
    with builder.if_then(builder.icmp_unsigned('==', memory, null), likely=False):
        builder.ret(null)
    end = builder.add(builder.ptrtoint(memory, _WORD), extra)   # of where the array may begin
    start = builder.inttoptr(builder.and_(end, builder.neg(align)), _POINTER)
    record = builder.bitcast(memory, _RECORD.as_pointer())
    for i, value in enumerate((ir.Constant(_WORD, 1), null, null, start, size, null)):
        builder.store(value, builder.gep(record, [ir.Constant(_INT, k) for k in (0, i)]))
    builder.ret(memory)


def _define_free(module):
    """Called when a record's count has become zero."""
    function, builder = _begin(module, 'NRT_MemInfo_call_dtor', ir.VoidType(), _POINTER)
    free = ir.Function(module, ir.FunctionType(ir.VoidType(), [_POINTER]), 'free')
    builder.call(free, [function.args[0]])
    builder.ret_void()


def _define_reshape(module):
    """Fills in the strides of a C-contiguous array's new shape and returns 1; 0 for an array that is not."""
    words = _WORD.as_pointer()
    function, builder = _begin(module, 'numba_attempt_nocopy_reshape', _INT, _WORD, words, words, _WORD, words,
                               words, _WORD, _INT)
    rank, shape, strides, new_rank, new_shape, new_strides, itemsize, _ = function.args
    stride = cgutils.alloca_once_value(builder, itemsize)

    def from_last(count):
        back = ir.Constant(_WORD, -1)
        return cgutils.for_range_slice(builder, builder.sub(count, _ONE), back, back, _WORD, inc=False)
    with from_last(rank) as (i, _):
        size = builder.load(builder.gep(shape, [i]))
        found = builder.load(builder.gep(strides, [i]))
        expected = builder.load(stride)
        differs = builder.and_(builder.icmp_signed('!=', size, _ONE),
                               builder.icmp_signed('!=', found, expected))
        with builder.if_then(differs, likely=False):
            builder.ret(ir.Constant(_INT, 0))
        builder.store(builder.mul(expected, size), stride)
    builder.store(itemsize, stride)
    with from_last(new_rank) as (i, _):
        here = builder.load(stride)
        builder.store(here, builder.gep(new_strides, [i]))
        builder.store(builder.mul(here, builder.load(builder.gep(new_shape, [i]))), stride)
    builder.ret(ir.Constant(_INT, 1))
