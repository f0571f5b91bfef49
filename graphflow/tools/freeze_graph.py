"""A graph and a checkpoint as one GraphDef with constants in place of variables."""
from graphflow.framework.graph import Graph
from graphflow.framework.importer import import_graph_def
from graphflow.platform import gfile
from graphflow.runtime.session import Session
from graphflow.tools.graph_util import convert_variables_to_constants
from graphflow.train import checkpoint_management, meta_graph, saver

_V2 = 2


def freeze_graph(input_graph, input_saver, input_binary, input_checkpoint, output_node_names, restore_op_name,
                 filename_tensor_name, output_graph, clear_devices, initializer_nodes, variable_names_whitelist='',
                 variable_names_blacklist='', input_meta_graph=None, input_saved_model_dir=None,
                 saved_model_tags='serve', checkpoint_version=_V2):
    """Freezes a graph that is in files.

    Args:
      input_graph: the file of a GraphDef, or ''.
      input_saver: the file of a SaverDef, or ''.
      input_binary: whether these files are binary rather than text.
      input_checkpoint: the prefix of a checkpoint, or ''.
      output_node_names: names of nodes, joined by commas.
      restore_op_name, filename_tensor_name: accepted for compatibility.
      output_graph: the file to write, or ''.
      clear_devices: whether nodes are to have no devices.
      initializer_nodes: names of nodes to run before, joined by commas, or ''.
      variable_names_whitelist, variable_names_blacklist: names of the variables to convert, or not to, joined by commas.
      input_meta_graph: the file of a MetaGraphDef, in place of input_graph.
      input_saved_model_dir: the directory of a SavedModel, in place of graph and checkpoint.
      saved_model_tags: its tags, joined by commas.
      checkpoint_version: the format of the checkpoint.

    Returns: the GraphDef; -1 if something is missing, which is printed.
    """
    from tensorboard.compat.proto import graph_pb2, saver_pb2
    graph_def = saver_def = meta_graph_def = None
    if input_saved_model_dir:
        from graphflow.saved_model import loader
        message = loader.parse_saved_model(input_saved_model_dir)
        graph_def = loader.choose_meta_graph(message, saved_model_tags.split(',')).graph_def
    elif input_graph:
        graph_def = _read(input_graph, graph_pb2.GraphDef(), input_binary)
    if input_meta_graph:
        meta_graph_def = meta_graph.read_meta_graph_file(input_meta_graph)
    if input_saver:
        saver_def = _read(input_saver, saver_pb2.SaverDef(), input_binary)
    if graph_def == -1 or saver_def == -1:
        return -1
    return freeze_graph_with_def_protos(
        graph_def, saver_def, input_checkpoint, output_node_names, restore_op_name, filename_tensor_name, output_graph,
        clear_devices, initializer_nodes, variable_names_whitelist, variable_names_blacklist, meta_graph_def,
        input_saved_model_dir, saved_model_tags.split(','), checkpoint_version)


def _read(path, message, is_binary):
    from google.protobuf import text_format
    if not gfile.Exists(path):
        print(f"Input file '{path}' does not exist!")
        return -1
    with gfile.GFile(path, 'rb' if is_binary else 'r') as file:
        content = file.read()
    return type(message).FromString(content) if is_binary else text_format.Merge(content, message)


def freeze_graph_with_def_protos(input_graph_def, input_saver_def, input_checkpoint, output_node_names, restore_op_name,
                                 filename_tensor_name, output_graph, clear_devices, initializer_nodes,
                                 variable_names_whitelist='', variable_names_blacklist='', input_meta_graph_def=None,
                                 input_saved_model_dir=None, saved_model_tags=None, checkpoint_version=_V2):
    """Freezes a graph given as messages; for the arguments see `freeze_graph`. `saved_model_tags` is a list."""
    if not input_saved_model_dir and not checkpoint_management.checkpoint_exists(input_checkpoint):
        print(f"Input checkpoint '{input_checkpoint}' doesn't exist!")
        return -1
    if not output_node_names:
        print('You need to supply the name of a node to --output_node_names.')
        return -1
    source = input_meta_graph_def.graph_def if input_meta_graph_def else input_graph_def
    if clear_devices:
        for node in source.node:
            node.device = ''
    with Graph().as_default() as graph, Session(graph=graph) as session:
        if input_saved_model_dir:
            from graphflow.saved_model import loader
            loader.load(session, saved_model_tags, input_saved_model_dir)
        elif input_meta_graph_def:
            restorer = meta_graph.import_meta_graph(input_meta_graph_def, clear_devices=True)
            restorer.restore(session, input_checkpoint)
        else:
            import_graph_def(source, name='')
            _restorer(graph, input_saver_def, input_checkpoint, checkpoint_version).restore(session, input_checkpoint)
        if initializer_nodes:
            session.run(initializer_nodes.replace(' ', '').split(','))
        frozen = convert_variables_to_constants(
            session, source, output_node_names.replace(' ', '').split(','), _names(variable_names_whitelist),
            _names(variable_names_blacklist))
    if output_graph:
        with gfile.GFile(output_graph, 'wb') as file:
            file.write(frozen.SerializeToString(deterministic=True))
    return frozen


def _names(text):
    return text.replace(' ', '').split(',') if text else None


def _restorer(graph, saver_def, checkpoint, checkpoint_version):
    """A Saver for the imported variables: the one described, or one for those that the checkpoint has."""
    if saver_def:
        return saver.Saver(saver_def=saver_def, write_version=checkpoint_version)
    from graphflow.train import checkpoint_utils
    found = {}
    for name, _ in checkpoint_utils.list_variables(checkpoint):
        try:
            found[name] = graph.get_tensor_by_name(name + ':0')
        except (KeyError, ValueError):
            continue        # of a variable that only training has
    return saver.Saver(var_list=found, write_version=checkpoint_version)
