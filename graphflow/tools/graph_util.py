"""tf.graph_util: parts of GraphDefs, and GraphDefs with constants in place of variables."""
from graphflow.framework import dtypes
from graphflow.framework.export import export
from graphflow.platform import tf_logging

_VARIABLES = ('VariableV2', 'Variable')
_STATEFUL = frozenset(('Assign', 'AssignAdd', 'AssignSub', 'Queue', 'ScatterAdd', 'ScatterSub', 'ScatterUpdate',
                       'TruncatedNormal') + _VARIABLES)
_HANDLES = ('VarHandleOp', 'ReadVariableOp', 'ResourceGather')
# Ops whose first input may be a variable's handle, which they pass on.
_PASS_ON = ('Identity', 'Enter', 'Switch', 'Exit', 'NextIteration', 'Merge', 'RefEnter')


def _node_name(text):
    """The name of the node in the text of an input: '^a', 'a' and 'a:1' are of node a."""
    return text.lstrip('^').partition(':')[0]


@export('graph_util.extract_sub_graph')
def extract_sub_graph(graph_def, dest_nodes):
    """The part of a graph that some nodes need.

    Args:
      graph_def: a GraphDef.
      dest_nodes: a list of names of nodes in it.

    Returns: a GraphDef, its nodes in the order of `graph_def`.

    Raises: TypeError for arguments of other types, AssertionError if a node is not in the graph.
    """
    from tensorboard.compat.proto import graph_pb2
    if not isinstance(graph_def, graph_pb2.GraphDef):
        raise TypeError('graph_def must be a graph_pb2.GraphDef proto.')
    if isinstance(dest_nodes, str):
        raise TypeError('dest_nodes must be a list.')
    nodes = {node.name: node for node in graph_def.node}
    for name in dest_nodes:
        assert name in nodes, f'{name} is not in graph'
    needed, pending = set(), list(dest_nodes)
    while pending:
        name = pending.pop()
        if name not in needed:
            needed.add(name)
            pending.extend(_node_name(text) for text in nodes[name].input)
    result = graph_pb2.GraphDef(node=[node for node in graph_def.node if node.name in needed])
    result.library.CopyFrom(graph_def.library)
    result.versions.CopyFrom(graph_def.versions)
    return result


@export('graph_util.convert_variables_to_constants')
def convert_variables_to_constants(sess, input_graph_def, output_node_names, variable_names_whitelist=None,
                                   variable_names_blacklist=None):
    """The part of a graph that some nodes need, with constants in place of the variables.

    Args:
      sess: a Session in which the variables have their values.
      input_graph_def: the GraphDef of its graph.
      output_node_names: a list of names of nodes.
      variable_names_whitelist: the names of the variables to convert (default: all).
      variable_names_blacklist: names of variables to leave as they are.

    Returns: a GraphDef.

    Raises: AssertionError if a node is not in the graph; FailedPreconditionError for a variable without a value.
    """
    part = extract_sub_graph(input_graph_def, output_node_names)
    nodes = {node.name: node for node in part.node}

    def is_chosen(name):
        return (variable_names_whitelist is None or name in variable_names_whitelist) and (
            variable_names_blacklist is None or name not in variable_names_blacklist)
    fetches, handles = {}, {}
    for node in part.node:
        if node.op in _VARIABLES and is_chosen(node.name):
            fetches[node.name] = node.name + ':0'
        elif node.op in ('ReadVariableOp', 'ResourceGather'):
            source, between = _handle_of(node, nodes)
            handles.update((n.name, source) for n in between)
            if is_chosen(source.name):
                fetches.setdefault(source.name, _read_of(sess.graph, source.name))
    values = dict(zip(fetches, sess.run(list(fetches.values())))) if fetches else {}
    tf_logging.info('Froze %d variables.', len(values))
    result = type(part)()
    for node in part.node:
        if node.name in values:
            result.node.append(_constant(node.name, values[node.name], node.attr['dtype'].type))
        elif node.name in handles and node.op not in _HANDLES:
            result.node.add().CopyFrom(node)
            result.node[-1].attr['T'].type = handles[node.name].attr['dtype'].type
        elif node.op == 'ReadVariableOp':
            new = result.node.add(op='Identity', name=node.name, input=[node.input[0]])
            new.attr['T'].CopyFrom(node.attr['dtype'])
        elif node.op == 'ResourceGather':
            result.node.extend(_gather(node))
        else:
            result.node.add().CopyFrom(node)
    result.library.CopyFrom(part.library)
    tf_logging.info('Converted %d variables to const ops.', len(values))
    return result


