"""Gamma, beta, zeta and Bessel functions: series and continued fractions, computed in float64."""
import math

import numpy as np


def lgamma(x):
    """log |gamma(x)|, with inf at the poles 0, -1, -2, ..."""
    if x <= 0 and x == np.floor(x):
        return type(x)(np.inf)
    return type(x)(math.lgamma(x))


def digamma(x):
    """The derivative of lgamma. inf at the poles.

    Reflection for negative x, then psi(x) = psi(x + 1) - 1/x up to x >= 10, then the asymptotic series
    (Abramowitz and Stegun 6.3.5, 6.3.7, 6.3.18).
    """
    t = float(x)
    if t <= 0 and t == np.floor(t):
        return np.inf
    result = 0.0
    if t < 0:
        result = -math.pi / math.tan(math.pi * (t - np.floor(t)))
        t = 1.0 - t
    while t < 10:
        result -= 1.0 / t
        t += 1.0
    if t == np.inf:
        return np.inf
    z = 1.0 / (t * t)
    tail = 1 / 132 - z * (691 / 32760 - z / 12)
    tail = z * (1 / 12 - z * (1 / 120 - z * (1 / 252 - z * (1 / 240 - z * tail))))
    return result + math.log(t) - 0.5 / t - tail


def _gamma_prefix(a, x):
    """x^a e^-x / gamma(a)."""
    return math.exp(a * math.log(x) - x - math.lgamma(a))


def _igamma_series(a, x):
    """The regularised lower incomplete gamma function by its power series, for x < a + 1 (A&S 6.5.29)."""
    term = 1.0 / a
    total = term
    n = a
    for _ in range(2000):
        n += 1.0
        term *= x / n
        total += term
        if term <= total * 1e-17:
            break
    return total * _gamma_prefix(a, x)


def _igammac_fraction(a, x):
    """The regularised upper incomplete gamma function by its continued fraction, for x > a + 1 (A&S 6.5.31;
    Lentz)."""
    b = x + 1.0 - a
    c = 1e300
    d = 1.0 / b
    h = d
    for i in range(1, 2000):
        numerator = -i * (i - a)
        b += 2.0
        d = 1.0 / (numerator * d + b)
        c = b + numerator / c
        h *= d * c
        if abs(d * c - 1.0) < 1e-16:
            break
    return h * _gamma_prefix(a, x)


def igamma(a, x):
    """P(a, x), the regularised lower incomplete gamma function; NaN unless a > 0 and x >= 0 (P(a, 0) = 0)."""
    s, t = float(a), float(x)
    if t == 0:
        return 0.0
    if not (t > 0 and s > 0) or s == np.inf:
        return np.nan
    if t == np.inf:
        return 1.0
    return 1.0 - _igammac_fraction(s, t) if t > s + 1 else _igamma_series(s, t)


def igammac(a, x):
    """Q(a, x) = 1 - P(a, x), the regularised upper incomplete gamma function."""
    s, t = float(a), float(x)
    if not (t >= 0 and s > 0):
        return np.nan
    if t == 0:
        return 1.0
    if s == np.inf:
        return np.nan
    if t == np.inf:
        return 0.0
    return _igammac_fraction(s, t) if t > s + 1 else 1.0 - _igamma_series(s, t)


def betainc(a, b, x):
    """The regularised incomplete beta function by its continued fraction (DLMF 8.17.22), NaN outside its
    domain."""
    p, q, t = float(a), float(b), float(x)
    if not (p > 0 and q > 0 and t >= 0 and t <= 1) or p == np.inf or q == np.inf:
        return np.nan
    if t == 0 or t == 1:
        return t
    swapped = t > (p + 1) / (p + q + 2)
    if swapped:
        p, q, t = q, p, 1.0 - t
    log_beta = math.lgamma(p) + math.lgamma(q) - math.lgamma(p + q)
    front = math.exp(p * math.log(t) + q * math.log1p(-t) - log_beta) / p
    c = 1.0
    d = 1.0 / _not_zero(1.0 - (p + q) * t / (p + 1))
    h = d
    for m in range(1, 2000):
        even = m * (q - m) * t / ((p + 2 * m - 1) * (p + 2 * m))
        d = 1.0 / _not_zero(1.0 + even * d)
        c = _not_zero(1.0 + even / c)
        h *= d * c
        odd = -(p + m) * (p + q + m) * t / ((p + 2 * m) * (p + 2 * m + 1))
        d = 1.0 / _not_zero(1.0 + odd * d)
        c = _not_zero(1.0 + odd / c)
        h *= d * c
        if abs(d * c - 1.0) < 1e-16:
            break
    return 1.0 - front * h if swapped else front * h


def _not_zero(x):
    return x if abs(x) > 1e-300 else 1e-300


_BERNOULLI = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510, 43867 / 798)


def zeta(x, q):
    """Hurwitz's zeta function, the sum of (q + k)^-x over k >= 0, by Euler-Maclaurin (DLMF 25.11.5)."""
    s, a = float(x), float(q)
    if s == 1:
        return np.inf
    if not s > 1:
        return np.nan
    if a <= 0:
        if a == np.floor(a):
            return np.inf
        if s != np.floor(s):
            return np.nan
    if a != a or s == np.inf or a == np.inf:
        return np.nan
    total = 0.0
    n = 0
    while n < 10 or a + n < 10:
        total += (a + n) ** -s
        n += 1
    w = a + n
    power = w ** -s
    total += w * power / (s - 1.0) + 0.5 * power
    factor = s * power / w
    factorial = 2.0
    for k in range(9):
        total += _BERNOULLI[k] * factor / factorial
        factor *= (s + 2 * k + 1) * (s + 2 * k + 2) / (w * w)
        factorial *= (2 * k + 3) * (2 * k + 4)
    return total


def polygamma(n, x):
    """The n-th derivative of digamma (A&S 6.4.10); NaN unless n is a whole number >= 0."""
    order = float(n)
    if order != np.floor(order) or not order >= 0 or order == np.inf:
        return np.nan
    if order == 0:
        return float(digamma(x))
    magnitude = math.exp(math.lgamma(order + 1.0)) * zeta(order + 1.0, x)
    return -magnitude if order % 2 == 0 else magnitude


def _bessel_e(x, order):
    """exp(-x) I_order(x) for x >= 0: its power series up to 30, then the asymptotic one (A&S 9.6.10,
    9.7.1)."""
    if x == np.inf:
        return 0.0
    term = 1.0
    total = 1.0
    if x <= 30:
        for k in range(1, 200):
            term *= x * x / (4.0 * k * (k + order))
            total += term
            if not term > total * 1e-17:
                break
        scale = 0.5 * x if order == 1 else 1.0
        return scale * total * math.exp(-x)
    for k in range(1, 40):
        term *= ((2 * k - 1) ** 2 - 4.0 * order * order) / (8.0 * k * x)
        total += term
        if abs(term) < 1e-17:
            break
    return total / math.sqrt(2.0 * math.pi * x)


def bessel_i0e(x):
    """exp(-|x|) I0(x)."""
    return _bessel_e(abs(float(x)), 0)


def bessel_i1e(x):
    """exp(-|x|) I1(x)."""
    t = float(x)
    return _bessel_e(t, 1) if t >= 0 else -_bessel_e(-t, 1) if t < 0 else t
