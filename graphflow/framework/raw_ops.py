"""A Python function for each registered op, made when asked for: tf.raw_ops.MatMul and gen_math_ops.mat_mul."""

import functools

from graphflow.framework import registry
from graphflow.framework.apply import apply, snake_case

# Parameters that are called otherwise than the inputs and attrs they stand for.
RENAMED = {'reduction_indices': 'axis', 'squeeze_dims': 'axis', 'split_dim': 'axis', ('ExpandDims', 'dim'): 'axis',
           ('Where', 'input'): 'condition', ('Select', 't'): 'x', ('Select', 'e'): 'y'}


def named(name):
    """The function of the op whose name in snake case is `name`; None if no such op is registered."""
    for op_type in registry.OPS:
        if snake_case(op_type) == name:
            return function(op_type)
    return None


@functools.lru_cache(None)
def function(op_type):
    """The function that adds a node of an op: it takes the inputs, then the attrs that do not follow from them."""
    op_def = registry.OPS[op_type]
    inferred = {ref for arg in op_def.inputs for ref in (arg.type_attr, arg.number_attr, arg.type_list_attr) if ref}
    attrs = [attr for name, attr in op_def.attrs.items() if name not in inferred]
    attrs.sort(key=lambda attr: attr.has_default)   # those that must be given come first
    meant = [arg.name for arg in op_def.inputs] + [attr.name for attr in attrs] + ['name']
    parameters = [RENAMED.get((op_type, name), RENAMED.get(name, name)) for name in meant]
    meant = dict(zip(parameters, meant))

    def raw(*args, **kwargs):
        if len(args) > len(parameters):
            raise TypeError(f'{op_type} takes at most {len(parameters)} arguments ({len(args)} given)')
        values = dict(zip(parameters, args))
        twice = values.keys() & kwargs.keys()
        if twice:
            raise TypeError(f'{op_type} got multiple values for argument {min(twice)!r}')
        return apply(op_type, **{meant.get(name, name): value for name, value in {**values, **kwargs}.items()})
    raw.__name__ = raw.__qualname__ = snake_case(op_type)
    raw.__doc__ = f'Adds a node of the op {op_type}. Arguments: {", ".join(parameters)}.'
    return raw
