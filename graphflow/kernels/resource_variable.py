"""Kernels of resource variables. A handle reaches a kernel as the VariableCell it stands for.

A read is a copy: what was read keeps its value whatever updates follow, and updates may work in place.
"""
import numpy as np

from graphflow.framework import errors
from graphflow.framework.registry import KERNELS, kernel
from graphflow.kernels import state
from graphflow.kernels.elementwise import shape_text


@kernel('VarHandleOp')
def var_handle(node, session, container, shared_name):
    return session.cell(container, shared_name or node.name)


def _existing(cell):
    """The value. Raises: NotFoundError if there is none yet."""
    if cell.value is None:
        raise errors.NotFoundError(None, None, f'Container localhost does not exist. (Could not find resource: '
                                               f'localhost/{cell.name})')
    return cell.value


def _read(cell):
    if cell.value is None:
        raise errors.FailedPreconditionError(
            None, None, f'Error while reading resource variable {cell.name} from Container: localhost. This could mean '
            'that the variable was uninitialized. Not found: Container localhost does not exist. (Could not find '
            f'resource: localhost/{cell.name})')
    return cell.value


@kernel('ReadVariableOp')
def read_variable(resource):
    with resource.lock:
        return _read(resource).copy()


@kernel('VarIsInitializedOp')
def var_is_initialized(resource):
    return np.bool_(resource.value is not None)


@kernel('DestroyResourceOp')
def destroy_resource(resource, ignore_lookup_error):
    with resource.lock:
        if not ignore_lookup_error:
            _existing(resource)
        resource.value = None


@kernel('AssignVariableOp')
def assign_variable(resource, value, dtype):
    resource.assign(np.asarray(value, dtype))


def _update(resource, value, change):
    with resource.lock:
        target = _existing(resource)
        if np.shape(value) != target.shape:
            raise errors.InvalidArgumentError(
                None, None, f'Cannot update variable with shape {shape_text(target.shape)} using a Tensor with shape '
                f'{shape_text(np.shape(value))}, shapes must be equal.')
        change(target, value)


@kernel('AssignAddVariableOp')
def assign_add_variable(resource, value):
    _update(resource, value, state.add_in_place)


@kernel('AssignSubVariableOp')
def assign_sub_variable(resource, value):
    _update(resource, value, state.subtract_in_place)


@kernel('VariableShape')
def variable_shape(input, out_type):
    return np.array(_existing(input).shape, out_type)


@kernel('ResourceCountUpTo')
def count_up_to(resource, limit):
    return state.count_up_to(resource, limit)


@kernel('ResourceGather')
def resource_gather(resource, indices, batch_dims):
    with resource.lock:
        return np.array(KERNELS['GatherV2'](_read(resource), indices, np.int32(batch_dims), batch_dims))


@kernel('ResourceGatherNd')
def resource_gather_nd(resource, indices):
    with resource.lock:
        return np.array(KERNELS['GatherNd'](_read(resource), indices))


def _scatter_kernel(name, function, operation):
    @kernel(name)
    def run(resource, indices, updates):
        with resource.lock:
            function(_existing(resource), indices, updates, operation)


for _operation in state.SCATTERS:
    _scatter_kernel('ResourceScatter' + _operation, state.scatter, _operation)
for _operation in ('Update', 'Add', 'Sub'):
    _scatter_kernel('ResourceScatterNd' + _operation, state.scatter_nd, _operation)
