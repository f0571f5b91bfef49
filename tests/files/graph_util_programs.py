"""Small programs around tf.graph_util and the tools that prepare graphs, and what is to be compared of them.

`tests/record/files_programs.py` runs them under TensorFlow 1.15.5, `tests/files/test_graph_util.py` under graphflow.
"""
import importlib

from google.protobuf import text_format
import numpy as np


def dense(tf, resource=None, dtype=None):
    x = tf.placeholder(tf.float32, [None, 2], name='x')
    w = tf.get_variable('w', initializer=np.arange(6, dtype=np.float32).reshape(2, 3), use_resource=resource)
    b = tf.get_variable('b', initializer=np.ones(3, np.float32), use_resource=resource)
    y = tf.nn.relu(tf.matmul(x, w) + b, name='y')
    tf.reduce_sum(y, name='other')
    return y


def embedding(tf, resource):
    table = tf.get_variable('t', initializer=np.arange(8, dtype=np.float32).reshape(4, 2), use_resource=resource)
    i = tf.placeholder(tf.int32, [None], name='i')
    return tf.identity(tf.nn.embedding_lookup(table, i), name='y')


def looped(tf, resource):
    v = tf.get_variable('v', initializer=np.float32(2), use_resource=resource)
    n = tf.placeholder(tf.int32, [], name='n')
    _, r = tf.while_loop(lambda i, a: i < n, lambda i, a: (i + 1, a * v), [0, 1.])
    return tf.identity(r, name='y')


def conditional(tf, resource):
    v = tf.get_variable('v', initializer=np.float32(2), use_resource=resource)
    p = tf.placeholder(tf.bool, [], name='p')
    return tf.identity(tf.cond(p, lambda: v + 1., lambda: v * 3.), name='y')


def frozen(build, *args, outputs=('y',), **kwargs):
    def program(tf):
        build(tf, *args)
        with tf.Session() as session:
            session.run(tf.global_variables_initializer())
            graph = tf.get_default_graph().as_graph_def()
            return tf.graph_util.convert_variables_to_constants(session, graph, list(outputs), **kwargs)
    return program


def run_frozen(build, feeds, *args):
    """The value of y in the frozen graph."""
    def program(tf):
        frozen_graph = frozen(build, *args)(tf)
        with tf.Graph().as_default():
            y, = tf.import_graph_def(frozen_graph, return_elements=['y:0'], name='')
            with tf.Session() as session:
                return session.run(y, feeds).tolist()
    return program


def extracted(*names):
    def program(tf):
        dense(tf)
        wanted = names[0] if names and isinstance(names[0], (str, type(None))) and len(names) == 2 else list(names)
        return tf.graph_util.extract_sub_graph(tf.get_default_graph().as_graph_def(), wanted)
    return program


def extracted_string(tf):
    dense(tf)
    return tf.graph_util.extract_sub_graph(tf.get_default_graph().as_graph_def(), 'y')


def extracted_from_nothing(tf):
    return tf.graph_util.extract_sub_graph('y', ['y'])


def training_graph(tf):
    x = tf.placeholder(tf.float32, [2], name='x')
    a = tf.identity(x, name='a')
    b = tf.check_numerics(a, 'bad', name='b')
    with tf.control_dependencies([tf.identity(a, name='waited')]):
        c = tf.add(b, 1., name='c')
    d = tf.identity(c, name='d')
    e = tf.identity(tf.split(d, 2, name='parts')[1], name='e')
    f = tf.nn.dropout(tf.stop_gradient(e), 0.5, seed=1)
    v = tf.Variable(1., name='v')
    return tf.identity(f * v, name='y')


def without_training(**kwargs):
    def program(tf):
        training_graph(tf)
        return tf.graph_util.remove_training_nodes(tf.get_default_graph().as_graph_def(), **kwargs)
    return program


def on_cpu(pinned):
    def program(tf):
        v = tf.Variable([1, 2], name='v')
        tf.Variable([1.], name='r', use_resource=True)
        tf.cast(v, tf.float32, name='float')
        tf.constant('a', name='text')
        tf.constant(1, name='int')
        tf.constant([1, 2], name='ints', dtype=tf.int32)
        tf.constant(1., name='one')
        tf.constant([1, 2], name='longs', dtype=tf.int64)
        tf.random_uniform([2])
        tf.stack([tf.constant(1), 2], name='shape')
        tf.dynamic_stitch([[0], [1]], [[1], [2]], name='stitch')
        tf.zeros([2])
        graph = tf.get_default_graph().as_graph_def()
        return {n.name: bool(tf.graph_util.must_run_on_cpu(n, pinned)) for n in graph.node}
    return program


def shape_of(name):
    def program(tf):
        tf.placeholder(tf.float32, [None, 3], name='a')
        tf.split(tf.ones([4, 2]), 2, name='b')
        return str(tf.graph_util.tensor_shape_from_node_def_name(tf.get_default_graph(), name))
    return program


