"""Inner names of python.ops.array_ops."""
from graphflow.framework import convert, dtypes
from graphflow.framework.apply import apply
from graphflow.ops import array
from graphflow.ops.constant import constant

newaxis = None


def shape_internal(input, name=None, optimize=True, out_type=dtypes.int32):
    """tf.shape; with optimize=False a Shape node even for a known shape."""
    return array.shape_of(input, name, optimize, out_type)


def size_internal(input, name=None, optimize=True, out_type=dtypes.int32):
    """tf.size; with optimize=False a Size node even for a known shape."""
    return array.size_of(input, name, optimize, out_type)


def rank_internal(input, name=None, optimize=True):
    """tf.rank; with optimize=False a Rank node even for a known rank."""
    return array.rank_of(input, name, optimize)


def space_to_batch_v2(input, block_shape, paddings, name=None):
    """tf.space_to_batch_nd."""
    return apply('SpaceToBatchND', input, block_shape, paddings, name=name)


def batch_to_space_v2(input, block_shape, crops, name=None):
    """tf.batch_to_space_nd; a scalar `block_shape` stands for two of it."""
    if isinstance(block_shape, int):
        block_shape = [block_shape, block_shape]
    return apply('BatchToSpaceND', input, block_shape, crops, name=name)


def listdiff(x, y, out_idx=None, name=None):
    """tf.setdiff1d with its node's name as the default."""
    return apply('ListDiff', x, y, out_idx=out_idx, name=name)


def get_positive_axis(axis, ndims):
    """`axis` counted from the front. Raises: TypeError, ValueError if it is no int or not in range."""
    if not isinstance(axis, int):
        raise TypeError(f'axis must be an int; got {type(axis).__name__}')
    if ndims is not None:
        if 0 <= axis < ndims:
            return axis
        if -ndims <= axis < 0:
            return axis + ndims
        raise ValueError(f'axis={axis} out of bounds: expected {-ndims}<=axis<{ndims}')
    if axis < 0:
        raise ValueError('axis may only be negative if ndims is statically known.')
    return axis


def convert_to_int_tensor(tensor, name, dtype=dtypes.int32):
    """An integer tensor cast to `dtype`. Raises: TypeError if it holds no integers."""
    tensor = convert.to_tensor(tensor, name=name, preferred_dtype=dtype)
    if not tensor.dtype.is_integer:
        raise TypeError(f'{name} must be an integer tensor; dtype={tensor.dtype}')
    return apply('Cast', tensor, DstT=dtype)


def _all_dimensions(x):
    """The indices of the dimensions of `x`: a constant if its rank is known."""
    tensor = convert.to_tensor(x.dense_shape if hasattr(x, 'dense_shape') else x)
    ndims = (tensor.shape[0].value if tensor is not x and hasattr(x, 'dense_shape') else tensor.shape.ndims)
    if ndims is not None:
        return constant(list(range(ndims)), dtype=dtypes.int32)
    from graphflow.ops import math
    return math.range(0, array.rank(x))
