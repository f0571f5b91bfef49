"""Inner names of python.framework.registry."""
from graphflow.python.inner.framework_ops import _Registry


class Registry(_Registry):
    """A table of objects by name, each registered once. `name` says in errors what they are."""

    def __init__(self, name):
        super().__init__(name, {})
