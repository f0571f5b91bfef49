"""MetaGraphDefs: a graph with its collections, as one message or file.

`export_scoped_meta_graph` and `import_scoped_meta_graph` do the work of `tf.train.export_meta_graph` and
`tf.train.import_meta_graph`, of Savers and of SavedModels.
"""
import os

from graphflow.framework import proto_functions
from graphflow.framework.export import export
from graphflow.framework.graph import Graph, get_default_graph
from graphflow.framework.importer import import_graph_def
from graphflow.framework.scoped_names import with_scope, without_scope
from graphflow.framework.scopes import GraphKeys
from graphflow.platform import gfile, tf_logging, version
from graphflow.train.write_graph import write_graph

_UNBOUND = '$unbound_inputs_'
_SAVER_OPS = frozenset(('SaveV2', 'Save', 'SaveSlice', 'LegacySave', 'LegacySaveSlice', 'RestoreV2', 'Restore',
                        'RestoreSlice', 'LegacyRestore', 'LegacyRestoreSlice'))


def _saver_def():
    from tensorboard.compat.proto import saver_pb2
    return saver_pb2.SaverDef


def _saver_of_proto(saver_def, import_scope=None):
    from graphflow.train.saver import Saver
    return Saver.from_proto(saver_def, import_scope)


proto_functions.register_proto_function(
    GraphKeys.SAVERS, _saver_def, lambda saver, export_scope=None: saver.to_proto(export_scope), _saver_of_proto)


# Exporting


@export('train.export_meta_graph')
def export_meta_graph(filename=None, meta_info_def=None, graph_def=None, saver_def=None, collection_list=None,
                      as_text=False, graph=None, export_scope=None, clear_devices=False, clear_extraneous_savers=False,
                      strip_default_attrs=False, save_debug_info=False, **kwargs):
    """A MetaGraphDef of a graph; also written to a file if a name is given. For arguments see
    `export_scoped_meta_graph`; save_debug_info is accepted for compatibility."""
    return export_scoped_meta_graph(
        filename, graph_def, graph, export_scope, as_text, clear_devices=clear_devices, saver_def=saver_def,
        clear_extraneous_savers=clear_extraneous_savers, strip_default_attrs=strip_default_attrs,
        meta_info_def=meta_info_def, collection_list=collection_list, **kwargs)[0]


def export_scoped_meta_graph(filename=None, graph_def=None, graph=None, export_scope=None, as_text=False,
                             unbound_inputs_col_name='unbound_inputs', clear_devices=False, saver_def=None,
                             clear_extraneous_savers=False, strip_default_attrs=False, save_debug_info=False, **kwargs):
    """Makes a MetaGraphDef of a graph, or of what is in one of its name scopes.

    Args:
      filename: a file to write it to, or None.
      graph_def: a GraphDef to take the nodes from; by default they are those of the graph.
      graph: the Graph (default: the default graph).
      export_scope: a name scope: only what is in it is taken, and is named as if the scope were the root.
      as_text: whether the file is in text form.
      unbound_inputs_col_name: a collection for the names of inputs that come from outside the scope; None for none.
      clear_devices: whether nodes are to have no devices.
      saver_def: a SaverDef to keep with the graph.
      clear_extraneous_savers: leaves out the nodes of all savers but that of `saver_def`.
      strip_default_attrs: leaves out attrs that have their default values.
      save_debug_info: accepted for compatibility.
      meta_info_def, collection_list: see `create_meta_graph_def`.

    Returns: (the MetaGraphDef, a dict of names to the variables taken).

    Raises: TypeError for arguments of wrong types, ValueError if the scope is inside a conditional or loop.
    """
    graph = graph or get_default_graph()
    excluded, unbound = None, []
    if export_scope or clear_extraneous_savers or clear_devices:
        whole = graph_def or graph.as_graph_def(add_shapes=True)
        if clear_extraneous_savers:
            excluded = _nodes_of_savers(whole, saver_def)
        graph_def = _part(whole, export_scope, excluded, clear_devices, unbound)
        if unbound_inputs_col_name:
            graph.clear_collection(unbound_inputs_col_name)
            for name in unbound:
                graph.add_to_collection(unbound_inputs_col_name, name)
    variables = {without_scope(v.name, export_scope): v
                 for v in graph.get_collection(GraphKeys.GLOBAL_VARIABLES, scope=export_scope)
                 if _is_wanted(v, export_scope, excluded)}
    message = create_meta_graph_def(graph_def=graph_def, graph=graph, export_scope=export_scope, exclude_nodes=excluded,
                                    saver_def=saver_def, clear_extraneous_savers=clear_extraneous_savers,
                                    strip_default_attrs=strip_default_attrs, **kwargs)
    if filename:
        write_graph(message, os.path.dirname(filename), os.path.basename(filename), as_text=as_text)
    return message, variables


