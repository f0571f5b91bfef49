"""Small programs around tf.import_graph_def, and what is to be compared of them.

`tests/record/files_programs.py` runs them under TensorFlow 1.15.5, `tests/files/test_graph_def.py` under graphflow.
"""
import importlib

from google.protobuf import text_format


def attr(name, value):
    return " attr { key: '%s' value { %s } }" % (name, value)


def node(name, op, inputs='', attrs='', device=''):
    given = ' '.join("input: '%s'" % i for i in inputs.split())
    return "node { name: '%s' op: '%s' %s device: '%s' %s }\n" % (name, op, given, device, attrs)


FLOAT = attr('T', 'type: DT_FLOAT')
DTYPE = attr('dtype', 'type: DT_FLOAT')
P = node('p', 'Placeholder', attrs=DTYPE + attr('shape', 'shape { dim { size: 2 } }'))
A = node('a', 'Placeholder', attrs=DTYPE)
TWO = node('a', 'Placeholder', attrs=DTYPE + attr('shape', 'shape { dim { size: 2 } }'))


def neg(name, inputs, attrs='', device=''):
    return node(name, 'Neg', inputs, FLOAT + attrs, device)


def colocated(*names):
    return attr('_class', 'list { %s }' % ' '.join("s: '%s'" % n for n in names))


def const(shape, values='', dtype='DT_FLOAT', attr_dtype=None):
    tensor = 'tensor { dtype: %s tensor_shape { %s } %s }' % (
        dtype, ' '.join('dim { size: %d }' % d for d in shape), values)
    return node('c', 'Const', attrs=attr('dtype', 'type: ' + (attr_dtype or dtype)) + attr('value', tensor))


N = neg('n', 'p')
VARIABLE = node('v', 'VariableV2', attrs=DTYPE + attr('shape', 'shape { }'))
ASSIGN = node('as', 'Assign', 'v a', FLOAT + colocated('loc:@v'))
FUNCTION = '''library { function {
  signature { name: 'f' input_arg { name: 'x' type: DT_FLOAT } output_arg { name: 'y' type: DT_FLOAT } }
  node_def { name: 'n' op: 'Neg' input: 'x' attr { key: 'T' value { type: DT_FLOAT } } }
  ret { key: 'y' value: 'n:y:0' } } }'''
BROKEN_FUNCTION = "library { function { signature { name: 'f' } } }"

