"""TensorFlow's own import paths: `from graphflow.python.ops import array_ops` and `graphflow.core.framework`.

TensorFlow's source, and programs that reach into it, import from `tensorflow.python.<...>`. The modules here have no
files: `mirror.py` makes each when it is imported and looks its names up among graphflow's.
"""

from graphflow.python import mirror

mirror.install()
