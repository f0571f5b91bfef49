"""Inner names of python.framework.ops."""
import contextlib
import itertools
import traceback

from graphflow.framework import convert, defaults, device as device_lib, graph as graph_lib, indexed_slices, registry, scopes
from graphflow.framework.graph import default_graphs as _default_graph_stack  # noqa: F401
from graphflow.framework.proto_functions import (get_collection_proto_type, get_from_proto_function,  # noqa: F401
                                                 get_to_proto_function, register_proto_function)
from graphflow.framework.scoped_names import with_scope as prepend_name_scope  # noqa: F401
from graphflow.framework.scoped_names import without_scope as strip_name_scope  # noqa: F401
from graphflow.framework.tensor import Tensor
from graphflow.ops import gradients

_uids = itertools.count(1)


def uid():
    """A number that no other call in this process gave."""
    return next(_uids)


# Converting values to tensors

def internal_convert_to_tensor(value, dtype=None, name=None, as_ref=False, preferred_dtype=None, ctx=None,
                               accept_symbolic_tensors=True, accept_composite_tensors=False):
    """convert_to_tensor that gives a variable's reference with `as_ref`."""
    return convert.to_tensor(value, dtype, name, as_ref, preferred_dtype)


def internal_convert_n_to_tensor(values, dtype=None, name=None, as_ref=False, preferred_dtype=None, ctx=None):
    """internal_convert_to_tensor for each of `values`."""
    return convert.to_tensors(values, dtype, name, as_ref, preferred_dtype)


def convert_n_to_tensor(values, dtype=None, name=None, preferred_dtype=None):
    """convert_to_tensor for each of `values`."""
    return convert.to_tensors(values, dtype, name, False, preferred_dtype)


def internal_convert_to_tensor_or_indexed_slices(value, dtype=None, name=None, as_ref=False):
    """internal_convert_to_tensor, but an IndexedSlices stays what it is."""
    if isinstance(value, indexed_slices.IndexedSlices):
        return convert.convert_to_tensor_or_indexed_slices(value, dtype, name)
    return convert.to_tensor(value, dtype, name, as_ref)


def convert_n_to_tensor_or_indexed_slices(values, dtype=None, name=None):
    """convert_to_tensor_or_indexed_slices for each of `values` that is not None."""
    return _each_but_none(convert.convert_to_tensor_or_indexed_slices, values, dtype, name)


def convert_to_tensor_or_composite(value, dtype=None, name=None):
    """convert_to_tensor, but an object made of several tensors stays what it is."""
    from graphflow.framework.sparse_tensor import SparseTensor
    if isinstance(value, SparseTensor):
        return value
    return convert.convert_to_tensor_or_indexed_slices(value, dtype, name)


def convert_n_to_tensor_or_composite(values, dtype=None, name=None):
    """convert_to_tensor_or_composite for each of `values` that is not None."""
    return _each_but_none(convert_to_tensor_or_composite, values, dtype, name)


def _each_but_none(function, values, dtype, name):
    if not isinstance(values, (list, tuple)):
        raise TypeError('values must be a sequence.')
    return [None if value is None else function(value, dtype, None if name is None else f'{name}_{i}')
            for i, value in enumerate(values)]


def convert_to_tensor_v2(value, dtype=None, dtype_hint=None, name=None):
    """convert_to_tensor with TensorFlow 2's order of arguments."""
    return convert.to_tensor(value, dtype, name, False, dtype_hint)


_dense_types = (Tensor,)


def is_dense_tensor_like(t):
    """Whether `t` is a Tensor, a Variable or of a registered type that stands for one dense tensor."""
    return isinstance(t, _dense_types) or getattr(t, '_is_dense_tensor_like', False) or _is_variable(t)


def _is_variable(t):
    from graphflow.ops import variables
    return isinstance(t, variables.Variable)


def register_dense_tensor_like_type(tensor_type):
    """Makes `is_dense_tensor_like` true of a class with the properties `name` and `dtype`."""
    global _dense_types
    for name in ('name', 'dtype'):
        if not isinstance(getattr(tensor_type, name, None), property):
            raise TypeError(f'Type {tensor_type.__name__} does not define a `{name}` property')
    _dense_types += (tensor_type,)


class _EagerTensorBase(Tensor):
    """The type of tensors that hold values. graphflow has none, so nothing is an instance of it."""


class EagerTensor(_EagerTensorBase):
    """See `_EagerTensorBase`."""


# Registries

class _Registry:
    """The view of a table of graphflow's that TensorFlow's registries give."""

    def __init__(self, name, table):
        self._name, self._table = name, table

    def register(self, candidate, name=None):
        name = name or candidate.__name__
        if name in self._table:
            raise KeyError(f"Registering two {self._name} with name '{name}'!")
        self._table[name] = candidate

    def list(self):
        return self._table.keys()

    def lookup(self, name):
        name = name.decode() if isinstance(name, bytes) else name
        if name not in self._table:
            raise LookupError(f'{self._name} registry has no entry for: {name}')
        return self._table[name]


_gradient_registry = _Registry('gradient', registry.GRADIENTS)
_stats_registry = _Registry('statistical functions', {})


def get_gradient_function(op):
    """The gradient function of an Operation; None for one without inputs. Raises: LookupError with none registered."""
    if not op.inputs:
        return None
    return _gradient_registry.lookup(op._attrs.get('_gradient_op_type', op.type))


def dismantle_graph(graph):
    """Makes a Graph forget its nodes, so that they can be freed at once."""
    graph._nodes_by_id.clear()
    graph._nodes_by_name.clear()
    graph._mutated()


