"""Trigonometric and hyperbolic functions and their inverses, elementwise."""
from graphflow.framework.apply import apply
from graphflow.framework.export import export
from graphflow.framework.registry import gradient, op
from graphflow.framework.scopes import control_dependencies
from graphflow.framework.shape_rules import broadcast
from graphflow.ops import math
from graphflow.ops.complex import conj
from graphflow.ops.constant import constant
from graphflow.ops.elementwise import COMPLEX, INT, REAL, unary

unary('Sin Cos Sinh Cosh Asinh Acosh Atanh', REAL + COMPLEX)
unary('Tan Asin Acos Atan', REAL + INT + COMPLEX)
op('Atan2', 'y:T, x:T -> z:T', f'T:type{{{REAL}}}', shape=broadcast)


@gradient('Sin')
def _(op, grad):
    with control_dependencies([grad]):
        return grad * cos(conj(op.inputs[0]))


@gradient('Cos')
def _(op, grad):
    with control_dependencies([grad]):
        x = conj(op.inputs[0])
        return -grad * sin(x)


@gradient('Tan')
def _(op, grad):
    with control_dependencies([grad]):
        secant = math.reciprocal(cos(conj(op.inputs[0])))
        return math.square(secant) * grad


@gradient('Asin')
def _(op, grad):
    with control_dependencies([grad]):
        return grad * math.reciprocal(math.sqrt(_one_minus_square(op, grad)))


@gradient('Acos')
def _(op, grad):
    with control_dependencies([grad]):
        inverse = math.reciprocal(math.sqrt(_one_minus_square(op, grad)))
        return -grad * inverse


@gradient('Atanh')
def _(op, grad):
    with control_dependencies([grad]):
        return grad * math.reciprocal(_one_minus_square(op, grad))


def _one_minus_square(op, grad):
    square = math.square(conj(op.inputs[0]))
    return math.subtract(constant(1, dtype=grad.dtype), square)


@gradient('Atan')
def _(op, grad):
    with control_dependencies([grad]):
        square = math.square(conj(op.inputs[0]))
        return grad * math.reciprocal(math.add(constant(1, dtype=grad.dtype), square))


@gradient('Sinh')
def _(op, grad):
    with control_dependencies([grad]):
        return grad * cosh(conj(op.inputs[0]))


@gradient('Cosh')
def _(op, grad):
    with control_dependencies([grad]):
        return grad * sinh(conj(op.inputs[0]))


@gradient('Asinh')
def _(op, grad):
    with control_dependencies([grad]):
        return grad / cosh(conj(op.outputs[0]))


@gradient('Acosh')
def _(op, grad):
    with control_dependencies([grad]):
        return grad / sinh(conj(op.outputs[0]))


@gradient('Atan2')
def _(op, grad):
    # The operands' gradients are not summed for broadcasting: TensorFlow 1.15.5 refuses such graphs.
    y, x = op.inputs
    with control_dependencies([grad]):
        scaled = grad / (math.square(x) + math.square(y))
        return x * scaled, -y * scaled


@export('sin', 'math.sin')
def sin(x, name=None):
    """The sine, elementwise, of a float or complex Tensor in radians."""
    return apply('Sin', x, name=name)


@export('cos', 'math.cos')
def cos(x, name=None):
    """The cosine, elementwise, of a float or complex Tensor in radians."""
    return apply('Cos', x, name=name)


@export('tan', 'math.tan')
def tan(x, name=None):
    """The tangent, elementwise, of a numeric Tensor in radians."""
    return apply('Tan', x, name=name)


@export('asin', 'math.asin')
def asin(x, name=None):
    """The angle in [-pi/2, pi/2] whose sine is `x`, elementwise."""
    return apply('Asin', x, name=name)


@export('acos', 'math.acos')
def acos(x, name=None):
    """The angle in [0, pi] whose cosine is `x`, elementwise."""
    return apply('Acos', x, name=name)


@export('atan', 'math.atan')
def atan(x, name=None):
    """The angle in (-pi/2, pi/2) whose tangent is `x`, elementwise."""
    return apply('Atan', x, name=name)


@export('atan2', 'math.atan2')
def atan2(y, x, name=None):
    """The angle in [-pi, pi] of the point (`x`, `y`), elementwise; floats, which broadcast."""
    return apply('Atan2', y, x, name=name)


@export('sinh', 'math.sinh')
def sinh(x, name=None):
    """The hyperbolic sine, elementwise, of a float or complex Tensor."""
    return apply('Sinh', x, name=name)


@export('cosh', 'math.cosh')
def cosh(x, name=None):
    """The hyperbolic cosine, elementwise, of a float or complex Tensor."""
    return apply('Cosh', x, name=name)


@export('asinh', 'math.asinh')
def asinh(x, name=None):
    """The inverse of `sinh`, elementwise."""
    return apply('Asinh', x, name=name)


@export('acosh', 'math.acosh')
def acosh(x, name=None):
    """The inverse of `cosh`, elementwise; NaN below 1."""
    return apply('Acosh', x, name=name)


@export('atanh', 'math.atanh')
def atanh(x, name=None):
    """The inverse of `tanh`, elementwise; NaN beyond -1 and 1."""
    return apply('Atanh', x, name=name)
