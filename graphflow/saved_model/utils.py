"""Tensors as TensorInfo messages, and where the parts of a SavedModel are."""
import os

from graphflow.framework import dtypes
from graphflow.framework.export import export
from graphflow.framework.graph import get_default_graph
from graphflow.framework.scoped_names import with_scope
from graphflow.framework.sparse_tensor import SparseTensor
from graphflow.platform import compat, gfile


@export('saved_model.build_tensor_info', 'saved_model.utils.build_tensor_info')
def build_tensor_info(tensor):
    """The TensorInfo message of a Tensor or SparseTensor: its name, dtype and static shape."""
    from tensorboard.compat.proto import meta_graph_pb2
    info = meta_graph_pb2.TensorInfo(dtype=dtypes.as_dtype(tensor.dtype).as_datatype_enum,
                                     tensor_shape=tensor.get_shape().as_proto())
    if isinstance(tensor, SparseTensor):
        info.coo_sparse.values_tensor_name = tensor.values.name
        info.coo_sparse.indices_tensor_name = tensor.indices.name
        info.coo_sparse.dense_shape_tensor_name = tensor.dense_shape.name
    else:
        info.name = tensor.name
    return info


@export('saved_model.get_tensor_from_tensor_info', 'saved_model.utils.get_tensor_from_tensor_info')
def get_tensor_from_tensor_info(tensor_info, graph=None, import_scope=None):
    """The Tensor or SparseTensor that a TensorInfo message describes.

    Args:
      tensor_info: the message.
      graph: the Graph (default: the default graph).
      import_scope: a scope to put before the name.

    Raises: KeyError if the graph has no such tensor, ValueError if the message names none.
    """
    graph = graph or get_default_graph()

    def find(name):
        return graph.get_tensor_by_name(with_scope(name, import_scope))
    encoding = tensor_info.WhichOneof('encoding')
    if encoding == 'name':
        return find(tensor_info.name)
    if encoding == 'coo_sparse':
        names = tensor_info.coo_sparse
        return SparseTensor(find(names.indices_tensor_name), find(names.values_tensor_name),
                            find(names.dense_shape_tensor_name))
    raise ValueError(f'Invalid TensorInfo.encoding: {encoding}')


def get_variables_dir(export_dir):
    """The directory of the variables."""
    return os.path.join(compat.as_text(export_dir), 'variables')


def get_or_create_variables_dir(export_dir):
    """The directory of the variables, which is made if it does not exist."""
    gfile.MakeDirs(get_variables_dir(export_dir))
    return get_variables_dir(export_dir)


def get_variables_path(export_dir):
    """The prefix of the checkpoint."""
    return os.path.join(get_variables_dir(export_dir), 'variables')


def get_assets_dir(export_dir):
    """The directory of the assets."""
    return os.path.join(compat.as_text(export_dir), 'assets')


def get_or_create_assets_dir(export_dir):
    """The directory of the assets, which is made if it does not exist."""
    gfile.MakeDirs(get_assets_dir(export_dir))
    return get_assets_dir(export_dir)
