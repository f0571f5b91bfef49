"""Scalar functions of the math ops: arithmetic, comparison, logic, bits, selection.

Each computes one element. Numbers arrive in the op's dtype, and results are converted to the output's dtype,
so that integer results wrap around. Where the rule depends on the kind of number, there is a function for
each kind.
"""
import numpy as np

from graphflow.framework import errors
from graphflow.framework.registry import kernel
from graphflow.kernels import mathlib
from graphflow.kernels.branch_free import where
from graphflow.kernels.elementwise import (
    ELEMENTWISE, Expression, Kernel, array_function, elementwise, shape_text)
from graphflow.kernels.mathlib import atan2, like, log, sqrt


def _same(x):
    return x


def real_dtype(dtype, *others):
    """float32 for complex64, float64 for complex128."""
    return np.empty(0, dtype).real.dtype


# Arithmetic.

@elementwise('Add', 'AddV2', objects=np.add)
def add(x, y):
    return x + y


@elementwise('Sub')
def sub(x, y):
    return x - y


@elementwise('Mul')
def mul(x, y):
    return x * y


@elementwise('Neg')
def neg(x):
    # The difference, as Eigen has it: there is no -0.
    return like(0, x) - x


@elementwise('Square')
def square(x):
    return x * x


@elementwise('SquaredDifference')
def squared_difference(x, y):
    return (x - y) * (x - y)


@elementwise('SquaredDifference', kinds='c')
def squared_magnitude_of_difference(x, y):
    return (x - y) * (x - y).conjugate()


@elementwise('Abs')
def absolute(x):
    return abs(x)


@elementwise('Maximum')
def maximum(x, y):
    # The first of the two if either is NaN.
    return where(x < y, y, x)


@elementwise('Minimum')
def minimum(x, y):
    return where(y < x, y, x)


@elementwise('Sign')
def sign(x):
    return where(x > 0, like(1, x), where(x < 0, like(-1, x), like(0, x)))


@elementwise('Sign', kinds='c')
def sign_complex(x):
    return x if x == 0 else x / abs(x)


@elementwise('Floor')
def floor(x):
    return np.floor(x)


@elementwise('Ceil')
def ceil(x):
    return np.ceil(x)


@elementwise('Rint')
def rint(x):
    return np.rint(x)


@elementwise('Round')
def round_half_to_even(x):
    # Unlike Rint, numbers that are not zero do not round to -0.
    rounded = np.rint(x)
    return where((rounded != 0) | (x == 0), rounded, like(0, x))


elementwise('Round', kinds='iu')(_same)


# Division. Integers by zero are an error; the functions for integers only have to survive it, and the
# least integer by -1.

def _by_zero(error, text):
    def check(x, y):
        if y.dtype.kind in 'iu' and x.size and not y.all():
            raise error(None, None, text)
    return check


_integer_by_zero = _by_zero(errors.InvalidArgumentError, 'Integer division by zero')
_truncation_by_zero = _by_zero(
    errors.InternalError, 'Unexpected error in binary operator (only integer div and mod should have errors)')


@elementwise('RealDiv', 'Div', 'TruncateDiv')
def real_div(x, y):
    return x / y


@elementwise('FloorDiv', check=_integer_by_zero)
def floor_div(x, y):
    return np.floor(x / y)


@elementwise('FloorDiv', kinds='i', check=_integer_by_zero)
def floor_div_signed(x, y):
    if y == 0:
        return like(0, x)
    return -x if y == -1 else x // y


@elementwise('FloorDiv', 'Div', kinds='u', check=_integer_by_zero)
@elementwise('TruncateDiv', kinds='u', check=_truncation_by_zero)
@elementwise('RealDiv', kinds='u')
def div_unsigned(x, y):
    return x // y if y != 0 else like(0, x)


@elementwise('Div', kinds='i', check=_integer_by_zero)
@elementwise('TruncateDiv', kinds='i', check=_truncation_by_zero)
@elementwise('RealDiv', kinds='i')
def truncate_div_signed(x, y):
    if y == 0:
        return like(0, x)
    if y == -1:
        return -x
    quotient = x // y
    if (x < 0) != (y < 0) and quotient * y != x:
        quotient += like(1, x)
    return quotient


@elementwise('FloorMod', check=_integer_by_zero)
def floor_mod(x, y):
    remainder = np.fmod(x, y)
    return remainder + y if remainder != 0 and (remainder < 0) != (y < 0) else remainder


@elementwise('FloorMod', kinds='iu', check=_integer_by_zero)
def floor_mod_integer(x, y):
    return x % y if y != 0 and y != -1 else like(0, x)


@elementwise('Mod', check=_integer_by_zero)
@elementwise('TruncateMod', check=_truncation_by_zero)
def truncate_mod(x, y):
    return np.fmod(x, y)


