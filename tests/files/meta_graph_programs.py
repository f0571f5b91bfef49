"""Small programs around MetaGraphDefs, and what is to be compared of them.

`tests/record/files_programs.py` runs them under TensorFlow 1.15.5, `tests/files/test_graph_def.py` under graphflow.
"""
import importlib
import os
import re
import tempfile

import numpy as np


def framework(tf, name):
    return importlib.import_module(tf.__name__ + '.python.framework.' + name)


def model(tf):
    with tf.variable_scope('net'):
        x = tf.placeholder(tf.float32, [None, 2], name='x')
        w = tf.get_variable('w', [2, 3], initializer=tf.zeros_initializer(),
                            regularizer=lambda v: tf.reduce_sum(v * v))
        r = tf.get_variable('r', [3], initializer=tf.zeros_initializer(), use_resource=True)
        y = tf.matmul(x, w) + r
        loss = tf.losses.mean_squared_error(y, tf.zeros_like(y))
    step = tf.train.get_or_create_global_step()
    train = tf.train.MomentumOptimizer(.1, .9).minimize(loss, global_step=step)
    return y, loss, train


def collect(tf, y):
    """Adds collections of all kinds."""
    graph = tf.get_default_graph()
    for key, values in {'ints': [3, 4], 'floats': [3.5], 'strs': ['abc', 'net/abc'], 'mixed': [3, 'x'], 'bools': [True],
                        'tensors': [y], 'ops': [y.op], 'lists': [[1, 2]], 'numpy': [np.int32(3)], 'big': [2 ** 70],
                        ('a', 'tuple'): [1], 'variable': tf.global_variables()[:1], 'mixed nodes': [y, 3],
                        'object': [object()]}.items():
        for value in values:
            graph.add_to_collection(key, value)
    graph.add_to_collection('empty', 1)
    graph.get_collection_ref('empty').pop()


def flow(tf, is_nested):
    """A branch, and loops, one of them around another branch."""
    loss = tf.placeholder(tf.float32, [], name='loss')
    tf.cond(loss > 0, lambda: loss + 1., lambda: loss)
    if is_nested:
        tf.while_loop(lambda i, a: i < 3, lambda i, a: (i + 1, tf.cond(a > 0, lambda: a * 2., lambda: a)), [0, loss])
    tf.while_loop(lambda a: a < 100., lambda a: a * 2., [loss], maximum_iterations=5, parallel_iterations=1,
                  back_prop=False, swap_memory=True, name='counted')


def exported(**kwargs):
    def program(tf):
        y, _, _ = model(tf)
        collect(tf, y)
        return describe(tf, tf.train.export_meta_graph(**kwargs))
    return program


def exported_flow(is_nested=True, **kwargs):
    def program(tf):
        with tf.name_scope('f'):
            flow(tf, is_nested)
        return describe(tf, tf.train.export_meta_graph(**kwargs))
    return program


def exported_devices(tf):
    with tf.device('/gpu:0'):
        tf.constant(1., name='c')
    return describe(tf, tf.train.export_meta_graph(clear_devices=True)), tf.get_default_graph().get_operations()[0].device


def unbound(collection):
    def program(tf):
        a = tf.constant(1., name='a')
        with tf.control_dependencies([a]), tf.name_scope('s'):
            b = tf.add(a, 1., name='b')
            tf.add(a, b, name='c')
        with tf.name_scope('s2'):
            tf.constant(2.)
        message, variables = framework(tf, 'meta_graph').export_scoped_meta_graph(
            export_scope='s', unbound_inputs_col_name=collection)
        return describe(tf, message), sorted(variables)
    return program


def bound(input_map):
    def program(tf):
        with tf.Graph().as_default():
            a = tf.constant(1., name='a')
            with tf.name_scope('s'):
                tf.add(a, 1., name='b')
            message = framework(tf, 'meta_graph').export_scoped_meta_graph(export_scope='s')[0]
        z = tf.constant(5., name='z')
        given = {key: z for key in input_map} if input_map else None
        framework(tf, 'meta_graph').import_scoped_meta_graph(message, import_scope='t', input_map=given)
        return graph_of(tf)
    return program


