"""Ready-made shape rules for declarations: `op('Neg', ..., shape=unchanged)`. See shape_inference.py."""
from graphflow.framework import tensor_shape

TensorShape = tensor_shape.TensorShape
_SCALAR = TensorShape([])
_UNKNOWN = tensor_shape.unknown_shape()


def unchanged(c):
    """Every output has the shape of the first input."""
    return c.shape(0)


def scalar(c):
    """Every output is a scalar."""
    return _SCALAR


def unknown(c):
    """Nothing is known of the outputs."""
    return _UNKNOWN


def no_outputs(c):
    return []


def merged(c):
    """All inputs have one shape, which is the output's too."""
    shape = c.shape(0)
    for i in range(1, c.num_inputs):
        shape = merge(shape, c.shape(i))
    return shape


def broadcast(c):
    """The first two inputs broadcast against each other."""
    return broadcast_shapes(c.shape(0), c.shape(1))


def merge(a, b):
    """The shape that both are, with what either knows. Raises: ValueError with TensorFlow's words if they differ."""
    if a.ndims is None:
        return b
    if b.ndims is None:
        return a
    if a.ndims != b.ndims:
        raise ValueError(f'Shapes must be equal rank, but are {a.ndims} and {b.ndims}')
    p, q = a.as_list(), b.as_list()
    for i, (m, n) in enumerate(zip(p, q)):
        if m is not None and n is not None and m != n:
            text = ['[' + ','.join('?' if d is None else str(d) for d in dims) + ']' for dims in (p, q)]
            raise ValueError(f'Dimension {i} in both shapes must be equal, but are {m} and {n}. Shapes are {text[0]} '
                             f'and {text[1]}.')
    return TensorShape([n if m is None else m for m, n in zip(p, q)])


def merge_dims(m, n):
    """The dimension (int or None) that both are. Raises: ValueError if they differ."""
    if m is None:
        return n
    if n is not None and m != n:
        raise ValueError(f'Dimensions must be equal, but are {m} and {n}')
    return m


def broadcast_shapes(a, b):
    """The shape of what two shapes broadcast to, as numpy does. Raises: ValueError if they do not."""
    if a.ndims is None or b.ndims is None:
        return _UNKNOWN
    p, q = a.as_list(), b.as_list()
    if p == q and None not in p:
        return a
    rank = max(len(p), len(q))
    p, q = [1] * (rank - len(p)) + p, [1] * (rank - len(q)) + q
    dims = []
    for m, n in zip(p, q):
        if m == n:
            dims.append(m)
        elif m == 1:
            dims.append(n)
        elif n == 1:
            dims.append(m)
        elif m is None:
            dims.append(n)      # n > 1, and m is 1 or n
        elif n is None:
            dims.append(m)
        else:
            raise ValueError(f'Dimensions must be equal, but are {m} and {n}')
    return TensorShape(dims)
