"""Special functions: error functions, the gamma and beta families, zeta, Bessel functions; polynomials.

Formulas are those of Abramowitz and Stegun, Handbook of Mathematical Functions (1964).
"""
import math as _scalar

import numpy as np

from graphflow.framework import convert
from graphflow.framework.apply import apply
from graphflow.framework.export import export
from graphflow.framework.registry import gradient, op
from graphflow.framework.scopes import control_dependencies, name_scope
from graphflow.framework.shape_rules import broadcast, merge
from graphflow.framework.tensor_shape import unknown_shape
from graphflow.ops import array, fill, math, reduce
from graphflow.ops.constant import constant
from graphflow.ops.elementwise import REAL, apply_to_values, unary
from graphflow.ops.gradient_sums import sums, sums_to

_DOUBLES = 'T:type{float,double}'

unary('Erf Erfc Lgamma Digamma BesselI0e BesselI1e', REAL)
for _name in ('Igamma', 'Igammac', 'IgammaGradA', 'Polygamma'):
    op(_name, 'a:T, x:T -> z:T', _DOUBLES, shape=broadcast)
op('Zeta', 'x:T, q:T -> z:T', _DOUBLES, shape=broadcast)


@op('Betainc', 'a:T, b:T, x:T -> z:T', _DOUBLES)
def _(c):
    # Scalars go with any shape; the others must have one shape.
    shapes = [s for s in c.shapes() if s.ndims != 0]
    if not shapes:
        return []
    shape = unknown_shape()
    for other in shapes:
        shape = merge(shape, other)
    return shape


# Error functions.

@gradient('Erf')
def _(op, grad):
    return _gaussian_gradient(op, grad, 2 / _scalar.sqrt(_scalar.pi))


@gradient('Erfc')
def _(op, grad):
    return _gaussian_gradient(op, grad, -2 / _scalar.sqrt(_scalar.pi))


def _gaussian_gradient(op, grad, factor):
    x = op.inputs[0]
    factor = constant(factor, dtype=grad.dtype)
    with control_dependencies([grad]):
        return grad * factor * math.exp(-math.square(x))


@export('erf', 'math.erf')
def erf(x, name=None):
    """The error function, 2/sqrt(pi) times the integral of exp(-t**2) from 0 to `x`, elementwise.

    `x` is a Tensor or SparseTensor of floats.
    """
    return apply_to_values('Erf', x, name)


@export('erfc', 'math.erfc')
def erfc(x, name=None):
    """1 - erf(x), elementwise, accurate also where that is small."""
    return apply('Erfc', x, name=name)


# The gamma and beta families.

@gradient('Lgamma')
def _(op, grad):
    with control_dependencies([grad]):
        return grad * digamma(op.inputs[0])


@gradient('Digamma')
def _(op, grad):
    x = op.inputs[0]
    with control_dependencies([grad]):
        return grad * polygamma(constant(1, dtype=x.dtype), x)


@gradient('Polygamma')
def _(op, grad):
    n, x = op.inputs
    _, to_x = sums(n, x)
    with control_dependencies([grad]):
        by_x = polygamma(n + 1, x)
    return None, to_x(by_x * grad)


@gradient('Igamma')
def _igamma_gradient(op, grad):
    a, x = op.inputs
    to_a, to_x = sums(a, x)
    with control_dependencies([grad]):
        by_a = apply('IgammaGradA', a, x)
        by_x = math.exp(-x + (a - 1) * math.log(x) - lgamma(a))
    return to_a(by_a * grad), to_x(by_x * grad)


@gradient('Igammac')
def _(op, grad):
    by_a, by_x = _igamma_gradient(op, grad)
    return -by_a, -by_x


@gradient('Betainc')
def _(op, grad):
    a, b, x = op.inputs
    _, to_x = sums_to(array.shape(a), array.shape(x))
    log_beta = lgamma(a) + lgamma(b) - lgamma(a + b)
    by_x = math.exp((b - 1) * math.log(1 - x) + (a - 1) * math.log(x) - log_beta)
    return None, None, to_x(by_x * grad)


@gradient('Zeta')
def _(op, grad):
    x, q = op.inputs
    _, to_q = sums(x, q)
    with control_dependencies([grad]):
        by_q = -x * zeta(x + 1, q)
    return None, to_q(by_q * grad)


@export('lgamma', 'math.lgamma')
def lgamma(x, name=None):
    """The logarithm of the absolute value of the gamma function, elementwise."""
    return apply('Lgamma', x, name=name)


@export('digamma', 'math.digamma')
def digamma(x, name=None):
    """The derivative of `lgamma`, elementwise."""
    return apply('Digamma', x, name=name)