def _handle_of(node, nodes):
    """The VarHandleOp that a node reads, and the nodes that pass the handle on to it."""
    between, node = [], nodes[_node_name(node.input[0])]
    while node.op != 'VarHandleOp':
        if node.op not in _PASS_ON or not node.input or node in between:
            raise ValueError(f'Cannot find the variable for the node {node.name} of type {node.op}.')
        between.append(node)
        node = nodes[_node_name(node.input[0])]
    return node, between


def _read_of(graph, name):
    """The name of a tensor outside of loops and branches that holds a resource variable's value."""
    reads = [op for op in graph.get_tensor_by_name(name + ':0').consumers() if op.type == 'ReadVariableOp']
    own = [op for op in reads if op.name == name + '/Read/ReadVariableOp']
    return (own or reads)[0].name + ':0' if own or reads else f'{name}/Read/ReadVariableOp:0'


def _constant(name, value, dtype):
    from graphflow.framework.tensor_proto import make_tensor_proto
    from tensorboard.compat.proto import node_def_pb2
    node = node_def_pb2.NodeDef(op='Const', name=name)
    node.attr['dtype'].type = dtype
    node.attr['value'].tensor.CopyFrom(make_tensor_proto(value, dtype, value.shape))
    return node


def _gather(node):
    """The nodes that gather from a constant what the ResourceGather `node` does from a variable."""
    import numpy as np
    if node.attr['batch_dims'].i:
        raise ValueError('batch_dims != 0 is not supported by freeze_graph.')
    axis = _constant(node.name + '/axis', np.int32(0), dtypes.int32.as_datatype_enum)
    gather = type(node)(op='GatherV2', name=node.name, input=[node.input[0], node.input[1], axis.name])
    gather.attr['Tparams'].CopyFrom(node.attr['dtype'])
    gather.attr['Tindices'].CopyFrom(node.attr['Tindices'])
    gather.attr['Taxis'].type = dtypes.int32.as_datatype_enum
    if '_class' in node.attr:
        gather.attr['_class'].CopyFrom(node.attr['_class'])
    return axis, gather


@export('graph_util.remove_training_nodes')
def remove_training_nodes(input_graph, protected_nodes=None):
    """A graph without nodes that only training needs: CheckNumerics and Identity.

    An Identity stays if others wait for it or it waits for others. What took its input from a CheckNumerics loses that
    input, as in TensorFlow.

    Args:
      input_graph: a GraphDef.
      protected_nodes: names of nodes to keep.

    Returns: a GraphDef.
    """
    kept = set(protected_nodes or ())
    removed = {n.name for n in input_graph.node if n.op == 'CheckNumerics' and n.name not in kept}
    nodes = []
    for node in input_graph.node:
        if node.name not in removed:
            nodes.append(type(node)())
            nodes[-1].CopyFrom(node)
            nodes[-1].input[:] = [text for text in node.input if text.lstrip('^') not in removed]
    waited = {text[1:] for node in nodes for text in node.input if text.startswith('^')}
    spliced = {node.name: node.input[0] for node in nodes if node.op == 'Identity' and node.name not in kept | waited
               and not any(text.startswith('^') for text in node.input)}
    result = type(input_graph)()
    for node in nodes:
        if node.name in spliced:
            continue
        result.node.append(node)
        for i, text in enumerate(node.input):
            while text.lstrip('^') in spliced:
                text = spliced[text.lstrip('^')]
            result.node[-1].input[i] = text
    return result


@export('graph_util.must_run_on_cpu')
def must_run_on_cpu(node, pin_variables_on_cpu=False):
    """Whether an Operation or NodeDef must run on a CPU: text and int32 constants and results, on request variables."""
    node = getattr(node, 'node_def', node)
    if node.op in _STATEFUL and pin_variables_on_cpu:
        return True
    if node.op == 'Const':
        return node.attr['dtype'].type in (dtypes.string.as_datatype_enum, dtypes.int32.as_datatype_enum)
    if node.op in ('DynamicStitch', 'ParallelDynamicStitch'):
        return node.attr['T'].type == dtypes.int32.as_datatype_enum
    if node.op == 'Cast':
        return node.attr['SrcT'].type == dtypes.int32.as_datatype_enum
    return False


@export('graph_util.tensor_shape_from_node_def_name')
def tensor_shape_from_node_def_name(graph, input_name):
    """The static shape of a tensor in a Graph, by its name as NodeDefs have it ('a' for 'a:0'). Raises: KeyError."""
    if ':' not in input_name:
        input_name += ':0'
    return graph.get_tensor_by_name(input_name).get_shape()
