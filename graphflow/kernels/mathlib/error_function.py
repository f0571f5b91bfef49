"""The error function and its complement.

Near 0, erf(x) = x + x P(x^2). Elsewhere, in single precision, log erfc(x) is a polynomial. In double,
erfc(x) = e^(-x^2) Q(t) / (1 + 2x) with t = (x - 4) / (x + 4), one polynomial for all x >= 0 (M. M. Shepherd and J. G.
Laframboise, Chebyshev Approximation of (1 + 2x) exp(x^2) erfc x, Mathematics of Computation 36, 1981).
"""
import numpy as np

from graphflow.kernels.branch_free import branch_free, muladd, polynomial
from graphflow.kernels.mathlib.bits import is_single, scaled, with_sign
from graphflow.kernels.mathlib.exponential import exp_of_normal, expm1_of_reduced, reduced

# erf(x) / x - 1 as a polynomial in x^2, for |x| <= 0.93, and for |x| <= 1 within 2e-17.
ERF_32 = (8.33471862e-5, -0.000813470933, 0.00520036859, -0.0268591515, 0.112836915, -0.376126335, 0.128379167)
ERF_64 = (5.9571761477489114e-11, -1.13728488567916737e-9, 1.46597752740474358e-8, -1.6350312701054695e-7,
          1.6461000484121368e-6, -0.0000149255952668311816, 0.000120553311116427109, -0.000854832698083378991,
          0.00522397762481801447, -0.0268661706450767932, 0.112837916709548787, -0.376126389031837481,
          0.128379167095512574)
# log(erfc(x)) for 0.92 <= x <= 4, within 7e-9.
LOG_ERFC_32 = (-5.14856737e-8, 2.75470286e-6, -5.65466898e-5, 0.000652536341, -0.00494387776, 0.0268133548,
               -0.11061599, -0.631373907, -1.13044669, 0.000362899333)
# (1 + 2x) e^(x^2) erfc(x) as a polynomial in t, within 4e-17.
ERFC_64 = (9.65540840439349812e-10, 1.57121538168466367e-9, -1.25448254933873662e-8, -1.63573840714649209e-8,
           1.06834429460081245e-7, 7.11191244723271681e-8, -8.21802065714405867e-7, 2.98059605299674586e-7,
           5.70723957386747597e-6, -0.0000112251403542758114, -0.0000243981179421631026, 0.000150623117851537722,
           -0.000199257004121822821, -0.000757773714183863145, 0.00503197003254869024, -0.0161977339799242631,
           0.0371675155318431968, -0.0663303658205036701, 0.0937328349986517209, -0.101039066035852937,
           0.0680970542546862078, 0.015379652102610162, -0.139621116840562487, 1.23299511862555254)


@branch_free
def erf(x):
    a = abs(x)
    if is_single(x):
        near = muladd(x, polynomial(x * x, ERF_32), x)
        far = 1 - exp_of_normal(polynomial(np.where(a > 4, 4.0, a), LOG_ERFC_32))
        return np.where(a < 0.921875, near, with_sign(far, x))
    near = muladd(x, polynomial(x * x, ERF_64), x)
    return np.where(a < 1, near, with_sign(1 - erfc_of_positive(np.where(a > 6, 6.0, a)), x))


@branch_free
def erfc(x):
    if is_single(x):
        return _erfc(x.astype(np.float64)).astype(x.dtype)
    return _erfc(x)


def _erfc(x):
    a = abs(x)
    far = erfc_of_positive(np.where(a > 28, 28.0, a))
    far = np.where(x < 0, 2 - far, far)
    near = 1 - muladd(x, polynomial(x * x, ERF_64), x)
    return np.where(a < 0.25, near, far)


def erfc_of_positive(a):
    """erfc in float64 from 0 to 28, where it has become 0."""
    fraction = polynomial((a - 4) / (a + 4), ERFC_64) / (a + a + 1)
    # a = h + (a - h), h having half of the digits: h^2 is exact.
    h = (a.view(np.int64) & -2**27).view(np.float64)
    n, r = reduced(-h * h)
    r = r + (h - a) * (h + a)
    return scaled((expm1_of_reduced(r) + 1) * fraction, n)
