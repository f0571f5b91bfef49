"""Assertions about tensors: checked at once where all is known, else by ops when the graph runs."""
import numpy as np

from graphflow.framework import constant_value, convert, dtypes, errors, scopes
from graphflow.framework.export import export
from graphflow.framework.sparse_tensor import SparseTensor
from graphflow.framework.tensor import Tensor
from graphflow.ops import array, comparison, control_flow, math, reduce, slicing
from graphflow.ops.cond import cond
from graphflow.ops.logging import Assert
from graphflow.util import nest

NUMERIC_TYPES = frozenset([
    dtypes.float32, dtypes.float64, dtypes.int8, dtypes.int16, dtypes.int32, dtypes.int64, dtypes.uint8, dtypes.qint8,
    dtypes.qint32, dtypes.quint8, dtypes.complex64])


def _values(*values):
    """Those of the values (and of the lists among them) that say which graph they belong to."""
    return [v for v in nest.flatten(values) if hasattr(v, 'graph')]


# Comparisons of two tensors.

def _compare(symbol, default_name, dynamic, static, x, y, data, summarize, message, name):
    with scopes.name_scope(name, default_name, _values(x, y, data)):
        x, y = convert.to_tensor(x, name='x'), convert.to_tensor(y, name='y')
        if data is None:
            data = [f'Condition x {symbol} y did not hold element-wise:', f'x ({x.name}) = ', x, f'y ({y.name}) = ', y]
        if message is not None:
            data = [message] + list(data)
        condition = reduce.reduce_all(dynamic(x, y))
        known = constant_value.constant_value(x), constant_value.constant_value(y)
        if all(v is not None for v in known) and not np.all(static(*known)):
            raise errors.InvalidArgumentError(None, None, '\n'.join(_shown(d) for d in data))
        return Assert(condition, data, summarize=summarize)


def _shown(value):
    known = constant_value.constant_value(value) if isinstance(value, Tensor) else None
    return str(value if known is None else known)


def _comparison(name, symbol, words, dynamic, static):
    """Makes and exports one assert_<name>(x, y)."""
    def check(x, y, data=None, summarize=None, message=None, name=None):
        return _compare(symbol, check.__name__, dynamic, static, x, y, data, summarize, message, name)
    check.__name__ = check.__qualname__ = 'assert_' + name
    check.__doc__ = f"""Asserts that {words} for all elements, x and y broadcast.

    Args:
      x, y: numeric tensors of one dtype.
      data: a list of tensors to show if it does not hold; by default what was asserted, x and y.
      summarize: how many elements of each to show; None: 3.
      message: a string that goes before.
      name: a name for the scope of the nodes.

    Returns: an Operation that raises InvalidArgumentError when run if it does not hold.

    Raises: InvalidArgumentError at once if both are known and it does not hold.
    """
    return export('debugging.' + check.__name__, check.__name__)(check)


assert_none_equal = _comparison('none_equal', '!=', 'x != y', comparison.not_equal, np.not_equal)
assert_less = _comparison('less', '<', 'x < y', comparison.less, np.less)
assert_less_equal = _comparison('less_equal', '<=', 'x <= y', comparison.less_equal, np.less_equal)
assert_greater = _comparison('greater', '>', 'x > y', comparison.greater, np.greater)
assert_greater_equal = _comparison('greater_equal', '>=', 'x >= y', comparison.greater_equal, np.greater_equal)


@export('debugging.assert_equal', 'assert_equal')
def assert_equal(x, y, data=None, summarize=None, message=None, name=None):
    """Asserts that x == y for all elements, like `assert_less`."""
    with scopes.name_scope(name, 'assert_equal', _values(x, y, data)):
        if x is y:
            return control_flow.no_op()
    return _compare('==', 'assert_equal', comparison.equal, np.equal, x, y, data, summarize, message, name)


