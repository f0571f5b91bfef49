"""The register tile that matrix products, convolutions and their gradients are made of.

Every one of them is a sum  C[m, n] += sum_k A[rows[m] + steps[k]] * B[k, n]  for different meanings of the offsets
`rows` and `steps` (M. Dukhan, The Indirect Convolution Algorithm, 2019, arXiv:1907.02129):

* product: rows of A, and steps along a row;
* convolution: m is an output pixel, k an element of the filter's window, n an output channel;
* gradient of the input: the same with the roles of input and output exchanged;
* gradient of the filter: m is an element of the window, k an output pixel.

A tile keeps `rows` x `vectors` vectors of sums in registers for the whole of k. It is written in LLVM, since numba's own
loops spill the sums to memory; `llvm.fmuladd` becomes a fused multiply-add where the processor has one.
"""
import functools
import hashlib

import llvmlite.binding as llvm
import numpy as np
from llvmlite import ir

from graphflow.kernels import jit
from graphflow.kernels.pointers import call_row as call  # noqa: F401 (for who runs tiles)

FEATURES = llvm.get_host_cpu_features()
VECTOR_BYTES = 64 if FEATURES.get('avx512f') else 32 if FEATURES.get('avx') else 16
WIDE = VECTOR_BYTES == 64
# The forms of a tile: vectors a row -> choices of rows. The sums, B and a broadcast value fit 32 or 16 vector registers, and
# the rows' addresses fit the others. Four vectors a row ask for fewer broadcasts, where there are so many columns.
ROWS = {2: (10, 9, 8), 4: (6, 5, 4)} if WIDE else {2: (6, 5, 4)}
VECTORS, MOST_VECTORS = min(ROWS), max(ROWS)
MOST_ROWS = ROWS[VECTORS][0]

# What a tile starts from and does in the end: bits of its argument `mode`.
ACCUMULATE, BIAS, RELU = 1, 2, 4


@jit.jit(inline='always')
def address_of(array):
    """The address of the first element."""
    return np.intp(array.ctypes.data)


@jit.intrinsic
def copy(typingctx, to, source, count):
    """Copies `count` bytes from one address to another."""
    from numba.core import cgutils, types

    def codegen(context, builder, signature, args):
        byte = ir.IntType(8).as_pointer()
        cgutils.raw_memcpy(builder, builder.inttoptr(args[0], byte), builder.inttoptr(args[1], byte), args[2], 1)
        return context.get_dummy_value()
    return types.void(types.intp, types.intp, types.intp), codegen