# name: (text of a GraphDef, keyword arguments of import_graph_def)
PLAIN = {
    'plain': (P + N, {}),
    'name is None': (P + N, dict(name=None)),
    'root': (P + N, dict(name='')),
    'scope that ends in a slash': (P + N, dict(name='x/')),
    'bad scope': (P + N, dict(name='x y')),
    'bad first letter of a scope': (P + N, dict(name='_x')),
    'empty': ('', dict(return_elements=[])),
    'inputs come later': (N + P, dict(name='', return_elements=['p:0'])),
    'order': (neg('d', 'c') + neg('c', 'b') + A + neg('b', 'a') + neg('e', 'a'), dict(name='')),
    'order with ready ones before': (neg('d', 'a') + neg('c', 'b') + A + neg('b', 'a') + neg('e', 'a'), dict(name='')),
    'order of two components': (A + node('z', 'Placeholder', attrs=DTYPE) + neg('d', 'e') + neg('b', 'a')
                                + neg('e', 'z') + neg('f', 'b'), dict(name='')),
    'order with control inputs': (neg('d', 'a ^c') + neg('c', 'b') + A + neg('b', 'a'), dict(name='')),
    'no such input': (N, dict(name='')),
    'no such output': (P + neg('n', 'p:1'), dict(name='')),
    'no such output in a scope': (P + neg('n', 'p:1'), {}),
    'no such control input': (P + neg('n', 'p ^q'), dict(name='')),
    'control input first': (P + neg('n', '^p p'), dict(name='')),
    'control inputs twice': (P + neg('n', 'p ^p ^p'), dict(name='')),
    'too few inputs': (P + node('n', 'Neg', attrs=FLOAT), dict(name='')),
    'too many inputs': (P + neg('n', 'p p'), dict(name='')),
    'wrong type of input': (P + node('n', 'Neg', 'p', attr('T', 'type: DT_INT32')), dict(name='')),
    'type that is not allowed': (node('p', 'Placeholder', attrs=attr('dtype', 'type: DT_STRING'))
                                 + node('n', 'Neg', 'p', attr('T', 'type: DT_STRING')), dict(name='')),
    'missing attr': (P + node('n', 'Neg', 'p'), dict(name='')),
    'unknown attr': (P + neg('n', 'p', attr('foo', 'i: 3')), dict(name='')),
    'unknown attr with underscore': (P + neg('n', 'p', attr('_foo', 'i: 3')), dict(name='')),
    'attr without value': (P + neg('n', 'p', attr('foo', '')), dict(name='')),
    'underscored attrs': (P + neg('n', 'p', attr('_a', '') + attr('_b', 'list { }') + attr('_c', 'list { i: 1 i: 2 }')
                                  + attr('_d', 'tensor { dtype: DT_FLOAT }') + attr('_e', 'shape { }')), dict(name='')),
    'attr of a wrong kind': (P + node('n', 'Neg', 'p', attr('T', 'i: 3')), dict(name='')),
    'attr with a function': (P + node('n', 'Neg', 'p', attr('T', "func { name: 'x' }")), {}),
    'unknown op': (P + node('n', 'NoSuchOp', 'p', FLOAT), dict(name='')),
    'two of one name': (P + P, dict(name='')),
    'feeds itself': (neg('n', 'n'), dict(name='')),
    'cycle': (A + neg('n', 'm') + neg('m', 'n') + neg('k', 'a'), dict(name='')),
    'name with a space': (node('p q', 'NoOp'), dict(name='')),
    'name with dots': (node('../p', 'NoOp'), dict(name='')),
    'name with a newline': (node('p\\n', 'NoOp'), dict(name='')),
    'no name': (node('', 'NoOp'), dict(name='')),
    'no op': (node('p', ''), dict(name='')),
    'name with underscore': (node('_p', 'NoOp'), dict(name='')),
    'name with underscore in a scope': (node('_p', 'NoOp'), dict(name='x')),
    'name with a backslash': (node('p\\\\q>r-s', 'NoOp'), dict(name='')),
    'name with an arrow': (node('p>q', 'NoOp'), dict(name='')),
    'negative output': (P + neg('n', 'p:-1'), dict(name='')),
    'output that is no number': (P + neg('n', 'p:x'), dict(name='')),
    'output with a leading zero': (P + neg('n', 'p:00'), dict(name='')),
    'control input with output': (P + neg('n', 'p ^p:0'), dict(name='')),
    'output 0': (P + neg('n', 'p:0'), dict(name='')),
    'asks for a node not there': (P + N, dict(return_elements=['q'])),
    'asks for a tensor not there': (P + N, dict(return_elements=['q:0'])),
    'asks for an output not there': (P + N, dict(return_elements=['n:1'])),
    'asks for a malformed name': (P + N, dict(return_elements=['n:x'])),
    'asks for a number': (P + N, dict(return_elements=[3])),
    'asks with a string': (P + N, dict(return_elements='n')),
    'asks with a tuple': (P + N, dict(return_elements=('n', 'p:0'))),
    'asks for a control input': (P + N, dict(return_elements=['^n'])),
    'input map is no dict': (P + N, dict(input_map=[1])),
    'colocated': (A + neg('b', 'a', colocated('loc:@a')), {}),
    'colocated with itself': (A + neg('b', 'a', colocated('loc:@b')), {}),
    'colocated with an unknown node': (A + neg('b', 'a', colocated('loc:@q')), {}),
    'colocated among other classes': (A + neg('b', 'a', colocated('foo', 'loc:@a')), {}),
    'colocated with a later node': (A + neg('b', 'a', colocated('loc:@c')) + neg('c', 'a', device='/job:w'), {}),
    'class that is no list': (A + neg('b', 'a', attr('_class', "s: 'loc:@a'")), {}),
    'devices': (A + neg('b', 'a', device='/gpu:1') + neg('c', 'a', device='/job:w/task:1/device:CPU:0'), {}),
    'bad device': (A + neg('b', 'a', device='/foo:1'), {}),
    'output shapes': (A + neg('b', 'a', attr('_output_shapes', 'list { shape { dim { size: 3 } } }')), {}),
    'too many output shapes': (A + neg('b', 'a', attr('_output_shapes', 'list { shape { dim { size: 3 } } shape { } }')),
                               {}),
    'wrong output shapes': (TWO + neg('b', 'a', attr('_output_shapes', 'list { shape { dim { size: 3 } } }')), {}),
    'output shapes of a wrong kind': (A + neg('b', 'a', attr('_output_shapes', 'i: 3')), {}),
    'shapes that do not fit': (P + node('m', 'MatMul', 'p p', FLOAT), {}),
    'defaults': (A + node('m', 'MatMul', 'a a', FLOAT), {}),
    'constant without values': (const([2, 2]), {}),
    'constant with too many values': (const([2], 'float_val: 1 float_val: 2 float_val: 3'), {}),
    'constant with values of another type': (const([2], 'int_val: 1'), {}),
    'constant with a negative size': (const([-1], 'float_val: 1'), {}),
    'constant too large': (const([2 ** 40, 2 ** 40], 'float_val: 1'), {}),
    'constant of many dimensions': (const([1] * 300, 'float_val: 1'), {}),
    'shape of many dimensions': (node('p', 'Placeholder', attrs=DTYPE + attr(
        'shape', 'shape { %s }' % ('dim { size: 1 } ' * 300))), {}),
    'shape with a negative size': (node('p', 'Placeholder', attrs=DTYPE + attr('shape', 'shape { dim { size: -2 } }')), {}),
    'shape of unknown rank with sizes': (node('p', 'Placeholder', attrs=DTYPE + attr(
        'shape', 'shape { unknown_rank: true dim { size: 2 } }')), {}),
    'variable of a negative size': (node('v', 'VariableV2', attrs=DTYPE + attr('shape', 'shape { dim { size: -5 } }')), {}),
    'constant of type 0': (const([2], 'float_val: 1', 'DT_INVALID'), {}),
    'constant of type 77': (const([2], 'float_val: 1', '77'), {}),
    'constant of a reference type': (const([2], 'float_val: 1', 'DT_FLOAT_REF'), {}),
    'constant of empty value': (node('c', 'Const', attrs=DTYPE + attr('value', '')), {}),
    'constant without value': (node('c', 'Const', attrs=DTYPE), {}),
    'int attr below minimum': (node('c', 'Pack', attrs=FLOAT + attr('N', 'i: 0')), {}),
    'negative length': (node('c', 'Pack', attrs=FLOAT + attr('N', 'i: -1')), {}),
    'short list': (A + node('c', 'Pack', 'a', FLOAT + attr('N', 'i: 2')), {}),
    'string attr that is not allowed': (A + node('c', 'BiasAdd', 'a a', FLOAT + attr('data_format', "s: 'XX'")), {}),
    'list attr of a wrong kind': (A + node('c', 'Squeeze', 'a', FLOAT + attr('squeeze_dims', "list { s: 'x' }")), {}),
    'list attr that is no list': (A + node('c', 'Squeeze', 'a', FLOAT + attr('squeeze_dims', 'i: 1')), {}),
    'empty list attr': (A + node('c', 'Squeeze', 'a', FLOAT + attr('squeeze_dims', 'list { }')), {}),
    'reference': (A + VARIABLE + ASSIGN + neg('b', 'v'), {}),
    'no reference': (A + VARIABLE + node('as', 'Assign', 'a a', FLOAT), {}),
    'merge without back edge': (A + node('m', 'Merge', 'a a', FLOAT + attr('N', 'i: 2')), {}),
}

