"""Static shapes: runs an op's shape rule when a node is made.

A rule is a function of a ShapeContext and returns the shape of the output: what TensorShape takes (TensorShape, list of
int/None, None for unknown), or a list of TensorShapes, one an output.
"""
from graphflow.framework import constant_value, tensor_shape

_UNKNOWN = tensor_shape.unknown_shape()
_SHOWN = 6      # elements of a value in an error message


class ShapeContext:
    """What a shape rule sees of its node."""
    __slots__ = ('op', '_values_used', '_shapes_used', '_blind')

    def __init__(self, op, blind=False):
        self.op = op
        self._blind = blind
        self._values_used = {}
        self._shapes_used = {}

    @property
    def num_inputs(self):
        return len(self.op._inputs)

    def shape(self, i):
        """The static shape of input i."""
        return self.op._inputs[i]._shape

    def shapes(self):
        """The static shapes of all inputs."""
        return [t._shape for t in self.op._inputs]

    def rank(self, i, n):
        """The shape of input i, asserted to have rank n."""
        shape = self.shape(i)
        if shape.ndims is not None and shape.ndims != n:
            raise ValueError(f'Shape must be rank {n} but is rank {shape.ndims}')
        return shape.with_rank(n)

    def rank_at_least(self, i, n):
        """The shape of input i, asserted to have at least n dimensions."""
        shape = self.shape(i)
        if shape.ndims is not None and shape.ndims < n:
            raise ValueError(f'Shape must be at least rank {n} but is rank {shape.ndims}')
        return shape

    def rank_at_most(self, i, n):
        """The shape of input i, asserted to have at most n dimensions."""
        shape = self.shape(i)
        if shape.ndims is not None and shape.ndims > n:
            raise ValueError(f'Shape must be at most rank {n} but is rank {shape.ndims}')
        return shape

    def value(self, i):
        """The value of input i as an ndarray if it can be computed from constants alone, else None."""
        if self._blind:
            return None
        value = constant_value.evaluate(self.op._inputs[i])
        self._values_used[i] = value
        return value

    def value_as_shape(self, i):
        """The shape that the 1-D integer input i stands for, dimensions not known being None."""
        if self._blind:
            length = self.shape(i)
            return tensor_shape.unknown_shape(length.as_list()[0] if length.ndims == 1 else None)
        shape = constant_value.evaluate_as_shape(self.op._inputs[i])
        self._shapes_used[i] = shape
        return shape

    def attr(self, name):
        """The value of attr `name`: Python values, str for strings, DType, ndarray for a tensor."""
        value = self.op._attrs[name]
        return value.decode() if isinstance(value, bytes) else value

    def dtype(self, i):
        """The DType of input i."""
        return self.op._inputs[i].dtype.base_dtype

    @property
    def num_outputs(self):
        return len(self.op.outputs)

    def failure(self, message):
        """TensorFlow's message of a shape error in this node."""
        op = self.op
        text = f"{message} for '{op.name}' (op: '{op.type}') with input shapes: "
        text += ', '.join(shape_text(t._shape) for t in op._inputs)
        known = [f'input[{i}] = {_value_text(v)}' for i, v in sorted(self._values_used.items())
                 if v is not None and i not in self._shapes_used]
        if known:
            text += ' and with computed input tensors: ' + ', '.join(known)
        shapes = [f'input[{i}] = {shape_text(s)}' for i, s in sorted(self._shapes_used.items()) if s.ndims is not None]
        if shapes:
            text += ' and with input tensors computed as partial shapes: ' + ','.join(shapes)
        return text + '.'


def infer(op):
    """Sets the static shapes of the outputs of the Operation `op`. Raises: ValueError if its inputs' shapes do not fit."""
    outputs = op.outputs
    rule = op.op_def_.shape_rule
    if not outputs:
        if rule is not None:
            _apply(rule, op)
        return
    result = _apply(rule, op)
    if isinstance(result, list) and (len(outputs) > 1 or result and isinstance(result[0], (tensor_shape.TensorShape,
                                                                                           list, tuple))):
        shapes = result
    else:
        shapes = [result] * len(outputs)
    for tensor, shape in zip(outputs, shapes):
        tensor._shape = shape if isinstance(shape, tensor_shape.TensorShape) else tensor_shape.as_shape(shape)


def _apply(rule, op):
    context = ShapeContext(op)
    try:
        return rule(context)
    except constant_value.ShapeValueError as error:
        raise ValueError(str(error)) from None
    except ValueError as error:
        raise ValueError(_first_failure(rule, op) or context.failure(error)) from None


def _first_failure(rule, op):
    """The message of an error that does not depend on the inputs' values: TensorFlow looks at their shapes first."""
    context = ShapeContext(op, blind=True)
    try:
        rule(context)
    except ValueError as error:
        return context.failure(error)


def shape_text(shape):
    """A shape as in TensorFlow's shape errors: [2,?], or ? for an unknown rank."""
    if shape.ndims is None:
        return '?'
    return '[' + ','.join('?' if d is None else str(d) for d in shape.as_list()) + ']'


def _value_text(value):
    """A value as in TensorFlow's shape errors, its first elements: <3>, <1 2 3>, <[1 2][3 4]>."""
    shown = [v.decode('utf-8', 'replace') if isinstance(v, bytes) else str(v) for v in value.ravel()[:_SHOWN]]
    if value.ndim < 2:
        return '<' + ' '.join(shown) + ('...' if value.size > _SHOWN else '') + '>'
    row = value.shape[-1] or 1
    rows = ['[' + ' '.join(shown[i:i + row]) + ('...' if len(shown[i:i + row]) < row else '') + ']'
            for i in range(0, len(shown), row)]
    return '<' + ''.join(rows) + ('...' if value.size // row > len(rows) else '') + '>'
