"""Coordinator and LooperThread."""
import sys
import threading
import time

import pytest

import graphflow as tf


def started(target, *args):
    thread = threading.Thread(target=target, args=args, daemon=True)
    thread.start()
    return thread


def test_join_waits_for_threads_and_clears():
    coord = tf.train.Coordinator()
    coord.register_thread(started(time.sleep, 0.05))
    coord.join()
    assert coord.joined and not coord.should_stop()
    coord.clear_stop()
    assert not coord.joined


def test_the_first_error_is_raised_by_join():
    coord = tf.train.Coordinator()

    def fail():
        with coord.stop_on_exception():
            raise ValueError('first')
    thread = started(fail)
    assert coord.wait_for_stop(5)
    coord.request_stop(ValueError('second'))
    with pytest.raises(ValueError, match='first'):
        coord.raise_requested_exception()
    with pytest.raises(ValueError, match='first'):
        coord.join([thread])
    assert coord.joined


def test_exc_info_and_late_errors():
    coord = tf.train.Coordinator()
    try:
        raise KeyError('k')
    except KeyError:
        coord.request_stop(sys.exc_info())
    with pytest.raises(KeyError):
        coord.join()
    with pytest.raises(ValueError, match='late'):
        coord.request_stop(ValueError('late'))


@pytest.mark.parametrize('types, error', [(None, tf.errors.OutOfRangeError(None, None, 'end')),
                                          ((ValueError,), ValueError('end'))])
def test_a_regular_end_is_no_error(types, error):
    coord = tf.train.Coordinator(clean_stop_exception_types=types)
    coord.request_stop(error)
    assert coord.should_stop()
    coord.join()


def test_threads_that_do_not_end():
    release = threading.Event()
    coord = tf.train.Coordinator()
    coord.request_stop()
    thread = started(release.wait)
    with pytest.raises(RuntimeError, match='Coordinator stopped with threads still running: ' + thread.name.split()[0]):
        coord.join([thread], stop_grace_period_secs=0.02)
    coord.join([thread], stop_grace_period_secs=0.02, ignore_live_threads=True)
    release.set()


def test_looper_thread():
    coord, calls = tf.train.Coordinator(), []

    def turn(*args, **kwargs):
        calls.append((args, kwargs))
        if len(calls) == 3:
            coord.request_stop()
    thread = tf.train.LooperThread.loop(coord, 0.001, turn, args=(1,), kwargs={'z': 2})
    coord.join([thread])
    assert calls == [((1,), {'z': 2})] * 3
    with pytest.raises(ValueError, match="'coord' argument must be a Coordinator: 3"):
        tf.train.LooperThread(3, 1)


def test_looper_thread_subclass():
    said = []

    class Thread(tf.train.LooperThread):
        def start_loop(self):
            said.append('start')

        def run_loop(self):
            said.append('run')
            self._coord.request_stop()

        def stop_loop(self):
            said.append('stop')
    coord = tf.train.Coordinator()
    Thread(coord, None).start()
    coord.join()
    assert said == ['start', 'run', 'stop']