def _sign(name, condition, compare, zero_first):
    """Makes and exports one assert_<name>(x), which compares x with zero."""
    def check(x, data=None, summarize=None, message=None, name=None):
        with scopes.name_scope(name, check.__name__, _values(x, data)):
            x = convert.to_tensor(x, name='x')
            if data is None:
                text = f'Condition {condition} 0 did not hold element-wise:'
                label = f'x ({x.name}) = '
                # One string for the last of them, as in TensorFlow.
                data = [message or ''] + ([text + label] if condition == 'x <=' else [text, label]) + [x]
            zero = convert.to_tensor(0, dtype=x.dtype)
            pair = (zero, x) if zero_first else (x, zero)
            return compare(*pair, data=data, summarize=summarize)
    check.__name__ = check.__qualname__ = 'assert_' + name
    check.__doc__ = f'Asserts that {condition} 0 for all elements of the numeric tensor x. See `assert_less`.'
    return export('debugging.' + check.__name__, check.__name__)(check)


assert_negative = _sign('negative', 'x <', assert_less, False)
assert_positive = _sign('positive', 'x >', assert_less, True)
assert_non_negative = _sign('non_negative', 'x >=', assert_less_equal, True)
assert_non_positive = _sign('non_positive', 'x <=', assert_less_equal, False)


@export('debugging.assert_near', 'assert_near')
def assert_near(x, y, rtol=None, atol=None, data=None, summarize=None, message=None, name=None):
    """Asserts that |x - y| < atol + rtol * |y| for all elements.

    Args:
      x, y: float tensors of one dtype.
      rtol, atol: scalars of their dtype; by default ten times its machine epsilon.
      data, summarize, message, name: see `assert_less`.

    Returns: an Operation that raises InvalidArgumentError when run if it does not hold.
    """
    with scopes.name_scope(name, 'assert_near', _values(x, y, rtol, atol, data)):
        x = convert.to_tensor(x, name='x')
        y = convert.to_tensor(y, name='y', dtype=x.dtype)
        default = 10 * np.finfo(x.dtype.as_numpy_dtype).eps
        rtol = convert.to_tensor(default if rtol is None else rtol, name='rtol', dtype=x.dtype)
        atol = convert.to_tensor(default if atol is None else atol, name='atol', dtype=x.dtype)
        if data is None:
            data = [message or '', f'x and y not equal to tolerance rtol = {rtol}, atol = {atol}',
                    f'x ({x.name}) = ', x, f'y ({y.name}) = ', y]
        tolerance = atol + rtol * math.abs(y)
        difference = math.abs(x - y)
        condition = reduce.reduce_all(comparison.less(difference, tolerance))
        return Assert(condition, data, summarize=summarize)


# Ranks and shapes.

class _WrongRank(Exception):
    """The rank is known and is not as asserted. args: the rank, the ranks asserted."""


def _check_rank(x, ranks, static, dynamic, data, summarize):
    """Asserts that the rank of x goes with `ranks`, a list of scalar int32 tensors."""
    for rank in ranks:
        assert_type(rank, dtypes.int32)
    known = [constant_value.constant_value(r) for r in ranks]
    if all(r is not None for r in known):
        if any(r.ndim for r in known):
            raise ValueError('Rank must be a scalar.')
        if x.shape.ndims is not None:
            if not static(x.shape.ndims, known):
                raise _WrongRank(x.shape.ndims, tuple(known))
            return control_flow.no_op(name='static_checks_determined_all_ok')
    condition = dynamic(array.rank(x), ranks)
    for rank, value in zip(ranks, known):
        if value is None:
            check = assert_rank(rank, 0, data=['Rank must be a scalar. Received rank: ', rank])
            condition = control_flow.with_dependencies([check], condition)
    return Assert(condition, data, summarize=summarize)


