"""Adagrad."""
from graphflow.framework import scopes
from graphflow.framework.export import export
from graphflow.ops import array, fill, init, math
from graphflow.train.fused import FusedOptimizer


@export('train.AdagradOptimizer')
class AdagradOptimizer(FusedOptimizer):
    """Adagrad (Duchi, Hazan and Singer 2011): steps shrink with the root of the sum of the squared gradients.

    Args:
      learning_rate: a float, a scalar Tensor, or a function that gives one.
      initial_accumulator_value: a positive float: what the sums start with.
      use_locking, name: see Optimizer.

    Raises: ValueError if `initial_accumulator_value` is not positive.
    """
    _update_op = 'Adagrad'
    _slot_inputs = {'accum': 'accumulator'}
    _hyperparameters = {'lr': ('_learning_rate', 'learning_rate')}

    def __init__(self, learning_rate, initial_accumulator_value=0.1, use_locking=False, name='Adagrad'):
        if initial_accumulator_value <= 0.0:
            raise ValueError(f'initial_accumulator_value must be positive: {initial_accumulator_value}')
        super().__init__(use_locking, name)
        self._learning_rate, self._initial_accumulator_value = learning_rate, initial_accumulator_value

    def _create_slots(self, var_list):
        for variable in var_list:
            dtype = variable.dtype.base_dtype
            if variable.get_shape().is_fully_defined():
                initial = init.Constant(self._initial_accumulator_value, dtype=dtype)
            else:
                initial = self._filled_like(variable, dtype)
            self._get_or_make_slot_with_initializer(
                variable, initial, variable.get_shape(), dtype, 'accumulator', self._name)

    def _filled_like(self, variable, dtype):
        """An initializer for a slot whose shape only a run can tell."""
        def initial():
            with scopes.init_scope():
                filled = fill.fill(array.shape(variable), self._initial_accumulator_value)
                return math.cast(filled, dtype)
        return initial
