"""Writes Event messages to an event file, a TFRecord file, in a thread of its own.

TensorBoard's own writer is not used for its checksums, which are computed in Python byte by byte, and for the names
and the first events of its files, which are not TensorFlow's.
"""
import atexit
import os
import queue
import socket
import threading
import time
import weakref

from graphflow.framework import errors
from graphflow.io.tf_record import TFRecordWriter
from graphflow.platform import compat, gfile, tf_logging

_CLOSE = object()
_open_writers = weakref.WeakSet()


@atexit.register
def _flush_open_writers():
    """Programs that never close a writer lose nothing: its thread still runs at this time."""
    for writer in list(_open_writers):
        try:
            writer.flush()
        except errors.OpError as error:
            tf_logging.error('Events for %s are lost: %s', writer.get_logdir(), error)



class EventFileWriter:
    """An event file, made when the first event is written; `add_event` returns before it is on disk.

    Args:
      logdir: the directory, made if it is not there.
      max_queue: how many events may wait; with more, `add_event` does.
      flush_secs: how often, in seconds, what was written is handed to the operating system.
      filename_suffix: the end of the file's name.
    """

    def __init__(self, logdir, max_queue=10, flush_secs=120, filename_suffix=None):
        self._logdir = compat.as_text(compat.path_to_str(logdir))
        if not gfile.IsDirectory(self._logdir):
            gfile.MakeDirs(self._logdir)
        self._max_queue, self._flush_secs = max_queue, flush_secs
        self._suffix = compat.as_text(filename_suffix) if filename_suffix else ''
        self._closed = True
        self.reopen()

    def get_logdir(self):
        """The directory."""
        return self._logdir

    def reopen(self):
        """Goes on after `close`, in a new file. Nothing happens if it is open."""
        if not self._closed:
            return
        self._closed, self._error = False, None
        self._queue = queue.Queue(self._max_queue)
        self._thread = threading.Thread(target=self._write_events, name='EventFileWriter', daemon=True)
        self._thread.start()
        self.add_event(_first_event())
        _open_writers.add(self)

    def add_event(self, event):
        """Writes an Event message, later. Nothing happens if the writer is closed.

        Raises: TypeError if it is no Event; OpError if writing has failed before.
        """
        from tensorboard.compat.proto import event_pb2
        if not isinstance(event, event_pb2.Event):
            raise TypeError(f'Expected an event_pb2.Event proto,  but got {type(event)}')
        self._raise_error()
        if not self._closed:
            self._queue.put(event.SerializeToString())

    def flush(self):
        """Returns when all events so far are in the file. Raises: OpError if writing failed."""
        if self._closed:
            return
        done = threading.Event()
        self._queue.put(done)
        done.wait()
        self._raise_error()

    def close(self):
        """Writes what is left and closes the file."""
        if self._closed:
            return
        self.flush()
        self._closed = True
        _open_writers.discard(self)
        self._queue.put(_CLOSE)
        self._thread.join()

    def _raise_error(self):
        if self._error is not None:
            raise self._error

    def _write_events(self):
        """The thread: takes serialized events, and threading.Events of those that wait for a flush, from the queue."""
        file, next_flush = None, 0.
        while True:
            item = self._queue.get()
            try:
                if item is _CLOSE:
                    if file is not None:
                        file.close()
                    return
                if self._error is None:
                    if isinstance(item, bytes):
                        file = file or _new_file(self._logdir, self._suffix)
                        file.write(item)
                    if file is not None and (not isinstance(item, bytes) or time.time() >= next_flush):
                        file.flush()
                        next_flush = time.time() + self._flush_secs
            except Exception as error:      # told by the next call; whoever waits must not wait for ever
                self._error = error
            finally:
                if isinstance(item, threading.Event):
                    item.set()


def _first_event():
    from tensorboard.compat.proto import event_pb2
    return event_pb2.Event(wall_time=time.time(), file_version='brain.Event:2')


def _new_file(logdir, suffix):
    """Opens a file named by the time in seconds; a later time if there is such a file already."""
    seconds = int(time.time())
    while True:
        path = os.path.join(logdir, f'events.out.tfevents.{seconds:010d}.{socket.gethostname()}{suffix}')
        if not gfile.Exists(path):
            return TFRecordWriter(path)
        seconds += 1