def create_meta_graph_def(meta_info_def=None, graph_def=None, saver_def=None, collection_list=None, graph=None,
                          export_scope=None, exclude_nodes=None, clear_extraneous_savers=False,
                          strip_default_attrs=False):
    """A MetaGraphDef of messages made already.

    Args:
      meta_info_def: a MetaInfoDef to start from, e.g. with tags.
      graph_def: a GraphDef (default: that of `graph`).
      saver_def: a SaverDef, or None.
      collection_list: the names of the collections to take (default: all).
      graph: the Graph whose collections are taken (default: the default graph).
      export_scope, exclude_nodes, clear_extraneous_savers, strip_default_attrs: see `export_scoped_meta_graph`;
        `exclude_nodes` is a set of names.

    Raises: TypeError for arguments of wrong types.
    """
    from tensorboard.compat.proto import graph_pb2, meta_graph_pb2, saver_pb2
    for name, value, kind in (('graph', graph, Graph),
                              ('meta_info_def', meta_info_def, meta_graph_pb2.MetaGraphDef.MetaInfoDef),
                              ('graph_def', graph_def, graph_pb2.GraphDef), ('saver_def', saver_def, saver_pb2.SaverDef)):
        if value and not isinstance(value, kind):
            raise TypeError(f'{name} must be of type {kind.__name__}, not %s', type(value))
    graph = graph or get_default_graph()
    message = meta_graph_pb2.MetaGraphDef()
    info = message.meta_info_def
    if meta_info_def is not None:
        info.MergeFrom(meta_info_def)
    info.tensorflow_version, info.tensorflow_git_version = version.VERSION, version.GIT_VERSION
    message.graph_def.MergeFrom(graph_def or graph.as_graph_def(add_shapes=True))
    if not info.stripped_op_list.op:
        info.stripped_op_list.MergeFrom(stripped_op_list_for_graph(message.graph_def))
    if strip_default_attrs:
        strip_graph_default_valued_attrs(message)
    if saver_def:
        message.saver_def.MergeFrom(saver_def)
    for key in graph.get_all_collection_keys() if collection_list is None else collection_list:
        contents = None
        if clear_extraneous_savers and key == GraphKeys.SAVERS and saver_def:
            from_proto = proto_functions.get_from_proto_function(key)
            contents = [from_proto(saver_def)] if from_proto else None
        add_collection_def(message, key, graph, export_scope, exclude_nodes, contents)
    return message


def _part(graph_def, scope, excluded, clear_devices, unbound):
    """A GraphDef of the nodes of another that are wanted. Names of inputs from outside are added to `unbound`."""
    part = type(graph_def)(versions=graph_def.versions)
    if graph_def.HasField('library'):
        part.library.CopyFrom(graph_def.library)
    for node in graph_def.node:
        if _is_wanted(node.name, scope, excluded):
            part.node.append(_within(node, scope, unbound))
            if clear_devices:
                part.node[-1].device = ''
    return part


def _within(node, scope, unbound):
    """A NodeDef with the names as they are within the scope."""
    result = type(node)()
    result.CopyFrom(node)
    if not scope:
        return result
    result.name = without_scope(node.name, scope)
    for i, name in enumerate(node.input):
        if name.lstrip('^').startswith(scope):
            result.input[i] = without_scope(name, scope)
        else:
            result.input[i] = ('^' if name.startswith('^') else '') + _UNBOUND + name.lstrip('^')
            unbound.append(result.input[i])
    if '_class' in node.attr:
        groups = [g for g in node.attr['_class'].list.s if g.partition(b'@')[2].startswith(scope.encode())]
        result.attr['_class'].list.s[:] = [without_scope(g, scope).encode() for g in groups]
    frame = node.attr['frame_name'].s if node.op in ('Enter', 'RefEnter') else b''
    if frame.startswith(scope.encode()):
        result.attr['frame_name'].s = without_scope(frame, scope).encode()
    return result


