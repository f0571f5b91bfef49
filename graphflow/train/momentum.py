"""Momentum."""
from graphflow.framework.export import export
from graphflow.train.fused import FusedOptimizer


@export('train.MomentumOptimizer')
class MomentumOptimizer(FusedOptimizer):
    """Gradient descent with momentum (Polyak 1964): accumulation = momentum * accumulation + gradient;
    variable -= learning_rate * accumulation.

    Args:
      learning_rate: a float, a scalar Tensor, or a function that gives one.
      momentum: the same: how much of the accumulation is kept.
      use_locking, name: see Optimizer.
      use_nesterov: whether to look ahead as Nesterov's accelerated gradient does (Sutskever et al. 2013).
    """
    _update_op = 'Momentum'
    _slot_inputs = {'accum': 'momentum'}
    _hyperparameters = {'lr': ('_learning_rate', 'learning_rate'), 'momentum': ('_momentum', 'momentum')}
    _update_attrs = {'use_nesterov': '_use_nesterov'}

    def __init__(self, learning_rate, momentum, use_locking=False, name='Momentum', use_nesterov=False):
        super().__init__(use_locking, name)
        self._learning_rate, self._momentum, self._use_nesterov = learning_rate, momentum, use_nesterov

    def _create_slots(self, var_list):
        for variable in var_list:
            self._zeros_slot(variable, 'momentum', self._name)
