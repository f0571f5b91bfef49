"""Inner names of python.ops.variable_scope."""
from graphflow.ops import variables
from graphflow.ops.variable_scope import (  # noqa: F401
    VariableStore as _VariableStore, _scope_store as get_variable_scope_store, pure_variable_scope as _pure_variable_scope)


def resource_variables_enabled():
    """Whether tf.Variable makes resource variables by default."""
    return variables._wants_resource()
