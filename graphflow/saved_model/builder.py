"""tf.saved_model.builder.SavedModelBuilder: writes SavedModels."""
import os

from graphflow import protos
from graphflow.framework import dtypes, scopes
from graphflow.framework.constant_value import constant_value
from graphflow.framework.export import export
from graphflow.framework.operation import Operation
from graphflow.framework.tensor import Tensor
from graphflow.platform import compat, gfile, tf_logging
from graphflow.saved_model import constants, utils
from graphflow.train import saver as saver_lib
from graphflow.train.checkpoint_management import write_atomically

_ASSET_TYPE = 'type.googleapis.com/tensorflow.AssetFileDef'


@export('saved_model.Builder', 'saved_model.builder.SavedModelBuilder')
class SavedModelBuilder:
    """Writes a SavedModel.

        builder = tf.saved_model.builder.SavedModelBuilder('model')
        builder.add_meta_graph_and_variables(session, ['serve'], signature_def_map={...})
        builder.save()

    Args:
      export_dir: the directory to write; it must not exist, or be empty.

    Raises: AssertionError if it is not empty.
    """

    def __init__(self, export_dir):
        self._saved_model = protos.load('saved_model').SavedModel(
            saved_model_schema_version=constants.SAVED_MODEL_SCHEMA_VERSION)
        self._export_dir = compat.path_to_str(export_dir)
        if gfile.Exists(export_dir):
            if gfile.ListDirectory(export_dir):
                raise AssertionError("Export directory already exists, and isn't empty. Please choose a different export "
                                     f'directory, or delete all the contents of the specified directory: {export_dir}')
        else:
            gfile.MakeDirs(self._export_dir)
        self._has_saved_variables = False

    def add_meta_graph_and_variables(self, sess, tags, signature_def_map=None, assets_collection=None, legacy_init_op=None,
                                     clear_devices=False, main_op=None, strip_default_attrs=False, saver=None):
        """Adds the default graph, and writes the variables as they are in a session, and the assets.

        Args:
          sess: a Session.
          tags: a list of the strings by which the graph is found.
          signature_def_map: a dict of names to SignatureDef messages.
          assets_collection: a list of constant string Tensors, the names of files that the graph reads: the files are
            copied, and the tensors are fed with the names of the copies when the model is loaded.
          legacy_init_op: an Operation to run when the model is loaded; main_op is its newer name.
          clear_devices: whether nodes are to have no devices.
          main_op: an Operation to run when the model is loaded.
          strip_default_attrs: leaves out attrs that have their default values.
          saver: the Saver for the variables; by default one for all.

        Raises: AssertionError if variables were added before, or a TensorInfo is not complete; KeyError for a reserved name
          of a signature; TypeError if the op is no Operation.
        """
        if self._has_saved_variables:
            raise AssertionError('Graph state including variables and assets has already been saved. Please invoke '
                                 '`add_meta_graph()` instead.')
        _check_signatures(signature_def_map)
        self._add_assets(assets_collection)
        _add_main_op(main_op or legacy_init_op)
        utils.get_or_create_variables_dir(self._export_dir)
        saver = saver or self._saver()
        saver.save(sess, utils.get_variables_path(self._export_dir), write_meta_graph=False, write_state=False)
        self._add(saver, tags, signature_def_map, clear_devices, strip_default_attrs)
        self._has_saved_variables = True

    def add_meta_graph(self, tags, signature_def_map=None, assets_collection=None, legacy_init_op=None,
                       clear_devices=False, main_op=None, strip_default_attrs=False, saver=None):
        """Adds the default graph, which has the variables added before. Arguments as for `add_meta_graph_and_variables`.

        Raises: AssertionError if no variables were added.
        """
        if not self._has_saved_variables:
            raise AssertionError('Graph state including variables and assets has not been saved yet. Please invoke '
                                 '`add_meta_graph_and_variables()` first.')
        _check_signatures(signature_def_map)
        self._add_assets(assets_collection)
        _add_main_op(main_op or legacy_init_op)
        self._add(saver or self._saver(), tags, signature_def_map, clear_devices, strip_default_attrs)

    def save(self, as_text=False):
        """Writes the file of the model, in text form if asked for. Returns its path, as bytes."""
        gfile.MakeDirs(self._export_dir)
        if as_text:
            path = os.path.join(self._export_dir, constants.SAVED_MODEL_FILENAME_PBTXT)
            write_atomically(path, str(self._saved_model).encode())
        else:
            path = os.path.join(self._export_dir, constants.SAVED_MODEL_FILENAME_PB)
            write_atomically(path, self._saved_model.SerializeToString(deterministic=True))
        tf_logging.info('SavedModel written to: %s', path)
        return compat.as_bytes(path)

    def _saver(self):
        return saver_lib.Saver(saver_lib._all_saveable_objects(), sharded=True, allow_empty=True)

    def _add(self, saver, tags, signatures, clear_devices, strip_default_attrs):
        graph = saver.export_meta_graph(clear_devices=clear_devices, strip_default_attrs=strip_default_attrs)
        graph.meta_info_def.tags.extend(tags)
        for name, signature in (signatures or {}).items():
            graph.signature_def[name].CopyFrom(signature)
        self._saved_model.meta_graphs.add().CopyFrom(graph)

    def _add_assets(self, tensors):
        """Copies the files and lists them in a collection of the graph."""
        from google.protobuf import any_pb2
        from tensorboard.compat.proto import meta_graph_pb2
        if tensors is None:
            tf_logging.info('No assets to save.')
        names = {}      # name in the directory of assets -> file
        for tensor in tensors or ():
            path = _asset_path(tensor)
            if not path:
                raise ValueError(f'Invalid asset filepath tensor {tensor}')
            name = _free_name(path, names)
            asset = meta_graph_pb2.AssetFileDef(filename=name)
            asset.tensor_info.name = tensor.name
            scopes.add_to_collection(constants.ASSETS_KEY,
                                     any_pb2.Any(type_url=_ASSET_TYPE, value=asset.SerializeToString()))
        if not names:
            tf_logging.info('No assets to write.')
            return
        folder = utils.get_or_create_assets_dir(self._export_dir)
        for name, path in names.items():
            target = os.path.join(folder, name)
            if not gfile.Exists(target):
                gfile.Copy(path, target)
        tf_logging.info('Assets written to: %s', folder)


