"""What hand-written loops call for vector code: elementary functions, and the extremes of contiguous memory."""
import functools

from llvmlite import ir

from graphflow.kernels import jit

BYTES = 32      # of a register; wider and narrower ones are LLVM's business
CHAINS = 4      # comparisons that need not wait for one another


class ScalarCall(jit.Intrinsic):
    """A branch-free scalar function in a kernel: its instructions are written where it is called."""

    @functools.cached_property
    def real(self):
        from graphflow.kernels.native import compiler
        return compiler.compiled(self.py_func)


def _reduction(make_combine):
    """The intrinsic reduce(x, start, stop, initial): `initial` and elements start to stop of a C-contiguous array, in
    memory order, combined in an order that suits vector registers.

    make_combine: function(LLVM builder, numba dtype) -> function(value, sum so far) -> sum, of LLVM values (vectors,
      too). `initial` takes part many times over: it must not change what it is combined with.
    """
    @jit.intrinsic
    def reduce(typingctx, x, start, stop, initial):
        from numba.core import cgutils, types

        dtype = x.dtype

        def codegen(context, builder, signature, args):
            array, start, stop, initial = args
            data = context.make_array(x)(context, builder, array).data
            combine = make_combine(builder, dtype)

            def lane(k):
                return ir.Constant(ir.IntType(32), k)

            size = dtype.bitwidth // 8
            lanes = BYTES // size
            vector = ir.VectorType(context.get_value_type(dtype), lanes)
            step = ir.Constant(start.type, CHAINS * lanes)
            whole = builder.add(start, builder.mul(builder.sdiv(builder.sub(stop, start), step), step))
            result = cgutils.alloca_once_value(builder, initial)
            with builder.if_then(builder.icmp_signed('<', start, whole)):
                all_initial = ir.Constant(vector, ir.Undefined)
                for k in range(lanes):
                    all_initial = builder.insert_element(all_initial, initial, lane(k))
                chains = [cgutils.alloca_once_value(builder, all_initial) for _ in range(CHAINS)]
                with cgutils.for_range_slice(builder, start, whole, step, start.type) as (j, _):
                    for k, chain in enumerate(chains):
                        address = builder.gep(data, [builder.add(j, ir.Constant(j.type, k * lanes))])
                        values = builder.load(builder.bitcast(address, vector.as_pointer()), align=size)
                        builder.store(combine(values, builder.load(chain)), chain)
                found = builder.load(chains[0])
                for chain in chains[1:]:
                    found = combine(builder.load(chain), found)
                for k in range(lanes):
                    builder.store(combine(builder.extract_element(found, lane(k)), builder.load(result)), result)
            with cgutils.for_range_slice(builder, whole, stop, ir.Constant(start.type, 1), start.type) as (j, _):
                builder.store(combine(builder.load(builder.gep(data, [j])), builder.load(result)), result)
            return builder.load(result)
        return dtype(x, types.intp, types.intp, dtype), codegen
    return reduce


def _is_float(dtype):
    from numba.core import types
    return isinstance(dtype, types.Float)


def _extreme(sign):
    """The best of all. LLVM may not reorder comparisons of floats, because of NaN, unless one says what becomes of it.
    Here: a NaN is never better than what was found before, so it is passed over."""
    def make_combine(builder, dtype):
        if _is_float(dtype):
            better = builder.fcmp_ordered
        else:
            better = builder.icmp_signed if dtype.signed else builder.icmp_unsigned
        return lambda value, best: builder.select(better(sign, value, best), value, best)
    return _reduction(make_combine)


def _arithmetic(of_floats, of_integers):
    return _reduction(lambda builder, dtype: getattr(builder, of_floats if _is_float(dtype) else of_integers))


greatest, least = _extreme('>'), _extreme('<')
total, product = _arithmetic('fadd', 'add'), _arithmetic('fmul', 'mul')
