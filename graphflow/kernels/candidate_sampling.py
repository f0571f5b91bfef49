"""Candidate samplers: a few classes drawn to stand for all of them in a loss (sampled softmax, NCE).

S. Jean, K. Cho, R. Memisevic, Y. Bengio, "On using very large target vocabulary for neural machine translation", 2015.

Every sampler returns the classes drawn and, for these and for the true classes, how often each is expected among
the draws. With `unique` a class is drawn until it is new; the expected count is then the chance to be among them.
"""
import threading

import numpy as np

from graphflow.framework.errors import InvalidArgumentError, NotFoundError
from graphflow.framework.registry import kernel
from graphflow.kernels import philox
from graphflow.kernels.jit import jit
from graphflow.kernels.philox import word
from graphflow.kernels.random import to_double, to_float

_BLOCKS_PER_DRAW = 512
_CREATE = threading.Lock()


# How one class is drawn: draw(position, at, parameter) -> (class, how many words were taken). `at` counts words.

@jit
def _below32(position, at, limit):
    """An integer below `limit` from words, without the bias of a plain remainder."""
    limit = np.uint64(limit)
    largest = np.uint64(0xFFFFFFFF)
    if limit & (limit - np.uint64(1)) == 0:
        return np.int64(word(position, at) & (limit - np.uint64(1))), 1
    unusable = largest % limit + np.uint64(1)
    taken = 1
    drawn = word(position, at)
    while drawn < unusable:
        drawn = word(position, at + taken)
        taken += 1
    return np.int64(drawn % limit), taken


@jit
def _two_words(position, at):
    return word(position, at) | word(position, at + 1) << np.uint64(32)


@jit
def _below64(position, at, limit):
    """Like `_below32`, from pairs of words."""
    limit = np.uint64(limit)
    if limit & (limit - np.uint64(1)) == 0:
        return np.int64(_two_words(position, at) & (limit - np.uint64(1))), 2
    unusable = np.uint64(0xFFFFFFFFFFFFFFFF) % limit + np.uint64(1)
    taken = 2
    drawn = _two_words(position, at)
    while drawn < unusable:
        drawn = _two_words(position, at + taken)
        taken += 2
    return np.int64(drawn % limit), taken


@jit
def _log_uniform(position, at, range_max):
    """P(class) = log(1 + 1 / (class + 1)) / log(range_max + 1): classes sorted by falling frequency (Zipf)."""
    u = to_double(word(position, at), word(position, at + 1))
    return (np.int64(np.exp(u * np.log1p(np.float64(range_max)))) - 1) % range_max, 2


@jit
def _weighted(position, at, cumulative):
    """By integer weights, of which `cumulative` holds the running sums."""
    drawn, taken = _below32(position, at, cumulative[-1])
    return np.int64(np.searchsorted(cumulative, drawn, side='right')), taken


@jit
def _alias(position, at, table):
    """By real weights: a class chosen evenly stays, or gives way to its alias (A. Walker, 1977)."""
    keep, alias = table
    u = to_float(word(position, at))
    drawn, taken = _below32(position, at + 1, len(keep))
    return drawn if u < keep[drawn] else alias[drawn], taken + 1


def _draws(draw):
    """The loop that fills `out` with draws and returns how many were needed."""
    @jit
    def loop(out, unique, position, parameter):
        at, tries, filled = 0, 0, 0
        seen = set()
        seen.add(np.int64(-1))
        while filled < len(out):
            value, taken = draw(position, at, parameter)
            at += taken
            tries += 1
            if unique:
                if value in seen:
                    continue
                seen.add(value)
            out[filled] = value
            filled += 1
        return tries
    return loop


_draw_uniform, _draw_log_uniform = _draws(_below64), _draws(_log_uniform)
_draw_weighted, _draw_alias = _draws(_weighted), _draws(_alias)


# What the samplers share.

def _checked(true_classes, num_true, num_sampled, unique, range_max):
    if true_classes.ndim != 2:
        raise InvalidArgumentError(None, None, 'true_classes must be a matrix')
    if true_classes.shape[1] != num_true:
        raise InvalidArgumentError(None, None, 'true_classes must have num_true columns, expected: %d was: %d'
                                   % (true_classes.shape[1], num_true))
    if unique and num_sampled > range_max:
        raise InvalidArgumentError(None, None, "Sampler's range is too small.")


def _sample(loop, parameter, probability, true_classes, num_sampled, unique, seeds):
    """Draws, and the expected counts by `probability`, a function of an array of classes."""
    state, seed, seed2 = seeds
    position = philox.stream(state, seed, seed2).reserve(num_sampled * _BLOCKS_PER_DRAW)
    sampled = np.empty(num_sampled, np.int64)
    tries = loop(sampled, unique, position, parameter)

    def expected(classes):
        p = probability(classes).astype(np.float32)
        if tries == num_sampled:
            return p * np.float32(num_sampled)
        return -np.expm1(np.float32(tries) * np.log1p(-p))
    return sampled, expected(true_classes), expected(sampled)


@kernel('UniformCandidateSampler')
def uniform_candidate_sampler(true_classes, num_true, num_sampled, unique, range_max, seed, seed2, state):
    _checked(true_classes, num_true, num_sampled, unique, range_max)
    return _sample(_draw_uniform, range_max, lambda classes: np.full(classes.shape, np.float32(1.0 / range_max)),
                   true_classes, num_sampled, unique, (state, seed, seed2))


