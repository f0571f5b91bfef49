"""tf.import_graph_def: adds the nodes of a GraphDef to a graph."""
import functools
import heapq
import re

from graphflow.framework import convert, device as device_lib, errors, node_check, registry, scopes
from graphflow.framework.export import export
from graphflow.framework.graph import PRODUCER_VERSION, get_default_graph
from graphflow.framework.shape_rules import merge
from graphflow.framework.tensor import Tensor
from graphflow.framework.tensor_shape import as_shape

_NODE_NAME = re.compile(r'[A-Za-z0-9.][A-Za-z0-9_./\-]*\Z')
_INPUT = re.compile(r'(.+?)(?::([0-9]{1,9}))?\Z', re.DOTALL)
_TENSOR_NAME = re.compile(r'([^:]+)(?::([0-9]{1,9}))?\Z')
_NEXT_ITERATIONS = ('NextIteration', 'RefNextIteration')
_MERGES = ('Merge', 'RefMerge')
_GROUP = b'loc:@'


@export('import_graph_def', 'graph_util.import_graph_def')
def import_graph_def(graph_def, input_map=None, return_elements=None, name=None, op_dict=None, producer_op_list=None):
    """Adds the nodes of a GraphDef to the default graph.

    Args:
      graph_def: a GraphDef message.
      input_map: a dict of names in `graph_def` ('node', 'node:0', or '^node' for control inputs) to Tensors of the
        default graph which nodes get in their place. Other values are converted to tensors.
      return_elements: a list of names in `graph_def` of nodes ('node') and tensors ('node:0') to return.
      name: a scope to put before the names, 'import' by default; '' for none.
      op_dict: deprecated, ignored.
      producer_op_list: an OpList message: the ops where the graph was made. Attrs that graphflow's ops do not have are
        dropped if they have their default values.

    Returns: a list of the Operations and Tensors asked for; None if `return_elements` is None.

    Raises: TypeError for arguments of wrong types; ValueError for a graph that is not valid or misses what a name stands
      for; errors.NotFoundError for an unknown op.
    """
    from tensorboard.compat.proto import graph_pb2
    if not isinstance(graph_def, graph_pb2.GraphDef):
        raise TypeError('graph_def must be a GraphDef proto.')
    input_map = _checked_map(input_map)
    if return_elements is not None:
        return_elements = tuple(return_elements)
        if not all(isinstance(e, (str, bytes)) for e in return_elements):
            raise TypeError('return_elements must be a list of strings.')
        return_elements = [e.decode() if isinstance(e, bytes) else e for e in return_elements]
    removable = {op.name: {a.name: a.default_value for a in op.attr if a.HasField('default_value')}
                 for op in producer_op_list.op} if producer_op_list is not None else {}
    graph = get_default_graph()
    with scopes.name_scope(name, 'import', list(input_map.values())) as scope:
        input_map = _as_tensors(name, input_map)
        graph._check_not_finalized()
        with graph._lock:
            return _Import(graph, graph_def, scope, input_map, removable).run(return_elements)


def _checked_map(input_map):
    if input_map is None:
        return {}
    if not isinstance(input_map, dict) or not all(isinstance(key, (str, bytes)) for key in input_map):
        raise TypeError('input_map must be a dictionary mapping strings to Tensor objects.')
    return {key.decode() if isinstance(key, bytes) else key: value for key, value in input_map.items()}


def _as_tensors(name, input_map):
    if all(isinstance(value, Tensor) for value in input_map.values()):
        return input_map
    if name == '':
        raise ValueError('tf.import_graph_def() requires a non-empty `name` if `input_map` contains non-Tensor values. Try '
                         'calling tf.convert_to_tensor() on `input_map` values before calling tf.import_graph_def().')
    with scopes.name_scope('_inputs'):
        return {key: convert.to_tensor(value) for key, value in input_map.items()}


def _tensor_name(name):
    """(node, index) of a name of a tensor; the index is 0 if it has none."""
    match = _TENSOR_NAME.match(name)
    if not match:
        raise ValueError(f"Cannot convert '{name}' to a tensor name.")
    return match[1], int(match[2] or 0)