def imported(exports=None, build=model, **kwargs):
    """Exports a model, and imports it into another graph."""
    def program(tf):
        with tf.Graph().as_default():
            made = build(tf)
            if build is model:
                collect(tf, made[0])
            message = tf.train.export_meta_graph(**(exports or {}))
        variables = framework(tf, 'meta_graph').import_scoped_meta_graph(message, **kwargs)
        return graph_of(tf), sorted((name, repr(v)) for name, v in variables.items())
    return program


def imported_twice(tf):
    with tf.Graph().as_default():
        model(tf)
        message = tf.train.export_meta_graph()
    framework(tf, 'meta_graph').import_scoped_meta_graph(message, import_scope='s')
    variables = framework(tf, 'meta_graph').import_scoped_meta_graph(message, import_scope='s')
    return sorted((name, repr(v)) for name, v in variables.items()), graph_of(tf)


def trained(build, exports=None, scope=None):
    """Builds gradients of an imported graph and runs them."""
    def program(tf):
        with tf.Graph().as_default():
            build(tf)
            message = tf.train.export_meta_graph(**(exports or {}))
        framework(tf, 'meta_graph').import_scoped_meta_graph(message, import_scope=scope)
        graph = tf.get_default_graph()
        prefix = scope + '/' if scope else ''
        x, y = graph.get_tensor_by_name(prefix + 'x:0'), graph.get_tensor_by_name(prefix + 'y:0')
        gradient, = tf.gradients(y, x)
        with tf.Session() as session:
            session.run(tf.global_variables_initializer())
            values = [np.asarray(v).round(4).tolist() for v in session.run([y, gradient], {x: [.5, 2.]})]
        return graph_of(tf), values
    return program


def looped(tf):
    x = tf.placeholder(tf.float32, [2], name='x')
    v = tf.get_variable('v', initializer=1.5)
    _, r = tf.while_loop(lambda i, a: i < 3, lambda i, a: (i + 1, tf.tanh(a) * x * v), [tf.constant(0), x])
    tf.reduce_sum(r, name='y')


def doubly_looped(tf):
    x = tf.placeholder(tf.float32, [2], name='x')

    def body(i, a):
        _, a = tf.while_loop(lambda j, b: j < i, lambda j, b: (j + 1, b * x), [0, a])
        return i + 1, tf.cond(tf.reduce_sum(a) > 1., lambda: a * .5, lambda: a + x)
    _, r = tf.while_loop(lambda i, a: i < 3, body, [tf.constant(0), x])
    tf.reduce_sum(r, name='y')


def branched(tf):
    x = tf.placeholder(tf.float32, [2], name='x')
    r = tf.cond(x[0] > 0., lambda: tf.cond(x[1] > 1., lambda: x * x, lambda: x), lambda: tf.exp(x))
    tf.reduce_sum(r, name='y')


def trained_model(tf):
    """Trains an imported model on, by the train op in its collection."""
    with tf.Graph().as_default():
        x = tf.placeholder(tf.float32, [None, 2], name='x')
        w = tf.get_variable('w', [2, 1], initializer=tf.ones_initializer())
        y = tf.matmul(x, w) + tf.get_variable('b', [1], initializer=tf.zeros_initializer())
        loss = tf.reduce_mean(tf.square(y - 1.))
        tf.add_to_collection('loss', loss)
        tf.add_to_collection('train', tf.train.AdamOptimizer(.1).minimize(loss))
        message = tf.train.export_meta_graph()
    framework(tf, 'meta_graph').import_scoped_meta_graph(message)
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        losses = []
        for _ in range(4):
            loss, _ = session.run([tf.get_collection('loss')[0], tf.get_collection('train')[0]], {'x:0': [[1., 2.]]})
            losses.append(round(float(loss), 4))
    return losses


