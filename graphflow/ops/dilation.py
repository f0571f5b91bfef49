"""Grayscale morphology: dilation and erosion."""
from graphflow.framework.apply import apply
from graphflow.framework.export import export
from graphflow.framework.registry import gradient, op
from graphflow.framework.scopes import name_scope
from graphflow.framework.shape_rules import merge_dims, unchanged
from graphflow.ops.window import output_size
from graphflow.util.deprecation import deprecated_argument_lookup

_ATTRS = ("T:type{float,double,int32,uint8,int16,int8,int64,bfloat16,uint16,half,uint32,uint64}; strides:list(int)>=4; "
          "rates:list(int)>=4; padding:string{'SAME','VALID'}")


@op('Dilation2D', 'input:T, filter:T -> output:T', _ATTRS)
def _(c):
    dims, filters = c.rank(0, 4).as_list(), c.rank(1, 3).as_list()
    strides, rates = c.attr('strides'), c.attr('rates')
    dims[3] = merge_dims(dims[3], filters[2])
    if None in dims[1:3] or None in filters[:2]:
        return [dims[0], None, None, dims[3]]
    for axis in (1, 2):
        dims[axis] = output_size(dims[axis], filters[axis - 1], strides[axis], c.attr('padding'), rates[axis],
                                 may_be_empty=True)
    return dims


op('Dilation2DBackpropInput', 'input:T, filter:T, out_backprop:T -> in_backprop:T', _ATTRS, shape=unchanged)
op('Dilation2DBackpropFilter', 'input:T, filter:T, out_backprop:T -> filter_backprop:T', _ATTRS,
   shape=lambda c: c.shape(1))


@gradient('Dilation2D')
def _(op, grad):
    attrs = {name: op.get_attr(name) for name in ('strides', 'rates', 'padding')}
    return tuple(apply('Dilation2DBackprop' + which, op.inputs[0], op.inputs[1], grad, **attrs)
                 for which in ('Input', 'Filter'))


@export('nn.dilation2d')
def dilation2d(input, filter=None, strides=None, rates=None, padding=None, name=None, filters=None, dilations=None):
    """The largest sum of an image element and the filter weight over it.

    Args:
      input: a Tensor [batch, height, width, channels] of a real type.
      filter: a Tensor [height, width, channels].
      strides, rates: lists of four ints: how far the filter moves, how far apart its weights lie.
      padding: 'VALID' or 'SAME'.
      name: name of the node.
      filters, dilations: other names of `filter` and `rates`.

    Returns: a Tensor [batch, out height, out width, channels].
    """
    filter = deprecated_argument_lookup('filters', filters, 'filter', filter)
    rates = deprecated_argument_lookup('dilations', dilations, 'rates', rates)
    return apply('Dilation2D', input, filter, strides=strides, rates=rates, padding=padding, name=name)


@export('nn.erosion2d')
def erosion2d(value, kernel, strides, rates, padding, name=None):
    """The least difference of an image element and the filter weight over it; see `dilation2d`."""
    with name_scope(name, 'erosion2d', [value, kernel]) as name:
        # A dilation of the negative image by the filter turned round.
        return -apply('Dilation2D', -value, apply('ReverseV2', kernel, [0, 1]), strides=strides, rates=rates,
                      padding=padding, name=name)
