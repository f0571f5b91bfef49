"""Arithmetic, elementwise: sums, products, quotients, remainders, powers, roots, exponentials and logarithms."""
from graphflow.framework import convert, dtypes
from graphflow.framework.apply import apply
from graphflow.framework.export import export
from graphflow.framework.indexed_slices import IndexedSlices
from graphflow.framework.registry import gradient, op
from graphflow.framework.scopes import control_dependencies, name_scope
from graphflow.framework.shape_rules import broadcast, unchanged
from graphflow.framework.sparse_tensor import SparseTensor
from graphflow.ops import array, fill
from graphflow.ops.add_n import accumulate_n, add_n  # noqa: F401  (part of this family)
from graphflow.ops.cast import cast
from graphflow.ops.comparison import equal, greater_equal, less_equal, not_equal  # noqa: F401  (used through here)
from graphflow.ops.complex import conj
from graphflow.ops.constant import constant
from graphflow.ops.elementwise import COMPLEX, INT, REAL, apply_to_values, binary, unary
from graphflow.ops.gradient_sums import equally_shaped, sums, sums_to, sums_where_needed

_DIVISIBLE = 'bfloat16,half,float,double,uint8,int8,uint16,int16,int32,int64,complex64,complex128'
_SUMMABLE = 'bfloat16,half,float,double,uint8,int8,int16,int32,int64,complex64,complex128'

binary('Add', _SUMMABLE + ',string')
binary('AddV2', _SUMMABLE)
binary('Sub Mul Div RealDiv FloorDiv TruncateDiv', _DIVISIBLE)
binary('FloorMod TruncateMod', 'int32,int64,bfloat16,half,float,double')
binary('Mod', 'int32,int64,half,half,bfloat16,float,double')
binary('Pow', 'bfloat16,float,half,double,int32,int64,complex64,complex128')
binary('Maximum Minimum', REAL + INT)
binary('SquaredDifference', REAL + INT + COMPLEX)
binary('DivNoNan MulNoNan Xlogy Xdivy', 'half,float,double,complex64,complex128')
unary('Neg Sign Square Reciprocal Inv Round', REAL + INT + COMPLEX)
unary('Sqrt Rsqrt Exp Expm1 Log Log1p Sigmoid Tanh', REAL + COMPLEX)
unary('Floor Ceil Rint', REAL)
unary('Abs', 'bfloat16,half,float,double,int8,int16,int32,int64')
for _name in ('SigmoidGrad', 'TanhGrad', 'SqrtGrad', 'RsqrtGrad', 'InvGrad', 'ReciprocalGrad'):
    op(_name, 'y:T, dy:T -> z:T', f'T:type{{{REAL + COMPLEX}}}', shape=unchanged)
op('NextAfter', 'x1:T, x2:T -> output:T', 'T:type=float{double,float}', shape=broadcast)


# Sums, differences, products.

@gradient('Add', 'AddV2')
def _(op, grad):
    x, y = op.inputs
    if equally_shaped(x, y, grad):
        return grad, grad
    to_x, to_y = sums_where_needed(x, y, grad)
    return to_x(grad), to_y(grad)


@gradient('Sub')
def _(op, grad):
    x, y = op.inputs
    if equally_shaped(x, y, grad):
        return grad, -grad
    to_x, to_y = sums_where_needed(x, y, grad)
    return to_x(grad), to_y(-grad)


@gradient('Mul')
def _(op, grad):
    x, y = op.inputs
    if equally_shaped(x, y, grad) and grad.dtype in (dtypes.int32, dtypes.float32):
        return multiply(grad, y), multiply(grad, x)
    to_x, to_y = sums_where_needed(x, y, grad)
    x, y = conj(x), conj(y)
    return to_x(multiply(grad, y)), to_y(multiply(x, grad))


@gradient('MulNoNan')
def _(op, grad):
    x, y = op.inputs
    if equally_shaped(x, y, grad):
        return apply('MulNoNan', grad, y), apply('MulNoNan', x, grad)
    to_x, to_y = sums(x, y)
    return to_x(apply('MulNoNan', grad, y)), to_y(apply('MulNoNan', x, grad))