def trained_variables(tf):
    """Adds an optimizer to an imported model whose variables are of both kinds."""
    with tf.Graph().as_default():
        model(tf)
        message = tf.train.export_meta_graph(export_scope='net')
    framework(tf, 'meta_graph').import_scoped_meta_graph(message, import_scope='q')
    loss = tf.get_collection('losses')[0] + tf.reduce_sum(tf.trainable_variables()[0] - 1.)
    train = tf.train.AdamOptimizer(.1).minimize(loss)
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        for _ in range(3):
            session.run(train, {'q/x:0': [[1., 2.]]})
        return graph_of(tf), [np.asarray(v).round(4).tolist() for v in session.run(tf.trainable_variables())]


def partitioned(tf):
    with tf.Graph().as_default():
        with tf.variable_scope('s', partitioner=tf.fixed_size_partitioner(2)):
            tf.get_variable('v', [4, 3])
        message = tf.train.export_meta_graph(export_scope='s')
    framework(tf, 'meta_graph').import_scoped_meta_graph(message, import_scope='t')
    return [(v.name, v._get_save_slice_info().spec, v._get_save_slice_info().full_name) for v in tf.global_variables()]


def from_file(content):
    def program(tf):
        path = os.path.join(tempfile.mkdtemp(), 'g.meta')
        if content is not None:
            with open(path, 'wb') as file:
                file.write(content)
        try:
            return repr(tf.train.import_meta_graph(path))
        except OSError as error:
            raise OSError(str(error).replace(path, 'FILE')) from None
    return program


def through_file(as_text):
    def program(tf):
        path = os.path.join(tempfile.mkdtemp(), 'g.meta')
        with tf.Graph().as_default():
            tf.constant([1., 2.], name='c')
            tf.add_to_collection('ints', 3)
            tf.train.export_meta_graph(path, as_text=as_text)
        tf.train.import_meta_graph(path, import_scope='s')
        return graph_of(tf)
    return program


def refused(**kwargs):
    return lambda tf: tf.train.export_meta_graph(**kwargs)


def predicate(tf):
    with tf.Graph().as_default():
        model(tf)
        message = tf.train.export_meta_graph()
    framework(tf, 'meta_graph').import_scoped_meta_graph(
        message, restore_collections_predicate=lambda key: key == 'trainable_variables')
    return graph_of(tf)


def without_trainable(tf):
    """Releases before 1.9 did not say of variables whether they are trainable."""
    with tf.Graph().as_default():
        model(tf)
        message = tf.train.export_meta_graph()
    message.meta_info_def.tensorflow_version = '1.8.0'
    framework(tf, 'meta_graph').import_scoped_meta_graph(message)
    return [(v.name, bool(v.trainable)) for v in tf.global_variables()]


def used_ops(tf):
    model(tf)
    meta_graph = framework(tf, 'meta_graph')
    graph = tf.get_default_graph().as_graph_def()
    return sorted(meta_graph.ops_used_by_graph_def(graph)), [op.name for op in
                                                             meta_graph.stripped_op_list_for_graph(graph).op]


def shapes(tf):
    tf.placeholder(tf.float32, [None, 2])
    tf.no_op()
    tf.placeholder(tf.float32)
    tf.unique([1, 2])
    graph = tf.get_default_graph().as_graph_def(from_version=2, add_shapes=True)
    return [[n.name, [str(tf.TensorShape(s)) for s in n.attr['_output_shapes'].list.shape], sorted(n.attr)]
            for n in graph.node]


