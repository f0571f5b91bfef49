"""What a run took, node by node, as the StepStats message that timelines and TensorBoard read.

    trace = Trace()
    trace.record(node, start_ns, end_ns, outputs)       # for every node that is run
    run_metadata.step_stats.CopyFrom(trace.step_stats())
"""
import re
import threading
import time

import numpy as np

from graphflow.framework import dtypes

DEVICE = '/job:localhost/replica:0/task:0/device:CPU:0'
_NO_TRACE = 0           # RunOptions.NO_TRACE


class Trace:
    """Collects what ran when. `record` may be called from any thread.

    Times are those of `time.perf_counter_ns`; `step_stats` tells them as times since the epoch.
    """

    def __init__(self):
        self._records = []
        self._epoch_ns = time.time_ns() - time.perf_counter_ns()

    def record(self, node, start_ns, end_ns, outputs=()):
        """Notes that a node ran.

        Args:
          node: the Operation.
          start_ns, end_ns: when it started and ended, of `time.perf_counter_ns`.
          outputs: its values: an array, a VariableCell, a list or tuple of such, or None.
        """
        # Sizes are noted, not arrays: a trace must not keep memory that the run would free.
        self._records.append((node, start_ns, end_ns, threading.get_ident(), _descriptions(node, outputs)))

    def start(self, constants):
        """Notes a dict of Operations to lists of their outputs, which are there when a run starts."""
        now = time.perf_counter_ns()
        for node, outputs in constants.items():
            self.record(node, now, now, outputs)

    def step_stats(self):
        """The StepStats message of all that was recorded, in the order of time."""
        from tensorboard.compat.proto.step_stats_pb2 import StepStats
        stats = StepStats()
        if not self._records:
            return stats
        device = stats.dev_stats.add(device=DEVICE)
        threads = {}        # idents of threads are large numbers; the message tells small ones
        for node, start, end, thread, outputs in sorted(self._records, key=lambda record: record[1]):
            self._add(device.node_stats.add(), node, start, end, threads.setdefault(thread, len(threads)), outputs)
        for number in threads.values():
            device.thread_names[number] = f'graphflow {number}'
        return stats

    def _add(self, entry, node, start, end, thread, outputs):
        started, taken = self._epoch_ns + start, max(end - start, 0)
        entry.node_name, entry.thread_id, entry.timeline_label = node.name, thread, label(node)
        entry.all_start_nanos = entry.scheduled_nanos = started
        entry.op_end_rel_nanos = entry.all_end_rel_nanos = taken
        entry.all_start_micros = entry.scheduled_micros = started // 1000
        # Viewers show nothing that takes no time.
        entry.op_end_rel_micros = entry.all_end_rel_micros = max(taken // 1000, 1)
        made = 0
        for slot, (dtype, shape, size) in enumerate(outputs):
            description = entry.output.add(slot=slot).tensor_description
            description.dtype = dtype
            description.shape.SetInParent()
            for dim in shape:
                description.shape.dim.add(size=dim)
            description.allocation_description.requested_bytes = size
            description.allocation_description.allocated_bytes = size
            description.allocation_description.allocator_name = 'cpu'
            made += size
        if made:
            entry.memory.add(allocator_name='cpu', total_bytes=made, peak_bytes=made, live_bytes=made)


def label(node):
    """The text that tells what a node is: 'y = MatMul(x, w/read)'."""
    inputs = [re.sub(':0$', '', tensor.name) for tensor in node.inputs]
    inputs += ['^' + control.name for control in node.control_inputs]
    return f'{node.name} = {node.type}({", ".join(inputs)})'


def _descriptions(node, outputs):
    """[(number of the dtype, shape, bytes)] of those outputs that have a value that is known."""
    if outputs is None:
        return []
    if not isinstance(outputs, (list, tuple)):
        outputs = [outputs]
    found = []
    for tensor, value in zip(node.outputs, outputs):
        value = getattr(value, 'value', value)      # of a VariableCell
        if isinstance(value, (np.ndarray, np.generic)):
            found.append((dtypes.as_dtype(tensor.dtype).base_dtype.as_datatype_enum, value.shape, value.nbytes))
    return found


def fill(run_metadata, options, trace, nodes):
    """Writes into a RunMetadata message what a RunOptions message (or None) asks for.

    Args:
      trace: the Trace of the run, or None.
      nodes: the Operations that were run.
    """
    run_metadata.Clear()
    if trace is not None and is_wanted(options):
        run_metadata.step_stats.CopyFrom(trace.step_stats())
    if options is not None and options.output_partition_graphs and nodes:
        run_metadata.partition_graphs.add().CopyFrom(partition_graph(nodes))


def is_wanted(options):
    """Whether a RunOptions message (or None) asks for a trace."""
    return options is not None and options.trace_level != _NO_TRACE


def partition_graph(nodes):
    """The GraphDef of the nodes that a run has computed, a list of Operations, each with the device it ran on."""
    from tensorboard.compat.proto.graph_pb2 import GraphDef
    graph_def = GraphDef()
    for node in nodes:
        graph_def.node.add().CopyFrom(node.node_def)
        graph_def.node[-1].device = DEVICE
    return graph_def
