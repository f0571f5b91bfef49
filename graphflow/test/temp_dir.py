"""The directory for what a test writes."""
import atexit
import functools
import os
import shutil
import tempfile

from graphflow.framework.export import export


@export('test.get_temp_dir')
def get_temp_dir():
    """A directory for temporary files, the same for the whole process; removed at its end."""
    return _process_dir()


GetTempDir = get_temp_dir       # its name in TensorFlow's googletest


@functools.lru_cache(None)
def _process_dir():
    base = os.environ.get('TEST_TMPDIR')
    if base:
        os.makedirs(base, exist_ok=True)
    path = tempfile.mkdtemp(prefix='graphflow_test_', dir=base or None)
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return path
