"""Graph: the nodes of a program, the scopes that name and place them, and the collections that list them."""
import contextlib
import re
import threading

from graphflow.framework import device as device_lib, errors, registry, shape_inference
from graphflow.framework.defaults import DefaultStack
from graphflow.framework.export import export
from graphflow.framework.indexed_slices import IndexedSlices
from graphflow.framework.operation import Operation, check_op_name
from graphflow.framework.tensor import Tensor

_VALID_SCOPE = re.compile(r'^[A-Za-z0-9_.\\\-/]*$')
_VALID_ROOT_SCOPE = re.compile(r'^[A-Za-z0-9.][A-Za-z0-9_.\\\-/]*$')
PRODUCER_VERSION = 134      # GraphDef.versions.producer that TensorFlow 1.15 writes
_UNREGISTERED = (
    'Op type not registered \'{}\' in binary running on graphflow. Make sure the Op and Kernel are registered in the '
    'binary running in this process.')


def _declaration(op_type):
    if op_type not in registry.OPS:
        raise errors.NotFoundError(None, None, _UNREGISTERED.format(op_type))
    return registry.OPS[op_type]


class _Controller:
    """One `with control_dependencies(...)` block, or a barrier (`control_inputs` None) that hides the outer ones.

    `seen` are the nodes that already wait for these control inputs; a node with one of them as an input need not wait
    by an edge of its own.
    """

    def __init__(self, graph, control_inputs):
        self.graph = graph
        self.is_barrier = control_inputs is None
        self.control_inputs = control_inputs or []
        self.seen = set()

    def __enter__(self):
        graph = self.graph
        if self.is_barrier:
            self.outer_stack, graph._controllers = graph._controllers, []
            self.outer_context = graph._get_control_flow_context()
            graph._set_control_flow_context(None)
        graph._controllers.append(self)

    def __exit__(self, *exc):
        graph = self.graph
        if graph._controllers and graph._controllers[-1] is self:
            graph._controllers.pop()
        if self.is_barrier:
            graph._controllers = self.outer_stack
            graph._set_control_flow_context(self.outer_context)


class _ThreadScopes(threading.local):
    """The name scope and the control dependencies that a thread is in. Other scopes hold for all threads."""

    def __init__(self):
        self.name_stack = ''
        self.controllers = []


