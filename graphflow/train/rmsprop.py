"""RMSProp."""
from graphflow.framework.export import export
from graphflow.ops import fill, init
from graphflow.train.fused import FusedOptimizer


@export('train.RMSPropOptimizer')
class RMSPropOptimizer(FusedOptimizer):
    """RMSProp (Tieleman and Hinton 2012): gradients divided by the root of their running mean square, with momentum.

    Args:
      learning_rate: a float, a scalar Tensor, or a function that gives one.
      decay: the same: decay of the mean square.
      momentum: the same.
      epsilon: the same: added below the root.
      use_locking, name: see Optimizer.
      centered: whether to divide by the gradients' variance instead of their mean square (Graves 2013).
    """
    _slot_inputs = {'ms': 'rms', 'mg': 'mg', 'mom': 'momentum'}
    _hyperparameters = {'lr': ('_learning_rate', 'learning_rate'), 'rho': ('_decay', 'decay'),
                        'momentum': ('_momentum', 'momentum'), 'epsilon': ('_epsilon', 'epsilon')}

    def __init__(self, learning_rate, decay=0.9, momentum=0.0, epsilon=1e-10, use_locking=False, centered=False,
                 name='RMSProp'):
        super().__init__(use_locking, name)
        self._learning_rate, self._decay, self._momentum = learning_rate, decay, momentum
        self._epsilon, self._centered = epsilon, centered
        self._update_op = 'CenteredRMSProp' if centered else 'RMSProp'

    def _create_slots(self, var_list):
        for variable in var_list:
            shape, dtype = variable.get_shape(), variable.dtype.base_dtype
            ones = init.Ones(dtype=dtype) if shape.is_fully_defined() else fill.ones_like(variable)
            self._get_or_make_slot_with_initializer(variable, ones, shape, dtype, 'rms', self._name)
            if self._centered:
                self._zeros_slot(variable, 'mg', self._name)
            self._zeros_slot(variable, 'momentum', self._name)
