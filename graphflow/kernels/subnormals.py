"""Subnormal numbers count as zero while a plan runs, as in TensorFlow's threads.

A processor takes a hundred times as long for arithmetic with numbers below the least normal one (1.2e-38 in float32), and
moments and gradients decay to them as a network converges. In the mode that is set here, an operand or result so
small becomes a zero of the same sign. Whatever only copies bits (reshape, concat, select) keeps them.

The mode belongs to a thread: `flushed` sets it and puts back what was there. See Intel 64 and IA-32 Architectures Software
Developer's Manual, volume 1, 10.2.3 (MXCSR: FZ and DAZ), and Arm Architecture Reference Manual, FPCR (FZ).
"""
import platform

MACHINE = {'AMD64': 'x86_64', 'arm64': 'aarch64'}.get(platform.machine(), platform.machine())
BITS = {'x86_64': 0x8040, 'aarch64': 1 << 24}.get(MACHINE, 0)     # of the control register


def emit_exchange(builder, bits):
    """Writes code, by llvmlite's IRBuilder, that puts `bits` (a word) in place of BITS in the thread's floating-point
    control register; returns those before."""
    from llvmlite import ir
    word, void = ir.IntType(64), ir.VoidType()

    def intrinsic(name, result, *arguments):
        function_type = ir.FunctionType(result, [a.type for a in arguments])
        function = builder.module.globals.get(name) or ir.Function(builder.module, function_type, name)
        return builder.call(function, arguments)

    if MACHINE == 'x86_64':
        with builder.goto_entry_block():
            memory = builder.alloca(ir.IntType(32))
        address = builder.bitcast(memory, ir.IntType(8).as_pointer())
        intrinsic('llvm.x86.sse.stmxcsr', void, address)
        register = builder.zext(builder.load(memory), word)
    elif MACHINE == 'aarch64':
        register = intrinsic('llvm.aarch64.get.fpcr', word)
    else:       # a processor of which we know no such mode
        return ir.Constant(word, 0)
    if bits is not None:
        changed = builder.or_(builder.and_(register, ir.Constant(word, ~BITS)), bits)
        if MACHINE == 'x86_64':
            builder.store(builder.trunc(changed, ir.IntType(32)), memory)
            intrinsic('llvm.x86.sse.ldmxcsr', void, address)
        else:
            intrinsic('llvm.aarch64.set.fpcr', void, changed)
    return builder.and_(register, ir.Constant(word, BITS))


def emit_mode(builder):
    """Writes code that returns the mode of the thread, a word."""
    return emit_exchange(builder, None)


def exchange(bits):
    """Sets the mode of this thread to `bits`, 0 or BITS; returns the mode before.

    To be called as `subnormals.exchange`: the first call puts machine code in its place.
    """
    global exchange
    exchange = _compiled() if BITS else lambda bits: 0
    return exchange(bits)


def _compiled():
    from graphflow.kernels import jit       # here: nothing is compiled before a session runs

    @jit.intrinsic
    def put(typingctx, bits):
        from numba.core import types

        def codegen(context, builder, signature, args):
            return emit_exchange(builder, args[0])
        return types.int64(types.int64), codegen

    @jit.jit(nogil=False)
    def exchange_bits(bits):
        return put(bits)
    return exchange_bits.entry(('int64',))


def mode():
    """The mode of this thread."""
    bits = exchange(BITS)
    if bits != BITS:
        exchange(bits)
    return bits


class flushed:
    """Within the context, subnormal numbers count as zero in this thread."""
    __slots__ = 'before'
    _bits = BITS

    def __enter__(self):
        self.before = exchange(self._bits)

    def __exit__(self, *error):
        exchange(self.before)


class kept(flushed):
    """Within the context they are numbers like others: for who moves numbers by way of Python's."""
    __slots__ = ()
    _bits = 0
