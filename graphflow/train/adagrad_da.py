"""Adagrad dual averaging."""
from graphflow.framework import scopes
from graphflow.framework.export import export
from graphflow.ops import array, constant, math
from graphflow.train.fused import FusedOptimizer


@export('train.AdagradDAOptimizer')
class AdagradDAOptimizer(FusedOptimizer):
    """Adagrad with dual averaging (Duchi, Hazan and Singer 2011): keeps sparse models sparse.

    Args:
      learning_rate: a float or scalar Tensor.
      global_step: a Variable or Tensor that counts steps.
      initial_gradient_squared_accumulator_value: a positive float: what the sums of squares start with.
      l1_regularization_strength, l2_regularization_strength: floats, at least 0.
      use_locking, name: see Optimizer.

    Raises: ValueError if `initial_gradient_squared_accumulator_value` is not positive.
    """
    _update_op = 'AdagradDA'
    _slot_inputs = {name: name for name in ('gradient_accumulator', 'gradient_squared_accumulator')}
    _hyperparameters = {'lr': ('_learning_rate', 'learning_rate')}

    def __init__(self, learning_rate, global_step, initial_gradient_squared_accumulator_value=0.1,
                 l1_regularization_strength=0.0, l2_regularization_strength=0.0, use_locking=False,
                 name='AdagradDA'):
        if initial_gradient_squared_accumulator_value <= 0.0:
            raise ValueError('initial_gradient_squared_accumulator_value must be positive: '
                             f'{initial_gradient_squared_accumulator_value}')
        super().__init__(use_locking, name)
        self._learning_rate, self._global_step = learning_rate, global_step
        self._initial_value = initial_gradient_squared_accumulator_value
        self._strengths = {'l1': l1_regularization_strength, 'l2': l2_regularization_strength}

    def _create_slots(self, var_list):
        for variable in var_list:
            shape, dtype = variable.get_shape(), variable.dtype.base_dtype
            with scopes.colocate_with(variable.op):
                zeros = constant.constant(0.0, shape=shape, dtype=dtype)
                squares = constant.constant(self._initial_value, shape=shape, dtype=dtype)
            self._get_or_make_slot(variable, zeros, 'gradient_accumulator', self._name)
            self._get_or_make_slot(variable, squares, 'gradient_squared_accumulator', self._name)

    def _prepare(self):
        super()._prepare()
        with scopes.colocate_with(self._learning_rate_op()):
            # The step being made is not counted yet.
            self._step = array.identity(self._global_step) + 1

    def _learning_rate_op(self):
        return self._tensors['lr'].op

    def _apply_update(self, var, grad, indices=None):
        with scopes.device(var.device):
            self._tensors['global_step'] = array.identity(self._step)
        return super()._apply_update(var, grad, indices)

    def _hyperparameter(self, name, dtype):
        if name == 'global_step':
            return self._tensors[name]
        return math.cast(self._strengths.get(name, self._tensors.get(name)), dtype)