# Where graphflow has no answer of its own kind: functions in a library.
FUNCTIONS = {
    'library': (A + BROKEN_FUNCTION, {}),
    'function': (A + FUNCTION + node('n', 'f', 'a'), dict(return_elements=['n:0'])),
}


def graph_def(tf, text, producer=134):
    message = tf.GraphDef()
    text_format.Merge(text, message)
    if producer is not None:
        message.versions.producer = producer
    return message


def twice(name):
    def program(tf):
        tf.import_graph_def(graph_def(tf, P + N), name=name)
        return tf.import_graph_def(graph_def(tf, P + N), name=name, return_elements=['n', 'n:0', 'p'])
    return program


def again_within(tf):
    tf.import_graph_def(graph_def(tf, P + N), name='x')
    return tf.import_graph_def(graph_def(tf, P + N), name='x/', return_elements=['n'])


def mapped(key, make, **kwargs):
    """Imports with the input `key` mapped to what `make` makes of three nodes of other kinds."""
    def program(tf):
        x = tf.constant([1., 2.], name='x')
        y = tf.constant(3, name='y')
        z = tf.no_op(name='z')
        text = P + N + node('o', 'NoOp', '^p')
        return tf.import_graph_def(graph_def(tf, text), input_map={key: make(x, y, z)}, **kwargs)
    return program