def _is_wanted(item, scope, excluded):
    """Whether a node, or what has a name, is in the scope and not excluded. What has no name always is wanted."""
    name = item if isinstance(item, str) else getattr(item, 'name', None)
    if not isinstance(name, str):
        return True
    if excluded and (name in excluded or name.partition(':')[0] in excluded):
        return False
    return name.startswith(_UNBOUND) or not scope or name.startswith(scope)


def _nodes_of_savers(graph_def, saver_def):
    """The names of the nodes in scopes of savers other than that of `saver_def`."""
    own = {n.name for n in graph_def.node if n.op in _SAVER_OPS}
    scopes = {name.rpartition('/')[0] for name in own} - own - {''}
    if saver_def is not None:
        for name in (saver_def.save_tensor_name, saver_def.restore_op_name):
            scopes.discard(name.partition(':')[0].rpartition('/')[0])
    return {n.name for n in graph_def.node if any(n.name.startswith(s + '/') for s in scopes)}


def add_collection_def(meta_graph_def, key, graph=None, export_scope=None, exclude_nodes=None, override_contents=None):
    """Adds a collection to a MetaGraphDef: variables and contexts as messages, nodes as names, numbers and text as such.

    A collection of anything else is left out, with a warning. Arguments as for `create_meta_graph_def`;
    `override_contents` is a list of items in place of the collection's.

    Raises: TypeError if `graph` is no Graph.
    """
    if graph and not isinstance(graph, Graph):
        raise TypeError('graph must be of type Graph, not %s', type(graph))
    if not isinstance(key, (str, bytes)):
        tf_logging.warning('Only collections with string type keys will be serialized. This key has %s', type(key))
        return
    items = override_contents or (graph or get_default_graph()).get_collection(key)
    items = [item for item in items if _is_wanted(item, export_scope, exclude_nodes)]
    if not items:
        return
    try:
        _fill(meta_graph_def.collection_def[key], key, items, export_scope)
    except Exception as error:      # whatever an item's own function raises: the graph is worth keeping without it
        tf_logging.warning("Issue encountered when serializing %s.\nType is unsupported, or the types of the items don't "
                           'match field type in CollectionDef. Note this is a warning and probably safe to ignore.\n%s',
                           key, error)
        del meta_graph_def.collection_def[key]


def _fill(message, key, items, scope):
    to_proto = proto_functions.get_to_proto_function(key)
    if to_proto:
        for item in items:
            proto = to_proto(item, export_scope=scope)
            if proto:
                message.bytes_list.value.append(proto.SerializeToString())
        message.bytes_list.SetInParent()
    elif isinstance(items[0], (str, bytes)):
        message.bytes_list.value.extend(_bytes(item) for item in items)
    elif isinstance(items[0], int):
        message.int64_list.value.extend(int(item) if isinstance(item, bool) else item for item in items)
    elif isinstance(items[0], float):
        message.float_list.value.extend(items)
    elif _is_any(items[0]):
        message.any_list.value.extend(items)
    else:
        message.node_list.value.extend(without_scope(item.name, scope) for item in items
                                       if not scope or item.name.startswith(scope))


def _bytes(text):
    if not isinstance(text, (str, bytes)):
        raise TypeError(f'Expected binary or unicode string, got {text!r}')
    return text.encode() if isinstance(text, str) else text


def _is_any(item):
    return getattr(getattr(item, 'DESCRIPTOR', None), 'full_name', None) == 'google.protobuf.Any'


def ops_used_by_graph_def(graph_def):
    """The set of the op types of a GraphDef, those in functions included."""
    used = {node.op for node in graph_def.node}
    for function in graph_def.library.function:
        used.update(node.op for node in function.node_def)
    return used - {function.signature.name for function in graph_def.library.function}


