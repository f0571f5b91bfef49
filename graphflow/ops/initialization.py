"""Giving variables their initial values, and asking which have one."""
from graphflow.framework import dtypes, scopes
from graphflow.framework.apply import apply
from graphflow.framework.export import export
from graphflow.framework.graph import get_default_graph
from graphflow.ops import constant, control_flow, slicing, state
from graphflow.ops.variables import global_variables, local_variables
from graphflow.util import deprecation


@export('variables_initializer', 'initializers.variables')
def variables_initializer(var_list, name='init'):
    """An Operation that runs the initializers of the variables in the list `var_list`."""
    return control_flow.group(*[v.initializer for v in var_list or ()], name=name)


@export('global_variables_initializer', 'initializers.global_variables')
def global_variables_initializer():
    """An Operation that initializes all global variables made so far."""
    return variables_initializer(global_variables())


@export('local_variables_initializer', 'initializers.local_variables')
def local_variables_initializer():
    """An Operation that initializes all local variables made so far."""
    return variables_initializer(local_variables())


@export('initialize_variables')
@deprecation.deprecated('2017-03-02', 'Use `tf.variables_initializer` instead.')
def initialize_variables(var_list, name='init'):
    """The old name of variables_initializer."""
    return variables_initializer(var_list, name=name)


@export('initialize_all_variables')
@deprecation.deprecated('2017-03-02', 'Use `tf.global_variables_initializer` instead.')
def initialize_all_variables():
    """The old name of global_variables_initializer."""
    return global_variables_initializer()


@export('initialize_local_variables')
@deprecation.deprecated('2017-03-02', 'Use `tf.local_variables_initializer` instead.')
def initialize_local_variables():
    """The old name of local_variables_initializer."""
    return local_variables_initializer()


@export('tables_initializer', 'initializers.tables_initializer')
def tables_initializer(name='init_all_tables'):
    """An Operation that runs the initializers in the collection TABLE_INITIALIZERS."""
    initializers = scopes.get_collection(scopes.GraphKeys.TABLE_INITIALIZERS)
    return control_flow.group(*initializers, name=name) if initializers else control_flow.no_op(name=name)


@export('initialize_all_tables')
@deprecation.deprecated(None, 'Use `tf.tables_initializer` instead.')
def initialize_all_tables(name='init_all_tables'):
    """The old name of tables_initializer."""
    return tables_initializer(name)


def _variables_or_nodes(var_list):
    """`var_list`; by default all global and local variables, or else the outputs of the graph's variable nodes."""
    if var_list is None:
        var_list = global_variables() + local_variables()
    if not var_list:
        var_list = [op.outputs[0] for op in get_default_graph().get_operations()
                    if op.type in ('Variable', 'VariableV2', 'AutoReloadVariable')]
    return var_list


@export('assert_variables_initialized')
def assert_variables_initialized(var_list=None):
    """An op that raises FailedPreconditionError when run if one of the variables (default: all) has no value."""
    var_list = _variables_or_nodes(var_list)
    if not var_list:
        return None
    ranks = []
    for variable in var_list:
        with scopes.colocate_with(variable.op):
            ranks.append(apply('Rank', variable))
    return ranks[0] if len(ranks) == 1 else apply('Pack', ranks, name='stack')


@export('report_uninitialized_variables')
def report_uninitialized_variables(var_list=None, name='report_uninitialized_variables'):
    """A 1-D string tensor: the names of those of the variables (default: all) that have no value."""
    var_list = _variables_or_nodes(var_list)
    with scopes.name_scope(name):
        initialized = [state.is_variable_initialized(v) for v in var_list]
        with scopes.device('/cpu:0'):
            if not var_list:
                return constant.constant([], dtype=dtypes.string)
            missing = apply('LogicalNot', apply('Pack', initialized, name='stack'))
            return slicing.boolean_mask(constant.constant([v.op.name for v in var_list]), missing)
