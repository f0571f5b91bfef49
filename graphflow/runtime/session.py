"""Session: runs parts of a graph."""
import contextlib
import threading
import warnings
from collections.abc import Mapping

import numpy as np

from graphflow.framework import constant_value, defaults, errors, graph as graph_lib
from graphflow.framework.export import export
from graphflow.kernels import threads
from graphflow.runtime import trace
from graphflow.runtime.cache import Cache
from graphflow.runtime.call import Call
from graphflow.runtime.feeds import Feeds
from graphflow.runtime.fetches import Fetches, signature
from graphflow.runtime.plan import Plan
from graphflow.runtime.state import SessionState

_MAX_PLANS = 1000       # of one session; a program that feeds and fetches ever new tensors must not fill the memory


class BaseSession:
    """What Session and InteractiveSession have in common."""

    def __init__(self, target='', graph=None, config=None):
        if graph is None:
            graph = graph_lib.get_default_graph()
        elif not isinstance(graph, graph_lib.Graph):
            raise TypeError(f'graph must be a tf.Graph, but got {type(graph)}')
        if not isinstance(target, (str, bytes)):
            raise TypeError(f'target must be a string, but got {type(target)}')
        if config is not None and type(config).__name__ != 'ConfigProto':
            raise TypeError(f'config must be a tf.ConfigProto, but got {type(config)}')
        self._graph, self._target, self._config = graph, target, config
        self._threads = config.intra_op_parallelism_threads or None if config is not None else None
        self._compiles = config is None or _wants_compilation(config.graph_options)
        self._state = SessionState()
        self._lock = threading.RLock()
        self._plans = Cache(_MAX_PLANS)
        self._calls = Cache(_MAX_PLANS)
        self._closed = False

    @property
    def graph(self):
        """The graph this session runs."""
        return self._graph

    @property
    def graph_def(self):
        """The GraphDef message of the graph."""
        return self._graph.as_graph_def(add_shapes=False)

    @property
    def sess_str(self):
        return self._target if isinstance(self._target, bytes) else self._target.encode()

    def list_devices(self):
        """The devices that nodes may run on: the CPU."""
        return [_DeviceAttributes('/job:localhost/replica:0/task:0/device:CPU:0', 'CPU', 268435456, 0)]

    def as_default(self):
        """A context manager that makes this the default session within its block, without closing it after it."""
        return defaults.sessions.get_controller(self)

    def close(self):
        """Frees the variables' values. Runs after this raise RuntimeError."""
        with self._lock:
            self._closed = True
            self._plans.clear()
            self._calls.clear()
            self._state.clear()

    def run(self, fetches, feed_dict=None, options=None, run_metadata=None):
        """Runs what `fetches` needs and returns the values.

        Args:
          fetches: a Tensor, Operation, Variable, IndexedSlices, SparseTensor or a name of one, or a (nested) list,
            tuple, named tuple or dict of these.
          feed_dict: dict of Tensors (or names) to the values they take in this run.
          options: a RunOptions message. With a `trace_level`, every node runs by itself, timed, for `run_metadata`;
            `output_partition_graphs` is obeyed too, and the rest accepted.
          run_metadata: a RunMetadata message to fill: `step_stats` with the time each node took and the shape and size of
            its outputs, `partition_graphs` with the nodes that ran.

        Returns: `fetches` with each tensor replaced by a numpy array (a numpy scalar for a 0-d tensor) that belongs to
          the caller, and each Operation by None.

        Raises: RuntimeError if the session is closed or the graph empty; TypeError, ValueError for fetches and feeds that
          are none; errors.OpError for what goes wrong in a node.
        """
        call = self._call(fetches, feed_dict)
        values = feed_dict.values() if feed_dict else ()
        if options is None and run_metadata is None and self._threads is None:
            return call(values)
        return self._run_with(call, values, options, run_metadata)

    def _run_with(self, call, values, options, run_metadata):
        """Runs a Call as the messages ask for."""
        if options is not None:
            options.SerializeToString()     # it has to be a message
        recorded = trace.Trace() if run_metadata is not None and trace.is_wanted(options) else None
        with threads.limit(self._threads):
            result = call(values, recorded)
        if run_metadata is not None:
            trace.fill(run_metadata, options, recorded, call.nodes())
        return result

    def _call(self, fetches, feed_dict):
        """The Call for these fetches and keys, made on first use."""
        if self._closed:
            raise RuntimeError('Attempted to use a closed Session.')
        fetched = signature(fetches)
        try:
            key = fetched, tuple(feed_dict or ())
            call = self._calls.get(key) if fetched is not None else None
        except TypeError:       # feed_dict is no dict, or has a key that is not hashable within
            key = call = None
        if call is not None and call.mutations == self._graph._mutations:
            return call
        if self._graph.version == 0:
            raise RuntimeError('The Session graph is empty.  Add operations to the graph before calling run().')
        if feed_dict is not None and not isinstance(feed_dict, Mapping):
            Fetches(self._graph, fetches)       # errors of fetches come first
            raise TypeError('input must be a dictionary')
        call = Call(self._graph, fetches, feed_dict or {}, self._plan)
        if key is not None and fetched is not None:
            self._calls.put(key, call)
        return call

    def _plan(self, tensors, targets, fed):
        """The plan for these fetches and fed tensors, compiled on first use."""
        key = self._graph._mutations, tuple(tensors), tuple(targets), tuple(fed)
        plan = self._plans.get(key)
        if plan is None:
            with self._lock:
                plan = self._plans.get(key)
                if plan is None:
                    plan = Plan(tensors, targets, fed, self._state, compiled=self._compiles)
                    self._plans.put(key, plan)
        return plan

    def make_callable(self, fetches, feed_list=None, accept_options=False):
        """A function that runs `fetches`, with less work a call than `run`.

        Args:
          fetches: as for `run`.
          feed_list: a list of the tensors (or names) whose values the function takes, in this order.
          accept_options: whether the function is to take `options` and `run_metadata` too; it always does.

        Returns: function(*values) -> what `run` would return.

        Raises: TypeError, ValueError for fetches and feeds that are none.
        """
        if feed_list is not None and not isinstance(feed_list, (list, tuple)):
            raise TypeError('`feed_list` must be a list or tuple.')
        keys = list(feed_list or ())
        calls = {}      # number of values given -> Call: those not given are not fed

        def prepared(count):
            call = calls.get(count)
            if call is None or call.mutations != self._graph._mutations:
                call = calls[count] = Call(self._graph, fetches, dict.fromkeys(keys[:count]), self._plan)
                if call.is_empty:
                    raise errors.InvalidArgumentError(
                        None, None, 'Must specify at least one target to fetch or execute.')
            return call

        def run(*values, options=None, run_metadata=None):
            if self._closed:
                raise RuntimeError('Attempted to use a closed Session.')
            call = prepared(min(len(values), len(keys)))
            if options is None and run_metadata is None and self._threads is None:
                return call(values)
            return self._run_with(call, values, options, run_metadata)
        Fetches(self._graph, fetches)
        Feeds(self._graph, dict.fromkeys(keys))
        return run

    def partial_run_setup(self, fetches, feeds=None):
        """Not supported: raises UnimplementedError."""
        raise errors.UnimplementedError(None, None, 'partial_run is not supported: run what is needed with one run().')

    def partial_run(self, handle, fetches, feed_dict=None):
        """Not supported: raises UnimplementedError."""
        self.partial_run_setup(fetches)


