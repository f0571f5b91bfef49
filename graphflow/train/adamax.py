"""AdaMax and Nadam: relatives of Adam."""
from graphflow.framework import scopes
from graphflow.framework.apply import apply
from graphflow.framework.export import export
from graphflow.framework.graph import get_default_graph
from graphflow.ops import control_flow, gather, math, state
from graphflow.train.adam import AdamOptimizer
from graphflow.train.optimizer import is_resource


def _scatter(kind, variable, indices, values, use_locking):
    """Changes rows of a variable by the op Scatter<kind>; returns the variable after that, as a tensor."""
    if not is_resource(variable):
        return apply('Scatter' + kind, variable, indices, values, use_locking=use_locking)
    with scopes.control_dependencies([apply('ResourceScatter' + kind, variable.handle, indices, values)]):
        return variable.value()


@export('contrib.opt.AdaMaxOptimizer')
class AdaMaxOptimizer(AdamOptimizer):
    """AdaMax, Adam with the infinity norm (Kingma and Ba 2015, section 7.1); arguments as for AdamOptimizer."""

    def __init__(self, learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8, use_locking=False, name='AdaMax'):
        super().__init__(learning_rate, beta1, beta2, epsilon, use_locking, name)

    def _get_beta_accumulators(self):
        return self._get_non_slot_variable('beta1_power', get_default_graph())

    def _create_slots(self, var_list):
        first = min(var_list, key=lambda v: v.name)
        self._create_non_slot_variable(self._beta1, 'beta1_power', first)
        for variable in var_list:
            self._zeros_slot(variable, 'm', self._name)
            self._zeros_slot(variable, 'v', self._name)

    def _hyperparameters(self, dtype):
        tensors = self._get_beta_accumulators(), self._lr_t, self._beta1_t, self._beta2_t, self._epsilon_t
        return [math.cast(t, dtype.base_dtype) for t in tensors]

    def _apply_dense(self, grad, var):
        m, v = self.get_slot(var, 'm'), self.get_slot(var, 'v')
        return apply('ApplyAdaMax', var, m, v, *self._hyperparameters(var.dtype), grad,
                     use_locking=self._use_locking).op

    def _resource_apply_dense(self, grad, var):
        m, v = self.get_slot(var, 'm'), self.get_slot(var, 'v')
        return apply('ResourceApplyAdaMax', var.handle, m.handle, v.handle, *self._hyperparameters(grad.dtype), grad,
                     use_locking=self._use_locking)

    def _apply_rows(self, grad, var, indices):
        beta1_power, lr, beta1, beta2, epsilon = self._hyperparameters(grad.dtype)
        m, v = self.get_slot(var, 'm'), self.get_slot(var, 'v')
        new_m = gather.gather(m, indices) * beta1 + grad * (1 - beta1)
        with scopes.control_dependencies([new_m]):
            m_update = _scatter('Update', m, indices, new_m, self._use_locking)
        new_v = math.maximum(gather.gather(v, indices) * beta2, math.abs(grad))
        with scopes.control_dependencies([new_v]):
            v_update = _scatter('Update', v, indices, new_v, self._use_locking)
        change = -lr / (1 - beta1_power) * (new_m / (new_v + epsilon))
        with scopes.control_dependencies([change]):
            update = _scatter('Add', var, indices, change, self._use_locking)
        return control_flow.group(update, m_update, v_update)

    def _apply_sparse(self, grad, var):
        return self._apply_rows(grad.values, var, grad.indices)

    def _resource_apply_sparse(self, grad, var, indices):
        return self._apply_rows(grad, var, indices)

    def _finish(self, update_ops, name_scope):
        with scopes.control_dependencies(update_ops):
            beta1_power = self._get_beta_accumulators()
            with scopes.colocate_with(beta1_power.op):
                update = beta1_power.assign(beta1_power * self._beta1_t, use_locking=self._use_locking)
        return control_flow.group(*update_ops, update, name=name_scope)


@export('contrib.opt.NadamOptimizer')
class NadamOptimizer(AdamOptimizer):
    """Adam with Nesterov momentum (Dozat 2016, "Incorporating Nesterov momentum into Adam")."""

    def _apply_dense(self, grad, var):
        m, v = self.get_slot(var, 'm'), self.get_slot(var, 'v')
        return apply('ApplyAdam', var, m, v, *self._hyperparameters(var.dtype), grad, use_locking=self._use_locking,
                     use_nesterov=True).op

    def _resource_apply_dense(self, grad, var):
        m, v = self.get_slot(var, 'm'), self.get_slot(var, 'v')
        return apply('ResourceApplyAdam', var.handle, m.handle, v.handle, *self._hyperparameters(grad.dtype), grad,
                     use_locking=self._use_locking, use_nesterov=True)

    def _apply_sparse_shared(self, grad, var, indices, scatter_add):
        beta1_power, beta2_power, lr, beta1, beta2, epsilon = self._hyperparameters(var.dtype)
        lr = lr * math.sqrt(1 - beta2_power) / (1 - beta1_power)
        m = self.get_slot(var, 'm')
        scaled = grad * (1 - beta1)
        new_m = state.assign(m, m * beta1, use_locking=self._use_locking)
        with scopes.control_dependencies([new_m]):
            new_m = scatter_add(m, indices, scaled)
            ahead = scaled + beta1 * gather.gather(new_m, indices)
        v = self.get_slot(var, 'v')
        scaled = (grad * grad) * (1 - beta2)
        new_v = state.assign(v, v * beta2, use_locking=self._use_locking)
        with scopes.control_dependencies([new_v]):
            new_v = scatter_add(v, indices, scaled)
        root = math.sqrt(gather.gather(new_v, indices))
        update = scatter_add(var, indices, -lr * ahead / (root + epsilon))
        return control_flow.group(update, ahead, new_v)
