"""tf.Variable: nodes, names, placement, collections, what it says of itself and what it refuses."""
import numpy as np


def outcome(function):
    try:
        return str(function()).partition('\n')[0]
    except Exception as error:
        return f'{type(error).__name__}: {str(error)}'.partition('\n')[0]


def build(tf):
    said = {}
    tf.Variable(1.0)
    with tf.name_scope('a'):
        function = tf.Variable(lambda: tf.zeros([2]), name='w')
        tf.Variable(np.zeros(3), name='w', dtype=tf.float32)
    with tf.device('/cpu:0'):
        tf.Variable(tf.zeros([2, 3]), caching_device='/cpu:1')
    with tf.device(lambda op: '/cpu:1' if op.type == 'VariableV2' else '/cpu:0'):
        tf.Variable(tf.zeros([2]), name='by_function')
        tf.get_variable('by_function_too', [2])
    with tf.control_dependencies([tf.constant(1)]), tf.colocate_with(function.op):
        tf.Variable(1., name='colocated')
    v = tf.Variable([1., 2., 3.], name='v')
    with tf.control_dependencies([v]):
        tf.constant(1, name='waits')
    tf.Variable(2., name='local', collections=[tf.GraphKeys.LOCAL_VARIABLES])
    tf.Variable(2., name='fixed', trainable=False)
    unknown = tf.Variable(tf.placeholder(tf.float32), validate_shape=False, name='unknown')
    said['unknown'] = repr(unknown)
    unknown.set_shape([2, None])
    said['less unknown'] = f'{unknown.shape} {unknown.value().shape}'
    v + 1, 1 - v, v[0], v > 1., np.ones(3) * v, abs(v), -v, v ** 2, v // v, v[1:]
    v.read_value()
    tf.group(v)
    tf.stack([v, v])
    tf.report_uninitialized_variables()
    tf.assert_variables_initialized()
    tf.assert_variables_initialized([v])
    tf.is_variable_initialized(v)
    tf.global_variables_initializer()
    tf.local_variables_initializer()
    tf.variables_initializer([])
    tf.variables_initializer([v], name='mine')
    for name in ('global', 'local', 'trainable'):
        said[name] = [x.name for x in getattr(tf, name + '_variables')()]
    said['scoped'] = [x.name for x in tf.global_variables('a/')]
    said['groups'] = [f'{op.name} {op.colocation_groups()} {op.device}' for op in tf.get_default_graph().get_operations()
                      if op.type in ('VariableV2', 'Assign', 'Identity', 'Const')]
    for i, question in enumerate((
            lambda: v, lambda: v.dtype, lambda: v.name, lambda: v.shape, lambda: v.initial_value,
            lambda: v.initializer.name, lambda: v.trainable, lambda: v.synchronization, lambda: v.aggregation,
            lambda: v.constraint, lambda: v == v, lambda: v != v, lambda: {v: 3}[v], lambda: list(v),
            lambda: v.to_proto(), lambda: tf.Variable.from_proto(v.to_proto()), lambda: tf.convert_to_tensor(v),
            lambda: tf.convert_to_tensor(v, tf.int32), lambda: tf.get_default_graph().as_graph_element(v),
            lambda: tf.Graph().as_graph_element(v), lambda: v.assign([1., 2.]), lambda: v.assign('a'),
            lambda: v.assign(tf.constant(1)), lambda: tf.assign_add(v, [1., 2.]), lambda: v.assign(5.),
            lambda: tf.assign(v, [1., 2.], validate_shape=False).shape, lambda: v.assign([1., 2., 3.], read_value=False).name,
            lambda: v.assign_sub([1., 2., 3.], name='named').name, lambda: v.count_up_to(3), lambda: v.set_shape([2]),
            lambda: v.scatter_add(tf.constant(1.)), lambda: v.gather_nd([[0]]), lambda: v.sparse_read([0]),
            lambda: tf.Variable(), lambda: tf.Variable(1, collections=3), lambda: tf.Variable(1, constraint=3),
            lambda: tf.Variable(tf.placeholder(tf.float32)), lambda: tf.Variable(lambda: 3), lambda: tf.Variable([1, 'a']),
            lambda: tf.Variable([[1, 2], [3]]), lambda: tf.Variable(3, name='a b'), lambda: tf.Variable(3, name=''),
            lambda: tf.Variable(tf.constant(1), dtype=tf.float32), lambda: tf.Variable(variable_def=1, initial_value=2),
            lambda: tf.Variable(1, dtype=tf.float64, expected_shape=[]), lambda: tf.Variable(tf.zeros),
            lambda: tf.Variable(True), lambda: tf.Variable(b'x'), lambda: tf.Variable([1., 2.], shape=[None]),
            lambda: tf.Variable(1., shape=[2]), lambda: tf.scatter_add(v, [0], [1., 2.]),
            lambda: tf.scatter_nd_add(v, [[0]], [[1.]]), lambda: tf.scatter_nd_update(v, [0], [1.]),
            lambda: tf.scatter_nd_add(v, [[0], [1]], [1.]), lambda: tf.scatter_update(v, [0.], [1.]),
            lambda: tf.scatter_update(tf.Variable(1.), [0], [1.]), lambda: tf.assign(tf.constant(1.), 2),
            lambda: tf.Variable.SaveSliceInfo('a', [4, 2], [0, 0], [2, 2]).spec)):
        said[f'question {i}'] = outcome(question)
    return said


def run(tf, said):
    return said