@elementwise('Mod', kinds='iu', check=_integer_by_zero)
@elementwise('TruncateMod', kinds='iu', check=_truncation_by_zero)
def truncate_mod_integer(x, y):
    if y == 0 or y == -1:
        return like(0, x)
    remainder = x % y
    return remainder - y if remainder != 0 and (x < 0) != (y < 0) else remainder


@elementwise('DivNoNan')
def div_no_nan(x, y):
    return where(y != 0, x / y, like(0, x))


@elementwise('MulNoNan')
def mul_no_nan(x, y):
    return where(y != 0, x * y, like(0, x))


@elementwise('Reciprocal', 'Inv')
def reciprocal(x):
    return like(1, x) / x


@elementwise('Reciprocal', 'Inv', kinds='i')
def reciprocal_integer(x):
    return x if x == 1 or x == -1 else like(0, x)


# Powers, exponentials, logarithms, trigonometry.

def _no_negative_exponent(x, y):
    if y.dtype.kind == 'i' and x.size and y.size and y.min() < 0:
        raise errors.InvalidArgumentError(None, None, 'Integers to negative integer powers are not allowed')


def _small_power(x, y):
    """Squares and reciprocals by way of their own kernels."""
    if y.size != 1 or y.ndim > x.ndim or x.dtype.kind != 'f':
        return None
    op = _SMALL_POWERS.get(y.item())
    return op and array_function(op)(x)


_SMALL_POWERS = {2.0: 'Square', -1.0: 'Reciprocal'}

elementwise('Pow', check=_no_negative_exponent, instead=_small_power)(mathlib.power)


@elementwise('Pow', kinds='c', check=_no_negative_exponent, instead=_small_power)
def power_complex(x, y):
    return x ** y


@elementwise('Pow', kinds='i', check=_no_negative_exponent, instead=_small_power)
def power_integer(x, y):
    result = like(1, x)
    base = x
    while y > 0:
        if y & 1:
            result *= base
        base *= base
        y >>= 1
    return result


@elementwise('Rsqrt')
def rsqrt(x):
    return like(1, x) / sqrt(x)


for _function in (
        mathlib.exp, mathlib.expm1, mathlib.log, mathlib.log1p, mathlib.sqrt, mathlib.sin, mathlib.cos,
        mathlib.tan, mathlib.asin, mathlib.acos, mathlib.atan, mathlib.sinh, mathlib.cosh, mathlib.tanh,
        mathlib.asinh, mathlib.acosh, mathlib.atanh, mathlib.atan2, mathlib.sigmoid, mathlib.erf, mathlib.erfc,
        mathlib.lgamma, mathlib.digamma, mathlib.igamma, mathlib.igammac, mathlib.zeta, mathlib.polygamma):
    elementwise(_function.__name__.capitalize())(_function)
for _name, _function in mathlib.COMPLEX.items():
    elementwise(_name.capitalize(), kinds='c')(_function)
elementwise('BesselI0e')(mathlib.bessel_i0e)
elementwise('BesselI1e')(mathlib.bessel_i1e)


@elementwise('Sigmoid', kinds='c')
def sigmoid_complex(x):
    return like(1, x) / (like(1, x) + np.exp(-x))


@elementwise('Xlogy')
def xlogy(x, y):
    return where(x == 0, x, x * log(y))


@elementwise('Xlogy', kinds='c')
def xlogy_complex(x, y):
    return x if x == 0 else x * np.log(y)


@elementwise('Xdivy')
def xdivy(x, y):
    return where(x == 0, x, x / y)


@elementwise('NextAfter')
def nextafter(x, y):
    return np.nextafter(x, y)


def _betainc_shapes(a, b, x):
    shapes = [v.shape for v in (a, b, x) if v.shape]
    if any(s != shapes[0] for s in shapes):
        raise errors.InvalidArgumentError(
            None, None, 'Shapes of a, b and x are inconsistent: ' + ', '.join(map(shape_text, shapes)))


elementwise('Betainc', check=_betainc_shapes)(mathlib.betainc)


# What gradients are made of: y is the output of the forward op. Where dy is 0 the result is 0, whatever y is.

@elementwise('SigmoidGrad')
def sigmoid_grad(y, dy):
    return dy * y * (like(1, y) - y)


@elementwise('TanhGrad')
def tanh_grad(y, dy):
    return dy * (like(1, y) - y * y)


@elementwise('SqrtGrad')
def sqrt_grad(y, dy):
    return where(dy != 0, dy * like(0.5, y) / y, like(0, y))


@elementwise('RsqrtGrad')
def rsqrt_grad(y, dy):
    return where(dy != 0, dy * like(0.5, y) * (like(0, y) - y * y * y), like(0, y))