class RegisterShape:
    """Decorator of the former shape functions, which no longer have an effect."""

    def __init__(self, op_type):
        if not isinstance(op_type, str):
            raise TypeError('op_type must be a string')

    def __call__(self, function):
        return function


class OpStats:
    """A statistic of a node (`statistic_type`, such as 'flops') and its `value`."""

    def __init__(self, statistic_type, value=None):
        self.statistic_type, self.value = statistic_type, value

    def __iadd__(self, other):
        if other.statistic_type != self.statistic_type:
            raise ValueError(f"Can't add an OpStat of type {self.statistic_type} to one of {other.statistic_type}.")
        if self.value is None:
            self.value = other.value
        elif other.value is not None:
            self.value += other.value
        return self


class RegisterStatistics:
    """Decorator that registers function(graph, node) -> OpStats for an op type and a statistic."""

    def __init__(self, op_type, statistic_type):
        if not isinstance(op_type, str):
            raise TypeError('op_type must be a string.')
        if ',' in op_type:
            raise TypeError('op_type must not contain a comma.')
        if not isinstance(statistic_type, str):
            raise TypeError('statistic_type must be a string.')
        if ',' in statistic_type:
            raise TypeError('statistic_type must not contain a comma.')
        self._key = f'{op_type},{statistic_type}'

    def __call__(self, function):
        _stats_registry.register(function, self._key)
        return function


def get_stats_for_node_def(graph, node, statistic_type):
    """The OpStats of a NodeDef: what is registered for its op type, else one without a value."""
    function = _stats_registry._table.get(f'{node.op},{statistic_type}')
    return OpStats(statistic_type) if function is None else function(graph, node)


# Names and scopes

class name_scope_v2:
    """name_scope with nothing but a name."""

    def __init__(self, name):
        if name is None or not isinstance(name, str):
            raise ValueError('name for name_scope must be a string.')
        self._name = name

    @property
    def name(self):
        return self._name

    def __enter__(self):
        self._scope = scopes.name_scope(self._name)
        return self._scope.__enter__()

    def __exit__(self, *exc):
        return self._scope.__exit__(*exc)


def get_name_scope():
    """The current name scope of the default graph."""
    return graph_lib.get_default_graph().get_name_scope()


def device_v2(device_name):
    """tf.device for a name. Raises: RuntimeError if given a function."""
    if callable(device_name):
        raise RuntimeError('tf.device does not support functions.')
    return scopes.device(device_name)


def name_from_scope_name(name):
    """The name of an op of the scope string 'a/b/'."""
    return name[:-1] if name.endswith('/') else name


_MARKS = ('loc:@', '^')


def _marked(name):
    mark = next((m for m in _MARKS if name.startswith(m)), '')
    return mark, name[len(mark):]


def strip_name_scope(name, export_scope):
    """`name`, which may be '^op' or 'loc:@op', without the scope at its front."""
    if not export_scope:
        return name
    export_scope = export_scope.rstrip('/') + '/'
    text = name.decode() if isinstance(name, bytes) else name
    mark, rest = _marked(text)
    return mark + (rest[len(export_scope):] if rest.startswith(export_scope) else rest)


def prepend_name_scope(name, import_scope):
    """`name`, which may be '^op' or 'loc:@op', within the scope."""
    if not import_scope:
        return name
    text = name.decode() if isinstance(name, bytes) else name
    mark, rest = _marked(text)
    return f'{mark}{import_scope.rstrip("/")}/{rest}'


class NullContextmanager:
    """A context manager that does nothing."""

    def __init__(self, *args, **kwargs):
        pass

    def __enter__(self):
        pass

    def __exit__(self, *exc):
        return False


@contextlib.contextmanager
def _colocate_with_for_gradient(op, gradient_uid=None, ignore_existing=False):
    """colocate_with within the default graph."""
    with graph_lib.get_default_graph().colocate_with(op, ignore_existing):
        yield


# Graphs and sessions

def default_session(session):
    """A context manager that makes `session` the default one within its block."""
    return defaults.sessions.get_controller(session)


def has_default_graph():
    """Whether this thread or process has a default graph already."""
    return bool(_default_graph_stack.stack) or _default_graph_stack._global[0] is not None


def _get_graph_from_inputs(op_input_list, graph=None):
    """The one graph that the tensors and operations of the list are of; the default graph if there are none."""
    if graph is not None and not isinstance(graph, graph_lib.Graph):
        raise TypeError(f'Input graph needs to be a Graph: {graph}')
    return graph_lib.graph_of(op_input_list, graph)


def _assert_same_graph(original_item, item):
    """Raises: ValueError if the two are of different graphs."""
    if original_item.graph is not item.graph:
        raise ValueError(f'{item} must be from the same graph as {original_item}.')


def executing_eagerly_outside_functions():
    return False


def inside_function():
    return graph_lib.get_default_graph().building_function


def _run_using_default_session(operation, feed_dict, graph, session=None):
    defaults.session_for('execute operation', 'run(session=sess)', graph, session).run(operation, feed_dict)


def _eval_using_default_session(tensors, feed_dict, graph, session=None):
    return defaults.session_for('evaluate tensor', 'eval(session=sess)', graph, session).run(tensors, feed_dict)


def _NodeDef(op_type, name, device=None, attrs=None):
    """A NodeDef message. `device` is a device name, or a function of the message that gives one."""
    from graphflow.framework import node_def
    message = node_def.node_def_pb2.NodeDef(op=op_type, name=name)
    for key, value in (attrs or {}).items():
        message.attr[key].CopyFrom(value)
    if device is not None:
        message.device = device(message) if callable(device) else device_lib.device_name(device)
    return message


def extract_traceback():
    return traceback.extract_stack()


_TensorLike = Tensor
