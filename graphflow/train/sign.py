"""AddSign and PowerSign: optimizers that were found by search (Bello et al. 2017, "Neural optimizer search")."""
import math as python_math

from graphflow.framework import convert
from graphflow.framework.export import export
from graphflow.ops import control_flow, gather, math, state
from graphflow.train.fused import FusedOptimizer


class _SignOptimizer(FusedOptimizer):
    """Steps are scaled by whether the gradient has its average's sign."""
    _slot_inputs = {'m': 'm'}

    def __init__(self, learning_rate, beta, sign_decay_fn, use_locking, name):
        super().__init__(use_locking, name)
        self._lr, self._beta, self._sign_decay_fn = learning_rate, beta, sign_decay_fn

    def apply_gradients(self, grads_and_vars, global_step=None, name=None):
        if self._sign_decay_fn is not None:
            self._sign_decay = self._sign_decay_fn(global_step)
        return super().apply_gradients(grads_and_vars, global_step=global_step, name=name)

    def _prepare(self):
        super()._prepare()
        if self._sign_decay_fn is None:
            self._sign_decay = convert.to_tensor(1.0, name='sign_decay')
        self._tensors['sign_decay'] = self._sign_decay

    def _create_slots(self, var_list):
        for variable in var_list:
            self._zeros_slot(variable, 'm', self._name)

    def _scale_inputs(self, dtype):
        """The tensors that _scale takes, of the variable's dtype."""
        raise NotImplementedError

    def _scale(self, agreement, *inputs):
        """The factor of the gradient, for `agreement` 1 where the signs agree and -1 where they do not."""
        raise NotImplementedError

    def _resource_apply_sparse(self, grad, var, indices):
        raise NotImplementedError()

    def _apply_sparse(self, grad, var):
        dtype = var.dtype.base_dtype
        lr, beta = self._hyperparameter('lr', dtype), self._hyperparameter('beta', dtype)
        prepared = self._scale_inputs(dtype)
        m = self.get_slot(var, 'm')
        new_m = state.assign(m, m * beta + grad * (1 - beta), use_locking=self._use_locking)
        sign = math.sign(grad.values)
        agreement = gather.gather(math.sign(new_m), grad.indices) * sign
        change = lr * self._scale(agreement, *prepared) * grad.values
        update = state.scatter_sub(var, grad.indices, change, use_locking=self._use_locking)
        return control_flow.group(update, new_m)


@export('contrib.opt.AddSignOptimizer')
class AddSignOptimizer(_SignOptimizer):
    """AddSign: variable -= learning_rate * (alpha + sign_decay * sign(gradient) * sign(m)) * gradient.

    Args:
      learning_rate, alpha: floats or scalar Tensors.
      beta: decay of the average m of the gradients.
      sign_decay_fn: a function from the global step to sign_decay; 1 if None.
      use_locking, name: see Optimizer.
    """
    _update_op = 'AddSign'
    _hyperparameters = {'lr': ('_lr', 'learning_rate'), 'beta': ('_beta', 'beta'), 'alpha': ('_alpha', 'alpha')}

    def __init__(self, learning_rate=0.1, alpha=1.0, beta=0.9, sign_decay_fn=None, use_locking=False,
                 name='AddSignOptimizer'):
        super().__init__(learning_rate, beta, sign_decay_fn, use_locking, name)
        self._alpha = alpha

    def _scale_inputs(self, dtype):
        return self._hyperparameter('alpha', dtype), self._hyperparameter('sign_decay', dtype)

    def _scale(self, agreement, alpha, sign_decay):
        return alpha + sign_decay * agreement


@export('contrib.opt.PowerSignOptimizer')
class PowerSignOptimizer(_SignOptimizer):
    """PowerSign: variable -= learning_rate * base ** (sign_decay * sign(gradient) * sign(m)) * gradient.

    Args:
      base: a float.
      learning_rate, beta, sign_decay_fn, use_locking, name: as for AddSignOptimizer.
    """
    _update_op = 'PowerSign'
    _hyperparameters = {'lr': ('_lr', 'learning_rate'), 'beta': ('_beta', 'beta'), 'logbase': ('_logbase', 'logbase')}

    def __init__(self, learning_rate=0.1, base=python_math.e, beta=0.9, sign_decay_fn=None, use_locking=False,
                 name='PowerSignOptimizer'):
        super().__init__(learning_rate, beta, sign_decay_fn, use_locking, name)
        self._logbase = python_math.log(base)

    def _scale_inputs(self, dtype):
        return [self._hyperparameter(name, dtype) for name in ('logbase', 'sign_decay')] + [
            math.cast(python_math.e, dtype)]

    def _scale(self, agreement, logbase, sign_decay, e):
        return math.pow(e, logbase * sign_decay * agreement)
