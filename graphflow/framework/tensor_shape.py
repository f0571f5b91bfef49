"""Static shapes: `TensorShape`, its sizes as `Dimension`, and rules for sizes that are not known before the graph runs.

A shape is a tuple of ints with None for an unknown size, or None when even the rank is unknown. Shape rules make a
great many of them, so this is all a `TensorShape` stores; `Dimension` objects are made when a program asks for one.
"""

import numpy as np

from graphflow.framework.export import export


@export('Dimension')
class Dimension:
    """One size of a shape: an int >= 0, or unknown (None). Arithmetic and comparison with an unknown are unknown.

    Raises ValueError for a negative or fractional size, TypeError for what is not a number.
    """

    __slots__ = ('_value', '__weakref__')
    __hash__ = None     # an unknown size is not even equal to itself

    def __init__(self, value):
        self._value = _size(value)

    @property
    def value(self):
        """The size as an int, or None."""
        return self._value

    def __repr__(self):
        return 'Dimension(%s)' % self._value

    def __str__(self):
        return '?' if self._value is None else str(self._value)

    def __reduce__(self):
        return Dimension, (self._value,)

    def __eq__(self, other):
        return self._equal(other, True)

    def __ne__(self, other):
        return self._equal(other, False)

    def _equal(self, other, answer):
        try:
            other = _size(other)
        except (TypeError, ValueError):
            return NotImplemented
        if self._value is None or other is None:
            return None
        return answer == (self._value == other)

    def __int__(self):
        return self._value

    def __index__(self):
        return self._value

    def is_compatible_with(self, other):
        """Whether the two sizes could be the same: equal, or one of them unknown."""
        try:
            other = _size(other)
        except (TypeError, ValueError):
            return NotImplemented
        return self._value is None or other is None or self._value == other

    def assert_is_compatible_with(self, other):
        """Raises ValueError unless the two sizes could be the same."""
        if not self.is_compatible_with(other):
            raise ValueError('Dimensions %s and %s are not compatible' % (self, other))

    def merge_with(self, other):
        """The size known from either, or ValueError when they contradict each other."""
        try:
            other = Dimension(other)
        except (TypeError, ValueError):
            return NotImplemented
        self.assert_is_compatible_with(other)
        return Dimension(other._value if self._value is None else self._value)

    def __add__(self, other):
        return _lenient(lambda a, b: a + b, self, other)

    def __radd__(self, other):
        return self + other

    def __sub__(self, other):
        return _lenient(lambda a, b: a - b, self, other)

    def __rsub__(self, other):
        return _strict(lambda a, b: a - b, other, self)

    def __mul__(self, other):
        return _lenient(lambda a, b: a * b, self, other)

    def __rmul__(self, other):
        return self * other

    def __floordiv__(self, other):
        return _lenient(lambda a, b: a // b, self, other)

    def __rfloordiv__(self, other):
        return _strict(lambda a, b: a // b, other, self)

    __div__, __rdiv__ = __floordiv__, __rfloordiv__

    def __mod__(self, other):
        return _strict(lambda a, b: a % b, self, other)

    def __rmod__(self, other):
        return _strict(lambda a, b: a % b, other, self)

    def __truediv__(self, other):
        raise TypeError("unsupported operand type(s) for /: 'Dimension' and '%s', please use // instead"
                        % type(other).__name__)

    def __rtruediv__(self, other):
        raise TypeError("unsupported operand type(s) for /: '%s' and 'Dimension', please use // instead"
                        % type(other).__name__)

    def __lt__(self, other):
        other = _size(other)
        return None if self._value is None or other is None else self._value < other

    def __le__(self, other):
        other = _size(other)
        return None if self._value is None or other is None else self._value <= other

    def __gt__(self, other):
        other = _size(other)
        return None if self._value is None or other is None else self._value > other

    def __ge__(self, other):
        other = _size(other)
        return None if self._value is None or other is None else self._value >= other


def _size(value):
    """`value` as a checked int or None."""
    if value is None:
        return None
    if type(value) is int:
        size = value
    elif type(value) is Dimension:
        return value._value
    else:
        if isinstance(value, np.ndarray) and value.size == 1:
            value = value.item()        # numpy 2 no longer takes a one-element vector for a number
        size = int(value)
        if not isinstance(value, (str, bytes)) and size != value:
            raise ValueError('Ambiguous dimension: %s' % value)
    if size < 0:
        raise ValueError('Dimension %d must be >= 0' % size)
    return size


def _strict(function, left, right):
    """Applies `function` to two sizes; an operand that is not a size is an error."""
    left, right = _size(left), _size(right)
    return Dimension(None if left is None or right is None else function(left, right))


def _lenient(function, dimension, other):
    """Applies `function` to two sizes; an operand that is not a size gets its own chance at the operation."""
    try:
        other = _size(other)
    except (TypeError, ValueError):
        return NotImplemented
    return _strict(function, dimension, other)


@export('TensorShape')
class TensorShape:
    """The static shape of a tensor: fully known, known in part (`TensorShape([None, 3])`), or of unknown rank (None).

    `dims` is None, a size, an iterable of sizes (ints, None or `Dimension`), a TensorShape or a TensorShapeProto.
    Iterating and indexing give `Dimension`s; slicing gives a TensorShape. True when the rank is known.
    Raises TypeError for a string and for sizes that are no numbers, ValueError for negative or fractional sizes.
    """

    __slots__ = ('_sizes', '__weakref__')
    __hash__ = None     # equality is not transitive over unknown sizes
    _v2_behavior = False

    def __init__(self, dims):
        kind = type(dims)
        if dims is None:
            self._sizes = None
        elif kind is TensorShape:
            self._sizes = dims._sizes
        elif kind is list or kind is tuple:
            self._sizes = tuple([_size(size) for size in dims])
        elif isinstance(dims, (str, bytes)):
            raise TypeError('A string has ambiguous TensorShape, please wrap in a list or convert to an int: %s'
                            % (dims,))
        elif hasattr(dims, 'unknown_rank'):      # a TensorShapeProto, told by its field to avoid importing protos
            self._sizes = None if dims.unknown_rank else tuple(
                None if dim.size == -1 else dim.size for dim in dims.dim)
        else:
            self._sizes = _sizes_of(dims)

    @property
    def _dims(self):
        return self.dims

    @property
    def dims(self):
        """A list of `Dimension`s, or None when the rank is unknown."""
        return None if self._sizes is None else [Dimension(size) for size in self._sizes]

    @property
    def ndims(self):
        """The number of dimensions, or None."""
        return None if self._sizes is None else len(self._sizes)

    rank = ndims

    def __repr__(self):
        return 'TensorShape(%r)' % self.dims

    def __str__(self):
        if self._sizes is None:
            return '<unknown>'
        sizes = ['?' if size is None else str(size) for size in self._sizes]
        return '(%s,)' % sizes[0] if len(sizes) == 1 else '(%s)' % ', '.join(sizes)

    def __reduce__(self):
        return TensorShape, (self.dims,)

    def __len__(self):
        if self._sizes is None:
            raise ValueError('Cannot take the length of shape with unknown rank.')
        return len(self._sizes)

    def __bool__(self):
        return self._sizes is not None

    def __iter__(self):
        if self._sizes is None:
            raise ValueError('Cannot iterate over a shape with unknown rank.')
        return iter([Dimension(size) for size in self._sizes])

    def __getitem__(self, key):
        if isinstance(key, slice):
            return _known(self._sizes[key]) if self._sizes is not None else _slice_of_unknown(key)
        return Dimension(None) if self._sizes is None else self.dims[key]

    def __eq__(self, other):
        if type(other) is not TensorShape:
            try:
                other = TensorShape(other)
            except TypeError:
                return NotImplemented
        return _same(self._sizes, other._sizes)

    def __ne__(self, other):
        try:
            other = as_shape(other)
        except TypeError:
            return NotImplemented
        if self._sizes is None or other._sizes is None:
            raise ValueError('The inequality of unknown TensorShapes is undefined.')
        return not _same(self._sizes, other._sizes)

    def __add__(self, other):
        return self.concatenate(other)

    def __radd__(self, other):
        return as_shape(other).concatenate(self)

    def __concat__(self, other):
        return self.concatenate(other)

    def concatenate(self, other):
        """The sizes of this shape followed by those of `other`; unknown if either is."""
        other = as_shape(other)
        if self._sizes is None or other._sizes is None:
            return TensorShape(None)
        return _known(self._sizes + other._sizes)

    def merge_with(self, other):
        """The shape with what is known from either, or ValueError when they contradict each other."""
        other = as_shape(other)
        if self._sizes is None or self._sizes == other._sizes:
            return other
        if other._sizes is None:
            return self
        if not self.is_compatible_with(other):
            raise ValueError('Shapes %s and %s are not compatible' % (self, other))
        return _known(tuple([b if a is None else a for a, b in zip(self._sizes, other._sizes)]))

    def most_specific_compatible_shape(self, other):
        """The most that can be said of both shapes: sizes they share, unknown where they differ."""
        other = as_shape(other)
        if self._sizes is None or other._sizes is None or len(self._sizes) != len(other._sizes):
            return unknown_shape()
        return _known(tuple([a if a == b else None for a, b in zip(self._sizes, other._sizes)]))

    def is_compatible_with(self, other):
        """Whether one tensor could have both shapes."""
        other = as_shape(other)._sizes
        sizes = self._sizes
        if sizes is None or other is None:
            return True
        if len(sizes) != len(other):
            return False
        for a, b in zip(sizes, other):
            if a != b and a is not None and b is not None:
                return False
        return True

    def assert_is_compatible_with(self, other):
        """Raises ValueError unless one tensor could have both shapes."""
        if not self.is_compatible_with(other):
            raise ValueError('Shapes %s and %s are incompatible' % (self, other))

    def assert_same_rank(self, other):
        """Raises ValueError when both ranks are known and differ."""
        other = as_shape(other)
        if self._sizes is not None and other._sizes is not None and len(self._sizes) != len(other._sizes):
            raise ValueError('Shapes %s and %s must have the same rank' % (self, other))

    def assert_has_rank(self, rank):
        """Raises ValueError when the rank is known and is not `rank`."""
        if self.ndims not in (None, rank):
            raise ValueError('Shape %s must have rank %d' % (self, rank))

    def with_rank(self, rank):
        """This shape, known to have rank `rank`, or ValueError."""
        try:
            return self.merge_with(unknown_shape(rank))
        except ValueError:
            raise ValueError('Shape %s must have rank %d' % (self, rank)) from None

    def with_rank_at_least(self, rank):
        """This shape, or ValueError when its rank is known to be less."""
        if self._sizes is not None and len(self._sizes) < rank:
            raise ValueError('Shape %s must have rank at least %d' % (self, rank))
        return self

    def with_rank_at_most(self, rank):
        """This shape, or ValueError when its rank is known to be greater."""
        if self._sizes is not None and len(self._sizes) > rank:
            raise ValueError('Shape %s must have rank at most %d' % (self, rank))
        return self

    def is_fully_defined(self):
        """Whether the rank and every size are known."""
        return self._sizes is not None and None not in self._sizes

    def assert_is_fully_defined(self):
        """Raises ValueError unless the rank and every size are known."""
        if not self.is_fully_defined():
            raise ValueError('Shape %s is not fully defined' % self)

    def num_elements(self):
        """The product of the sizes, or None when one is unknown."""
        if not self.is_fully_defined():
            return None
        product = 1
        for size in self._sizes:
            product *= size
        return product

    def as_list(self):
        """The sizes as a list of ints and Nones; ValueError when the rank is unknown."""
        if self._sizes is None:
            raise ValueError('as_list() is not defined on an unknown TensorShape.')
        return list(self._sizes)

    def as_proto(self):
        """The shape as a TensorShapeProto; an unknown size is -1."""
        from tensorboard.compat.proto import tensor_shape_pb2   # here, because protos are slow to import
        if self._sizes is None:
            return tensor_shape_pb2.TensorShapeProto(unknown_rank=True)
        return tensor_shape_pb2.TensorShapeProto(dim=[
            tensor_shape_pb2.TensorShapeProto.Dim(size=-1 if size is None else size) for size in self._sizes])


def _same(a, b):
    """Whether two shapes are known to be equal: an unknown size equals only itself, in the very same shape."""
    return a is b or (a == b and None not in a)


def _known(sizes):
    """A TensorShape of sizes that need no check."""
    shape = TensorShape.__new__(TensorShape)
    shape._sizes = sizes
    return shape


def _sizes_of(dims):
    """Sizes from any iterable, or from one number."""
    try:
        sizes = iter(dims)
    except TypeError:
        return (_size(dims),)
    return tuple([_size(size) for size in sizes])


def _slice_of_unknown(key):
    """A slice of a shape of unknown rank has a known rank when both its ends count from the front."""
    start = 0 if key.start is None else key.start
    if key.step is not None:
        raise ValueError('Steps are not yet handled')
    if key.stop is None or start < 0 or key.stop < 0:
        return unknown_shape()
    return unknown_shape(max(0, int(key.stop) - int(start)))


def as_shape(shape):
    """`shape` as a TensorShape: itself if it is one, else whatever the constructor makes of it."""
    return shape if isinstance(shape, TensorShape) else TensorShape(shape)


def unknown_shape(ndims=None, **rank):
    """A shape of which nothing is known, or of which only the rank is."""
    ndims = rank.pop('rank', ndims)
    if rank:
        raise TypeError('Unknown argument: %s' % rank)
    return TensorShape(None) if ndims is None else _known((None,) * int(ndims))


def scalar():
    """The shape []."""
    return TensorShape([])


def vector(length):
    """The shape [length]."""
    return TensorShape([length])


def matrix(rows, cols):
    """The shape [rows, cols]."""
    return TensorShape([rows, cols])


def as_dimension(value):
    """`value` as a `Dimension`."""
    return value if isinstance(value, Dimension) else Dimension(value)


@export('dimension_value', 'compat.dimension_value')
def dimension_value(dimension):
    """The int (or None) in a `Dimension`; any other value is returned as it is."""
    return dimension._value if isinstance(dimension, Dimension) else dimension


@export('dimension_at_index', 'compat.dimension_at_index')
def dimension_at_index(shape, index):
    """Dimension `index` of `shape`; an unknown one when the rank is unknown."""
    return shape[index]
