"""What a Saver saves: each variable, slice of a variable or other object as a SaveableObject."""
from graphflow.framework import convert, scopes
from graphflow.framework.apply import apply
from graphflow.framework.device import DeviceSpec
from graphflow.framework.export import export
from graphflow.ops import array, state
from graphflow.ops.partitioned_variables import PartitionedVariable
from graphflow.ops.resource_variable import BaseResourceVariable
from graphflow.ops.variables import Variable

_VARIABLE_OPS = ('Variable', 'VariableV2', 'AutoReloadVariable', 'VarHandleOp', 'ReadVariableOp')


@export('python.training.saving.saveable_object.SaveSpec')
class SaveSpec:
    """A tensor to save.

    Args:
      tensor: the Tensor, or a function without arguments that makes it.
      slice_spec: which slice of a larger tensor it is ('10 20 0,10:5,5'); '' for all.
      name: the name it has in the checkpoint.
      dtype, device: of the tensor; needed if it is a function.
    """

    def __init__(self, tensor, slice_spec, name, dtype=None, device=None):
        self._tensor, self.slice_spec, self.name = tensor, slice_spec, name
        if callable(tensor):
            if dtype is None or device is None:
                raise AssertionError('When passing a callable `tensor` to a SaveSpec, an explicit dtype and device must be '
                                     'provided.')
            self.dtype, self.device = dtype, device
        else:
            self.dtype, self.device = tensor.dtype, tensor.device

    @property
    def tensor(self):
        """The Tensor; a function makes one each time."""
        return self._tensor() if callable(self._tensor) else self._tensor


@export('python.training.saving.saveable_object.SaveableObject')
class SaveableObject:
    """Base class of objects that are saved and restored as one.

    Args:
      op: the Tensor, Variable or Operation that stands for it.
      specs: a list of SaveSpecs, all on one device.
      name: its name.
    """

    def __init__(self, op, specs, name):
        self.op, self.specs, self.name = op, specs, name
        self._device = None

    @property
    def optional_restore(self):
        """Whether it may be missing in a checkpoint."""
        return False

    @property
    def device(self):
        """The device of its tensors."""
        if self._device is None:
            self._device = self.specs[0].device
        return self._device

    def restore(self, restored_tensors, restored_shapes):
        """Adds nodes that restore the object.

        Args:
          restored_tensors: the values of its specs, a list of Tensors.
          restored_shapes: the shapes that they are to get, or None.

        Returns: an Operation that restores it when run.
        """
        raise ValueError('Calling an abstract method.')


def _reshaped(restored_tensors, restored_shapes):
    tensor = restored_tensors[0]
    return tensor if restored_shapes is None else array.reshape(tensor, restored_shapes[0])


@export('python.training.saving.saveable_object_util.ReferenceVariableSaveable')
class ReferenceVariableSaveable(SaveableObject):
    """A variable that is a reference, or a slice of one."""

    def __init__(self, var, slice_spec, name):
        super().__init__(var, [SaveSpec(var, slice_spec, name, dtype=var.dtype)], name)

    def restore(self, restored_tensors, restored_shapes):
        tensor = _reshaped(restored_tensors, restored_shapes)
        known = restored_shapes is None and self.op.get_shape().is_fully_defined()
        return state.assign(self.op, tensor, validate_shape=known)


@export('python.training.saving.saveable_object_util.ResourceVariableSaveable')
class ResourceVariableSaveable(SaveableObject):
    """A resource variable, or a slice of one: the variable, or a tensor that reads it."""

    def __init__(self, var, slice_spec, name):
        self._var_device, self._var_shape = var.device, var.shape
        if isinstance(var, BaseResourceVariable):
            self.handle_op = var.handle
            tensor = _reading(var)
        else:
            self.handle_op = var.op.inputs[0]
            tensor = var
        super().__init__(var, [SaveSpec(tensor, slice_spec, name, dtype=var.dtype, device=var.device)], name)

    def restore(self, restored_tensors, restored_shapes):
        tensor = _reshaped(restored_tensors, restored_shapes)
        with scopes.device(self._var_device):
            value = array.identity(tensor)
            self._var_shape.assert_is_compatible_with(value.get_shape())
            return apply('AssignVariableOp', self.handle_op, value)


def _reading(variable):
    def read():
        with scopes.device(variable.device):
            value = variable.read_value()
            with scopes.device('/device:CPU:0'):    # where files are
                return array.identity(value)
    return read


