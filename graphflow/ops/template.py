"""make_template: a function that makes its variables at the first call and shares them at all others."""
import functools
import traceback

from graphflow.framework import scopes
from graphflow.framework.export import export
from graphflow.framework.graph import get_default_graph
from graphflow.framework.operation import _PACKAGE
from graphflow.framework.scopes import GraphKeys
from graphflow.ops import variable_scope as vs
from graphflow.platform import tf_logging


@export('make_template')
def make_template(name_, func_, create_scope_now_=False, unique_name_=None, custom_getter_=None, **kwargs):
    """Wraps a function so that all its calls share the variables it makes with tf.get_variable.

    Args:
      name_: a name for the scope, made unique.
      func_: the function.
      create_scope_now_: whether to open the scope (and take its name) now rather than at the first call.
      unique_name_: a name for the scope that is not made unique but shared by all templates that give it.
      custom_getter_: a custom getter for the variables.
      **kwargs: keyword arguments for every call.

    Returns: a callable. Calling it raises ValueError if a later call makes variables of its own.
    """
    if kwargs:
        func_ = functools.partial(func_, **kwargs)
    return Template(name_, func_, create_scope_now=create_scope_now_, unique_name=unique_name_,
                    custom_getter=custom_getter_)


def _scope(unique_name, name, custom_getter):
    """A variable scope named `unique_name`, or after `name`."""
    return vs.variable_scope(unique_name, default_name=name, custom_getter=custom_getter)


class Template:
    """What make_template returns.

    Attributes: `name`, `func`, `variable_scope` (None before the first call), `variable_scope_name`, and lists of the
    variables in its scope: `variables` (the global ones), `global_variables`, `local_variables`, `trainable_variables`,
    `non_trainable_variables`.
    """

    def __init__(self, name, func, create_scope_now=False, unique_name=None, custom_getter=None):
        if name is None:
            raise ValueError('name cannot be None.')
        self._name, self._func, self._unique_name, self._custom_getter = name, func, unique_name, custom_getter
        self._made_at = [f for f in traceback.extract_stack()[:-1] if not f.filename.startswith(_PACKAGE)]
        self._called = False
        self._variable_scope = None
        if create_scope_now:
            # Only the variable scope: each call opens a name scope of its own.
            with vs.pure_variable_scope(unique_name or vs.unique_scope_name(name),
                                        custom_getter=custom_getter) as scope:
                self._variable_scope = scope

    def __call__(self, *args, **kwargs):
        if self._variable_scope is not None:
            # Made before: the variables are there if the function was called. Else this is the first call.
            with vs.variable_scope(self._variable_scope, reuse=self._called):
                return self._call(args, kwargs, check=self._called)
        with _scope(self._unique_name, self._name, self._custom_getter) as scope:
            self._variable_scope = scope
            return self._call(args, kwargs, check=False)

    def _call(self, args, kwargs, check):
        try:
            known = set(self._known_variables())
            trainable = set(scopes.get_collection(GraphKeys.TRAINABLE_VARIABLES))
            result = self._func(*args, **kwargs)
            if check:
                self._check_none_made(known, trainable)
            self._called = True
            return result
        except Exception as error:
            if error.args:
                note = '\n\noriginally defined at:\n' + ''.join(traceback.format_list(self._made_at[-5:]))
                error.args = (f'{error.args[0]}{note}',) + error.args[1:]
            raise

    @staticmethod
    def _known_variables():
        return get_default_graph().get_collection(GraphKeys.GLOBAL_VARIABLES)

    def _check_none_made(self, known, trainable):
        """Variables made by tf.Variable would not be shared: that is a mistake if they are trained."""
        made = [v for v in scopes.get_collection(GraphKeys.TRAINABLE_VARIABLES) if v not in trainable]
        if made:
            raise ValueError('Trainable variable created when calling a template after the first time, perhaps you used '
                             f'tf.Variable when you meant tf.get_variable: {made}')
        made = [v for v in self._known_variables() if v not in known]
        if made:
            tf_logging.info('New variables created when calling a template after the first time, perhaps you used '
                            'tf.Variable when you meant tf.get_variable: %s', made)

    @property
    def name(self):
        return self._name

    @property
    def func(self):
        return self._func

    @property
    def variable_scope(self):
        return self._variable_scope

    var_scope = variable_scope

    @property
    def variable_scope_name(self):
        """The name of the scope with a slash behind it."""
        if self._variable_scope is None:
            return None
        name = self._variable_scope.name
        return name if not name or name.endswith('/') else name + '/'

    def _collection(self, key):
        return self._variable_scope.get_collection(key) if self._variable_scope is not None else []

    @property
    def variables(self):
        return self.global_variables + self.local_variables

    weights = variables

    @property
    def global_variables(self):
        return self._collection(GraphKeys.GLOBAL_VARIABLES)

    @property
    def local_variables(self):
        return self._collection(GraphKeys.LOCAL_VARIABLES)

    @property
    def trainable_variables(self):
        return self._collection(GraphKeys.TRAINABLE_VARIABLES)

    trainable_weights = trainable_variables

    @property
    def non_trainable_variables(self):
        trainable = set(self.trainable_variables)
        return [v for v in self.variables if v not in trainable]

    non_trainable_weights = non_trainable_variables
