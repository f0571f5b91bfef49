"""The files of checkpoints in a folder, and the file `checkpoint` there that lists them."""
import os
import re

from graphflow import protos
from graphflow.framework import errors
from graphflow.framework.export import export
from graphflow.io import bundle, journal
from graphflow.platform import compat, gfile, tf_logging

V2 = 2      # SaverDef.V2: checkpoints of an index and data files


def _state_path(save_dir, latest_filename):
    return os.path.join(save_dir, latest_filename or 'checkpoint')


def _CheckpointState():  # noqa: N802
    return protos.load('checkpoint_state').CheckpointState


@export('train.generate_checkpoint_state_proto')
def generate_checkpoint_state_proto(save_dir, model_checkpoint_path, all_model_checkpoint_paths=None,
                                    all_model_checkpoint_timestamps=None, last_preserved_timestamp=None):
    """A CheckpointState message: which checkpoints there are.

    Args:
      save_dir: the folder of the checkpoints. If it is relative, so are the paths in the message, to it.
      model_checkpoint_path: the newest checkpoint.
      all_model_checkpoint_paths: all of them, the oldest first; the newest is added if it is not in the list.
      all_model_checkpoint_timestamps: when they were written, in seconds since 1970: a list of the same length.
      last_preserved_timestamp: when the last checkpoint that is not to be deleted was written.

    Raises: ValueError if there are more or fewer timestamps than paths.
    """
    paths = list(all_model_checkpoint_paths or [])
    if not paths or paths[-1] != model_checkpoint_path:
        tf_logging.info('%s is not in all_model_checkpoint_paths. Manually adding it.', model_checkpoint_path)
        paths.append(model_checkpoint_path)
    times = all_model_checkpoint_timestamps
    if times and len(times) != len(paths):
        raise ValueError('Checkpoint timestamps, if provided, must match checkpoint paths (got paths %s and timestamps %s)'
                         % (paths, times))
    if not os.path.isabs(save_dir):
        paths = [path if os.path.isabs(path) else os.path.relpath(path, save_dir) for path in paths]
        if not os.path.isabs(model_checkpoint_path):
            model_checkpoint_path = os.path.relpath(model_checkpoint_path, save_dir)
    return _CheckpointState()(
        model_checkpoint_path=model_checkpoint_path, all_model_checkpoint_paths=paths,
        all_model_checkpoint_timestamps=times, last_preserved_timestamp=last_preserved_timestamp)


@export('train.update_checkpoint_state')
def update_checkpoint_state(save_dir, model_checkpoint_path, all_model_checkpoint_paths=None, latest_filename=None,
                            all_model_checkpoint_timestamps=None, last_preserved_timestamp=None):
    """Writes the file that lists the checkpoints of a folder.

    Args: as for generate_checkpoint_state_proto, and
      latest_filename: the file's name, 'checkpoint' by default.

    Raises: RuntimeError if that is the path of a checkpoint.
    """
    update_checkpoint_state_internal(
        save_dir, model_checkpoint_path, all_model_checkpoint_paths, latest_filename,
        all_model_checkpoint_timestamps=all_model_checkpoint_timestamps,
        last_preserved_timestamp=last_preserved_timestamp)


def update_checkpoint_state_internal(save_dir, model_checkpoint_path, all_model_checkpoint_paths=None,
                                     latest_filename=None, save_relative_paths=False,
                                     all_model_checkpoint_timestamps=None, last_preserved_timestamp=None):
    """The same; with save_relative_paths, paths in it are relative to save_dir even if that is absolute."""
    path = _state_path(save_dir, latest_filename)
    paths = all_model_checkpoint_paths
    if save_relative_paths:
        def relative(each):
            return os.path.relpath(each, save_dir or '.') if os.path.isabs(each) else each
        model_checkpoint_path = relative(model_checkpoint_path)
        paths = [relative(each) for each in paths or []]
    state = generate_checkpoint_state_proto(save_dir, model_checkpoint_path, paths, all_model_checkpoint_timestamps,
                                            last_preserved_timestamp)
    if path == state.model_checkpoint_path:
        raise RuntimeError(f"Save path '{model_checkpoint_path}' conflicts with path used for checkpoint state.  Please use a "
                           'different save path.')
    from google.protobuf import text_format
    write_atomically(path, text_format.MessageToString(state).encode())


