"""Inner names of python.eager.context: graphflow is always in graph mode."""
import contextlib

from graphflow.platform.behavior import executing_eagerly  # noqa: F401

GRAPH_MODE, EAGER_MODE = 0, 1
default_execution_mode = GRAPH_MODE
SYNC, ASYNC = 0, 1
DEVICE_PLACEMENT_EXPLICIT, DEVICE_PLACEMENT_WARN, DEVICE_PLACEMENT_SILENT = 0, 1, 2
NO_EAGER = 'graphflow builds graphs and runs them in a tf.Session; it does not execute eagerly'


@contextlib.contextmanager
def graph_mode():
    """Within the block nodes are added to graphs, as they are everywhere."""
    yield


def eager_mode():
    """Raises: NotImplementedError."""
    raise NotImplementedError(NO_EAGER)


def in_graph_mode():
    return True


def in_eager_mode():
    return False


def num_gpus():
    return 0


def list_devices():
    return ['/job:localhost/replica:0/task:0/device:CPU:0']


def global_seed():
    """The seed of eager execution, which there is none of."""
    return None


def shared_name(name=None):
    """The shared name of a resource in graph mode: `name`, '' by default."""
    return name or ''


def internal_operation_seed():
    """Raises: NotImplementedError."""
    raise NotImplementedError(NO_EAGER)


class Context:
    """What functions of this module say, as methods."""
    executing_eagerly = staticmethod(executing_eagerly)
    num_gpus = staticmethod(num_gpus)
    devices = staticmethod(list_devices)
    summary_writer = None
    device_name = None
    scope_name = ''
    default_execution_mode = GRAPH_MODE

    def ensure_initialized(self):
        """Nothing to do."""


_context = Context()


def context():
    """The one Context."""
    return _context
