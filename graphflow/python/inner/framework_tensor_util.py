"""Inner names of python.framework.tensor_util."""
from graphflow.framework import convert, dtypes, tensor_proto, tensor_shape
from graphflow.framework.convert import is_tensor  # noqa: F401


def TensorShapeProtoToList(shape):
    """The sizes of a TensorShapeProto, -1 where unknown."""
    return [dim.size for dim in shape.dim]


def ShapeEquals(tensor_proto, shape):
    """Whether a TensorProto has the shape given as a TensorShapeProto or a sequence of ints."""
    if not hasattr(tensor_proto, 'tensor_shape'):
        raise TypeError('tensor_proto is not a tensor_pb2.TensorProto object')
    if hasattr(shape, 'dim'):
        shape = TensorShapeProtoToList(shape)
    elif not isinstance(shape, (list, tuple)):
        raise TypeError('shape is not a list or tuple')
    return TensorShapeProtoToList(tensor_proto.tensor_shape) == list(shape)


def shape_tensor(shape):
    """A tensor of a shape: int32 where it holds Python ints only, else of the type its tensors have."""
    dtype = None
    if isinstance(shape, (tuple, list)):
        if not shape:
            dtype = dtypes.int32
        else:
            shape = tuple(tensor_shape.dimension_value(d) for d in shape)
            if all(isinstance(d, int) for d in shape):
                dtype = dtypes.int32
    return convert.to_tensor(shape, dtype=dtype, name='shape')


def MakeNdarray(tensor):
    return tensor_proto.make_ndarray(tensor)
