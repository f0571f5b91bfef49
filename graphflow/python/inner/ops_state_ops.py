"""Inner names of python.ops.state_ops."""
from graphflow.framework import tensor_shape
from graphflow.framework.apply import apply
from graphflow.ops import state


def variable_op(shape, dtype, name='Variable', set_shape=True, container='', shared_name=''):
    """A node of the first variable op, whose output is a reference; its shape is declared only if `set_shape`."""
    shape = tensor_shape.as_shape(shape)
    ref = apply('Variable', shape=shape if set_shape and shape.is_fully_defined() else tensor_shape.TensorShape([]),
                dtype=dtype, name=name, container=container, shared_name=shared_name)
    if set_shape:
        ref.set_shape(shape)
    return ref


def variable_op_v2(shape, dtype, name='Variable', container='', shared_name=''):
    """A VariableV2 node, whose output is a reference of `shape` and `dtype`."""
    return state.variable_op(shape, dtype, name, container, shared_name)
