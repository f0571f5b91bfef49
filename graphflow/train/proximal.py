"""Proximal gradient descent and proximal Adagrad: steps followed by the soft threshold of an L1 penalty."""
from graphflow.framework import scopes
from graphflow.framework.export import export
from graphflow.ops import constant
from graphflow.train.fused import FusedOptimizer

_HYPERPARAMETERS = {'l1': ('_l1', 'l1_regularization_strength'), 'l2': ('_l2', 'l2_regularization_strength')}


@export('train.ProximalGradientDescentOptimizer')
class ProximalGradientDescentOptimizer(FusedOptimizer):
    """Gradient descent with forward-backward splitting (Duchi and Singer 2009).

    Args:
      learning_rate: a float or scalar Tensor.
      l1_regularization_strength, l2_regularization_strength: floats, at least 0.
      use_locking, name: see Optimizer.
    """
    _update_op = 'ProximalGradientDescent'
    _hyperparameters = {'alpha': ('_learning_rate', 'learning_rate'), **_HYPERPARAMETERS}

    def __init__(self, learning_rate, l1_regularization_strength=0.0, l2_regularization_strength=0.0,
                 use_locking=False, name='ProximalGradientDescent'):
        super().__init__(use_locking, name)
        self._learning_rate = learning_rate
        self._l1, self._l2 = l1_regularization_strength, l2_regularization_strength


@export('train.ProximalAdagradOptimizer')
class ProximalAdagradOptimizer(FusedOptimizer):
    """Adagrad with forward-backward splitting (Duchi and Singer 2009).

    Args:
      learning_rate: a float or scalar Tensor.
      initial_accumulator_value: a positive float: what the sums of squares start with.
      l1_regularization_strength, l2_regularization_strength: floats, at least 0.
      use_locking, name: see Optimizer.

    Raises: ValueError if `initial_accumulator_value` is not positive.
    """
    _update_op = 'ProximalAdagrad'
    _slot_inputs = {'accum': 'accumulator'}
    _hyperparameters = {'lr': ('_learning_rate', 'learning_rate'), **_HYPERPARAMETERS}

    def __init__(self, learning_rate, initial_accumulator_value=0.1, l1_regularization_strength=0.0,
                 l2_regularization_strength=0.0, use_locking=False, name='ProximalAdagrad'):
        if initial_accumulator_value <= 0.0:
            raise ValueError(f'initial_accumulator_value must be positive: {initial_accumulator_value}')
        super().__init__(use_locking, name)
        self._learning_rate, self._initial_accumulator_value = learning_rate, initial_accumulator_value
        self._l1, self._l2 = l1_regularization_strength, l2_regularization_strength

    def _create_slots(self, var_list):
        for variable in var_list:
            with scopes.colocate_with(variable.op):
                value = constant.constant(self._initial_accumulator_value, shape=variable.get_shape(),
                                          dtype=variable.dtype.base_dtype)
            self._get_or_make_slot(variable, value, 'accumulator', self._name)
