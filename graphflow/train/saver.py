"""tf.train.Saver: saves variables to checkpoints and restores them."""
import numbers
import os
import time

from graphflow.framework import errors, scopes
from graphflow.framework.export import PUBLIC, export
from graphflow.framework.scopes import GraphKeys
from graphflow.ops import variables
from graphflow.platform import compat, gfile, tf_logging
from graphflow.runtime.session import BaseSession
from graphflow.train import checkpoint_management, saver_builder, training_util


def _all_saveable_objects(scope=None):
    """The global variables, and the objects in the collection SAVEABLE_OBJECTS."""
    return variables.global_variables(scope) + scopes.get_collection(GraphKeys.SAVEABLE_OBJECTS, scope)


@export('train.Saver')
class Saver:
    """Saves variables to checkpoints and restores them.

        saver = tf.train.Saver()
        path = saver.save(session, 'model/step', global_step=1000)     # 'model/step-1000'
        saver.restore(session, path)

    A checkpoint has the values by name. A save that is interrupted leaves the checkpoint that was there before; a restore from
    files that are damaged or do not fit changes no variable.

    Args:
      var_list: what to save: a list of variables or SaveableObjects, saved under their names, or a dict of names to these, to
        partitioned variables or to lists of their slices. By default all global variables.
      reshape: whether restored values take the shapes of the variables, if only the number of elements is the same.
      sharded: whether to write a file for each device.
      max_to_keep: how many checkpoints to keep, older ones being deleted; None or 0 for all.
      keep_checkpoint_every_n_hours: besides these, keep one for every so many hours.
      name: a scope for the nodes, 'save' by default.
      restore_sequentially: accepted; the tensors are read one after another anyhow.
      saver_def: a SaverDef message that names the nodes, so that none are added.
      builder: a SaverBuilder; BulkSaverBuilder() by default.
      defer_build: whether the nodes are added only by `build()` or `save`.
      allow_empty: whether there may be nothing to save.
      write_version: the format of the files, SaverDef.V2 or V1.
      pad_step_number: whether the step has eight digits in the files' names.
      save_relative_paths: whether the file `checkpoint` has paths relative to its folder, so that it may be moved.
      filename: the default file name of the graph's nodes.

    Raises: TypeError for what cannot be saved; ValueError if there is nothing to save, or two of a name.
    """

    def __init__(self, var_list=None, reshape=False, sharded=False, max_to_keep=5, keep_checkpoint_every_n_hours=10000.0,
                 name=None, restore_sequentially=False, saver_def=None, builder=None, defer_build=False, allow_empty=False,
                 write_version=saver_builder.V2, pad_step_number=False, save_relative_paths=False, filename=None):
        if defer_build and var_list:
            raise ValueError('If `var_list` is provided then build cannot be deferred. Either set defer_build=False or '
                             'var_list=None.')
        self._var_list, self._reshape, self._sharded = var_list, reshape, sharded
        self._max_to_keep, self._keep_every_hours = max_to_keep, keep_checkpoint_every_n_hours
        self._name, self._restore_sequentially, self._builder = name, restore_sequentially, builder
        self.saver_def, self._write_version = saver_def, write_version
        self._allow_empty, self._pad_step_number = allow_empty, pad_step_number
        self._save_relative_paths, self._filename = save_relative_paths, filename
        self._is_built = self._is_empty = False
        self._last_checkpoints, self._to_be_deleted = [], []      # lists of (path, seconds since 1970)
        if not defer_build:
            self.build()
        if self.saver_def:
            self._check_saver_def()
            self._write_version = self.saver_def.version

    def build(self):
        """Adds the nodes. Raises: ValueError if there is nothing to save."""
        if self._is_built:
            return
        self._is_built = True
        if not self.saver_def:
            if self._builder is None:
                self._builder = saver_builder.BulkSaverBuilder(self._write_version)
            if self._var_list is None:
                self._var_list = _all_saveable_objects()
            if not self._var_list:
                if not self._allow_empty:
                    raise ValueError('No variables to save')
                self._is_empty = True
                return
            self.saver_def = self._builder._build_internal(
                self._var_list, reshape=self._reshape, sharded=self._sharded, max_to_keep=self._max_to_keep,
                keep_checkpoint_every_n_hours=self._keep_every_hours, name=self._name,
                restore_sequentially=self._restore_sequentially, filename=self._filename)
        elif self._name:
            # The nodes that the message names were imported into this scope.
            for field in ('filename_tensor_name', 'save_tensor_name', 'restore_op_name'):
                setattr(self.saver_def, field, variables.with_scope(getattr(self.saver_def, field), self._name))
        self._check_saver_def()
        self._next_kept_time = time.time() + self.saver_def.keep_checkpoint_every_n_hours * 3600

    def _check_saver_def(self):
        from tensorboard.compat.proto import saver_pb2
        if not isinstance(self.saver_def, saver_pb2.SaverDef):
            raise ValueError('saver_def must be a saver_pb2.SaverDef: %s' % self.saver_def)
        for field in ('save_tensor_name', 'restore_op_name'):
            if not getattr(self.saver_def, field):
                raise ValueError(f'saver_def must specify the {field}: {self.saver_def}')

    def as_saver_def(self):
        """The SaverDef message: names of the nodes and what to keep."""
        return self.saver_def

    def to_proto(self, export_scope=None):
        """The SaverDef message with names as seen in the scope `export_scope`; None if the nodes are not in it."""
        if export_scope is None:
            return self.saver_def
        names = [self.saver_def.filename_tensor_name, self.saver_def.save_tensor_name, self.saver_def.restore_op_name]
        if not all(name.startswith(export_scope) for name in names):
            return None
        message = type(self.saver_def)()
        message.CopyFrom(self.saver_def)
        for field in ('filename_tensor_name', 'save_tensor_name', 'restore_op_name'):
            setattr(message, field, variables.without_scope(getattr(message, field), export_scope))
        return message

    @staticmethod
    def from_proto(saver_def, import_scope=None):
        """The Saver that a SaverDef message stands for, its nodes being in the scope `import_scope`."""
        return Saver(saver_def=saver_def, name=import_scope)

    # Checkpoints that were written

    @property
    def last_checkpoints(self):
        """The paths of the checkpoints that are kept for being new, the oldest first."""
        return [path for path, _ in self._last_checkpoints]

    def set_last_checkpoints(self, last_checkpoints):
        """Sets them; deprecated: when they were written is not known then."""
        assert isinstance(last_checkpoints, list)
        self._last_checkpoints = [(path, float('inf')) for path in last_checkpoints]

    def set_last_checkpoints_with_time(self, last_checkpoints_with_time):
        """Sets them from a list of (path, seconds since 1970), the oldest first."""
        assert isinstance(last_checkpoints_with_time, list)
        self._last_checkpoints = last_checkpoints_with_time

    def recover_last_checkpoints(self, checkpoint_paths):
        """Takes up the checkpoints of a Saver of another process: those of the paths, oldest first, that exist."""
        existing = [path for path in checkpoint_paths if checkpoint_management.checkpoint_exists_internal(path)]
        times = checkpoint_management.get_checkpoint_mtimes(existing)
        self.set_last_checkpoints_with_time(list(zip(existing, times)))

    def _record_last_checkpoint(self, path):
        if not self.saver_def.max_to_keep:
            return
        self._last_checkpoints = [each for each in self._last_checkpoints if each[0] != path]
        self._last_checkpoints.append((path, time.time()))
        if len(self._last_checkpoints) > self.saver_def.max_to_keep:
            self._to_be_deleted.append(self._last_checkpoints.pop(0))

    def _delete_old_checkpoints(self, meta_graph_suffix):
        if not self._to_be_deleted:
            return
        path, written = self._to_be_deleted.pop(0)
        if written > self._next_kept_time:
            self._next_kept_time += self.saver_def.keep_checkpoint_every_n_hours * 3600
            return
        try:
            checkpoint_management.remove_checkpoint(path, self.saver_def.version, meta_graph_suffix)
        except Exception as e:      # what cannot be deleted must not end the training
            tf_logging.warning('Ignoring: %s', str(e))

    # Saving and restoring

    def save(self, sess, save_path, global_step=None, latest_filename=None, meta_graph_suffix='meta', write_meta_graph=True,
             write_state=True, strip_default_attrs=False, save_debug_info=False):
        """Saves the variables.

        Args:
          sess: a Session.
          save_path: a path: what the files' names begin with.
          global_step: an int, or a tensor or variable of one, that is added to the names.
          latest_filename: the name of the file that lists the checkpoints, 'checkpoint' by default.
          meta_graph_suffix: of the MetaGraph file, which has the graph.
          write_meta_graph: whether to write it.
          write_state: whether to list the checkpoint.
          strip_default_attrs, save_debug_info: see export_meta_graph.

        Returns: the path of the checkpoint, for `restore`; None if the Saver is empty.

        Raises: TypeError if `sess` is no Session; ValueError if `latest_filename` has folders in it or is a checkpoint's
          name; RuntimeError before `build`.
        """
        if not self._is_built:
            raise RuntimeError('`build()` should be called before save if defer_build==True')
        latest_filename = latest_filename or 'checkpoint'
        if self._write_version != saver_builder.V2:
            tf_logging.warning('TensorFlow\'s V1 checkpoint format has been deprecated.')
        if os.path.split(latest_filename)[0]:
            raise ValueError("'latest_filename' must not contain path components")
        path = compat.path_to_str(save_path)
        if global_step is not None:
            step = global_step if isinstance(global_step, numbers.Integral) else training_util.global_step(sess, global_step)
            path = f'{path}-{step:08d}' if self._pad_step_number else f'{path}-{step}'
        elif os.path.basename(path) == latest_filename and not self._sharded:
            raise ValueError(f"'latest_filename' collides with 'save_path': '{latest_filename}' and '{save_path}'")
        if not isinstance(sess, BaseSession):
            raise TypeError(f"'sess' must be a Session; {sess}")
        if not self._is_empty:
            written = compat.as_str_any(sess.run(self.saver_def.save_tensor_name, {self.saver_def.filename_tensor_name: path}))
        if write_meta_graph:    # before the checkpoint is listed, as what is listed should be complete
            with sess.graph.as_default():
                self.export_meta_graph(checkpoint_management.meta_graph_filename(path, meta_graph_suffix),
                                       strip_default_attrs=strip_default_attrs, save_debug_info=save_debug_info)
        if self._is_empty:
            return None
        if write_state:
            self._record_last_checkpoint(written)
            checkpoint_management.update_checkpoint_state_internal(
                os.path.dirname(compat.path_to_str(save_path)), written, self.last_checkpoints, latest_filename,
                save_relative_paths=self._save_relative_paths)
            self._delete_old_checkpoints(meta_graph_suffix)
        return written

    def restore(self, sess, save_path):
        """Sets the variables to the values in a checkpoint; they need no initialization then.

        Args:
          sess: a Session.
          save_path: what `save` returned.

        Raises: ValueError if there is no such checkpoint; NotFoundError if it lacks a variable; InvalidArgumentError if one
          has another shape or type; DataLossError if the files are damaged.
        """
        if self._is_empty:
            return
        if save_path is None:
            raise ValueError("Can't load save_path when it is None.")
        path = compat.path_to_str(save_path)
        if not checkpoint_management.checkpoint_exists_internal(path):
            raise ValueError('The passed save_path is not a valid checkpoint: ' + path)
        tf_logging.info('Restoring parameters from %s', path)
        try:
            sess.run(self.saver_def.restore_op_name, {self.saver_def.filename_tensor_name: path})
        except errors.NotFoundError as e:
            raise _explained(e, 'a Variable name or other graph key that is missing from the checkpoint') from e
        except errors.InvalidArgumentError as e:
            raise _explained(e, 'a mismatch between the current graph and the graph from the checkpoint') from e

    def export_meta_graph(self, filename=None, collection_list=None, as_text=False, export_scope=None, clear_devices=False,
                          clear_extraneous_savers=False, strip_default_attrs=False, save_debug_info=False):
        """Writes a MetaGraphDef: the default graph, its collections and this Saver. See tf.train.export_meta_graph."""
        return PUBLIC['train.export_meta_graph'](
            filename=filename, saver_def=self.saver_def, collection_list=collection_list, as_text=as_text,
            export_scope=export_scope, clear_devices=clear_devices, clear_extraneous_savers=clear_extraneous_savers,
            strip_default_attrs=strip_default_attrs, save_debug_info=save_debug_info)


def get_saver_or_default():
    """The Saver in the collection SAVERS or, if that is empty, a new one, put there.

    Raises: RuntimeError if there are several.
    """
    savers = scopes.get_collection(GraphKeys.SAVERS)
    if len(savers) > 1:
        raise RuntimeError(f'More than one item in collection {GraphKeys.SAVERS}. Please indicate which one to use by passing '
                           'it to the constructor.')
    if savers:
        return savers[0]
    saver = Saver(sharded=True, allow_empty=True)
    scopes.add_to_collection(GraphKeys.SAVERS, saver)
    return saver


_get_saver_or_default = get_saver_or_default


def _explained(error, cause):
    return type(error)(error.node_def, error.op, f'Restoring from checkpoint failed. This is most likely due to {cause}. Please '
                       'ensure that you have not altered the graph expected based on the checkpoint. Original error:\n\n'
                       + error.message)
