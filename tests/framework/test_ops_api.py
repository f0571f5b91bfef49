"""The inner modules' names (graphflow.python...) that programs written against TensorFlow's internals use."""
import importlib

import pytest

import graphflow as tf
from graphflow.python.framework import common_shapes, op_def_registry, ops, registry, tensor_util, test_ops

_MODULES = '''
client.session eager.context eager.test framework.constant_op framework.errors_impl framework.op_def_library
framework.tensor_spec framework.test_ops framework.test_util ops.array_ops ops.control_flow_ops ops.data_flow_ops
ops.gen_array_ops ops.gen_nn_ops ops.gradient_checker ops.gradient_checker_v2 ops.gradients_impl ops.init_ops
ops.linalg_ops ops.math_ops ops.nn_grad ops.nn_impl ops.nn_ops ops.partitioned_variables ops.resource_variable_ops
ops.sparse_ops ops.state_ops ops.string_ops ops.variable_scope platform.test training.optimizer util.compat util.nest
'''.split()


@pytest.mark.parametrize('module', _MODULES)
def test_modules_can_be_imported(module):
    importlib.import_module('graphflow.python.' + module)


def test_node_from_message():
    with tf.Graph().as_default() as graph:
        first = tf.no_op()
        node = ops.Operation(ops._NodeDef('FloatOutput', 'a/b', device='/cpu:0'), graph, control_inputs=[first])
        assert graph.get_operation_by_name('a/b') is node
        assert (node.device, node.control_inputs, node.outputs[0].dtype) == ('/cpu:0', [first], tf.float32)


def test_attrs_follow_from_inputs():
    with tf.Graph().as_default() as graph:
        node = graph.create_op('ConcatV2', [tf.constant([1]), tf.constant([2]), tf.constant(0)])
        assert [node.get_attr(key) for key in ('N', 'T', 'Tidx')] == [2, tf.int32, tf.int32]
        with tf.Session() as session:
            assert session.run(node.outputs[0]).tolist() == [1, 2]


def test_inputs_must_be_of_the_given_types():
    with tf.Graph().as_default() as graph:
        with pytest.raises(TypeError, match='are not compatible with expected types'):
            graph.create_op('IntInput', [tf.constant(1.)], [], [tf.int32])


def test_no_eager_execution():
    from graphflow.python.eager import context
    with context.graph_mode():
        assert not context.executing_eagerly()
    with pytest.raises(NotImplementedError):
        context.eager_mode()


def test_op_declarations_as_messages():
    assert [a.name for a in op_def_registry.get_registered_ops()['MatMul'].input_arg] == ['a', 'b']


def test_registry():
    table = registry.Registry('colour')
    table.register(3, 'red')
    assert table.lookup('red') == 3
    with pytest.raises(LookupError, match='colour registry has no entry for: blue'):
        table.lookup('blue')
    with pytest.raises(KeyError, match='Registering two colour'):
        table.register(4, 'red')


def test_broadcast_shape():
    assert common_shapes.broadcast_shape(tf.TensorShape([1, 3]), tf.TensorShape([2, 1])).as_list() == [2, 3]
    assert not common_shapes.is_broadcast_compatible(tf.TensorShape([2, 3]), tf.TensorShape([2]))


def test_is_tensor():
    with tf.Graph().as_default():
        assert tensor_util.is_tensor(tf.constant(1)) and tf.is_tensor(tf.SparseTensor([[0]], [1], [1]))
        assert not tf.is_tensor([1])


def test_ops_without_meaning():
    with tf.Graph().as_default():
        assert [t.dtype for t in test_ops.two_int_outputs()] == [tf.int32, tf.int32]
