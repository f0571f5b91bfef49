"""tf.summary.FileWriterCache: one writer for each directory of the process."""
import threading

from graphflow.framework.export import export
from graphflow.framework.graph import get_default_graph
from graphflow.summary.writer.writer import FileWriter


@export('summary.FileWriterCache')
class FileWriterCache:
    """FileWriters by their directories, shared by all who ask."""
    _cache = {}
    _lock = threading.RLock()

    @staticmethod
    def clear():
        """Closes all writers and forgets them."""
        with FileWriterCache._lock:
            for writer in FileWriterCache._cache.values():
                writer.close()
            FileWriterCache._cache = {}

    @staticmethod
    def get(logdir):
        """The FileWriter of the directory `logdir`; if there is none, a new one, which writes the default graph."""
        with FileWriterCache._lock:
            if logdir not in FileWriterCache._cache:
                FileWriterCache._cache[logdir] = FileWriter(logdir, graph=get_default_graph())
            return FileWriterCache._cache[logdir]
