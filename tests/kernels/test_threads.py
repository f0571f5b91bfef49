"""Tests of graphflow.kernels.threads."""
import multiprocessing
import os
import threading
import time

import numpy as np
import pytest

from graphflow.kernels import threads
from graphflow.kernels.threads import shard


@pytest.fixture(autouse=True)
def four_threads(monkeypatch):
    monkeypatch.setattr(threads, 'THREADS', 4)


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


def _in_child(queue):
    seen = np.zeros(100, int)
    shard(mark, 100, seen)
    queue.put(bool((seen == 1).all()))


@pytest.mark.skipif(not hasattr(os, 'fork'), reason='needs fork')
def test_works_after_fork():
    shard(mark, 100, np.zeros(100, int))
    context = multiprocessing.get_context('fork')
    queue = context.Queue()
    child = context.Process(target=_in_child, args=(queue,))
    child.start()
    assert queue.get(timeout=20)
    child.join(20)


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