@export('Graph')
class Graph:
    """A dataflow graph: Operations joined by the Tensors they make and take.

    The functions of `tf.*` add nodes to the default graph; `with graph.as_default():` makes another one the default.
    """

    def __init__(self):
        self._lock = threading.RLock()
        self._nodes_by_id = {}
        self._nodes_by_name = {}
        self._last_id = 0
        self._mutations = 0
        self._names_in_use = {}
        self._scopes = _ThreadScopes()
        self._device_stack = []
        self._colocation_stack = []
        self._control_flow_context = None
        self._attr_scopes = {}
        self._kernel_labels = {}
        self._gradient_overrides = {}
        self._default_original_op = None
        self._collections = {}
        self._unfeedable = set()
        self._unfetchable = set()
        self._finalized = False
        self._seed = None
        self._container = ''
        self._variable_creators = []
        self._py_funcs_used_in_graph = []
        self.building_function = False
        self._stack_state_is_thread_local = False
        self._versions = (PRODUCER_VERSION, 0, ())      # producer, min_consumer, bad_consumers

    # Properties

    @property
    def seed(self):
        return self._seed

    @seed.setter
    def seed(self, seed):
        self._seed = seed

    @property
    def finalized(self):
        """True if no more nodes may be added."""
        return self._finalized

    @property
    def version(self):
        """A number that grows with every node added."""
        return self._last_id

    @property
    def graph_def_versions(self):
        from graphflow.framework import node_def
        return node_def.versions(*self._versions)

    def finalize(self):
        """Forbids adding nodes from now on."""
        self._finalized = True

    def _unsafe_unfinalize(self):
        self._finalized = False

    def _check_not_finalized(self):
        if self._finalized:
            raise RuntimeError('Graph is finalized and cannot be modified.')

    @property
    def _name_stack(self):
        return self._scopes.name_stack

    @_name_stack.setter
    def _name_stack(self, name):
        self._scopes.name_stack = name

    @property
    def _controllers(self):
        return self._scopes.controllers

    @_controllers.setter
    def _controllers(self, controllers):
        self._scopes.controllers = controllers

    def _mutated(self):
        """Notes that a node already made was changed, so plans made before are void."""
        self._mutations += 1

    def as_default(self):
        """A context manager that makes this graph the default one within its block."""
        return default_graphs.get_controller(self)

    def as_graph_def(self, from_version=None, add_shapes=False):
        """The GraphDef message of this graph.

        Args:
          from_version: has no effect, as in TensorFlow 1.15: all nodes are given.
          add_shapes: adds an `_output_shapes` attr to every node.
        """
        from graphflow.framework import node_def
        return node_def.graph_def(self, add_shapes)

    # Making nodes

    def _next_id(self):
        self._check_not_finalized()
        self._last_id += 1
        return self._last_id

    def create_op(self, op_type, inputs, dtypes=None, input_types=None, name=None, attrs=None, op_def=None,
                  compute_shapes=True, compute_device=True):
        """Adds a node.

        Args:
          op_type: the op type, as registered.
          inputs: a list of Tensors of this graph.
          dtypes: a list of the outputs' DTypes (None: derived from the op's declaration).
          input_types: a list of the inputs' DTypes; reference types where the op modifies its input.
          name: a name to make unique, or one ending in '/', taken as it is.
          attrs: a dict of attr names to Python values or AttrValue messages.

        Returns: the Operation.

        Raises: TypeError if an input is no Tensor, ValueError if one is of another graph or the shapes do not fit.
        """
        self._check_not_finalized()
        for tensor in inputs:
            if not isinstance(tensor, Tensor):
                raise TypeError(f'Input #{list(inputs).index(tensor)} is not a tensor: {tensor}')
            self._assert_same_graph(tensor)
        with self._lock:
            return self._add_node(_declaration(op_type), inputs, dtypes, input_types, name, dict(attrs or {}), compute_device)

    def _add_node_of(self, node, node_def, inputs, output_types, input_types):
        """Makes the new Operation `node` what the NodeDef message says."""
        self._check_not_finalized()
        with self._lock:
            self._add_node(_declaration(node_def.op), inputs, output_types, input_types, node_def.name + '/',
                           dict(node_def.attr), node=node)
        if node_def.device:
            node._set_device(node_def.device)

    def _add_node(self, op_def, inputs, output_types, input_types, name, attrs, compute_device=True, node=None):
        name = op_def.name if name is None else name
        name = name[:-1] if name.endswith('/') else self.unique_name(name)
        check_op_name(name)
        if any(hasattr(v, 'WhichOneof') for v in attrs.values()):
            from graphflow.framework import node_def
            attrs = {k: node_def.attr_from_proto(v) if hasattr(v, 'WhichOneof') else v for k, v in attrs.items()}
        if len(attrs) < len(op_def.attrs):
            from graphflow.framework import apply
            apply.complete_attrs(op_def, inputs, attrs)
        if output_types is None:
            from graphflow.framework import apply
            output_types = apply.output_types(op_def, attrs)
        self._apply_attr_scopes(op_def.name, attrs)
        if input_types is None:
            input_types = [t.dtype.base_dtype for t in inputs]
        elif any(t.dtype.base_dtype is not wanted.base_dtype for t, wanted in zip(inputs, input_types)):
            raise TypeError(f"In op '{name}', input types ({[t.dtype for t in inputs]}) are not compatible with expected "
                            f'types ({input_types})')
        node = Operation.__new__(Operation) if node is None else node
        node._fill(self, op_def, name, inputs, input_types, output_types, attrs,
                   self._control_inputs_for([t.op for t in inputs]))
        self._register(node)
        self._enter_context(node)
        node._original_op = self._default_original_op
        if compute_device:
            device_lib.apply_device_functions(node, reversed(self._device_stack))
        self._place_with(node)
        for controller in self._controllers:
            controller.seen.add(node)
        if self._container and node.op_def_.is_stateful and 'container' in node._attrs:
            node._attrs['container'] = self._container.encode()
        return node

    def _register(self, node, infer=True):
        """Lists a node, after its static shapes are inferred; if that fails, nothing is left of it."""
        try:
            if infer:
                shape_inference.infer(node)
        except Exception:
            self._last_id -= 1
            self._forget(node)
            raise
        self._nodes_by_id[node._id] = node
        self._nodes_by_name[node._name] = node

    def _forget(self, node):
        """Takes out a node that nothing uses."""
        for tensor in node._inputs:
            if node in tensor._consumers:
                tensor._consumers.remove(node)
        for control in node._control_inputs:
            control._control_outputs.remove(node)
        self._nodes_by_id.pop(node._id, None)
        self._nodes_by_name.pop(node._name, None)

    def _enter_context(self, node):
        """Shows a new node to the branch or loop it is made in."""
        context = node._control_flow_context
        for tensor in node._inputs:
            other = tensor.op._control_flow_context
            if other is not None and other is not context:
                other.CheckUse(node, tensor.op)
        if context is not None:
            context.AddOp(node)

    def _import_node(self, op_def, name, inputs, input_types, output_types, attrs, control_inputs, device, infer):
        """Adds a node that was checked already; `_settle_imported` follows when its neighbours are there."""
        self._check_not_finalized()
        node = Operation.__new__(Operation)
        node._fill(self, op_def, name, inputs, input_types, output_types, attrs, control_inputs, device)
        self._register(node, infer)
        self._names_in_use.setdefault(name.lower(), 1)
        return node

    def _settle_imported(self, node):
        """Gives an imported node the control inputs, context and colocation that the scopes around ask for."""
        node._add_control_inputs(self._control_inputs_for([t.op for t in node._inputs]))
        self._enter_context(node)
        self._place_with(node)

    def _apply_attr_scopes(self, op_type, attrs):
        for key, value in self._attr_scopes.items():
            attrs.setdefault(key, value)
        if op_type in self._kernel_labels:
            attrs.setdefault('_kernel', self._kernel_labels[op_type].encode())
        if op_type in self._gradient_overrides:
            attrs.setdefault('_gradient_op_type', self._gradient_overrides[op_type].encode())

    def _place_with(self, node):
        """Gives the node the group (attr `_class`) and device of the ops it is to be colocated with."""
        if not self._colocation_stack:
            return
        groups = set()
        for op in self._colocation_stack:
            groups.update(op.colocation_groups())
            if op.device:
                node._set_device_from_string(op.device)
        node._attrs['_class'] = sorted(groups)

    def _assert_same_graph(self, tensor):
        if tensor.graph is not self:
            raise ValueError(f'{tensor} must be from the same graph as this graph, {self}.')

    # Names

    def unique_name(self, name, mark_as_used=True):
        """`name` within the current scope, with `_1`, `_2` ... appended if it is taken (whatever its letters' case)."""
        if self._name_stack:
            name = self._name_stack + '/' + name
        key = name.lower()
        with self._lock:
            count = self._names_in_use.get(key, 0)
            if mark_as_used:
                self._names_in_use[key] = count + 1
            if count:
                base = key
                while key in self._names_in_use:
                    key = f'{base}_{count}'
                    count += 1
                if mark_as_used:
                    self._names_in_use[key] = 1
                name = f'{name}_{count - 1}'
        return name

    def get_name_scope(self):
        """The current name scope, '' at the root."""
        return self._name_stack

    @contextlib.contextmanager
    def name_scope(self, name):
        """Within the block nodes are named `scope/...`; yields the scope with a slash behind it.

        Args:
          name: a new name, made unique within the outer scope; a scope string ending in '/' to re-enter that scope;
            None or '' for the root.

        Raises: ValueError if the name has characters that no scope may have.
        """
        if name:
            if isinstance(name, bytes):
                name = name.decode()
            valid = _VALID_SCOPE if self._name_stack else _VALID_ROOT_SCOPE
            if not valid.match(name):
                raise ValueError(f"'{name}' is not a valid scope name")
        outer = self._name_stack
        if not name:
            self._name_stack = ''
        elif name.endswith('/'):
            self._name_stack = name[:-1]
        else:
            self._name_stack = self.unique_name(name)
        try:
            yield self._name_stack + '/' if self._name_stack else ''
        finally:
            self._name_stack = outer

    # Placement and order

    @contextlib.contextmanager
    def device(self, device_name_or_function):
        """Within the block nodes are placed on the device: a name, a DeviceSpec, a function of the node, or None."""
        self._device_stack.append(device_lib.device_function(device_name_or_function))
        try:
            yield
        finally:
            self._device_stack.pop()

    @contextlib.contextmanager
    def colocate_with(self, op, ignore_existing=False):
        """Within the block nodes are placed with `op` (an Operation, Tensor or Variable; None only to ignore the rest)."""
        if op is None and not ignore_existing:
            raise ValueError('Trying to reset colocation (op is None) but ignore_existing is not True')
        if op is not None and not isinstance(op, Operation):
            op = op.op
        outer_devices, outer_stack = self._device_stack, self._colocation_stack
        # What is asked for by colocation is stronger than the devices asked for around it.
        if op is not None:
            self._device_stack = []
        if ignore_existing:
            self._colocation_stack = []
        else:
            self._colocation_stack = list(outer_stack)
        if op is not None:
            self._colocation_stack.append(op)
        try:
            yield
        finally:
            self._device_stack, self._colocation_stack = outer_devices, outer_stack

    def control_dependencies(self, control_inputs):
        """A context manager: nodes made within its block run only after `control_inputs`.

        Args:
          control_inputs: a list of Operations and Tensors; None hides the control dependencies of the blocks around.
        """
        if control_inputs is None:
            return _Controller(self, None)
        ops = []
        for element in control_inputs:
            if isinstance(element, IndexedSlices) or hasattr(element, '_handle') and hasattr(element, 'op'):
                element = element.op        # to wait for an update of a resource variable takes no read of it
            element = self.as_graph_element(element)
            op = element.op if isinstance(element, Tensor) else element
            if op not in ops:
                ops.append(op)
        return _Controller(self, ops)

    def _control_inputs_for(self, input_ops):
        found = []
        for controller in self._controllers:
            # An input that already waits for these makes a further edge superfluous.
            if not any(op in controller.seen for op in input_ops):
                found.extend(c for c in controller.control_inputs if c not in input_ops and c not in found)
        return found

    def _get_control_flow_context(self):
        return self._control_flow_context

    def _set_control_flow_context(self, context):
        self._control_flow_context = context

    @contextlib.contextmanager
    def gradient_override_map(self, op_type_map):
        """Within the block the gradient of each op type in the dict is the one registered under the name it maps to."""
        if not isinstance(op_type_map, dict):
            raise TypeError('op_type_map must be a dictionary mapping strings to strings')
        for key, value in op_type_map.items():
            if not isinstance(key, str) or not isinstance(value, str):
                raise TypeError('op_type_map must be a dictionary mapping strings to strings')
        with _updated(self._gradient_overrides, op_type_map):
            yield

    @contextlib.contextmanager
    def _attr_scope(self, attr_map):
        with _updated(self._attr_scopes, attr_map):
            yield

    @contextlib.contextmanager
    def _kernel_label_map(self, op_to_kernel_label_map):
        with _updated(self._kernel_labels, op_to_kernel_label_map):
            yield

    @contextlib.contextmanager
    def _original_op_scope(self, op):
        outer, self._default_original_op = self._default_original_op, op
        try:
            yield
        finally:
            self._default_original_op = outer

    @contextlib.contextmanager
    def container(self, container_name):
        """Within the block stateful nodes keep their state in the named container."""
        outer, self._container = self._container, container_name
        try:
            yield container_name
        finally:
            self._container = outer

    @contextlib.contextmanager
    def _variable_creator_scope(self, creator, priority=100):
        outer = self._variable_creators
        self._variable_creators = sorted(outer + [(priority, creator)], key=lambda entry: entry[0])
        try:
            yield
        finally:
            self._variable_creators = outer

    def variable_creator_scope_list(self):
        return list(self._variable_creators)

    # Finding nodes

    def get_operations(self):
        """The Operations, in order of creation."""
        return list(self._nodes_by_id.values())

    def get_operation_by_name(self, name):
        """The Operation of that name. Raises: TypeError, ValueError, KeyError."""
        if not isinstance(name, str):
            raise TypeError(f'Operation names are strings (or similar), not {type(name).__name__}.')
        return self.as_graph_element(name, allow_tensor=False, allow_operation=True)

    def get_tensor_by_name(self, name):
        """The Tensor of that name ('op:0'). Raises: TypeError, ValueError, KeyError."""
        if not isinstance(name, str):
            raise TypeError(f'Tensor names are strings (or similar), not {type(name).__name__}.')
        return self.as_graph_element(name, allow_tensor=True, allow_operation=False)

    def _get_operation_by_name_unsafe(self, name):
        return self._nodes_by_name[name]

    def as_graph_element(self, obj, allow_tensor=True, allow_operation=True):
        """The Tensor or Operation of this graph that `obj` (one of these, a Variable or a name) stands for.

        Raises: TypeError if `obj` is of another kind, ValueError if it is of another graph or a malformed name,
          KeyError if the name is not in the graph.
        """
        if self._finalized:
            return self._find(obj, allow_tensor, allow_operation)
        with self._lock:
            return self._find(obj, allow_tensor, allow_operation)

    def _find(self, obj, allow_tensor, allow_operation):
        kinds = ' or '.join(['Tensor'] * allow_tensor + ['Operation'] * allow_operation)
        if not kinds:
            raise ValueError('allow_tensor and allow_operation can\'t both be False.')
        convert = getattr(obj, '_as_graph_element', None)
        if callable(convert):
            obj = convert() if convert() is not None else obj
        if isinstance(obj, bytes):
            obj = obj.decode()
        if isinstance(obj, str):
            return self._find_name(obj, allow_tensor, allow_operation)
        for kind, allowed in ((Tensor, allow_tensor), (Operation, allow_operation)):
            if isinstance(obj, kind) and allowed:
                if obj.graph is not self:
                    raise ValueError(f'{kind.__name__} {obj} is not an element of this graph.')
                return obj
        raise TypeError(f'Can not convert a {type(obj).__name__} into a {kinds}.')

    def _find_name(self, name, allow_tensor, allow_operation):
        form = 'Tensor names must be of the form "<op_name>:<output_index>".'
        if ':' in name and allow_tensor:
            op_name, _, index = name.partition(':')
            if not index.isdigit():
                raise ValueError(f'The name {name!r} looks a like a Tensor name, but is not a valid one. {form}')
            op = self._nodes_by_name.get(op_name)
            if op is None:
                raise KeyError(f'The name {name!r} refers to a Tensor which does not exist. The operation, '
                               f'{op_name!r}, does not exist in the graph.')
            if int(index) >= len(op.outputs):
                raise KeyError(f'The name {name!r} refers to a Tensor which does not exist. The operation, '
                               f'{op_name!r}, exists but only has {len(op.outputs)} outputs.')
            return op.outputs[int(index)]
        if ':' in name:
            raise ValueError(f'Name {name!r} appears to refer to a Tensor, not a Operation.')
        op = self._nodes_by_name.get(name)
        if allow_operation:
            if op is None:
                raise KeyError(f'The name {name!r} refers to an Operation not in the graph.')
            return op
        if op is not None:
            raise ValueError(f'The name {name!r} refers to an Operation, not a Tensor. {form}')
        raise ValueError(f'The name {name!r} looks like an (invalid) Operation name, not a Tensor. {form}')

    # Collections

    def add_to_collection(self, name, value):
        """Appends `value` to the collection `name` (see `tf.GraphKeys` for the standard names)."""
        self._check_not_finalized()
        with self._lock:
            self._collections.setdefault(name, []).append(value)

    def add_to_collections(self, names, value):
        """Appends `value` to each of the collections `names` (a string or an iterable; a name twice counts once)."""
        for name in (names,) if isinstance(names, str) else set(names):
            self.add_to_collection(name, value)

    def get_collection_ref(self, name):
        """The list that holds the collection `name`: changing it changes the collection."""
        with self._lock:
            return self._collections.setdefault(name, [])

    def get_collection(self, name, scope=None):
        """A copy of the collection `name`, or of its items whose name matches the regular expression `scope`."""
        with self._lock:
            items = self._collections.get(name, [])
            if scope is None:
                return list(items)
            pattern = re.compile(scope)
            return [item for item in items if hasattr(item, 'name') and pattern.match(item.name)]

    def get_all_collection_keys(self):
        """The names of the collections in use."""
        with self._lock:
            return [name for name in self._collections if isinstance(name, str)]

    @property
    def collections(self):
        return self.get_all_collection_keys()

    def clear_collection(self, name):
        """Empties the collection `name`."""
        self._check_not_finalized()
        with self._lock:
            self._collections.pop(name, None)

    # What may be fed and fetched

    def prevent_feeding(self, tensor):
        """Marks `tensor` as one that `Session.run` refuses to feed."""
        self._unfeedable.add(tensor)

    def is_feedable(self, tensor):
        """Whether `tensor` may be fed."""
        return tensor not in self._unfeedable

    def prevent_fetching(self, op):
        """Marks `op` as one that `Session.run` refuses to fetch."""
        self._unfetchable.add(op)

    def is_fetchable(self, tensor_or_op):
        """Whether the Tensor or Operation may be fetched."""
        op = tensor_or_op.op if isinstance(tensor_or_op, Tensor) else tensor_or_op
        return op not in self._unfetchable

    # What TensorFlow's inner modules ask of a graph

    def switch_to_thread_local(self):
        """Accepted for compatibility."""
        self._stack_state_is_thread_local = True

    @property
    def _functions(self):
        return {}

    def _is_function(self, name):
        return False

    def _get_function(self, name):
        return None

    @property
    def _control_dependencies_stack(self):
        return self._controllers

    def _control_dependencies_for_inputs(self, input_ops):
        return self._control_inputs_for(input_ops)

    @property
    def _variable_creator_stack(self):
        return self.variable_creator_scope_list()


