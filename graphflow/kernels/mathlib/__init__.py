"""The elementary and special functions that scalar kernels are made of.

The elementary ones are our own for float32 and float64 and free of branches (`branch_free.py`), since LLVM cannot
put a call to the C library into vector registers. Each reduces its argument to a small range and evaluates a
polynomial there; the coefficients were fitted by tests/record/polynomials.py. All are within 4 units in the last
place and give the IEEE result at 0, -0, infinities and NaN. A subnormal number may count as zero, as it does while a
plan runs (`subnormals.py`).

| file | functions |
|---|---|
| `exponential.py` | exp, expm1, sinh, cosh, tanh, sigmoid |
| `logarithm.py` | log, log1p, softplus, asinh, acosh, atanh |
| `trigonometric.py` | sin, cos, tan, asin, acos, atan, atan2 |
| `error_function.py` | erf, erfc |
| `power.py` | power |
| `special.py` | gamma, beta, zeta and Bessel functions (with loops, so not branch-free) |

Functions of complex numbers are numpy's: `COMPLEX`.
"""
import numpy as np

from graphflow.kernels.mathlib.error_function import erf, erfc
from graphflow.kernels.mathlib.exponential import cosh, exp, expm1, sigmoid, sinh, tanh
from graphflow.kernels.mathlib.logarithm import acosh, asinh, atanh, log, log1p, softplus
from graphflow.kernels.mathlib.power import power
from graphflow.kernels.mathlib.special import (
    bessel_i0e, bessel_i1e, betainc, digamma, igamma, igammac, lgamma, polygamma, zeta)
from graphflow.kernels.mathlib.trigonometric import acos, asin, atan, atan2, cos, sin, tan


def like(constant, x):
    """A constant in the dtype of `x`, so that float32 arithmetic stays float32."""
    return type(x)(constant)


def sqrt(x):
    return np.sqrt(x)


def _of_complex(ufunc):
    def computed(x):
        return ufunc(x)
    return computed


COMPLEX = {name: _of_complex(ufunc) for name, ufunc in dict(
    exp=np.exp, expm1=np.expm1, log=np.log, log1p=np.log1p, sin=np.sin, cos=np.cos, tan=np.tan, asin=np.arcsin,
    acos=np.arccos, atan=np.arctan, sinh=np.sinh, cosh=np.cosh, tanh=np.tanh, asinh=np.arcsinh,
    acosh=np.arccosh, atanh=np.arctanh).items()}
