"""Philox 4x32-10: the counter-based random number generator behind every random op.

Philox maps a 128-bit counter and a 64-bit key to four 32-bit words that look random. The words at counter c are
computed without those before c, so a long output can be cut anywhere and its pieces filled by several threads:
skipping ahead is one addition.

J. Salmon, M. Moraes, R. Dror, D. Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.

In this package a *block* is the four words of one counter value. A stream's position is a tuple
(key, low, high) of 64-bit integers: the key, and the two halves of the counter.
"""
import os
import threading

import numpy as np

from graphflow.kernels.jit import jit

_MULTIPLIER_0, _MULTIPLIER_1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_WEYL_0, _WEYL_1 = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)
_WORD = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)
_2, _3, _4, _5, _6, _7, _8, _9 = (np.uint64(n) for n in range(2, 10))
_MASK64 = (1 << 64) - 1
_MASK128 = (1 << 128) - 1

_CREATE_STREAM = threading.Lock()


@jit
def _round(words, k0, k1):
    p0 = words[0] * _MULTIPLIER_0
    p1 = words[2] * _MULTIPLIER_1
    return (p1 >> _HALF) ^ words[1] ^ k0, p1 & _WORD, (p0 >> _HALF) ^ words[3] ^ k1, p0 & _WORD


@jit(inline='always')
def block(position, index):
    """The four words of the block `index` blocks after `position`; each is an uint64 below 2**32.

    Words stay in uint64 because that is what the product of two of them needs. The rounds are written out and
    inlined because only then are loops over blocks compiled to vector instructions.
    """
    moved = position[1] + np.uint64(index)
    high = position[2] + np.uint64(moved < position[1])
    words = moved & _WORD, moved >> _HALF, high & _WORD, high >> _HALF
    k0, k1 = position[0] & _WORD, position[0] >> _HALF
    words = _round(words, k0, k1)
    words = _round(words, (k0 + _WEYL_0) & _WORD, (k1 + _WEYL_1) & _WORD)
    words = _round(words, (k0 + _WEYL_0 * _2) & _WORD, (k1 + _WEYL_1 * _2) & _WORD)
    words = _round(words, (k0 + _WEYL_0 * _3) & _WORD, (k1 + _WEYL_1 * _3) & _WORD)
    words = _round(words, (k0 + _WEYL_0 * _4) & _WORD, (k1 + _WEYL_1 * _4) & _WORD)
    words = _round(words, (k0 + _WEYL_0 * _5) & _WORD, (k1 + _WEYL_1 * _5) & _WORD)
    words = _round(words, (k0 + _WEYL_0 * _6) & _WORD, (k1 + _WEYL_1 * _6) & _WORD)
    words = _round(words, (k0 + _WEYL_0 * _7) & _WORD, (k1 + _WEYL_1 * _7) & _WORD)
    words = _round(words, (k0 + _WEYL_0 * _8) & _WORD, (k1 + _WEYL_1 * _8) & _WORD)
    return _round(words, (k0 + _WEYL_0 * _9) & _WORD, (k1 + _WEYL_1 * _9) & _WORD)


@jit
def fill(words, position, first, count):
    """Writes blocks first, first + 1, ... `count` of them, into the columns of `words`, an uint32 array [4, n]."""
    row0, row1, row2, row3 = words[0], words[1], words[2], words[3]
    for i in range(count):
        w0, w1, w2, w3 = block(position, first + i)
        row0[i], row1[i], row2[i], row3[i] = w0, w1, w2, w3


@jit
def block_at(position, index):
    """`block` as a function of its own, for loops that rarely call it: it is long."""
    return block(position, index)


@jit
def word(position, index):
    """Word number `index` (from 0) of the stream at `position`. For loops that take few words."""
    w0, w1, w2, w3 = block_at(position, index >> 2)
    which = index & 3
    if which == 0:
        return w0
    if which == 1:
        return w1
    return w2 if which == 2 else w3


def position(key, counter):
    """A stream position from Python integers: a 64-bit key and a 128-bit counter."""
    return np.uint64(key & _MASK64), np.uint64(counter & _MASK64), np.uint64(counter >> 64 & _MASK64)


def skip(position_, blocks):
    """`position_` moved on by `blocks` blocks."""
    key, low, high = (int(part) for part in position_)
    return position(key, (high << 64 | low) + blocks & _MASK128)


def stateless(seed):
    """The start of the stream of the Stateless... ops for `seed`, two integers.

    The seeds pass through Philox itself first, so that seeds close to each other give unrelated streams.
    """
    first, second = (int(part) & _MASK64 for part in seed)
    w0, w1, w2, w3 = (int(w) for w in block_at(position(0x02461E293EC8F720, second << 64 | first), 0))
    return position(w1 << 32 | w0, (w3 << 32 | w2) << 64)


class Stream:
    """The stream of one node in one session: every run takes the next piece of it."""

    def __init__(self, seed, seed2):
        """Key `seed`, upper half of the counter `seed2`. Both 0 asks for a stream nobody can repeat."""
        if seed == 0 and seed2 == 0:
            seed, seed2 = (int.from_bytes(os.urandom(8), 'little') for _ in range(2))
        self._key = seed & _MASK64
        self._counter = (seed2 & _MASK64) << 64
        self._lock = threading.Lock()

    def reserve(self, blocks):
        """Takes the next `blocks` blocks for the caller alone and returns the position of the first."""
        with self._lock:
            start = self._counter
            self._counter = start + blocks & _MASK128
        return position(self._key, start)


def stream(state, seed, seed2):
    """The `Stream` kept in `state`, the dict that a session keeps for a node; made when there is none."""
    if 'philox' not in state:
        with _CREATE_STREAM:
            if 'philox' not in state:
                state['philox'] = Stream(int(seed), int(seed2))
    return state['philox']