@gradient('SquaredDifference')
def _(op, grad):
    x, y = op.inputs
    with control_dependencies([grad]):
        x_grad = scalar_mul(2.0, grad) * (x - y)
    if equally_shaped(x, y, grad):
        return x_grad, -x_grad
    to_x, to_y = sums_where_needed(x, y, grad)
    return to_x(x_grad), -to_y(x_grad)


@export('add', 'math.add')
def add(x, y, name=None):
    """`x + y`, elementwise; strings are joined. `x` and `y` broadcast and are of one dtype."""
    return apply('Add', x, y, name=name)


@export('subtract', 'math.subtract')
def subtract(x, y, name=None):
    """`x - y`, elementwise. `x` and `y` broadcast and are of one numeric dtype."""
    return apply('Sub', x, y, name=name)


@export('multiply', 'math.multiply')
def multiply(x, y, name=None):
    """`x * y`, elementwise. `x` and `y` broadcast and are of one numeric dtype."""
    return apply('Mul', x, y, name=name)


@export('math.multiply_no_nan')
def multiply_no_nan(x, y, name=None):
    """`x * y`, elementwise, but 0 wherever `y` is 0, even if `x` is infinite or NaN.

    `x` and `y` broadcast and are of one float or complex dtype. Raises: TypeError if their dtypes differ.
    """
    with name_scope(name, 'multiply_no_nan', [x, y]) as name:
        x = convert.to_tensor(x, name='x')
        y = convert.to_tensor(y, name='y', dtype=x.dtype.base_dtype)
        _same_dtype(x, y)
        return apply('MulNoNan', x, y, name=name)


@export('scalar_mul', 'math.scalar_mul')
def scalar_mul(scalar, x, name=None):
    """`scalar * x` for a 0-D `scalar` and a Tensor or IndexedSlices `x`, the same as `x`.

    Raises: ValueError if `scalar` is not known to be a scalar.
    """
    scalar = convert.to_tensor(scalar, dtype=x.dtype.base_dtype, name='scalar')
    if scalar.get_shape().ndims != 0:
        raise ValueError(f'Only scalar multiply works, got shape {scalar.get_shape()}')
    if isinstance(x, IndexedSlices):
        return IndexedSlices(multiply(scalar, x.values, name), x.indices, x.dense_shape)
    return multiply(scalar, x, name)


@export('squared_difference', 'math.squared_difference')
def squared_difference(x, y, name=None):
    """`(x - y)**2`, elementwise (its modulus for complex numbers). `x` and `y` broadcast and are of one dtype."""
    return apply('SquaredDifference', x, y, name=name)


# Quotients and remainders.

@gradient('RealDiv')
def _(op, grad):
    x, y, to_x, to_y = _quotient(op)
    return (to_x(realdiv(grad, y)),
            to_y(grad * realdiv(realdiv(-x, y), y)))


@gradient('Div')
def _(op, grad):
    x, y, to_x, to_y = _quotient(op)
    return to_x(divide(grad, y)), to_y(grad * divide(divide(-x, y), y))


@gradient('DivNoNan')
def _(op, grad):
    x, y, to_x, to_y = _quotient(op)
    return to_x(div_no_nan(grad, y)), to_y(grad * div_no_nan(div_no_nan(-x, y), y))


def _quotient(op):
    to_x, to_y = sums(*op.inputs)
    return conj(op.inputs[0]), conj(op.inputs[1]), to_x, to_y


@gradient('FloorDiv', 'TruncateDiv')
def _(op, grad):
    return None, None


@gradient('FloorMod')
def _(op, grad):
    x, y = op.inputs
    to_x, to_y = sums(x, y)
    quotient = floor_div(x, y)
    return to_x(grad), to_y(grad * apply('Neg', quotient))


_QUOTIENT_TYPE = {      # of true division; None: the operands' own type
    **dict.fromkeys((dtypes.uint8, dtypes.int8, dtypes.uint16, dtypes.int16), dtypes.float32),
    **dict.fromkeys((dtypes.int32, dtypes.int64), dtypes.float64),
    **dict.fromkeys((dtypes.bfloat16, dtypes.float16, dtypes.float32, dtypes.float64, dtypes.complex64,
                     dtypes.complex128)),
}


