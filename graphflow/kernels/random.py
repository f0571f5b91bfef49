"""Random numbers: uniform, normal, gamma, Poisson, categorical and shuffles, all from Philox streams.

Where an op's outputs take a known number of words each (uniform, normal), output block g is made from Philox block g.
Where a number may be rejected and drawn again, every output (or group of outputs) owns a fixed stretch of the stream,
`BLOCKS_PER_OUTPUT` blocks. Either way an output depends on its index alone, and ranges of outputs are shared out
over threads without changing a bit.

One run of a node sets aside `BLOCKS_PER_OUTPUT` blocks an output, so the next run continues well behind it.
"""
import math

import numpy as np

from graphflow.framework.errors import InternalError, InvalidArgumentError
from graphflow.framework.registry import kernel
from graphflow.kernels import mathlib, philox
from graphflow.kernels.jit import jit
from graphflow.kernels.philox import block_at, fill, word
from graphflow.kernels.threads import shard

BLOCKS_PER_OUTPUT = 256
_GRAIN = 16384  # blocks worth a thread of their own, where a block takes a few nanoseconds

_float = np.float32
_SMALLEST = 1e-7  # stands for a uniform 0 where a logarithm follows


# Words into numbers.

@jit
def to_float(word_):
    """23 of the word's bits as a float32 in [0, 1)."""
    return _float(np.uint32(word_) & np.uint32(0x7FFFFF)) * _float(2.0**-23)


@jit
def to_double(low, high):
    """52 bits of two words as a float64 in [0, 1)."""
    return np.float64(np.int64((np.uint64(low) & np.uint64(0xFFFFF)) << np.uint64(32) | high)) * 2.0**-52


@jit
def normal_pair_float(word0, word1):
    """Two independent standard normals from two words.

    G. Box, M. Muller, "A note on the generation of random normal deviates", 1958. Radius and angle are float32, but
    for the product with 2 pi.
    """
    radius = np.sqrt(_float(-2) * np.log(max(to_float(word0), _float(_SMALLEST))))
    angle = _float(2 * math.pi * np.float64(to_float(word1)))
    return np.sin(angle) * radius, np.cos(angle) * radius


@jit
def normal_pair_double(word0, word1, word2, word3):
    """Box-Muller in float64, from four words."""
    radius = np.sqrt(-2 * np.log(max(to_double(word0, word1), _SMALLEST)))
    angle = 2 * math.pi * to_double(word2, word3)
    return np.sin(angle) * radius, np.cos(angle) * radius


# A block into two or four numbers.

@jit
def uniform_halves(w0, w1, w2, w3):
    """Ten bits each, as float32: every value is exact in float16."""
    bits, unit = np.uint32(0x3FF), _float(2.0**-10)
    return (_float(np.uint32(w0) & bits) * unit, _float(np.uint32(w1) & bits) * unit,
            _float(np.uint32(w2) & bits) * unit, _float(np.uint32(w3) & bits) * unit)


@jit
def uniform_floats(w0, w1, w2, w3):
    return to_float(w0), to_float(w1), to_float(w2), to_float(w3)


@jit
def uniform_doubles(w0, w1, w2, w3):
    return to_double(w0, w1), to_double(w2, w3)


@jit
def normal_floats(w0, w1, w2, w3):
    (a, b), (c, d) = normal_pair_float(w0, w1), normal_pair_float(w2, w3)
    return a, b, c, d


@jit
def _int32s(w0, w1, w2, w3, low, span):
    """`low` plus a word modulo `span`; sums wrap around like 32-bit integers."""
    return low + np.uint32(w0) % span, low + np.uint32(w1) % span, low + np.uint32(w2) % span, \
        low + np.uint32(w3) % span


@jit
def _int64s(w0, w1, w2, w3, low, span):
    return low + (np.uint64(w1) << np.uint64(32) | w0) % span, low + (np.uint64(w3) << np.uint64(32) | w2) % span


_CHUNK = 256  # blocks made at once, in vector instructions; their words stay in the fastest cache


def _filled_with(numbers):
    """The loop that fills rows lo..hi of `out`, row g with the numbers of block g."""
    @jit
    def loop(out, position, parameters, lo, hi):
        words = np.empty((4, _CHUNK), np.uint32)
        for first in range(lo, hi, _CHUNK):
            count = min(_CHUNK, hi - first)
            fill(words, position, first, count)
            for i in range(count):
                row = numbers(words[0, i], words[1, i], words[2, i], words[3, i], *parameters)
                for k in range(len(row)):
                    out[first + i, k] = row[k]
    return loop


