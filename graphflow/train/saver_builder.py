"""The nodes that a Saver adds: one that saves, and one that restores."""
import uuid

from graphflow.framework import device as device_lib, scopes
from graphflow.framework.apply import apply
from graphflow.framework.export import export
from graphflow.ops import array, constant, control_flow, string
from graphflow.train import saveable

V1, V2 = 1, 2       # SaverDef.CheckpointFormatVersion


@export('python.training.saver.BaseSaverBuilder')
class BaseSaverBuilder:
    """Adds nodes that save and restore; each tensor is restored by a node of its own.

    Args:
      write_version: the format of checkpoints, SaverDef.V1 or V2.
    """
    SaveSpec = saveable.SaveSpec
    SaveableObject = saveable.SaveableObject
    VariableSaveable = saveable.ReferenceVariableSaveable
    ResourceVariableSaveable = saveable.ResourceVariableSaveable

    def __init__(self, write_version=V2):
        self._write_version = write_version

    def save_op(self, filename_tensor, saveables):
        """The Operation that writes the tensors of `saveables` to the file `filename_tensor`."""
        specs = [spec for each in saveables for spec in each.specs]
        tensors = [spec.tensor for spec in specs]
        names, slices = [spec.name for spec in specs], [spec.slice_spec for spec in specs]
        if self._write_version == V1:
            return apply('SaveSlices', filename_tensor, names, slices, tensors, name='save')
        if self._write_version == V2:
            return apply('SaveV2', filename_tensor, names, slices, tensors)
        raise RuntimeError('Unexpected write_version: ' + str(self._write_version))

    def restore_op(self, filename_tensor, saveable, preferred_shard):
        """The tensors of one SaveableObject as read from the file `filename_tensor`."""
        return [_restore(filename_tensor, [spec])[0] for spec in saveable.specs]

    def bulk_restore(self, filename_tensor, saveables, preferred_shard, restore_sequentially):
        """The tensors of all `saveables`, a list, as read from the file `filename_tensor`."""
        tensors = []
        for each in saveables:
            with scopes.device(saveable.set_cpu0(each.device) if each.device else None):
                tensors += self.restore_op(filename_tensor, each, preferred_shard)
        return tensors

    def sharded_filename(self, filename_tensor, shard, num_shards):
        """The name of one file of several, a string Tensor."""
        return apply('ShardedFilename', filename_tensor, shard, num_shards)

    def _AddSaveOps(self, filename_tensor, saveables):  # noqa: N802
        save = self.save_op(filename_tensor, saveables)
        return control_flow.with_dependencies([save], filename_tensor)

    def _AddShardedSaveOps(self, filename_tensor, per_device):  # noqa: N802
        if self._write_version == V2:
            return self._AddShardedSaveOpsForV2(filename_tensor, per_device)
        num_shards = constant.constant(len(per_device), name='num_shards')
        saves = []
        for shard, (device, saveables) in enumerate(per_device):
            with scopes.device(device):
                filename = self.sharded_filename(filename_tensor, shard, num_shards)
                saves.append(self._AddSaveOps(filename, saveables))
        with scopes.control_dependencies([x.op for x in saves]):
            return apply('ShardedFilespec', filename_tensor, num_shards)

    def _AddShardedSaveOpsForV2(self, checkpoint_prefix, per_device):  # noqa: N802
        # Each device writes to a folder of this run's own; then the files are moved together.
        prefix = string.string_join([checkpoint_prefix, f'_temp_{uuid.uuid4().hex}/part'])
        num_shards = constant.constant(len(per_device), name='num_shards')
        saves, names, last_device = [], [], None
        for shard, (device, saveables) in enumerate(per_device):
            last_device = device
            with scopes.device(saveable.set_cpu0(device)):
                names.append(self.sharded_filename(prefix, shard, num_shards))
                saves.append(self._AddSaveOps(names[-1], saveables))
        with scopes.control_dependencies([x.op for x in saves]), scopes.device(saveable.set_cpu0(last_device)):
            merge = apply('MergeV2Checkpoints', names, checkpoint_prefix, delete_old_dirs=True)
            with scopes.control_dependencies([merge]):
                return array.identity(checkpoint_prefix)

    def _AddRestoreOps(self, filename_tensor, saveables, restore_sequentially, reshape,  # noqa: N802
                       preferred_shard=-1, name='restore_all'):
        tensors = iter(self.bulk_restore(filename_tensor, saveables, preferred_shard, restore_sequentially))
        assigns = []
        for each in saveables:
            shapes = [_shape(spec.tensor) for spec in each.specs] if reshape else None
            assigns.append(each.restore([next(tensors) for _ in each.specs], shapes))
        return control_flow.group(*assigns, name=name)

    def _AddShardedRestoreOps(self, filename_tensor, per_device, restore_sequentially, reshape):  # noqa: N802
        shards = []
        for shard, (device, saveables) in enumerate(per_device):
            with scopes.device(device):
                shards.append(self._AddRestoreOps(filename_tensor, saveables, restore_sequentially, reshape,
                                                  preferred_shard=shard, name='restore_shard'))
        return control_flow.group(*shards, name='restore_all')

    def _GroupByDevices(self, saveables):  # noqa: N802
        per_device = {}
        for each in saveables:
            devices = {device_lib.canonical_name(spec.tensor.device) for spec in each.specs}
            if len(devices) != 1:
                raise ValueError(f'All tensors of a saveable object must be on the same device: {each.name}')
            per_device.setdefault(devices.pop(), []).append(each)
        return sorted(per_device.items())

    def build(self, names_to_saveables, reshape=False, sharded=False, max_to_keep=5,
              keep_checkpoint_every_n_hours=10000.0, name=None, restore_sequentially=False, filename='model'):
        """Adds the nodes; arguments as for Saver. Returns: a SaverDef message, which names them."""
        return self._build_internal(names_to_saveables, reshape, sharded, max_to_keep, keep_checkpoint_every_n_hours,
                                    name, restore_sequentially, filename)

    def _build_internal(self, names_to_saveables, reshape=False, sharded=False, max_to_keep=5,
                        keep_checkpoint_every_n_hours=10000.0, name=None, restore_sequentially=False, filename='model',
                        build_save=True, build_restore=True):
        from tensorboard.compat.proto import saver_pb2
        saveables = saveable.validate_and_slice_inputs(names_to_saveables)
        if max_to_keep is None:
            max_to_keep = 0
        save_tensor = restore_op = None
        with scopes.name_scope(name, 'save', [each.op for each in saveables]) as name:
            # A placeholder, so that each run may say its file; the second has the name that programs know.
            filename_tensor = constant.placeholder_with_default(filename or 'model', shape=(), name='filename')
            filename_tensor = constant.placeholder_with_default(filename_tensor, shape=(), name='Const')
            groups = self._GroupByDevices(saveables) if sharded else None
            if build_save:
                save_tensor = self._AddShardedSaveOps(filename_tensor, groups) if sharded else \
                    self._AddSaveOps(filename_tensor, saveables)
            if build_restore:
                restore_op = self._AddShardedRestoreOps(filename_tensor, groups, restore_sequentially, reshape) if sharded \
                    else self._AddRestoreOps(filename_tensor, saveables, restore_sequentially, reshape)
        return saver_pb2.SaverDef(
            filename_tensor_name=filename_tensor.name, save_tensor_name=save_tensor.name if build_save else '',
            restore_op_name=restore_op.name if build_restore else '', max_to_keep=max_to_keep, sharded=sharded,
            keep_checkpoint_every_n_hours=keep_checkpoint_every_n_hours, version=self._write_version)


@export('python.training.saver.BulkSaverBuilder')
class BulkSaverBuilder(BaseSaverBuilder):
    """A SaverBuilder whose nodes restore all tensors at once: all of them or, if there is something wrong, none."""

    def bulk_restore(self, filename_tensor, saveables, preferred_shard, restore_sequentially):
        with scopes.device('cpu:0'):
            return _restore(filename_tensor, [spec for each in saveables for spec in each.specs])


def _restore(filename_tensor, specs):
    return apply('RestoreV2', filename_tensor, [spec.name for spec in specs], [spec.slice_spec for spec in specs],
                 dtypes=[spec.dtype.base_dtype for spec in specs])


def _shape(tensor):
    shape = tensor.get_shape()
    return shape if shape.is_fully_defined() else array.shape(tensor)
