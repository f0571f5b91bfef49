"""FTRL-proximal."""
from graphflow.framework import scopes
from graphflow.framework.export import export
from graphflow.ops import constant
from graphflow.train.fused import FusedOptimizer


def _check(name, value, fits, wanted):
    if not fits:
        raise ValueError('%s %f needs to be %s or zero' % (name, value, wanted))


@export('train.FtrlOptimizer')
class FtrlOptimizer(FusedOptimizer):
    """FTRL-proximal (McMahan et al. 2013, "Ad click prediction: a view from the trenches").

    Args:
      learning_rate: a float or scalar Tensor.
      learning_rate_power: a float, at most 0: how the step falls with the sum of squares; 0 for fixed steps.
      initial_accumulator_value: a float, at least 0: what the sums start with.
      l1_regularization_strength, l2_regularization_strength: floats, at least 0.
      use_locking, name: see Optimizer.
      accum_name, linear_name: names for the slots; the optimizer's name by default.
      l2_shrinkage_regularization_strength: a float, at least 0: an L2 penalty that shrinks the weights, where the other
        only steadies them.

    Raises: ValueError for a value outside these bounds.
    """
    _slot_inputs = {'accum': 'accum', 'linear': 'linear'}

    def __init__(self, learning_rate, learning_rate_power=-0.5, initial_accumulator_value=0.1,
                 l1_regularization_strength=0.0, l2_regularization_strength=0.0, use_locking=False, name='Ftrl',
                 accum_name=None, linear_name=None, l2_shrinkage_regularization_strength=0.0):
        super().__init__(use_locking, name)
        for what, value in (('initial_accumulator_value', initial_accumulator_value),
                            ('l1_regularization_strength', l1_regularization_strength),
                            ('l2_regularization_strength', l2_regularization_strength),
                            ('l2_shrinkage_regularization_strength', l2_shrinkage_regularization_strength)):
            _check(what, value, value >= 0.0, 'positive')
        _check('learning_rate_power', learning_rate_power, learning_rate_power <= 0.0, 'negative')
        self._initial_accumulator_value = initial_accumulator_value
        self._accum_name, self._linear_name = accum_name, linear_name
        self._learning_rate, self._learning_rate_power = learning_rate, learning_rate_power
        self._l1, self._l2, self._shrinkage = (l1_regularization_strength, l2_regularization_strength,
                                               l2_shrinkage_regularization_strength)
        self._update_op = 'FtrlV2' if l2_shrinkage_regularization_strength > 0 else 'Ftrl'
        self._hyperparameters = {
            'lr': ('_learning_rate', 'learning_rate'),
            'l1': ('_l1', 'l1_regularization_strength'),
            'l2': ('_l2', 'l2_regularization_strength'),
            'l2_shrinkage': ('_shrinkage', 'l2_shrinkage_regularization_strength'),
            'lr_power': ('_learning_rate_power', 'learning_rate_power')}

    def _create_slots(self, var_list):
        for variable in var_list:
            with scopes.colocate_with(variable.op):
                value = constant.constant(self._initial_accumulator_value, dtype=variable.dtype.base_dtype,
                                          shape=variable.get_shape())
            self._get_or_make_slot(variable, value, 'accum', self._accum_name or self._name)
            self._zeros_slot(variable, 'linear', self._linear_name or self._name)
