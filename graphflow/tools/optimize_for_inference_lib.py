"""Simpler graphs for inference: unused nodes go, and batch normalization becomes part of the convolution before it."""
import numpy as np

from graphflow.framework.tensor_proto import make_ndarray, make_tensor_proto
from graphflow.tools.graph_util import remove_training_nodes
from graphflow.tools.strip_unused_lib import strip_unused

# Where the ops of batch normalization have their inputs: the convolution, mean, variance, beta, gamma.
_INPUTS = {'BatchNormWithGlobalNormalization': (0, 1, 2, 3, 4), 'FusedBatchNorm': (0, 3, 4, 2, 1)}
_EPSILON = {'BatchNormWithGlobalNormalization': 'variance_epsilon', 'FusedBatchNorm': 'epsilon'}


def optimize_for_inference(input_graph_def, input_node_names, output_node_names, placeholder_type_enum,
                           toco_compatible=False):
    """A GraphDef for inference: see `strip_unused`, `remove_training_nodes` and `fold_batch_norms`.

    Args: as for `strip_unused`; toco_compatible is accepted for compatibility.
    """
    graph = strip_unused(input_graph_def, input_node_names, output_node_names, placeholder_type_enum)
    graph = remove_training_nodes(graph, output_node_names)
    return fold_batch_norms(graph)


def fold_batch_norms(input_graph_def):
    """A GraphDef in which convolutions by constants followed by batch normalization with constants are one.

    With w the weights of output channel c and x normalized as gamma (x - mean) / sqrt(variance + epsilon) + beta, the
    convolution's weights become w * scale, scale = gamma / sqrt(variance + epsilon), and beta - mean * scale is added.
    """
    nodes = {node.name: node for node in input_graph_def.node}
    replaced, removed = {}, set()
    for node in input_graph_def.node:
        if node.op in _INPUTS and not node.attr['is_training'].b:
            parts = [nodes.get(node.input[i]) for i in _INPUTS[node.op]]
            conv = parts[0]
            if conv is None or conv.op not in ('Conv2D', 'DepthwiseConv2dNative'):
                continue
            weights = nodes.get(conv.input[1])
            if any(part is None or part.op != 'Const' for part in [weights] + parts[1:]):
                continue
            replaced[node.name] = _folded(node, conv, weights, *map(_value, parts[1:]))
            removed.update((conv.name, weights.name, *(part.name for part in parts[1:])))
    result = type(input_graph_def)()
    for node in input_graph_def.node:
        if node.name in replaced:
            result.node.extend(replaced[node.name])
        elif node.name not in removed:
            result.node.add().CopyFrom(node)
    return result


def _value(node):
    return make_ndarray(node.attr['value'].tensor)


def _folded(norm, conv, weights, mean, variance, beta, gamma):
    """The nodes that take the place of a convolution and the normalization behind it."""
    scale = 1 / np.sqrt(variance + norm.attr[_EPSILON[norm.op]].f)
    if norm.op == 'FusedBatchNorm' or norm.attr['scale_after_normalization'].b:
        scale = scale * gamma
    old = _value(weights)
    per_channel = scale.reshape(old.shape[2:]) if conv.op == 'DepthwiseConv2dNative' else scale
    new_weights, new_conv, bias, add = (type(norm)() for _ in range(4))
    for node, name, value in ((new_weights, weights.name, old * per_channel),
                              (bias, conv.name + '_bn_offset', beta - mean * scale)):
        node.op, node.name = 'Const', name
        node.attr['dtype'].CopyFrom(weights.attr['dtype'])
        node.attr['value'].tensor.CopyFrom(make_tensor_proto(value.astype(old.dtype)))
    new_conv.CopyFrom(conv)
    add.op, add.name = 'BiasAdd', norm.name
    add.attr['T'].CopyFrom(conv.attr['T'])
    add.attr['data_format'].CopyFrom(conv.attr['data_format'])
    add.input.extend([conv.name, bias.name])
    return new_weights, new_conv, bias, add