PROGRAMS = {
    'export': exported(),
    'export a scope': exported(export_scope='net'),
    'export a scope with a slash': exported(export_scope='net/'),
    'export a part of a scope': exported(export_scope='ne'),
    'export some collections': exported(collection_list=['ints', 'variables', 'nope']),
    'export no collections': exported(collection_list=[]),
    'export without defaults': exported(strip_default_attrs=True),
    'export branches and loops': exported_flow(),
    'export a scope of branches and loops': exported_flow(False, export_scope='f'),
    'export without devices': exported_devices,
    'export with unbound inputs': unbound('unbound_inputs'),
    'export with unnamed unbound inputs': unbound(None),
    'import': imported(),
    'import into a scope': imported(import_scope='q'),
    'import into a scope with a slash': imported(import_scope='q/'),
    'import of a scope': imported({'export_scope': 'net'}),
    'import of a scope into another': imported({'export_scope': 'net'}, import_scope='q'),
    'import twice': imported_twice,
    'import unbound inputs': bound(None),
    'import with inputs': bound(['$unbound_inputs_a']),
    'import with other inputs': bound(['b']),
    'import some collections': predicate,
    'import from release 1.8': without_trainable,
    'import slices': partitioned,
    'gradient of a loop': trained(looped),
    'gradient of a loop in a scope': trained(looped, scope='q'),
    'gradient of nested loops': trained(doubly_looped, scope='q'),
    'gradient of branches': trained(branched, scope='q'),
    'train on': trained_model,
    'train variables': trained_variables,
    'no file': from_file(None),
    'empty file': from_file(b''),
    'binary file': through_file(False),
    'text file': through_file(True),
    'graph is none': refused(graph=3),
    'graph_def is none': refused(graph_def=3),
    'saver_def is none': refused(saver_def=3),
    'meta_info_def is none': refused(meta_info_def=3),
    'ops': used_ops,
    'shapes': shapes,
}


def names():
    return list(PROGRAMS)


def outcome(tf, name):
    """What the program does under `tf`, as plain data, or the error."""
    with tf.Graph().as_default():
        try:
            return {'returned': PROGRAMS[name](tf)}
        except Exception as error:
            return {'error': [type(error).__name__, str(error)]}


def describe(tf, message):
    """A MetaGraphDef as plain data."""
    info = message.meta_info_def
    nodes = [[n.name, n.op, [re.sub(':0$', '', i) for i in n.input], n.device, sorted(n.attr),
              [g.decode() for g in n.attr['_class'].list.s],
              n.attr['frame_name'].s.decode(), [str(tf.TensorShape(s)) for s in n.attr['_output_shapes'].list.shape]]
             for n in message.graph_def.node]
    collections = {key: _collection(tf, key, value) for key, value in sorted(message.collection_def.items())}
    return [info.tensorflow_version, list(info.tags), info.stripped_default_attrs,
            [op.name for op in info.stripped_op_list.op], str(message.graph_def.versions), nodes, collections]


def _collection(tf, key, message):
    kind = message.WhichOneof('kind')
    values = list(getattr(message, kind).value)
    if kind == 'bytes_list':
        cls = framework(tf, 'ops').get_collection_proto_type(key)
        values = [' '.join(str(_sorted(cls.FromString(v))).split()) if cls else repr(v) for v in values]
    return [kind, values]


def _sorted(message):
    """A message whose maps print in one order: as a list of sorted fields."""
    text = {}
    for field, value in message.ListFields():
        if field.message_type is not None and field.message_type.GetOptions().map_entry:
            value = sorted(value.items())
        elif field.message_type is not None:
            repeated = hasattr(value, 'add')
            value = [_sorted(v) for v in value] if repeated else _sorted(value)
        elif hasattr(value, 'append'):
            value = list(value)
        text[field.name] = value
    return sorted(text.items())


def graph_of(tf):
    """Nodes and collections of the default graph as plain data."""
    graph = tf.get_default_graph()
    nodes = [[op.name, op.type, [i.name for i in op.inputs], sorted(c.name for c in op.control_inputs),
              [str(o.shape) for o in op.outputs], op.node_def.attr['frame_name'].s.decode()]
             for op in graph.get_operations()]
    collections = {str(key): [_item(v) for v in graph.get_collection(key)] for key in graph.get_all_collection_keys()}
    return [nodes, collections]


def _item(value):
    if type(value).__name__.endswith('Context'):
        return type(value).__name__, value.name
    return repr(value)