def _same_dtype(x, y):
    if x.dtype.base_dtype != y.dtype.base_dtype:
        raise TypeError(f'x and y must have the same dtype, got {x.dtype.base_dtype!r} != {y.dtype.base_dtype!r}')


@export('truediv', 'math.truediv')
def truediv(x, y, name=None):
    """`x / y`, elementwise, as Python 3 divides: integers become floats first.

    Args:
      x: the dividend, a numeric Tensor.
      y: the divisor, of the same dtype; it broadcasts against `x`.
      name: a name for the node.

    Returns: a Tensor: float32 for 8- and 16-bit integers, float64 for 32- and 64-bit ones, else of the dtype of `x`.

    Raises: TypeError if the dtypes differ or are not numeric.
    """
    with name_scope(name, 'truediv', [x, y]) as name:
        x = convert.to_tensor(x, name='x')
        y = convert.to_tensor(y, name='y')
        return quotient(x, y, name)


def quotient(x, y, name):
    """`truediv` of tensors, within its name scope."""
    dtype = quotient_dtype(x, y)
    if dtype is not None:
        x, y = cast(x, dtype), cast(y, dtype)
    return apply('RealDiv', x, y, name=name)


def quotient_dtype(x, y):
    """The DType that `x` and `y` are cast to before true division, None if they need not be. Raises: TypeError."""
    _same_dtype(x, y)
    dtype = x.dtype.base_dtype
    if dtype not in _QUOTIENT_TYPE:
        raise TypeError(f'Invalid dtype {dtype!r} in __truediv__')
    return _QUOTIENT_TYPE[dtype]


@export('divide', 'math.divide')
def divide(x, y, name=None):
    """`x / y` by Python's operator: of tensors `truediv`, but two Python numbers give a Python number."""
    if name is not None:
        return truediv(x, y, name)
    return x / y


@export('div')
def div(x, y, name=None):
    """`x / y` as Python 2 divides: integers by rounding down, floats exactly.

    Args: `x` and `y` are numeric Tensors of one dtype, which broadcast.
    """
    with name_scope(name, 'div', [x, y]) as name:
        x = convert.to_tensor(x, name='x')
        y = convert.to_tensor(y, name='y', dtype=x.dtype.base_dtype)
        _same_dtype(x, y)
        exact = x.dtype.is_floating or x.dtype.is_complex
        return apply('RealDiv' if exact else 'FloorDiv', x, y, name=name)


@export('realdiv')
def realdiv(x, y, name=None):
    """`x / y`, elementwise, in the operands' own type. `x` and `y` broadcast."""
    return apply('RealDiv', x, y, name=name)


@export('div_no_nan', 'math.divide_no_nan')
def div_no_nan(x, y, name=None):
    """`x / y`, elementwise, but 0 wherever `y` is 0. `x` and `y` broadcast and are of one float or complex dtype."""
    with name_scope(name, 'div_no_nan', [x, y]) as name:
        x = convert.to_tensor(x, name='x')
        y = convert.to_tensor(y, name='y', dtype=x.dtype.base_dtype)
        return apply('DivNoNan', x, y, name=name)


@export('math.reciprocal_no_nan')
def reciprocal_no_nan(x, name=None):
    """`1 / x`, elementwise, but 0 wherever `x` is 0; `x` is of a float or complex dtype."""
    with name_scope(name, 'reciprocal_no_nan', [x]) as scope:
        x = convert.to_tensor(x, name='x')
        one = constant(1, dtype=x.dtype.base_dtype, name='one')
        return apply('DivNoNan', one, x, name=scope)


@export('floordiv', 'math.floordiv')
def floordiv(x, y, name=None):
    """`x // y`, elementwise: the quotient rounded down. `x` and `y` broadcast and are of one dtype."""
    with name_scope(name, 'floordiv', [x, y]) as name:
        return apply('FloorDiv', x, y, name=name)