def mapped_colocation(tf):
    x = tf.constant(1., name='x')
    return tf.import_graph_def(graph_def(tf, A + neg('b', 'a', colocated('loc:@a'))), input_map={'a:0': x})


def mapped_variable(tf):
    v = tf.Variable(1., name='x')
    tf.import_graph_def(graph_def(tf, A + neg('b', 'a')), input_map={'a:0': v})


def mapped_from_other_graph(tf):
    with tf.Graph().as_default():
        x = tf.constant(1., name='x')
    return tf.import_graph_def(graph_def(tf, A + neg('b', 'a')), input_map={'a:0': x})


def within(*enter):
    """Imports within the blocks that the functions `enter` of (tf, a node x) open."""
    def program(tf):
        x = tf.constant(1., name='x')
        text = (node('a', 'Placeholder', attrs=DTYPE, device='/job:w') + neg('b', 'a', colocated('loc:@a'))
                + neg('c', 'a') + neg('e', 'a', device='/gpu:1'))
        if len(enter) == 2:
            with enter[1](tf, x):
                with enter[0](tf, x):
                    return tf.import_graph_def(graph_def(tf, text))
        with enter[0](tf, x):
            return tf.import_graph_def(graph_def(tf, text))
    return program


def scopes(tf):
    with tf.name_scope('s'):
        for name in ('', None, 'y'):
            tf.import_graph_def(graph_def(tf, A), name=name)


def names_after(name):
    def program(tf):
        tf.import_graph_def(graph_def(tf, A + neg('b/c', 'a')), name=name)
        for new in ('a', 'b', 'x/a', 'x', 'b/c'):
            tf.constant(1., name=new)
        for scope in ('b', 'x', 'x/b'):
            with tf.name_scope(scope):
                tf.constant(1., name='c')
    return program


def names_before(tf):
    for name in ('x/a', 'b', 'A'):
        tf.constant(1., name=name)
    for _ in range(2):
        tf.import_graph_def(graph_def(tf, A + neg('b/c', 'a') + neg('b', 'a', colocated('loc:@b/c'))), name='')


def op_list(tf, text):
    op_def_pb2 = importlib.import_module(tf.__name__ + '.core.framework.op_def_pb2')
    return text_format.Merge(text, op_def_pb2.OpList())


def producer_ops(text):
    def program(tf):
        with_attr = A + neg('b', 'a', attr('foo', 'i: 3'))
        return tf.import_graph_def(graph_def(tf, with_attr), producer_op_list=op_list(tf, text))
    return program


