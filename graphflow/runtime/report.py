"""What a session makes of a graph, to look at.

    from graphflow.runtime import report
    r = report.plan(sess, train_step, {x: xs, y_: ys})
    print(r)            # what was pruned, folded, merged, fused; the code that runs; whose memory is used again
    r.time(100)         # the same with the time that each instruction takes

In a notebook a report is a picture (`picture.py`).
"""
import collections
import statistics
import textwrap
from time import perf_counter_ns

from graphflow.kernels import threads
from graphflow.runtime import names, picture
from graphflow.runtime.frames import MERGES
from graphflow.runtime.lifetimes import Lifetimes, nbytes

WIDTH = 110
_LISTED = 12        # names in the text; the attributes have all

# What the passes' notes are about, in the order in which they are shown.
PASSES = {
    'fold': 'folded (known when the plan was made)',
    'simplify': 'simplified (the result is an input, or another view of it)',
    'subexpressions': 'merged (computed already)',
    'snapshots': 'not copied',
    'drop': 'dropped (nobody takes the result any more)',
    'epilogues': 'joined (one kernel)',
    'slices': 'sliced (the batch in parts)',
    'fuse': 'fused (one loop)',
}


def plan(session, fetches, feed_dict=None):
    """How a session runs `fetches`. Nothing is run: variables stay as they are.

    Args:
      session: a Session.
      fetches: as for `Session.run`.
      feed_dict: as for `Session.run`; of the values only the shapes count, until `Report.time`.

    Returns: a Report.

    Raises: what `Session.run` raises for fetches and feeds that are none.
    """
    call = session._call(fetches, feed_dict)
    return Report(session, *call.prepared(feed_dict.values() if feed_dict else ()))


Result = collections.namedtuple('Result', ['key', 'name', 'kind', 'nbytes', 'reuses'])
Result.__doc__ = """What a line computes.

`name`: in the code. `kind`: dtype and shape, as text. `nbytes`: or None. `reuses`: the name of the result whose memory it
takes, or None. `key` is what `Line.takes` refers to.
"""


class Line:
    """An instruction of the code.

    Attributes:
      title: the ops it stands for.
      nodes: the names of the nodes it stands for.
      takes: what it needs: keys of other lines' Results and of feeds, and other things.
      variables: the names of the variables it takes.
      results: a list of Results.
      start: the index of the first of its lines in the source, and `code`, these lines.
      nanoseconds: how long it takes, the median of the runs of `Report.time`; None before.
    """
    __slots__ = ('title', 'nodes', 'takes', 'variables', 'results', 'start', 'code', 'nanoseconds')

    def __init__(self, title, nodes, takes, results, start, code):
        self.title, self.nodes, self.takes, self.results = title, nodes, takes, results
        self.variables = list(dict.fromkeys(v.cell.name for v in takes if getattr(v, 'cell', None) is not None))
        self.start, self.code = start, code
        self.nanoseconds = None