def set_cpu0(device_string):
    """The CPU of the task that a device is of: where its tensors are read from files."""
    spec = DeviceSpec.from_string(device_string)
    spec.device_type, spec.device_index = 'CPU', 0
    return spec.to_string()


def _comes_from_variable(tensor):
    return hasattr(tensor, 'op') and tensor.op.type in _VARIABLE_OPS


def op_list_to_dict(op_list, convert_variable_to_tensor=True):
    """{name in a checkpoint: what is saved under it} of variables, PartitionedVariables, slices and SaveableObjects.

    Raises: TypeError for anything else; ValueError if two have the same name.
    """
    if not isinstance(op_list, (list, tuple, set)):
        raise TypeError(f'Variables to save should be passed in a dict or a list: {op_list}')
    found = {}
    for var in sorted(op_list, key=lambda each: each.name):
        if isinstance(var, SaveableObject):
            found[var.name] = var
        elif isinstance(var, PartitionedVariable):
            _take(found, var.name, var)
        elif isinstance(var, Variable) and var._save_slice_info:
            slices = found.setdefault(var._save_slice_info.full_name, [])
            if not isinstance(slices, list):
                raise ValueError(f'Mixing slices and non-slices with the same name: {var._save_slice_info.full_name}')
            slices.append(var)
        else:
            tensor = _variable_tensor(var) if convert_variable_to_tensor else var
            if not _comes_from_variable(tensor):
                raise TypeError(f'Variable to save is not a Variable: {tensor}')
            _take(found, (tensor.op.inputs[0].op if tensor.op.type == 'ReadVariableOp' else tensor.op).name, tensor)
    return found


def _take(found, name, var):
    if name in found:
        raise ValueError(f'At least two variables have the same name: {name}')
    found[name] = var


def _variable_tensor(var):
    """The reference of a variable, or the tensor that reads it if it is a resource."""
    return var._graph_element if isinstance(var, BaseResourceVariable) else convert.to_tensor(var, as_ref=True)


def saveable_objects_for_op(op, name):
    """Yields the SaveableObjects of something to save.

    Args:
      op: a Variable, the tensor of one, a list of its slices, a PartitionedVariable or a SaveableObject.
      name: its name in the checkpoint.

    Raises: TypeError, ValueError for anything else.
    """
    if not isinstance(name, str):
        raise TypeError('names_to_saveables must be a dict mapping string names to trackable operations. Name is not a string: '
                        f'{name}')
    if isinstance(op, SaveableObject):
        yield op
    elif isinstance(op, (list, tuple, PartitionedVariable)):
        yield from _slices(list(op), name)
    else:
        variable = _variable_tensor(op)
        if not _comes_from_variable(variable):
            raise TypeError('names_to_saveables must be a dict mapping string names to Tensors/Variables. Not a variable: '
                            f'{variable}')
        yield _saveable(variable, '', name)


def _saveable(variable, slice_spec, name):
    is_reference = variable.op.type in ('Variable', 'VariableV2', 'AutoReloadVariable')
    return (ReferenceVariableSaveable if is_reference else ResourceVariableSaveable)(variable, slice_spec, name)


def _slices(variables, name):
    whole = None
    for variable in variables:
        if not isinstance(variable, Variable):
            raise ValueError(f'Slices must all be Variables: {variable}')
        info = variable._save_slice_info
        if not info:
            raise ValueError(f'Slices must all be slices: {variable}')
        if whole is not None and whole != info.full_name:
            raise ValueError(f'Slices must all be from the same tensor: {whole} != {info.full_name}')
        whole = info.full_name
        yield _saveable(variable, info.spec, name)


def validate_and_slice_inputs(names_to_saveables):
    """The SaveableObjects of a dict {name: what to save} or a list (see op_list_to_dict), in the order of their names.

    Raises: TypeError for what cannot be saved; ValueError for what is there twice.
    """
    if not isinstance(names_to_saveables, dict):
        names_to_saveables = op_list_to_dict(names_to_saveables)
    saveables, seen = [], set()
    for name, op in sorted(names_to_saveables.items()):
        for saveable in saveable_objects_for_op(op, name):
            if saveable.op in seen:
                raise ValueError(f'The same saveable will be restored with two names: {saveable.name}')
            seen.add(saveable.op)
            saveables.append(saveable)
    return saveables