def stripped_op_list_for_graph(graph_def):
    """An OpList of the ops used in a GraphDef, in order of name; ops that are not registered are left out."""
    from graphflow.framework import node_def, registry
    from tensorboard.compat.proto import op_def_pb2
    return op_def_pb2.OpList(op=[node_def.op_def_from_registry(name) for name in sorted(ops_used_by_graph_def(graph_def))
                                 if name in registry.OPS])


def strip_graph_default_valued_attrs(meta_graph_def):
    """Drops from the nodes of a MetaGraphDef the attrs that have their default values."""
    from graphflow.framework import node_def, registry
    functions = {function.signature.name for function in meta_graph_def.graph_def.library.function}
    defaults = {name: {a.name: a.default_value for a in node_def.op_def_from_registry(name).attr
                       if a.HasField('default_value')}
                for name in ops_used_by_graph_def(meta_graph_def.graph_def) if name in registry.OPS}
    nodes = list(meta_graph_def.graph_def.node)
    for function in meta_graph_def.graph_def.library.function:
        nodes.extend(function.node_def)
    for node in nodes:
        for name, value in {} if node.op in functions else defaults.get(node.op, {}).items():
            if name in node.attr and node.attr[name] == value:
                del node.attr[name]
    meta_graph_def.meta_info_def.stripped_default_attrs = True


# Importing


@export('train.import_meta_graph')
def import_meta_graph(meta_graph_or_file, clear_devices=False, import_scope=None, **kwargs):
    """Adds the nodes and collections of a MetaGraphDef to the default graph.

    Args: see `import_scoped_meta_graph`.

    Returns: a tf.train.Saver for the variables of the graph; None if it has none.
    """
    message = _as_message(meta_graph_or_file)
    variables, _ = import_scoped_meta_graph_with_return_elements(message, clear_devices=clear_devices,
                                                                 import_scope=import_scope, **kwargs)
    return saver_of(message, import_scope, variables)


def saver_of(meta_graph_def, import_scope, variables):
    """The Saver of an imported graph; None if there is nothing to save.

    Args:
      meta_graph_def: the MetaGraphDef that was imported.
      import_scope: the scope asked for.
      variables: what `import_scoped_meta_graph` returned.
    """
    if meta_graph_def.HasField('saver_def'):
        from graphflow.train import saver
        scope = import_scope
        for name, variable in variables.items():
            scope = variable.name[:-len(name)]      # the scope it is in, if the name asked for was taken
            break
        return saver.Saver(saver_def=meta_graph_def.saver_def, name=scope)
    graph = get_default_graph()
    if any(graph.get_collection(key, scope=import_scope) for key in (GraphKeys.GLOBAL_VARIABLES,
                                                                     GraphKeys.SAVEABLE_OBJECTS)):
        from graphflow.train import saver
        return saver.Saver()
    tf_logging.info('Saver not created because there are no variables in the graph to restore')
    return None


def import_scoped_meta_graph(meta_graph_or_file, clear_devices=False, graph=None, import_scope=None, input_map=None,
                             unbound_inputs_col_name='unbound_inputs', restore_collections_predicate=lambda key: True):
    """Adds the nodes and collections of a MetaGraphDef to a graph.

    Args:
      meta_graph_or_file: a MetaGraphDef, or the name of a file that holds one, binary or in text form.
      clear_devices: whether nodes are to have no devices.
      graph: the Graph (default: the default graph).
      import_scope: a name scope to put before all names.
      input_map: a dict of names of inputs to tensors of the graph (see tf.import_graph_def); it must give those that
        come from outside the exported scope.
      unbound_inputs_col_name: the collection that lists these.
      restore_collections_predicate: function(name of a collection) -> whether to restore it.

    Returns: a dict of names, as in the message, to the variables added.

    Raises: IOError if the file cannot be read, ValueError if inputs are missing, and what tf.import_graph_def raises.
    """
    return import_scoped_meta_graph_with_return_elements(
        meta_graph_or_file, clear_devices, graph, import_scope, input_map, unbound_inputs_col_name,
        restore_collections_predicate)[0]


