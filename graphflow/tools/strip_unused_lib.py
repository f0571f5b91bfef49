"""The part of a graph between some inputs and some outputs."""
from graphflow.platform import gfile
from graphflow.tools.graph_util import extract_sub_graph


def strip_unused(input_graph_def, input_node_names, output_node_names, placeholder_type_enum):
    """The part of a graph that some nodes need, when others are fed.

    Args:
      input_graph_def: a GraphDef.
      input_node_names: names of the nodes in place of which placeholders are put.
      output_node_names: names of the nodes that are needed.
      placeholder_type_enum: the type of the placeholders as in types.proto (or a DType), or a list of one for each.

    Returns: a GraphDef.

    Raises: ValueError for the name of a tensor, KeyError if an input is not in the graph, AssertionError if an output is
      not.
    """
    for name in input_node_names:
        if ':' in name:
            raise ValueError(f"Name '{name}' appears to refer to a Tensor, not an Operation.")
    types = placeholder_type_enum
    if not isinstance(types, list):
        types = [types] * len(input_node_names)
    types = dict(zip(input_node_names, types))
    result = type(input_graph_def)()
    missing = set(input_node_names)
    for node in input_graph_def.node:
        new = result.node.add()
        if node.name not in types:
            new.CopyFrom(node)
            continue
        missing.discard(node.name)
        new.op, new.name = 'Placeholder', node.name
        new.attr['dtype'].type = int(types[node.name])
        for attr in ('_output_shapes', 'shape'):
            if attr in node.attr:
                new.attr[attr].CopyFrom(node.attr[attr])
    if missing:
        raise KeyError(f'The following input nodes were not found: {missing}')
    return extract_sub_graph(result, output_node_names)


def strip_unused_from_files(input_graph, input_binary, output_graph, output_binary, input_node_names,
                            output_node_names, placeholder_type_enum):
    """`strip_unused` of a GraphDef in a file, written to another. Names are given as one text, joined by commas."""
    from google.protobuf import text_format
    from tensorboard.compat.proto import graph_pb2
    if not gfile.Exists(input_graph):
        print("Input graph file '" + input_graph + "' does not exist!")
        return -1
    if not output_node_names:
        print('You need to supply the name of a node to --output_node_names.')
        return -1
    with gfile.GFile(input_graph, 'rb' if input_binary else 'r') as file:
        content = file.read()
    message = graph_pb2.GraphDef.FromString(content) if input_binary else text_format.Merge(content, graph_pb2.GraphDef())
    result = strip_unused(message, input_node_names.split(','), output_node_names.split(','), placeholder_type_enum)
    with gfile.GFile(output_graph, 'wb' if output_binary else 'w') as file:
        file.write(result.SerializeToString() if output_binary else text_format.MessageToString(result))
    print('%d ops in the final graph.' % len(result.node))
