"""tf.saved_model.loader: reads SavedModels."""
import os

from graphflow import protos
from graphflow.framework.export import export
from graphflow.framework.scoped_names import with_scope
from graphflow.platform import compat, gfile, tf_logging
from graphflow.saved_model import constants, utils
from graphflow.train import meta_graph, saver as saver_lib


def parse_saved_model(export_dir):
    """The SavedModel message of a directory. Raises: IOError if there is no file, or none that can be read."""
    from google.protobuf import message as message_lib, text_format
    folder = compat.path_to_str(export_dir)
    message = protos.load('saved_model').SavedModel()
    binary = os.path.join(folder, constants.SAVED_MODEL_FILENAME_PB)
    text = os.path.join(folder, constants.SAVED_MODEL_FILENAME_PBTXT)
    if gfile.Exists(binary):
        with gfile.GFile(binary, 'rb') as file:
            content = file.read()
        try:
            return type(message).FromString(content)
        except message_lib.DecodeError as error:
            raise OSError(f'Cannot parse file {compat.as_bytes(binary)}: {error}.') from None
    if gfile.Exists(text):
        with gfile.GFile(text, 'rb') as file:
            content = file.read()
        try:
            return text_format.Merge(content.decode('utf-8'), message)
        except (text_format.ParseError, UnicodeDecodeError) as error:
            raise OSError(f'Cannot parse file {compat.as_bytes(text)}: {error}.') from None
    raise OSError(f'SavedModel file does not exist at: {export_dir}/{{{constants.SAVED_MODEL_FILENAME_PBTXT}|'
                  f'{constants.SAVED_MODEL_FILENAME_PB}}}')


@export('saved_model.contains_saved_model', 'saved_model.maybe_saved_model_directory',
        'saved_model.loader.maybe_saved_model_directory')
def maybe_saved_model_directory(export_dir):
    """Whether a directory has the file of a SavedModel, which need not be a valid one."""
    folder = compat.path_to_str(export_dir)
    return any(gfile.Exists(os.path.join(folder, name)) for name in (constants.SAVED_MODEL_FILENAME_PBTXT,
                                                                     constants.SAVED_MODEL_FILENAME_PB))


def choose_meta_graph(saved_model, tags):
    """The MetaGraphDef of a SavedModel message that has just these tags. Raises: RuntimeError if there is none."""
    available = []
    for graph in saved_model.meta_graphs:
        found = set(graph.meta_info_def.tags)
        if found == set(tags):
            return graph
        available.append(found)
    shown = str(tags).strip('[]')
    raise RuntimeError(f'MetaGraphDef associated with tags {shown} could not be found in SavedModel. To inspect available '
                       'tag-sets in the SavedModel, please use the SavedModel CLI: `saved_model_cli`\n'
                       f'available_tags: {available}')


def get_asset_tensors(export_dir, meta_graph_def, import_scope=None):
    """A dict of names of tensors to the files of a SavedModel that they are to name.

    Raises: ValueError for a name of a file outside the model's directory.
    """
    from tensorboard.compat.proto import meta_graph_pb2
    collection = meta_graph_def.collection_def
    tensors = {}
    folder = utils.get_assets_dir(export_dir)
    for item in collection[constants.ASSETS_KEY].any_list.value if constants.ASSETS_KEY in collection else ():
        asset = meta_graph_pb2.AssetFileDef.FromString(item.value)
        if os.path.isabs(asset.filename) or '..' in asset.filename.split('/'):
            raise ValueError(f'Asset {asset.filename!r} is not in the directory of the SavedModel.')
        tensors[with_scope(asset.tensor_info.name, import_scope)] = os.path.join(folder, asset.filename)
    return tensors