def write_atomically(path, contents):
    """Writes bytes to a file: a reader sees the file that was there before or the new one, whole.

    Raises: an OpError if it cannot be written.
    """
    with gfile.file_errors(path):
        part = path + journal.PENDING
        with journal.writing:
            with open(part, 'wb') as file:
                file.write(contents)
                journal.sync(file)
            os.replace(part, path)


@export('train.get_checkpoint_state')
def get_checkpoint_state(checkpoint_dir, latest_filename=None):
    """The CheckpointState message in a folder's file `checkpoint` (or `latest_filename`), with paths that lead there.

    Returns None if there is no such file, or none of that format.

    Raises: ValueError if it does not name a checkpoint.
    """
    checkpoint_dir = compat.path_to_str(checkpoint_dir)
    path = _state_path(checkpoint_dir, latest_filename)
    if not os.path.exists(path):
        return None
    from google.protobuf import text_format
    try:
        with gfile.GFile(path) as file:
            state = text_format.Parse(file.read(), _CheckpointState()())
    except (errors.OpError, UnicodeDecodeError, text_format.ParseError) as e:
        tf_logging.warning('%s: %s', type(e).__name__, e)
        tf_logging.warning('%s: Checkpoint ignored', path)
        return None
    if not state.model_checkpoint_path:
        raise ValueError('Invalid checkpoint state loaded from ' + checkpoint_dir)
    state.model_checkpoint_path = os.path.join(checkpoint_dir, state.model_checkpoint_path)
    for i, each in enumerate(state.all_model_checkpoint_paths):
        state.all_model_checkpoint_paths[i] = os.path.join(checkpoint_dir, each)
    return state


@export('train.latest_checkpoint')
def latest_checkpoint(checkpoint_dir, latest_filename=None):
    """The path of the newest checkpoint that the folder's file `checkpoint` names, or None if there is none."""
    state = get_checkpoint_state(checkpoint_dir, latest_filename)
    if state is None:
        return None
    if checkpoint_exists_internal(state.model_checkpoint_path):
        return state.model_checkpoint_path
    tf_logging.error("Couldn't match files for checkpoint %s", state.model_checkpoint_path)
    return None


def checkpoint_exists_internal(checkpoint_prefix):
    """Whether there is a checkpoint, of either format, with this path."""
    try:
        return bundle.exists(checkpoint_prefix) or bool(gfile.Glob(checkpoint_prefix))
    except errors.OpError:      # its folder does not exist
        return False


@export('train.checkpoint_exists')
def checkpoint_exists(checkpoint_prefix):
    """Whether there is a checkpoint with this path (without '.index'; may have '?' for the number of a shard)."""
    return checkpoint_exists_internal(compat.path_to_str(checkpoint_prefix))


@export('train.get_checkpoint_mtimes')
def get_checkpoint_mtimes(checkpoint_prefixes):
    """When checkpoints were written: a list of seconds since 1970. Those that do not exist are left out."""
    times = []
    for prefix in checkpoint_prefixes:
        paths = [bundle.index_name(prefix)] if os.path.exists(bundle.index_name(prefix)) else gfile.Glob(prefix)
        times += [gfile.Stat(path).mtime_nsec // 10**9 * 1.0 for path in paths[:1]]
    return times


@export('train.remove_checkpoint')
def remove_checkpoint(checkpoint_prefix, checkpoint_format_version=V2, meta_graph_suffix='meta'):
    """Deletes the files of a checkpoint; those that do not exist are no error.

    Args:
      checkpoint_prefix: the path without '.index'.
      checkpoint_format_version: SaverDef.V1 or V2.
      meta_graph_suffix: of its MetaGraph file.
    """
    _delete(meta_graph_filename(checkpoint_prefix, meta_graph_suffix))
    if checkpoint_format_version == V2:
        _delete(checkpoint_prefix + '.index')       # first: without it the rest is no checkpoint
        _delete(checkpoint_prefix + '.data-?????-of-?????')
    else:
        _delete(checkpoint_prefix)


def _delete(pattern):
    try:
        for path in gfile.Glob(pattern):
            gfile.Remove(path)
    except errors.NotFoundError:
        pass


def meta_graph_filename(checkpoint_filename, meta_graph_suffix='meta'):
    """The path of the MetaGraph of a checkpoint: the same one for all shards."""
    return re.sub(r'-[\d?]+-of-\d+$', '', checkpoint_filename) + '.' + meta_graph_suffix

