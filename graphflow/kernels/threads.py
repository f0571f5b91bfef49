"""Splits a big kernel's range over a few threads.

Kernels are `nogil` functions `fn(*args, lo, hi)`; `shard` cuts `range(n)` into parts that threads take one after
the other, so that a processor that is slower, or busy elsewhere, does less. The calling thread takes parts too
and waits at the end only for parts that others have begun. So any number of user threads may call `shard`
at once, even from inside a part: nothing ever waits for a free worker.

A compiled kernel's parts are taken by `native/team.py` without the interpreter, for whose lock threads would wait
longer than for the work. Workers look out for more of that for SPIN seconds, since waking a sleeping processor costs some
ten microseconds; then each sleeps on a lock. Other functions, such as calls to BLAS, are a `_Job`. What these share is a
deque or an `itertools.count`, whose single operations no other thread can interrupt.
"""
import collections
import contextlib
import ctypes
import functools
import itertools
import os
import threading
import time
import types

import numpy as np

from graphflow.kernels import subnormals

PARTS = 4       # parts a thread, where the grain allows
SPIN = 30e-6    # seconds for which a worker looks out for more, at some cost to others on the same core
_TRIAL = 10000  # pauses by which a worker finds out how many make SPIN


def cpu_count():
    """The number of processors this process may use."""
    if hasattr(os, 'sched_getaffinity'):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


THREADS = cpu_count()

_jobs = collections.deque()         # those that may have parts to take
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


class _Team:
    """The memory in which compiled kernels find helpers; see `native/team.py`."""

    def __init__(self, helpers):
        from graphflow.kernels import jit
        from graphflow.kernels.native import team

        self.helpers = helpers
        size = (1 + helpers) * team.LINE + team.SLOTS * team.SLOT_WORDS
        memory = np.zeros(size + team.LINE, np.int64)
        start = -(memory.ctypes.data // 8) % team.LINE
        self._words = words = memory[start:start + size]
        # Workers may look at it until the process ends.
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(memory))
        digest = jit.source_digest('native.team', 'native.compiler', 'subnormals')
        lead, serve, wake = (jit.compile_row(getattr(team, name), digest[:32] + name)
                             for name in ('lead', 'serve', 'wake'))
        lines = words.reshape(-1, team.LINE)
        new_lock = ctypes.pythonapi.PyThread_allocate_lock
        new_lock.restype = ctypes.c_void_p
        acquire = ctypes.PYFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int)(
            ('PyThread_acquire_lock', ctypes.pythonapi))
        for line in lines[1:1 + helpers]:
            lock = new_lock()
            acquire(lock, 1)
            line[team.LOCK] = lock
        slots = lines[1 + helpers:].reshape(team.SLOTS, -1)
        slots[:, team.LEAD], slots[:, team.TABLE] = lead, words.ctypes.data
        words[team.HELPERS] = helpers
        self.free = collections.deque(slot.ctypes.data for slot in slots)
        function, number, table = ctypes.CFUNCTYPE, ctypes.c_int64, words.ctypes.data
        self.serve = functools.partial(function(*[number] * 6)(serve), table)
        self._wake = functools.partial(function(*[number] * 3)(wake), table)

    def calls(self):
        """How often workers were called away from what compiled kernels bring them."""
        return int(self._words[0])

    def call_away(self, most):
        """Makes all workers look for jobs, of which up to `most` need be awake."""
        self._words[0] += 1
        self._wake(most)


_team = None
_making = threading.Lock()


def _the_team():
    global _team
    with _making:
        if _team is None:
            _team = _Team(THREADS - 1)
    return _team


def _pauses(team, number):
    """How many pauses make SPIN."""
    start = time.perf_counter()
    team.serve(number, team.calls(), _TRIAL, 0)
    return int(_TRIAL * SPIN / max(time.perf_counter() - start, 1e-9))


def _worker(team, number):
    np.seterr(all='ignore')     # as in the threads that run a plan
    pauses = _pauses(team, number)
    while True:
        mode = None
        calls = team.calls()    # before looking for jobs: who brings one calls afterwards
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
        team.serve(number, calls, pauses, 1)


def _start_workers(team):
    """Starts the threads that are still missing."""
    global _started
    with _starting:
        while _started < min(THREADS - 1, team.helpers):
            try:
                threading.Thread(target=_worker, args=(team, _started), name='graphflow-kernel', daemon=True).start()
            except RuntimeError:    # the interpreter is shutting down: no new threads
                return
            _started += 1


def _forget_workers():
    """A forked child has none of its parent's threads, and perhaps a lock held by one of them."""
    global _started, _starting, _team, _making
    _jobs.clear()
    _started, _starting = 0, threading.Lock()
    _team, _making = None, threading.Lock()


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
    parts = min(parts, PARTS * threads)
    team = _team or _the_team()
    if _started < threads - 1:
        _start_workers(team)
    # Compiled kernels are jit.Kernels, or the bare entry points of such.
    compiled = fn if type(fn) is types.BuiltinFunctionType else getattr(fn, 'in_team', None)
    if compiled is not None and _call_in_team(team, compiled, n, args, parts, helpers):
        return
    job = _Job(fn, args, n, parts, helpers)
    _jobs.append(job)
    team.call_away(helpers)
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


def _call_in_team(team, call, n, args, parts, helpers):
    """Calls a compiled kernel by this thread and workers; says whether that was possible."""
    try:
        slot = team.free.pop()
    except IndexError:      # so many user threads at once
        return False
    try:
        return call(*args, parts + (helpers << 32), n, slot) is not NotImplemented
    finally:
        team.free.append(slot)
