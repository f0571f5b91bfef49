"""Splits a big kernel's range over a few threads.

Kernels are `nogil` functions `fn(*args, lo, hi)`; `shard` cuts `range(n)` into parts that threads take one after
the other, so that a processor that is slower, or busy elsewhere, does less. The calling thread takes parts too
and waits at the end only for parts that others have begun. So any number of user threads may call `shard`
at once, even from inside a part: nothing ever waits for a free worker.

Workers sleep on a lock each; to wake one and to hear of the last part's end cost some microseconds each.
Everything shared is a deque or an `itertools.count`, whose single operations no other thread can interrupt.
"""
import collections
import contextlib
import itertools
import os
import threading

import numpy as np

from graphflow.kernels import subnormals

PARTS = 4       # parts a thread, where the grain allows


def cpu_count():
    """The number of processors this process may use."""
    if hasattr(os, 'sched_getaffinity'):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


THREADS = cpu_count()

_jobs = collections.deque()         # those that may have parts to take
_sleeping = collections.deque()     # the `wake` locks of workers that wait
_started = 0                        # workers
_starting = threading.Lock()
_of_thread = threading.local()


class _Job:
    """A call of `shard`: its parts, and who has taken which."""
    __slots__ = ('fn', 'args', 'n', 'parts', 'places', 'taken', 'ended', 'all_ended', 'error', 'mode')

    def __init__(self, fn, args, n, parts, helpers):
        self.fn, self.args, self.n, self.parts = fn, args, n, parts
        self.places = iter(range(helpers))      # for workers
        self.taken, self.ended = itertools.count(), itertools.count(1)
        self.all_ended = threading.Lock()
        self.all_ended.acquire()
        self.error = None
        self.mode = subnormals.mode()

    def work(self):
        """Takes parts until none is left."""
        n, parts = self.n, self.parts
        part = next(self.taken)
        while part < parts:
            try:
                self.fn(*self.args, n * part // parts, n * (part + 1) // parts)
            except BaseException as error:  # handed to the caller of shard once the other parts have ended
                self.error = self.error or error
            part = next(self.taken)
            if next(self.ended) == parts:
                self.all_ended.release()


def _worker():
    np.seterr(all='ignore')     # as in the threads that run a plan
    wake = threading.Lock()
    wake.acquire()
    mode = None
    while True:
        while _jobs:
            try:
                job = _jobs[0]
                if next(job.places, None) is not None:
                    if job.mode != mode:
                        mode = job.mode
                        subnormals.exchange(mode)
                    job.work()
                _jobs.remove(job)
            except (IndexError, ValueError):    # somebody else removed it
                pass
            job = None      # it refers to arrays
        _sleeping.append(wake)
        if _jobs:           # a job that came meanwhile may have found nobody asleep
            try:
                _sleeping.remove(wake)
                continue
            except ValueError:      # somebody has woken us
                pass
        wake.acquire()


def _start_worker():
    """Starts one more worker if there are fewer than THREADS - 1."""
    global _started
    with _starting:
        if _started >= THREADS - 1:
            return False
        try:
            threading.Thread(target=_worker, name='graphflow-kernel', daemon=True).start()
        except RuntimeError:    # the interpreter is shutting down: no new threads
            return False
        _started += 1
        return True


def _forget_workers():
    """A forked child has none of its parent's threads, and perhaps a lock held by one of them."""
    global _started, _starting
    _jobs.clear()
    _sleeping.clear()
    _started, _starting = 0, threading.Lock()


if hasattr(os, 'register_at_fork'):
    os.register_at_fork(after_in_child=_forget_workers)


@contextlib.contextmanager
def limit(threads):
    """Within the context, `shard` called by this thread uses at most `threads` threads; 0 or None: no limit."""
    former = getattr(_of_thread, 'limit', None)
    _of_thread.limit = threads or None
    try:
        yield
    finally:
        _of_thread.limit = former


def available():
    """How many threads a `shard` called by this thread would use at most."""
    chosen = getattr(_of_thread, 'limit', None)
    return THREADS if chosen is None or chosen > THREADS else chosen


def shard(fn, n, *args, grain=1):
    """Runs `fn(*args, lo, hi)` for ranges that together cover `range(n)`, on several threads when worth it.

    Args:
      fn: a function that releases the GIL; its parts must not write to the same memory.
      n: the number of items.
      *args: passed on before `lo` and `hi`.
      grain: the smallest number of items worth a thread of its own (aim at 50 to 100 microseconds of work).

    Raises:
      Whatever `fn` raised first; all parts have ended by then.
    """
    parts = n // grain if grain > 1 else n
    threads = available() if parts > 1 else 1
    if threads > parts:
        threads = parts
    if threads <= 1:
        if n > 0:
            fn(*args, 0, n)
        return
    helpers = threads - 1
    job = _Job(fn, args, n, min(parts, PARTS * threads), helpers)
    _jobs.append(job)
    for _ in range(helpers):
        try:
            _sleeping.pop().release()
        except IndexError:
            if not _start_worker():
                break
    job.work()
    try:
        _jobs.remove(job)
    except ValueError:      # a worker has done so
        pass
    job.all_ended.acquire()
    if job.error is not None:
        try:
            raise job.error
        finally:
            job = None      # the error's traceback refers to this frame