class _DeviceAttributes:
    """One entry of Session.list_devices."""

    def __init__(self, name, device_type, memory_limit_bytes, incarnation):
        self.name, self.device_type = name, device_type
        self.memory_limit_bytes, self.incarnation = memory_limit_bytes, incarnation

    def __repr__(self):
        return (f'_DeviceAttributes({self.name}, {self.device_type}, {self.memory_limit_bytes}, {self.incarnation})')


@export('Session')
class Session(BaseSession):
    """Runs a graph and holds the values of its variables.

    Args:
      target: accepted for compatibility; everything runs in this process.
      graph: the Graph to run; the default graph if None.
      config: a ConfigProto. `intra_op_parallelism_threads` bounds the threads that work on one op; an
        `opt_level` of L0, a `global_jit_level` of OFF or `rewrite_options.disable_meta_optimizer` keep the session from
        compiling plans. The rest is accepted.

    `with sess:` makes it the default session and its graph the default graph within the block, and closes it at the end.
    """

    def __init__(self, target='', graph=None, config=None):
        super().__init__(target, graph, config)
        self._contexts = None

    def __enter__(self):
        if self._contexts is not None:
            raise RuntimeError('Session context managers are not re-entrant. Use `Session.as_default()` if you want to '
                               'enter a session multiple times.')
        self._contexts = contextlib.ExitStack()
        self._contexts.enter_context(self._graph.as_default())
        self._contexts.enter_context(self.as_default())
        return self

    def __exit__(self, kind, error, traceback):
        contexts, self._contexts = self._contexts, None
        contexts.__exit__(kind, error, traceback)
        self.close()

    @staticmethod
    def reset(target, containers=None, config=None):
        """Accepted for compatibility: every session has its own containers here."""


@export('InteractiveSession')
class InteractiveSession(BaseSession):
    """A Session that makes itself the default one when it is made, for prompts and notebooks.

    Args: as for Session.
    """
    _active = 0
    _count_lock = threading.Lock()

    def __init__(self, target='', graph=None, config=None):
        super().__init__(target, graph, config)
        with InteractiveSession._count_lock:
            if InteractiveSession._active:
                warnings.warn('An interactive session is already active. This can cause out-of-memory errors in some '
                              'cases. You must explicitly call `InteractiveSession.close()` to release resources held '
                              'by the other session(s).')
            InteractiveSession._active += 1
        self._explicit_graph = graph
        self._default_session = self.as_default()
        self._default_session.__enter__()
        self._default_graph = None
        if graph is not None:
            self._default_graph = graph.as_default()
            self._default_graph.__enter__()

    def close(self):
        """Frees the variables' values and stops being the default session."""
        if self._closed:
            return
        super().close()
        with InteractiveSession._count_lock:
            InteractiveSession._active -= 1
        # Sessions made later may still be open: leave their places on the stacks alone.
        for stack, entry in ((defaults.sessions, self), (graph_lib.default_graphs, self._explicit_graph)):
            if entry is not None and entry in stack.stack:
                stack.stack.remove(entry)


def _wants_compilation(graph_options):
    """Whether a GraphOptions message leaves the compiler on."""
    optimizer = graph_options.optimizer_options
    off = optimizer.opt_level == optimizer.L0 or optimizer.global_jit_level == optimizer.OFF
    return not (off or graph_options.rewrite_options.disable_meta_optimizer)


def _evaluate(tensor):
    """The value of a tensor of constants, computed with the kernels while the graph is being built; None on failure."""
    try:
        return np.asarray(Plan([tensor], [], [], SessionState(), follow_control=False).run(())[0])
    except errors.OpError:
        return None


constant_value.set_evaluator(_evaluate)
