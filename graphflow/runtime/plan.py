"""Plan: a (graph, fetches, feeds) signature compiled once and run many times. One pass a file; see ARCHITECTURE.md."""
import sys

import numpy as np

from graphflow.framework import errors
from graphflow.kernels import memory
from graphflow.kernels.subnormals import flushed
from graphflow.platform import tf_logging
from graphflow.runtime import diagnostics, options, slices
from graphflow.runtime.bind import bind
from graphflow.runtime.codegen import Step, StraightRegion
from graphflow.runtime.conditional import ConditionalRegion
from graphflow.runtime.frames import CONTROL_FLOW, frames
from graphflow.runtime.lower import ShapesMislead
from graphflow.runtime.placement import tell_of_missing_devices
from graphflow.runtime.prune import producers, prune
from graphflow.runtime.schedule import schedule
from graphflow.runtime.specialise import specialise
from graphflow.runtime.state import VariableCell

_MAX_FOLDED_BYTES = 1 << 24     # a constant larger than this is computed anew in every run
_MAX_SHAPES = 16        # programs of one plan: feeds of more shapes than that run uncompiled


class Plan:
    """How to compute `fetches` and run `targets` when `fed` is given.

    Args:
      fetches: a list of Tensors to return.
      targets: a list of Operations to run as well.
      fed: a list of Tensors whose values `run` is given, in this order.
      state: the SessionState.
      follow_control: whether to run what the nodes wait for, besides what they take.
      compiled: whether it may be compiled for the shapes it meets, when the mode in force says so.
    """

    def __init__(self, fetches, targets, fed, state, follow_control=True, compiled=True):
        fed_set = set(fed)
        nodes = prune(producers(fetches, fed_set) + list(targets), fed_set, follow_control)
        tell_of_missing_devices(nodes)
        frame = frames(nodes, fed_set) if any(node.type in CONTROL_FLOW for node in nodes) else None
        functions, constants = {}, {}
        for node in schedule(nodes, fed_set) if frame is None else frame.in_order():
            function = bind(node, state)
            if function is None or not _fold(node, function, constants, fed_set):
                functions[node] = function
        arguments = [f'f{i}' for i in range(len(fed))]
        names = {t: f'c{i}' for i, t in enumerate(constants)}
        env = {**names, **dict(zip(fed, arguments))}
        values = {names[t]: v for t, v in constants.items()}
        if frame is None:
            steps = [Step(node, function) for node, function in functions.items() if function is not None]
            region = StraightRegion(steps, env, arguments, values, fetches)
        else:
            region = ConditionalRegion(frame, functions, env, arguments, values, fetches)
        self.nodes = [node for node, function in functions.items() if function is not None]
        self.regions = [region]
        self._run = region.run
        self.sources = functions, constants, fed, fetches, targets
        self._may_compile = frame is None and bool(self.nodes) and not any(t.dtype._is_ref_dtype for t in fed)
        self._threshold = options.threshold() if compiled and self._may_compile else None
        self._outdated_programs = 0
        self._runs = {}             # shapes of the feeds -> runs so far
        self.programs = {}          # shapes of the feeds -> Code, or None where there is none

    def run(self, values):
        """Runs the plan on the values of the fed tensors; returns those of the fetches, which the caller owns."""
        code = None
        try:
            with np.errstate(all='ignore'), flushed():      # NaN and infinity are results like others
                if self._threshold is None:
                    results = self._run(*values)
                else:
                    shapes = tuple([v.shape for v in values])
                    code = self.programs.get(shapes) or self._compiled(shapes)
                    results = code.run(*values) if code is not None else None
                    if results is None:
                        if code is not None:
                            self._outdated(shapes)
                        code, results = None, self._run(*values)
        except Exception as error:
            self._raise_located(error, code)
        for i in range(len(results)):
            results[i] = _own(results, i)
        return results

    def run_traced(self, values, trace):
        """The same as `run`, node by node, with what each took recorded in a trace.Trace."""
        trace.start(self.constants_used())
        try:
            with np.errstate(all='ignore'), flushed():
                results = self.regions[0].traced(trace)(*values)
        except Exception as error:
            self._raise_located(error, None)
        for i in range(len(results)):
            results[i] = _own(results, i)
        return results

    def results_of(self, code, values):
        """What `code` returns for this plan, which is None where it needs other variables; for measurements."""
        try:
            with flushed():
                return code.run(*values)
        except Exception as error:
            self._raise_located(error, code)

    def constants_used(self):
        """Dict of the Operations that were computed when the plan was made, and are taken in a run, to their outputs."""
        _, constants, _, fetches, _ = self.sources
        used = {t for node in self.nodes for t in node._inputs} | set(fetches)
        found = {}
        for tensor, value in constants.items():
            if tensor in used:
                found.setdefault(tensor.op, [None] * len(tensor.op.outputs))[tensor.value_index] = value
        return found

    def _compiled(self, shapes):
        """The code for feeds of these shapes once they have proved worth it, else None."""
        if shapes in self.programs:
            return self.programs[shapes]
        runs = self._runs.get(shapes, 0) + 1
        if len(self._runs) > 8 * _MAX_SHAPES:
            self._runs.clear()
        self._runs[shapes] = runs
        soon = runs <= self._threshold and not slices.worthwhile(self.sources[0], shapes)
        if soon or len(self.programs) >= _MAX_SHAPES:
            return None
        code = self.programs[shapes] = self.specialised(shapes)
        self._runs.pop(shapes, None)
        return code

    def specialised(self, shapes):
        """New code for feeds of these shapes; None for what can run only uncompiled."""
        if not self._may_compile:
            return None
        functions, constants, fed, fetches, targets = self.sources
        try:
            return specialise(functions, constants, fed, shapes, fetches, targets)
        except ShapesMislead:
            return None
        except Exception as error:
            if options.mode() == 'always':
                raise
            # A mistake of the compiler costs speed, never a run.
            tf_logging.warning('A plan runs uncompiled: %s: %s', type(error).__name__, error)
            return None

    def _outdated(self, shapes):
        """Forgets the code for these shapes, made for other arrays of the variables than they have now."""
        self.programs.pop(shapes, None)
        self._outdated_programs += 1
        if self._outdated_programs > _MAX_SHAPES:       # they change all the time
            self._threshold = None

    def _raise_located(self, error, code):
        """Raises `error` as that of the node that raised it."""
        node = self._node_of(error, code)
        if node is None:
            raise error
        raise diagnostics.located(error, node) from (None if isinstance(error, errors.OpError) else error)

    def _node_of(self, error, code):
        """The node whose step raised `error`, in the plain code or in `code`."""
        trace = error.__traceback__
        while trace is not None:
            for region in self.regions + [code] * (code is not None):
                if trace.tb_frame.f_code is region.run.__code__:
                    return region.nodes_by_line.get(trace.tb_lineno)
            trace = trace.tb_next
        return None