@export('polygamma', 'math.polygamma')
def polygamma(a, x, name=None):
    """The `a`-th derivative of `digamma` at `x`, elementwise; float32 or float64, broadcasting."""
    return apply('Polygamma', a, x, name=name)


@export('igamma', 'math.igamma')
def igamma(a, x, name=None):
    """The lower regularised incomplete gamma function P(a, x), elementwise; float32 or float64, broadcasting."""
    return apply('Igamma', a, x, name=name)


@export('igammac', 'math.igammac')
def igammac(a, x, name=None):
    """The upper regularised incomplete gamma function 1 - P(a, x), elementwise; float32 or float64, broadcasting."""
    return apply('Igammac', a, x, name=name)


@export('betainc', 'math.betainc')
def betainc(a, b, x, name=None):
    """The regularised incomplete beta function I_x(a, b), elementwise.

    The arguments, float32 or float64, have one shape, or are scalars.
    """
    return apply('Betainc', a, b, x, name=name)


@export('zeta', 'math.zeta')
def zeta(x, q, name=None):
    """The Hurwitz zeta function, the sum of (q + n)**-x over n = 0, 1, ..., elementwise; float32 or float64."""
    return apply('Zeta', x, q, name=name)


@export('lbeta', 'math.lbeta')
def lbeta(x, name=None):
    """The logarithm of the absolute value of the beta function along the last dimension.

    That is sum(lgamma(x)) - lgamma(sum(x)) for vectors x.

    Args:
      x: a Tensor of floats of rank n + 1.
      name: a name for the scope of the nodes.

    Returns: a Tensor of rank n.
    """
    with name_scope(name, 'lbeta', [x]):
        x = convert.to_tensor(x, name='x')
        of_elements = reduce.reduce_sum(lgamma(x), axis=[-1])
        of_sum = lgamma(reduce.reduce_sum(x, axis=[-1]))
        return of_elements - of_sum


# Bessel functions.

@gradient('BesselI0e')
def _(op, grad):
    x, y = op.inputs[0], op.outputs[0]
    with control_dependencies([grad]):
        return grad * (bessel_i1e(x) - math.sign(x) * y)


@gradient('BesselI1e')
def _(op, grad):
    x, y = op.inputs[0], op.outputs[0]
    with control_dependencies([grad]):
        # At zero, where 1/x has no value, the derivative is 1/2.
        zeros = fill.zeros_like(x)
        epsilon = np.finfo(x.dtype.as_numpy_dtype).eps.item()
        not_zero = math.abs(x) > epsilon
        safe = apply('Select', not_zero, x, epsilon + zeros)
        slope = bessel_i0e(safe) - y * (math.sign(safe) + math.reciprocal(safe))
        return grad * apply('Select', not_zero, slope, 0.5 + zeros)


@export('math.bessel_i0e')
def bessel_i0e(x, name=None):
    """exp(-|x|) I_0(x), with I_0 the modified Bessel function, elementwise, of a Tensor or SparseTensor of floats."""
    return apply_to_values('BesselI0e', x, name)


@export('math.bessel_i1e')
def bessel_i1e(x, name=None):
    """exp(-|x|) I_1(x), with I_1 the modified Bessel function, elementwise, of a Tensor or SparseTensor of floats."""
    return apply_to_values('BesselI1e', x, name)


@export('math.bessel_i0')
def bessel_i0(x, name=None):
    """The modified Bessel function I_0, elementwise; see `bessel_i0e` for one that does not overflow."""
    with name_scope(name, 'bessel_i0', [x]):
        return math.exp(math.abs(x)) * bessel_i0e(x)


@export('math.bessel_i1')
def bessel_i1(x, name=None):
    """The modified Bessel function I_1, elementwise; see `bessel_i1e` for one that does not overflow."""
    with name_scope(name, 'bessel_i1', [x]):
        return math.exp(math.abs(x)) * bessel_i1e(x)


# Polynomials.

@export('math.polyval')
def polyval(coeffs, x, name=None):
    """The polynomial with the coefficients `coeffs` at `x`, by Horner's rule, elementwise.

    Args:
      coeffs: a list of Tensors or numbers, that of the highest power first.
      x: a Tensor.
      name: a name for the scope of the nodes.

    Returns: a Tensor; zeros shaped like `x` with no coefficients.
    """
    with name_scope(name, 'polyval', [*_tensors(coeffs), x]) as name:
        x = convert.to_tensor(x, name='x')
        if len(coeffs) < 1:
            return fill.zeros_like(x, name=name)
        coeffs = [convert.to_tensor(c, name=f'coeff_{i}') for i, c in enumerate(coeffs)]
        value = coeffs[0]
        for coefficient in coeffs[1:]:
            value = coefficient + value * x
        return value


def _tensors(values):
    return values if isinstance(values, (list, tuple)) else [values]