class _Import:
    """One run of `import_graph_def`.

    Nodes are made as soon as their inputs are there, the first ones of the file first. A Merge of a loop does not wait
    for its NextIteration; it gets that input in the end. If anything fails, all nodes are taken out again.
    """

    def __init__(self, graph, graph_def, scope, input_map, removable):
        self.graph, self.graph_def, self.removable = graph, graph_def, removable
        self.prefix = scope
        self.control_map = {key[1:]: value.op for key, value in input_map.items() if key.startswith('^')}
        self.input_map = {_tensor_name(key): value for key, value in input_map.items() if not key.startswith('^')}
        self.made = {}              # name in the file -> Operation
        self.renamed = {}           # name in the file, if it was taken -> full new name
        self.back_edges = []        # (Operation, index of input, name in the file, index of output)

    def run(self, return_elements):
        self._check_versions()
        self._index()
        self._parse_inputs()
        try:
            with self.graph._lock:
                self._make_all()
                for op, index, name, output in self.back_edges:
                    op._update_input(index, self.made[name].outputs[output])
                found = None if return_elements is None else [self._returned(e) for e in return_elements]
                self._check_map()
                self._settle()
        except BaseException:
            self._undo()
            raise
        self._merge_versions()
        return found

    # What the file says

    def _check_versions(self):
        versions = self.graph_def.versions
        if versions.min_consumer > PRODUCER_VERSION:
            raise ValueError(f'GraphDef min consumer version {versions.min_consumer} above current version '
                             f'{PRODUCER_VERSION} for TensorFlow 1.15.5.  Please upgrade TensorFlow.')
        if PRODUCER_VERSION in versions.bad_consumers:
            raise ValueError(f'GraphDef disallows consumer version {PRODUCER_VERSION}.  Please upgrade TensorFlow: this '
                             'version is likely buggy.')

    def _merge_versions(self):
        theirs, ours = self.graph_def.versions, self.graph._versions
        self.graph._versions = (min(theirs.producer, ours[0]), max(theirs.min_consumer, ours[1]),
                                tuple(sorted({*ours[2], *theirs.bad_consumers})))

    def _index(self):
        self.positions = positions = {}
        for i, node in enumerate(self.graph_def.node):
            name = node.name
            if not _NODE_NAME.match(name):
                raise ValueError(f"Node '{name}': Node name contains invalid characters")
            if name in positions:
                raise ValueError(f"Node '{name}' is not unique")
            if not node.op:
                raise ValueError(f"Node '{name}' does not specify an operation")
            positions[name] = i
            is_control = False
            for text in node.input:
                if is_control and not text.startswith('^'):
                    raise ValueError(f"Node '{name}': Control dependencies must come after regular dependencies")
                is_control = text.startswith('^')

    def _parse_inputs(self):
        """Sets `sources`, by position: (list of (name, index of output), names of control inputs)."""
        self.sources = []
        for node in self.graph_def.node:
            inputs, controls = [], []
            for text in node.input:
                if text.startswith('^'):
                    if text[1:] not in self.positions and text[1:] not in self.control_map:
                        raise ValueError(f"Node '{node.name}': Unknown input node '{text}'")
                    if text[1:] not in controls:
                        controls.append(text[1:])
                    continue
                source = self._source(text)
                if source is None:
                    raise ValueError(f"Node '{node.name}': Unknown input node '{text}'")
                inputs.append(source)
            for group in self._groups(node):
                if group not in self.positions:
                    raise ValueError(f"Node '{node.name}' expects to be colocated with unknown node '{group}'")
            self.sources.append((inputs, controls))

    def _source(self, text):
        """(node, index of output) that the text of an input means; None if there is no such node."""
        if text in self.positions or (text, 0) in self.input_map:
            return text, 0
        match = _INPUT.match(text)
        if match and match[2]:
            source = match[1], int(match[2])
            if match[1] in self.positions or source in self.input_map:
                return source

    def _groups(self, node):
        """Names of the nodes that `node` is to be placed with."""
        if '_class' not in node.attr:
            return ()
        return [s[len(_GROUP):].decode(errors='replace') for s in node.attr['_class'].list.s if s.startswith(_GROUP)]

    # Making the nodes

    def _make_all(self):
        nodes, waiting, consumers = self.graph_def.node, [], {}
        for i, (inputs, controls) in enumerate(self.sources):
            wanted = [source for source in inputs if source not in self.input_map]
            wanted = {name for name, _ in wanted} | {c for c in controls if c not in self.control_map}
            if nodes[i].op in _MERGES:
                entering = {name for name in wanted if nodes[self.positions[name]].op not in _NEXT_ITERATIONS}
                wanted = entering if entering.intersection(name for name, _ in inputs) else wanted
            waiting.append(len(wanted))
            for name in wanted:
                consumers.setdefault(name, []).append(i)
        ready = [i for i, count in enumerate(waiting) if not count]     # ordered, hence a heap
        count = 0
        while ready:
            i = heapq.heappop(ready)
            count += 1
            self.made[nodes[i].name] = self._make(nodes[i], *self.sources[i])
            for consumer in consumers.get(nodes[i].name, ()):
                waiting[consumer] -= 1
                if not waiting[consumer]:
                    heapq.heappush(ready, consumer)
        if count < len(nodes):
            raise ValueError(f'{len(nodes) - count} nodes in a cycle')

    def _make(self, node, sources, controls):
        inputs = [self._input(node, source) for source in sources]
        name = self._new_name(node.name)
        op_def = self._declaration(node)
        messages = dict(node.attr)
        for attr, default in self.removable.get(node.op, {}).items():
            if attr not in op_def.attrs and messages.get(attr) == default:
                del messages[attr]
        shapes = messages.get('_output_shapes')
        if shapes is not None and shapes.WhichOneof('value') == 'list':
            del messages['_output_shapes']
        else:
            shapes = None
        attrs = node_check.attrs(name, op_def, messages)
        if '_class' in attrs and isinstance(attrs['_class'], list):
            attrs['_class'] = [self._renamed(s) for s in attrs['_class']]
        wanted = node_check.input_types(name, op_def, attrs, len(inputs))
        output_types = node_check.output_types(name, op_def, attrs)
        _check_types(name, inputs, wanted)
        self.graph._apply_attr_scopes(op_def.name, attrs)
        op = self.graph._import_node(
            op_def, name, [next(t for t in inputs if t is not None) if t is None else t for t in inputs], wanted,
            output_types, attrs, [self.control_map[c] if c in self.control_map else self.made[c] for c in controls],
            node.device, infer=None not in inputs)
        for i, tensor in enumerate(inputs):
            if tensor is None:
                self.back_edges.append((op, i, *sources[i]))
                op.outputs[1]._shape = as_shape([])     # all that is known of a Merge before its last input is
        if shapes is not None:
            _merge_shapes(op, shapes.list.shape)
        return op

    def _input(self, node, source):
        """The Tensor that stands for a source; None if it closes a loop and is not there yet."""
        tensor = self.input_map.get(source)
        if tensor is not None:
            if tensor.graph is not self.graph:
                raise ValueError(f"node '{tensor.op.name}' in input_map does not exist in graph (input_map entry: "
                                 f'{source[0]}:{source[1]}->{tensor.name})')
            return tensor
        op = self.made.get(source[0])
        if op is None:
            if node.op in _MERGES and self.graph_def.node[self.positions[source[0]]].op in _NEXT_ITERATIONS:
                if source[1] == 0:
                    return None
            raise ValueError(f"Node '{node.name}': Connecting to invalid output {source[1]} of source node {source[0]}.")
        if source[1] >= len(op.outputs):
            raise ValueError(f"Node '{node.name}': Connecting to invalid output {source[1]} of source node {source[0]} "
                             f'which has {len(op.outputs)} outputs.')
        return op.outputs[source[1]]

    def _declaration(self, node):
        op_def = registry.OPS.get(node.op)
        if op_def is None:
            if any(function.signature.name == node.op for function in self.graph_def.library.function):
                raise errors.UnimplementedError(None, None, f"Node '{node.name}' calls the function '{node.op}' of the "
                                                'GraphDef\'s library; graphflow has no functions in graphs yet.')
            raise errors.NotFoundError(
                None, None, f"Op type not registered '{node.op}' in binary running on graphflow. Make sure the Op and "
                'Kernel are registered in the binary running in this process. Note that if you are loading a saved graph '
                'which used ops from tf.contrib, accessing (e.g.) `tf.contrib.resampler` should be done before importing '
                'the graph, as contrib ops are lazily registered when the module is first accessed.')
        return op_def

    # Names

    def _new_name(self, name):
        full = self.prefix + name
        if full not in self._taken_names:
            return full
        count = 1
        while f'{full}_{count}' in self._taken_names or f'{name}_{count}' in self._own_names:
            count += 1
        self.renamed[name] = f'{full}_{count}'
        return self.renamed[name]

    @functools.cached_property
    def _own_names(self):
        return _with_prefixes(self.positions)

    @functools.cached_property
    def _taken_names(self):
        """What was in the graph before; first asked for when the first node is to be named."""
        return _with_prefixes(self.graph._nodes_by_name)

    def _renamed(self, group):
        """An element of `_class`: the group of a node of the file, by its new name."""
        if not group.startswith(_GROUP):
            return group
        name = group[len(_GROUP):].decode()
        return _GROUP + self.renamed.get(name, self.prefix + name).encode()

    # At the end

    def _returned(self, element):
        if ':' in element:
            name, index = _tensor_name(element)
            if (name, index) in self.input_map:
                return self.input_map[name, index]
            if name not in self.made:
                raise ValueError(f"Requested return tensor '{name}:{index}' not found in graph def")
            outputs = self.made[name].outputs
            if index >= len(outputs):
                raise ValueError(f"Invalid return output {index} of node '{name}', which has {len(outputs)} output(s)")
            return outputs[index]
        if element not in self.made:
            raise ValueError(f"Requested return node '{element}' not found in graph def")
        return self.made[element]

    def _check_map(self):
        used = {source for inputs, _ in self.sources for source in inputs}
        missing = [f'{name}:{index}' for name, index in sorted(self.input_map.keys() - used)
                   if name not in self.made or index >= len(self.made[name].outputs)]
        if missing:
            raise ValueError('Attempted to map inputs that were not found in graph_def: [%s]' % ', '.join(missing))

    def _settle(self):
        """Gives the new nodes what the scopes around the import ask for: control inputs, context, device, colocation."""
        ops, devices = list(self.made.values()), {}
        for op in ops:
            self.graph._settle_imported(op)
        for op in ops:
            devices[op] = op.device
            op._set_device_from_string('')
        colocated = []
        for op in ops:
            others = [g for g in (g[len(_GROUP):].decode() for g in op.colocation_groups()) if g != op.name]
            if others:      # which says more than a device
                colocated.append((op, others))
            else:
                around = reversed(self.graph._device_stack)
                own = [device_lib.device_function(devices[op])] if devices[op] else []
                device_lib.apply_device_functions(op, [*own, *around])
        for op, others in colocated:
            found = [other.device for other in map(self.graph._nodes_by_name.get, others) if other and other.device]
            op._set_device_from_string(found[0] if found else '')

    def _undo(self):
        for op in self.made.values():
            if op is not None:
                self.graph._forget(op)


def _with_prefixes(names):
    """The names and the scopes they are in."""
    found = set(names)
    for name in names:
        at = name.rfind('/')
        while at > 0 and name[:at] not in found:
            found.add(name[:at])
            at = name.rfind('/', 0, at)
    return found


def _check_types(name, inputs, wanted):
    for i, (tensor, dtype) in enumerate(zip(inputs, wanted)):
        if tensor is None or tensor.dtype is dtype:
            continue
        if dtype._is_ref_dtype or tensor.dtype.base_dtype is not dtype:
            raise ValueError(f'Input {i} of node {name} was passed {node_check.type_name(tensor.dtype)} from {tensor.name} '
                             f'incompatible with expected {node_check.type_name(dtype)}.')


def _merge_shapes(op, messages):
    """Adds what the attr `_output_shapes` of a file says of the outputs' shapes."""
    for i, (tensor, message) in enumerate(zip(op.outputs, messages)):
        try:
            tensor._shape = merge(tensor._shape, as_shape(message))
        except ValueError as error:
            raise ValueError(f"Node '{op.name}' has an _output_shapes attribute inconsistent with the GraphDef for output "
                             f'#{i}: {error}') from None
