"""Adadelta."""
from graphflow.framework.export import export
from graphflow.train.fused import FusedOptimizer


@export('train.AdadeltaOptimizer')
class AdadeltaOptimizer(FusedOptimizer):
    """Adadelta (Zeiler 2012): steps in the ratio of the typical update to the typical gradient.

    Args:
      learning_rate: a float, a scalar Tensor, or a function that gives one; 1.0 is the paper's method.
      rho: the same: decay of both averages.
      epsilon: the same: added below the roots.
      use_locking, name: see Optimizer.
    """
    _update_op = 'Adadelta'
    _slot_inputs = {'accum': 'accum', 'accum_update': 'accum_update'}
    _hyperparameters = {'lr': ('_lr', 'lr'), 'rho': ('_rho', 'rho'), 'epsilon': ('_epsilon', 'epsilon')}

    def __init__(self, learning_rate=0.001, rho=0.95, epsilon=1e-8, use_locking=False, name='Adadelta'):
        super().__init__(use_locking, name)
        self._lr, self._rho, self._epsilon = learning_rate, rho, epsilon

    def _create_slots(self, var_list):
        for variable in var_list:
            self._zeros_slot(variable, 'accum', self._name)
            self._zeros_slot(variable, 'accum_update', self._name)
