"""Program: a plan for known feed shapes, as the compiler's passes see it.

A `Value` is what one instruction computes; an `Instruction` is a kernel call. Programs are in single assignment form
but for variables: their arrays change in place, so a value may be `live` (its memory is a variable's, and it changes when
the variable does) and every instruction knows the `version` of the variables' memory at its place. An instruction that
takes a live value may not be moved to a place of another version.
"""
import numpy as np

from graphflow.framework import tensor_shape
from graphflow.runtime import properties
from graphflow.runtime.bind import bind_known


class Value:
    """What an instruction computes, an argument, or a constant.

    Attributes:
      dtype: numpy dtype, or None for what is no array (a variable's cell, a handle).
      partial: TensorShape; `shape` is the tuple if all of it is known, else None.
      constant: ndarray, if the value is known now.
      cell: the VariableCell that this value is (for references), or None.
      live: whether the memory is a variable's own.
      producer: the Instruction; None for arguments and constants.
      name: its name in the code.
    """
    __slots__ = ('dtype', 'partial', 'shape', 'constant', 'cell', 'live', 'producer', 'name', 'node_name')

    def __init__(self, dtype=None, partial=None, producer=None, node_name=''):
        self.dtype, self.producer, self.node_name = dtype, producer, node_name
        self.constant = self.cell = self.name = None
        self.live = False
        self.set_shape(partial)

    def set_shape(self, partial):
        """Sets what is known of the shape: a TensorShape, a tuple, or None."""
        if not isinstance(partial, tensor_shape.TensorShape):
            partial = tensor_shape.as_shape(partial)
        self.partial = partial
        self.shape = tuple(partial.as_list()) if partial.is_fully_defined() else None

    @classmethod
    def of_constant(cls, array, node_name=''):
        """The Value of an ndarray known now."""
        array = np.asarray(array)
        dtype = array.dtype
        if dtype.kind in 'fiubc' and dtype.isnative:
            dtype = np.dtype(dtype.type)        # what came out of bytes has an equal one, which numpy does not call its own
        value = cls(dtype, array.shape, node_name=node_name)
        value.constant = array
        return value


class Instruction:
    """A kernel call that stands for one node of the graph.

    Attributes:
      node: the Operation, which errors name.
      op: its type, by which the passes know it.
      function: the bound kernel.
      inputs, outputs: lists of Values.
      groups: for each argument of the kernel None, or the number of values in its list.
      effect: whether the call does more than compute its outputs, so that it stays where it is.
      version: how often the variables' memory was written before.
    """
    __slots__ = ('node', 'op', 'function', 'inputs', 'outputs', 'groups', 'effect', 'version', 'wanted')

    def __init__(self, node, op, function, inputs, outputs, groups, effect=False, version=0):
        self.node, self.op, self.function = node, op, function
        self.inputs, self.outputs, self.groups = inputs, outputs, groups
        self.effect, self.version = effect, version
        self.wanted = False
        for value in outputs:
            value.producer = self

    def arguments(self):
        """The source of the kernel's arguments."""
        names = iter([value.name for value in self.inputs])
        for count in self.groups:
            if count is None:
                yield next(names)
            else:
                yield '[' + ', '.join(next(names) for _ in range(count)) + ']'

    def attr(self, name):
        """An attr of the node."""
        return self.node._attrs[name]

    def emit(self, code):
        """Adds the lines that run this to `code` (an emit.Code)."""
        known = bind_known(self.node, self.inputs) if type(self) is Instruction else None
        code.call(self, known or self.function, ', '.join(self.arguments()), self.outputs, self.node)

    def __repr__(self):
        return f'{[v.name for v in self.outputs]} = {self.op}({[v.name for v in self.inputs]})'


class View(Instruction):
    """The first input with another shape, known now."""
    __slots__ = ()

    def __init__(self, node, value, shape, version):
        output = Value(value.dtype, shape, node_name=node.name)
        output.live = value.live
        super().__init__(node, 'View', None, [value], [output], (None,), False, version)

    def emit(self, code):
        code.line(f'{self.outputs[0].name} = {self.inputs[0].name}.reshape({self.outputs[0].shape})', self.node)


class Read(Instruction):
    """The array of a variable whose cell only a run knows."""
    __slots__ = ()

    def __init__(self, node, reference, dtype, version):
        output = Value(dtype, None, node_name=node.name)
        output.live = True
        super().__init__(node, 'Read', None, [reference], [output], (None,), False, version)

    def emit(self, code):
        code.line(f'{self.outputs[0].name} = {self.inputs[0].name}.read()', self.node)


class Program:
    """Instructions in the order in which they run.

    Attributes:
      arguments: the Values of the fed tensors.
      results: the Values to return.
      guards: dict VariableCell -> the array that the program takes it to hold, or None; when it holds another one,
        another program is needed.
      notes: what the passes did, for the report: a list of (pass, text).
    """

    def __init__(self, arguments):
        self.arguments = arguments
        self.instructions, self.results, self.guards, self.notes = [], [], {}, []
        self.version = 0
        self._variables = {}

    def variable(self, cell, node):
        """The live Value of a variable's array, guarded; None if it has no value yet."""
        value = self._variables.get(cell)
        if value is None:
            array = cell.value
            if array is None:
                self.guards[cell] = None
                return None
            value = self._variables[cell] = Value(array.dtype, array.shape, node_name=node.name)
            value.live = True
            value.cell = cell
            self.guards[cell] = array
        return value

    def note(self, name, text):
        """Records what the pass `name` did."""
        self.notes.append((name, text))


def is_write(instruction_op, effect, takes_reference):
    """Whether an instruction may change variables' memory."""
    return effect and takes_reference and instruction_op not in properties.READERS