def import_scoped_meta_graph_with_return_elements(
        meta_graph_or_file, clear_devices=False, graph=None, import_scope=None, input_map=None,
        unbound_inputs_col_name='unbound_inputs', restore_collections_predicate=lambda key: True, return_elements=None):
    """Like `import_scoped_meta_graph`; returns (that dict, the nodes and tensors that `return_elements` names)."""
    message = _as_message(meta_graph_or_file)
    _check_bound(message, input_map, unbound_inputs_col_name)
    graph = graph or get_default_graph()
    with graph.as_default():
        info = message.meta_info_def
        if clear_devices:
            for node in message.graph_def.node:
                node.device = ''
        scope = graph.unique_name(import_scope or '', mark_as_used=False)
        elements = import_graph_def(
            message.graph_def, name=import_scope or scope, input_map=input_map, return_elements=return_elements,
            producer_op_list=info.stripped_op_list if info.HasField('stripped_op_list') else None)
        keys = sorted(message.collection_def, key=lambda key: (key != GraphKeys.TRAINABLE_VARIABLES, key))
        # Before release 1.9 variables did not say whether they are trainable; the collection they are in does.
        says_trainable = not info.tensorflow_version or _release(info.tensorflow_version) >= (1, 9)
        variables = {}
        for key in keys:
            if key != unbound_inputs_col_name and restore_collections_predicate(key):
                _restore(graph, key, message.collection_def[key], scope, variables, says_trainable)
        found = graph.get_collection(GraphKeys.GLOBAL_VARIABLES, scope=scope)
    return {without_scope(v.name, scope): v for v in found}, elements


def _check_bound(message, input_map, collection):
    if not collection or collection not in message.collection_def:
        return
    names = [_text(v) for v in getattr(message.collection_def[collection],
                                       message.collection_def[collection].WhichOneof('kind') or 'bytes_list').value]
    if names and (not input_map or sorted(names) != sorted(input_map)):
        missing = ','.join(name for name in names if not input_map or name not in input_map)
        raise ValueError(f'Graph contains unbound inputs: {missing}. Must provide these inputs through input_map.')


def _text(value):
    return value.decode() if isinstance(value, bytes) else str(value)


def _release(text):
    return tuple(int(part) if part.isdigit() else 0 for part in text.split('.')[:2])


def _restore(graph, key, message, scope, variables, says_trainable):
    kind = message.WhichOneof('kind')
    if kind is None:
        tf_logging.error('Cannot identify data type for collection %s. Skipping.', key)
        return
    from_proto = proto_functions.get_from_proto_function(key)
    for value in getattr(message, kind).value:
        if from_proto and kind == 'bytes_list':
            is_variable = key in GraphKeys._VARIABLE_COLLECTIONS
            item = variables.get(value) if is_variable else None
            if item is None:
                proto = proto_functions.get_collection_proto_type(key).FromString(value)
                if is_variable and not says_trainable:
                    proto.trainable = key == GraphKeys.TRAINABLE_VARIABLES
                item = from_proto(proto, import_scope=scope)
                if is_variable:     # one object, in however many collections
                    variables[value] = item
        elif kind == 'node_list':
            item = graph.as_graph_element(with_scope(value, scope))
        else:
            item = with_scope(value, scope)
        graph.add_to_collection(key, item)


def _as_message(meta_graph_or_file):
    from tensorboard.compat.proto import meta_graph_pb2
    if isinstance(meta_graph_or_file, meta_graph_pb2.MetaGraphDef):
        return meta_graph_or_file
    return read_meta_graph_file(meta_graph_or_file)


def read_meta_graph_file(filename):
    """The MetaGraphDef in a file, binary or in text form. Raises: IOError if there is no such file or none in it."""
    from google.protobuf import message as message_lib, text_format
    from tensorboard.compat.proto import meta_graph_pb2
    if not isinstance(filename, (str, bytes, os.PathLike)):
        raise TypeError(f'Expected binary or unicode string, got {filename!r}')
    if not gfile.Exists(filename):
        raise OSError(f'File {os.fsdecode(filename)} does not exist.')
    with gfile.GFile(filename, 'rb') as file:
        content = file.read()
    try:
        return meta_graph_pb2.MetaGraphDef.FromString(content)
    except message_lib.DecodeError:
        pass
    try:
        return text_format.Merge(content.decode('utf-8'), meta_graph_pb2.MetaGraphDef())
    except (text_format.ParseError, UnicodeDecodeError) as error:
        raise OSError(f'Cannot parse file {os.fsdecode(filename)}: {error}.') from None
