"""Inner names of python.framework.op_def_library."""
from graphflow.framework import apply


class OpDefLibrary:
    """Adds nodes of registered ops by the names of their arguments."""

    def add_op_list(self, op_list):
        """Nothing to do: graphflow's registry knows the ops."""

    def apply_op(self, op_type_name, name=None, **keywords):
        """Adds a node and returns its outputs (see graphflow.framework.apply). Raises: RuntimeError, TypeError."""
        return apply.apply(op_type_name, name=name, **keywords)