def _init_op(graph, meta_graph_def, import_scope):
    """The Operation to run when the model is loaded, or None. Raises: RuntimeError if there are several."""
    signature = meta_graph_def.signature_def.get(constants.INIT_OP_SIGNATURE_KEY)
    if signature is not None and constants.INIT_OP_SIGNATURE_KEY in signature.outputs:
        info = signature.outputs[constants.INIT_OP_SIGNATURE_KEY]
        return graph.get_operation_by_name(with_scope(info.name, import_scope))
    for key in constants.MAIN_OP_KEY, constants.LEGACY_INIT_OP_KEY:
        if key in meta_graph_def.collection_def:
            ops = graph.get_collection(key, scope=import_scope)
            if len(ops) != 1:
                raise RuntimeError(f'Expected exactly one SavedModel init op under `{key}`. Found: {ops}')
            return ops[0]
    return None


class SavedModelLoader:
    """Reads a SavedModel. Args: export_dir: its directory."""

    def __init__(self, export_dir):
        self._export_dir = export_dir
        self._saved_model = parse_saved_model(export_dir)

    @property
    def export_dir(self):
        return self._export_dir

    @property
    def variables_path(self):
        """The prefix of the checkpoint."""
        return utils.get_variables_path(self._export_dir)

    @property
    def saved_model(self):
        """The SavedModel message."""
        return self._saved_model

    def get_meta_graph_def_from_tags(self, tags):
        """See `choose_meta_graph`."""
        return choose_meta_graph(self._saved_model, tags)

    def load_graph(self, graph, tags, import_scope=None, **saver_kwargs):
        """Adds the graph with the tags to `graph`. Returns: (its Saver or None, what `return_elements` names)."""
        message = self.get_meta_graph_def_from_tags(tags)
        with graph.as_default():
            variables, elements = meta_graph.import_scoped_meta_graph_with_return_elements(
                message, import_scope=import_scope, **saver_kwargs)
            return meta_graph.saver_of(message, import_scope, variables), elements

    def restore_variables(self, sess, saver, import_scope=None):
        """Gives the variables their values. Raises: ValueError if there are variables but no Saver."""
        with sess.graph.as_default():
            if saver is None and not saver_lib._all_saveable_objects(scope=import_scope):
                tf_logging.info('The specified SavedModel has no variables; no checkpoints were restored.')
            elif isinstance(saver, saver_lib.Saver):
                saver.restore(sess, self.variables_path)
            else:
                raise ValueError('No tf.train.Saver object was passed to the function SavedModelLoader.restore_variables. '
                                 'Since the SavedModel has variables, a saver is required.')

    def run_init_ops(self, sess, tags, import_scope=None):
        """Runs what the model is to run when it is loaded."""
        message = self.get_meta_graph_def_from_tags(tags)
        with sess.graph.as_default():
            op = _init_op(sess.graph, message, import_scope)
            if op is not None:
                tf_logging.info('Running init op: %s', op.name)
                sess.run([op], get_asset_tensors(self._export_dir, message, import_scope))

    def load(self, sess, tags, import_scope=None, **saver_kwargs):
        """See `tf.saved_model.loader.load`."""
        with sess.graph.as_default():
            saver, _ = self.load_graph(sess.graph, tags, import_scope, **saver_kwargs)
            self.restore_variables(sess, saver, import_scope)
            self.run_init_ops(sess, tags, import_scope)
        return self.get_meta_graph_def_from_tags(tags)


@export('saved_model.load', 'saved_model.loader.load')
def load(sess, tags, export_dir, import_scope=None, **saver_kwargs):
    """Adds a graph of a SavedModel to a session's graph and gives its variables their values.

    Args:
      sess: a Session.
      tags: the tags of the graph, all of them.
      export_dir: the directory of the SavedModel.
      import_scope: a scope to put before all names; signatures are not changed by it.
      **saver_kwargs: arguments of tf.train.import_meta_graph.

    Returns: the MetaGraphDef, with the signatures.

    Raises: IOError if there is no SavedModel, RuntimeError if it has no graph with the tags.
    """
    return SavedModelLoader(export_dir).load(sess, tags, import_scope, **saver_kwargs)
