"""Session: runs parts of a graph."""
import threading

import numpy as np

from graphflow.framework import constant_value, defaults, graph as graph_lib
from graphflow.framework.export import export
from graphflow.runtime import feeds as feeds_lib
from graphflow.runtime.fetches import Fetches, signature
from graphflow.runtime.plan import Plan
from graphflow.runtime.state import SessionState


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
        self._state = SessionState()
        self._lock = threading.RLock()
        self._plans = {}
        self._fetches = {}
        self._mutations = graph._mutations
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
        return self._target

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
            self._fetches.clear()
            self._state.clear()

    def run(self, fetches, feed_dict=None, options=None, run_metadata=None):
        """Runs what `fetches` needs and returns the values.

        Args:
          fetches: a Tensor, Operation, Variable, IndexedSlices, SparseTensor or a name of one, or a (nested) list,
            tuple, named tuple or dict of these.
          feed_dict: dict of Tensors (or names) to the values they take in this run.
          options: a RunOptions message.
          run_metadata: a RunMetadata message to fill.

        Returns: `fetches` with each tensor replaced by a numpy array (a numpy scalar for a 0-d tensor) that belongs to
          the caller, and each Operation by None.

        Raises: RuntimeError if the session is closed or the graph empty; TypeError, ValueError for fetches and feeds that
          are none; errors.OpError for what goes wrong in a node.
        """
        self._check_open()
        prepared = self._prepared(fetches)
        feeds = feeds_lib.normalize(self._graph, feed_dict) if feed_dict else {}
        if feed_dict is not None and not feeds and not hasattr(feed_dict, 'items'):
            raise TypeError('input must be a dictionary')
        tensors = prepared.tensors
        if not feeds:
            return prepared.build(self._plan(prepared, ()).run(()))
        remaining = [t for t in tensors if t not in feeds]
        plan = self._plan(prepared, tuple(feeds), remaining)
        values = plan.run(feeds.values())
        if len(remaining) != len(tensors):
            computed = iter(values)
            values = [_fed_value(feeds[t]) if t in feeds else next(computed) for t in tensors]
        return prepared.build(values)

    def _check_open(self):
        if self._closed:
            raise RuntimeError('Attempted to use a closed Session.')
        if self._graph.version == 0:
            raise RuntimeError('The Session graph is empty.  Add operations to the graph before calling run().')

    def _prepared(self, fetches):
        key = signature(fetches)
        prepared = self._fetches.get(key) if key is not None else None
        if prepared is None:
            prepared = Fetches(self._graph, fetches)
            if key is not None:
                self._fetches[key] = prepared
        return prepared

    def _plan(self, prepared, fed, tensors=None):
        """The plan for these fetches and fed tensors, compiled on first use."""
        if self._mutations != self._graph._mutations:
            with self._lock:
                self._plans.clear()
                self._mutations = self._graph._mutations
        tensors = prepared.tensors if tensors is None else tensors
        key = tuple(tensors), tuple(prepared.targets), fed
        plan = self._plans.get(key)
        if plan is None:
            with self._lock:
                plan = self._plans.get(key)
                if plan is None:
                    plan = self._plans[key] = Plan(tensors, prepared.targets, list(fed), self._state)
        return plan

    def make_callable(self, fetches, feed_list=None, accept_options=False):
        """A function that runs `fetches`, with less work a call than `run`.

        Args:
          fetches: as for `run`.
          feed_list: a list of the tensors (or names) whose values the function takes, in this order.
          accept_options: whether the function takes `options` and `run_metadata` too.

        Returns: function(*values) -> what `run` would return.
        """
        self._check_open()
        prepared = self._prepared(fetches)
        tensors = [self._graph.as_graph_element(t, allow_operation=False) for t in feed_list or ()]

        def call(*values, options=None, run_metadata=None):
            if len(values) != len(tensors):
                raise TypeError(f'Expected {len(tensors)} positional arguments, got {len(values)}')
            return self.run(prepared_fetches, dict(zip(tensors, values)) or None)
        prepared_fetches = fetches
        del prepared, accept_options
        return call


def _fed_value(array):
    return array[()] if array.ndim == 0 else array.copy()


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
      config: a ConfigProto.

    `with sess:` makes it the default session and its graph the default graph within the block, and closes it at the end.
    """

    def __init__(self, target='', graph=None, config=None):
        super().__init__(target, graph, config)
        self._contexts = []

    def __enter__(self):
        entered = self._graph.as_default(), self.as_default()
        for context in entered:
            context.__enter__()
        self._contexts.append(entered)
        return self

    def __exit__(self, kind, error, trace):
        graph_context, session_context = self._contexts.pop()
        session_context.__exit__(kind, error, trace)
        graph_context.__exit__(kind, error, trace)
        if not self._contexts:
            self.close()

    @staticmethod
    def reset(target, containers=None, config=None):
        """Accepted for compatibility: every session has its own containers here."""


@export('InteractiveSession')
class InteractiveSession(BaseSession):
    """A Session that makes itself the default one when it is made, for prompts and notebooks.

    Args: as for Session.
    """

    def __init__(self, target='', graph=None, config=None):
        super().__init__(target, graph, config)
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
        # Sessions made later may still be open: leave their places on the stacks alone.
        for stack, entry in ((defaults.sessions, self), (graph_lib.default_graphs, self._explicit_graph)):
            if entry is not None and entry in stack.stack:
                stack.stack.remove(entry)


def _evaluate(tensor):
    """The value of a tensor of constants, computed with the kernels while the graph is being built; None on failure."""
    from graphflow.framework import errors
    try:
        return np.asarray(Plan([tensor], [], [], SessionState()).run(())[0])
    except errors.OpError:
        return None


constant_value.set_evaluator(_evaluate)