@jit.intrinsic
def copy_stretches(typingctx, to, to_step, source, count):
    """Copies `count` stretches as wide as the widest tile, which lie together, to addresses `to_step` bytes apart."""
    from numba.core import cgutils, types

    def codegen(context, builder, signature, args):
        vector = ir.VectorType(ir.IntType(32), VECTOR_BYTES // 4).as_pointer()
        with cgutils.for_range(builder, args[3]) as loop:
            a = builder.add(args[2], builder.mul(loop.index, _number(MOST_VECTORS * VECTOR_BYTES)))
            b = builder.add(args[0], builder.mul(loop.index, args[1]))
            for v in range(MOST_VECTORS):
                offset = _number(v * VECTOR_BYTES)
                value = builder.load(builder.inttoptr(builder.add(a, offset), vector), align=4)
                builder.store(value, builder.inttoptr(builder.add(b, offset), vector), align=4)
        return context.get_dummy_value()
    return types.void(types.intp, types.intp, types.intp, types.intp), codegen


@jit.intrinsic
def transpose_block(typingctx, to, to_step, source, source_step, like):
    """Transposes a block of as many rows as a vector has lanes, for elements like `like`; steps in bytes."""
    from numba.core import types

    def codegen(context, builder, signature, args):
        scalar = context.get_value_type(like)
        size = like.bitwidth // 8
        count = VECTOR_BYTES // size
        vector = ir.VectorType(scalar, count)

        def row_at(start, step, i):
            return builder.inttoptr(builder.add(start, builder.mul(step, _number(i))), vector.as_pointer())
        rows = [builder.load(row_at(args[2], args[3], i), align=size) for i in range(count)]
        block = 1
        while block < count:    # swap the off-diagonal blocks of each pair of rows of blocks
            for i in range(count):
                if not i & block:
                    a, b = rows[i], rows[i + block]
                    masks = ([j if not j & block else count + j - block for j in range(count)],
                             [j + block if not j & block else count + j for j in range(count)])
                    rows[i], rows[i + block] = (
                        builder.shuffle_vector(a, b, ir.Constant(ir.VectorType(ir.IntType(32), count), mask))
                        for mask in masks)
            block *= 2
        for i, row in enumerate(rows):
            builder.store(row, row_at(args[0], args[1], i), align=size)
        return context.get_dummy_value()
    return types.void(types.intp, types.intp, types.intp, types.intp, like), codegen


@jit.intrinsic
def add_stretch(typingctx, to, source, count, like):
    """Adds `count` elements like `like` at one address to those at another."""
    from numba.core import cgutils, types

    def codegen(context, builder, signature, args):
        to, source, count, _ = args
        scalar = context.get_value_type(like)
        size = like.bitwidth // 8
        vector = ir.VectorType(scalar, VECTOR_BYTES // size)

        def add(kind, index):
            offset = builder.mul(index, _number(size))
            target = builder.inttoptr(builder.add(to, offset), kind.as_pointer())
            value = builder.load(builder.inttoptr(builder.add(source, offset), kind.as_pointer()), align=size)
            builder.store(builder.fadd(builder.load(target, align=size), value), target, align=size)
        whole = builder.sdiv(count, _number(vector.count))
        with cgutils.for_range(builder, whole) as loop:
            add(vector, builder.mul(loop.index, _number(vector.count)))
        with cgutils.for_range_slice(builder, builder.mul(whole, _number(vector.count)), count, _number(1)) as (i, _):
            add(scalar, i)
        return context.get_dummy_value()
    return types.void(types.intp, types.intp, types.intp, like), codegen


@jit.intrinsic
def clear(typingctx, to, count):
    """Sets `count` bytes from an address on to 0."""
    from numba.core import cgutils, types

    def codegen(context, builder, signature, args):
        cgutils.memset(builder, builder.inttoptr(args[0], ir.IntType(8).as_pointer()), args[1], 0)
        return context.get_dummy_value()
    return types.void(types.intp, types.intp), codegen


def lanes(dtype):
    """Columns of a vector of `dtype`."""
    return VECTOR_BYTES // np.dtype(dtype).itemsize


def best_vectors(columns, dtype):
    """How many vectors a row of tiles should have that cover `columns` columns."""
    return MOST_VECTORS if columns > VECTORS * lanes(dtype) else VECTORS


def width(dtype, vectors=VECTORS):
    """Columns of a whole tile for elements of `dtype`."""
    return vectors * lanes(dtype)


def tile_rows(m, columns, dtype):
    """How many rows a tile should have to cover `m` rows of `columns` columns with the least waste."""
    choices = ROWS[best_vectors(columns, dtype)]
    return min(choices, key=lambda rows: (-(-m // rows) * rows * (1 + 0.01 * (choices[0] - rows)), -rows))


def tail_vectors(columns, dtype, vectors):
    """How many vectors a row the last of tiles with `vectors` has that cover `columns` columns."""
    rest = columns % width(dtype, vectors)
    return -(-rest // lanes(dtype)) if rest else vectors


@functools.lru_cache(None)
def tile(dtype, rows, vectors, masked):
    """The address of a tile, for `call(address, depth, (a, rows, steps, b, b_step, c, out, bias, mode, columns))`.

    Args:
      dtype: of A, B and C: np.float32 or np.float64.
      rows: rows of the tile.
      vectors: vectors of a row.
      masked: whether the last vector is used in part; else `columns` is not looked at.

    A tile's arguments: the depth of k, at least 1; the addresses of A's first element, of int64 arrays `rows` and
    `steps` (in elements), of B's first element; how many elements the rows of B lie apart; the addresses of C's
    first element and of an int64 array, where the rows of C begin (in elements); the address of a bias (a vector), the
    mode bits, and the columns in use.
    """
    dtype = np.dtype(dtype)
    key = hashlib.sha256(repr((_digest(), dtype.str, VECTOR_BYTES, rows, vectors,
                               masked)).encode()).hexdigest()[:40]
    return jit.compile_row(lambda *args: _Tile(dtype, rows, vectors, masked).build(*args), key)


@functools.lru_cache(None)
def _digest():
    with open(__file__, 'rb') as file:
        return hashlib.sha256(file.read()).hexdigest()


def _number(value):
    return ir.Constant(ir.IntType(64), value)


class _Tile:
    """Writes one tile."""

    def __init__(self, dtype, rows, vectors, masked):
        self.rows, self.vectors, self.masked = rows, vectors, masked
        self.align = dtype.itemsize
        self.lanes = lanes(dtype)
        self.scalar = ir.FloatType() if dtype.itemsize == 4 else ir.DoubleType()
        self.vector = ir.VectorType(self.scalar, self.lanes)
        self.zero = ir.Constant(self.vector, [0.0] * self.lanes)
        self.undefined = ir.Constant(self.vector, ir.Undefined)

    def build(self, context, library, name):
        """Adds the function to the library; returns the module's text."""
        from numba.core import cgutils, types

        module = library.create_ir_module(name)
        function_type = context.call_conv.get_function_type(types.none, [types.intp] * 11)
        self.function = function = ir.Function(module, function_type, name)
        self.builder = builder = ir.IRBuilder(function.append_basic_block('entry'))
        self.intrinsic = lambda kind, name: cgutils.get_or_insert_function(module, kind, name)
        self.fma = self.intrinsic(
            ir.FunctionType(self.vector, [self.vector] * 3),
            'llvm.fmuladd.v%df%d' % (self.lanes, 8 * self.align))
        depth, a, rows, steps, b, b_step, c, out, bias, mode, columns = function.args[2:]
        a, b, c, bias = (builder.inttoptr(p, self.scalar.as_pointer()) for p in (a, b, c, bias))
        rows, steps, out = (builder.inttoptr(p, ir.IntType(64).as_pointer()) for p in (rows, steps, out))
        if self.masked:
            self._make_mask(columns)
        a_rows = [builder.gep(a, [builder.load(builder.gep(rows, [_number(m)]))]) for m in range(self.rows)]
        targets = [builder.gep(c, [builder.load(builder.gep(out, [_number(m)]))]) for m in range(self.rows)]
        sums = self._loop(depth, a_rows, steps, b, b_step, self._start(mode, bias, targets))
        self._finish(mode, targets, sums)
        builder.ret(ir.Constant(function_type.return_type, 0))
        text = cgutils.normalize_ir_text(str(module))
        parsed = llvm.parse_assembly(text)
        parsed.name = name
        parsed.verify()
        library.add_llvm_module(parsed)
        return text

    def _make_mask(self, columns):
        builder, count = self.builder, self.lanes
        integers = ir.VectorType(ir.IntType(32), count)
        rest = builder.trunc(builder.sub(columns, _number((self.vectors - 1) * count)), ir.IntType(32))
        splat = self._splat(rest, ir.Constant(integers, ir.Undefined))
        self.mask = builder.icmp_signed('<', ir.Constant(integers, list(range(count))), splat)

    def _splat(self, value, undefined):
        single = self.builder.insert_element(undefined, value, ir.Constant(ir.IntType(32), 0))
        count = undefined.type.count
        return self.builder.shuffle_vector(single, undefined,
                                           ir.Constant(ir.VectorType(ir.IntType(32), count), [0] * count))

    def _pointers(self, row):
        builder = self.builder
        return [builder.bitcast(builder.gep(row, [_number(self.lanes * v)]), self.vector.as_pointer())
                for v in range(self.vectors)]

    def _load(self, row):
        builder = self.builder
        *whole, last = self._pointers(row)
        values = [builder.load(p, align=self.align) for p in whole]
        if not self.masked:
            return values + [builder.load(last, align=self.align)]
        load = self.intrinsic(
            ir.FunctionType(self.vector, [last.type, self.mask.type, self.vector]),
            'llvm.masked.load.v%df%d.p0' % (self.lanes, 8 * self.align))
        return values + [builder.call(load, [last, self.mask, self.zero])]

    def _store(self, values, row):
        builder = self.builder
        *whole, last = self._pointers(row)
        for value, p in zip(values, whole):
            builder.store(value, p, align=self.align)
        if not self.masked:
            builder.store(values[-1], last, align=self.align)
            return
        store = self.intrinsic(
            ir.FunctionType(ir.VoidType(), [self.vector, last.type, self.mask.type]),
            'llvm.masked.store.v%df%d.p0' % (self.lanes, 8 * self.align))
        builder.call(store, [values[-1], last, self.mask])

    def _is(self, mode, bit):
        return self.builder.icmp_signed('!=', self.builder.and_(mode, _number(bit)), _number(0))

    def _either(self, condition, make, others):
        """`make()` where the condition holds, else `others`; both lists of vectors."""
        builder = self.builder
        before, chosen, after = builder.block, builder.append_basic_block(), builder.append_basic_block()
        builder.cbranch(condition, chosen, after)
        builder.position_at_end(chosen)
        made = make()
        builder.branch(after)
        chosen = builder.block
        builder.position_at_end(after)
        results = []
        for value, other in zip(made, others):
            phi = builder.phi(self.vector)
            phi.add_incoming(value, chosen)
            phi.add_incoming(other, before)
            results.append(phi)
        return results

    def _start(self, mode, bias, targets):
        count = self.rows * self.vectors
        sums = self._either(self._is(mode, BIAS), lambda: self._load(bias) * self.rows, [self.zero] * count)
        return self._either(self._is(mode, ACCUMULATE), lambda: sum((self._load(t) for t in targets), []), sums)

    def _loop(self, depth, a_rows, steps, b, b_step, sums):
        builder = self.builder
        before, loop, after = builder.block, builder.append_basic_block('k'), builder.append_basic_block('end')
        builder.branch(loop)
        builder.position_at_end(loop)

        def carried(first):
            phi = builder.phi(first.type)
            phi.add_incoming(first, before)
            return phi
        k, b_row = carried(_number(0)), carried(b)
        phis = [carried(value) for value in sums]
        step = builder.load(builder.gep(steps, [k]))
        columns = self._load(b_row)
        results = []
        for m in range(self.rows):
            value = self._splat(builder.load(builder.gep(a_rows[m], [step])), self.undefined)
            results += [builder.call(self.fma, [value, columns[v], phis[m * self.vectors + v]])
                        for v in range(self.vectors)]
        following = builder.add(k, _number(1))
        b_following = builder.gep(b_row, [b_step])
        for phi, value in zip([k, b_row] + phis, [following, b_following] + results):
            phi.add_incoming(value, builder.block)
        builder.cbranch(builder.icmp_signed('<', following, depth), loop, after)
        builder.position_at_end(after)
        return results

    def _finish(self, mode, targets, sums):
        builder = self.builder

        def rectified():    # a NaN stays one
            return [builder.select(builder.fcmp_ordered('<', value, self.zero), self.zero, value) for value in sums]
        sums = self._either(self._is(mode, RELU), rectified, sums)
        for m, target in enumerate(targets):
            self._store(sums[m * self.vectors:(m + 1) * self.vectors], target)
