"""Tests of graphflow.kernels.threads."""
import multiprocessing
import os
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

from graphflow.kernels import jit, subnormals, threads
from graphflow.kernels.native import team
from graphflow.kernels.threads import shard


@pytest.fixture(autouse=True)
def four_threads(monkeypatch):
    monkeypatch.setattr(threads, 'THREADS', 4)
    threads._forget_workers()       # so that there will be three
    yield
    threads._forget_workers()


def mark(seen, lo, hi):
    seen[lo:hi] += 1


@pytest.mark.parametrize('n', [0, 1, 3, 4, 5, 17, 1000])
@pytest.mark.parametrize('grain', [1, 7, 2000])
def test_every_item_is_visited_once(n, grain):
    seen = np.zeros(n, int)
    shard(mark, n, seen, grain=grain)
    assert (seen == 1).all()


def test_below_the_grain_runs_once_on_the_calling_thread():
    calls = []
    shard(lambda lo, hi: calls.append((lo, hi, threading.get_ident())), 10, grain=6)
    assert calls == [(0, 10, threading.get_ident())]


def test_errors_reach_the_caller():
    def fail(lo, hi):
        raise ValueError(lo)
    with pytest.raises(ValueError):
        shard(fail, 100)


def test_many_callers_and_nested_shards():
    seen = np.zeros((16, 8, 50), int)

    def inner(i, lo, hi):
        for j in range(lo, hi):
            shard(mark, 50, seen[i, j])
    callers = [threading.Thread(target=shard, args=(inner, 8, i)) for i in range(16)]
    for t in callers:
        t.start()
    for t in callers:
        t.join(20)
        assert not t.is_alive()
    assert (seen == 1).all()


def test_a_limit_holds_for_its_thread_and_context():
    seen = set()

    def note(lo, hi):
        seen.add(threading.get_ident())
    with threads.limit(1):
        assert threads.available() == 1
        shard(note, 1000)
        with threads.limit(3):
            assert threads.available() == 3
        other = []
        thread = threading.Thread(target=lambda: other.append(threads.available()))
        thread.start()
        thread.join()
    assert seen == {threading.get_ident()} and other == [4] and threads.available() == 4
    with threads.limit(0):
        assert threads.available() == 4


def test_nothing_is_kept_alive():
    import weakref

    class Held:
        pass
    held = Held()
    gone = weakref.ref(held)
    for _ in range(20):
        shard(lambda h, lo, hi: None, 100, held)
    del held
    deadline = time.time() + 5
    while gone() is not None and time.time() < deadline:
        time.sleep(0.01)
    assert gone() is None


# Compiled kernels, whose parts are taken without the interpreter.

@jit.jit
def _count(seen, lo, hi):
    for i in range(lo, hi):
        seen[i] += 1


@jit.jit
def _halve(x, times, lo, hi):
    for _ in range(times):
        for i in range(lo, hi):
            x[i] *= x.dtype.type(0.5)


@jit.jit
def _refuse(x, lo, hi):
    if lo <= 500 < hi:
        raise ValueError
    x[lo] = hi


@pytest.mark.parametrize('n', [2, 3, 5, 17, 1000, 1001])
@pytest.mark.parametrize('grain', [1, 7])
def test_compiled_kernels_visit_every_item_once(n, grain):
    for _ in range(50):
        seen = np.zeros(n, int)
        shard(_count, n, seen, grain=grain)
        assert (seen == 1).all()


def test_workers_help():
    shard(_count, 1000, np.zeros(1000, int))
    slots = threads._team._words[4 * team.LINE:].reshape(team.SLOTS, -1)
    x = np.ones(1000)
    deadline = time.time() + 20
    while not slots[:, team.ENTERED].any() and time.time() < deadline:
        shard(_halve, 1000, x, 1000)
    assert (slots[:, team.LEFT] == slots[:, team.ENTERED]).all() and slots[:, team.ENTERED].any()


def test_more_callers_than_slots():
    seen = np.zeros((3 * team.SLOTS, 5000), int)

    def caller(row):
        for _ in range(300):
            shard(_count, 5000, row, grain=10)
    callers = [threading.Thread(target=caller, args=(row,)) for row in seen]
    for t in callers:
        t.start()
    for t in callers:
        t.join(60)
        assert not t.is_alive()
    assert (seen == 300).all()
    assert len(threads._team.free) == team.SLOTS


def test_jobs_of_both_kinds_at_once():
    seen, others = np.zeros(1000, int), np.zeros(1000, int)

    def caller():
        for _ in range(200):
            shard(mark, 1000, others)
    thread = threading.Thread(target=caller)
    thread.start()
    for _ in range(200):
        shard(_count, 1000, seen)
    thread.join(60)
    assert (seen == 200).all() and (others == 200).all()


def test_errors_of_compiled_kernels():
    x = np.zeros(1000)
    for _ in range(10):
        with pytest.raises(RuntimeError, match='_refuse failed'):
            shard(_refuse, 1000, x)
    seen = np.zeros(1000, int)
    shard(_count, 1000, seen)
    assert (seen == 1).all()


def test_arguments_that_only_numba_knows():
    seen = np.zeros(1000, np.dtype('i8').newbyteorder())[::1]
    with pytest.raises(Exception):      # numba's own words
        shard(_count, 1000, seen)
    assert len(threads._team.free) == team.SLOTS


def test_helpers_compute_in_the_mode_of_the_caller():
    tiny = np.finfo(np.float32).tiny
    for bits, expected in ((subnormals.BITS, 0), (0, tiny / 2), (subnormals.BITS, 0)):
        for _ in range(20):
            x = np.full(1000, tiny)
            before = subnormals.exchange(bits)
            shard(_halve, 1000, x, 1)
            subnormals.exchange(before)
            assert (x.view(np.int32) == np.float32(expected if subnormals.BITS else tiny / 2).view(np.int32)).all()


def _is_right(kernel):
    seen = np.zeros(1000, int)
    for _ in range(100):
        shard(kernel, 1000, seen)
    return bool((seen == 100).all())


def _in_child(kernel, queue):
    queue.put(_is_right(kernel))


@pytest.mark.skipif(not hasattr(os, 'fork'), reason='needs fork')
@pytest.mark.parametrize('kernel', [mark, _count])
def test_works_after_fork(kernel):
    assert _is_right(kernel)
    context = multiprocessing.get_context('fork')
    queue = context.Queue()
    child = context.Process(target=_in_child, args=(kernel, queue))
    child.start()
    assert queue.get(timeout=20)
    child.join(20)
    assert _is_right(kernel)


_LEAVES = """
import numpy as np
from graphflow.kernels import jit, threads
threads.THREADS = 4
@jit.jit
def count(seen, lo, hi):
    for i in range(lo, hi):
        seen[i] += 1
for _ in range({times}):
    threads.shard(count, 1000, np.zeros(1000, int))
"""


@pytest.mark.parametrize('times', [1, 2, 50])
def test_a_process_may_end_while_workers_look_out(times):
    for _ in range(3):
        assert subprocess.run([sys.executable, '-c', _LEAVES.format(times=times)], timeout=60).returncode == 0
