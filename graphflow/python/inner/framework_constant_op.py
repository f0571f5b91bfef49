"""Inner names of python.framework.constant_op."""


def is_constant(tensor_or_op):
    """Whether a Tensor or Operation is a constant."""
    return getattr(tensor_or_op, 'op', tensor_or_op).type == 'Const'
