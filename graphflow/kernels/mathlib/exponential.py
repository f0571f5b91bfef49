"""exp and what follows from it.

x = n ln 2 + r with |r| <= ln(2) / 2 (W. J. Cody and W. Waite, Software Manual for the Elementary Functions, 1980: ln 2 in
two parts, so that r is exact), e^r = 1 + r + r^2 P(r), e^x = 2^n e^r.
"""
import numpy as np

from graphflow.kernels.branch_free import branch_free, muladd, polynomial
from graphflow.kernels.mathlib.bits import choose, is_single, nearest, power_of_two, scaled, with_sign

LOG2_E = 1.4426950408889634
# ln 2 = high + low; n * high is exact.
LN2_32 = 0.693145751953125, 1.4286068203094173e-06
LN2_64 = 0.6931471803691238, 1.9082149292705877e-10

# (e^r - 1 - r) / r^2 for |r| <= ln(2) / 2, within 1.3e-7 and 3e-18.
EXP_32 = (0.00139261977, 0.00836319033, 0.0416665545, 0.166665769, 0.5)
EXP_64 = (2.09147012831032839e-9, 2.51052370507602993e-8, 2.75572736087090067e-7, 2.75572553520326723e-6,
          0.0000248015873255748678, 0.000198412698748586118, 0.00138888888888837405, 0.00833333333332612426,
          0.0416666666666666698, 0.16666666666666671, 0.5)


def reduced(x):
    """(n, r): the integer n and the remainder of x / ln 2."""
    high, low = choose(x, LN2_32, LN2_64)
    whole, n = nearest(x * LOG2_E)
    return n, muladd(whole, -low, muladd(whole, -high, x))


def expm1_of_reduced(r):
    """e^r - 1."""
    return muladd(r * r, polynomial(r, choose(r, EXP_32, EXP_64)), r)


def clamped(x, low, high):
    """`x` between two bounds; NaN passes."""
    return np.where(x < low, low, np.where(x > high, high, x))


def exp_of_normal(x):
    """e^x where neither x nor the result comes near the limits of the dtype."""
    n, r = reduced(x)
    return (expm1_of_reduced(r) + 1) * power_of_two(n, x)


def exp_of_sum(x, low):
    """e^(x + low) in float64 for small `low`, all but correctly rounded."""
    whole, n = nearest(x * LOG2_E)
    # What rounding to r and to 1 + r loses is kept: where the result is a float it comes out exactly.
    nearer, step = x - whole * LN2_64[0], whole * LN2_64[1]
    r = nearer - step
    low = low + ((nearer - r) - step)
    one = r + 1
    curve = r * r * polynomial(r, EXP_64)
    return scaled(one + ((r - (one - 1)) + muladd(low, one + curve, curve)), n)


@branch_free
def exp(x):
    # Beyond the bounds, the result is 0 or inf anyway.
    if is_single(x):
        n, r = reduced(clamped(x, -104.0, 89.0))
        return scaled(expm1_of_reduced(r) + 1, n)
    return exp_of_sum(clamped(x, -746.0, 710.0), 0.0)


def half_expm1(x):
    """(e^x - 1) / 2, which overflows later than e^x."""
    n, r = reduced(clamped(x, *choose(x, (-30.0, 89.5), (-50.0, 710.5))))
    quarter = power_of_two(n - 2, x)    # 2^n itself may be too great
    return 2 * muladd(expm1_of_reduced(r), quarter, quarter - 0.25)


@branch_free
def expm1(x):
    result = 2 * half_expm1(x)
    return np.where(abs(x) < choose(x, 2.0**-25, 2.0**-54), x, result)


@branch_free
def sinh(x):
    # (e^a - 1 + (e^a - 1) / e^a) / 2, whose second term no longer matters when it becomes inf / inf
    a = abs(x)
    half = half_expm1(a)
    result = half + np.where(a > 40, 0.0, half / (half + half + 1))
    return with_sign(np.where(a < choose(x, 2.0**-12, 2.0**-27), a, result), x)


@branch_free
def cosh(x):
    n, r = reduced(clamped(abs(x), *choose(x, (0.0, 89.5), (0.0, 710.5))))
    half = 2 * ((expm1_of_reduced(r) + 1) * power_of_two(n - 2, x))
    return half + 0.25 / half


@branch_free
def tanh(x):
    # (e^2a - 1) / (e^2a + 1). In single precision it is 1 from 9 on, as in TensorFlow.
    a = abs(x)
    one = choose(x, 9.0, 20.0)
    n, r = reduced(2 * np.where(a > one, one, a))
    power = power_of_two(n, x)
    difference = muladd(expm1_of_reduced(r), power, power - 1)
    return with_sign(np.where(a >= one, 1.0, difference / (difference + 2)), x)


@branch_free
def sigmoid(x):
    """1 / (1 + e^-x). In single precision it is 0 below -18, as in TensorFlow."""
    if is_single(x):
        result = 1 / (exp_of_normal(-clamped(x, -18.5, 30.0)) + 1)
        return np.where(x < -18, 0.0, result)
    return 1 / (exp(-x) + 1)