def _asset_path(tensor):
    """The name of a file that a constant holds. Raises: TypeError if it is no string constant."""
    if not isinstance(tensor, Tensor):
        raise TypeError('Asset path tensor must be a Tensor.')
    if tensor.op.type != 'Const':
        raise TypeError('Asset path tensor must be of type constant.')
    if tensor.dtype is not dtypes.string:
        raise TypeError('Asset path tensor must be of dtype string.')
    value = constant_value(tensor)
    return compat.as_text(value.item()) if value.size == 1 else None


def _free_name(path, names):
    """A name for the copy of a file: its own, with a number if another file has that."""
    base, count = os.path.basename(path), 0
    name = base
    while names.get(name, path) != path:
        count += 1
        name = f'{base}_{count}'
    names[name] = path
    return name


def _add_main_op(op):
    if op is not None:
        if not isinstance(op, Operation):
            raise TypeError(f'main_op needs to be an Operation: {op!r}')
        scopes.add_to_collection(constants.MAIN_OP_KEY, op)


_RESERVED = {constants.INIT_OP_SIGNATURE_KEY: 'initialization', constants.TRAIN_OP_SIGNATURE_KEY: 'the train op'}


def _check_signatures(signatures):
    for key in signatures or ():
        if key in _RESERVED:
            raise KeyError(f'SignatureDef map key "{key}" is reserved for {_RESERVED[key]}. Please use a different key.')
    for signature in (signatures or {}).values():
        for info in [*signature.inputs.values(), *signature.outputs.values()]:
            prefix = 'All TensorInfo protos used in the SignatureDefs must have'
            if info.WhichOneof('encoding') is None:
                raise AssertionError(f"{prefix} one of the 'encoding' fields (e.g., name or coo_sparse) set: {info}")
            if not info.dtype:
                raise AssertionError(f'{prefix} the dtype field set: {info}')
