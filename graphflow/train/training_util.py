"""The global step: the one variable of a graph that counts training steps."""
from graphflow.framework import dtypes, scopes
from graphflow.framework.export import export
from graphflow.framework.graph import get_default_graph
from graphflow.framework.scopes import GraphKeys
from graphflow.framework.tensor import Tensor
from graphflow.ops import init, state, variable_scope, variables
from graphflow.platform import tf_logging

# Where the step's value as read before this step's updates is kept, for hooks to depend on.
_READ_CACHE = 'global_step_read_op_cache'


@export('train.global_step')
def global_step(sess, global_step_tensor):
    """The value of `global_step_tensor` (a Tensor or Variable) in session `sess`, as an int."""
    return int(sess.run(global_step_tensor))


@export('train.get_global_step')
def get_global_step(graph=None):
    """The global step of `graph` (the default graph if None), or None if it has none.

    It is the one member of the collection GLOBAL_STEP or, if that is empty, the tensor 'global_step:0'.

    Returns: a Variable, or a Tensor if found by name.

    Raises: TypeError if that is no integer scalar.
    """
    graph = graph or get_default_graph()
    found = graph.get_collection(GraphKeys.GLOBAL_STEP)
    if len(found) > 1:
        tf_logging.error('Multiple tensors in global_step collection.')
        return None
    if found:
        step = found[0]
    else:
        try:
            step = graph.get_tensor_by_name('global_step:0')
        except KeyError:
            return None
    assert_global_step(step)
    return step


@export('train.create_global_step')
def create_global_step(graph=None):
    """Makes the global step, an int64 Variable 'global_step' that is not trained.

    Raises: ValueError if `graph` has one already.
    """
    graph = graph or get_default_graph()
    if get_global_step(graph) is not None:
        raise ValueError('"global_step" already exists.')
    with graph.as_default(), scopes.name_scope(None):
        return variable_scope.get_variable(
            GraphKeys.GLOBAL_STEP, shape=[], dtype=dtypes.int64, initializer=init.Zeros(), trainable=False,
            collections=[GraphKeys.GLOBAL_VARIABLES, GraphKeys.GLOBAL_STEP],
            aggregation=variables.VariableAggregation.ONLY_FIRST_REPLICA)


@export('train.get_or_create_global_step')
def get_or_create_global_step(graph=None):
    """The global step of `graph` (the default graph if None), made if it is not there yet."""
    graph = graph or get_default_graph()
    step = get_global_step(graph)
    return create_global_step(graph) if step is None else step


@export('train.assert_global_step')
def assert_global_step(global_step_tensor):
    """Raises TypeError unless `global_step_tensor` is a Variable or Tensor, of an integer type, and scalar."""
    if not isinstance(global_step_tensor, (variables.Variable, Tensor)):
        raise TypeError(f'Existing "global_step" must be a Variable or Tensor: {global_step_tensor}.')
    if not global_step_tensor.dtype.base_dtype.is_integer:
        raise TypeError(f'Existing "global_step" does not have integer type: {global_step_tensor.dtype}')
    shape = global_step_tensor.get_shape()
    if shape.ndims != 0 and shape.is_fully_defined():
        raise TypeError(f'Existing "global_step" is not scalar: {shape}')


def _get_global_step_read(graph=None):
    """The tensor that reads the global step before this step changes it, or None if nobody asked for it."""
    graph = graph or get_default_graph()
    found = graph.get_collection(_READ_CACHE)
    if len(found) > 1:
        raise RuntimeError(f'There are multiple items in collection {_READ_CACHE}. There should be only one.')
    return found[0] if found else None


def _get_or_create_global_step_read(graph=None):
    graph = graph or get_default_graph()
    read = _get_global_step_read(graph)
    if read is not None:
        return read
    step = get_global_step(graph)
    if step is None:
        return None
    # Not in any loop or branch, and with no dependencies.
    with graph.as_default(), scopes.name_scope(None), scopes.name_scope(step.op.name + '/'):
        value = step.initialized_value() if isinstance(step, variables.Variable) else step
        # The sum is a tensor of its own, which a later assignment does not change.
        read = value + 0
        graph.add_to_collection(_READ_CACHE, read)
    return read


def _increment_global_step(increment, graph=None):
    graph = graph or get_default_graph()
    step = get_global_step(graph)
    if step is None:
        raise ValueError('Global step tensor should be created by tf.train.get_or_create_global_step before calling '
                         'increment.')
    read = _get_or_create_global_step_read(graph)
    with graph.as_default(), scopes.name_scope(None), scopes.name_scope(step.op.name + '/'):
        with scopes.control_dependencies([read]):
            return state.assign_add(step, increment)
