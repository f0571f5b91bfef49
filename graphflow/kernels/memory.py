"""Memory for big arrays: blocks that are used again.

numpy asks the system for the memory of every big array and gives it back when the array dies; the system then
clears page after page on first touch, at about 0.25 ms a megabyte, which is more than most kernels take to fill
them. Here the memory of arrays of at least SMALLEST bytes comes from blocks that return to a pool when an array
and all its views are gone, so that from the second step of a training loop on nothing big is allocated.

    y = memory.empty((50, 28, 28, 32), np.float32)      # like np.empty

How a block finds its way back: a weak reference to the array, kept by the block, which is the array's base,
ends up on the list of what was returned when the array dies. The array outlives its views, being their base.
"""
import collections
import functools
import math
import mmap
import os
import sys
import threading
import weakref

import numpy as np

from graphflow.kernels import threads

SMALLEST = 1 << 16      # bytes; smaller arrays are numpy's own
HUGE = 1 << 22          # bytes from which the system is asked for huge pages
SPARE = 1 << 26         # bytes the pool may always keep
RECENT = 1 << 13        # allocations: what was not used during so many goes back to the system
FINENESS = 8            # sizes of blocks per power of two

# Private: a forked child must not write into its parent's arrays.
_PRIVATE = {'flags': mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS} if hasattr(mmap, 'MAP_PRIVATE') else {}


class Block(mmap.mmap):
    """A stretch of memory from the system: the base of an array, or free."""
    __slots__ = ('size', 'used_by', 'returned_at')


class _UsedBy(weakref.ref):
    """The array that uses `block`."""
    __slots__ = ('block',)


_returned = collections.deque()     # of _UsedBy; needs no lock, so that an array may die at any moment
_give_back = _returned.append


def _new_block(size):
    block = Block(-1, size, **_PRIVATE)
    block.size = size
    if size >= HUGE and hasattr(mmap, 'MADV_HUGEPAGE'):
        try:
            block.madvise(mmap.MADV_HUGEPAGE)
        except OSError:     # a kernel without huge pages
            pass
    return block


class _Pool:
    """Free blocks by size, and the counts of what happened."""

    def __init__(self):
        self.lock = threading.Lock()
        self.free = {}                              # size -> Blocks, the last returned at the end
        self.live = self.kept = 0                   # bytes in arrays, and in free blocks
        self.clock = 0                              # allocations so far
        self.handed_out = self.allocated = 0        # bytes so far
        self.peak = self.former_peak = 0            # the most live bytes, in this and the previous RECENT

    def take(self, size):
        """A free Block of `size` bytes, or None: then the caller gets it from the system."""
        with self.lock:
            if _returned:
                self._collect()
            self.clock += 1
            self.handed_out += size
            self.live += size
            if self.live > self.peak:
                self.peak = self.live
            if self.clock % RECENT == 0:
                self.former_peak, self.peak = self.peak, self.live
                self._drop(lambda block: self.clock - block.returned_at > RECENT)
            same_size = self.free.get(size)
            if same_size:
                self.kept -= size
                return same_size.pop()
            # Together with what is in use, free blocks may take a quarter more than was ever in use at once lately.
            allowed = max(self.peak, self.former_peak) * 5 // 4 + SPARE
            self._drop(lambda block: self.live + self.kept > allowed)
            self.allocated += size
            return None

    def forget(self, size):
        """Takes back what `take` counted for a block that could not be had."""
        with self.lock:
            self.live -= size

    def _collect(self):
        while _returned:
            try:
                block = _returned.popleft().block
            except IndexError:
                return
            block.used_by = None
            block.returned_at = self.clock
            self.free.setdefault(block.size, []).append(block)
            self.live -= block.size
            self.kept += block.size

    def _drop(self, unwanted):
        """Gives free blocks back to the system, the longest unused first, as long as they are `unwanted`."""
        while self.kept:
            oldest = min((blocks for blocks in self.free.values() if blocks), key=lambda b: b[0].returned_at)
            if not unwanted(oldest[0]):
                return
            self.kept -= oldest.pop(0).size

    def clear(self):
        """Gives all free blocks back to the system."""
        with self.lock:
            self._collect()
            self._drop(lambda block: True)


_pool = _Pool()
if hasattr(os, 'register_at_fork'):     # a child must not find the lock held by a thread it does not have
    os.register_at_fork(before=_pool.lock.acquire, after_in_parent=_pool.lock.release,
                        after_in_child=_pool.lock.release)