def versions(*producers):
    def program(tf):
        for producer in producers:
            message = graph_def(tf, A, producer)
            if producer == 60:
                message.versions.min_consumer = 12
                message.versions.bad_consumers.append(7)
            tf.import_graph_def(message)
        graph = tf.get_default_graph()
        return [str(graph.graph_def_versions), str(graph.as_graph_def().versions)]
    return program


def refused(**fields):
    def program(tf):
        message = graph_def(tf, A)
        for name, value in fields.items():
            if isinstance(value, list):
                getattr(message.versions, name).extend(value)
            else:
                setattr(message.versions, name, value)
        tf.import_graph_def(message)
    return program


def no_graph_def(value):
    return lambda tf: tf.import_graph_def(value(tf))


def finalized(tf):
    tf.get_default_graph().finalize()
    tf.import_graph_def(graph_def(tf, A))


def failure_leaves_no_nodes(tf):
    try:
        tf.import_graph_def(graph_def(tf, P + node('m', 'MatMul', 'p p', FLOAT)), name='x')
    except ValueError:
        pass
    tf.import_graph_def(graph_def(tf, P + N), name='x')


def loop(tf):
    with tf.Graph().as_default() as graph:
        p = tf.placeholder(tf.float32, [2], name='p')
        _, r = tf.while_loop(lambda i, x: i < 3, lambda i, x: (i + 1, x * 2.), [tf.constant(0), p])
        tf.cond(tf.reduce_sum(r) > 0, lambda: r + 1., lambda: r)
    return tf.import_graph_def(graph.as_graph_def(), name='')


def nested_loops(tf):
    with tf.Graph().as_default() as graph:
        def body(i, x):
            _, x = tf.while_loop(lambda j, x: j < i, lambda j, x: (j + 1, tf.tanh(x)), [0, x])
            return i + 1, x
        _, r = tf.while_loop(lambda i, x: i < 3, body, [tf.constant(0), tf.ones([2, 2])])
        tf.gradients(r, [r])
    return tf.import_graph_def(graph.as_graph_def(), name='m')


def constants(tf):
    """The values of constants that are stored in odd ways."""
    found = []
    for shape, values, dtype in (([3], 'float_val: 1 float_val: 2', 'DT_FLOAT'), ([2], '', 'DT_FLOAT'),
                                 ([1], 'int_val: 1 int_val: 2', 'DT_INT32'), ([0], 'float_val: 1', 'DT_FLOAT'),
                                 ([2], 'int_val: 300', 'DT_UINT8'), ([2], "string_val: 'a'", 'DT_STRING'),
                                 ([2], 'scomplex_val: 1 scomplex_val: 2', 'DT_COMPLEX64'),
                                 ([2], 'half_val: 15360', 'DT_HALF'),
                                 ([2], 'bool_val: true bool_val: false', 'DT_BOOL'), ([2], 'int_val: 3', 'DT_FLOAT')):
        c, = tf.import_graph_def(graph_def(tf, const(shape, values, dtype)), return_elements=['c:0'])
        with tf.Session() as session:
            found.append(repr(session.run(c).tolist()))
    return found


def in_a_branch(tf):
    def import_it():
        return tf.import_graph_def(graph_def(tf, const([], 'float_val: 1') + neg('b', 'c')), return_elements=['b:0'])[0]
    return tf.cond(tf.placeholder(tf.bool, [], name='q'), import_it, lambda: tf.constant(1.))


def with_attr_scope(tf):
    with tf.get_default_graph().gradient_override_map({'Neg': 'Other'}):
        tf.import_graph_def(graph_def(tf, A + neg('b', 'a')))


