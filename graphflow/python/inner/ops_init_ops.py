"""Inner names of python.ops.init_ops."""
from graphflow.ops.init import _floating as _assert_float_dtype, fans as _compute_fans  # noqa: F401
