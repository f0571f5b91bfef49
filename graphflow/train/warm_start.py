"""tf.train.warm_start: variables that begin with the values of another model's checkpoint."""
from graphflow.framework import scopes
from graphflow.framework.export import export
from graphflow.framework.scopes import GraphKeys
from graphflow.ops.variables import Variable
from graphflow.platform import tf_logging
from graphflow.train import checkpoint_utils


@export('train.warm_start')
def warm_start(ckpt_to_initialize_from, vars_to_warm_start='.*', var_name_to_vocab_info=None,
               var_name_to_prev_var_name=None):
    """Makes variables take their initial values from a checkpoint.

    Args:
      ckpt_to_initialize_from: the checkpoint's path, or a folder with checkpoints.
      vars_to_warm_start: which: a regular expression of the names of trainable variables, a list of such for all global
        variables, or a list of variables; None: those of the last argument.
      var_name_to_vocab_info: not supported.
      var_name_to_prev_var_name: a dict of variables' names to names in the checkpoint, where they differ.

    Raises: ValueError for arguments of other kinds, or a name in a dict that is not used.
    """
    if var_name_to_vocab_info:
        raise NotImplementedError('warm_start(var_name_to_vocab_info=...): vocabularies cannot be mapped yet')
    previous = dict(var_name_to_prev_var_name or {})
    tf_logging.info('Warm-starting from: %s', ckpt_to_initialize_from)
    assignments = {}
    for name, variable in _grouped(_wanted(vars_to_warm_start)).items():
        assignments[previous.pop(name, name)] = variable
    if previous:
        raise ValueError('You provided the following variables in var_name_to_prev_var_name that were not used: '
                         f'{set(previous)}.  Perhaps you misspelled them?  Here is the list of viable variable names: '
                         f'{set(assignments)}')
    if assignments:
        checkpoint_utils.init_from_checkpoint(ckpt_to_initialize_from, assignments)


def _wanted(choice):
    if choice is None:
        return []
    if isinstance(choice, str):
        return scopes.get_collection(GraphKeys.TRAINABLE_VARIABLES, scope=choice)
    if isinstance(choice, list) and all(isinstance(each, str) for each in choice):
        return [v for each in choice for v in scopes.get_collection(GraphKeys.GLOBAL_VARIABLES, scope=each)]
    if isinstance(choice, list) and all(isinstance(each, Variable) for each in choice):
        return choice
    if isinstance(choice, list):
        raise ValueError('If `vars_to_warm_start` is a list, it must be all `Variable` or all `str`.  Given types are '
                         f'{[type(each) for each in choice]}')
    raise ValueError(f'`vars_to_warm_start must be a `list` or `str`.  Given type is {type(choice)}')


def _grouped(variables):
    """{name: variable, or list of slices}."""
    found = {}
    for variable in variables:
        info = variable._get_save_slice_info()
        if info is None:
            found[variable.op.name] = variable
        else:
            found.setdefault(info.full_name, []).append(variable)
    return found
