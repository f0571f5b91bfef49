"""Models written to files by one engine and read by another, in every form that graphs and variables have as files.

`write` runs under TensorFlow 1.15.5 for tests/golden/files/models.tar.gz (by tests/record/files_models.py), and under
graphflow; `read` gives what tests compare.
"""
import json
import os

from google.protobuf import text_format
import numpy as np


def convnet(tf):
    x = tf.placeholder(tf.float32, [None, 8, 8, 1], name='x')
    k = tf.Variable(np.sin(np.arange(36.)).reshape(3, 3, 1, 4).astype(np.float32), name='k')
    h = tf.nn.max_pool(tf.nn.relu(tf.nn.conv2d(x, k, [1, 1, 1, 1], 'SAME')), [1, 2, 2, 1], [1, 2, 2, 1], 'VALID')
    w = tf.get_variable('w', initializer=np.cos(np.arange(192.)).reshape(64, 3).astype(np.float32), use_resource=True)
    y = tf.nn.softmax(tf.matmul(tf.reshape(h, [-1, 64]), w), name='y')
    t = tf.placeholder(tf.float32, [None, 3], name='t')
    loss = tf.reduce_mean(-tf.reduce_sum(t * tf.log(y), 1), name='loss')
    tf.train.AdamOptimizer(0.01).minimize(loss, name='train')
    x_values = np.random.RandomState(0).rand(4, 8, 8, 1).astype(np.float32)
    return {'x:0': x_values}, {'t:0': np.eye(3, dtype=np.float32)[[0, 1, 2, 0]]}


def recurrent(tf):
    """A loop around a branch."""
    x = tf.placeholder(tf.float32, [None, 5], name='x')
    w = tf.Variable(np.sin(np.arange(25.)).reshape(5, 5).astype(np.float32) * .3, name='w')

    def body(i, h):
        return i + 1, tf.cond(tf.reduce_sum(h) > 0., lambda: tf.tanh(tf.matmul(h, w)), lambda: h * 0.5 + x)
    _, h = tf.while_loop(lambda i, h: i < 6, body, [tf.constant(0), x])
    y = tf.identity(h, name='y')
    t = tf.placeholder(tf.float32, [None, 5], name='t')
    loss = tf.reduce_mean(tf.square(y - t), name='loss')
    tf.train.MomentumOptimizer(0.1, 0.9).minimize(loss, name='train')
    random = np.random.RandomState(1)
    return {'x:0': random.randn(3, 5).astype(np.float32)}, {'t:0': random.randn(3, 5).astype(np.float32)}


def embedding(tf):
    x = tf.placeholder(tf.int32, [None], name='x')
    table = tf.get_variable('table', initializer=np.arange(12, dtype=np.float32).reshape(6, 2), use_resource=True)
    e = tf.nn.embedding_lookup(table, x)
    y = tf.reduce_sum(e * tf.constant([1.5, -2.], tf.float32), 1, name='y')
    t = tf.placeholder(tf.float32, [None], name='t')
    loss = tf.reduce_mean(tf.abs(y - t), name='loss')
    tf.train.AdagradOptimizer(0.5).minimize(loss, name='train')
    return {'x:0': np.array([1, 3, 1], np.int32)}, {'t:0': np.array([1., 2., 3.], np.float32)}


MODELS = {'convnet': convnet, 'recurrent': recurrent, 'embedding': embedding}


def write(tf, name, folder):
    """Writes the model in all forms, and what it computes, into a new folder."""
    os.makedirs(folder)
    with tf.Graph().as_default() as graph, tf.Session() as session:
        feeds, targets = MODELS[name](tf)
        saver = tf.train.Saver()
        session.run(tf.global_variables_initializer())
        expected = {'y': _list(session.run('y:0', feeds)), 'feeds': _arrays(feeds), 'targets': _arrays(targets)}
        frozen = tf.graph_util.convert_variables_to_constants(session, graph.as_graph_def(), ['y'])
        tf.train.write_graph(frozen, folder, 'frozen.pb', as_text=False)
        tf.train.write_graph(frozen, folder, 'frozen.pbtxt', as_text=True)
        saver.save(session, os.path.join(folder, 'model'))
        tf.train.export_meta_graph(os.path.join(folder, 'text.meta'), as_text=True, saver_def=saver.as_saver_def())
        tf.saved_model.simple_save(session, os.path.join(folder, 'saved'), {'in': graph.get_tensor_by_name('x:0')},
                                   {'out': graph.get_tensor_by_name('y:0')})
        expected['losses'] = _train(session, 'loss:0', 'train', {**feeds, **targets})
    with open(os.path.join(folder, 'expected.json'), 'w') as file:
        json.dump(expected, file)


def _list(value):
    return np.asarray(value).tolist()


def _arrays(feeds):
    return {name: [str(value.dtype), value.tolist()] for name, value in feeds.items()}


def _train(session, loss, train, feeds):
    return [_list(session.run([loss, train], feeds)[0]) for _ in range(5)]


def read(tf, folder):
    """Yields (what was read, what it computes, what the writer computed)."""
    with open(os.path.join(folder, 'expected.json')) as file:
        expected = json.load(file)
    feeds, targets = ({name: np.array(value, dtype) for name, (dtype, value) in expected[key].items()}
                      for key in ('feeds', 'targets'))
    for name in 'frozen.pb', 'frozen.pbtxt':
        graph_def = tf.GraphDef()
        with tf.gfile.FastGFile(os.path.join(folder, name), 'rb' if name.endswith('.pb') else 'r') as file:
            content = file.read()
        if name.endswith('.pb'):
            graph_def.ParseFromString(content)
        else:
            text_format.Merge(content, graph_def)
        with tf.Graph().as_default(), tf.Session() as session:
            y, = tf.import_graph_def(graph_def, return_elements=['y:0'])
            yield name, session.run(y, {'import/' + key: value for key, value in feeds.items()}), expected['y']
    for name, scope in ('model.meta', ''), ('text.meta', ''), ('model.meta', 'q/'):
        with tf.Graph().as_default(), tf.Session() as session:
            saver = tf.train.import_meta_graph(os.path.join(folder, name), import_scope=scope[:-1] or None)
            saver.restore(session, os.path.join(folder, 'model'))
            fed = {scope + key: value for key, value in {**feeds, **targets}.items()}
            what = ' in '.join(filter(None, (name, scope)))
            yield what, session.run(scope + 'y:0', fed), expected['y']
            yield what + ' trained', _train(session, scope + 'loss:0', scope + 'train', fed), expected['losses']
    with tf.Graph().as_default(), tf.Session() as session:
        message = tf.saved_model.loader.load(session, ['serve'], os.path.join(folder, 'saved'))
        signature = message.signature_def['serving_default']
        found = session.run(signature.outputs['out'].name, {signature.inputs['in'].name: feeds['x:0']})
        yield 'saved model', found, expected['y']