@export('floor_div')
def floor_div(x, y, name=None):
    """The same as `floordiv`, with another default name."""
    return apply('FloorDiv', x, y, name=name)


@export('truncatediv')
def truncatediv(x, y, name=None):
    """`x / y`, elementwise, rounded towards zero as C does. `x` and `y` broadcast and are of one dtype."""
    return apply('TruncateDiv', x, y, name=name)


@export('floormod', 'mod', 'math.floormod', 'math.mod')
def floormod(x, y, name=None):
    """`x % y`, elementwise, with the sign of `y` as in Python: floordiv(x, y) * y + floormod(x, y) = x."""
    return apply('FloorMod', x, y, name=name)


@export('truncatemod')
def truncatemod(x, y, name=None):
    """The remainder of `truncatediv`, elementwise, with the sign of `x` as in C."""
    return apply('TruncateMod', x, y, name=name)


# Powers.

@gradient('Pow')
def _(op, grad):
    x, y = op.inputs
    z = op.outputs[0]
    to_x, to_y = sums_where_needed(x, y, grad)
    x, y = conj(x), conj(y)
    x_grad = to_x(grad * y * pow(x, y - 1))
    z = conj(z)
    # log(x) where it is defined; else zero, which stops 0 * inf.
    mask = not_equal(x, 0) if x.dtype.is_complex else x > 0
    safe = apply('Select', mask, x, fill.ones_like(x))
    log_x = apply('Select', mask, log(safe), fill.zeros_like(x))
    return x_grad, to_y(grad * z * log_x)


@gradient('Square')
def _(op, grad):
    with control_dependencies([grad]):
        x = conj(op.inputs[0])
        return multiply(grad, multiply(x, constant(2.0, dtype=x.dtype)))


@gradient('Sqrt')
def _(op, grad):
    return apply('SqrtGrad', op.outputs[0], grad)


@gradient('Rsqrt')
def _(op, grad):
    return apply('RsqrtGrad', op.outputs[0], grad)


@gradient('Reciprocal', 'Inv')
def _(op, grad):
    return apply('ReciprocalGrad', op.outputs[0], grad)


@gradient('SqrtGrad')
def _(op, grad):
    with control_dependencies([grad]):
        scaled = grad / op.inputs[0]
        return -conj(scaled) * op.outputs[0], 0.5 * scaled


@gradient('RsqrtGrad')
def _(op, grad):
    y, dy = op.inputs
    with control_dependencies([grad]):
        y, conj_grad = conj(y), conj(grad)
        return -1.5 * conj_grad * dy * square(y), apply('RsqrtGrad', y, grad)


@gradient('ReciprocalGrad', 'InvGrad')
def _(op, grad):
    y, dy = op.inputs
    with control_dependencies([grad]):
        y, conj_grad = conj(y), conj(grad)
        return conj_grad * -2.0 * dy * y, apply('ReciprocalGrad', y, grad)


@export('pow', 'math.pow')
def pow(x, y, name=None):
    """`x**y`, elementwise. `x` and `y` broadcast and are of one dtype; integers take no negative exponents."""
    with name_scope(name, 'Pow', [x]) as name:
        return apply('Pow', x, y, name=name)


@export('square', 'math.square')
def square(x, name=None):
    """`x**2`, elementwise, of a Tensor or SparseTensor."""
    return apply_to_values('Square', x, name)


@export('sqrt', 'math.sqrt')
def sqrt(x, name=None):
    """The square root, elementwise, of a float or complex Tensor or SparseTensor."""
    return apply_to_values('Sqrt', x, name)


@export('rsqrt', 'math.rsqrt')
def rsqrt(x, name=None):
    """`1 / sqrt(x)`, elementwise, of a float or complex Tensor."""
    return apply('Rsqrt', x, name=name)


@export('reciprocal', 'math.reciprocal')
def reciprocal(x, name=None):
    """`1 / x`, elementwise."""
    return apply('Reciprocal', x, name=name)


# Exponentials and logarithms.

@gradient('Exp')
def _(op, grad):
    with control_dependencies([grad]):
        return grad * conj(op.outputs[0])