def _rank_check(default_name, words, x, ranks, static, dynamic, data, summarize, message, name, several=False):
    with scopes.name_scope(name, default_name, _values(x, ranks, data)):
        if not isinstance(x, SparseTensor):
            x = convert.to_tensor(x, name='x')
        ranks = [convert.to_tensor(r, name='rank') for r in ranks]
        message = message or ''
        if data is None:
            data = [message, f'Tensor {x.name} must have {words}'] + ranks + ['Received shape: ', array.shape(x)]
        try:
            return _check_rank(x, ranks, static, dynamic, data, summarize)
        except _WrongRank as error:
            actual, wanted = error.args
            wanted = str(wanted) if several else '%d' % wanted[0]
            raise ValueError(f'{message}.  Tensor {x.name} must have {words} {wanted}.  Received rank {actual}, shape '
                             f'{x.get_shape()}') from None


@export('debugging.assert_rank', 'assert_rank')
def assert_rank(x, rank, data=None, summarize=None, message=None, name=None):
    """Asserts that x has rank `rank`, a scalar int32.

    Args:
      x: a tensor.
      data, summarize, message, name: see `assert_less`.

    Returns: an Operation that raises InvalidArgumentError when run if it has not.

    Raises: ValueError at once if the ranks are known and differ.
    """
    return _rank_check('assert_rank', 'rank', x, [rank], lambda actual, ranks: actual == ranks[0],
                       lambda actual, ranks: comparison.equal(actual, ranks[0]), data, summarize, message, name)


@export('debugging.assert_rank_at_least', 'assert_rank_at_least')
def assert_rank_at_least(x, rank, data=None, summarize=None, message=None, name=None):
    """Asserts that x has rank `rank` or a higher one, like `assert_rank`."""
    return _rank_check('assert_rank_at_least', 'rank at least', x, [rank], lambda actual, ranks: actual >= ranks[0],
                       lambda actual, ranks: comparison.greater_equal(actual, ranks[0]), data, summarize, message, name)


@export('debugging.assert_rank_in', 'assert_rank_in')
def assert_rank_in(x, ranks, data=None, summarize=None, message=None, name=None):
    """Asserts that the rank of x is one of the scalars `ranks`, like `assert_rank`."""
    return _rank_check('assert_rank_in', 'rank in', x, list(ranks), lambda actual, ranks: actual in ranks,
                       _is_one_of, data, summarize, message, name, several=True)


def _is_one_of(actual, ranks):
    found = comparison.equal(ranks[0], actual)
    for rank in ranks[1:]:
        found = comparison.logical_or(found, comparison.equal(rank, actual))
    return found


@export('debugging.assert_scalar', 'assert_scalar')
def assert_scalar(tensor, name=None, message=None):
    """`tensor` as a Tensor. Raises: ValueError if its static shape is not that of a scalar."""
    with scopes.name_scope(name, 'assert_scalar', _values(tensor)) as scope:
        tensor = convert.to_tensor(tensor, name=scope)
        if tensor.shape.ndims != 0:
            raise ValueError(f'{message or ""}Expected scalar shape for {tensor.name}, saw shape: {tensor.shape}.')
        return tensor


# Types.

@export('debugging.assert_type', 'assert_type')
def assert_type(tensor, tf_type, message=None, name=None):
    """Asserts that `tensor` (a Tensor or SparseTensor) is of dtype `tf_type`; returns a no-op.

    Raises: TypeError if it is not.
    """
    with scopes.name_scope(name, 'assert_type', _values(tensor)):
        if not isinstance(tensor, SparseTensor):
            tensor = convert.to_tensor(tensor, name='tensor')
        if tensor.dtype != tf_type:
            raise TypeError(f'{message or ""}  {getattr(tensor, "name", tensor)} must be of type {dtypes.as_dtype(tf_type)}')
        return control_flow.no_op('statically_determined_correct_type')