def block_size(nbytes):
    """The size of the blocks that hold `nbytes`: a multiple of a page, at most an eighth too large."""
    unit = max((1 << (nbytes - 1).bit_length()) // (2 * FINENESS), mmap.PAGESIZE)
    return -(-nbytes // unit) * unit


def _nbytes(shape, dtype):
    return (math.prod(shape) if isinstance(shape, (tuple, list)) else int(shape)) * dtype.itemsize


def empty(shape, dtype=np.float64):
    """A new C-contiguous array, its values left as they come.

    Args:
      shape: a tuple of ints, or an int.
      dtype: a numpy dtype or what makes one.

    Returns: a writeable ndarray, aligned to 64 bytes if it is big.
    """
    dtype = np.dtype(dtype)
    nbytes = _nbytes(shape, dtype)
    if nbytes < SMALLEST or dtype.hasobject:
        return np.empty(shape, dtype)
    return _in_block(block_size(nbytes), shape, dtype)[0]


def allocator(shape, dtype):
    """A function of no arguments that returns `empty(shape, dtype)`, for who needs many alike."""
    dtype = np.dtype(dtype)
    nbytes = _nbytes(shape, dtype)
    if nbytes < SMALLEST or dtype.hasobject:
        return functools.partial(np.empty, shape, dtype)
    size = block_size(nbytes)
    return lambda: _in_block(size, shape, dtype)[0]


def zeros(shape, dtype=np.float64):
    """A new C-contiguous array of zeros. Arguments as for `empty`."""
    dtype = np.dtype(dtype)
    nbytes = _nbytes(shape, dtype)
    if nbytes < SMALLEST or dtype.hasobject:
        return np.zeros(shape, dtype)
    array, new = _in_block(block_size(nbytes), shape, dtype)
    if not new:     # what the system gives is zero
        array.fill(0)
    return array


def _in_block(size, shape, dtype):
    """An array in a block of `size` bytes, and whether the block is new."""
    block = _pool.take(size)
    new = block is None
    if new:
        try:
            block = _new_block(size)
        except OSError:
            _pool.forget(size)
            raise MemoryError(f'Unable to allocate {size} bytes for an array with shape {shape} and data type '
                              f'{dtype}') from None
    array = np.ndarray(shape, dtype, block)
    block.used_by = used_by = _UsedBy(array, _give_back)
    used_by.block = block
    return array, new


def empty_like(array):
    """`empty` with the shape and dtype of `array`."""
    return empty(array.shape, array.dtype)


def copy(array):
    """A C-contiguous copy of `array`."""
    result = empty(array.shape, array.dtype)
    if array.nbytes >= HUGE and array.flags.c_contiguous:       # the first touch of new memory takes longer than the copy
        threads.shard(_copy_range, array.size, array.reshape(-1), result.reshape(-1), grain=HUGE // array.itemsize)
    else:
        result[...] = array
    return result


def _copy_range(source, target, lo, hi):
    target[lo:hi] = source[lo:hi]


def contiguous(array):
    """`array` if it is C-contiguous, else a copy that is."""
    return array if array.flags.c_contiguous else copy(array)


def cast(array, dtype):
    """`array` if it has that dtype, else its values converted as by `array.astype(dtype)`."""
    dtype = np.dtype(dtype)
    if array.dtype == dtype:
        return array
    result = empty(array.shape, dtype)
    np.copyto(result, array, casting='unsafe')
    return result


def is_sole_owner(array):
    """Whether no other array shares the memory of `array`.

    It says nothing of other references to the array itself.
    """
    while not array.flags.owndata:
        base = array.base
        if type(base) is Block:
            return True
        # References to the base: the array it is the base of, the local name, the argument of getrefcount.
        if type(base) is not np.ndarray or sys.getrefcount(base) > 3:
            return False
        array = base
        del base
    return True


class Statistics(dict):
    """What `statistics` returns; the difference of two is what happened in between."""

    def __sub__(self, earlier):
        return Statistics({name: self[name] - earlier[name] for name in self})


def statistics():
    """Counts for arrays of at least SMALLEST bytes, all in bytes but the last.

    Returns: a Statistics with 'handed_out' (arrays made so far), 'allocated' (of that, memory that came newly
    from the system), 'live' (in arrays now), 'kept' (in free blocks now), 'arrays' (how many were made).
    """
    with _pool.lock:
        _pool._collect()
        return Statistics(handed_out=_pool.handed_out, allocated=_pool.allocated, live=_pool.live,
                          kept=_pool.kept, arrays=_pool.clock)


def release():
    """Gives all memory that no array uses back to the system."""
    _pool.clear()