def tool(tf, name):
    return importlib.import_module(tf.__name__ + '.python.tools.' + name)


def stripped(tf):
    dense(tf)
    graph = tf.get_default_graph().as_graph_def()
    return tool(tf, 'strip_unused_lib').strip_unused(graph, ['x'], ['y'], tf.float32.as_datatype_enum)


def stripped_types(tf):
    a = tf.constant(3, name='a')
    b = tf.constant([2.], name='b')
    tf.add(tf.cast(tf.square(a, name='sq'), tf.float32), tf.square(b, name='sb'), name='y')
    graph = tf.get_default_graph().as_graph_def()
    return tool(tf, 'strip_unused_lib').strip_unused(graph, ['sq', 'sb'], ['y'], [3, 1])


def for_inference(tf):
    x = tf.placeholder(tf.float32, [1, 4, 4, 2], name='x')
    w = tf.constant(np.arange(36, dtype=np.float32).reshape(3, 3, 2, 2), name='w')
    c = tf.nn.conv2d(x, w, [1, 1, 1, 1], 'SAME', name='conv')
    mean, variance = tf.constant([1., 2.], name='mean'), tf.constant([4., 9.], name='variance')
    beta, gamma = tf.constant([.5, .25], name='beta'), tf.constant([2., 3.], name='gamma')
    n = tf.nn.fused_batch_norm(c, gamma, beta, mean, variance, is_training=False, name='bn')[0]
    tf.nn.relu(tf.identity(n), name='y')
    graph = tf.get_default_graph().as_graph_def()
    return tool(tf, 'optimize_for_inference_lib').optimize_for_inference(graph, ['x'], ['y'], 1)


PROGRAMS = {
    'freeze variables': frozen(dense),
    'freeze resources': frozen(dense, True),
    'freeze two outputs': frozen(dense, outputs=('y', 'other')),
    'freeze some': frozen(dense, variable_names_whitelist=['w']),
    'freeze all but some': frozen(dense, variable_names_blacklist=['w']),
    'freeze resources but some': frozen(dense, True, variable_names_blacklist=['w']),
    'freeze an unknown output': frozen(dense, outputs=('z',)),
    'freeze a tensor name': frozen(dense, outputs=('y:0',)),
    'freeze an embedding': frozen(embedding, False),
    'freeze an embedding of a resource': frozen(embedding, True),
    'freeze a loop': frozen(looped, False),
    'freeze a loop of a resource': frozen(looped, True),
    'freeze a branch': frozen(conditional, False),
    'freeze a branch of a resource': frozen(conditional, True),
    'run variables': run_frozen(dense, {'x:0': [[1., 2.]]}, False),
    'run resources': run_frozen(dense, {'x:0': [[1., 2.]]}, True),
    'run an embedding of a resource': run_frozen(embedding, {'i:0': [3, 1]}, True),
    'run a loop': run_frozen(looped, {'n:0': 3}, False),
    'run a loop of a resource': run_frozen(looped, {'n:0': 3}, True),
    'run a branch': run_frozen(conditional, {'p:0': True}, False),
    'run a branch of a resource': run_frozen(conditional, {'p:0': False}, True),
    'extract': extracted('y'),
    'extract two': extracted('w/Assign', 'x'),
    'extract nothing': extracted(),
    'extract unknown': extracted('zz'),
    'extract a string': extracted_string,
    'extract from a string': extracted_from_nothing,
    'remove training nodes': without_training(),
    'remove but protected': without_training(protected_nodes=['a', 'd', 'y']),
    'on the cpu': on_cpu(False),
    'on the cpu with variables': on_cpu(True),
    'shape': shape_of('a'),
    'shape of output': shape_of('b:1'),
    'shape of unknown': shape_of('zz'),
    'strip unused': stripped,
    'strip unused with types': stripped_types,
    'optimize for inference': for_inference,
}


def names():
    return list(PROGRAMS)


def outcome(tf, name):
    """What the program does under `tf`, as plain data: the GraphDef or value it returns, or the error."""
    with tf.Graph().as_default():
        try:
            returned = PROGRAMS[name](tf)
        except Exception as error:
            return {'error': [type(error).__name__, str(error)]}
    if hasattr(returned, 'node'):
        return {'nodes': [describe(tf, n) for n in returned.node], 'versions': str(returned.versions)}
    return {'returned': returned}


def describe(tf, node):
    attrs = {key: _attr(tf, key, value) for key, value in sorted(node.attr.items())}
    return [node.name, node.op, list(node.input), node.device, attrs]


def _attr(tf, key, value):
    if value.WhichOneof('value') == 'tensor':
        array = tf.make_ndarray(value.tensor)
        return [array.dtype.name, list(array.shape), array.ravel()[:8].tolist()]
    if value.WhichOneof('value') == 'f':
        return '%.6g' % value.f
    return text_format.MessageToString(value, as_one_line=True)
