"""The scopes of the default graph as functions: tf.name_scope, tf.device, tf.control_dependencies ..."""
import contextlib

from graphflow.framework import graph as graph_lib
from graphflow.framework.export import export
from graphflow.framework.graph import get_default_graph


@export('name_scope', 'keras.backend.name_scope')
class name_scope:
    """A context manager for naming what a Python function adds to the graph; entering gives the scope, 'a/b/'.

    Args:
      name: the name given by the caller, or None.
      default_name: the name to use if `name` is None.
      values: the tensors the function takes; they must be of one graph, which becomes the default within.

    Raises: TypeError if `name` is no string; ValueError if all of `name`, `default_name` are None though `values` are
      given, or the values are of different graphs.
    """

    def __init__(self, name, default_name=None, values=None):
        if not (default_name is None or isinstance(default_name, str)):
            raise TypeError(f'`default_name` type ({type(default_name)}) is not a string type. You likely meant to pass '
                            'this into the `values` kwarg.')
        self._name = default_name if name is None else name
        self._default_name, self._values = default_name, values

    @property
    def name(self):
        return self._name

    def __enter__(self):
        if self._name is None and self._values is not None:
            raise ValueError(f'At least one of name ({self._name}) and default_name ({self._default_name}) must be '
                             'provided.')
        self._stack = contextlib.ExitStack()
        values = self._values or []
        graph = graph_lib.graph_of(values)
        if values:
            self._stack.enter_context(graph.as_default())
        try:
            return self._stack.enter_context(graph.name_scope(self._name))
        except BaseException:
            self._stack.close()
            raise

    def __exit__(self, *exc):
        self._stack.__exit__(*exc)


@export('op_scope')
@contextlib.contextmanager
def op_scope(values, name, default_name=None):
    """The old order of arguments of `name_scope`."""
    with name_scope(name, default_name=default_name, values=values) as scope:
        yield scope


@export('device')
def device(device_name_or_function):
    """Graph.device on the default graph: nodes made within the block are placed there."""
    return get_default_graph().device(device_name_or_function)


@export('control_dependencies')
def control_dependencies(control_inputs):
    """Graph.control_dependencies on the default graph: nodes made within the block run after `control_inputs`."""
    return get_default_graph().control_dependencies(control_inputs)


@export('init_scope')
@contextlib.contextmanager
def init_scope():
    """Nodes made within the block run whenever they are asked for: no control dependencies, no branch, no loop."""
    with get_default_graph().control_dependencies(None):
        yield


@export('colocate_with')
def colocate_with(op, ignore_existing=False):
    """Graph.colocate_with on the default graph: nodes made within the block are placed with `op`."""
    return get_default_graph().colocate_with(op, ignore_existing)


@export('container')
def container(container_name):
    """Graph.container on the default graph: stateful nodes made within keep their state in the named container."""
    return get_default_graph().container(container_name)


@export('add_to_collection')
def add_to_collection(name, value):
    """Graph.add_to_collection on the default graph."""
    get_default_graph().add_to_collection(name, value)


@export('add_to_collections')
def add_to_collections(names, value):
    """Graph.add_to_collections on the default graph."""
    get_default_graph().add_to_collections(names, value)


@export('get_collection')
def get_collection(key, scope=None):
    """Graph.get_collection on the default graph."""
    return get_default_graph().get_collection(key, scope)


@export('get_collection_ref')
def get_collection_ref(key):
    """Graph.get_collection_ref on the default graph."""
    return get_default_graph().get_collection_ref(key)


@export('get_all_collection_keys')
def get_all_collection_keys():
    """Graph.get_all_collection_keys on the default graph."""
    return get_default_graph().get_all_collection_keys()


@export('GraphKeys')
class GraphKeys:
    """Standard names of graph collections."""
    GLOBAL_VARIABLES = 'variables'
    LOCAL_VARIABLES = 'local_variables'
    METRIC_VARIABLES = 'metric_variables'
    MODEL_VARIABLES = 'model_variables'
    TRAINABLE_VARIABLES = 'trainable_variables'
    SUMMARIES = 'summaries'
    QUEUE_RUNNERS = 'queue_runners'
    TABLE_INITIALIZERS = 'table_initializer'
    ASSET_FILEPATHS = 'asset_filepaths'
    MOVING_AVERAGE_VARIABLES = 'moving_average_variables'
    REGULARIZATION_LOSSES = 'regularization_losses'
    CONCATENATED_VARIABLES = 'concatenated_variables'
    TRAINABLE_RESOURCE_VARIABLES = 'trainable_resource_variables'
    SAVERS = 'savers'
    WEIGHTS = 'weights'
    BIASES = 'biases'
    ACTIVATIONS = 'activations'
    UPDATE_OPS = 'update_ops'
    LOSSES = 'losses'
    SAVEABLE_OBJECTS = 'saveable_objects'
    RESOURCES = 'resources'
    LOCAL_RESOURCES = 'local_resources'
    INIT_OP = 'init_op'
    LOCAL_INIT_OP = 'local_init_op'
    READY_OP = 'ready_op'
    READY_FOR_LOCAL_INIT_OP = 'ready_for_local_init_op'
    SUMMARY_OP = 'summary_op'
    GLOBAL_STEP = 'global_step'
    EVAL_STEP = 'eval_step'
    TRAIN_OP = 'train_op'
    COND_CONTEXT = 'cond_context'
    WHILE_CONTEXT = 'while_context'
    VARIABLES = 'variables'
    _SUMMARY_COLLECTION = '_SUMMARY_V2'
    _STREAMING_MODEL_PORTS = 'streaming_model_ports'
    _VARIABLE_COLLECTIONS = [
        GLOBAL_VARIABLES, LOCAL_VARIABLES, METRIC_VARIABLES, MODEL_VARIABLES, TRAINABLE_VARIABLES,
        MOVING_AVERAGE_VARIABLES, CONCATENATED_VARIABLES, TRAINABLE_RESOURCE_VARIABLES]
    _VARIABLE_STORE_KEY = ('__variable_store',)
    _VARSCOPESTORE_KEY = ('__varscope',)