@gradient('Expm1')
def _(op, grad):
    with control_dependencies([grad]):
        return grad * exp(conj(op.inputs[0]))


@gradient('Log')
def _(op, grad):
    with control_dependencies([grad]):
        return grad * reciprocal(conj(op.inputs[0]))


@gradient('Log1p')
def _(op, grad):
    with control_dependencies([grad]):
        return grad * reciprocal(1 + conj(op.inputs[0]))


@gradient('Xlogy')
def _(op, grad):
    x, y = op.inputs
    to_x, to_y = sums(x, y)
    with control_dependencies([grad]):
        by_x = xlogy(_not_zero(x), y)
        by_y = xdivy(x, y)
    return to_x(by_x * grad), to_y(by_y * grad)


@gradient('Xdivy')
def _(op, grad):
    x, y = op.inputs
    to_x, to_y = sums(x, y)
    with control_dependencies([grad]):
        by_x = xdivy(_not_zero(x), y)
        by_y = xdivy(negative(x), y ** 2)
    return to_x(by_x * grad), to_y(by_y * grad)


def _not_zero(x):
    return cast(not_equal(x, cast(0., dtype=x.dtype)), dtype=x.dtype)


@gradient('Sigmoid')
def _(op, grad):
    with control_dependencies([grad]):
        return apply('SigmoidGrad', conj(op.outputs[0]), grad)


@gradient('Tanh')
def _(op, grad):
    with control_dependencies([grad]):
        return apply('TanhGrad', conj(op.outputs[0]), grad)


@gradient('SigmoidGrad')
def _(op, grad):
    with control_dependencies([grad]):
        y, dy = conj(op.inputs[0]), conj(op.inputs[1])
        scaled = grad * dy
        return scaled - 2.0 * scaled * y, apply('SigmoidGrad', y, grad)


@gradient('TanhGrad')
def _(op, grad):
    with control_dependencies([grad]):
        y, dy = conj(op.inputs[0]), conj(op.inputs[1])
        return grad * -2.0 * dy * y, apply('TanhGrad', y, grad)


@export('exp', 'math.exp')
def exp(x, name=None):
    """`e**x`, elementwise, of a float or complex Tensor."""
    return apply('Exp', x, name=name)


@export('expm1', 'math.expm1')
def expm1(x, name=None):
    """`exp(x) - 1`, elementwise, accurate also where `x` is small."""
    return apply('Expm1', x, name=name)


@export('log', 'math.log')
def log(x, name=None):
    """The natural logarithm, elementwise, of a float or complex Tensor."""
    return apply('Log', x, name=name)


@export('log1p', 'math.log1p')
def log1p(x, name=None):
    """`log(1 + x)`, elementwise, accurate also where `x` is small."""
    return apply('Log1p', x, name=name)


@export('math.xlogy')
def xlogy(x, y, name=None):
    """`x * log(y)`, elementwise, but 0 wherever `x` is 0. `x` and `y` broadcast and are of one dtype."""
    return apply('Xlogy', x, y, name=name)


@export('math.xdivy')
def xdivy(x, y, name=None):
    """`x / y`, elementwise, but 0 wherever `x` is 0. `x` and `y` broadcast and are of one dtype."""
    return apply('Xdivy', x, y, name=name)


@export('sigmoid', 'math.sigmoid', 'nn.sigmoid')
def sigmoid(x, name=None):
    """The logistic function `1 / (1 + exp(-x))`, elementwise, of a float or complex Tensor."""
    with name_scope(name, 'Sigmoid', [x]) as name:
        x = convert.to_tensor(x, name='x')
        return apply('Sigmoid', x, name=name)


@export('log_sigmoid', 'math.log_sigmoid')
def log_sigmoid(x, name=None):
    """`log(sigmoid(x))`, elementwise, as `-softplus(-x)`, which does not overflow."""
    with name_scope(name, 'LogSigmoid', [x]) as name:
        x = convert.to_tensor(x, name='x')
        return negative(apply('Softplus', -x), name=name)


@export('tanh', 'math.tanh', 'nn.tanh')
def tanh(x, name=None):
    """The hyperbolic tangent, elementwise, of a float or complex Tensor or SparseTensor."""
    return apply_to_values('Tanh', x, name)


