"""Timelines: StepStats as the JSON that the viewer chrome://tracing (and Perfetto) draws.

The format is described in "Trace Event Format" by Google. What it calls a process is a device here (its ops, and its
tensors, apart), and a thread is a row of ops that do not overlap in time.
"""
import collections
import itertools
import json
import re

StepStatsAnalysis = collections.namedtuple('StepStatsAnalysis', ['chrome_trace', 'allocator_maximums'])
AllocationMaximum = collections.namedtuple('AllocationMaximum', ['timestamp', 'num_bytes', 'tensors'])

_LABEL = re.compile(r'(.*) = (.*)\((.*)\)', re.DOTALL)
_ALLOCATORS = 0         # the process that shows how much memory is in use


class ChromeTrace:
    """Events of a trace, in the order of their kinds: first what things are called."""

    def __init__(self):
        self._names, self._events = [], []

    def name_process(self, pid, name):
        self._names.append({'name': 'process_name', 'ph': 'M', 'pid': pid, 'args': {'name': name}})

    def add(self, phase, category, name, pid, tid, timestamp, **more):
        """Adds an event: `phase` is its letter in the format, `timestamp` is in microseconds."""
        self._events.append(dict(ph=phase, cat=category, name=name, pid=pid, tid=tid, ts=timestamp, **more))

    def format_to_string(self, pretty=False):
        """The JSON text of the trace."""
        options = dict(indent=4, separators=(',', ': ')) if pretty else dict(separators=(',', ':'))
        return json.dumps({'traceEvents': self._names + self._events}, **options)


class _Tensor:
    """A tensor of the run: made by an op, read by others."""

    def __init__(self, number, name, producer, pid, output):
        self.number, self.name, self.pid = number, name, pid
        self.producer, self.readers = producer, []      # of _Op
        self.description = output.tensor_description

    @property
    def bytes(self):
        return self.description.allocation_description.requested_bytes

    @property
    def allocator(self):
        return self.description.allocation_description.allocator_name

    @property
    def freed(self):
        """The last microsecond of the last op that reads it, but not before it is made."""
        return max([self.producer.last + 1] + [op.last for op in self.readers])


class _Op:
    """One NodeExecStats: where it is drawn, and what its label tells."""

    def __init__(self, stats, pid, tid):
        self.stats, self.pid, self.tid = stats, pid, tid
        match = _LABEL.match(stats.timeline_label)
        self.type = match.group(2) if match else 'unknown'
        self.inputs = match.group(3).split(', ') if match and match.group(3) else []
        self.arguments = {'name': stats.node_name, 'op': self.type}
        self.arguments.update((f'input{i}', name) for i, name in enumerate(self.inputs))

    start = property(lambda self: self.stats.all_start_micros)
    duration = property(lambda self: self.stats.all_end_rel_micros)
    last = property(lambda self: self.start + self.duration - 1)


