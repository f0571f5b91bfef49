"""What a session makes of a graph, to look at.

    from graphflow.runtime import report
    r = report.plan(sess, train_step, {x: xs, y_: ys})
    print(r)            # what was pruned, folded, merged, fused; the code that runs; whose memory is used again
    r.time(100)         # the same with the time that each instruction takes

In a notebook a report is a picture (`picture.py`).
"""
import collections
import statistics
from time import perf_counter_ns

from graphflow.kernels import threads
from graphflow.runtime import names, options, picture, report_text
from graphflow.runtime.frames import MERGES
from graphflow.runtime.lifetimes import Lifetimes, nbytes
from graphflow.runtime.timing import Recorder, TimedCode


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

`name`: in the code. `kind`: dtype and shape, as text. `nbytes`: or None. `reuses`: the name of the result whose
memory it takes, or None. `key` is what `Line.takes` refers to.
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
      inner: for a loop over slices of the batch the emit.Code that it runs for a slice; else None.
      nanoseconds: how long it takes, the median of the runs of `Report.time`; None before.
    """
    __slots__ = ('title', 'nodes', 'takes', 'variables', 'results', 'start', 'code', 'inner', 'nanoseconds')

    def __init__(self, title, nodes, takes, results, start, code, inner=None):
        self.title, self.nodes, self.takes, self.results = title, nodes, takes, results
        self.variables = list(dict.fromkeys(v.cell.name for v in takes if getattr(v, 'cell', None) is not None))
        self.start, self.code, self.inner = start, code, inner
        self.nanoseconds = None


class Report:
    """How a plan runs for feeds of certain shapes once it has proved hot. `plan` makes it.

    `str` and `repr` are the whole report as text; a notebook shows it as a picture.

    Attributes:
      compiled: whether there is compiled code; plans with loops and branches run node by node.
      will_compile: whether the session is one that compiles its plans once they have proved hot.
      wanted: the names of the fetches.
      nodes: how many nodes the graph has.
      pruned: the names of the nodes that the fetches do not need.
      constants: the names of the nodes that are constants.
      notes: dict of a pass of the compiler (see report_text.PASSES) to what it did: a list of texts, mostly names of
        nodes; the names of nodes that became one are in one text.
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
        self.will_compile = session._compiles and options.threshold() is not None
        self._describe()

    def _describe(self, compiled=True):
        """Describes the code for the arrays that the variables have now."""
        plan = self._plan
        self._code = plan.specialised(tuple(v.shape for v in self._arrays)) if compiled else None
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
            self.lines.append(Line(
                names.title(instruction), [m.node.name for m in names.members(instruction)], list(instruction.inputs),
                [self._result(v) for v in instruction.outputs], first, [line[4:] for line in text[first:end]],
                getattr(instruction, 'code', None)))
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
        self.lines = [
            Line(node.type, [node.name], _taken(node, nodes), [_of_tensor(t) for t in node.outputs], number - 1,
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
            measured = self._time_code(runs) if self.compiled else None
            if self.compiled and measured is None:      # a variable has got another array since
                self._describe()
                measured = self._time_code(runs) if self.compiled else None
                if measured is None:                    # and so it does in every run
                    self._describe(compiled=False)
            totals, times = measured or self._time_nodes(runs)
        self.runs, self.nanoseconds = runs, statistics.median(totals)
        for line, taken in zip(self.lines, times):
            line.nanoseconds = statistics.median(taken)
        return self

    def _time_code(self, runs):
        """(times of runs, lists of times of each line), or None if the code does not fit the variables."""
        timed = TimedCode(self._code)
        totals = []
        for _ in range(1 + runs):
            start = perf_counter_ns()
            results = self._plan.results_of(timed, self._arrays)
            totals.append(perf_counter_ns() - start)
            if results is None:
                return None
            del results             # its memory is for the next run
        return totals[1:], [times[1:] for times in timed.times]

    def _time_nodes(self, runs):
        recorders = [Recorder() for _ in range(1 + runs)]
        for recorder in recorders:
            self._plan.run_traced(self._arrays, recorder)
        totals = [sum(recorder.times.values()) for recorder in recorders[1:]]
        return totals, [[r.times[line.nodes[0]] for r in recorders[1:]] for line in self.lines]

    def __str__(self):
        return report_text.text(self)

    __repr__ = __str__

    def _repr_svg_(self):
        """The picture that notebooks show."""
        return picture.draw(self)


def _of_tensor(tensor, known=()):
    dtype = None if tensor.dtype._is_ref_dtype else tensor.dtype.as_numpy_dtype
    name = known[tensor] if tensor in known else f't{tensor.op._id}_{tensor.value_index}'
    return Result(tensor, name, names.kind(dtype, _shape(tensor)), None, None)


def _taken(node, nodes):
    """The tensors that a node takes. The Merge at the head of a loop is no line: then, what goes into it."""
    return [source for tensor in node._inputs for source in (
        tensor.op._inputs if tensor.op.type in MERGES and tensor.op not in nodes else [tensor])]


def _shape(tensor):
    dims = tensor._shape.dims
    return None if dims is None else tuple('?' if d.value is None else d.value for d in dims)