class Report:
    """How a plan runs for feeds of certain shapes, as the compiler has it once the plan has proved hot. `plan` makes it.

    `str` and `repr` are the whole report as text; a notebook shows it as a picture.

    Attributes:
      compiled: whether there is compiled code; plans with loops and branches run node by node.
      wanted: the names of the fetches.
      nodes: how many nodes the graph has.
      pruned: the names of the nodes that the fetches do not need.
      constants: the names of the nodes that are constants.
      notes: dict of a pass of the compiler (see PASSES) to what it did: a list of texts, mostly names of nodes; the names
        of nodes that became one are in one text.
      feeds, fetches: Results, given and returned.
      lines: a list of Lines in the order in which they run.
      source: the code, Python.
      names: dict of the names in the code to what they stand for.
      lifetimes: the Lifetimes of the results' memory; None for plans that are not compiled.
      nanoseconds: how long a run of the code takes, the median of `runs` runs (of code that is not compiled, all its
        lines); None before `time`.
    """

    def __init__(self, session, plan, arrays):
        self._session, self._plan, self._arrays = session, plan, arrays
        self.nanoseconds, self.runs = None, 0
        functions, constants, fed, fetches, targets = plan.sources
        known = dict.fromkeys(t.op for t in constants)
        needed = {*functions, *known, *(t.op for t in fed)}
        operations = session.graph.get_operations()
        self.nodes = len(operations)
        self.pruned = [op.name for op in operations if op not in needed]
        self.constants = [op.name for op in known if not op._inputs]
        self._folded = [op.name for op in known if op._inputs]
        self.wanted = [t.name for t in fetches] + [op.name for op in targets]
        self._describe()

    def _describe(self):
        """Describes the code for the arrays that the variables have now."""
        plan = self._plan
        self._code = plan.specialised(tuple(v.shape for v in self._arrays))
        self.compiled = self._code is not None
        self.notes = {'fold': list(self._folded)}
        if self.compiled:
            for name, text in self._code.program.notes:
                self.notes.setdefault(name, []).append(text)
            self._describe_program(self._code)
        else:
            self._describe_nodes(plan.regions[0])
        self.notes = {name: texts for name, texts in self.notes.items() if texts}

    def _describe_program(self, code):
        program, fed = code.program, self._plan.sources[2]
        self.source, self.lifetimes = code.source, Lifetimes(program)
        self.feeds = [Result(v, v.name, f'{t.name} {names.kind(v.dtype, v.shape)}', nbytes(v), None)
                      for v, t in zip(program.arguments, fed)]
        self.fetches = [self._result(v) for v in program.results]
        text, self.lines = code.source.splitlines(), []
        for instruction, (first, end) in zip(program.instructions, code.spans):
            members = getattr(instruction, 'members', [instruction])
            self.lines.append(Line(
                names.title(instruction), [m.node.name for m in members], list(instruction.inputs),
                [self._result(v) for v in instruction.outputs], first, [line[4:] for line in text[first:end]]))
        self.names = names.of_code(code, fed)

    def _result(self, value):
        former = self.lifetimes.reused.get(value)
        return Result(value, value.name, names.kind(value.dtype, value.shape), nbytes(value), former and former.name)

    def _describe_nodes(self, region):
        functions, constants, fed, fetches, _ = self._plan.sources
        self.source, self.lifetimes = region.source, None
        self.feeds = [Result(t, f'f{i}', f'{t.name} {names.kind(v.dtype, v.shape)}', v.nbytes, None)
                      for i, (t, v) in enumerate(zip(fed, self._arrays))]
        known = {t: f'c{i}' for i, t in enumerate(constants)}
        self.fetches = [_of_tensor(t, known) for t in fetches]
        text, nodes = region.source.splitlines(), set(region.nodes_by_line.values())
        self.lines = [Line(node.type, [node.name], _taken(node, nodes), [_of_tensor(t) for t in node.outputs], number - 1,
                           [text[number - 1].strip()]) for number, node in sorted(region.nodes_by_line.items())]
        self.names = names.of_region(region, region.nodes_by_line.values(), constants, fed)

    def time(self, runs=20):
        """Runs the code and measures how long each line takes.

        The runs are real ones: a training step trains. There is one more of them, which is not measured.

        Args:
          runs: how many are measured.

        Returns: this report, its `nanoseconds` and those of its lines set.

        Raises: errors.OpError for what goes wrong in a node; ValueError unless `runs` is positive.
        """
        if runs < 1:
            raise ValueError(f'runs must be positive, but is {runs}')
        with threads.limit(self._session._threads):
            if self.compiled:
                totals, times = self._time_code(runs)
            else:
                totals, times = self._time_nodes(runs)
        self.runs, self.nanoseconds = runs, statistics.median(totals)
        for line, measured in zip(self.lines, times):
            line.nanoseconds = statistics.median(measured)
        return self

    def _time_code(self, runs):
        timed = _TimedCode(self._code)
        totals = []
        for _ in range(1 + runs):
            start = perf_counter_ns()
            results = self._plan.results_of(timed, self._arrays)
            totals.append(perf_counter_ns() - start)
            if results is None:     # a variable has got another array since
                self._describe()
                return self._time_code(runs) if self.compiled else self._time_nodes(runs)
            del results             # its memory is for the next run
        return totals[1:], [times[1:] for times in timed.times]

    def _time_nodes(self, runs):
        recorders = [_Recorder() for _ in range(1 + runs)]
        for recorder in recorders:
            self._plan.run_traced(self._arrays, recorder)
        totals = [sum(recorder.times.values()) for recorder in recorders[1:]]
        return totals, [[r.times[line.nodes[0]] for r in recorders[1:]] for line in self.lines]

    def __str__(self):
        return '\n'.join([*self._summary(), '', *self._table(), '', *self._commented(), '', *self._legend()])

    __repr__ = __str__

    def _summary(self):
        yield from _wrapped('Runs ' + ', '.join(self.wanted), 2)
        if self.feeds:
            yield from _wrapped('fed ' + ', '.join(feed.kind for feed in self.feeds), 4)
        yield ''
        yield f'{self.nodes} nodes in the graph'
        yield from _listed('pruned (not needed)', self.pruned)
        yield from _listed('constants', self.constants)
        for name in [*PASSES, *(name for name in self.notes if name not in PASSES)]:
            texts = self.notes.get(name, ())
            if any(' ' in text for text in texts):
                yield f'  {len(texts)} {PASSES.get(name, name)}:'
                for text in texts:
                    yield from _wrapped(text, 8, 6)
            else:
                yield from _listed(PASSES.get(name, name), texts)
        how = ', in compiled code' if self.compiled else ', node by node: plans like this are not compiled'
        yield f'  {len(self.lines)} instructions run{how if self.lines else ""}'

    def _table(self):
        """The instructions, a row each."""
        timed = self.nanoseconds is not None
        width = min(max([len(line.title) for line in self.lines] + [11]), 48)
        yield f'{"":3} {"instruction":{width}}  {"result":28} {"bytes":>11}  {"memory":10}' + '       µs     %' * timed
        for i, line in enumerate(self.lines, 1):
            time = ''
            if timed:
                time = f' {line.nanoseconds / 1000:8.1f} {100 * line.nanoseconds / self.nanoseconds:5.1f}'
            for result in line.results or [None]:
                what = size = memory = ''
                if result is not None:
                    what = f'{result.name} {result.kind}'
                    size = '' if result.nbytes is None else f'{result.nbytes:,}'
                    memory = f'that of {result.reuses}' if result.reuses else ''
                first = result is None or result is line.results[0]
                yield (f'{i if first else "":3} {_cut(line.title, width) if first else "":{width}}  {_cut(what, 28):28} '
                       f'{size:>11}  {memory:10}{time if first else ""}').rstrip()
        if timed:
            yield f'a run takes {self.nanoseconds / 1000:.1f} µs (median of {self.runs})'
        if self.lifetimes is not None:
            yield f'results: {self.lifetimes.given:,} bytes, at most {self.lifetimes.peak:,} at once'

    def _commented(self):
        """The code, with a comment above the lines of each instruction."""
        comments = {line.start: f'# {i}  {line.title}: {", ".join(line.nodes)}' for i, line in enumerate(self.lines, 1)}
        for number, text in enumerate(self.source.splitlines()):
            if number in comments:
                indent = ' ' * (len(text) - len(text.lstrip()))
                yield indent + _cut(comments[number], WIDTH - len(indent))
            yield text

    def _legend(self):
        for name, meaning in sorted(self.names.items(), key=lambda item: (item[0][0], int(item[0][1:]))):
            yield _cut(f'{name:5} {meaning}', WIDTH)

    def _repr_svg_(self):
        """The picture that notebooks show."""
        return picture.draw(self)