PROGRAMS = {
    'twice in one scope': twice('x'),
    'twice at the root': twice(''),
    'again within a scope': again_within,
    'map a node': mapped('p', lambda x, y, z: x),
    'map a tensor': mapped('p:0', lambda x, y, z: x),
    'map a control input': mapped('^p', lambda x, y, z: x),
    'map a control input to an operation': mapped('^p', lambda x, y, z: z),
    'map to a wrong type': mapped('p', lambda x, y, z: y),
    'map to a string': mapped('p', lambda x, y, z: 'x:0'),
    'map to an operation': mapped('p', lambda x, y, z: x.op),
    'map an unknown node': mapped('q', lambda x, y, z: x),
    'map an unknown tensor': mapped('q:0', lambda x, y, z: x),
    'map an unknown output': mapped('p:1', lambda x, y, z: x),
    'map a used and an unknown one': mapped('zz', lambda x, y, z: x),
    'map an unused one': mapped('n:0', lambda x, y, z: x),
    'map to a number': mapped('p', lambda x, y, z: 3.),
    'map to a number at the root': mapped('p', lambda x, y, z: 3., name=''),
    'map and ask': mapped('p', lambda x, y, z: x, return_elements=['p:0', 'p', 'n:0']),
    'map a malformed name': mapped('p:x', lambda x, y, z: x),
    'map to a variable': mapped_variable,
    'map to another graph': mapped_from_other_graph,
    'map what others are colocated with': mapped_colocation,
    'within a device': within(lambda tf, x: tf.device('/cpu:0')),
    'within a device function': within(lambda tf, x: tf.device(lambda op: '/job:ps' if op.type == 'Neg' else '')),
    'within a colocation': within(lambda tf, x: tf.colocate_with(x)),
    'within control dependencies': within(lambda tf, x: tf.control_dependencies([x])),
    'within a colocation and a device': within(lambda tf, x: tf.colocate_with(x), lambda tf, x: tf.device('/job:z')),
    'within scopes': scopes,
    'names after an import': names_after('x'),
    'names after an import at the root': names_after(''),
    'names before an import': names_before,
    'attrs that newer ops have': producer_ops("op { name: 'Neg' attr { name: 'T' type: 'type' } "
                                              "attr { name: 'foo' type: 'int' default_value { i: 3 } } }"),
    'attrs that newer ops have with another value': producer_ops(
        "op { name: 'Neg' attr { name: 'T' type: 'type' } attr { name: 'foo' type: 'int' default_value { i: 4 } } }"),
    'list of other ops': producer_ops("op { name: 'Abs' }"),
    'versions': versions(21),
    'no versions': versions(None),
    'several versions': versions(60, 50),
    'future producer': versions(99999),
    'needs a future version': refused(min_consumer=9999),
    'refuses this version': refused(bad_consumers=[134]),
    'no message': no_graph_def(lambda tf: 3),
    'a string': no_graph_def(lambda tf: 'abc'),
    'another message': no_graph_def(lambda tf: tf.NodeDef()),
    'a finalized graph': finalized,
    'a failure leaves no nodes': failure_leaves_no_nodes,
    'loop': loop,
    'nested loops': nested_loops,
    'in a branch': in_a_branch,
    'odd constants': constants,
    'gradient override': with_attr_scope,
}


def names():
    return list(PLAIN) + list(PROGRAMS)


def outcome(tf, name):
    """What the program does under `tf`, as plain data: the nodes of the graph and what was returned, or the error."""
    with tf.Graph().as_default() as graph:
        try:
            if name in PROGRAMS:
                returned = PROGRAMS[name](tf)
            else:
                text, kwargs = PLAIN[name]
                returned = tf.import_graph_def(graph_def(tf, text), **kwargs)
        except Exception as error:
            return {'error': [type(error).__name__, str(error)]}
        return {'returned': repr(returned), 'nodes': [describe(op) for op in graph.get_operations()]}


def describe(op):
    groups = op.colocation_groups()
    return [op.name, op.type, [i.name for i in op.inputs], sorted(c.name for c in op.control_inputs),
            [str(o.shape) for o in op.outputs], [o.dtype.name for o in op.outputs], op.device,
            [g.decode() for g in groups], sorted(op.node_def.attr)]
