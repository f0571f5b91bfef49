"""Splits a big kernel's range over a small pool of threads.

Kernels are `nogil` functions `fn(*args, lo, hi)`; `shard` runs them on parts of `range(n)` at the same time.
The calling thread always works on a part itself and takes back parts that no worker has started, so any
number of user threads may call `shard` at once, even from inside a shard, without waiting for a free worker.
"""
import os
import threading
from concurrent.futures import ThreadPoolExecutor

_lock = threading.Lock()
_pool = None


def cpu_count():
    """The number of processors this process may use."""
    if hasattr(os, 'sched_getaffinity'):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


THREADS = cpu_count()


def _workers():
    global _pool
    with _lock:
        if _pool is None:
            _pool = ThreadPoolExecutor(max(THREADS - 1, 1), thread_name_prefix='graphflow-kernel')
        return _pool


def _forget_pool():
    """A forked child has the pool object but none of its threads, and perhaps a lock held by one of them."""
    global _pool, _lock
    _pool, _lock = None, threading.Lock()


if hasattr(os, 'register_at_fork'):
    os.register_at_fork(after_in_child=_forget_pool)


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
    parts = min(THREADS, n // max(grain, 1))
    if parts <= 1:
        if n > 0:
            fn(*args, 0, n)
        return
    bounds = [n * i // parts for i in range(parts + 1)]
    waiting, alone = [], n
    for lo, hi in zip(bounds[1:], bounds[2:]):
        try:
            waiting.append((_workers().submit(fn, *args, lo, hi), lo, hi))
        except RuntimeError:  # the interpreter is shutting down: no new threads
            alone = lo
            break
    error = _attempt(fn, *args, 0, bounds[1])
    if alone < n:
        error = _attempt(fn, *args, alone, n) or error
    for future, lo, hi in reversed(waiting):
        failed = _attempt(fn, *args, lo, hi) if future.cancel() else future.exception()
        error = error or failed
    if error is not None:
        raise error


def _attempt(fn, *args):
    try:
        fn(*args)
    except BaseException as error:  # handed to the caller of shard once the other parts have ended
        return error
    return None
