"""Comparisons and logic, elementwise. None is differentiable."""
import numpy as np

from graphflow.framework import constant_value
from graphflow.framework.apply import apply
from graphflow.framework.export import export
from graphflow.framework.registry import not_differentiable, op, value_rule
from graphflow.framework.shape_rules import broadcast, merge, unchanged
from graphflow.ops.elementwise import REAL

_ORDERED = 'T:type{float,double,int32,uint8,int16,int8,int64,bfloat16,uint16,half,uint32,uint64}'
_COMPARABLE = ('T:type{bfloat16,half,float,double,uint8,int8,int16,int32,int64,complex64,quint8,qint8,qint32,'
               'string,bool,complex128}; incompatible_shape_error:bool=True')

for _name in ('Less', 'LessEqual', 'Greater', 'GreaterEqual'):
    op(_name, 'x:T, y:T -> z:bool', _ORDERED, shape=broadcast)
for _name in ('LogicalAnd', 'LogicalOr'):
    op(_name, 'x:bool, y:bool -> z:bool', shape=broadcast)
for _name in ('IsNan', 'IsInf', 'IsFinite'):
    op(_name, 'x:T -> y:bool', f'T:type{{{REAL}}}', shape=unchanged)
op('LogicalNot', 'x:bool -> y:bool', shape=unchanged)


@op('ApproximateEqual', 'x:T, y:T -> z:bool',
    'T:type{float,double,int32,uint8,int16,int8,complex64,int64,qint8,quint8,qint32,bfloat16,uint16,complex128,half,'
    'uint32,uint64}; tolerance:float=9.999999747378752e-06')
def _(c):
    merge(c.shape(0), c.shape(1))       # they must fit, but only the first one counts
    return c.shape(0)


not_differentiable('Less', 'LessEqual', 'Greater', 'GreaterEqual', 'Equal', 'NotEqual', 'ApproximateEqual',
                   'LogicalAnd', 'LogicalOr', 'LogicalNot')


def _equality(c):
    if c.attr('incompatible_shape_error'):
        return broadcast(c)
    # Shapes that do not broadcast are allowed: the answer is then one scalar.
    if not all(s.is_fully_defined() for s in c.shapes()):
        return None
    try:
        return broadcast(c)
    except ValueError:
        return []


op('Equal', 'x:T, y:T -> z:bool', _COMPARABLE, shape=_equality)
op('NotEqual', 'x:T, y:T -> z:bool', _COMPARABLE, shape=_equality)


@value_rule('Equal', 'NotEqual')
def _(op):
    x, y = (constant_value.constant_value(t) for t in op.inputs)
    if x is None or y is None:
        return None
    return np.asarray(np.equal(x, y) if op.type == 'Equal' else np.not_equal(x, y))


@export('equal', 'math.equal')
def equal(x, y, name=None):
    """Where `x == y`, elementwise: a bool Tensor. `x` and `y` broadcast and are of one dtype."""
    return apply('Equal', x, y, name=name)


@export('not_equal', 'math.not_equal')
def not_equal(x, y, name=None):
    """Where `x != y`, elementwise: a bool Tensor. `x` and `y` broadcast and are of one dtype."""
    return apply('NotEqual', x, y, name=name)


@export('less', 'math.less')
def less(x, y, name=None):
    """Where `x < y`, elementwise: a bool Tensor. `x` and `y` broadcast and are of one real dtype."""
    return apply('Less', x, y, name=name)


@export('less_equal', 'math.less_equal')
def less_equal(x, y, name=None):
    """Where `x <= y`, elementwise: a bool Tensor. `x` and `y` broadcast and are of one real dtype."""
    return apply('LessEqual', x, y, name=name)


@export('greater', 'math.greater')
def greater(x, y, name=None):
    """Where `x > y`, elementwise: a bool Tensor. `x` and `y` broadcast and are of one real dtype."""
    return apply('Greater', x, y, name=name)


@export('greater_equal', 'math.greater_equal')
def greater_equal(x, y, name=None):
    """Where `x >= y`, elementwise: a bool Tensor. `x` and `y` broadcast and are of one real dtype."""
    return apply('GreaterEqual', x, y, name=name)


@export('logical_and', 'math.logical_and')
def logical_and(x, y, name=None):
    """`x and y`, elementwise, of bool tensors that broadcast."""
    return apply('LogicalAnd', x, y, name=name)


@export('logical_or', 'math.logical_or')
def logical_or(x, y, name=None):
    """`x or y`, elementwise, of bool tensors that broadcast."""
    return apply('LogicalOr', x, y, name=name)


@export('logical_not', 'math.logical_not')
def logical_not(x, name=None):
    """`not x`, elementwise, of a bool tensor."""
    return apply('LogicalNot', x, name=name)


@export('logical_xor', 'math.logical_xor')
def logical_xor(x, y, name='LogicalXor'):
    """Where exactly one of `x` and `y` is true, elementwise, of bool tensors that broadcast."""
    return logical_and(logical_or(x, y), logical_not(logical_and(x, y)), name=name)


@export('is_nan', 'math.is_nan', 'debugging.is_nan')
def is_nan(x, name=None):
    """Where `x` (a tensor of floats) is not a number: a bool Tensor."""
    return apply('IsNan', x, name=name)


@export('is_inf', 'math.is_inf', 'debugging.is_inf')
def is_inf(x, name=None):
    """Where `x` (a tensor of floats) is infinite: a bool Tensor."""
    return apply('IsInf', x, name=name)


@export('is_finite', 'math.is_finite', 'debugging.is_finite')
def is_finite(x, name=None):
    """Where `x` (a tensor of floats) is neither infinite nor NaN: a bool Tensor."""
    return apply('IsFinite', x, name=name)
