"""Tensor: one output of an Operation, a symbol that holds no value.

Python operators, indexing and iteration are installed by `ops/operators.py`, because they add nodes.
"""
from graphflow.framework import defaults, errors, tensor_shape
from graphflow.framework.export import export


@export('Tensor')
class Tensor:
    """A symbolic handle to one output of an `Operation`.

    Attributes: `op` the producing Operation, `value_index` which of its outputs, `dtype`, `shape` what is known of its
    shape, `name` ('op_name:index'), `graph`, `device`.
    """
    __slots__ = ('op', 'value_index', 'dtype', '_shape', '_consumers', '__dict__', '__weakref__')
    is_tensor_like = True
    _shape_is_claimed = False   # by set_shape, which nothing verifies, where the shape rule knew less
    __array_priority__ = 100    # numpy arrays leave `array + tensor` to the tensor
    OVERLOADABLE_OPERATORS = frozenset((
        '__add__', '__radd__', '__sub__', '__rsub__', '__mul__', '__rmul__', '__div__', '__rdiv__', '__truediv__',
        '__rtruediv__', '__floordiv__', '__rfloordiv__', '__mod__', '__rmod__', '__lt__', '__le__', '__gt__', '__ge__',
        '__ne__', '__eq__', '__and__', '__rand__', '__or__', '__ror__', '__xor__', '__rxor__', '__getitem__', '__pow__',
        '__rpow__', '__invert__', '__neg__', '__abs__', '__matmul__', '__rmatmul__'))

    def __init__(self, op, value_index, dtype):
        self.op = op
        self.value_index = value_index
        self.dtype = dtype
        self._shape = tensor_shape.unknown_shape()
        self._consumers = []

    @property
    def graph(self):
        return self.op.graph

    @property
    def name(self):
        return f'{self.op.name}:{self.value_index}'

    @property
    def device(self):
        return self.op.device

    # The names under which TensorFlow's own attributes are known.
    _op = property(lambda self: self.op)
    _value_index = property(lambda self: self.value_index)
    _dtype = property(lambda self: self.dtype)
    _id = property(id)

    @property
    def shape(self):
        return self._shape

    @shape.setter
    def shape(self, shape):
        self.set_shape(shape)

    def get_shape(self):
        """The static shape, a TensorShape: the same as `.shape`."""
        return self._shape

    def set_shape(self, shape):
        """Merges `shape` (TensorShape or what converts to one) into the static shape.

        Raises: ValueError if the two are not compatible.
        """
        shape = tensor_shape.as_shape(shape)
        if not self._shape.is_compatible_with(shape):
            raise ValueError(_merge_failure(self._shape, shape))
        if not self._shape.is_fully_defined() and shape.ndims is not None:
            self._shape_is_claimed = True
        self._shape = self._shape.merge_with(shape)

    def _shape_tuple(self):
        return None if self._shape.ndims is None else tuple(self._shape.as_list())

    def _shape_as_list(self):
        return None if self._shape.ndims is None else self._shape.as_list()

    def _rank(self):
        return self._shape.ndims

    def consumers(self):
        """The Operations that take this tensor as an input."""
        return list(dict.fromkeys(self._consumers))

    def _as_node_def_input(self):
        return self.op.name if self.value_index == 0 else f'{self.op.name}:{self.value_index}'

    def eval(self, feed_dict=None, session=None):
        """Computes this tensor in `session` (default: the default session) and returns its value as a numpy array.

        Raises: ValueError with neither a session given nor a default session.
        """
        return defaults.session_for('evaluate tensor', 'eval(session=sess)', self.graph, session).run(self, feed_dict)

    def experimental_ref(self):
        return _Reference(self)

    def __repr__(self):
        return f"<tf.Tensor '{self.name}' shape={self._shape} dtype={self.dtype.name}>"

    def __str__(self):
        known = f', shape={self._shape}' if self._shape.ndims is not None else ''
        device = f', device={self.device}' if self.device else ''
        return f'Tensor("{self.name}"{known}, dtype={self.dtype.name}{device})'

    # By identity; those of `object` are quicker than any written here.
    __hash__, __eq__, __ne__ = object.__hash__, object.__eq__, object.__ne__

    def __copy__(self):
        return self

    def __bool__(self):
        raise errors.OperatorNotAllowedInGraphError(
            'using a `tf.Tensor` as a Python `bool` is not allowed in Graph execution. Use Eager execution or decorate '
            'this function with @tf.function.')

    __nonzero__ = __bool__

    def __iter__(self):
        raise errors.OperatorNotAllowedInGraphError(
            'iterating over `tf.Tensor` is not allowed in Graph execution. Use Eager execution or decorate this '
            'function with @tf.function.')

    def __array__(self, dtype=None, copy=None):
        raise NotImplementedError(f'Cannot convert a symbolic Tensor ({self.name}) to a numpy array.')

    def __len__(self):
        raise TypeError('len is not well defined for symbolic Tensors. ({}) Please call `x.shape` rather than `len(x)` '
                        'for shape information.'.format(self.name))

    @classmethod
    def _override_operator(cls, operator, function):
        if operator not in cls.OVERLOADABLE_OPERATORS:
            raise ValueError(f'Overriding {operator} is disallowed')
        setattr(cls, operator, function)


class _Reference:
    """Hashes and compares a tensor or variable by identity, so that it can be a dict key."""
    __slots__ = ('_referent',)

    def __init__(self, referent):
        self._referent = referent

    def deref(self):
        return self._referent

    def __hash__(self):
        return id(self._referent)

    def __eq__(self, other):
        return isinstance(other, _Reference) and self._referent is other._referent


def _merge_failure(old, new):
    a, b = (shape.as_list() if shape.ndims is not None else None for shape in (old, new))
    text = ['[' + ','.join('?' if d is None else str(d) for d in dims) + ']' for dims in (a, b)]
    if len(a) != len(b):
        return f'Shapes must be equal rank, but are {len(a)} and {len(b)}'
    at = next(i for i, (p, q) in enumerate(zip(a, b)) if p is not None and q is not None and p != q)
    return (f'Dimension {at} in both shapes must be equal, but are {a[at]} and {b[at]}. '
            f'Shapes are {text[0]} and {text[1]}.')
