"""Inner names of python.framework.random_seed."""
from graphflow.framework.random_seed import set_random_seed as set_seed  # noqa: F401
