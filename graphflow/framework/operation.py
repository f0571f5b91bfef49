"""Operation: one node of a graph."""
import os
import re
import sys

from graphflow.framework import defaults, device as device_lib, dtypes, errors
from graphflow.framework.export import export
from graphflow.framework.tensor import Tensor

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
_VALID_NAME = re.compile(r'^[A-Za-z0-9.][A-Za-z0-9_.\\\-/]*$')


def check_op_name(name):
    if not isinstance(name, str) or not _VALID_NAME.match(name):
        raise ValueError(f"'{name}' is not a valid node name")


@export('Operation')
class Operation:
    """A node: its type, its inputs, its attributes and the tensors it outputs.

    Nodes are made by the functions of `tf.*`, through `Graph.create_op`; hardly ever directly, from a NodeDef message.

    Args:
      node_def: a NodeDef message: the op type, the name as it is, the attrs.
      g: the Graph to add the node to.
      inputs: a list of Tensors of that graph.
      output_types: a list of the outputs' DTypes; None: derived from the op's declaration.
      control_inputs: a list of Operations and Tensors to run before.
      input_types: a list of DTypes that the inputs are to have.
      original_op, op_def: accepted for compatibility.

    Raises: TypeError and ValueError for arguments that do not fit.
    """

    def __init__(self, node_def, g, inputs=None, output_types=None, control_inputs=None, input_types=None,
                 original_op=None, op_def=None):
        if not hasattr(node_def, 'attr'):
            raise TypeError(f'node_def needs to be a NodeDef: {node_def}')
        check_op_name(node_def.name)
        if not hasattr(g, '_add_node_of'):
            raise TypeError(f'g needs to be a Graph: {g}')
        inputs = [] if inputs is None else inputs
        if not isinstance(inputs, list):
            raise TypeError(f'inputs needs to be a list of Tensors: {inputs}')
        for tensor in inputs:
            if not isinstance(tensor, Tensor):
                raise TypeError(f'input needs to be a Tensor: {tensor}')
        with g.control_dependencies(control_inputs or []):
            g._add_node_of(self, node_def, inputs, output_types, input_types)

    def _fill(self, graph, op_def, name, inputs, input_types, output_types, attrs, control_inputs, device=''):
        """Sets all attributes; `Graph._add_node` calls it for every node it makes."""
        self.graph = graph
        self.op_def_ = op_def
        self.type = op_def.name
        self._name = name
        self._inputs = list(inputs)
        self._input_types = input_types
        self._attrs = attrs
        self._control_inputs = list(control_inputs)
        self._device = device
        self._id = graph._next_id()
        self._stack = _capture_stack()
        self._original_op = None
        self._control_flow_context = graph._get_control_flow_context()
        self._control_outputs = []
        self._edges = None          # data inputs (numbers) and control inputs, once one was replaced
        self.outputs = [Tensor(self, i, dtype) for i, dtype in enumerate(output_types)]
        for tensor in self._inputs:
            tensor._consumers.append(self)
        for control in self._control_inputs:
            control._control_outputs.append(self)

    @property
    def name(self):
        return self._name

    @property
    def device(self):
        return self._device

    @property
    def inputs(self):
        return tuple(self._inputs)

    @property
    def _input_dtypes(self):
        return self._input_types

    @property
    def _id_value(self):
        return self._id

    @property
    def _is_stateful(self):
        return self.op_def_.is_stateful

    @property
    def _output_types(self):
        return [int(t.dtype.as_datatype_enum) for t in self.outputs]

    @property
    def control_inputs(self):
        return list(self._control_inputs)

    @property
    def _control_outputs_list(self):
        return list(self._control_outputs)

    def values(self):
        """The outputs, as a tuple."""
        return tuple(self.outputs)

    def get_attr(self, name):
        """The value of attr `name`: int, float, bool, bytes, DType, a TensorShapeProto or TensorProto, or a list.

        Raises: ValueError if the node has no such attr.
        """
        if name not in self._attrs:
            raise ValueError(f"Operation '{self._name}' has no attr named '{name}'.")
        value = self._attrs[name]
        if isinstance(value, (bool, int, float, bytes, dtypes.DType)):
            return value
        from graphflow.framework import node_def
        return node_def.attr_as_user_value(self.op_def_, name, value)

    def _set_attr(self, name, value):
        """Sets attr `name` to a Python value or an AttrValue message."""
        if hasattr(value, 'WhichOneof'):
            from graphflow.framework import node_def
            value = node_def.attr_from_proto(value)
        self._attrs[name] = value
        self.graph._mutated()

    def _clear_attr(self, name):
        self._attrs.pop(name, None)
        self.graph._mutated()

    def _set_device(self, device):
        self._device = device_lib.device_name(device)

    def _set_device_from_string(self, device):
        self._device = device

    @property
    def node_def(self):
        """The NodeDef message of this node."""
        from graphflow.framework import node_def
        return node_def.from_operation(self)

    @property
    def op_def(self):
        """The OpDef message of this node's op type."""
        from graphflow.framework import node_def
        return node_def.op_def_proto(self.op_def_)

    def colocation_groups(self):
        """The names b'loc:@op' of the groups this node is placed with; itself alone if none was asked for."""
        classes = self._attrs.get('_class', ())
        groups = [c for c in classes if c.startswith(b'loc:@')] if isinstance(classes, (list, tuple)) else []
        return groups or [b'loc:@' + self._name.encode()]

    @property
    def traceback(self):
        """Where the node was made, as traceback.extract_stack() gives it: (file, line, function, text), outermost first."""
        import linecache
        frames = []
        for code, line in reversed(self._stack):
            text = linecache.getline(code.co_filename, line).strip()
            frames.append((code.co_filename, line, code.co_name, text or None))
        return tuple(frames)

    @property
    def traceback_with_start_lines(self):
        return [frame + (code.co_firstlineno,) for frame, (code, _) in zip(self.traceback, reversed(self._stack))]

    @property
    def user_line(self):
        """(file, line) of the innermost caller outside graphflow: the user's line that made this node."""
        for code, line in self._stack:
            if not code.co_filename.startswith(_PACKAGE):
                return code.co_filename, line
        return (self._stack[0][0].co_filename, self._stack[0][1]) if self._stack else ('<unknown>', 0)

    def run(self, feed_dict=None, session=None):
        """Runs this operation in `session` (default: the default session)."""
        defaults.session_for('execute operation', 'run(session=sess)', self.graph, session).run(self, feed_dict)

    # Surgery on nodes already made, which control flow, importers and graph editors need.

    def _update_input(self, index, tensor):
        self.graph._assert_same_graph(tensor)
        if index >= len(self._inputs):
            raise errors.OutOfRangeError(None, None, f'Cannot update edge. Input index [{index}] is greater than the '
                                                     f'number of total inputs [{len(self._inputs)}].')
        self._inputs[index]._consumers.remove(self)
        self._inputs[index] = tensor
        tensor._consumers.append(self)
        self.graph._mutated()

    def _reorder_edges(self, index):
        """Orders the control inputs as TensorFlow has them after input `index` was replaced.

        It keeps a node's edges in one set: the last takes the place of the one removed, and the new one comes last.
        """
        if self._edges is None:
            self._edges = list(range(len(self._inputs))) + self._control_inputs
        at = self._edges.index(index)
        self._edges[at] = self._edges[-1]
        self._edges[-1] = index
        self._control_inputs = [e for e in self._edges if isinstance(e, Operation)]

    def _add_control_input(self, op):
        self._add_control_inputs([op])

    def _add_control_inputs(self, ops):
        for op in ops:
            if not isinstance(op, Operation):
                raise TypeError(f'op must be an Operation: {op}')
            if op not in self._control_inputs:
                self._control_inputs.append(op)
                if self._edges is not None:
                    self._edges.append(op)
                op._control_outputs.append(self)
        self.graph._mutated()

    def _remove_all_control_inputs(self):
        for op in self._control_inputs:
            op._control_outputs.remove(self)
        self._control_inputs = []
        self._edges = None
        self.graph._mutated()

    def _get_control_flow_context(self):
        return self._control_flow_context

    def _set_control_flow_context(self, context):
        self._control_flow_context = context

    def __repr__(self):
        return f"<tf.Operation '{self._name}' type={self.type}>"

    def __str__(self):
        from google.protobuf import text_format
        return text_format.MessageToString(self.node_def)


def _capture_stack():
    """[(code, line)] of the callers, innermost first: a few pointers, made into text only when asked for."""
    frame = sys._getframe(2)
    stack = []
    while frame is not None:
        stack.append((frame.f_code, frame.f_lineno))
        frame = frame.f_back
    return stack
