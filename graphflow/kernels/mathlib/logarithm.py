"""log and what follows from it.

x = 2^k m with sqrt(1/2) <= m < sqrt(2); f = m - 1. In single precision log(1 + f) = f - f^2 / 2 + f^3 P(f). In double, with
s = f / (2 + f), it is 2 artanh(s) = f - f^2 / 2 + s (f^2 / 2 + R(s^2)), whose last term is small (as in the C library of
4.4BSD, K. C. Ng 1993).
"""
import numpy as np

from graphflow.kernels.branch_free import branch_free, muladd, polynomial
from graphflow.kernels.mathlib.bits import choose, is_single, least_normal, significand_and_exponent, with_sign
from graphflow.kernels.mathlib.exponential import LN2_32, LN2_64, exp

# (log(1 + f) - f + f^2 / 2) / f^3, within 7e-8.
LOG_32 = (0.0697161147, -0.114797338, 0.116854199, -0.124256873, 0.142490576, -0.166678023, 0.200007157,
          -0.24999997, 0.333333312)
# (log((1 + s) / (1 - s)) / s - 2) / s^2 as a polynomial in s^2, within 5e-16.
LOG_64 = (0.146164496850434059, 0.153317216005560413, 0.181828891252617221, 0.222222111347950799,
          0.285714286259754849, 0.399999999998995045, 0.666666666666666969)
LN2 = 0.6931471805599453


def log_of_normal(x, more=0.0):
    """log(x) + more for normal x > 0 and small `more`."""
    m, k = significand_and_exponent(x)
    high, low = choose(x, LN2_32, LN2_64)
    f = m - 1
    half_square = 0.5 * f * f
    rest = muladd(k, low, more)
    if is_single(x):
        tail = muladd(f * f * f, polynomial(f, LOG_32), rest)
        return muladd(k, high, f - (half_square - tail))
    s = f / (f + 2)
    z = s * s
    return muladd(k, high, f - (half_square - muladd(s, muladd(z, polynomial(z, LOG_64), half_square), rest)))


@branch_free
def log(x):
    usual = (x >= least_normal(x)) & (x < np.inf)
    special = np.where(abs(x) < least_normal(x), -np.inf, np.where(x < 0, np.nan, x))
    return np.where(usual, log_of_normal(x), special)


@branch_free
def log1p(x):
    # log(u) for u = 1 + x, and what rounding to u lost.
    u = x + 1
    lost = np.where(x < 1, x - (u - 1), 1 - (u - x))
    result = log_of_normal(u, lost / u)
    usual = (x > -1) & (x < np.inf)
    special = np.where(x == -1, -np.inf, np.where(x < -1, np.nan, x))
    small = abs(x) < choose(x, 2.0**-25, 2.0**-54)      # -0, too
    return np.where(small, x, np.where(usual, result, special))


@branch_free
def softplus(x):
    """log(1 + e^x)."""
    e = exp(-abs(x))
    u = e + 1       # from 1 to 2, so that log1p's special cases do not arise
    result = log_of_normal(u, (e - (u - 1)) / u)
    return np.where(x > 0, x, 0.0) + np.where(e < choose(x, 2.0**-25, 2.0**-54), e, result)


@branch_free
def asinh(x):
    a = abs(x)
    huge = a > choose(x, 2.0**14, 2.0**28)    # whose square plus 1 is its square
    small = np.where(huge, 1.0, a)
    result = log1p(np.where(huge, a - 1, a + a * a / (np.sqrt(small * small + 1) + 1)))
    return with_sign(result + np.where(huge, x.dtype.type(LN2), 0.0), x)


@branch_free
def acosh(x):
    huge = x > choose(x, 2.0**14, 2.0**28)
    t = np.where(huge, 1.0, x - 1)
    result = log1p(np.where(huge, x - 1, t + np.sqrt(t * (t + 2)))) + np.where(huge, x.dtype.type(LN2), 0.0)
    return np.where(x < 1, np.nan, result)


@branch_free
def atanh(x):
    a = abs(x)
    twice = a + a
    ratio = np.where(a < 0.5, twice + twice * a / (1 - a), twice / (1 - a))
    return with_sign(0.5 * log1p(ratio), x)