class Timeline:
    """What is in a StepStats message, for a viewer.

    Args:
      step_stats: the `step_stats` of a RunMetadata that `Session.run` filled.
      graph: accepted for compatibility.
    """

    def __init__(self, step_stats, graph=None):
        self._step_stats = step_stats
        self._trace, self._maximums = None, None

    @property
    def step_stats(self):
        """The StepStats message."""
        return self._step_stats

    def generate_chrome_trace_format(self, show_dataflow=True, show_memory=False):
        """The JSON text for chrome://tracing.

        Args:
          show_dataflow: whether arrows lead from an op to those that read its tensors in other rows.
          show_memory: whether to show tensors as they come and go, and the memory in use.
        """
        return self.analyze_step_stats(show_dataflow, show_memory).chrome_trace.format_to_string(pretty=True)

    def analyze_step_stats(self, show_dataflow=True, show_memory=True):
        """A StepStatsAnalysis: `chrome_trace`, and `allocator_maximums`, a dict of names of allocators to an
        AllocationMaximum: when the most bytes were in use, how many, and the names of the tensors they were for."""
        trace = ChromeTrace()
        trace.name_process(_ALLOCATORS, 'Allocators')
        ops, tensors = self._lay_out(trace)
        if show_memory:
            _show_made(trace, tensors.values())
        arrows = itertools.count()
        for op in ops:
            trace.add('X', 'Op', op.type, op.pid, op.tid, op.start, dur=op.duration, args=op.arguments)
            if show_dataflow:
                _show_flow(trace, op, tensors, arrows)
        if show_memory:
            for tensor in tensors.values():
                trace.add('D', 'Tensor', tensor.name, tensor.pid, 0, tensor.freed, id=tensor.number)
        maximums = {}
        for allocator in dict.fromkeys(t.allocator for t in tensors.values()):
            its = [t for t in tensors.values() if t.allocator == allocator]
            maximums[allocator] = _memory(trace if show_memory else None, allocator, its)
        return StepStatsAnalysis(trace, maximums)

    def _lay_out(self, trace):
        """The _Ops, each in a row, and the _Tensors by name, with those who read them."""
        ops, tensors = [], {}
        pid = _ALLOCATORS
        for device in self._step_stats.dev_stats:
            trace.name_process(pid + 1, device.device + ' Compute')
            trace.name_process(pid + 2, device.device + ' Tensors')
            rows = []       # when the last op of each row ends
            for stats in device.node_stats:
                row = next((i for i, end in enumerate(rows) if end < stats.all_start_micros), len(rows))
                rows[row:row + 1] = [stats.all_start_micros + stats.all_end_rel_micros]
                op = _Op(stats, pid + 1, row)
                ops.append(op)
                for output in stats.output:
                    name = stats.node_name + (f':{output.slot}' if output.slot else '')
                    tensors[name] = _Tensor(len(tensors), name, op, pid + 2, output)
            pid += 2
        for op in ops:
            for name in op.inputs:
                if name in tensors:
                    tensors[name].readers.append(op)
        return ops, tensors


def _show_made(trace, tensors):
    for tensor in tensors:
        # The text form of messages, with names of allocators as they are.
        text = str(tensor.description).replace('"', '')
        trace.add('N', 'Tensor', tensor.name, tensor.pid, tensor.producer.tid, tensor.producer.start, id=tensor.number)
        trace.add('O', 'Tensor', tensor.name, tensor.pid, tensor.producer.tid, tensor.producer.last, id=tensor.number,
                  args={'snapshot': {'tensor_description': text}})


def _show_flow(trace, op, tensors, arrows):
    """Arrows to `op` from those who made what it reads, if they are in other rows."""
    for name in op.inputs:
        made = tensors[name].producer if name in tensors else op
        if (made.pid, made.tid) != (op.pid, op.tid):
            arrow = next(arrows)
            trace.add('s', 'DataFlow', name, made.pid, made.tid, made.last + 1, id=arrow)
            trace.add('t', 'DataFlow', name, op.pid, op.tid, op.start, id=arrow)


def _memory(trace, allocator, tensors):
    """Adds to `trace`, unless None, how many bytes are in use over time. Returns: the AllocationMaximum."""
    changes = []
    for tensor in tensors:
        changes.append((tensor.producer.start, tensor.bytes, tensor))
        changes.append((tensor.freed, -tensor.bytes, tensor))
    in_use, live = 0, set()
    maximum = AllocationMaximum(timestamp=0, num_bytes=0, tensors=set())
    for timestamp, change, tensor in sorted(changes, key=lambda item: item[:2]):
        in_use += change
        (live.add if change >= 0 and tensor.name not in live else live.discard)(tensor.name)
        if in_use > maximum.num_bytes:
            maximum = AllocationMaximum(timestamp, in_use, set(live))
        if trace is not None:
            trace.add('C', 'Memory', allocator, _ALLOCATORS, 0, timestamp, args={allocator: in_use})
    return maximum