@export('debugging.assert_integer', 'assert_integer')
def assert_integer(x, message=None, name=None):
    """Asserts that the dtype of x is an integer one; returns a no-op. Raises: TypeError if it is not."""
    with scopes.name_scope(name, 'assert_integer', _values(x)):
        x = convert.to_tensor(x, name='x')
        if not x.dtype.is_integer:
            raise TypeError(f'{message or ""}  Expected "x" to be integer type.  Found: {x.name} of dtype {x.dtype}')
        return control_flow.no_op('statically_determined_was_integer')


@export('debugging.is_numeric_tensor', 'is_numeric_tensor')
def is_numeric_tensor(tensor):
    """Whether `tensor` is a Tensor of numbers."""
    return isinstance(tensor, Tensor) and tensor.dtype in NUMERIC_TYPES


@export('debugging.assert_same_float_dtype', 'assert_same_float_dtype')
def assert_same_float_dtype(tensors=None, dtype=None):
    """The one float dtype of all `tensors` (and `dtype`); float32 if there are none.

    Raises: ValueError if they differ or it is not a float dtype.
    """
    if tensors:
        dtype = _same_dtype(tensors, dtype)
    if not dtype:
        return dtypes.float32
    dtype = dtypes.as_dtype(dtype).base_dtype
    if not dtype.is_floating:
        raise ValueError(f'Expected floating point type, got {dtype}.')
    return dtype


def _same_dtype(tensors, expected):
    expected = None if expected is None else dtypes.as_dtype(expected)
    first = None
    for item in tensors:
        if item is None:
            continue
        dtype = item.dtype.base_dtype
        if expected is None:
            expected, first = dtype, item
        elif dtype != expected:
            as_first = f' as {first.name}' if first is not None else ''
            raise ValueError(f'{item.name}, type={dtype}, must be of the same type ({expected}){as_first}.')
    return expected


@export('debugging.assert_proper_iterable', 'assert_proper_iterable')
def assert_proper_iterable(values):
    """Raises TypeError unless one can iterate over `values`, and they are not a tensor, an array or a string."""
    if isinstance(values, (Tensor, SparseTensor, np.ndarray, bytes, str)):
        raise TypeError(f'Expected argument "values" to be a "proper" iterable.  Found: {type(values)}')
    if not hasattr(values, '__iter__'):
        raise TypeError(f'Expected argument "values" to be iterable.  Found: {type(values)}')


# Order.

@export('math.is_non_decreasing', 'debugging.is_non_decreasing', 'is_non_decreasing')
def is_non_decreasing(x, name=None):
    """Whether each element of x, a numeric tensor read row by row, is at least the one before: a scalar bool Tensor."""
    with scopes.name_scope(name, 'is_non_decreasing', _values(x)):
        difference = _differences(x)
        zero = convert.to_tensor(0, dtype=difference.dtype)
        return reduce.reduce_all(comparison.less_equal(zero, difference))


@export('math.is_strictly_increasing', 'debugging.is_strictly_increasing', 'is_strictly_increasing')
def is_strictly_increasing(x, name=None):
    """Whether each element of x, a numeric tensor read row by row, exceeds the one before: a scalar bool Tensor."""
    with scopes.name_scope(name, 'is_strictly_increasing', _values(x)):
        difference = _differences(x)
        zero = convert.to_tensor(0, dtype=difference.dtype)
        return reduce.reduce_all(comparison.less(zero, difference))


def _differences(x):
    """x[1:] - x[:-1] of the flattened x; empty for fewer than two elements."""
    x = convert.to_tensor(x, name='x')
    if not is_numeric_tensor(x):
        raise TypeError(f'Expected x to be numeric, instead found: {x}')
    x = array.reshape(x, [-1])
    too_short = comparison.less(array.size(x), 2)
    length = array.shape(x) - 1

    def differences():
        return slicing.strided_slice(x, [1], [1] + length) - slicing.strided_slice(x, [0], length)
    return cond(too_short, lambda: convert.to_tensor([], dtype=x.dtype), differences)
