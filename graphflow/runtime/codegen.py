"""Pass 4: straight-line Python code that runs a region of a plan.

Each step is one line that calls a bound kernel, so a run does no work but the kernels' own, and the line on which an
exception passed tells the node that raised it.
"""
import functools
import types
from time import perf_counter_ns



class Step:
    """One node in a plan: `function` is its bound kernel (see bind.py)."""
    __slots__ = ('node', 'function')

    def __init__(self, node, function):
        self.node = node
        self.function = function


class StraightRegion:
    """Steps that run one after the other, each once.

    A plan is a sequence of regions over one table of values (`env`: tensor -> value); other kinds of region may run
    their steps under a condition or repeatedly.

    Args:
      steps: a list of Steps.
      env: dict of tensors to the names under which their values are known before: names of arguments or constants.
      arguments: the names of the arguments, in order.
      constants: dict of names to values, known when the plan is made.
      results: the tensors whose values the region returns.
    """

    def __init__(self, steps, env, arguments, constants, results):
        self.nodes_by_line = {}
        self._scope = dict(constants)
        self._names = dict(env)
        self._lines = [f'def run({", ".join(arguments)}):']
        self._depth = 1
        self._emit_all(steps, results)
        self._line(f'return [{", ".join(self._names[t] for t in results)}]')
        self.source = '\n'.join(self._lines) + '\n'
        exec(compile(self.source, '<graphflow plan>', 'exec'), self._scope)
        self.run = self._scope['run']

    def traced(self, trace):
        """A function as `run` that records in a trace.Trace what each step took."""
        scope = dict(self._scope)
        for node in self.nodes_by_line.values():
            scope[f'k{node._id}'] = functools.partial(_timed, trace, node, scope[f'k{node._id}'])
        # The same code object, so that lines tell nodes as ever.
        return types.FunctionType(self.run.__code__, scope)

    def _line(self, text):
        self._lines.append('    ' * self._depth + text)

    def _emit_all(self, steps, results):
        freed = self._last_uses([[step.node] for step in steps], results)
        for i, step in enumerate(steps):
            self._emit(step)
            unused = [self._names[t] for t in freed.get(i, ()) if t in self._names]
            if unused:
                self._lines[-1] += f'; del {", ".join(unused)}'

    def _last_uses(self, groups, results):
        """For each list of nodes the tensors that nothing needs after it, whose memory may go."""
        last = {}
        for i, nodes in enumerate(groups):
            for node in nodes:
                last.update((tensor, i) for tensor in self._needs(node))
        for i, nodes in enumerate(groups):
            for node in nodes:
                for tensor in node.outputs:
                    last.setdefault(tensor, i)
        kept = set(results)
        freed = {}
        for tensor, i in last.items():
            if tensor not in kept and tensor not in self._names:
                freed.setdefault(i, []).append(tensor)
        return freed

    def _needs(self, node):
        """The tensors that the lines of `node` mention."""
        return node._inputs

    def _emit(self, step):
        node = step.node
        call = f'k{node._id}({", ".join(self._arguments(node))})'
        self._scope[f'k{node._id}'] = step.function
        outputs = []
        for j, tensor in enumerate(node.outputs):
            if tensor in self._names:       # fed: the value given stands
                outputs.append('_')
            else:
                outputs.append(f't{node._id}_{j}')
                self._names[tensor] = outputs[-1]
        if not outputs:
            self._line(call)
        elif len(outputs) == 1 and not node.op_def_.outputs[0].is_list:
            self._line(f'{outputs[0]} = {call}')
        else:
            self._line(f'{", ".join(outputs)}, = {call}')
        self.nodes_by_line[len(self._lines)] = node

    def _arguments(self, node):
        """The source of the kernel's arguments: a variable read becomes its value unless the op takes the reference."""
        values = iter(zip(node._inputs, node._input_types))
        for arg in node.op_def_.inputs:
            if arg.number_attr is not None:
                count = node._attrs[arg.number_attr]
            elif arg.type_list_attr is not None:
                count = len(node._attrs[arg.type_list_attr])
            else:
                yield self._argument(*next(values))
                continue
            yield '[' + ', '.join(self._argument(*next(values)) for _ in range(count)) + ']'

    def _argument(self, tensor, wanted):
        name = self._names[tensor]
        by_reference = tensor.dtype._is_ref_dtype and not wanted._is_ref_dtype
        return f'{name}.read()' if by_reference else name


def _timed(trace, node, kernel, *arguments):
    """Calls the kernel of a step and records it."""
    start = perf_counter_ns()
    outputs = kernel(*arguments)
    trace.record(node, start, perf_counter_ns(), outputs)
    return outputs
