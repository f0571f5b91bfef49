"""Bits of integers, elementwise. None is differentiable."""
from graphflow.framework.apply import apply
from graphflow.framework.export import export
from graphflow.framework.registry import not_differentiable, op
from graphflow.framework.shape_rules import unchanged
from graphflow.ops.elementwise import INTEGERS, binary, unary

binary('BitwiseAnd BitwiseOr BitwiseXor LeftShift RightShift', INTEGERS)
unary('Invert', INTEGERS)
op('PopulationCount', 'x:T -> y:uint8', f'T:type{{{INTEGERS}}}', shape=unchanged)
not_differentiable('BitwiseAnd', 'BitwiseOr', 'BitwiseXor', 'LeftShift', 'RightShift', 'Invert', 'PopulationCount')


@export('bitwise.bitwise_and')
def bitwise_and(x, y, name=None):
    """The bits that are set in both `x` and `y`, elementwise, of integer tensors of one dtype that broadcast."""
    return apply('BitwiseAnd', x, y, name=name)


@export('bitwise.bitwise_or')
def bitwise_or(x, y, name=None):
    """The bits that are set in `x`, `y` or both, elementwise, of integer tensors of one dtype that broadcast."""
    return apply('BitwiseOr', x, y, name=name)


@export('bitwise.bitwise_xor')
def bitwise_xor(x, y, name=None):
    """The bits that are set in just one of `x` and `y`, elementwise, of integer tensors of one dtype that broadcast."""
    return apply('BitwiseXor', x, y, name=name)


@export('bitwise.invert')
def invert(x, name=None):
    """The bits that are not set in `x`, elementwise, of an integer tensor."""
    return apply('Invert', x, name=name)


@export('bitwise.left_shift')
def left_shift(x, y, name=None):
    """`x` with its bits `y` places further left, elementwise, of integer tensors of one dtype that broadcast.

    Shifts by less than 0 or more than the type has bits count as by 0 or by one less than its bits.
    """
    return apply('LeftShift', x, y, name=name)


@export('bitwise.right_shift')
def right_shift(x, y, name=None):
    """`x` with its bits `y` places further right, elementwise; the sign of signed integers moves in from the left."""
    return apply('RightShift', x, y, name=name)
