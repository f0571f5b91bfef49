"""Comparisons of GraphDefs and what is in them."""
from tensorboard.compat.proto import graph_pb2

from graphflow.framework.export import export


@export('test.assert_equal_graph_def')
def assert_equal_graph_def(actual, expected, checkpoint_v2=False, hash_table_shared_name=False):
    """Raises AssertionError unless two GraphDefs have the same nodes; their order and internal attrs do not count.

    Args:
      actual, expected: GraphDefs.
      checkpoint_v2: whether to leave the random parts of checkpoint names out.
      hash_table_shared_name: whether to leave the shared names of tables out.

    Raises: TypeError if they are no GraphDefs.
    """
    for which, graph in (('actual', actual), ('expected', expected)):
        if not isinstance(graph, graph_pb2.GraphDef):
            raise TypeError(f'Expected tf.GraphDef for {which}, got {type(graph).__name__}')
    left_out = set()
    if checkpoint_v2:
        left_out |= {'tensor_names'}
    if hash_table_shared_name:
        left_out |= {'shared_name'}
    found, wanted = ({n.name: n for n in graph.node} for graph in (actual, expected))
    for name in wanted:
        if name not in found:
            raise AssertionError(f"Did not find expected node '{_text(wanted[name])}'")
    for name, node in found.items():
        if name not in wanted:
            raise AssertionError(f"Found unexpected node '{_text(node)}'")
        _compare(node, wanted[name], left_out)


assert_equal_graph_def_v1 = assert_equal_graph_def


def assert_equal_graph_def_v2(expected, actual):
    """`assert_equal_graph_def` with the order of arguments of TensorFlow 2."""
    assert_equal_graph_def(actual, expected, checkpoint_v2=True, hash_table_shared_name=True)


def _text(node):
    return f'{node.name} = {node.op}({", ".join(node.input)})'


def _compare(actual, expected, left_out):
    for field in ('op', 'device'):
        a, e = getattr(actual, field), getattr(expected, field)
        if a != e:
            raise AssertionError(f"Node named '{actual.name}' has {field} '{a}' that is not '{e}'")
    inputs = [([i for i in n.input if not i.startswith('^')], {i for i in n.input if i.startswith('^')})
              for n in (actual, expected)]
    if inputs[0] != inputs[1]:
        raise AssertionError(f"Node named '{actual.name}' has inputs '{list(actual.input)}' that don't match "
                             f"'{list(expected.input)}'")
    names = {k for n in (actual, expected) for k in n.attr if not k.startswith('_')} - left_out
    for name in sorted(names):
        if name not in actual.attr or name not in expected.attr:
            raise AssertionError(f"Node named '{actual.name}': attr '{name}' is in one of them only")
        if actual.attr[name] != expected.attr[name]:
            raise AssertionError(f"Node named '{actual.name}' has for attr '{name}' value '{actual.attr[name]}' that "
                                 f"does not match '{expected.attr[name]}'")


def assert_meta_graph_protos_equal(tester, a, b):
    """`tester.assertProtoEquals` of two MetaGraphDefs."""
    tester.assertProtoEquals(a, b)


def assert_ops_in_graph(expected_ops, graph):
    """Raises ValueError unless the Graph has nodes of these names and types.

    Args:
      expected_ops: a dict of names to op types.

    Returns: a dict of the names to their NodeDefs.
    """
    found = {}
    for node in graph.as_graph_def().node:
        if node.name in expected_ops:
            if expected_ops[node.name] != node.op:
                raise ValueError(f'Expected op for node {node.name} is different. {expected_ops[node.name]} vs {node.op}')
            found[node.name] = node
    if set(expected_ops) != set(found):
        raise ValueError(f'Not all expected ops are present. Expected {expected_ops.keys()}, found {found.keys()}')
    return found


def get_node_def_from_graph(node_name, graph_def):
    """The NodeDef of that name in a GraphDef, or None."""
    return next((node for node in graph_def.node if node.name == node_name), None)