# Signs, extremes, rounding.

@gradient('Neg')
def _(op, grad):
    return -grad


@gradient('Abs')
def _(op, grad):
    return grad * sign(op.inputs[0])


@gradient('Sign')
def _(op, grad):
    x = op.inputs[0]
    return fill.zeros(array.shape(x), dtype=x.dtype)


@gradient('Floor', 'Ceil', 'Rint', 'Round')
def _(op, grad):
    return None


@gradient('Maximum')
def _(op, grad):
    return _extreme_gradient(op, grad, greater_equal)


@gradient('Minimum')
def _(op, grad):
    return _extreme_gradient(op, grad, less_equal)


def _extreme_gradient(op, grad, first_wins):
    x, y = op.inputs
    shapes = array.shape(x), array.shape(y)
    zeros = fill.zeros(array.shape(grad), grad.dtype)
    mask = first_wins(x, y)
    to_x, to_y = sums_to(*shapes)
    return to_x(apply('Select', mask, grad, zeros)), to_y(apply('Select', mask, zeros, grad))


@gradient('NextAfter')
def _(op, grad):
    shapes = [array.shape(t) for t in op.inputs]
    to_x, to_y = sums_to(*shapes)
    with control_dependencies([grad]):
        by_x = fill.ones(shapes[0], dtype=op.inputs[0].dtype)
        by_y = fill.zeros(shapes[1], dtype=op.inputs[1].dtype)
    return to_x(by_x * grad), to_y(by_y * grad)


@export('negative', 'math.negative')
def negative(x, name=None):
    """`-x`, elementwise, of a Tensor or SparseTensor."""
    return apply_to_values('Neg', x, name)


@export('abs', 'math.abs')
def abs(x, name=None):
    """`|x|`, elementwise, of a Tensor or SparseTensor: for a complex one its modulus, which is real.

    Returns: what `x` is, of its shape; float32 for complex64, float64 for complex128.
    """
    with name_scope(name, 'Abs', [x]) as scope:
        if not isinstance(x, SparseTensor):
            x = convert.to_tensor(x, name='x')
            if x.dtype.is_complex:
                return apply('ComplexAbs', x, Tout=x.dtype.real_dtype, name=scope)
            return apply('Abs', x, name=scope)
    return SparseTensor(x.indices, abs(x.values, name), x.dense_shape)


@export('sign', 'math.sign')
def sign(x, name=None):
    """-1, 0 or 1 as `x` is negative, zero or positive, elementwise; `x / |x|` for complex numbers."""
    return apply_to_values('Sign', x, name)


@export('maximum', 'math.maximum')
def maximum(x, y, name=None):
    """The greater of `x` and `y`, elementwise. They broadcast and are of one real dtype."""
    return apply('Maximum', x, y, name=name)


@export('minimum', 'math.minimum')
def minimum(x, y, name=None):
    """The smaller of `x` and `y`, elementwise. They broadcast and are of one real dtype."""
    return apply('Minimum', x, y, name=name)


@export('round', 'math.round')
def round(x, name=None):
    """`x` rounded to the nearest integer, halves to the even one, elementwise. Integers are returned as they are."""
    x = convert.to_tensor(x, name='x')
    return x if x.dtype.is_integer else apply('Round', x, name=name)


@export('floor', 'math.floor')
def floor(x, name=None):
    """The greatest integer not above `x`, elementwise, as a float."""
    return apply('Floor', x, name=name)


@export('ceil', 'math.ceil')
def ceil(x, name=None):
    """The smallest integer not below `x`, elementwise, as a float."""
    return apply('Ceil', x, name=name)


@export('rint', 'math.rint')
def rint(x, name=None):
    """The integer nearest to `x`, halves to the even one, elementwise, as a float."""
    return apply('Rint', x, name=name)


@export('math.nextafter')
def nextafter(x1, x2, name=None):
    """The float next to `x1` in the direction of `x2`, elementwise; float32 or float64, broadcasting."""
    return apply('NextAfter', x1, x2, name=name)
