"""Order and grouping: no_op, group, tuple, with_dependencies."""
from graphflow.framework import convert, scopes
from graphflow.framework.apply import apply
from graphflow.framework.export import export
from graphflow.framework.indexed_slices import IndexedSlices
from graphflow.framework.operation import Operation
from graphflow.framework.registry import not_differentiable, op
from graphflow.framework.shape_rules import no_outputs
from graphflow.framework.tensor import Tensor
from graphflow.util import nest

op('NoOp', '->', '', shape=no_outputs)
op('ControlTrigger', '->', '', shape=no_outputs)
not_differentiable('NoOp', 'ControlTrigger')


@export('no_op')
def no_op(name=None):
    """An Operation that does nothing, useful as a place to hang control dependencies on."""
    return apply('NoOp', name=name)


@export('group')
def group(*inputs, **kwargs):
    """An Operation that is done when all of `inputs` are.

    Args:
      *inputs: Operations, Tensors, IndexedSlices or (nested) lists of them.
      name: a name for it.

    Raises: TypeError for anything else among the inputs.
    """
    name = kwargs.pop('name', None)
    if kwargs:
        raise ValueError('Unknown keyword arguments: ' + ', '.join(kwargs.keys()))
    inputs = nest.flatten(inputs, expand_composites=True)
    with scopes.name_scope(name, 'group_deps', [i for i in inputs if hasattr(i, 'graph')]) as name:
        by_device = {}
        for element in inputs:
            if not hasattr(element, 'device'):
                raise TypeError(f'Expected tf.group() expected Tensor arguments not \'{element}\' with type '
                                f'\'{type(element)}\'')
            by_device.setdefault(element.device, []).append(element)
        if len(by_device) == 1:
            (device, ops), = by_device.items()
            return _no_op_after(device, ops, name)
        # First one node a device, then one for them all.
        gates = [_no_op_after(device, by_device[device], None) for device in sorted(by_device)]
        return _no_op_after(None, gates, name)


def _no_op_after(device, ops, name):
    with scopes.control_dependencies(ops):
        if not device:
            return no_op(name=name)
        with scopes.device(device):
            return no_op(name=name)


def with_dependencies(dependencies, output_tensor, name=None):
    """`output_tensor` (a Tensor or IndexedSlices), which is not there before all of `dependencies` have run."""
    with scopes.name_scope(name, 'control_dependency', list(dependencies) + [output_tensor]) as name:
        with scopes.colocate_with(output_tensor), scopes.control_dependencies(dependencies):
            output_tensor = convert.convert_to_tensor_or_indexed_slices(output_tensor)
            if isinstance(output_tensor, IndexedSlices):
                return IndexedSlices(_identity(output_tensor.values, name), output_tensor.indices,
                                     output_tensor.dense_shape)
            return _identity(output_tensor, name)


def _identity(tensor, name):
    return apply('RefIdentity' if tensor.dtype._is_ref_dtype else 'Identity', tensor, name=name)


@export('tuple')
def tuple(tensors, name=None, control_inputs=None):
    """`tensors`, none of which is there before all of them are computed.

    Args:
      tensors: a list of Tensors (or what converts to one), IndexedSlices, Operations and None.
      name: a name for the scope of the nodes.
      control_inputs: further Operations and Tensors to wait for.

    Returns: a list like `tensors`.

    Raises: ValueError if there is no tensor among them, TypeError if a control input is neither Operation nor Tensor.
    """
    with scopes.name_scope(name, 'tuple', [t for t in tensors if t is not None]) as name:
        tensors = [t if t is None or isinstance(t, Operation) or hasattr(t, 'op') else convert.to_tensor(t)
                   for t in tensors]
        gating = {(t if not hasattr(t, 'op') else t.op) for t in tensors if t is not None}
        for control in control_inputs or ():
            control = control.op if isinstance(control, Tensor) else control
            if not isinstance(control, Operation):
                raise TypeError(f'Control input must be Operation or Tensor: {control}')
            gating.add(control)
        if not gating:
            raise ValueError(f'Must have at least one Tensor: {tensors}')
        gate = group(*sorted(gating, key=lambda op: op._id))
        return [None if t is None else group(gate, t) if isinstance(t, Operation) else with_dependencies([gate], t)
                for t in tensors]
