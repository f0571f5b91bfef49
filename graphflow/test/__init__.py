"""tf.test: what programs that test graphs use. Imported when a program first asks for it."""
import os as _os

from absl.testing import absltest as _absltest

from graphflow.framework.export import export as _export
from graphflow.test.benchmark import Benchmark, benchmark_config    # noqa: F401 (found here by users)
from graphflow.test.devices import (gpu_device_name, is_built_with_cuda, is_built_with_gpu_support,  # noqa: F401
                                    is_built_with_rocm, is_gpu_available)
from graphflow.test.graph_defs import assert_equal_graph_def    # noqa: F401
from graphflow.test.stub_out import StubOutForTesting   # noqa: F401
from graphflow.test.temp_dir import get_temp_dir    # noqa: F401
from graphflow.test.test_case import TestCase   # noqa: F401


@_export('test.main')
def main(argv=None):
    """Runs the test cases of the main module and exits.

    Args:
      argv: the command line; sys.argv by default.
    """
    _absltest.main(argv=argv)


@_export('test.test_src_dir_path')
def test_src_dir_path(relative_path):
    """The absolute path of a source file of TensorFlow's, given relative to its directory `tensorflow`."""
    return _os.path.join(_absltest.get_default_test_srcdir(), 'org_tensorflow/tensorflow', relative_path)


test_src_dir_path.__test__ = False      # its name looks like a test's to pytest
