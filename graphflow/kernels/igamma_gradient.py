"""The derivative of the incomplete gamma function by its parameter."""
import math

import numpy as np

from graphflow.kernels.elementwise import elementwise
from graphflow.kernels.random_gamma import _gamma_derivative_by_fraction, _gamma_derivative_by_series


@elementwise('IgammaGradA')
def igamma_grad_a(a, x):
    """dP(a, x)/da: the derivative of a gamma sample times minus the density."""
    s, t = float(a), float(x)
    if t == 0:
        return 0.0
    if not (s > 0 and t > 0) or s == np.inf:
        return np.nan
    if t == np.inf:
        return 0.0
    if t <= 1 or t <= s:
        slope = _gamma_derivative_by_series(s, t)
    else:
        slope = _gamma_derivative_by_fraction(s, t)
    return -slope * math.exp((s - 1) * math.log(t) - t - math.lgamma(s))