def _fold(node, function, constants, fed):
    """Computes a stateless node of constants now; says whether it did."""
    if node.op_def_.is_stateful or not node.outputs or node._control_inputs or node.type in CONTROL_FLOW:
        return False
    if any(t not in constants or t in fed for t in node._inputs) or any(t.dtype._is_ref_dtype for t in node.outputs):
        return False
    try:
        with flushed():
            values = _call(node, function, [constants[t] for t in node._inputs])
    except Exception:       # it would fail in every run: then it fails there, with the node's name
        return False
    if sum(getattr(v, 'nbytes', 0) for v in values) > _MAX_FOLDED_BYTES and node._inputs:
        return False
    constants.update(zip(node.outputs, values))
    return True


def _call(node, function, values):
    """Calls a bound kernel with a flat list of inputs; returns a flat list of outputs."""
    values = iter(values)
    args = []
    for arg in node.op_def_.inputs:
        if arg.is_list:
            count = node._attrs[arg.number_attr] if arg.number_attr else len(node._attrs[arg.type_list_attr])
            args.append([next(values) for _ in range(count)])
        else:
            args.append(next(values))
    result = function(*args)
    if len(node.outputs) == 1 and not node.op_def_.outputs[0].is_list:
        return [result]
    return list(result)


def _own(results, i):
    """The i-th result as a value that nothing else refers to: copied unless this list is all that holds it."""
    value = results[i]
    if isinstance(value, VariableCell):
        value = value.read()
        return value[()] if value.ndim == 0 else value.copy()
    if not isinstance(value, np.ndarray):
        return value
    if value.ndim == 0:
        return value[()]
    # References: the list, the local name, the argument of getrefcount.
    if sys.getrefcount(value) <= 3 and value.flags.writeable and memory.is_sole_owner(value):
        return value
    return value.copy()