def _of_tensor(tensor, known=()):
    dtype = None if tensor.dtype._is_ref_dtype else tensor.dtype.as_numpy_dtype
    name = known[tensor] if tensor in known else f't{tensor.op._id}_{tensor.value_index}'
    return Result(tensor, name, names.kind(dtype, _shape(tensor)), None, None)


def _taken(node, nodes):
    """The tensors that a node takes: what enters a loop, and what its last round gave, where the head of the loop is left out."""
    return [source for tensor in node._inputs for source in (
        tensor.op._inputs if tensor.op.type in MERGES and tensor.op not in nodes else [tensor])]


def _shape(tensor):
    dims = tensor._shape.dims
    return None if dims is None else tuple('?' if d.value is None else d.value for d in dims)


class _TimedCode:
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


class _Recorder:
    """Takes what Plan.run_traced records: `times`, the nanoseconds of each node by name."""

    def __init__(self):
        self.times = collections.Counter()

    def start(self, constants):
        pass

    def record(self, node, start_ns, end_ns, outputs):
        self.times[node.name] += end_ns - start_ns


def _listed(what, items):
    """A line or more: how many there are, and the first of them."""
    if not items:
        return []
    more = f', and {len(items) - _LISTED} more' if len(items) > _LISTED else ''
    return _wrapped(f'{len(items)} {what}: {", ".join(items[:_LISTED])}{more}', 8, 2)


def _wrapped(text, indent, first=0):
    return textwrap.wrap(text, WIDTH, initial_indent=' ' * first, subsequent_indent=' ' * indent, break_long_words=False,
                         break_on_hyphens=False)


def _cut(text, width):
    return text if len(text) <= width else text[:width - 1] + '…'
