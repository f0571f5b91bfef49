"""Trigonometric functions and their inverses.

sin, cos and tan: x = n pi/2 + r with |r| <= pi/4, pi/2 being taken in parts of 33 bits whose products with n are exact (Cody
and Waite). Polynomials give sin r and cos r; which of them, and the sign, n decides. That holds for |x| < 2^20; the
rare greater ones are left to the C library.
"""
import numpy as np

from graphflow.kernels.branch_free import branch_free, muladd, polynomial, rarely_outside
from graphflow.kernels.mathlib.bits import is_single, nearest, with_sign

TWO_OVER_PI = 0.6366197723675814
PI_2_PARTS = 1.5707963267341256, 6.077100506303966e-11, 2.0222662487959506e-21      # the third: all that remains
PI_2_SINGLE = 1.5707963267341256, 6.077100506506192e-11
PI_2 = 1.5707963267948966, 6.123233995736766e-17
PI_4 = 0.7853981633974483, 3.061616997868383e-17

# (sin(x) / x - 1) / x^2 and (cos(x) - 1 + x^2 / 2) / x^4 as polynomials in x^2, within 1.2e-7, 1.3e-16; 5e-8, 3e-17.
SIN_32 = (-0.000195878268, 0.00833274797, -0.166666647)
SIN_64 = (1.59180935614377945e-10, -2.50511313489602512e-8, 2.75573161001720701e-6, -0.000198412698367539847,
          0.00833333333333094545, -0.166666666666666646)
COS_32 = (2.45478778e-5, -0.00138883027, 0.0416666647)
COS_64 = (-1.13826100709983248e-11, 2.08761459580849396e-9, -2.75573172702406775e-7, 0.0000248015872987628168,
          -0.00138888888888873953, 0.0416666666666666654)
# (atan(x) / x - 1) / x^2 for |x| <= tan(pi/8), within 4e-18.
ATAN_64 = (0.0162857568552210283, -0.0345705619814277469, 0.0455159322062654917, -0.0523045427065024452,
           0.0587892899783477513, -0.0666642488573825533, 0.076922963750321424, -0.0909090875350087684,
           0.111111111051554466, -0.142857142856598276, 0.199999999999998045, -0.333333333333333332)
# (asin(x) / x - 1) / x^2 for |x| <= 1/2, within 6e-18.
ASIN_64 = (0.0296120112649551204, -0.0192416717467430407, 0.0195545133361233789, 0.0030448799094556774,
           0.0093195607947674463, 0.00962184297010028102, 0.0115664596121216686, 0.0139637800122035696,
           0.017352816540325495, 0.0223721574435072224, 0.03038194447553234, 0.0446428571425518929,
           0.0750000000000011775, 0.166666666666666666)
TAN_PI_8, TAN_3PI_8 = 0.41421356237309503, 2.414213562373095


def outside(x):
    """Whether the reduction may be inexact. (Not for inf and NaN: they come out as NaN.)"""
    a = abs(x)
    return (a > 2.0**20) & (a < np.inf)


def quadrant(x):
    """(n, high, low) with x = n pi/2 + high + low, for float64 `x`."""
    whole, n = nearest(x * TWO_OVER_PI)
    first, second, third = PI_2_PARTS
    x = x - whole * first
    step = whole * second
    nearer = x - step
    lost = (x - nearer) - step
    step = whole * third - lost
    high = nearer - step
    return n.astype(np.int32), high, (nearer - high) - step


def sin_and_cos(high, low):
    """The sine and cosine of high + low, |high| <= pi/4, in float64."""
    z = high * high
    half = 0.5 * z
    one = 1 - half
    sin = muladd(z * high, polynomial(z, SIN_64), low * one) + high
    cos = one + (((1 - one) - half) + muladd(z * z, polynomial(z, COS_64), -(high * low)))
    return sin, cos


def sin_of_quadrant(x, quarter_turns):
    """sin(x + quarter_turns pi/2)."""
    if is_single(x):
        n, r, _ = quadrant_of_single(x)
        z = r * r
        sin = muladd(z * r, polynomial(z, SIN_32), r)
        cos = muladd(z * z, polynomial(z, COS_32), 1 - 0.5 * z)
    else:
        n, high, low = quadrant(x)
        sin, cos = sin_and_cos(high, low)
    n = n + quarter_turns
    result = np.where((n & 1) == 0, sin, cos)
    return np.where((n & 2) == 0, result, -result)


