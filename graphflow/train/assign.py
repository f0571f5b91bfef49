"""Setting variables to values of a checkpoint or of Python, chosen by name: tf.contrib.framework's functions for it."""
import re

import numpy as np

from graphflow.framework import scopes
from graphflow.framework.export import export
from graphflow.framework.scopes import GraphKeys
from graphflow.ops import constant, control_flow
from graphflow.platform import tf_logging
from graphflow.train import checkpoint_reader, saver, saver_builder


def _public(function):
    return export('contrib.framework.' + function.__name__)(function)


@_public
def get_variables(scope=None, suffix=None, collection=GraphKeys.GLOBAL_VARIABLES):
    """The variables of a collection.

    Args:
      scope: a regular expression that their names begin with, or a variable scope.
      suffix: what their names end with, before ':0'.
      collection: the collection's name.
    """
    if hasattr(scope, 'name') and not isinstance(scope, str):
        scope = scope.name
    if suffix is not None:
        scope = (scope or '') + '.*' + (suffix if ':' in suffix else suffix + ':0')
    return scopes.get_collection(collection, scope)


@_public
def get_model_variables(scope=None, suffix=None):
    """get_variables of the collection MODEL_VARIABLES."""
    return get_variables(scope, suffix, GraphKeys.MODEL_VARIABLES)


@_public
def get_local_variables(scope=None, suffix=None):
    """get_variables of the collection LOCAL_VARIABLES."""
    return get_variables(scope, suffix, GraphKeys.LOCAL_VARIABLES)


@_public
def get_trainable_variables(scope=None, suffix=None):
    """get_variables of the collection TRAINABLE_VARIABLES."""
    return get_variables(scope, suffix, GraphKeys.TRAINABLE_VARIABLES)


@_public
def get_variables_by_suffix(suffix, scope=None):
    """The variables whose names end with `suffix`."""
    return get_variables(scope=scope, suffix=suffix)


@_public
def get_variables_by_name(given_name, scope=None):
    """The variables whose names, after the last '/', are `given_name`."""
    suffix = '/' + given_name + ':|^' + given_name + ':'
    return [v for v in get_variables(scope=scope) if re.search(suffix, v.name)]


@_public
def get_unique_variable(var_op_name):
    """The one variable of that name. Raises: ValueError if there is none, or several."""
    found = [v for v in scopes.get_collection(GraphKeys.GLOBAL_VARIABLES, re.escape(var_op_name))
             if v.op.name == var_op_name]
    if not found:
        raise ValueError("Couldn't find variable %s" % var_op_name)
    if len(found) > 1:
        raise ValueError('Variable %s does not uniquely identify a variable' % var_op_name)
    return found[0]


@_public
def get_variables_to_restore(include=None, exclude=None):
    """The variables of some scopes without those of others.

    Args:
      include: a list of scopes, None for all. exclude: a list of scopes.

    Raises: TypeError if one is no list or tuple.
    """
    if include is None:
        wanted = get_variables()
    else:
        if not isinstance(include, (list, tuple)):
            raise TypeError('include is provided but is not a list or a tuple.')
        wanted = [v for scope in include for v in get_variables(scope)]
    if exclude is not None:
        if not isinstance(exclude, (list, tuple)):
            raise TypeError('exclude is provided but is not a list or a tuple.')
        left_out = {id(v) for scope in exclude for v in get_variables(scope)}
        wanted = [v for v in wanted if id(v) not in left_out]
    return wanted


@_public
def filter_variables(var_list, include_patterns=None, exclude_patterns=None, reg_search=True):
    """Those variables of a list whose names match a pattern.

    Args:
      include_patterns: regular expressions, of which one must match; None for all variables.
      exclude_patterns: regular expressions, of which none may match.
      reg_search: whether a match may be anywhere in the name, not only at its start.
    """
    match = re.search if reg_search else re.match

    def any_match(patterns, variable):
        return any(match(pattern, variable.name) for pattern in patterns)
    return [v for v in var_list if (include_patterns is None or any_match(include_patterns, v))
            and not any_match(exclude_patterns or (), v)]