@elementwise('ReciprocalGrad', 'InvGrad')
def reciprocal_grad(y, dy):
    return where(dy != 0, dy * (like(0, y) - y * y), like(0, y))


def _of_conjugate(function):
    def computed(y, dy):
        return function(y.conjugate(), dy)
    return computed


elementwise('SqrtGrad', kinds='c')(_of_conjugate(sqrt_grad))
elementwise('RsqrtGrad', kinds='c')(_of_conjugate(rsqrt_grad))
elementwise('ReciprocalGrad', 'InvGrad', kinds='c')(_of_conjugate(reciprocal_grad))


# Complex numbers.

@elementwise('ComplexAbs', out=real_dtype)
def complex_abs(x):
    return abs(x)


@elementwise('Real', out=real_dtype)
def real(x):
    return x.real


@elementwise('Imag', out=real_dtype)
def imag(x):
    return x.imag


@elementwise('Angle', out=real_dtype)
def angle(x):
    return atan2(x.imag, x.real)


@elementwise('Conj')
def conj(x):
    return x.conjugate()


@elementwise('Complex', out=lambda x, y: np.result_type(x, np.complex64))
def make_complex(x, y):
    return complex(x, y)


# Comparison and logic.

@elementwise('Equal', out=bool, objects=np.equal)
def equal(x, y):
    return x == y


@elementwise('NotEqual', out=bool, objects=np.not_equal)
def not_equal(x, y):
    return x != y


@elementwise('Less', out=bool)
def less(x, y):
    return x < y


@elementwise('LessEqual', out=bool)
def less_equal(x, y):
    return x <= y


@elementwise('Greater', out=bool)
def greater(x, y):
    return x > y


@elementwise('GreaterEqual', out=bool)
def greater_equal(x, y):
    return x >= y


def _same_shape(x, y):
    if x.shape != y.shape:
        raise errors.InvalidArgumentError(
            None, None, 'x and y must be of the same shape. x shape: %s. y shape: %s'
            % (shape_text(x.shape), shape_text(y.shape)))


@elementwise('ApproximateEqual', attrs=('tolerance',), out=bool, check=_same_shape)
def approximate_equal(x, y, tolerance):
    return abs(x - y) < like(tolerance, x)


@elementwise('ApproximateEqual', kinds='c', attrs=('tolerance',), out=bool, check=_same_shape)
def approximate_equal_complex(x, y, tolerance):
    return abs(x - y) < tolerance


@elementwise('IsNan', out=bool)
def is_nan(x):
    return x != x


@elementwise('IsInf', out=bool)
def is_inf(x):
    return abs(x) == np.inf


@elementwise('IsFinite', out=bool)
def is_finite(x):
    return abs(x) < np.inf


@elementwise('LogicalAnd')
def logical_and(x, y):
    return x & y


@elementwise('LogicalOr')
def logical_or(x, y):
    return x | y


@elementwise('LogicalNot')
def logical_not(x):
    return x ^ True


# Bits.

@elementwise('BitwiseAnd')
def bitwise_and(x, y):
    return x & y


@elementwise('BitwiseOr')
def bitwise_or(x, y):
    return x | y


@elementwise('BitwiseXor')
def bitwise_xor(x, y):
    return x ^ y


@elementwise('Invert')
def invert(x):
    return ~x


def _bit_functions(bits):
    """What depends on the number of bits. Shifts by less than none, or by all bits, are by none, or by all
    but one."""
    most = bits - 1

    def left_shift(x, y):
        return x << (like(0, y) if y < 0 else like(most, y) if y > most else y)

    def right_shift(x, y):
        return x >> (like(0, y) if y < 0 else like(most, y) if y > most else y)

    def population_count(x):
        count = 0
        for i in range(bits):
            count += (x >> like(i, x)) & like(1, x) != 0
        return count
    return dict(LeftShift=left_shift, RightShift=right_shift, PopulationCount=population_count)


for _bits in (8, 16, 32, 64):
    for _op, _function in _bit_functions(_bits).items():
        elementwise(_op, kinds=('int%d' % _bits, 'uint%d' % _bits),
                    out=np.uint8 if _op == 'PopulationCount' else None)(_function)


# Selection.

def _second(condition, t, e):
    return t


def _select_shapes(condition, t, e):
    """Select takes a condition of the same shape, a scalar, or a vector that chooses rows."""
    if not condition.shape or condition.shape == t.shape == e.shape:
        if t.shape != e.shape:
            _refuse("'then' and 'else' must have the same size.  but received: %s vs. %s", t, e)
        return condition, t, e
    if condition.ndim != 1 or t.ndim == 1 == e.ndim:
        for i, other in ((1, t), (2, e)):
            if other.shape != condition.shape:
                _refuse('Inputs to operation Select of type Select must have the same size and shape.  '
                        'Input 0: %%s != input %d: %%s' % i, condition, other)
    if not t.ndim:
        _refuse("'then' must be at least a vector, but saw shape: %s", t)
    if t.shape != e.shape:
        _refuse("'then' and 'else' must have the same size.  but received: %s vs. %s", t, e)
    if len(t) != len(condition):
        raise errors.InvalidArgumentError(
            None, None, "Number of batches of 'then' must match size of 'cond', but saw: %d vs. %d"
            % (len(t), len(condition)))
    return condition.reshape(condition.shape + (1,) * (t.ndim - 1)), t, e


