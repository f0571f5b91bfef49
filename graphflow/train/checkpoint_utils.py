"""Looking into checkpoints, waiting for them, and initializing variables from them."""
import time

from graphflow.framework import scopes
from graphflow.framework.apply import apply
from graphflow.framework.export import export
from graphflow.ops import variable_scope
from graphflow.ops.partitioned_variables import PartitionedVariable
from graphflow.ops.variables import Variable
from graphflow.platform import gfile, tf_logging
from graphflow.train import checkpoint_management, checkpoint_reader, saveable


def _checkpoint_path(ckpt_dir_or_file):
    if gfile.IsDirectory(ckpt_dir_or_file):
        return checkpoint_management.latest_checkpoint(ckpt_dir_or_file)
    return ckpt_dir_or_file


@export('train.load_checkpoint', 'contrib.framework.load_checkpoint')
def load_checkpoint(ckpt_dir_or_file):
    """A reader (see NewCheckpointReader) of a checkpoint, or of the newest one of a folder.

    Raises: ValueError if the folder has none.
    """
    path = _checkpoint_path(ckpt_dir_or_file)
    if path is None:
        raise ValueError("Couldn't find 'checkpoint' file or checkpoints in given directory %s" % ckpt_dir_or_file)
    return checkpoint_reader.NewCheckpointReader(path)


@export('train.load_variable', 'contrib.framework.load_variable')
def load_variable(ckpt_dir_or_file, name):
    """The values of the variable `name` in a checkpoint, or in the newest one of a folder: an ndarray."""
    return load_checkpoint(ckpt_dir_or_file).get_tensor(name[:-2] if name.endswith(':0') else name)


@export('train.list_variables', 'contrib.framework.list_variables')
def list_variables(ckpt_dir_or_file):
    """The variables in a checkpoint, or in the newest one of a folder: a sorted list of (name, shape)."""
    return sorted(load_checkpoint(ckpt_dir_or_file).get_variable_to_shape_map().items())


@export('contrib.training.wait_for_new_checkpoint')
def wait_for_new_checkpoint(checkpoint_dir, last_checkpoint=None, seconds_to_sleep=1, timeout=None):
    """Waits until the newest checkpoint of a folder is another than `last_checkpoint`.

    Args:
      checkpoint_dir: the folder.
      last_checkpoint: a path or None.
      seconds_to_sleep: between two looks.
      timeout: seconds to wait at most; None: for ever.

    Returns: the checkpoint's path, or None if there was none in time.
    """
    tf_logging.info('Waiting for new checkpoint at %s', checkpoint_dir)
    end = time.time() + timeout if timeout is not None else None
    while True:
        path = checkpoint_management.latest_checkpoint(checkpoint_dir)
        if path is not None and path != last_checkpoint:
            tf_logging.info('Found new checkpoint at %s', path)
            return path
        if end is not None and time.time() + seconds_to_sleep > end:
            return None
        time.sleep(seconds_to_sleep)


@export('train.checkpoints_iterator', 'contrib.training.checkpoints_iterator')
def checkpoints_iterator(checkpoint_dir, min_interval_secs=0, timeout=None, timeout_fn=None):
    """Yields the newest checkpoint of a folder whenever there is a new one.

    Args:
      checkpoint_dir: the folder.
      min_interval_secs: at least so many seconds between two.
      timeout: seconds to wait for one; None: for ever.
      timeout_fn: a function called when there was none in time; the iteration ends if it returns True, or if there is no
        such function.
    """
    path = None
    while True:
        found = wait_for_new_checkpoint(checkpoint_dir, path, timeout=timeout)
        if found is None:
            if not timeout_fn:
                tf_logging.info('Timed-out waiting for a checkpoint.')
                return
            if timeout_fn():
                return
            continue
        path = found
        began = time.time()
        yield path
        left = began + min_interval_secs - time.time()
        if left > 0:
            time.sleep(left)


