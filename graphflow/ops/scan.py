"""Running sums and products along a dimension."""
from graphflow.framework import convert
from graphflow.framework.apply import apply
from graphflow.framework.export import export
from graphflow.framework.registry import gradient, op
from graphflow.framework.scopes import name_scope
from graphflow.framework.shape_rules import unchanged
from graphflow.ops import comparison, math

_ATTRS = 'exclusive:bool=False; reverse:bool=False; T:type{%s}; Tidx:type=int32{int32,int64}'
_NUMBERS = ('float,double,int32,uint8,int16,int8,complex64,int64,qint8,quint8,qint32,bfloat16,uint16,complex128,half,'
            'uint32,uint64')

op('Cumsum', 'x:T, axis:Tidx -> out:T', _ATTRS % _NUMBERS, shape=unchanged)
op('Cumprod', 'x:T, axis:Tidx -> out:T', _ATTRS % _NUMBERS, shape=unchanged)
op('CumulativeLogsumexp', 'x:T, axis:Tidx -> out:T', _ATTRS % 'half,float,double', shape=unchanged)


@gradient('Cumsum')
def _(op, grad):
    """An element is part of all sums from it on: their gradients add up from the other end."""
    return cumsum(grad, op.inputs[1], exclusive=op.get_attr('exclusive'), reverse=not op.get_attr('reverse')), None


@gradient('Cumprod')
def _(op, grad):
    x, axis = op.inputs
    exclusive, reverse = op.get_attr('exclusive'), op.get_attr('reverse')
    products = cumprod(x, axis, exclusive=exclusive, reverse=reverse)
    return cumsum(products * grad, axis, exclusive=exclusive, reverse=not reverse) / x, None


@gradient('CumulativeLogsumexp')
def _(op, grad):
    """In logarithms, which keeps small terms; positive and negative gradients are summed apart, for that."""
    x, axis = op.inputs
    exclusive, reverse, lowest = op.get_attr('exclusive'), op.get_attr('reverse'), grad.dtype.min

    def total(log_grad):
        return math.exp(cumulative_logsumexp(log_grad - op.outputs[0], axis, exclusive, not reverse) + x)
    positive = apply('SelectV2', comparison.greater(grad, 0), math.log(grad), lowest)
    negative = apply('SelectV2', comparison.less(grad, 0), math.log(-grad), lowest)
    return total(positive) - total(negative), None


def _scan(op_type, x, axis, exclusive, reverse, name):
    with name_scope(name, op_type, [x]) as name:
        x = convert.to_tensor(x, name='x')
        return apply(op_type, x, axis, exclusive=exclusive, reverse=reverse, name=name)


@export('cumsum', 'math.cumsum')
def cumsum(x, axis=0, exclusive=False, reverse=False, name=None):
    """The sums of the elements up to each one: [a, b, c] gives [a, a + b, a + b + c].

    Args:
      x: a numeric tensor.
      axis: the dimension along which to sum, an int or a scalar tensor in [-rank, rank).
      exclusive: whether an element itself is left out of its sum: [0, a, a + b].
      reverse: whether the sums go from the end: [a + b + c, b + c, c].
      name: name of the node.

    Returns: a tensor like `x`.
    """
    return _scan('Cumsum', x, axis, exclusive, reverse, name)


@export('cumprod', 'math.cumprod')
def cumprod(x, axis=0, exclusive=False, reverse=False, name=None):
    """The products of the elements up to each one: [a, b, c] gives [a, a b, a b c]; arguments as in `cumsum`.

    An exclusive product starts with 1.
    """
    return _scan('Cumprod', x, axis, exclusive, reverse, name)


@export('math.cumulative_logsumexp')
def cumulative_logsumexp(x, axis=0, exclusive=False, reverse=False, name=None):
    """log(cumsum(exp(x))) without overflow; arguments as in `cumsum`. An exclusive one starts very small."""
    return _scan('CumulativeLogsumexp', x, axis, exclusive, reverse, name)
