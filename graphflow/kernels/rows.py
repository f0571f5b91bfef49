"""Row kernels: the machine code of an Expression over one row of each operand.

Scalar functions are traced (`trace.py`) where they have no branches, or else compiled by numba and called;
around them stands a loop, written here directly in LLVM's terms, which costs a tenth of the time that numba needs
for it. A kernel has numba's calling convention without a result, and one pointer per operand:

    for j in range(count):
        v0 = p0[j]; v1 = p1[0]          # 'v' operands advance, 's' operands stay
        v2 = f0(v0, v1)
        q0[j] = v2
        r0[j] += v2                   # a sum along what 'v' operands have and this one has not; r0[0] for 's'

LLVM is told that no element depends on another, so that kernels may write over their own inputs (at the same
index) and still use vector registers.

Functions that `rarely_outside` limits (sin of huge numbers) make the loop run over blocks: where a check finds an
argument outside in a block, that block is computed by the complete function.
"""
import llvmlite.binding as llvm
from llvmlite import ir
from numba.core import cgutils, types

from graphflow.kernels.native.compiler import compile_scalar
from graphflow.kernels.trace import Untraceable, traced

BLOCK = 1 << 10     # elements of a block: a few rows of them fit in the first cache
# A processor with 64-byte registers takes some ten microseconds to make them ready, and is slower for a while
# afterwards. So LLVM uses those of 32 bytes by itself; longer and heavier work gains by the wide ones, up to twice.
WIDER = llvm.get_host_cpu_features().get('avx512f', False)
LONG = 1 << 14      # elements of a row
HEAVY = 35          # instructions of a loop
WORD = ir.IntType(64)

_INDEPENDENT = '''
!900 = distinct !{}
!901 = distinct !{!901, !902}
!902 = !{!"llvm.loop.parallel_accesses", !900}
'''


class _Metadata:
    """A reference to a line of the text above (llvmlite cannot make distinct nodes)."""

    def __init__(self, number):
        self._number = number

    def get_reference(self):
        return '!%d' % self._number


class _Wide(ir.values.FunctionAttributes):
    """Attributes of a function in which LLVM uses 64-byte registers."""
    CHOSEN = '"prefer-vector-width"="512"', 'noinline'
    _known = ir.values.FunctionAttributes._known.union(CHOSEN)


_ELEMENT, _LOOP = _Metadata(900), _Metadata(901)


def numba_type(dtype):
    """Numba's type for a numpy dtype."""
    return types.boolean if dtype.kind == 'b' else getattr(types, dtype.name)


