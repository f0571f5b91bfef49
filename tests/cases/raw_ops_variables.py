"""Updates of variables that few public functions add: multiplying scatters, temporary variables, references."""
import numpy as np


def build(tf):
    raw = tf.raw_ops
    steps = []
    plain = tf.Variable(np.arange(1., 9.).reshape(4, 2), name='plain')
    resource = tf.Variable(np.arange(1., 9.).reshape(4, 2), name='resource', use_resource=True)
    rows, updates = [1, 3, 1], [[2., 4.], [.5, 9.], [3., .25]]
    for f in (tf.scatter_mul, tf.scatter_div, tf.scatter_min, tf.scatter_max):
        steps += [f(plain, rows, updates), f(resource, rows, updates)]
        steps.append(f(plain, 2, 1.5))
    steps.append(tf.scatter_nd_sub(plain, [[0, 1], [2, 0]], np.array([10., 20.])))
    steps.append(tf.scatter_nd_sub(resource, [[0, 1], [2, 0]], np.array([10., 20.])))
    old = raw.Variable(shape=[2], dtype=tf.float32, name='old')
    steps.append(tf.assign(old, [1., 2.], validate_shape=False))
    steps.append(tf.assign_add(raw.RefIdentity(input=old), [1., 1.]))
    temporary = raw.TemporaryVariable(shape=[2], dtype=tf.float32, var_name='passing')
    filled = tf.assign_add(tf.assign(temporary, [3., 4.]), [10., 10.])
    steps.append(raw.DestroyTemporaryVariable(ref=filled, var_name='passing'))
    left, right = raw.RefSwitch(data=old, pred=tf.placeholder_with_default(True, []))
    steps.append(tf.assign_sub(raw.RefMerge(inputs=[left, right])[0], [.5, .5]))
    inside = raw.RefEnter(data=old, frame_name='frame')
    steps.append(tf.identity(raw.RefExit(data=inside)))
    raw.RefExit(data=raw.RefNextIteration(data=raw.RefEnter(data=old, frame_name='next')), name='not_run')
    handle = raw.VarHandleOp(dtype=tf.float32, shape=[], shared_name='gone')
    with tf.control_dependencies([raw.AssignVariableOp(resource=handle, value=5.)]):
        read = raw.ReadVariableOp(resource=handle, dtype=tf.float32)
    steps.append(read)
    destroyed = raw.DestroyResourceOp(resource=handle)
    return tf.global_variables_initializer(), steps, [plain, resource], destroyed, raw.VarIsInitializedOp(resource=handle)


def run(tf, built):
    init, steps, variables, destroyed, exists = built
    values = {}
    with tf.Session() as session:
        session.run(init)
        for i, step in enumerate(steps):
            values['%d %s' % (i, getattr(step, 'shape', None))] = session.run(step)
            for v in variables:
                values['%d %s' % (i, v.name)] = session.run(v)
        values['exists'] = session.run(exists)
        session.run(destroyed)
        values['destroyed'] = session.run(exists)
    return values
