"""Ops that a SavedModel runs when it is loaded."""
from graphflow.framework import scopes
from graphflow.framework.export import export
from graphflow.ops import control_flow, initialization


@export('saved_model.main_op.main_op')
def main_op():
    """An Operation that gives all variables their initial values and fills all tables."""
    return control_flow.group(initialization.global_variables_initializer(), initialization.local_variables_initializer(),
                              initialization.tables_initializer())


@export('saved_model.main_op_with_restore', 'saved_model.main_op.main_op_with_restore')
def main_op_with_restore(restore_op_name):
    """An Operation that does what `main_op` does, and then the Operation `restore_op_name`."""
    with scopes.control_dependencies([main_op()]):
        return control_flow.group(restore_op_name)
