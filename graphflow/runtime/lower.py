"""Pass 5: from nodes to a Program for feeds of known shapes.

Where a node takes the value of a variable, the program takes the variable's array itself, as a constant of the code: the
array is changed in place by updates and replaced only when its shape changes, which the guards notice.
"""
import numpy as np

from graphflow.framework import dtypes, tensor_shape
from graphflow.runtime import properties
from graphflow.runtime.program import Instruction, Program, Read, Value, is_write


class ShapesMislead(Exception):
    """A variable has, or may get, a shape other than the graph says: then no shape in the graph can be relied on."""


def lower(functions, constants, fed, shapes, fetches, targets):
    """The Program of nodes in order.

    Args:
      functions: dict of Operations, in the order in which they run, to their bound kernels (None: nothing to do).
      constants: dict of Tensors to arrays known already.
      fed: the Tensors whose values are arguments, and `shapes`, their shapes in this program.
      fetches: the Tensors to return.
      targets: the Operations that have to run, whatever becomes of their outputs.

    Raises: ShapesMislead.
    """
    arguments = [Value(_numpy_dtype(t.dtype), shape, node_name=t.op.name) for t, shape in zip(fed, shapes)]
    program = Program(arguments)
    builder = _Builder(program, dict(zip(fed, arguments)))
    for tensor, array in constants.items():
        builder.values.setdefault(tensor, Value.of_constant(array, tensor.op.name))     # what is fed stands
    data = {t.op for node in functions for t in node._inputs}
    wanted = set(targets)
    for node in functions:
        # What others only wait for must run: it may raise.
        wanted.update(c for c in node._control_inputs if c not in data)
    for node, function in functions.items():
        if function is not None:
            builder.add(node, function, node in wanted)
    program.results = [builder.values[t] for t in fetches]
    return program


def _numpy_dtype(dtype):
    """The dtype of a DType's arrays; None if its values are no arrays."""
    if dtype._is_ref_dtype or dtype in (dtypes.resource, dtypes.variant):
        return None
    return np.dtype(object if dtype == dtypes.string else dtype.as_numpy_dtype)


class _Builder:
    def __init__(self, program, values):
        self.program, self.values = program, values
        self.declared = {}          # cell -> TensorShape
        self.replaced = set()       # cells that may hold another array from here on

    def add(self, node, function, wanted):
        """Adds the instruction of one node."""
        program, op_def = self.program, node.op_def_
        if node.type in properties.HANDLES and node.outputs[0] not in self.values:
            cell = function()
            shape = self.declared[cell] = tensor_shape.as_shape(node._attrs['shape'])
            if cell.value is not None and not shape.is_compatible_with(cell.value.shape):
                raise ShapesMislead(node.name)
            value = Value(node_name=node.name)
            value.cell = cell
            self.values[node.outputs[0]] = value
            return
        inputs, takes_reference = [], False
        for tensor, wanted_type in zip(node._inputs, node._input_types):
            value = self.values[tensor]
            if tensor.dtype._is_ref_dtype and not wanted_type._is_ref_dtype:
                value = self._read(value, tensor, node)
            elif wanted_type._is_ref_dtype or wanted_type == dtypes.resource:
                takes_reference = True
            inputs.append(value)
        effect = op_def.is_stateful or takes_reference
        outputs = []
        for tensor in node.outputs:
            shape = None if tensor._shape_is_claimed else tensor._shape
            value = Value(_numpy_dtype(tensor.dtype), shape, node_name=node.name)
            self.values.setdefault(tensor, value)       # what is fed stands
            outputs.append(value)
        instruction = Instruction(node, node.type, function, inputs, outputs, _groups(node), effect, program.version)
        instruction.wanted = not outputs or wanted and not properties.is_total(node.type)
        if takes_reference and outputs and node.outputs[0].dtype._is_ref_dtype:
            outputs[0].cell = inputs[0].cell        # updates give the reference they took
        if not properties.is_fresh(node.type) and any(v.live for v in inputs):
            for value in outputs:
                value.live = True
        program.instructions.append(instruction)
        if is_write(node.type, effect, takes_reference):
            program.version += 1
            if node.type in properties.REPLACERS and not _keeps_array(inputs):
                if inputs[0].cell in self.declared and _may_mislead(node, self.declared[inputs[0].cell]):
                    raise ShapesMislead(node.name)
                self.replaced.update(v.cell for v in inputs if v.cell is not None)

    def _read(self, reference, tensor, node):
        """The Value of the array behind a reference."""
        program, cell = self.program, reference.cell
        if cell is not None and cell not in self.replaced:
            value = program.variable(cell, tensor.op)
            if value is not None:
                return value
        instruction = Read(node, reference, _numpy_dtype(tensor.dtype.base_dtype), program.version)
        instruction.wanted = True
        program.instructions.append(instruction)
        return instruction.outputs[0]


def _may_mislead(node, declared):
    """Whether an assignment may give a variable a shape that is not the declared one."""
    if len(node._inputs) < 2 or node._attrs.get('validate_shape', False):
        return False
    shape = node._inputs[1]._shape
    return declared.ndims is not None and not (shape.is_fully_defined() and declared.is_compatible_with(shape))


def _keeps_array(inputs):
    """Whether an assignment finds an array of the right shape, which it then overwrites."""
    cell, value = inputs[0].cell, inputs[1] if len(inputs) > 1 else None
    return (cell is not None and cell.value is not None and value is not None and value.shape is not None
            and cell.value.shape == value.shape)


def _groups(node):
    groups = []
    for arg in node.op_def_.inputs:
        if arg.number_attr is not None:
            groups.append(node._attrs[arg.number_attr])
        elif arg.type_list_attr is not None:
            groups.append(len(node._attrs[arg.type_list_attr]))
        else:
            groups.append(None)
    return tuple(groups)
