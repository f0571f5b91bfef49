"""The register tile that convolutions and their gradients are made of.

Every one of them is a sum  C[m, n] += sum_t sum_k A[row[m] + tap[t] + k * step] * B[t, k, n]  for different
meanings of the offsets `row` and `tap` (M. Dukhan, The Indirect Convolution Algorithm, 2019,
arXiv:1907.02129):

* forward: m is an output pixel, t a stretch of the filter that is contiguous in the image, n an output
  channel;
* gradient of the input: the same with the roles of input and output exchanged;
* gradient of the filter: m is a filter element, t a row of the image, k a pixel of that row.

`tile` keeps ROWS x lanes() sums in vector registers for the whole of t and k. It is written in LLVM, since
numba's own loops spill the sums to memory; `llvm.fmuladd` becomes a fused multiply-add where the processor
has one.
"""
import numpy as np
from llvmlite import binding, ir
from numba.core import cgutils, types
from numba.extending import intrinsic

FEATURES = binding.get_host_cpu_features()
VECTOR_BYTES = 64 if FEATURES.get('avx512f') else 32 if FEATURES.get('avx') else 16
VECTORS = 2     # vectors per row
ROWS = 14 if VECTOR_BYTES == 64 else 6  # the sums, B and a broadcast value fit 32 or 16 registers


def lanes(dtype):
    """Columns of a tile for elements of `dtype`."""
    return VECTORS * VECTOR_BYTES // np.dtype(dtype).itemsize


@intrinsic
def tile(typingctx, a, rows, a0, taps, n_taps, k, step, b, b0, b_step, c, out, c0, accumulate):
    """C rows at `c0 + out[m]` of a tile, from A rows at `a0 + rows[m]`; all offsets in elements."""
    element = a.dtype
    signature = types.void(a, rows, types.intp, taps, types.intp, types.intp, types.intp, b, types.intp,
                           types.intp, c, out, types.intp, types.boolean)
    width = VECTOR_BYTES * 8 // element.bitwidth

    def codegen(context, builder, signature, args):
        scalar = context.get_value_type(element)
        vector, i64, i32 = ir.VectorType(scalar, width), ir.IntType(64), ir.IntType(32)
        vector_pointer = vector.as_pointer()

        def number(value):
            return ir.Constant(i64, value)

        def data(position):
            return context.make_array(signature.args[position])(context, builder, args[position]).data

        a, rows, taps, b, c, out = (data(p) for p in (0, 1, 3, 7, 10, 11))
        a0, n_taps, k, step, b0, b_step, c0, accumulate = (args[p] for p in (2, 4, 5, 6, 8, 9, 12, 13))
        fma = cgutils.get_or_insert_function(
            builder.module, ir.FunctionType(vector, [vector] * 3),
            'llvm.fmuladd.v%df%d' % (width, element.bitwidth))

        def vectors_at(pointer):
            return [builder.bitcast(builder.gep(pointer, [number(width * v)]), vector_pointer)
                    for v in range(VECTORS)]

        align = element.bitwidth // 8
        a_rows = [builder.gep(a, [builder.add(a0, builder.load(builder.gep(rows, [number(m)])))])
                  for m in range(ROWS)]
        zero, undefined = ir.Constant(vector, [0.0] * width), ir.Constant(vector, ir.Undefined)

        def loop(count, carried, body):
            """for i in range(count), count >= 1: carried = body(i, carried)."""
            before = builder.block
            head, end = builder.append_basic_block('loop'), builder.append_basic_block('end')
            builder.branch(head)
            builder.position_at_end(head)
            index = builder.phi(i64)
            index.add_incoming(number(0), before)
            phis = [builder.phi(value.type) for value in carried]
            for phi, value in zip(phis, carried):
                phi.add_incoming(value, before)
            results = body(index, phis)
            following = builder.add(index, number(1))
            index.add_incoming(following, builder.block)
            for phi, value in zip(phis, results):
                phi.add_incoming(value, builder.block)
            builder.cbranch(builder.icmp_signed('<', following, count), head, end)
            builder.position_at_end(end)
            return results

        def tap_body(t, carried):
            tap = builder.load(builder.gep(taps, [t]))
            starts = [builder.gep(row, [tap]) for row in a_rows]

            def k_body(_, carried):
                index, b_row, sums = carried[0], carried[1], carried[2:]
                columns = [builder.load(p, align=align) for p in vectors_at(b_row)]
                results = []
                for m in range(ROWS):
                    value = builder.load(builder.gep(starts[m], [index]))
                    splat = builder.insert_element(undefined, value, ir.Constant(i32, 0))
                    splat = builder.shuffle_vector(splat, undefined,
                                                   ir.Constant(ir.VectorType(i32, width), [0] * width))
                    results += [builder.call(fma, [splat, columns[v], sums[m * VECTORS + v]])
                                for v in range(VECTORS)]
                return [builder.add(index, step), builder.gep(b_row, [b_step])] + results
            return loop(k, [number(0)] + carried, k_body)[1:]

        sums = loop(n_taps, [builder.gep(b, [b0])] + [zero] * (ROWS * VECTORS), tap_body)[1:]
        targets = []
        for m in range(ROWS):
            offset = builder.add(c0, builder.load(builder.gep(out, [number(m)])))
            targets += vectors_at(builder.gep(c, [offset]))
        with builder.if_else(accumulate) as (add, store):
            with add:
                for target, value in zip(targets, sums):
                    builder.store(builder.fadd(builder.load(target, align=align), value), target, align=align)
            with store:
                for target, value in zip(targets, sums):
                    builder.store(value, target, align=align)
        return context.get_dummy_value()
    return signature, codegen


tile.py_func = tile._defn  # what the store of machine code looks at to see that the tile has changed
