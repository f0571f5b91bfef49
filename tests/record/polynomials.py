"""Fits the polynomials of graphflow/kernels/mathlib: interpolation at Chebyshev nodes, in 60 digits (needs mpmath).

    python polynomials.py [name ...]

prints for each name the coefficients, from the highest power down, and the largest error relative to the function.
"""
import sys

from mpmath import mp, mpf, atan, asin, cos, cosh, erf, erfc, exp, expm1, log, log1p, pi, sin, sqrt, taylor

mp.dps = 60


def near_zero(f, terms=30):
    """`f`, replaced by its Taylor series around 0, where it is 0/0."""
    series = taylor(f, mpf('1e-3'), terms)
    return lambda x: sum(c * (x - mpf('1e-3'))**k for k, c in enumerate(series)) if abs(x) < mpf('1e-2') else f(x)


def fit(f, low, high, degree):
    """Coefficients (highest power first) of the polynomial that equals f at degree + 1 Chebyshev nodes."""
    low, high, n = mpf(low), mpf(high), degree + 1
    nodes = [(low + high) / 2 + (high - low) / 2 * cos(pi * (2 * k + 1) / (2 * n)) for k in range(n)]
    differences = [f(x) for x in nodes]
    for order in range(1, n):
        for k in range(n - 1, order - 1, -1):
            differences[k] = (differences[k] - differences[k - 1]) / (nodes[k] - nodes[k - order])
    coefficients = [mpf(0)]
    for node, d in zip(reversed(nodes), reversed(differences)):     # Newton's form, multiplied out
        shifted = coefficients + [mpf(0)]
        for i, c in enumerate(coefficients):
            shifted[i + 1] -= node * c
        shifted[-1] += d
        coefficients = shifted
    return coefficients[-n:]


def value(coefficients, x):
    total = mpf(0)
    for c in coefficients:
        total = total * x + c
    return total


HALF_LN2 = log(2) / 2 + mpf('1e-4')
ROOT = sqrt(mpf(2)) - 1                 # the largest |m - 1| of log, and tan(pi/8)
S = (ROOT / (2 + ROOT))**2              # the largest s^2 of log, s = f / (2 + f)
QUARTER = (pi / 4 + mpf('1e-4'))**2


def of_root(f):
    """f(sqrt(z)) as a function of z."""
    return near_zero(lambda z: f(sqrt(z)))


def shepherd_laframboise(t):
    """(1 + 2x) exp(x^2) erfc(x) as a function of t = (x - 4) / (x + 4)."""
    x = 4 * (1 + t) / (1 - t) if t < 1 else mpf('1e40')
    scaled = exp(x * x) * erfc(x) if x < 1000 else (1 - 1 / (2 * x * x) + 3 / (4 * x**4)) / (x * sqrt(pi))
    return (1 + 2 * x) * scaled


FITS = dict(
    EXP_32=(near_zero(lambda r: (exp(r) - 1 - r) / r**2), -HALF_LN2, HALF_LN2, 4),
    EXP_64=(near_zero(lambda r: (exp(r) - 1 - r) / r**2), -HALF_LN2, HALF_LN2, 10),
    EXP2=(lambda r: 2**r, -.5001, .5001, 8),
    LOG_32=(near_zero(lambda f: (log1p(f) - f + f * f / 2) / f**3), 1 / sqrt(mpf(2)) - 1, ROOT, 8),
    LOG_64=(of_root(lambda s: (log((1 + s) / (1 - s)) / s - 2) / s**2), 0, S, 6),
    LOG_TAIL_64=(of_root(lambda s: (log((1 + s) / (1 - s)) / s - 2 - 2 * s**2 / 3) / s**4), 0, S, 6),
    LOG2=(of_root(lambda s: log((1 + s) / (1 - s)) / s / log(2)), 0, S, 6),
    SIN_32=(of_root(lambda x: (sin(x) / x - 1) / x**2), 0, QUARTER, 2),
    SIN_64=(of_root(lambda x: (sin(x) / x - 1) / x**2), 0, QUARTER, 5),
    COS_32=(of_root(lambda x: (cos(x) - 1 + x * x / 2) / x**4), 0, QUARTER, 2),
    COS_64=(of_root(lambda x: (cos(x) - 1 + x * x / 2) / x**4), 0, QUARTER, 5),
    ATAN_64=(of_root(lambda x: (atan(x) / x - 1) / x**2), 0, ROOT**2, 11),
    ASIN_64=(of_root(lambda x: (asin(x) / x - 1) / x**2), 0, .25, 13),
    ERF_32=(of_root(lambda x: erf(x) / x - 1), 0, .93**2, 6),
    LOG_ERFC_32=(lambda x: log(erfc(x)), .92, 4.0, 9),
    ERF_64=(of_root(lambda x: erf(x) / x - 1), 0, 1, 12),
    ERFC_64=(shepherd_laframboise, -1, 1, 23),
)


def main(names):
    for name in names or FITS:
        f, low, high, degree = FITS[name]
        coefficients = fit(f, low, high, degree)
        points = [mpf(low) + (mpf(high) - mpf(low)) * k / 400 for k in range(1, 400)]
        error = max(abs(value(coefficients, x) / f(x) - 1) for x in points)
        print('%s = (    # error %s' % (name, mp.nstr(error, 2)))
        print('    ' + ', '.join(mp.nstr(c, 9 if name.endswith('32') else 18) for c in coefficients) + ')')


if __name__ == '__main__':
    main(sys.argv[1:])
