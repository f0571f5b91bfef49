"""Powers: x^y = e^(y log x), with as many digits of the logarithm as y needs.

Single precision works in double. In double precision, logarithm and product are sums of two floats (T. J. Dekker, A
Floating-Point Technique for Extending the Available Precision, Numerische Mathematik 18, 1971).
"""
import numpy as np

from graphflow.kernels.branch_free import branch_free, muladd, polynomial
from graphflow.kernels.mathlib.bits import (
    is_single, least_normal, nearest, power_of_two, significand_and_exponent)
from graphflow.kernels.mathlib.exponential import LN2_64, clamped, exp_of_sum

# log2((1 + s) / (1 - s)) / s as a polynomial in s^2, and 2^r for |r| <= 1/2, both within 2e-12: enough for float32.
LOG2 = (0.242916085398753495, 0.261444249352291476, 0.320616388132245484, 0.412198402048275164,
        0.577078017246328584, 0.961796693924334559, 2.88539008177792731)
EXP2 = (1.32552407972069666e-6, 0.0000153101023803835109, 0.000154034557927496445,
        0.00133334504818193268, 0.0096181291594647592, 0.0555041094129571744,
        0.240226506958128327, 0.693147180545911006, 1.0)
# (log((1 + s) / (1 - s)) / s - 2 - 2/3 s^2) / s^4 as a polynomial in s^2, within 7e-16.
LOG_TAIL_64 = (0.129134960668031517, 0.132859672738906154, 0.153855745004588283, 0.181818082516073991,
               0.222222222710774492, 0.285714285713385607, 0.40000000000000027)
TWO_THIRDS = 0.6666666666666666, 3.700743415417188e-17


# Sums of two floats (high, low).

def split(a):
    """a = high + low with 26 digits each."""
    t = 134217729.0 * a
    high = t - (t - a)
    return high, a - high


def product(a, b):
    """a * b exactly."""
    p = a * b
    (a1, a2), (b1, b2) = split(a), split(b)
    return p, ((a1 * b1 - p) + a1 * b2 + a2 * b1) + a2 * b2


def long_product(a, b):
    p, e = product(a[0], b[0])
    return quick_sum(p, e + (a[0] * b[1] + a[1] * b[0]))


def quick_sum(a, b):
    """a + b exactly, for |a| >= |b|."""
    s = a + b
    return s, b - (s - a)


def long_log(x):
    """log(x) for normal positive x."""
    m, k = significand_and_exponent(x)
    f, d = m - 1, m + 1
    d_low = m - (d - 1)
    s_high = f / d
    p, e = product(s_high, d)
    s = s_high, (((f - p) - e) - s_high * d_low) / d
    z = long_product(s, s)
    tail = quick_sum(TWO_THIRDS[0], muladd(z[0], polynomial(z[0], LOG_TAIL_64), TWO_THIRDS[1]))
    cubic = long_product(long_product(z, tail), s)
    high, low = quick_sum(2 * s[0], cubic[0])
    low = low + (2 * s[1] + cubic[1])
    total = k * LN2_64[0]
    sum_ = total + high
    back = sum_ - total
    error = (total - (sum_ - back)) + (high - back)
    return quick_sum(sum_, error + (low + k * LN2_64[1]))


def power_of_positive(a, y):
    """a^y in float64, for normal positive a."""
    y = clamped(y, -2.0**70, 2.0**70)
    logarithm = long_log(a)
    high, low = product(logarithm[0], y)
    high, low = quick_sum(high, low + logarithm[1] * y)
    outside = abs(high) > 800
    return exp_of_sum(clamped(high, -746.0, 711.0), np.where(outside, 0.0, low))


def power_of_positive_single(a, y):
    """a^y for float32, for normal positive a."""
    m, k = significand_and_exponent(a.astype(np.float64))
    s = (m - 1) / (m + 1)
    t = clamped(y.astype(np.float64) * muladd(s, polynomial(s * s, LOG2), k), -160.0, 130.0)
    whole, n = nearest(t)
    return (polynomial(t - whole, EXP2) * power_of_two(n, t)).astype(a.dtype)


@branch_free
def power(x, y):
    """x^y with the special cases of IEEE 754: a negative number has powers with whole exponents only."""
    a = abs(x)
    plain = (a >= least_normal(a)) & (a < np.inf)
    positive = power_of_positive_single if is_single(x) else power_of_positive
    result = positive(np.where(plain, a, 1.0), y)
    # 0 and inf: which of them, or 1, the result is.
    great = (a > 1) == (y > 0)
    extreme = np.where(y == 0, x.dtype.type(1), np.where(great, x.dtype.type(np.inf), 0.0))
    result = np.where(plain, result, extreme)
    whole = np.rint(y) == y
    half = 0.5 * y
    odd = whole & (np.rint(half) != half)
    negative = x.view(np.int32 if is_single(x) else np.int64) < 0
    result = np.where(negative & odd, -result, result)
    result = np.where((x < 0) & (x > -np.inf) & (abs(y) < np.inf) & ~whole, np.nan, result)
    result = np.where((x != x) | (y != y), x + y, result)
    one = (x == 1) | (y == 0) | ((x == -1) & (abs(y) == np.inf))
    return np.where(one, 1.0, result)
