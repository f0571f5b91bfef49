"""Normally distributed numbers between bounds."""
import math

import numpy as np

from graphflow.framework.errors import InternalError, InvalidArgumentError
from graphflow.framework.registry import kernel
from graphflow.kernels import memory, philox
from graphflow.kernels.jit import jit
from graphflow.kernels.philox import block_at
from graphflow.kernels.random import (
    dims_of, normal_floats, normal_pair_double, shape_text, uniform_doubles, uniform_floats, uniform_halves)

_MOST_TRIES = 1000
_NOT_ACCEPTED_NORMAL, _NOT_ACCEPTED_EXPONENTIAL, _INVALID = 1, 2, 3


@jit
def _round_to_half(x):
    """`x` (float32) rounded to the 11 bits of a float16 by Veltkamp's splitting."""
    scaled = x * np.float32(8193)
    return scaled - (scaled - x) if abs(x) < np.float32(65536) else x


@jit
def _as_it_is(x):
    return x


@jit
def _normal_halves(w0, w1, w2, w3):
    a, b, c, d = normal_floats(w0, w1, w2, w3)
    return _round_to_half(a), _round_to_half(b), _round_to_half(c), _round_to_half(d)


def _bounded_loop(real, rounded, uniforms, normals):
    """The loop that draws bounded normals in arithmetic of type `real`, every result `rounded`.

    C. Robert, "Simulation of truncated normal variables", 1995. Three ways, whichever accepts most: plain normals
    where the bounds leave enough room around the mean, uniform numbers where they are close, else an exponential
    distribution that starts at the lower bound.
    """
    @jit
    def loop(out, means, deviations, lows, highs, per_batch, position):
        at, index, tries = 0, 0, 0
        room = rounded(real(1.3))
        batch = 0
        while index < len(out):
            mean = means[batch % len(means)]
            deviation = deviations[batch % len(deviations)]
            low, high = lows[batch % len(lows)], highs[batch % len(highs)]
            batch += 1
            end = min(batch * per_batch, len(out))
            if not (deviation > 0 and low < high and (np.isfinite(low) or np.isfinite(high))):
                return _INVALID
            if low == -np.inf or high < mean:  # mirrored, so that the bound that matters is the lower one
                low, high, deviation = high, low, -deviation
            low = rounded(rounded(low - mean) / deviation)
            high = rounded(rounded(high - mean) / deviation)
            root = rounded(np.sqrt(rounded(rounded(low * low) + real(4))))
            exponent = rounded(real(0.5) + rounded(rounded(low * rounded(low - root)) / real(4)))
            cutoff = rounded(rounded(real(2) * rounded(np.exp(exponent))) / rounded(low + root))
            span = rounded(high - low)
            tries = 0
            if (low < -room and high >= 0) or (high > room and low <= 0):
                while index < end:
                    numbers = normals(*block_at(position, at))
                    at += 1
                    for i in range(len(numbers)):
                        z = numbers[i]
                        if low <= z <= high:
                            out[index] = rounded(rounded(z * deviation) + mean)
                            index += 1
                            if index >= end:
                                break
                            tries = 0
                        else:
                            tries += 1
                            if tries > _MOST_TRIES:
                                return _NOT_ACCEPTED_NORMAL
            elif span < cutoff:
                peak = real(0) if low < 0 else rounded(low * low)
                while index < end:
                    places, chances = uniforms(*block_at(position, at)), uniforms(*block_at(position, at + 1))
                    at += 2
                    for i in range(len(places)):
                        z = rounded(rounded(places[i] * span) + low)
                        density = rounded(np.exp(rounded(rounded(peak - rounded(z * z)) / real(2))))
                        if chances[i] <= density or tries + 1 >= _MOST_TRIES:
                            out[index] = rounded(rounded(z * deviation) + mean)
                            index += 1
                            if index >= end:
                                break
                            tries = 0
                        else:
                            tries += 1
            else:
                slope = rounded(rounded(low + root) / real(2))
                while index < end:
                    numbers = uniforms(*block_at(position, at))
                    at += 1
                    for i in range(0, len(numbers), 2):
                        z = rounded(rounded(-rounded(np.log(numbers[i])) / slope) + low)
                        x = rounded(slope - z) if low < slope else rounded(low - slope)
                        density = rounded(np.exp(rounded(rounded(-x * x) / real(2))))
                        if numbers[i + 1] <= density and z < high:
                            out[index] = rounded(rounded(z * deviation) + mean)
                            index += 1
                            if index >= end:
                                break
                            tries = 0
                        else:
                            tries += 1
                            if tries > _MOST_TRIES:
                                return _NOT_ACCEPTED_EXPONENTIAL
        return 0
    return loop


_BOUNDED = {
    'f2': (_bounded_loop(np.float32, _round_to_half, uniform_halves, _normal_halves), 'f4'),
    'f4': (_bounded_loop(np.float32, _as_it_is, uniform_floats, normal_floats), 'f4'),
    'f8': (_bounded_loop(np.float64, _as_it_is, uniform_doubles, normal_pair_double), 'f8')}


@kernel('ParameterizedTruncatedNormal')
def parameterized_truncated_normal(shape, means, stdevs, minvals, maxvals, seed, seed2, state):
    if shape.ndim != 1:
        raise InvalidArgumentError(None, None, 'Input shape should be a vector, got shape: %s' % shape_text(shape.shape))
    if len(shape) == 0:
        raise InvalidArgumentError(None, None, 'Shape tensor must not be empty, got shape: %s' % shape_text(shape.shape))
    dims = dims_of(shape)
    size = math.prod(dims)
    parameters = dict(means=means, stdevs=stdevs, minvals=minvals, maxvals=maxvals)
    for name, value in parameters.items():
        if value.ndim > 1:
            raise InvalidArgumentError(None, None, 'Input %s should be a scalar or vector, got shape: %s'
                                       % (name, shape_text(value.shape)))
    batches, per_batch = dims[0], math.prod(dims[1:])
    if all(value.size == 1 for value in parameters.values()) and any(v.ndim == 0 for v in parameters.values()):
        per_batch = 100
        batches = -(-size // per_batch)
    else:
        for name, value in parameters.items():
            if value.ndim == 1 and value.size not in (1, batches):
                raise InvalidArgumentError(None, None, 'Input %s should have length 1 or shape[0], got shape: %s'
                                           % (name, shape_text(value.shape)))
    if size == 0:
        return np.empty(dims, means.dtype)
    position = philox.stream(state, seed, seed2).reserve(batches * 2 * _MOST_TRIES * (per_batch + 3) // 4)
    loop, computed = _BOUNDED[means.dtype.str[1:]]
    out = memory.empty(size, computed)
    status = loop(out, *(value.ravel().astype(computed) for value in parameters.values()), per_batch, position)
    if status == _INVALID:
        raise InvalidArgumentError(None, None, 'Invalid parameters')
    if status:
        which = 'randn' if status == _NOT_ACCEPTED_NORMAL else 'exponential distribution'
        raise InternalError(None, None, 'TruncatedNormal %s rejection sampler failed to accept a sample.' % which)
    return out.reshape(dims).astype(means.dtype, copy=False)