@export('train.init_from_checkpoint', 'contrib.framework.init_from_checkpoint')
def init_from_checkpoint(ckpt_dir_or_file, assignment_map):
    """Makes variables take their initial values from a checkpoint; call it before their initializers are run.

    Args:
      ckpt_dir_or_file: the checkpoint's path, or a folder with checkpoints.
      assignment_map: a dict. `{'name in checkpoint': variable, list of slices, or name of a variable}` is for one; for all
        in a scope `{'scope in checkpoint/': 'scope of the graph/'}`; '/' is the scope of all.

    Raises: ValueError if the checkpoint lacks a variable, or has it in another shape.
    """
    path = _checkpoint_path(ckpt_dir_or_file)
    shapes = load_checkpoint(ckpt_dir_or_file).get_variable_to_shape_map()
    store = variable_scope._get_default_variable_store()
    for tensor_name, target in sorted(assignment_map.items(), key=lambda pair: pair[0]):
        variable = target if _is_variable(target) else _find_variable(store, target)
        if variable is not None:
            if tensor_name not in shapes:
                raise ValueError(f'Tensor {tensor_name} is not found in {ckpt_dir_or_file} checkpoint {shapes}')
            _check_shape(variable, tensor_name, shapes[tensor_name])
            _initialize_from(variable, path, tensor_name)
        else:
            _initialize_scope(store, path, shapes, tensor_name, target, ckpt_dir_or_file)


def _is_variable(value):
    if isinstance(value, (list, tuple)):
        return all(isinstance(item, Variable) for item in value)
    return isinstance(value, (Variable, PartitionedVariable))


def _find_variable(store, name):
    """The variable that get_variable made, or the list of slices of a partitioned one; None if there is none."""
    if name in store._vars:
        return store._vars[name]
    slices = []
    while f'{name}/part_{len(slices)}' in store._vars:
        slices.append(store._vars[f'{name}/part_{len(slices)}'])
    return slices or None


def _check_shape(variable, tensor_name, shape):
    if isinstance(variable, Variable):
        if variable.get_shape().as_list() != shape:
            raise ValueError(f"Shape of variable {variable.name} ({variable.get_shape()}) doesn't match with shape of "
                             f'tensor {tensor_name} ({shape}) from checkpoint reader.')
    elif list(list(variable)[0]._get_save_slice_info().full_shape) != shape:
        first = list(variable)[0]
        raise ValueError(f"Shape of variable {first.name} ({first._get_save_slice_info().full_shape}) doesn't match with shape "
                         f'of tensor {tensor_name} ({shape}) from checkpoint reader.')


def _initialize_scope(store, path, shapes, checkpoint_scope, scope, shown):
    scope_path = scope.rpartition('/')[0]
    if not checkpoint_scope.endswith('/'):
        raise ValueError(f'Assignment map with scope only name {scope_path} should map to scope only {checkpoint_scope}. '
                         "Should be 'scope/': 'other_scope/'.")
    names = {name.partition('/part_')[0] for name in store._vars
             if not scope_path or name.startswith(scope_path + '/')}
    for name in sorted(names):
        inner = name[len(scope_path):] if scope == '/' else name[len(scope_path) + 1:]
        tensor_name = inner if checkpoint_scope == '/' else checkpoint_scope + inner
        tensor_name = tensor_name.rstrip('/')
        if tensor_name not in shapes:
            raise ValueError(f'Tensor {tensor_name} ({name[len(scope_path) + 1:]} in {checkpoint_scope}) is not found in '
                             f'{shown} checkpoint')
        _initialize_from(_find_variable(store, name), path, tensor_name)


def _initialize_from(variable, path, tensor_name):
    """Gives a variable, or a list of slices, an initializer that reads a checkpoint."""
    if isinstance(variable, Variable):
        _set_initializer(variable, path, tensor_name, '')
        return
    for piece in variable:
        _set_initializer(piece, path, tensor_name, piece._get_save_slice_info().spec)


def _set_initializer(variable, path, tensor_name, slice_spec):
    dtype = variable.dtype.base_dtype
    with scopes.device(variable.device), scopes.device('/cpu:0'):
        value = apply('RestoreV2', path, [tensor_name], [slice_spec], dtypes=[dtype], name='checkpoint_initializer')[0]
    for each in saveable.saveable_objects_for_op(variable, 'name'):
        initializer = each.restore([value], restored_shapes=None)
    variable._initializer_op = initializer
    value.set_shape(variable.shape)
    variable._initial_value = value
