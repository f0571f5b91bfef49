"""Clocks for what a plan runs, instruction by instruction."""
import collections
from time import perf_counter_ns


class TimedCode:
    """The same code with a look at the clock after every instruction.

    `times`: for each instruction the nanoseconds it took in each run.
    """

    def __init__(self, code):
        self.times = [[] for _ in code.spans]
        self.nodes_by_line = {}
        lines, text, done = [], code.source.splitlines(), 0
        for i, (first, end) in enumerate(code.spans):
            self._copy(code, text, lines, done, first)
            lines.append('    clock = perf_counter_ns()')
            self._copy(code, text, lines, first, end)
            lines.append(f'    took{i}(perf_counter_ns() - clock)')
            done = end
        self._copy(code, text, lines, done, len(text))
        scope = {**code.scope, 'perf_counter_ns': perf_counter_ns}
        scope.update((f'took{i}', times.append) for i, times in enumerate(self.times))
        exec(compile('\n'.join(lines) + '\n', '<graphflow plan, timed>', 'exec'), scope)
        self.run = scope['run']

    def _copy(self, code, text, lines, first, end):
        for i in range(first, end):
            lines.append(text[i])
            if i + 1 in code.nodes_by_line:
                self.nodes_by_line[len(lines)] = code.nodes_by_line[i + 1]


class Recorder:
    """Takes what Plan.run_traced records: `times`, the nanoseconds of each node by name."""

    def __init__(self):
        self.times = collections.Counter()

    def start(self, constants):
        pass

    def record(self, node, start_ns, end_ns, outputs):
        self.times[node.name] += end_ns - start_ns
