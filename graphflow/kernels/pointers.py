"""What elementwise kernels need below numba's arrays: typed loads and stores, and calls through an address.

A kernel proper only sees a row: a count and one pointer per operand. `row_runner` makes the loop nest around
it that walks the rows of a broadcast. The nest knows sizes in bytes only, so one nest for each number of
operands serves every op and dtype, and what is left to compile for an op is a loop of two lines.
"""
from llvmlite import ir

from graphflow.kernels import jit

WORD = ir.IntType(64)

# The layout of a numpy array object: after Python's object header come data, nd, dims, strides, base, descr,
# flags.
_HEADER = object.__basicsize__
_TYPE_OFFSET = _HEADER - 8
_DATA_OFFSET = _HEADER
_RANK_OFFSET = _HEADER + 8
_DIMS_OFFSET = _HEADER + 16
_DTYPE_OFFSET = _HEADER + 40
_FLAGS_OFFSET = _HEADER + 48
_CONTIGUOUS_AND_ALIGNED = 0x101

# The words of a geometry: see elementwise.geometry.
KERNEL, ARRAY_TYPE, ROWS_PER_BLOCK, ROW_LENGTH, FIRST_STRIDE = range(5)


@jit.intrinsic
def word_in(typingctx, thing, offset):
    """The 64-bit word `offset` bytes into the object at an address."""
    from numba.core import types

    def codegen(context, builder, signature, args):
        address = builder.add(*args)
        return builder.load(builder.inttoptr(address, WORD.as_pointer()))
    return types.intp(types.intp, types.intp), codegen


@jit.intrinsic
def word_at(typingctx, address, index):
    """The 64-bit word with that index in an array of words."""
    from numba.core import types

    def codegen(context, builder, signature, args):
        pointer = builder.inttoptr(args[0], WORD.as_pointer())
        return builder.load(builder.gep(pointer, [args[1]]))
    return types.intp(types.intp, types.intp), codegen


@jit.intrinsic
def call_row(typingctx, kernel, count, pointers):
    """Calls the kernel at an address on `count` elements from each of the pointers (a tuple of addresses)."""
    from numba.core import cgutils, types

    argument_types = (types.intp,) + tuple(pointers)

    def codegen(context, builder, signature, args):
        function_type = context.call_conv.get_function_type(types.none, argument_types)
        function = builder.inttoptr(args[0], function_type.as_pointer())
        addresses = cgutils.unpack_tuple(builder, args[2], len(pointers))
        context.call_conv.call_function(builder, function, types.none, argument_types, [args[1], *addresses])
        return context.get_dummy_value()
    return types.void(kernel, count, pointers), codegen


_RUNNER = '''
def run_rows(geometry, {arrays}, lo, hi):
    words = word_in(geometry, DATA_OFFSET)
    array_type = word_at(words, ARRAY_TYPE)
    {checks}
    kernel = word_at(words, KERNEL)
    rows_per_block = word_at(words, ROWS_PER_BLOCK)
    row_length = word_at(words, ROW_LENGTH)
    {strides}
    {bases}
    row = lo // row_length
    column = lo - row * row_length
    block = row // rows_per_block
    row -= block * rows_per_block
    while lo < hi:
        count = min(row_length - column, hi - lo)
        call_row(kernel, count, ({pointers},))
        lo += count
        column = 0
        row += 1
        if row == rows_per_block:
            row = 0
            block += 1
    return 0
'''
# Of every operand: a contiguous aligned array, of the dtype and the number of elements that the geometry is for.
_CHECK = '''if (word_in({a}, TYPE_OFFSET) != array_type or word_in({a}, DTYPE_OFFSET) != word_at(words, {at})
            or word_in({a}, FLAGS_OFFSET) & CONTIGUOUS_AND_ALIGNED != CONTIGUOUS_AND_ALIGNED):
        return 1
    dims, elements = word_in({a}, DIMS_OFFSET), 1
    for d in range(word_in({a}, RANK_OFFSET) & 0xffffffff):
        elements *= word_at(dims, d)
    if elements != word_at(words, {at} + 1):
        return 1'''

_runners = {}


def row_runner(operands):
    """run(geometry, *arrays, lo, hi) -> 0, or 1 where an operand is not an array such as the geometry is for.

    It calls the kernel that the geometry names on elements lo..hi of the result. The GIL is released
    meanwhile. It is the bare entry point of the compiled code: the caller answers for the arguments' types.
    """
    if operands not in _runners:
        arrays = ['a%d' % i for i in range(operands)]
        source = _RUNNER.format(
            arrays=', '.join(arrays),
            checks='\n    '.join(_CHECK.format(a=a, at=FIRST_STRIDE + 3 * operands + 2 * i)
                                for i, a in enumerate(arrays)),
            bases='\n    '.join('p%s = word_in(%s, DATA_OFFSET)' % (a, a) for a in arrays),
            strides='\n    '.join('%s%s = word_at(words, %d)' % (level, a, FIRST_STRIDE + 3 * i + k)
                                  for i, a in enumerate(arrays) for k, level in enumerate('xyz')),
            pointers=', '.join('p{0} + block * x{0} + row * y{0} + column * z{0}'.format(a) for a in arrays))
        namespace = dict(word_in=word_in, word_at=word_at, call_row=call_row, KERNEL=KERNEL,
                         ARRAY_TYPE=ARRAY_TYPE, ROWS_PER_BLOCK=ROWS_PER_BLOCK, ROW_LENGTH=ROW_LENGTH,
                         DATA_OFFSET=_DATA_OFFSET,
                         RANK_OFFSET=_RANK_OFFSET, DIMS_OFFSET=_DIMS_OFFSET, DTYPE_OFFSET=_DTYPE_OFFSET,
                         TYPE_OFFSET=_TYPE_OFFSET, FLAGS_OFFSET=_FLAGS_OFFSET, __name__=__name__,
                         CONTIGUOUS_AND_ALIGNED=_CONTIGUOUS_AND_ALIGNED)
        exec(compile(source, '<graphflow rows of %d operands>' % operands, 'exec'), namespace)
        run_rows = jit.jit(namespace['run_rows'])
        _runners[operands] = run_rows.entry(('object',) * (operands + 1) + ('int64', 'int64'))
    return _runners[operands]