def _refuse(text, *arrays):
    raise errors.InvalidArgumentError(None, None, text % tuple(shape_text(a.shape) for a in arrays))


@elementwise('Select', out=_second, prepare=_select_shapes, objects=np.where)
@elementwise('SelectV2', out=_second, objects=np.where,
             incompatible='condition {}, then {}, and else {} must be broadcastable')
def select(condition, t, e):
    return where(condition, t, e)


def _clip_shapes(t, low, high):
    if any(bound.shape and bound.shape != t.shape for bound in (low, high)):
        _refuse('clip_value_min and clip_value_max must be either of the same shape as input, or a scalar. '
                'input shape: %sclip_value_min shape: %sclip_value_max shape: %s', t, low, high)


@elementwise('ClipByValue', check=_clip_shapes)
def clip_by_value(t, low, high):
    clipped = where(high < t, high, t)
    return where(clipped < low, low, clipped)


# Cast. Floats become integers as x86 instructions have it: by way of a 32-bit (or 64-bit) integer, INT_MIN
# out of range.

def _nonzero(x):
    return x != 0


def _by_int32(x):
    return x.astype(np.int32)


def _by_int64(x):
    return x.astype(np.int64)


_by_int32.complete = lambda x: np.int32(x)      # for numba, whose numbers have no `astype`
_by_int64.complete = lambda x: np.int64(x)


def _to_uint64(x):
    half = like(2.0 ** 63, x)
    return np.int64(x - half) ^ np.int64(-2 ** 63) if x >= half else np.int64(x)


def _of_real_part(function):
    """Conversions of complex numbers, all but those to complex, look at the real part."""
    def converted(x):
        return function(x.real)
    return converted


def _conversion(source, target):
    """The scalar function from one dtype to another; what it returns is then stored in the target's dtype."""
    if source.kind == 'c' and target.kind != 'c':
        return _OF_REAL_PART[_conversion(np.empty(0, source).real.dtype, target)]
    if target.kind == 'b' and source.kind != 'b':
        return _nonzero
    if source.kind == 'f' and target.kind in 'iu':
        if target.itemsize < 4 or target == np.int32:
            return _by_int32
        return _to_uint64 if target == np.uint64 else _by_int64
    return _same


_OF_REAL_PART = {f: _of_real_part(f) for f in (_same, _nonzero, _by_int32, _by_int64, _to_uint64)}


def _cast_in_numpy(x, out_dtype):
    if x.dtype.kind == 'c' and out_dtype.kind != 'c':
        x = x.real
    if x.dtype.kind == 'f' and out_dtype.kind in 'iu':
        if out_dtype == np.uint64:
            high = x >= 2.0 ** 63
            return np.where(high, x - x.dtype.type(2.0 ** 63), x).astype(np.int64).astype(np.uint64) ^ (
                high.astype(np.uint64) << np.uint64(63))
        x = x.astype(np.int32 if _conversion(x.dtype, out_dtype) is _by_int32 else np.int64)
    return x.astype(out_dtype)


elementwise('Cast', choose=lambda dtypes, out: _conversion(dtypes[0], out), in_python=_cast_in_numpy)(_same)


# Sums of several arrays.

MOST_TERMS = 8      # Arrays that one loop adds up.


@kernel('AddN', 'AccumulateNV2')
def add_n(inputs):
    """The sum of arrays of one shape, from first to last."""
    for i, term in enumerate(inputs):
        if term.shape != inputs[0].shape:
            raise errors.InvalidArgumentError(
                None, None, 'Inputs to operation AddN of type AddN must have the same size and shape.  '
                'Input 0: %s != input %d: %s' % (shape_text(inputs[0].shape), i, shape_text(term.shape)))
    total, rest = inputs[0], inputs[1:]
    while rest:
        terms = [total, *rest[:MOST_TERMS - 1]]
        total, rest = _sum_kernel(len(terms))(*terms)[0], rest[MOST_TERMS - 1:]
    return total


_sum_kernels = {}


def _sum_kernel(n):
    if n not in _sum_kernels:
        calls = tuple(('Add', (n + k - 1 if k else 0, k + 1), None) for k in range(n - 1))
        _sum_kernels[n] = Kernel(Expression(n, calls, (2 * n - 2,)))
    return _sum_kernels[n]
