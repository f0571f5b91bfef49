"""Pass 7: shapes and constants. With the feeds' shapes known, shape rules tell nearly all shapes, and what depends on
constants or on shapes alone is computed now: most of the nodes that gradients consist of vanish."""
import numpy as np

from graphflow.framework import tensor_shape
from graphflow.framework.shape_inference import ShapeContext
from graphflow.kernels.subnormals import flushed
from graphflow.runtime import properties
from graphflow.runtime.program import Value

MAX_CONSTANT = 1 << 24      # bytes; what is larger is computed anew in every run


class _Context(ShapeContext):
    """What a shape rule sees of an instruction: values of this program instead of the graph's tensors."""
    __slots__ = ('inputs',)

    def __init__(self, instruction):
        super().__init__(instruction.node)
        self.inputs = instruction.inputs

    def shape(self, i):
        return self.inputs[i].partial

    def shapes(self):
        return [v.partial for v in self.inputs]

    def value(self, i):
        return self.inputs[i].constant

    def value_as_shape(self, i):
        value = self.inputs[i].constant
        if value is not None and value.ndim == 1:
            return tensor_shape.TensorShape([None if d < 0 else int(d) for d in value])
        length = self.inputs[i].shape
        return tensor_shape.unknown_shape(length[0] if length and len(length) == 1 else None)


def infer(instruction):
    """Sets the shapes of the outputs from those of the inputs."""
    rule = instruction.node.op_def_.shape_rule
    if rule is None or not instruction.outputs:
        return
    if _as_in_graph(instruction):
        return
    try:
        result = rule(_Context(instruction))
        outputs = instruction.outputs
        several = isinstance(result, list) and (
            len(outputs) > 1 or result and isinstance(result[0], (tensor_shape.TensorShape, list, tuple)))
        for value, shape in zip(outputs, result if several else [result] * len(outputs)):
            value.set_shape(shape)
    except Exception:       # the kernel will say what is wrong, when the run gets there
        instruction.wanted = True
        for value in instruction.outputs:
            value.set_shape(None)


def _as_in_graph(instruction):
    """Whether the shapes found when the graph was built are known and still hold."""
    node = instruction.node
    if not all(t._shape.is_fully_defined() and not t._shape_is_claimed for t in node.outputs):
        return False
    return all(v.shape is not None and t._shape.is_fully_defined() and v.shape == tuple(t._shape.as_list())
               or v.cell is not None for v, t in zip(instruction.inputs, node._inputs))


def fold(instruction):
    """Computes the outputs now if they are known; returns the list of constant Values, or None."""
    if instruction.effect or not instruction.outputs:
        return None
    arrays = [v.constant for v in instruction.inputs]
    if any(a is None for a in arrays):
        if instruction.op not in properties.SHAPE_ONLY or any(v.shape is None for v in instruction.inputs):
            return None
        arrays = [_placeholder(v) for v in instruction.inputs]
    if any(v.dtype is None for v in instruction.outputs):
        return None
    if sum(_size(v) for v in instruction.outputs) > MAX_CONSTANT:
        return None
    try:
        with np.errstate(all='ignore'), flushed():
            results = call(instruction, arrays)
    except Exception:       # it fails in every run: then it fails there, with the node's name
        return None
    return [Value.of_constant(_compact(r), instruction.node.name) for r in results]


def _placeholder(value):
    """An array of the value's shape that takes no memory."""
    return np.broadcast_to(np.zeros((), value.dtype), value.shape)


def _size(value):
    return 0 if value.shape is None else int(np.prod(value.shape, dtype=float)) * value.dtype.itemsize


def call(instruction, arrays):
    """Calls the kernel with a flat list of arrays; returns a flat list of results."""
    arrays, arguments = iter(arrays), []
    for count in instruction.groups:
        arguments.append(next(arrays) if count is None else [next(arrays) for _ in range(count)])
    result = instruction.function(*arguments)
    if len(instruction.outputs) == 1 and not instruction.node.op_def_.outputs[0].is_list:
        return [result]
    return list(result)


def _compact(array):
    """Many equal elements as a view of one."""
    array = np.asarray(array)
    if array.size > 1 and array.dtype.kind in 'fiub':
        bits = array.view(f'u{array.itemsize}') if array.dtype.kind == 'f' else array   # -0 and subnormals differ from 0
        if (bits == bits.flat[0]).all():
            return np.broadcast_to(np.array(array.flat[0]), array.shape)
    return array


def uniform(value):
    """The one number that all elements of a constant equal, as a numpy scalar; else None."""
    array = value.constant
    if array is None or array.size == 0 or array.dtype.kind not in 'fiub':
        return None
    if array.size == 1 or not any(array.strides):
        return array.flat[0]
    return None