@contextlib.contextmanager
def _updated(table, entries):
    """Within the block the dict `table` has `entries` too; after it, it is as before."""
    outer = dict(table)
    table.update(entries)
    try:
        yield
    finally:
        table.clear()
        table.update(outer)


class _DefaultGraphs(DefaultStack):
    """The default-graph stack: below what a thread entered lies one graph for the whole process."""

    _global = [None]

    def get_default(self):
        if self.stack:
            return self.stack[-1]
        if self._global[0] is None:
            self._global[0] = Graph()
        return self._global[0]

    def reset(self):
        self._global[0] = None


default_graphs = _DefaultGraphs()


@export('get_default_graph')
def get_default_graph():
    """The graph that nodes are added to now: the innermost `with graph.as_default()`, else the process's own."""
    return default_graphs.get_default()


@export('reset_default_graph')
def reset_default_graph():
    """Forgets the process's default graph and starts an empty one.

    Raises: AssertionError within a `with graph.as_default()` block.
    """
    if not default_graphs.is_cleared():
        raise AssertionError('Do not use tf.reset_default_graph() to clear nested graphs. If you need a cleared graph, '
                             'exit the nesting and create a new graph.')
    default_graphs.reset()


def graph_of(inputs, graph=None):
    """The graph that the Tensors and Operations among `inputs` are of; the default graph if there are none.

    Raises: ValueError if they are of different graphs.
    """
    first = None
    for element in inputs:
        owner = getattr(element, 'graph', None)
        if not isinstance(owner, Graph):
            continue
        if graph is None:
            graph, first = owner, element
        elif owner is not graph:
            if first is not None:
                raise ValueError(f'{_as_node(element)} must be from the same graph as {_as_node(first)}.')
            raise ValueError(f'{_as_node(element)} is not from the passed-in graph.')
    return graph or get_default_graph()


def _as_node(element):
    """What a variable stands for in its graph; anything else is that itself."""
    convert = getattr(element, '_as_graph_element', None)
    return convert() if callable(convert) else element