# A truncated normal is a normal drawn again while it lies more than two deviations out. A row's numbers come from
# the row's own stretch of the stream.

@jit
def _truncated_float(out, position, parameters, lo, hi):
    for g in range(lo, hi):
        at = g * (4 * BLOCKS_PER_OUTPUT // 4)
        filled = 0
        w0, w1, w2, w3 = block_at(position, at)
        first_half = True
        while True:
            a, b = normal_pair_float(w0, w1)
            if abs(a) < _float(2):
                out[g, filled] = a
                filled += 1
                if filled == 4:
                    break
            if abs(b) < _float(2):
                out[g, filled] = b
                filled += 1
                if filled == 4:
                    break
            if first_half:
                w0, w1 = w2, w3
            else:
                at += 1
                w0, w1, w2, w3 = block_at(position, at)
            first_half = not first_half


@jit
def _truncated_double(out, position, parameters, lo, hi):
    for g in range(lo, hi):
        at = g * (2 * BLOCKS_PER_OUTPUT // 4)
        filled = 0
        while filled < 2:
            w0, w1, w2, w3 = block_at(position, at)
            at += 1
            a, b = normal_pair_double(w0, w1, w2, w3)
            if abs(a) < 2:
                out[g, filled] = a
                filled += 1
            if filled < 2 and abs(b) < 2:
                out[g, filled] = b
                filled += 1


# How each distribution fills an output: dtype -> (loop, what the loop computes in).
_UNIFORM = {'f2': (_filled_with(uniform_halves), 'f4'), 'f4': (_filled_with(uniform_floats), 'f4'),
            'f8': (_filled_with(uniform_doubles), 'f8')}
_NORMAL = {'f4': (_filled_with(normal_floats), 'f4'), 'f8': (_filled_with(normal_pair_double), 'f8')}
_NORMAL['f2'] = _NORMAL['f4']
_TRUNCATED = {'f4': (_truncated_float, 'f4'), 'f8': (_truncated_double, 'f8')}
_TRUNCATED['f2'] = _TRUNCATED['f4']
_INTEGER = {'u4': (_filled_with(_int32s), 'u4'), 'u8': (_filled_with(_int64s), 'u8')}


def _fill(loops, dims, dtype, position, parameters=(), grain=_GRAIN):
    """An array of shape `dims` filled by the loop for `dtype`; its last block may give more than is needed."""
    dtype = np.dtype(dtype)
    loop, computed = loops[dtype.str[1:]]
    size = math.prod(dims)
    width = 16 // np.dtype(computed).itemsize
    out = np.empty((-(-size // width), width), computed)
    shard(loop, len(out), out, position, parameters, grain=grain)
    return out.reshape(-1)[:size].reshape(dims).astype(dtype, copy=False)


def _dims(shape):
    """The tuple of dimensions that a shape input holds."""
    if shape.ndim != 1:
        raise InvalidArgumentError(None, None, 'shape must be a vector of {int32,int64}, got shape %s'
                                   % _text(shape.shape))
    dims = tuple(int(d) for d in shape)
    for d in dims:
        if d < 0:
            raise InvalidArgumentError(None, None, 'Dimension %d must be >= 0' % d)
    return dims


def _text(dims):
    return '[%s]' % ','.join(str(d) for d in dims)


def _reserve(state, seed, seed2, outputs):
    """The position from which this run may draw `outputs` numbers."""
    return philox.stream(state, seed, seed2).reserve(int(outputs) * BLOCKS_PER_OUTPUT)


# Uniform and normal.

@kernel('RandomUniform')
def random_uniform(shape, dtype, seed, seed2, state):
    dims = _dims(shape)
    return _fill(_UNIFORM, dims, dtype, _reserve(state, seed, seed2, math.prod(dims)))


@kernel('RandomStandardNormal')
def random_standard_normal(shape, dtype, seed, seed2, state):
    dims = _dims(shape)
    return _fill(_NORMAL, dims, dtype, _reserve(state, seed, seed2, math.prod(dims)), grain=_GRAIN // 8)


@kernel('TruncatedNormal')
def truncated_normal(shape, dtype, seed, seed2, state):
    dims = _dims(shape)
    return _fill(_TRUNCATED, dims, dtype, _reserve(state, seed, seed2, math.prod(dims)), grain=_GRAIN // 8)


@kernel('RandomUniformInt')
def random_uniform_int(shape, minval, maxval, seed, seed2, state):
    dims = _dims(shape)
    _check_bounds(minval, maxval)
    size = math.prod(dims)
    position = _reserve(state, seed, seed2, size) if size else None
    return _uniform_int(dims, minval, maxval, position)


def _check_bounds(minval, maxval):
    for name, value in ('minval', minval), ('maxval', maxval):
        if value.ndim:
            raise InvalidArgumentError(None, None, '%s must be 0-D, got shape %s' % (name, _text(value.shape)))


def _uniform_int(dims, minval, maxval, position):
    """Integers in [minval, maxval)."""
    if 0 in dims:
        return np.empty(dims, minval.dtype)
    low, high = int(minval), int(maxval)
    if low >= high:
        raise InvalidArgumentError(None, None, 'Need minval < maxval, got %d >= %d' % (low, high))
    unsigned = np.dtype('u%d' % minval.dtype.itemsize)
    parameters = minval[()].view(unsigned), unsigned.type(high - low)
    out = _fill(_INTEGER, dims, unsigned, position, parameters)
    return out.view(minval.dtype)


# The stateless twins: the stream is computed from the seed input, every time anew.

def _stateless_position(seed):
    if seed.shape != (2,):
        raise InvalidArgumentError(None, None, 'seed must have shape [2], not %s' % _text(seed.shape))
    return philox.stateless(seed)


@kernel('StatelessRandomUniform')
def stateless_random_uniform(shape, seed, dtype):
    return _fill(_UNIFORM, _dims(shape), dtype, _stateless_position(seed))


@kernel('StatelessRandomNormal')
def stateless_random_normal(shape, seed, dtype):
    return _fill(_NORMAL, _dims(shape), dtype, _stateless_position(seed), grain=_GRAIN // 8)


@kernel('StatelessTruncatedNormal')
def stateless_truncated_normal(shape, seed, dtype):
    return _fill(_TRUNCATED, _dims(shape), dtype, _stateless_position(seed), grain=_GRAIN // 8)


@kernel('StatelessRandomUniformInt')
def stateless_random_uniform_int(shape, seed, minval, maxval):
    position = _stateless_position(seed)
    _check_bounds(minval, maxval)
    return _uniform_int(_dims(shape), minval, maxval, position)


# Normals between bounds.

_MOST_TRIES = 1000
_NOT_ACCEPTED_NORMAL, _NOT_ACCEPTED_EXPONENTIAL, _INVALID = 1, 2, 3


@jit
def _round_to_half(x):
    """`x` (float32) rounded to the 11 bits of a float16 by Veltkamp's splitting."""
    scaled = x * _float(8193)
    return scaled - (scaled - x) if abs(x) < _float(65536) else x


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
        raise InvalidArgumentError(None, None, 'Input shape should be a vector, got shape: %s' % _text(shape.shape))
    if len(shape) == 0:
        raise InvalidArgumentError(None, None, 'Shape tensor must not be empty, got shape: %s' % _text(shape.shape))
    dims = _dims(shape)
    size = math.prod(dims)
    parameters = dict(means=means, stdevs=stdevs, minvals=minvals, maxvals=maxvals)
    for name, value in parameters.items():
        if value.ndim > 1:
            raise InvalidArgumentError(None, None, 'Input %s should be a scalar or vector, got shape: %s'
                                       % (name, _text(value.shape)))
    batches, per_batch = dims[0], math.prod(dims[1:])
    if all(value.size == 1 for value in parameters.values()):
        per_batch = 100
        batches = -(-size // per_batch)
    else:
        for name, value in parameters.items():
            if value.ndim == 1 and value.size not in (1, batches):
                raise InvalidArgumentError(None, None, 'Input %s should have length 1 or shape[0], got shape: %s'
                                           % (name, _text(value.shape)))
    if size == 0:
        return np.empty(dims, means.dtype)
    position = philox.stream(state, seed, seed2).reserve(batches * 2 * _MOST_TRIES * (per_batch + 3) // 4)
    loop, computed = _BOUNDED[means.dtype.str[1:]]
    out = np.empty(size, computed)
    status = loop(out, *(value.ravel().astype(computed) for value in parameters.values()), per_batch, position)
    if status == _INVALID:
        raise InvalidArgumentError(None, None, 'Invalid parameters')
    if status:
        which = 'randn' if status == _NOT_ACCEPTED_NORMAL else 'exponential distribution'
        raise InternalError(None, None, 'TruncatedNormal %s rejection sampler failed to accept a sample.' % which)
    return out.reshape(dims).astype(means.dtype, copy=False)


# Shuffle.

@jit
def _shuffle(order, position):
    """Fisher-Yates from the front: item i changes places with one of the items from i on."""
    n = len(order)
    words = np.empty((4, _CHUNK), np.uint32)
    for first in range(0, n - 1, 4 * _CHUNK):
        fill(words, position, first // 4, _CHUNK)
        for i in range(first, min(first + 4 * _CHUNK, n - 1)):
            word_ = words[i % 4, (i - first) // 4]
            j = i + np.int64(word_ % np.uint32(n - i))
            order[i], order[j] = order[j], order[i]


@kernel('RandomShuffle')
def random_shuffle(value, seed, seed2, state):
    if value.ndim == 0 or len(value) <= 1 or value.size <= 1:
        return value
    order = np.arange(len(value))
    words = len(value) - 1
    _shuffle(order, philox.stream(state, seed, seed2).reserve(-(-words // 4)))
    return value[order]


# Categorical: draws of classes by inversion of the cumulative probabilities.

@jit
def _draw_classes(out, cumulative, position, lo, hi):
    samples, classes = out.shape[1], cumulative.shape[1]
    at = (lo * (samples + 3)) // 4 * 4
    for row in range(lo, hi):
        total = cumulative[row, classes - 1]
        for sample in range(samples):
            u = to_double(word(position, at), word(position, at + 1)) * total
            at += 2
            first, last = 0, classes  # the first class whose cumulative weight is above u
            while first < last:
                middle = (first + last) // 2
                if u < cumulative[row, middle]:
                    last = middle
                else:
                    first = middle + 1
            out[row, sample] = first


@kernel('Multinomial')
def multinomial(logits, num_samples, seed, seed2, output_dtype, state):
    samples = _check_multinomial(logits, num_samples)
    padded = 2 * (-(-samples // 4) * 4)
    position = _reserve(state, seed, seed2, len(logits) * padded) if len(logits) * samples else None
    return _multinomial(logits, samples, output_dtype, position)


@kernel('StatelessMultinomial')
def stateless_multinomial(logits, num_samples, seed, output_dtype):
    position = _stateless_position(seed)
    return _multinomial(logits, _check_multinomial(logits, num_samples), output_dtype, position)


def _check_multinomial(logits, num_samples):
    if logits.ndim != 2:
        raise InvalidArgumentError(None, None, 'logits should be a matrix, got shape %s' % _text(logits.shape))
    if num_samples.ndim:
        raise InvalidArgumentError(None, None, 'num_samples should be a scalar, got shape %s'
                                   % _text(num_samples.shape))
    if num_samples < 0:
        raise InvalidArgumentError(None, None, 'num_samples should be nonnegative, got %d' % num_samples)
    if logits.shape[0] and logits.shape[1] == 0:
        raise InvalidArgumentError(None, None, 'num_classes should be positive, got 0')
    return int(num_samples)


def _multinomial(logits, samples, output_dtype, position):
    """Row by row, `samples` classes with probability softmax(logits); logits that are not finite never win."""
    out = np.empty((len(logits), samples), output_dtype)
    if out.size:
        finite = np.isfinite(logits)
        exponent = np.where(finite, logits, -np.inf).astype(np.float64)
        largest = np.max(exponent, axis=1, keepdims=True, initial=np.finfo(np.float64).min)
        cumulative = np.cumsum(np.exp(exponent - largest), axis=1)
        _draw_classes(out, cumulative, position, 0, len(out))
    return out


# Gamma and Poisson. The words of a block become two float64 numbers, of which the second is used first.

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
    dims = _dims(shape)
    out = np.empty((math.prod(dims), alpha.size))
    if out.size:
        position = _reserve(state, seed, seed2, out.size)
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
    dims, dtype = _dims(shape), np.dtype(dtype)
    largest = float(np.finfo(dtype).max if dtype.kind == 'f' else np.iinfo(dtype).max)
    out = np.empty((math.prod(dims), rate.size))
    if out.size:
        position = _reserve(state, seed, seed2, out.size)
        shard(_poisson_loop, out.size, out, rate.ravel().astype(np.float64), len(out), largest, position, grain=512)
    return out.reshape(dims + rate.shape).astype(dtype)
