"""Tests of graphflow.kernels.memory."""
import gc
import os
import pickle
import sys
import threading

import numpy as np
import pytest

from graphflow.kernels import memory

BIG = (300, 1000)


@pytest.fixture(autouse=True)
def no_free_blocks():
    gc.collect()
    memory.release()


def test_small_arrays_are_plain():
    assert memory.empty((3, 4), np.float32).flags.owndata
    assert memory.zeros((), np.int32) == 0
    assert memory.empty((0, 5), 'f').shape == (0, 5)


def test_big_arrays_behave_like_any_other():
    a = memory.empty(BIG, np.float32)
    assert type(a) is np.ndarray and a.shape == BIG and a.dtype == np.float32
    assert a.flags.c_contiguous and a.flags.writeable and a.ctypes.data % 64 == 0
    a[:] = 3
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(a)), a)
    assert (a + 1).flags.owndata and a.sum() == 3 * a.size
    assert memory.empty(5 << 16, np.uint8).shape == (5 << 16,)


def test_zeros_are_zero_in_used_blocks():
    memory.empty(BIG, np.float64).fill(7)
    assert not memory.zeros(BIG, np.float64).any()


def test_memory_is_used_again_once_all_views_are_gone():
    a = memory.empty(BIG, np.float32)
    address = a.ctypes.data
    view = a[3:].reshape(-1)[5:].T
    view[:] = 5
    del a
    other = memory.empty(BIG, np.float32)
    assert other.ctypes.data != address
    other[:] = 0
    assert (view == 5).all()
    del view
    assert memory.empty(BIG, np.float32).ctypes.data == address


def test_steady_state_allocates_nothing():
    def step():
        a = memory.empty(BIG, np.float32)
        b = memory.empty((500, 500), np.float64)
        return a.reshape(-1)[:10], b
    step()
    before = memory.statistics()
    for _ in range(20):
        step()
    change = memory.statistics() - before
    assert change['allocated'] == 0 and change['live'] == 0
    assert change['arrays'] == 40 and change['handed_out'] >= 20 * (300000 * 4 + 250000 * 8)


def test_little_is_wasted():
    for nbytes in list(range(memory.SMALLEST, memory.SMALLEST + 9000, 777)) + [10**6, 10**7 + 1, 1 << 23, (1 << 23) + 1]:
        assert nbytes <= memory.block_size(nbytes) <= nbytes * 1.125 + 1


def test_what_is_kept_is_bounded():
    for n in range(20):
        memory.empty((10 + n, 1 << 20), np.uint8)       # ever other sizes, one at a time
    assert memory.statistics()['kept'] <= memory.SPARE + 2 * (40 << 20)


def test_what_is_not_used_goes_back():
    memory.empty(1 << 22, np.uint8)
    assert memory.statistics()['kept'] == 1 << 22
    for _ in range(3 * memory.RECENT):
        memory.empty(memory.SMALLEST, np.uint8)
    assert memory.statistics()['kept'] == memory.SMALLEST


def test_sole_owner():
    a = memory.empty(BIG, np.float32)
    assert memory.is_sole_owner(a)
    view = a[1:]
    assert not memory.is_sole_owner(view)
    del a
    assert memory.is_sole_owner(view)
    assert memory.is_sole_owner(np.ones(3))
    assert not memory.is_sole_owner(np.frombuffer(b'12345678'))


def test_two_views_are_no_sole_owners():
    a = memory.empty(BIG, np.float32)
    views = [a.reshape(-1), a.T]
    del a
    assert not memory.is_sole_owner(views[0])
    views.pop()
    assert memory.is_sole_owner(views[0])


def test_copies():
    a = np.arange(300000, dtype=np.float64).reshape(BIG)
    for result in (memory.copy(a.T), memory.contiguous(a.T)):
        assert result.flags.c_contiguous
        np.testing.assert_array_equal(result, a.T)
    assert memory.contiguous(a) is a and memory.cast(a, np.float64) is a
    np.testing.assert_array_equal(memory.cast(a, np.float32), a.astype(np.float32))
    assert memory.empty_like(a.astype(np.int8)).dtype == np.int8


def test_objects_are_left_to_numpy():
    assert memory.empty(1 << 15, object)[0] is None


def test_many_threads():
    failures = []

    def work(k):
        for i in range(300):
            a = memory.empty((20 + i % 3, 1000), np.float32)
            a[:] = k
            b = memory.empty((20 + i % 3, 1000), np.float32)
            b[:] = -k
            if not (a == k).all():
                failures.append(k)
    threads = [threading.Thread(target=work, args=(k,)) for k in range(1, 7)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not failures
    gc.collect()


@pytest.mark.skipif(not hasattr(os, 'fork'), reason='needs fork')
def test_a_forked_child_has_memory_of_its_own():
    a = memory.empty(BIG, np.float32)
    a[:] = 1
    child = os.fork()
    if child == 0:
        a[:] = 2
        b = memory.empty(BIG, np.float32)
        b[:] = 3
        os._exit(0 if (a == 2).all() else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert (a == 1).all()


def test_arrays_in_cycles_come_back():
    cycle = [memory.empty(BIG, np.float32)]
    cycle.append(cycle)
    del cycle
    gc.collect()
    assert memory.statistics()['live'] == 0 or memory.statistics()['kept'] > 0


def test_exit_is_quiet(tmp_path):
    import subprocess
    code = ('from graphflow.kernels import memory; import sys\n'
            'a = memory.empty(10**6, "f"); sys.held = a; b = [memory.empty(10**6, "f")]; b.append(b)\n')
    done = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True)
    assert done.returncode == 0 and done.stderr == ''
