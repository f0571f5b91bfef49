"""Random numbers: uniform, normal, categorical and shuffles, all from Philox streams.

Bounded normals are in bounded_normal.py, gamma and Poisson in random_gamma.py.

Where an op's outputs take a known number of words each (uniform, normal), output block g is made from Philox block g.
Where a number may be rejected and drawn again, every output (or group of outputs) owns a fixed stretch of the stream,
`BLOCKS_PER_OUTPUT` blocks. Either way an output depends on its index alone, and ranges of outputs are shared out
over threads without changing a bit.

One run of a node sets aside `BLOCKS_PER_OUTPUT` blocks an output, so the next run continues well behind it.
"""
import math

import numpy as np

from graphflow.framework.errors import InvalidArgumentError
from graphflow.framework.registry import kernel
from graphflow.kernels import memory, philox
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
    out = memory.empty((-(-size // width), width), computed)
    shard(loop, len(out), out, position, parameters, grain=grain)
    return out.reshape(-1)[:size].reshape(dims).astype(dtype, copy=False)


def dims_of(shape):
    """The tuple of dimensions that a shape input holds."""
    if shape.ndim != 1:
        raise InvalidArgumentError(None, None, 'shape must be a vector of {int32,int64}, got shape %s'
                                   % shape_text(shape.shape))
    dims = tuple(int(d) for d in shape)
    for d in dims:
        if d < 0:
            raise InvalidArgumentError(None, None, 'Dimension %d must be >= 0' % d)
    return dims


def shape_text(dims):
    return '[%s]' % ','.join(str(d) for d in dims)


def reserve(state, seed, seed2, outputs):
    """The position from which this run may draw `outputs` numbers."""
    return philox.stream(state, seed, seed2).reserve(int(outputs) * BLOCKS_PER_OUTPUT)


# Uniform and normal.

@kernel('RandomUniform')
def random_uniform(shape, dtype, seed, seed2, state):
    dims = dims_of(shape)
    return _fill(_UNIFORM, dims, dtype, reserve(state, seed, seed2, math.prod(dims)))


@kernel('RandomStandardNormal')
def random_standard_normal(shape, dtype, seed, seed2, state):
    dims = dims_of(shape)
    return _fill(_NORMAL, dims, dtype, reserve(state, seed, seed2, math.prod(dims)), grain=_GRAIN // 8)


@kernel('TruncatedNormal')
def truncated_normal(shape, dtype, seed, seed2, state):
    dims = dims_of(shape)
    return _fill(_TRUNCATED, dims, dtype, reserve(state, seed, seed2, math.prod(dims)), grain=_GRAIN // 8)


@kernel('RandomUniformInt')
def random_uniform_int(shape, minval, maxval, seed, seed2, state):
    dims = dims_of(shape)
    _check_bounds(minval, maxval)
    size = math.prod(dims)
    position = reserve(state, seed, seed2, size) if size else None
    return _uniform_int(dims, minval, maxval, position)


def _check_bounds(minval, maxval):
    for name, value in ('minval', minval), ('maxval', maxval):
        if value.ndim:
            raise InvalidArgumentError(None, None, '%s must be 0-D, got shape %s' % (name, shape_text(value.shape)))


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
        raise InvalidArgumentError(None, None, 'seed must have shape [2], not %s' % shape_text(seed.shape))
    return philox.stateless(seed)


@kernel('StatelessRandomUniform')
def stateless_random_uniform(shape, seed, dtype):
    return _fill(_UNIFORM, dims_of(shape), dtype, _stateless_position(seed))


@kernel('StatelessRandomNormal')
def stateless_random_normal(shape, seed, dtype):
    return _fill(_NORMAL, dims_of(shape), dtype, _stateless_position(seed), grain=_GRAIN // 8)


@kernel('StatelessTruncatedNormal')
def stateless_truncated_normal(shape, seed, dtype):
    return _fill(_TRUNCATED, dims_of(shape), dtype, _stateless_position(seed), grain=_GRAIN // 8)


@kernel('StatelessRandomUniformInt')
def stateless_random_uniform_int(shape, seed, minval, maxval):
    position = _stateless_position(seed)
    _check_bounds(minval, maxval)
    return _uniform_int(dims_of(shape), minval, maxval, position)


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
def _draw_classes(out, cumulative, position):
    """Row after row from one stream, as TensorFlow does on one thread; on more its numbers depend on their count."""
    samples, classes = out.shape[1], cumulative.shape[1]
    at = 0
    for row in range(len(out)):
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
    position = reserve(state, seed, seed2, len(logits) * padded) if len(logits) * samples else None
    return _multinomial(logits, samples, output_dtype, position)


@kernel('StatelessMultinomial')
def stateless_multinomial(logits, num_samples, seed, output_dtype):
    position = _stateless_position(seed)
    return _multinomial(logits, _check_multinomial(logits, num_samples), output_dtype, position)


def _check_multinomial(logits, num_samples):
    if logits.ndim != 2:
        raise InvalidArgumentError(None, None, 'logits should be a matrix, got shape %s' % shape_text(logits.shape))
    if num_samples.ndim:
        raise InvalidArgumentError(None, None, 'num_samples should be a scalar, got shape %s'
                                   % shape_text(num_samples.shape))
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
        _draw_classes(out, cumulative, position)
    return out