@kernel('LogUniformCandidateSampler')
def log_uniform_candidate_sampler(true_classes, num_true, num_sampled, unique, range_max, seed, seed2, state):
    _checked(true_classes, num_true, num_sampled, unique, range_max)
    return _sample(_draw_log_uniform, range_max,
                   lambda classes: np.log((classes + 2.0) / (classes + 1.0)) / np.log1p(float(range_max)),
                   true_classes, num_sampled, unique, (state, seed, seed2))


@kernel('AllCandidateSampler')
def all_candidate_sampler(true_classes, num_true, num_sampled, unique):
    _checked(true_classes, num_true, num_sampled, unique, num_sampled)
    return np.arange(num_sampled), np.ones(true_classes.shape, np.float32), np.ones(num_sampled, np.float32)


@kernel('LearnedUnigramCandidateSampler', 'ThreadUnsafeUnigramCandidateSampler')
def learned_unigram_candidate_sampler(true_classes, num_true, num_sampled, unique, range_max, seed, seed2, state):
    """Draws by how often each class was a true one so far, plus one."""
    _checked(true_classes, num_true, num_sampled, unique, range_max)
    with _CREATE:
        lock = state.setdefault('lock', threading.Lock())
    with lock:
        weights = state.setdefault('weights', np.ones(range_max, np.int64))
        cumulative = np.cumsum(weights)
        total = np.float32(cumulative[-1])
        outputs = _sample(_draw_weighted, cumulative, lambda classes: weights[classes].astype(np.float32) / total,
                          true_classes, num_sampled, unique, (state, seed, seed2))
        np.add.at(weights, true_classes.ravel(), 1)
    return outputs


def _alias_table(weights):
    """For each class the chance to keep it, and the class that replaces it otherwise.

    M. Vose, "A linear algorithm for generating random numbers with a given distribution", 1991.
    """
    n = len(weights)
    keep = weights.astype(np.float64) * n / weights.astype(np.float64).sum()
    alias = np.arange(n)
    low, high = [i for i in range(n) if keep[i] < 1], [i for i in range(n) if keep[i] >= 1]
    while low and high:
        small, large = low.pop(), high[-1]
        alias[small] = large
        keep[large] -= 1 - keep[small]
        if keep[large] < 1:
            low.append(high.pop())
    keep[low + high] = 1
    return keep.astype(np.float32), alias


def _unigram_weights(vocab_file, unigrams, distortion, num_reserved_ids, num_shards, shard):
    if vocab_file:
        try:
            with open(vocab_file, encoding='utf-8') as lines:
                unigrams = [float(line.strip().split(',')[-1]) for line in lines]
        except FileNotFoundError:
            name = vocab_file.decode() if isinstance(vocab_file, bytes) else vocab_file
            raise NotFoundError(None, None, '%s; No such file or directory' % name) from None
    weights = np.concatenate([np.zeros(num_reserved_ids, np.float32),
                              np.asarray(unigrams, np.float32) ** np.float32(distortion)])
    return weights[shard::num_shards]


@kernel('FixedUnigramCandidateSampler')
def fixed_unigram_candidate_sampler(true_classes, num_true, num_sampled, unique, range_max, vocab_file, distortion,
                                    num_reserved_ids, num_shards, shard, unigrams, seed, seed2, state):
    """Draws by given weights, to the power `distortion`; `num_reserved_ids` classes before them are never drawn."""
    _checked(true_classes, num_true, num_sampled, unique, range_max)
    if 'table' not in state:
        weights = _unigram_weights(vocab_file, unigrams, distortion, num_reserved_ids, num_shards, shard)
        if len(weights) != range_max:
            raise InvalidArgumentError(None, None, 'range is %d, must be equal to weights size %d'
                                       % (range_max, len(weights)))
        state['table'] = weights, _alias_table(weights)
    weights, table = state['table']
    total = weights.sum(dtype=np.float32)

    def probability(classes):
        known = (classes >= 0) & (classes < len(weights))
        return np.where(known, weights[np.where(known, classes, 0)], np.float32(0)) / total
    return _sample(_draw_alias, table, probability, true_classes, num_sampled, unique, (state, seed, seed2))


@kernel('ComputeAccidentalHits')
def compute_accidental_hits(true_classes, sampled_candidates, num_true):
    """Where a sampled class is a true one: (row, position among the samples) and a weight that makes exp() zero."""
    if true_classes.ndim != 2 or true_classes.shape[1] != num_true:
        raise InvalidArgumentError(None, None, 'true_candidates must be a batch_size * num_true matrix')
    if sampled_candidates.ndim != 1:
        raise InvalidArgumentError(
            None, None, 'sampled_candidates must be a vector, which is typically an output from CandidateSampler')
    place = {int(value): i for i, value in enumerate(sampled_candidates)}
    hits = [(row, place[int(value)]) for row, classes in enumerate(true_classes) for value in classes
            if int(value) in place]
    rows, places = np.array(hits, np.int64).reshape(-1, 2).T
    return rows.astype(np.int32), places, np.full(len(hits), np.finfo(np.float32).min)
