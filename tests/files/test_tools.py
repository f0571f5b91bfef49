"""Writing graphs, and the tools that work on files of graphs."""
import os

import numpy as np
import pytest
from google.protobuf import text_format

import graphflow as tf
from graphflow.python.framework import meta_graph
from graphflow.python.tools import freeze_graph, optimize_for_inference_lib, strip_unused_lib


def model():
    x = tf.placeholder(tf.float32, [None, 2], name='x')
    v = tf.get_variable('v', initializer=np.array([[1.], [2.]], np.float32))
    return tf.matmul(x, v, name='y')


@pytest.mark.parametrize('as_text', [True, False])
def test_write_graph(tmp_path, as_text):
    with tf.Graph().as_default() as graph:
        model()
        path = tf.train.write_graph(graph, str(tmp_path / 'new' / 'folder'), 'graph', as_text=as_text)
        assert path == str(tmp_path / 'new' / 'folder' / 'graph')
        assert os.listdir(tmp_path / 'new' / 'folder') == ['graph']
        content = open(path, 'rb').read()
        message = text_format.Merge(content.decode(), tf.GraphDef()) if as_text else tf.GraphDef.FromString(content)
        assert message == graph.as_graph_def()
        assert path == tf.io.write_graph(message, str(tmp_path / 'new' / 'folder'), 'graph', as_text=as_text)
        assert open(path, 'rb').read() == content


def test_write_graph_of_something_else(tmp_path):
    with pytest.raises(AttributeError, match='DESCRIPTOR'):
        tf.train.write_graph(3, str(tmp_path), 'graph')


@pytest.fixture
def files(tmp_path):
    """A folder with a model as a graph, a MetaGraph, a checkpoint and a SavedModel."""
    with tf.Graph().as_default() as graph, tf.Session() as session:
        y = model()
        saver = tf.train.Saver()
        session.run(tf.global_variables_initializer())
        saver.save(session, str(tmp_path / 'model'))
        tf.train.write_graph(graph, str(tmp_path), 'graph.pb', as_text=False)
        tf.train.write_graph(graph, str(tmp_path), 'graph.pbtxt')
        (tmp_path / 'saver').write_bytes(saver.as_saver_def().SerializeToString())
        tf.saved_model.simple_save(session, str(tmp_path / 'saved'), {'x': graph.get_tensor_by_name('x:0')}, {'y': y})
    return tmp_path


@pytest.mark.parametrize('arguments', [
    dict(input_graph='graph.pb', input_binary=True, input_checkpoint='model'),
    dict(input_graph='graph.pbtxt', input_binary=False, input_checkpoint='model'),
    dict(input_graph='graph.pb', input_saver='saver', input_binary=True, input_checkpoint='model'),
    dict(input_meta_graph='model.meta', input_checkpoint='model'),
    dict(input_saved_model_dir='saved'),
], ids=['graph', 'text', 'saver', 'meta graph', 'saved model'])
def test_freeze_graph(files, arguments):
    paths = {'input_graph': '', 'input_saver': '', 'input_checkpoint': '', 'input_binary': True}
    paths.update({k: str(files / v) if isinstance(v, str) else v for k, v in arguments.items()})
    output = str(files / 'frozen.pb')
    freeze_graph.freeze_graph(output_node_names='y', restore_op_name='', filename_tensor_name='', output_graph=output,
                              clear_devices=True, initializer_nodes='', **paths)
    with tf.Graph().as_default(), tf.Session() as session:
        tf.import_graph_def(tf.GraphDef.FromString(open(output, 'rb').read()), name='')
        assert session.run('y:0', {'x:0': [[3., 4.]]}) == 11
        assert not tf.global_variables()


def test_freeze_graph_without_files(capsys):
    arguments = dict(input_saver='', input_binary=True, restore_op_name='', filename_tensor_name='', output_graph='',
                     clear_devices=True, initializer_nodes='')
    assert freeze_graph.freeze_graph('nowhere', input_checkpoint='nowhere', output_node_names='y', **arguments) == -1
    assert freeze_graph.freeze_graph_with_def_protos(
        tf.GraphDef(), None, 'nowhere', 'y', '', '', '', True, '') == -1
    assert capsys.readouterr().out.count('exist!') == 2


