"""Moving averages of variables and tensors."""
from graphflow.framework import convert, dtypes, scopes
from graphflow.framework.export import export
from graphflow.framework.graph import get_default_graph
from graphflow.framework.scopes import GraphKeys
from graphflow.ops import control_flow, init, math, state, variable_scope, variables
from graphflow.train import slot_creator


def assign_moving_average(variable, value, decay, zero_debias=True, name=None):
    """Moves a variable towards a value: variable -= (1 - decay) * (variable - value).

    Args:
      variable: a Variable.
      value: a Tensor of its shape.
      decay: a float or scalar Tensor.
      zero_debias: whether the variable, taken to have started as zeros, is corrected for that, as in Adam (Kingma and
        Ba 2015, section 3). Two more variables, '<variable>/biased' and '<variable>/local_step', keep what that takes.
      name: a name for the update.

    Returns: a Tensor: the variable after the update.
    """
    with scopes.name_scope(name, 'AssignMovingAvg', [variable, value, decay]) as scope:
        rest = convert.to_tensor(1.0 - decay, name='decay')
        if rest.dtype != variable.dtype.base_dtype:
            rest = math.cast(rest, variable.dtype.base_dtype)
        if zero_debias:
            return state.assign(variable, _debiased(variable, value, rest), name=scope)
        return state.assign_sub(variable, (variable - value) * rest, name=scope)


def _debiased(variable, value, rest):
    """The moving average, corrected for its start at zero."""
    with variable_scope.variable_scope(variable.op.name, values=[variable, value, rest]):
        with scopes.colocate_with(variable), scopes.init_scope():
            biased = variable_scope.get_variable(
                _unused('biased'), shape=variable.get_shape(), initializer=init.Zeros(), trainable=False,
                dtype=variable.dtype.base_dtype)
            local_step = variable_scope.get_variable(
                _unused('local_step'), shape=[], dtype=variable.dtype.base_dtype, initializer=init.Zeros(),
                trainable=False)
    new_biased = state.assign_sub(biased, (biased - value) * rest, name=None)
    new_step = state.assign_add(local_step, 1)
    return new_biased / (1 - math.pow(1.0 - rest, new_step))


def _unused(name):
    """`name`, or `name` and a number, such that the current variable scope has no variable of it."""
    scope = variable_scope.get_variable_scope()
    if scope.reuse:
        return name
    taken = {v.op.name for v in variables.global_variables()}
    found, count = name, 0
    while f'{scope.name}/{found}' in taken:
        count += 1
        found = f'{name}_{count}'
    return found


def weighted_moving_average(value, decay, weight, truediv=True, collections=None, name=None):
    """The moving average of value * weight over that of weight.

    Args:
      value: a Tensor.
      decay: a float or scalar Tensor.
      weight: a Tensor whose shape goes with that of `value`.
      truediv: whether integers are divided as floats.
      collections: the graph collections for the two variables that are made; GLOBAL_VARIABLES by default.
      name: a name for the variable scope.

    Returns: a Tensor.
    """
    if collections is None:
        collections = [GraphKeys.GLOBAL_VARIABLES]
    with variable_scope.variable_scope(name, 'WeightedMovingAvg', [value, weight, decay]) as scope:
        numerator, denominator = [
            variable_scope.get_variable(what, shape=t.get_shape(), dtype=t.dtype, initializer=init.Zeros(),
                                        trainable=False, collections=collections)
            for what, t in (('value_x_weight', value), ('weight', weight))]
        numerator = assign_moving_average(numerator, value * weight, decay, zero_debias=False)
        denominator = assign_moving_average(denominator, weight, decay, zero_debias=False)
        divide = math.truediv if truediv else math.div
        return divide(numerator, denominator, name=scope.name)


@export('train.ExponentialMovingAverage')
class ExponentialMovingAverage:
    """Keeps a moving average, a shadow variable, of each of a set of variables or tensors.

    Args:
      decay: a float, close to 1.0.
      num_updates: an integer, Tensor or Variable: if given, the decay is at most
        (1 + num_updates) / (10 + num_updates), so that averages move faster at the start.
      zero_debias: whether averages of Tensors, which start at zero, are corrected for that.
      name: a name for `apply` and for the shadow variables, '<variable>/<name>'.
    """

    def __init__(self, decay, num_updates=None, zero_debias=False, name='ExponentialMovingAverage'):
        self._decay, self._num_updates, self._zero_debias, self._name = decay, num_updates, zero_debias, name
        self._averages = {}

    @property
    def name(self):
        """The name the object was made with."""
        return self._name

    def apply(self, var_list=None):
        """Makes the shadow variables and the op that updates them.

        Args:
          var_list: a list of Variables and Tensors of type half, float or double; all trainable variables if None.

        Returns: an Operation.

        Raises: TypeError for another dtype.
        """
        if var_list is None:
            var_list = variables.trainable_variables()
        debiased = set()
        for var in var_list:
            if var.dtype.base_dtype not in (dtypes.float16, dtypes.float32, dtypes.float64, dtypes.bfloat16):
                raise TypeError(f'The variables must be half, float, or double: {var.name}')
            if var in self._averages:
                continue
            with scopes.init_scope():
                if isinstance(var, variables.Variable):
                    average = slot_creator.create_slot(
                        var, var.initialized_value(), self._name, colocate_with_primary=True)
                    get_default_graph().add_to_collection(GraphKeys.MOVING_AVERAGE_VARIABLES, var)
                else:
                    average = slot_creator.create_zeros_slot(
                        var, self._name, colocate_with_primary=var.op.type in ('Variable', 'VariableV2', 'VarHandleOp'))
                    if self._zero_debias:
                        debiased.add(average)
            self._averages[var] = average
        with scopes.name_scope(self._name) as scope:
            decay = convert.to_tensor(self._decay, name='decay')
            if self._num_updates is not None:
                count = math.cast(self._num_updates, dtypes.float32, name='num_updates')
                decay = math.minimum(decay, (1.0 + count) / (10.0 + count))
            updates = [assign_moving_average(self._averages[var], var, decay,
                                             zero_debias=self._averages[var] in debiased) for var in var_list]
            return control_flow.group(*updates, name=scope)

    def average(self, var):
        """The shadow Variable of `var`, a Variable or Tensor, or None if it has none."""
        return self._averages.get(var)

    def average_name(self, var):
        """The name of the shadow variable of `var`, of the one there is or of the one there would be."""
        if var in self._averages:
            return self._averages[var].op.name
        return get_default_graph().unique_name(f'{var.op.name}/{self._name}', mark_as_used=False)

    def variables_to_restore(self, moving_avg_variables=None):
        """What to load from a checkpoint to work with the averages in place of the variables.

        Args:
          moving_avg_variables: the Variables with averages; by default all trainable ones and all that are in the
            collection MOVING_AVERAGE_VARIABLES.

        Returns: a dict {name in the checkpoint: Variable}; the names are those of averages where there are any.
        """
        if moving_avg_variables is None:
            moving_avg_variables = variables.trainable_variables() + variables.moving_average_variables()
        moving = set(moving_avg_variables)
        found = {self.average_name(v): v for v in moving}
        names = {v.name for v in moving}
        for v in variables.global_variables():
            if v.name not in names and v.op.name not in found:
                found[v.op.name] = v
        return found
