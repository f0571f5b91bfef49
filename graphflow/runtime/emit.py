"""Pass 13: straight-line Python code for a Program. Each instruction is a line or two, so a run does no work but the
kernels' own, and the line on which an exception passed tells the node that raised it."""
import functools
import math

import numpy as np

from graphflow.kernels import memory
from graphflow.kernels.elementwise import Kernel, sum_dtype

_kernels = {}       # Expression -> Kernel: equal loops are made once


class Code:
    """The code of a program: `run(*arguments)` returns the list of results, or None where a guard fails."""

    def __init__(self, program):
        self.program = program
        self.nodes_by_line = {}
        self.kernel_names = {}
        self.spans = []             # for each instruction the indices of its first line and of the one after its last
        self.scope = {}
        self._lines = []
        self.allocators = {}
        names = self._name_values(program)
        self.line(f'def run({", ".join(names)}):', indent=0)
        self._guard(program)
        freed = last_uses(program)
        for i, instruction in enumerate(program.instructions):
            first = len(self._lines)
            instruction.emit(self)
            unused = [v.name for v in freed.get(i, ())]
            if unused:
                self.line(f'del {", ".join(unused)}')
            self.spans.append((first, len(self._lines)))
        self.line(f'return [{", ".join(v.name for v in program.results)}]')
        self.source = '\n'.join(self._lines) + '\n'
        exec(compile(self.source, '<graphflow plan>', 'exec'), self.scope)
        self.run = self.scope['run']

    def line(self, text, node=None, indent=1):
        """Adds a line; errors on it are the node's."""
        self._lines.append('    ' * indent + text)
        if node is not None:
            self.nodes_by_line[len(self._lines)] = node

    def bound(self, prefix, value):
        """A new name in the code for an object."""
        name = f'{prefix}{len(self.scope)}'
        self.scope[name] = value
        return name

    def call(self, instruction, function, arguments, outputs, node):
        """Adds a call of a kernel."""
        name = self.bound('k', function)
        self.kernel_names[name] = node
        targets = [v.name for v in outputs]
        if not targets:
            self.line(f'{name}({arguments})', node)
        elif len(targets) == 1 and not node.op_def_.outputs[0].is_list:
            self.line(f'{targets[0]} = {name}({arguments})', node)
        else:
            self.line(f'{", ".join(targets)}, = {name}({arguments})', node)

    def allocator(self, shape, dtype):
        """The name of a function that makes an array of that kind."""
        key = shape, dtype
        if key not in self.allocators:
            self.allocators[key] = self.bound('e', memory.allocator(shape, dtype))
        return self.allocators[key]

    def _name_values(self, program):
        """Names all values; returns the names of the arguments."""
        for i, value in enumerate(program.arguments):
            value.name = f'f{i}'
        count = 0
        for instruction in program.instructions:
            for value in instruction.outputs:
                value.name = f't{count}'
                count += 1
        for value in [v for i in program.instructions for v in i.inputs] + program.results:
            if value.name is None:
                if value.constant is not None:
                    value.name = self.bound('c', value.constant)
                else:
                    value.name = self.bound('v', value.cell if value.dtype is None else value.cell.value)
        return [v.name for v in program.arguments]

    def _guard(self, program):
        """The line that tells whether the variables still have the arrays the code was made for."""
        tests = []
        for cell, array in program.guards.items():
            tests.append(f'{self.bound("v", cell)}.value is not {self.bound("a", array)}')
        for i in range(0, len(tests), 8):
            self.line(f'if {" or ".join(tests[i:i + 8])}: return None')


def last_uses(program):
    """For the index of each instruction the values that nothing needs after it."""
    last = {}
    for i, instruction in enumerate(program.instructions):
        for value in instruction.inputs:
            if value.producer is not None:
                last[value] = i
        for value in instruction.outputs:
            last[value] = i
    kept, freed = set(program.results), {}
    for value, i in last.items():
        if value not in kept:
            freed.setdefault(i, []).append(value)
    return freed


def emit_fused(code, fused):
    """Adds the lines of a Fused instruction: results are made, the loop fills them; if it refuses, because an array is not
    what it was made for, the members' own kernels compute them."""
    expression = fused.expression
    kernel = _kernels.get(expression)
    if kernel is None:
        kernel = _kernels[expression] = Kernel(expression)
    operands = fused.operands
    shapes = [v.shape if o is None else o.shape for v, o in zip(fused.inputs, operands)]
    dtypes = [v.dtype if o is None else o.dtype for v, o in zip(fused.inputs, operands)]
    for extra in operands[len(fused.inputs):]:
        shapes.append(extra.shape)
        dtypes.append(extra.dtype)
    sum_shapes = fused.sum_shapes()
    run, words, out_dtypes, size = kernel.specialised(tuple(shapes), tuple(dtypes), fused.shape, sum_shapes)
    names = [v.name if o is None else code.bound('c', o) for v, o in zip(fused.inputs, operands)]
    names += [code.bound('c', extra) for extra in operands[len(fused.inputs):]]
    results = [v.name for v in fused.outputs]
    for name, dtype, member in zip(results, out_dtypes, fused.stored):
        code.line(f'{name} = {code.allocator(fused.shape, dtype)}()', fused.node)
    finish = _emit_sums(code, fused, results[len(fused.stored):], sum_shapes)
    call = f'{code.bound("k", run)}({code.bound("w", words)}, {", ".join(names + results)}, 0, {size})'
    plain = f'{code.bound("x", fused.run_members)}({", ".join(v.name for v in fused.inputs)})'
    code.line(f'if {call}: {", ".join(results)}, = {plain}', fused.node)
    if finish:
        code.line(f'else: {"; ".join(finish)}', fused.node)


def _emit_sums(code, fused, names, sum_shapes):
    """Adds the lines that make the arrays for the sums; returns statements that make results of them."""
    finish = []
    for name, member, shape in zip(names, fused.sums, sum_shapes):
        value, result = member.inputs[0], member.outputs[0]
        count = math.prod(fused.shape) // math.prod(shape)
        dtype = sum_dtype(value.dtype, count)
        zeros = code.bound('z', functools.partial(np.zeros, result.shape, dtype))
        code.line(f'{name} = {zeros}()', fused.node)
        number = np.array(count if member.op == 'Mean' else 1, dtype)
        if member.op == 'Mean' or dtype != value.dtype:
            made = code.allocator(result.shape, value.dtype)
            finish.append(f'{name} = {code.bound("d", np.divide)}({name}, {code.bound("c", number)}, {made}(), '
                          f'casting="same_kind")')
    return finish
