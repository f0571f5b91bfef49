"""FusedOptimizer: what optimizers have in common whose whole update of a variable is ONE op of ops/training.py."""
from graphflow.framework import convert, registry
from graphflow.framework.apply import apply
from graphflow.ops import math
from graphflow.train.optimizer import Optimizer, is_resource


class FusedOptimizer(Optimizer):
    """Calls '[Resource][Sparse]Apply<_update_op>' with the variable, its slots, the gradient and the hyperparameters.

    Which input stands where is read from the op's declaration: a subclass says only what goes by which name.

      _update_op: the op's name without its prefixes, such as 'Momentum'.
      _slot_inputs: {name of an input of the op: slot name}.
      _hyperparameters: {name of an input of the op: (attribute that holds its value, name of its constant)}.
      _update_attrs: {attr of the op: attribute that holds its value}.
    """
    _update_op = ''
    _slot_inputs = {}
    _hyperparameters = {}
    _update_attrs = {}

    def _prepare(self):
        self._tensors = {}
        for name, (attribute, constant_name) in self._hyperparameters.items():
            value = self._call_if_callable(getattr(self, attribute))
            self._tensors[name] = convert.to_tensor(value, name=constant_name)

    def _hyperparameter(self, name, dtype):
        """The tensor for the input `name`, as the update of a variable of `dtype` wants it."""
        return math.cast(self._tensors[name], dtype)

    def _apply_update(self, var, grad, indices=None):
        prefix = 'Resource' if is_resource(var) else ''
        op_type = prefix + ('SparseApply' if indices is not None else 'Apply') + self._update_op
        inputs = []
        for arg in registry.OPS[op_type].inputs:
            if arg.name == 'var':
                inputs.append(_changed(var))
            elif arg.name in self._slot_inputs:
                inputs.append(_changed(self.get_slot(var, self._slot_inputs[arg.name])))
            elif arg.name in ('grad', 'delta'):
                inputs.append(grad)
            elif arg.name == 'indices':
                inputs.append(indices)
            else:
                inputs.append(self._hyperparameter(arg.name, var.dtype.base_dtype))
        attrs = {name: getattr(self, attribute) for name, attribute in self._update_attrs.items()}
        update = apply(op_type, *inputs, use_locking=self._use_locking, **attrs)
        return update if prefix or indices is not None else update.op

    def _apply_dense(self, grad, var):
        return self._apply_update(var, grad)

    def _resource_apply_dense(self, grad, var):
        return self._apply_update(var, grad)

    def _apply_sparse(self, grad, var):
        return self._apply_update(var, grad.values, grad.indices)

    def _resource_apply_sparse(self, grad, var, indices):
        return self._apply_update(var, grad, indices)


def _changed(variable):
    return variable.handle if is_resource(variable) else variable
