"""Gamma and Poisson distributed numbers.

Every sample owns a stretch of the stream. The words of a block become two float64 numbers, of which the second is
used first.
"""
import math

import numpy as np

from graphflow.framework.registry import kernel
from graphflow.kernels import mathlib
from graphflow.kernels.jit import jit
from graphflow.kernels.philox import block_at
from graphflow.kernels.random import BLOCKS_PER_OUTPUT, dims_of, normal_pair_double, reserve, to_double
from graphflow.kernels.threads import shard


@jit
def _uniform_at(position, start, taken):
    """Uniform number `taken` of a sample for which blocks serve uniforms only."""
    w0, w1, w2, w3 = block_at(position, start + taken // 2)
    return to_double(w0, w1) if taken % 2 else to_double(w2, w3)


@jit
def _gamma_loop(out, alphas, per_alpha, position, lo, hi):
    """Outputs lo..hi, counted alpha by alpha, into `out` with a row a sample and a column an alpha.

    G. Marsaglia, W. Tsang, "A simple method for generating gamma variables", ACM TOMS 26 (2000). For alpha below one
    the method draws from alpha + 1 and multiplies by a uniform number to the power 1 / alpha.
    """
    for index in range(lo, hi):
        column, row = index // per_alpha, index % per_alpha
        alpha = alphas[column]
        start = index * BLOCKS_PER_OUTPUT
        if alpha == 1:
            out[row, column] = -np.log1p(-_uniform_at(position, start, 0))
            continue
        d = alpha + (2.0 / 3 if alpha < 1 else -1.0 / 3)
        c = 1.0 / 3 / np.sqrt(d)
        spare_normal = spare_uniform = 0.0
        normals = uniforms = 0
        while True:
            if normals == 0:
                w0, w1, w2, w3 = block_at(position, start)
                start += 1
                spare_normal, x = normal_pair_double(w0, w1, w2, w3)
            else:
                x = spare_normal
            normals = 1 - normals
            v = 1 + c * x
            if v <= 0:
                continue
            v = v * v * v
            if uniforms == 0:
                w0, w1, w2, w3 = block_at(position, start)
                start += 1
                spare_uniform, u = to_double(w0, w1), to_double(w2, w3)
            else:
                u = spare_uniform
            uniforms = 1 - uniforms
            if u < 1 - 0.0331 * (x * x) * (x * x) or not np.log(u) >= 0.5 * x * x + d * (1 - v + np.log(v)):
                break
        result = d * v
        if alpha < 1:
            if uniforms == 0:
                w0, w1, w2, w3 = block_at(position, start)
                spare_uniform = to_double(w2, w3)
            result *= spare_uniform ** (1 / alpha)
        out[row, column] = result


@kernel('RandomGamma')
def random_gamma(shape, alpha, seed, seed2, state):
    dims = dims_of(shape)
    out = np.empty((math.prod(dims), alpha.size))
    if out.size:
        position = reserve(state, seed, seed2, out.size)
        shard(_gamma_loop, out.size, out, alpha.ravel().astype(np.float64), len(out), position, grain=512)
    return out.reshape(dims + alpha.shape).astype(alpha.dtype)


_digamma = jit(mathlib.digamma)


@jit
def _gamma_derivative_by_series(alpha, x):
    """-(dP/da) / (dP/dx) from P(a, x) = x^a exp(-x) / gamma(a + 1) * (1 + x/(a+1) + x^2/((a+1)(a+2)) + ...)."""
    term, term_slope, total, total_slope = 1.0, 0.0, 1.0, 0.0
    n = alpha
    for _ in range(100000):
        n += 1
        term_slope = (term_slope - term / n) * x / n
        term *= x / n
        total += term
        total_slope += term_slope
        if abs(term_slope) <= 1e-17 * abs(total_slope) and term <= 1e-17 * total:
            break
    return -x / alpha * (total * (np.log(x) - _digamma(alpha + 1)) + total_slope)


@jit
def _gamma_derivative_by_fraction(alpha, x):
    """(dQ/da) / (dP/dx) from Q(a, x) = x^a exp(-x) / gamma(a) * 1/(x+1-a - 1(1-a)/(x+3-a - 2(2-a)/(x+5-a - ...))).

    The fraction's convergents a / b follow a recurrence, and so do their derivatives by alpha (`..._slope`).
    """
    old_a, a, old_b, b = 0.0, 1.0, 1.0, x + 1 - alpha
    old_a_slope, a_slope, old_b_slope, b_slope = 0.0, 0.0, 0.0, -1.0
    slope = np.inf
    for n in range(1, 100000):
        numerator, denominator = -n * (n - alpha), x + 2 * n + 1 - alpha
        old_a_slope, a_slope = \
            a_slope, denominator * a_slope - a + numerator * old_a_slope + n * old_a
        old_b_slope, b_slope = \
            b_slope, denominator * b_slope - b + numerator * old_b_slope + n * old_b
        old_a, a = a, denominator * a + numerator * old_a
        old_b, b = b, denominator * b + numerator * old_b
        last, slope = slope, (a_slope - a / b * b_slope) / b
        if abs(slope - last) <= 1e-16 * abs(slope):
            break
        if abs(b) > 1e100:
            old_a, a, old_b, b = old_a * 1e-100, a * 1e-100, old_b * 1e-100, b * 1e-100
            old_a_slope, a_slope = old_a_slope * 1e-100, a_slope * 1e-100
            old_b_slope, b_slope = old_b_slope * 1e-100, b_slope * 1e-100
    return x * (a / b * (np.log(x) - _digamma(alpha)) + slope)


@jit
def _gamma_grad_loop(out, alphas, samples, lo, hi):
    for i in range(lo, hi):
        alpha, x = alphas[i], samples[i]
        if not (0 < alpha < np.inf and x >= 0):
            out[i] = np.nan
        elif x == 0:
            out[i] = 0
        elif x <= 1 or x <= alpha:
            out[i] = _gamma_derivative_by_series(alpha, x)
        else:
            out[i] = _gamma_derivative_by_fraction(alpha, x)


@kernel('RandomGammaGrad')
def random_gamma_grad(alpha, sample):
    """The derivative of a gamma sample by alpha, at a fixed value of the distribution function.

    M. Figurnov, S. Mohamed, A. Mnih, "Implicit reparameterization gradients", 2018.
    """
    alphas, samples = (np.ascontiguousarray(x, np.float64) for x in np.broadcast_arrays(alpha, sample))
    out = np.empty(alphas.shape)
    shard(_gamma_grad_loop, out.size, out.reshape(-1), alphas.reshape(-1), samples.reshape(-1), grain=512)
    return out.astype(alpha.dtype)


@jit
def _poisson_loop(out, rates, per_rate, largest, position, lo, hi):
    """Outputs lo..hi, counted rate by rate, into `out` with a row a sample and a column a rate.

    Below rate 10: products of uniform numbers until exp(-rate) is reached (Knuth). Above: the transformed rejection
    PTRS of W. Hormann, "The transformed rejection method for generating Poisson random variables", 1993.
    """
    for index in range(lo, hi):
        column, row = index // per_rate, index % per_rate
        rate = rates[column]
        start, taken = index * BLOCKS_PER_OUTPUT, 0
        if rate < 10:
            goal, product, count = np.exp(-rate), 1.0, 0.0
            while True:
                product *= _uniform_at(position, start, taken)
                taken += 1
                if product <= goal and count <= largest:
                    break
                count += 1
            out[row, column] = count
            continue
        log_rate = np.log(rate)
        b = 0.931 + 2.53 * np.sqrt(rate)
        a = -0.059 + 0.02483 * b
        inverse_alpha = 1.1239 + 1.1328 / (b - 3.4)
        while True:
            u = _uniform_at(position, start, taken) - 0.5
            v = _uniform_at(position, start, taken + 1)
            taken += 2
            inside = 0.5 - abs(u)
            count = np.floor((2 * a / inside + b) * u + rate + 0.43)
            if count > largest:
                continue
            if inside >= 0.07 and v <= 0.9277 - 3.6224 / (b - 2):
                break
            if count < 0 or (inside < 0.013 and v > inside):
                continue
            if np.log(v * inverse_alpha / (a / (inside * inside) + b)) <= \
                    count * log_rate - rate - math.lgamma(count + 1):
                break
        out[row, column] = count


@kernel('RandomPoisson', 'RandomPoissonV2')
def random_poisson(shape, rate, dtype, seed, seed2, state):
    dims, dtype = dims_of(shape), np.dtype(dtype)
    largest = float(np.finfo(dtype).max if dtype.kind == 'f' else np.iinfo(dtype).max)
    out = np.empty((math.prod(dims), rate.size))
    if out.size:
        position = reserve(state, seed, seed2, out.size)
        shard(_poisson_loop, out.size, out, rate.ravel().astype(np.float64), len(out), largest, position, grain=512)
    return out.reshape(dims + rate.shape).astype(dtype)