def test_freezing_variables_without_values():
    with tf.Graph().as_default() as graph, tf.Session() as session:
        model()
        with pytest.raises(tf.errors.FailedPreconditionError, match='Attempting to use uninitialized value v'):
            tf.graph_util.convert_variables_to_constants(session, graph.as_graph_def(), ['y'])


def test_strip_unused_refuses():
    with tf.Graph().as_default() as graph:
        model()
        message = graph.as_graph_def()
    with pytest.raises(ValueError, match='appears to refer to a Tensor'):
        strip_unused_lib.strip_unused(message, ['x:0'], ['y'], 1)
    with pytest.raises(KeyError, match='not found'):
        strip_unused_lib.strip_unused(message, ['z'], ['y'], 1)


@pytest.mark.parametrize('depthwise', [False, True])
def test_batch_normalization_becomes_part_of_a_convolution(depthwise):
    random = np.random.RandomState(0)
    with tf.Graph().as_default() as graph, tf.Session() as session:
        x = tf.placeholder(tf.float32, [2, 5, 5, 3], name='x')
        weights = tf.constant(random.randn(3, 3, 3, 2), tf.float32)
        convolve = tf.nn.depthwise_conv2d_native if depthwise else tf.nn.conv2d
        hidden = convolve(x, weights, [1, 1, 1, 1], 'SAME')
        channels = 6 if depthwise else 2
        scale, offset, mean, variance = (tf.constant(random.rand(channels), tf.float32) for _ in range(4))
        normalized = tf.raw_ops.FusedBatchNorm(x=hidden, scale=scale, offset=offset, mean=mean, variance=variance,
                                               is_training=False)[0]
        tf.nn.relu(normalized, name='y')
        value = random.randn(2, 5, 5, 3)
        expected = session.run('y:0', {x: value})
        message = optimize_for_inference_lib.optimize_for_inference(graph.as_graph_def(), ['x'], ['y'], 1)
    assert 'FusedBatchNorm' not in [n.op for n in message.node] and len(message.node) == 6
    with tf.Graph().as_default(), tf.Session() as session:
        tf.import_graph_def(message, name='')
        np.testing.assert_allclose(session.run('y:0', {'x:0': value}), expected, rtol=1e-4, atol=1e-5)


def test_stripped_defaults_come_back():
    with tf.Graph().as_default() as graph:
        y = model()
        tf.reduce_sum(y, name='s')
        whole = graph.as_graph_def()
        message = tf.train.export_meta_graph(strip_default_attrs=True)
    assert message.graph_def.ByteSize() < whole.ByteSize() + 1000 and message.meta_info_def.stripped_default_attrs
    assert 'transpose_a' not in {name for n in message.graph_def.node for name in n.attr}
    with tf.Graph().as_default() as graph:
        meta_graph.import_scoped_meta_graph(message)
        assert graph.as_graph_def() == whole


def test_savers_of_other_models_can_be_left_out():
    with tf.Graph().as_default():
        model()
        tf.train.Saver(name='other')
        own = tf.train.Saver(name='own')
        message = tf.train.export_meta_graph(saver_def=own.as_saver_def(), clear_extraneous_savers=True)
    scopes = {n.name.partition('/')[0] for n in message.graph_def.node}
    assert 'own' in scopes and 'other' not in scopes


def test_savers_are_a_collection():
    with tf.Graph().as_default():
        model()
        tf.add_to_collection(tf.GraphKeys.SAVERS, tf.train.Saver(name='mine'))
        message = tf.train.export_meta_graph()
    with tf.Graph().as_default():
        meta_graph.import_scoped_meta_graph(message, import_scope='q')
        saver, = tf.get_collection(tf.GraphKeys.SAVERS)
        assert saver.as_saver_def().restore_op_name == 'q/mine/restore_all'