@_public
def assign_from_values(var_names_to_values):
    """Assigns arrays to variables by name.

    Args:
      var_names_to_values: a dict of names of variables to ndarrays.

    Returns: (an Operation, the feed_dict to run it with).

    Raises: ValueError if there is no such variable, or it has another size.
    """
    feeds, assigns = {}, []
    for name, value in var_names_to_values.items():
        variable = get_unique_variable(name)
        _add_assignment(variable, value, feeds, assigns)
    return control_flow.group(*assigns), feeds


def _add_assignment(variable, value, feeds, assigns):
    fed = constant.placeholder(variable.dtype, name='placeholder/' + variable.op.name)
    assigns.append(variable.assign(fed))
    feeds[fed] = value.reshape(variable.get_shape().as_list())


@_public
def assign_from_values_fn(var_names_to_values):
    """The same as a function of a session that assigns them."""
    assign, feeds = assign_from_values(var_names_to_values)

    def callback(session):
        return session.run(assign, feeds)
    return callback


def _by_name(var_list):
    if isinstance(var_list, dict):
        return var_list
    found = {}
    for variable in var_list:
        name = variable.op.name
        if name in found:
            raise ValueError("Two or more variables share the same name '%s'" % name)
        found[name] = variable
    return found


@_public
def assign_from_checkpoint(model_path, var_list, ignore_missing_vars=False):
    """Assigns values of a checkpoint to variables.

    Args:
      model_path: the checkpoint's path.
      var_list: a list of variables, or a dict of names in the checkpoint to variables or lists of slices.
      ignore_missing_vars: whether variables that the checkpoint lacks are left out.

    Returns: (an Operation, the feed_dict to run it with).

    Raises: ValueError if the checkpoint lacks a variable, or has it in another size.
    """
    groups = {name: v if isinstance(v, (tuple, list)) else [v] for name, v in _by_name(var_list).items()}
    reader = checkpoint_reader.NewCheckpointReader(model_path)
    feeds, assigns = {}, []
    for name, targets in groups.items():
        if not reader.has_tensor(name):
            message = 'Checkpoint is missing variable [%s]' % name
            if not ignore_missing_vars:
                raise ValueError(message)
            tf_logging.warning(message)
            continue
        value = reader.get_tensor(name)
        for variable in targets:
            _add_assignment(variable, _part_of(value, variable), feeds, assigns)
    return control_flow.group(*assigns), feeds


def _part_of(value, variable):
    info = variable._get_save_slice_info()
    if info is not None:
        return value[tuple(slice(begin, begin + size) for begin, size in zip(info.var_offset, info.var_shape))]
    shape = tuple(variable.get_shape().as_list())
    if np.prod(shape) != value.size:
        raise ValueError('Total size of new array must be unchanged for %s lh_shape: [%s], rh_shape: [%s]'
                         % (variable.op.name, str(value.shape), str(shape)))
    return value


@_public
def assign_from_checkpoint_fn(model_path, var_list, ignore_missing_vars=False, reshape_variables=False):
    """A function of a session that restores variables from a checkpoint; None if there is nothing to restore.

    Args:
      model_path, ignore_missing_vars: as for assign_from_checkpoint.
      var_list: a list of variables, or a dict of names in the checkpoint to variables.
      reshape_variables: whether values take the shapes of the variables.

    Raises: ValueError if var_list is empty.
    """
    if not var_list:
        raise ValueError('var_list cannot be empty')
    if ignore_missing_vars:
        reader = checkpoint_reader.NewCheckpointReader(model_path)
        by_name = _by_name(var_list)
        var_list = {name: v for name, v in by_name.items() if reader.has_tensor(name)}
        for name in by_name.keys() - var_list.keys():
            tf_logging.warning('Variable %s missing in checkpoint %s', name, model_path)
    if not var_list:
        tf_logging.warning('No Variables to restore')
        return None
    restorer = saver.Saver(var_list, reshape=reshape_variables, write_version=saver_builder.V1)

    def callback(session):
        restorer.restore(session, model_path)
    return callback
