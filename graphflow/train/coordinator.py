"""Coordinator: threads that stop together, and the first of whose errors is raised where they are waited for."""
import contextlib
import sys
import threading
import time

from graphflow.framework import errors
from graphflow.framework.export import export
from graphflow.platform import tf_logging


@export('train.Coordinator')
class Coordinator:
    """Lets any thread ask all threads to stop.

    Threads loop `while not coord.should_stop()`; one calls `request_stop`; the main thread waits in `join`,
    which raises the first error that was reported.

    Args:
      clean_stop_exception_types: a tuple of exception types that mean a regular end; OutOfRangeError by default.
    """

    def __init__(self, clean_stop_exception_types=None):
        if clean_stop_exception_types is None:
            clean_stop_exception_types = (errors.OutOfRangeError,)
        self._clean_stop_exception_types = tuple(clean_stop_exception_types)
        self._lock = threading.Lock()
        self._stop_event = threading.Event()
        self._error = None
        self._joined = False
        self._registered_threads = set()

    @property
    def joined(self):
        """Whether `join` has returned since the last `clear_stop`."""
        return self._joined

    def request_stop(self, ex=None):
        """Asks all threads to stop.

        Args:
          ex: an exception, or the tuple that sys.exc_info gives, to be raised by `join`.
        """
        if isinstance(ex, tuple):
            ex = ex[1]
        with self._lock:
            if isinstance(ex, self._clean_stop_exception_types):
                ex = None
            if self._joined:
                if ex is not None:
                    raise ex        # nobody is left to hand it to
                return
            if self._stop_event.is_set():
                return
            if ex is not None:
                if not isinstance(ex, BaseException):
                    raise TypeError(f'ex must be an exception, got {ex!r}')
                tf_logging.info('Error reported to Coordinator: %s', ex,
                                exc_info=(type(ex), ex, ex.__traceback__))
                self._error = ex
            self._stop_event.set()

    def clear_stop(self):
        """Forgets that a stop was requested, and any error."""
        with self._lock:
            self._joined = False
            self._error = None
            self._stop_event.clear()

    def should_stop(self):
        """Whether a stop was requested."""
        return self._stop_event.is_set()

    @contextlib.contextmanager
    def stop_on_exception(self):
        """A context manager for the body of a thread: an exception in it requests a stop, and goes no further."""
        try:
            yield
        except BaseException:       # the thread's end; join raises it again
            self.request_stop(ex=sys.exc_info())

    def wait_for_stop(self, timeout=None):
        """Waits until a stop is requested, at most `timeout` seconds. Returns: whether it was."""
        return self._stop_event.wait(timeout)

    def register_thread(self, thread):
        """Has `join` wait for `thread` too."""
        with self._lock:
            self._registered_threads.add(thread)

    def join(self, threads=None, stop_grace_period_secs=120, ignore_live_threads=False):
        """Waits until all threads have ended or, once a stop is requested, for a while longer.

        Args:
          threads: a list of threads to wait for, besides the registered ones.
          stop_grace_period_secs: how long threads may take to end after a stop was requested.
          ignore_live_threads: whether those that take longer are no error.

        Raises: the error that was reported; RuntimeError if threads are still running after that time.
        """
        with self._lock:
            threads = self._registered_threads.union(threads or ())
        while any(t.is_alive() for t in threads) and not self.wait_for_stop(1.0):
            pass
        deadline = time.monotonic() + stop_grace_period_secs
        for thread in threads:
            if thread is not threading.current_thread():
                thread.join(max(deadline - time.monotonic(), 0))
        running = ' '.join(t.name for t in threads if t.is_alive())
        with self._lock:
            self._joined = True
            self._registered_threads = set()
            if self._error is not None:
                raise self._error
            if running:
                message = f'Coordinator stopped with threads still running: {running}'
                if not ignore_live_threads:
                    raise RuntimeError(message)
                tf_logging.info(message)

    def raise_requested_exception(self):
        """Raises the error that was reported, if there was one."""
        with self._lock:
            if self._error is not None:
                raise self._error


@export('train.LooperThread')
class LooperThread(threading.Thread):
    """A daemon thread that calls a function again and again until its coordinator stops.

    Args:
      coord: a Coordinator.
      timer_interval_secs: seconds between the starts of two calls; None to call without a pause.
      target, args, kwargs: the function and its arguments. Or override `run_loop`.
    """

    def __init__(self, coord, timer_interval_secs, target=None, args=None, kwargs=None):
        if not isinstance(coord, Coordinator):
            raise ValueError(f"'coord' argument must be a Coordinator: {coord}")
        super().__init__(daemon=True)
        self._coord, self._timer_interval_secs = coord, timer_interval_secs
        self._target, self._args, self._kwargs = target, args or (), kwargs or {}
        coord.register_thread(self)

    @staticmethod
    def loop(coord, timer_interval_secs, target, args=None, kwargs=None):
        """Makes a LooperThread, starts and returns it."""
        thread = LooperThread(coord, timer_interval_secs, target=target, args=args, kwargs=kwargs)
        thread.start()
        return thread

    def run(self):
        with self._coord.stop_on_exception():
            self.start_loop()
            if self._timer_interval_secs is None:
                while not self._coord.should_stop():
                    self.run_loop()
            else:
                due = time.time()
                while not self._coord.wait_for_stop(max(due - time.time(), 0)):
                    due += self._timer_interval_secs
                    self.run_loop()
            self.stop_loop()

    def start_loop(self):
        """Called when the thread starts."""

    def stop_loop(self):
        """Called when it stops."""

    def run_loop(self):
        """Called in every turn."""
        if self._target:
            self._target(*self._args, **self._kwargs)