class RowBuilder:
    """Builds one row kernel.

    Args:
      context: numba's target context.
      library: numba's code library that gets the kernel.
      expression: the `elementwise.Expression`.
      functions: the scalar function of each call.
      pattern: 'v' or 's' for each input, then for each sum.
      dtypes: numpy dtypes of all values.
      sum_dtypes: numpy dtypes of the arrays that sums are added to.
    """

    def __init__(self, context, library, expression, functions, pattern, dtypes, sum_dtypes=()):
        self.context, self.library = context, library
        self.expression, self.functions = expression, functions
        self.pattern, self.sum_pattern = pattern[:expression.inputs], pattern[expression.inputs:]
        self.dtypes, self.sum_dtypes = dtypes, sum_dtypes
        self.operands = [dtypes[i] for i in (*range(expression.inputs), *expression.outputs)] + list(sum_dtypes)

    def build(self, name):
        """Adds the function `name` to the library; returns the module's text."""
        self.module = module = self.library.create_ir_module(name)
        entry = self._start(name)
        body = self.function.append_basic_block('body')
        self.builder.position_at_end(body)
        self._rows()
        self.builder.position_at_end(entry)
        if WIDER and sum(len(b.instructions) for b in self.function.blocks) >= HEAVY:
            self._leave_long_rows_to(name + '_wide', body)
        else:
            self.builder.branch(body)
        text = cgutils.normalize_ir_text(str(module) + _INDEPENDENT)
        parsed = llvm.parse_assembly(text)
        parsed.name = name
        parsed.verify()
        self.library.add_llvm_module(parsed)
        return text

    def _start(self, name):
        """Begins a function; returns its first block."""
        pointers = [types.CPointer(numba_type(d)) for d in self.operands]
        function_type = self.context.call_conv.get_function_type(types.none, [types.intp, *pointers])
        self.function = function = ir.Function(self.module, function_type, name)
        self.builder = ir.IRBuilder(function.append_basic_block('entry'))
        self.count, *self.pointers = function.args[2:]
        return self.builder.block

    def _leave_long_rows_to(self, name, otherwise):
        """Ends the block with the choice between block `otherwise` and a function of the same code in wider registers."""
        builder, arguments = self.builder, self.function.args
        is_long = builder.icmp_signed('>=', self.count, ir.Constant(WORD, LONG))
        elsewhere = self.function.append_basic_block('elsewhere')
        builder.cbranch(is_long, elsewhere, otherwise)
        self._start(name)
        self.function.attributes, self.function.linkage = _Wide(_Wide.CHOSEN), 'internal'
        self._rows()
        builder.position_at_end(elsewhere)
        builder.ret(builder.call(self.function, arguments))

    def _rows(self):
        """The code of the function from here on."""
        builder = self.builder
        self.fixed = {i: self._load(i, ir.Constant(WORD, 0)) for i, kind in enumerate(self.pattern) if kind == 's'}
        self.limited = any(hasattr(f, 'outside') for f in self.functions)
        self.totals = {i: cgutils.alloca_once(builder, self._llvm_type(value))
                       for i, (value, kind) in enumerate(zip(self.expression.sums, self.sum_pattern)) if kind == 's'}
        if self.limited or self.totals:
            self._loop(ir.Constant(WORD, 0), self.count, self._block, BLOCK)
        else:
            self._loop(ir.Constant(WORD, 0), self.count, self._element)
        builder.ret(ir.Constant(self.function.function_type.return_type, 0))

    def _loop(self, start, stop, body, step=1):
        """for j in range(start, stop, step): body(j)"""
        builder = self.builder
        before = builder.block
        loop, after = (self.function.append_basic_block(n) for n in ('loop', 'after'))
        builder.cbranch(builder.icmp_signed('<', start, stop), loop, after)
        builder.position_at_end(loop)
        j = builder.phi(WORD)
        j.add_incoming(start, before)
        if step == 1:
            body(j)
            following = builder.add(j, ir.Constant(WORD, 1))
        else:
            following = builder.add(j, ir.Constant(WORD, step))
            body(j, builder.select(builder.icmp_signed('<', following, stop), following, stop))
        j.add_incoming(following, builder.block)
        branch = builder.cbranch(builder.icmp_signed('<', following, stop), loop, after)
        if step == 1:
            branch.set_metadata('llvm.loop', _LOOP)
        builder.position_at_end(after)

    def _block(self, start, stop):
        """Elements start to stop. Sums over them are made in one accumulator each and then added to what is stored."""
        builder = self.builder
        for i, total in self.totals.items():
            builder.store(ir.Constant(total.type.pointee, 0), total)
        if self.limited:
            self._limited_block(start, stop)
        else:
            self._loop(start, stop, self._element)
        for i, total in self.totals.items():
            self._add_to_sum(i, ir.Constant(WORD, 0), builder.load(total))

    def _limited_block(self, start, stop):
        """Elements start to stop: by the complete functions if one is outside of where the others hold."""
        builder = self.builder
        flag = cgutils.alloca_once(builder, ir.IntType(32))
        builder.store(ir.Constant(ir.IntType(32), 0), flag)

        def check(j):
            outside = builder.zext(self._outside(j), ir.IntType(32))
            builder.store(builder.or_(builder.load(flag), outside), flag)
        self._loop(start, stop, check)
        found = builder.icmp_unsigned('!=', builder.load(flag), ir.Constant(ir.IntType(32), 0))
        with builder.if_else(found) as (rare, usual):
            with rare:
                self._loop(start, stop, lambda j: self._element(j, complete=True))
            with usual:
                self._loop(start, stop, self._element)

    def _outside(self, j):
        """Whether, for element j, an argument lies outside of where its function holds."""
        any_outside = None
        values = self._inputs(j)
        for k, (_, arguments, _) in enumerate(self.expression.calls):
            function = self.functions[k]
            if hasattr(function, 'outside'):
                outside, _ = traced(self.builder, function.outside, [values[a] for a in arguments],
                                    [self.dtypes[a] for a in arguments])
                any_outside = outside if any_outside is None else self.builder.or_(any_outside, outside)
            values.append(self._call(k, values))
        return any_outside

    def _element(self, j, complete=False):
        values = self._inputs(j)
        for k in range(len(self.expression.calls)):
            values.append(self._call(k, values, complete))
        for i, pointer in zip(self.expression.outputs, self.pointers[self.expression.inputs:]):
            address = self.builder.gep(pointer, [j])
            mark = len(self.builder.block.instructions)
            self.context.pack_value(self.builder, numba_type(self.dtypes[i]), values[i], address)
            self._mark(mark)
        for i, value in enumerate(self.expression.sums):
            if i in self.totals:
                total = self.totals[i]
                # In an order of the compiler's choice: several lanes at once.
                added = self.builder.fadd(self.builder.load(total), values[value], flags=('reassoc', 'nsz', 'contract'))
                self.builder.store(added, total)
            else:
                mark = len(self.builder.block.instructions)
                self._add_to_sum(i, j, values[value])
                self._mark(mark)

    def _add_to_sum(self, i, j, value):
        """Adds a value to element j of the array of sum i, which may be of a wider dtype."""
        builder, address = self.builder, self.builder.gep(self._sum_pointers[i], [j])
        source, target = numba_type(self.dtypes[self.expression.sums[i]]), numba_type(self.sum_dtypes[i])
        wide = self.context.cast(builder, value, source, target)
        builder.store(builder.fadd(builder.load(address), wide), address)

    @property
    def _sum_pointers(self):
        return self.pointers[self.expression.inputs + len(self.expression.outputs):]

    def _llvm_type(self, i):
        return self.context.get_value_type(numba_type(self.dtypes[i]))

    def _inputs(self, j):
        return [self.fixed[i] if i in self.fixed else self._load(i, j) for i in range(self.expression.inputs)]

    def _load(self, i, j):
        address = self.builder.gep(self.pointers[i], [j])
        mark = len(self.builder.block.instructions)
        value = self.context.unpack_value(self.builder, numba_type(self.dtypes[i]), address)
        self._mark(mark)
        return value

    def _mark(self, start):
        """Marks loads and stores of elements, from an instruction on, as those of independent iterations."""
        for instruction in self.builder.block.instructions[start:]:
            if instruction.opname in ('load', 'store'):
                instruction.set_metadata('llvm.access.group', _ELEMENT)

    def _call(self, k, values, complete=False):
        """Call k of the expression, rounded to the dtype of its value."""
        _, arguments, _ = self.expression.calls[k]
        function, dtypes = self.functions[k], [self.dtypes[a] for a in arguments]
        values = [values[a] for a in arguments]
        if hasattr(function, 'outside'):
            function = function.complete if complete else function.fast
        target = numba_type(self.dtypes[self.expression.inputs + k])
        try:
            value, dtype = traced(self.builder, function, values, dtypes)
            source = numba_type(dtype)
        except Untraceable:
            value, source = self._call_compiled(function, values, [numba_type(d) for d in dtypes])
        return self.context.cast(self.builder, value, source, target)

    def _call_compiled(self, function, values, argument_types):
        result = compile_scalar(function, argument_types)
        self.library.add_linking_library(result.library)
        declared = self.context.declare_function(self.builder.module, result.fndesc)
        signature = result.signature
        _, value = self.context.call_conv.call_function(
            self.builder, declared, signature.return_type, signature.args, values)
        return value, signature.return_type
