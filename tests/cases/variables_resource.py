"""Variables made with use_resource=True."""
import numpy as np


def outcome(function):
    try:
        return str(function()).partition('\n')[0]
    except Exception as error:
        return f'{type(error).__name__}: {getattr(error, "message", str(error))}'.partition('\n')[0]


def build(tf):
    said = {}

    def resource(value, **options):
        return tf.Variable(value, use_resource=True, **options)

    resource(1.)
    with tf.name_scope('a'):
        resource(lambda: tf.zeros([2]), name='w')
    with tf.device('/cpu:0'):
        resource(tf.zeros([2]), name='cached', caching_device='/cpu:0') + 1
    with tf.variable_scope('s', use_resource=True):
        tf.get_variable('v', [2, 2])
        tf.Variable(3, name='in_scope')
    v = resource([1., 2., 3.], name='v')
    assigned = v.assign([1, 2, 3.])
    assigned + 1
    said['op'] = v.assign([1, 2, 3.], read_value=False).name
    tf.identity(v.assign_add([1, 2, 3.], name='named'))
    tf.assign_sub(v, [1, 1, 1.])
    tf.assign(v, [2, 2, 2.], name='named_too')
    v + 1, v.value(), v.read_value(), v.sparse_read([0]), v[0], tf.gather(v, [0]), v[0:1].assign([2.]), v.gather_nd([[0]])
    added = v.scatter_add(tf.IndexedSlices(values=tf.constant([1.]), indices=[0]))
    tf.identity(added)
    tf.scatter_sub(v, [0], [1.])
    tf.scatter_nd_add(v, [[0]], [1.])
    v.scatter_nd_update([[0]], [1.])
    v.scatter_update(tf.IndexedSlices(values=tf.constant([1.]), indices=[0]))
    tf.is_variable_initialized(v), v.is_initialized()
    resource(1, name='c').count_up_to(3)
    tf.report_uninitialized_variables()
    tf.global_variables_initializer()
    tf.shape(v), tf.size(v)
    tf.gradients(v * v, v)
    slices, = tf.gradients(tf.gather(v, [0]) * 2., v)
    said['slices'] = [slices.values.name, slices.indices.name, slices.dense_shape.name]
    tf.gradients(tf.gather_nd(v, [[0]]), v)
    for i, question in enumerate((
            lambda: v, lambda: assigned, lambda: added, lambda: v.dtype, lambda: v.name, lambda: v.op.name, lambda: v.handle,
            lambda: v.initializer.name, lambda: v.initial_value, lambda: v.to_proto(), lambda: v.shape, lambda: v.create.name,
            lambda: v.assign([1., 2.]), lambda: v.assign(3), lambda: tf.convert_to_tensor(v, tf.int32),
            lambda: tf.get_default_graph().as_graph_element(v), lambda: v.set_shape([3]), lambda: v.trainable,
            lambda: resource(tf.placeholder(tf.float32), validate_shape=False).shape,
            lambda: [x.name for x in tf.trainable_variables()])):
        said[f'question {i}'] = outcome(question)
    return said


def run(tf, said):
    results = dict(said)
    sess = tf.Session()
    v = tf.Variable([1., 2.], name='u', use_resource=True)
    results['initialized before'] = sess.run(v.is_initialized())
    sess.run(v.initializer)
    slices = tf.IndexedSlices(values=tf.constant([1.]), indices=[0])
    for name, fetch in (('read', v), ('added', v.assign_add([1., 2.])), ('read again', v), ('sub', v.assign_sub([.5, .5])),
                        ('slices', v.scatter_add(slices)), ('part', v[0].assign(7.)), ('is', v.is_initialized()),
                        ('nd', tf.scatter_nd_add(v, [[1]], [3.])), ('gather', tf.gather(v, [1, 0, 1])),
                        ('gather_nd', tf.gather_nd(v, [[1]])), ('update', tf.scatter_update(v, [1], [9.])),
                        ('min', tf.scatter_min(v, [0, 1], [1., 1.])), ('mul', tf.scatter_mul(v, [0], 3.)),
                        ('shape', tf.raw_ops.VariableShape(input=v.handle)),
                        ('gradient', tf.gradients(v * v, v)[0])):
        results[name] = sess.run(fetch)
    v.load([5., 6.], sess)
    results['loaded'] = v.eval(sess)
    before = v.read_value()
    with tf.control_dependencies([before]):
        after = v.assign_add([1., 1.]).read_value()
    results['before'], results['after'] = sess.run([before, after])
    index, value = tf.placeholder(tf.int32), tf.placeholder(tf.float32)
    scatter = tf.scatter_add(v, index, value)
    results['bad index'] = [outcome(lambda: sess.run(scatter, {index: i, value: [1.]})) for i in ([5], [-1])]
    results['bad gather'] = outcome(lambda: sess.run(tf.gather(v, index), {index: [5]}))
    results['bad shape'] = outcome(lambda: sess.run(v.assign_add(value), {value: [5, 5, 5.]}))
    counter = tf.Variable(3, use_resource=True)
    sess.run(counter.initializer)
    up = counter.count_up_to(4)
    results['counted'] = [outcome(lambda: sess.run(up)) for _ in range(2)]
    return results