def quadrant_of_single(x):
    """(n, r in float32, r in float64) with x = n pi/2 + r."""
    x = x.astype(np.float64)
    whole, n = nearest(x * TWO_OVER_PI)
    r = muladd(whole, -PI_2_SINGLE[1], muladd(whole, -PI_2_SINGLE[0], x))
    return n.astype(np.int32), r.astype(np.float32), r


@rarely_outside(outside, np.sin)
def sin(x):
    return np.where(x == 0, x, sin_of_quadrant(x, 0))


@rarely_outside(outside, np.cos)
def cos(x):
    return sin_of_quadrant(x, 1)


@rarely_outside(outside, np.tan)
def tan(x):
    if is_single(x):
        n, _, high = quadrant_of_single(x)
        low = 0 * high
    else:
        n, high, low = quadrant(x)
    sin, cos = sin_and_cos(high, low)
    even = (n & 1) == 0
    result = np.where(even, sin, -cos) / np.where(even, cos, sin)
    return np.where(x == 0, x, result.astype(x.dtype))


def in_double(function):
    """A branch-free function of float64 for float32 too."""
    def of_any(x):
        return function(x.astype(np.float64)).astype(x.dtype) if is_single(x) else function(x)
    of_any.__name__ = function.__name__
    return branch_free(of_any)


def atan_of_quotient(y, x):
    """atan(y / x) for y, x >= 0 in float64, not both 0 or both inf: from 0 to pi/2."""
    # The angle less 0, pi/4 or pi/2, whose tangent is y / x, (y - x) / (y + x) or -x / y.
    steep, flat = y > TAN_3PI_8 * x, y <= TAN_PI_8 * x
    t = np.where(steep, -x, np.where(flat, y, y - x)) / np.where(steep, y, np.where(flat, x, y + x))
    z = t * t
    high = np.where(steep, x.dtype.type(PI_2[0]), np.where(flat, x.dtype.type(0), PI_4[0]))
    low = np.where(steep, x.dtype.type(PI_2[1]), np.where(flat, x.dtype.type(0), PI_4[1]))
    return high + (t + muladd(t * z, polynomial(z, ATAN_64), low))


@in_double
def atan(x):
    a = abs(x)
    return with_sign(atan_of_quotient(a, 1 + 0 * np.where(a < np.inf, a, 0.0)), x)


@branch_free
def atan2(y, x):
    if is_single(x):
        return _atan2(y.astype(np.float64), x.astype(np.float64)).astype(x.dtype)
    return _atan2(y, x)


def _atan2(y, x):
    a, b = abs(y), abs(x)
    # Two zeros have the angle of 0 / 1, two infinities that of 1 / 1; great ones are halved for their sum.
    both = (a == np.inf) & (b == np.inf)
    halve = (a > 2.0**1000) | (b > 2.0**1000)
    factor = np.where(halve, x.dtype.type(0.25), 1.0)
    zero = (a == 0) & (b == 0)
    angle = atan_of_quotient(np.where(both, 1.0, a * factor), np.where(both | zero, 1.0, b * factor))
    backward = x.view(np.int64) < 0
    angle = np.where(backward, PI_2[0] * 2 - (angle - PI_2[1] * 2), angle)
    return np.where((x == x) & (y == y), with_sign(angle, y), x + y)


@in_double
def asin(x):
    a = abs(x)
    great = a > 0.5
    z = np.where(great, 0.5 * (1 - a), a * a)
    root = np.where(great, np.sqrt(np.where(great, z, 0.0)), a)
    value = muladd(root * z, polynomial(z, ASIN_64), root)
    return with_sign(np.where(great, PI_2[0] - (2 * value - PI_2[1]), value), x)


@in_double
def acos(x):
    a = abs(x)
    great = a > 0.5
    z = np.where(great, 0.5 * (1 - a), a * a)
    root = np.where(great, np.sqrt(np.where(great, z, 0.0)), x)
    tail = root * z * polynomial(z, ASIN_64)
    near = 2 * (root + tail)
    far = 2 * (PI_2[0] - (root + (tail - PI_2[1])))
    return np.where(great, np.where(x > 0, near, far), PI_2[0] - (root + (tail - PI_2[1])))
