"""Optimizer: computes gradients and applies them to variables; the base of every optimizer of tf.train."""
from graphflow.framework import convert, dtypes, scopes
from graphflow.framework.export import export
from graphflow.framework.graph import get_default_graph
from graphflow.framework.indexed_slices import IndexedSlices
from graphflow.framework.scopes import GraphKeys
from graphflow.framework.tensor import Tensor
from graphflow.ops import array, control_flow, gradients, order, segment, state, training, variables  # noqa: F401
from graphflow.train import slot_creator
from graphflow.util import nest


def _key(variable):
    return getattr(variable, 'op', variable).graph, getattr(variable, 'op', variable).name


def deduplicated(values, indices):
    """Sums the rows of `values` that have one index: (summed values, unique indices)."""
    unique_indices, positions = order.unique(indices)
    return segment.unsorted_segment_sum(values, positions, array.shape(unique_indices)[0]), unique_indices


@export('train.Optimizer')
class Optimizer:
    """Base class of optimizers. Subclasses say how one gradient changes one variable.

    Args:
      use_locking: whether concurrent updates of a variable exclude each other.
      name: a non-empty name for the scope of the update's nodes and for the slots.
    """
    GATE_NONE, GATE_OP, GATE_GRAPH = 0, 1, 2

    def __init__(self, use_locking, name):
        if not name:
            raise ValueError('Must specify the optimizer name')
        self._use_locking = use_locking
        self._name = name
        self._slots = {}            # slot name -> {variable key: variable}
        self._non_slot = {}         # (name, graph) -> variable

    def get_name(self):
        """The optimizer's name."""
        return self._name

    def minimize(self, loss, global_step=None, var_list=None, gate_gradients=GATE_OP, aggregation_method=None,
                 colocate_gradients_with_ops=False, name=None, grad_loss=None):
        """Adds the nodes that lower `loss` by one step: compute_gradients, then apply_gradients.

        Args:
          loss: a Tensor of a floating type.
          global_step: a Variable to count up by one with every step.
          var_list: the Variables to change; all trainable ones if None.
          gate_gradients: GATE_NONE, GATE_OP or GATE_GRAPH: how much of the gradients must be there before any is used.
          aggregation_method: an `AggregationMethod`.
          colocate_gradients_with_ops: see `tf.gradients`.
          name: a name for the step.
          grad_loss: a Tensor: the derivative of some outer function by `loss`.

        Returns: an Operation that makes the step (and counts `global_step`).

        Raises: ValueError if no variable has a gradient, TypeError for an unfit loss.
        """
        grads_and_vars = self.compute_gradients(
            loss, var_list=var_list, gate_gradients=gate_gradients, aggregation_method=aggregation_method,
            colocate_gradients_with_ops=colocate_gradients_with_ops, grad_loss=grad_loss)
        if not any(g is not None for g, _ in grads_and_vars):
            raise ValueError(
                'No gradients provided for any variable, check your graph for ops that do not support gradients, '
                f'between variables {[str(v) for _, v in grads_and_vars]} and loss {loss}.')
        return self.apply_gradients(grads_and_vars, global_step=global_step, name=name)

    def compute_gradients(self, loss, var_list=None, gate_gradients=GATE_OP, aggregation_method=None,
                          colocate_gradients_with_ops=False, grad_loss=None):
        """The gradients of `loss` by the variables; arguments as for `minimize`.

        Returns: a list of (gradient, variable), the gradient being a Tensor, IndexedSlices or None.
        """
        if callable(loss) and not isinstance(loss, Tensor):
            loss = loss()
        if gate_gradients not in (self.GATE_NONE, self.GATE_OP, self.GATE_GRAPH):
            raise ValueError('gate_gradients must be one of: Optimizer.GATE_NONE, Optimizer.GATE_OP, '
                             f'Optimizer.GATE_GRAPH.  Not {gate_gradients}')
        self._assert_valid_dtypes([loss])
        if grad_loss is not None:
            self._assert_valid_dtypes([grad_loss])
        if var_list is None:
            graph = get_default_graph()
            var_list = variables.trainable_variables() + graph.get_collection('trainable_resource_variables')
        else:
            var_list = nest.flatten(var_list)
        var_list = list(var_list) + get_default_graph().get_collection(GraphKeys._STREAMING_MODEL_PORTS)
        targets = [_target(v) for v in var_list]
        if not var_list:
            raise ValueError('No variables to optimize.')
        grads = gradients.gradients(loss, targets, grad_ys=grad_loss, gate_gradients=gate_gradients == self.GATE_OP,
                                    aggregation_method=aggregation_method,
                                    colocate_gradients_with_ops=colocate_gradients_with_ops)
        if gate_gradients == self.GATE_GRAPH:
            grads = control_flow.tuple(grads)
        grads_and_vars = list(zip(grads, var_list))
        self._assert_valid_dtypes([v for g, v in grads_and_vars if g is not None and v.dtype != dtypes.resource])
        return grads_and_vars

    def apply_gradients(self, grads_and_vars, global_step=None, name=None):
        """Adds the nodes that apply gradients.

        Args:
          grads_and_vars: an iterable of (gradient, variable), as compute_gradients gives.
          global_step: a Variable to count up by one.
          name: a name for the step; the optimizer's by default.

        Returns: an Operation.

        Raises: TypeError if a gradient is none, ValueError if no variable has one.
        """
        pairs = tuple(grads_and_vars)
        if not pairs:
            raise ValueError('No variables provided.')
        pairs = [(_checked_gradient(g), v) for g, v in pairs]
        var_list = [v for g, v in pairs if g is not None]
        if not var_list:
            raise ValueError(f'No gradients provided for any variable: {[str(v) for _, v in pairs]}.')
        with scopes.init_scope():
            self._create_slots(var_list)
        updates = []
        with scopes.name_scope(name, self._name) as name:
            self._prepare()
            for grad, variable in pairs:
                if grad is None:
                    continue
                if isinstance(variable, Tensor):
                    raise NotImplementedError('Trying to update a Tensor ', variable)
                with scopes.name_scope('update_' + variable.op.name), scopes.colocate_with(variable.op):
                    updates.append(self._update(grad, variable))
            if global_step is None:
                step = self._finish(updates, name)
            else:
                with scopes.control_dependencies([self._finish(updates, 'update')]):
                    with scopes.colocate_with(global_step.op):
                        step = _count(global_step, name)
            if isinstance(step, Tensor):
                step = step.op
            train_ops = get_default_graph().get_collection_ref(GraphKeys.TRAIN_OP)
            if step not in train_ops:
                train_ops.append(step)
            return step

    def _update(self, grad, variable):
        """The node that changes `variable` by `grad`, and then by its constraint."""
        if is_resource(variable):
            return self._update_resource(grad, variable)
        if isinstance(grad, IndexedSlices):
            if variable.constraint is not None:
                raise RuntimeError('Cannot use a constraint function on a sparse variable.')
            return self._apply_sparse_duplicate_indices(grad, variable)
        update = self._apply_dense(grad, variable)
        return self._constrained(variable, update)

    @staticmethod
    def _constrained(variable, update):
        if variable.constraint is None:
            return update
        with scopes.control_dependencies([update]):
            return variable.assign(variable.constraint(variable))

    def _update_resource(self, grad, variable):
        if isinstance(grad, IndexedSlices):
            if variable.constraint is not None:
                raise RuntimeError('Cannot use a constraint function on a sparse variable.')
            return self._resource_apply_sparse_duplicate_indices(grad.values, variable, grad.indices)
        return self._constrained(variable, self._resource_apply_dense(grad, variable))

    # Slots

    def _zeros_slot(self, variable, slot_name, op_name):
        slots = self._slot_dict(slot_name)
        if _key(variable) not in slots:
            slots[_key(variable)] = slot_creator.create_zeros_slot(variable, op_name)
        return slots[_key(variable)]

    def _get_or_make_slot(self, variable, value, slot_name, op_name):
        slots = self._slot_dict(slot_name)
        if _key(variable) not in slots:
            slots[_key(variable)] = slot_creator.create_slot(variable, value, op_name)
        return slots[_key(variable)]

    def _get_or_make_slot_with_initializer(self, variable, initializer, shape, dtype, slot_name, op_name):
        slots = self._slot_dict(slot_name)
        if _key(variable) not in slots:
            slots[_key(variable)] = slot_creator.create_slot_with_initializer(
                variable, initializer, shape, dtype, op_name)
        return slots[_key(variable)]

    def _slot_dict(self, slot_name):
        return self._slots.setdefault(slot_name, {})

    def get_slot(self, var, name):
        """The slot `name` of variable `var`, a Variable, or None."""
        return self._slots.get(name, {}).get(_key(var))

    def get_slot_names(self):
        """The names of the slots, sorted."""
        return sorted(self._slots)

    def _create_non_slot_variable(self, initial_value, name, colocate_with):
        """A variable that all trained variables share, made once a graph."""
        key = name, colocate_with.graph
        found = self._non_slot.get(key)
        if found is None:
            with scopes.colocate_with(colocate_with.op):
                found = variables.Variable(initial_value, name=name, trainable=False,
                                           use_resource=is_resource(colocate_with) or None)
            self._non_slot[key] = found
        return found

    def _get_non_slot_variable(self, name, graph=None):
        return self._non_slot.get((name, graph))

    def variables(self):
        """The optimizer's own variables in the current graph, sorted by name."""
        graph = get_default_graph()
        found = [v for (_, owner), v in self._non_slot.items() if owner is graph]
        found += [v for slots in self._slots.values() for (owner, _), v in slots.items() if owner is graph]
        return sorted(found, key=lambda v: v.name)

    # What subclasses define

    def _create_slots(self, var_list):
        """Makes the slots for the variables in `var_list`."""

    def _prepare(self):
        """Makes the tensors that all updates use."""

    def _apply_dense(self, grad, var):
        """The Operation that changes `var` by the Tensor `grad`."""
        raise NotImplementedError()

    def _resource_apply_dense(self, grad, handle):
        """The Operation that changes a resource variable by the Tensor `grad`."""
        raise NotImplementedError()

    def _apply_sparse(self, grad, var):
        """The Operation that changes rows of `var` by the IndexedSlices `grad`, whose indices are unique."""
        raise NotImplementedError()

    def _resource_apply_sparse(self, grad, handle, indices):
        raise NotImplementedError()

    def _apply_sparse_duplicate_indices(self, grad, var):
        """_apply_sparse for indices that may repeat: rows of one index are added up first."""
        summed, unique = deduplicated(grad.values, grad.indices)
        return self._apply_sparse(IndexedSlices(summed, unique, grad.dense_shape), var)

    def _resource_apply_sparse_duplicate_indices(self, grad, handle, indices):
        summed, unique = deduplicated(grad, indices)
        return self._resource_apply_sparse(summed, handle, unique)

    def _finish(self, update_ops, name_scope):
        """The Operation that is the whole step."""
        return control_flow.group(*update_ops, name=name_scope)

    def _call_if_callable(self, param):
        """A hyperparameter, which may be given as a function."""
        return param() if callable(param) and not isinstance(param, (Tensor, variables.Variable)) else param

    def _valid_dtypes(self):
        return {dtypes.float16, dtypes.bfloat16, dtypes.float32, dtypes.float64}

    def _assert_valid_dtypes(self, tensors):
        valid = self._valid_dtypes()
        for tensor in tensors:
            if tensor.dtype.base_dtype not in valid:
                raise ValueError(f'Invalid type {tensor.dtype.base_dtype!r} for {tensor.name}, expected: '
                                 f'{list(valid)}.')


def is_resource(variable):
    return hasattr(variable, 'handle')


def _target(variable):
    """What of a variable gradients are taken by. Raises: NotImplementedError for what is no variable."""
    if is_resource(variable):
        return variable.handle
    if isinstance(variable, variables.Variable):
        return variable._ref()
    if isinstance(variable, Tensor):
        return variable
    if hasattr(variable, '_ref'):
        return variable._ref()
    # What is no node at all fails here already, with an AttributeError.
    raise NotImplementedError('Trying to optimize unsupported type ', variable.op and variable)


def _checked_gradient(grad):
    if grad is None:
        return None
    try:
        return convert.convert_to_tensor_or_indexed_slices(grad)
    except TypeError:
        raise TypeError(f'Gradient must be convertible to a Tensor or IndexedSlices, or None: {grad}') from None


def _count(global_step, name):
    if is_resource(global_step):
        return global_step.assign_add(1, name=name, read_value=False)
    return state.assign_add(global_step, 1, name=name)
