"""Adam."""
from graphflow.framework import convert, scopes
from graphflow.framework.apply import apply
from graphflow.framework.export import export
from graphflow.framework.graph import get_default_graph
from graphflow.ops import control_flow, math, state
from graphflow.train.optimizer import Optimizer


@export('train.AdamOptimizer')
class AdamOptimizer(Optimizer):
    """Adam (Kingma and Ba 2015, "Adam: a method for stochastic optimization").

    Args:
      learning_rate: a float or scalar Tensor.
      beta1, beta2: decay of the averages of the gradient and of its square, floats or scalar Tensors.
      epsilon: added to the root of the second average (the paper's epsilon hat).
      use_locking, name: see Optimizer.
    """

    def __init__(self, learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8, use_locking=False, name='Adam'):
        super().__init__(use_locking, name)
        self._lr, self._beta1, self._beta2, self._epsilon = learning_rate, beta1, beta2, epsilon

    def _get_beta_accumulators(self):
        graph = get_default_graph()
        return self._get_non_slot_variable('beta1_power', graph), self._get_non_slot_variable('beta2_power', graph)

    def _create_slots(self, var_list):
        first = min(var_list, key=lambda v: v.name)
        for value, name in ((self._beta1, 'beta1_power'), (self._beta2, 'beta2_power')):
            self._create_non_slot_variable(self._call_if_callable(value), name, first)
        for variable in var_list:
            self._zeros_slot(variable, 'm', self._name)
            self._zeros_slot(variable, 'v', self._name)

    def _prepare(self):
        names = 'learning_rate', 'beta1', 'beta2', 'epsilon'
        values = self._lr, self._beta1, self._beta2, self._epsilon
        self._lr_t, self._beta1_t, self._beta2_t, self._epsilon_t = [
            convert.to_tensor(self._call_if_callable(v), name=n) for v, n in zip(values, names)]

    def _hyperparameters(self, dtype):
        beta1_power, beta2_power = self._get_beta_accumulators()
        tensors = beta1_power, beta2_power, self._lr_t, self._beta1_t, self._beta2_t, self._epsilon_t
        return [math.cast(t, dtype.base_dtype) for t in tensors]

    def _apply_dense(self, grad, var):
        m, v = self.get_slot(var, 'm'), self.get_slot(var, 'v')
        return apply('ApplyAdam', var, m, v, *self._hyperparameters(var.dtype), grad,
                     use_locking=self._use_locking).op

    def _resource_apply_dense(self, grad, var):
        m, v = self.get_slot(var, 'm'), self.get_slot(var, 'v')
        return apply('ResourceApplyAdam', var.handle, m.handle, v.handle, *self._hyperparameters(grad.dtype), grad,
                     use_locking=self._use_locking)

    def _apply_sparse_shared(self, grad, var, indices, scatter_add):
        beta1_power, beta2_power, lr, beta1, beta2, epsilon = self._hyperparameters(var.dtype)
        lr = lr * math.sqrt(1 - beta2_power) / (1 - beta1_power)
        m = self.get_slot(var, 'm')
        scaled = grad * (1 - beta1)
        new_m = state.assign(m, m * beta1, use_locking=self._use_locking)
        with scopes.control_dependencies([new_m]):
            new_m = scatter_add(m, indices, scaled)
        v = self.get_slot(var, 'v')
        scaled = (grad * grad) * (1 - beta2)
        new_v = state.assign(v, v * beta2, use_locking=self._use_locking)
        with scopes.control_dependencies([new_v]):
            new_v = scatter_add(v, indices, scaled)
        root = math.sqrt(new_v)
        update = state.assign_sub(var, lr * new_m / (root + epsilon), use_locking=self._use_locking)
        return control_flow.group(update, new_m, new_v)

    def _apply_sparse(self, grad, var):
        return self._apply_sparse_shared(grad.values, var, grad.indices, lambda x, i, v: state.scatter_add(
            x, i, v, use_locking=self._use_locking))

    def _resource_apply_sparse(self, grad, var, indices):
        def scatter_add(x, i, v):
            with scopes.control_dependencies([apply('ResourceScatterAdd', x.handle, i, v)]):
                return x.value()
        return self._apply_sparse_shared(grad, var, indices, scatter_add)

    def _finish(self, update_ops, name_scope):
        with scopes.control_dependencies(update_ops):
            beta1_power, beta2_power = self._get_beta_accumulators()
            with scopes.colocate_with(beta1_power.op):
                updates = [power.assign(power * beta, use_locking=self._use_locking)
                           for power, beta in ((beta1_power, self._beta1_t), (beta2_power, self._beta2_t))]
        return control_flow.group(*update_ops, *updates, name=name_scope)
