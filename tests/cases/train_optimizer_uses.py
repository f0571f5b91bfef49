"""The ways to use an optimizer: twice, with clipped gradients, var_list, constraints, grad_loss, doubles and halves."""


def build(tf):
    t = tf.train
    step = tf.train.get_or_create_global_step()
    with tf.variable_scope('s'):
        a = tf.get_variable('a', [2, 3], initializer=tf.constant_initializer([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]))
        b = tf.get_variable('b', [3], initializer=tf.ones_initializer(), use_resource=True,
                            constraint=lambda v: tf.clip_by_value(v, 0.2, 0.9))
        c = tf.get_variable('c', [3], initializer=tf.ones_initializer(), constraint=lambda v: tf.maximum(v, 0.5))
        unused = tf.get_variable('unused', [3], initializer=tf.ones_initializer())
    loss = tf.reduce_sum(tf.square(a * b + c))
    steps = []
    for number in range(2):
        for gate in (0, 1, 2):
            steps.append(t.MomentumOptimizer(0.001, 0.5).minimize(loss, gate_gradients=gate))
        steps.append(t.RMSPropOptimizer(0.001).minimize(loss, var_list=[a, b], global_step=step, name='named'))
    adam = t.AdamOptimizer(0.01, name='shared')
    for _ in range(2):
        steps.append(adam.minimize(loss, var_list=(c,), grad_loss=tf.constant(2.0)))
    clipped = t.AdagradOptimizer(0.01)
    pairs = clipped.compute_gradients(loss, aggregation_method=tf.AggregationMethod.ADD_N,
                                      colocate_gradients_with_ops=True)
    names = ['%s %s' % (g is None, v.name) for g, v in pairs]
    steps.append(clipped.apply_gradients([(tf.clip_by_norm(g, 1.0), v) for g, v in pairs if g is not None], step))
    gradients, norm = tf.clip_by_global_norm(tf.gradients(loss, [a, b]), 1.0)
    steps.append(t.FtrlOptimizer(0.1).apply_gradients(zip(gradients, [a, b]), name='clipped'))
    for dtype in (tf.float64, tf.float16):
        for resource in (False, True):
            with tf.variable_scope('%s%d' % (dtype.name, resource), use_resource=resource):
                d = tf.get_variable('d', [4, 2], dtype, initializer=tf.ones_initializer())
            value = tf.reduce_sum(tf.square(tf.gather(d, [0, 2, 0]))) + tf.reduce_sum(d)
            rows = tf.reduce_sum(tf.square(tf.gather(d, [0, 2, 0])))
            for optimizer in (t.MomentumOptimizer(0.01, 0.9), t.AdadeltaOptimizer(0.1),
                              t.RMSPropOptimizer(0.01, centered=True), t.AdamOptimizer(0.1), t.FtrlOptimizer(0.1),
                              t.GradientDescentOptimizer(0.01)):
                steps.append(optimizer.minimize(value, var_list=[d]))
                steps.append(optimizer.minimize(rows, var_list=[d]))
        if dtype == tf.float64:     # TensorFlow has no kernel for halves
            steps.append(t.AdagradDAOptimizer(0.1, step).minimize(value, var_list=[d]))
    names += [v.name for v in adam.variables()] + [str(adam.get_slot(c, 'm')), str(adam.get_slot(a, 'm')),
                                                   str(adam.get_slot(c, 'x')), adam.get_name()]
    names += [op.name for op in tf.get_collection(tf.GraphKeys.TRAIN_OP)]
    return steps, names, tf.global_variables()


def run(tf, built):
    steps, names, variables = built
    values = {'names': names}
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        for _ in range(3):
            for step in steps:
                sess.run(step)
        for v in variables:
            if v.dtype.base_dtype != tf.float16:
                values[v.name] = sess.run(v)
            elif v.op.name.endswith('/d'):      # roundings of halves add up in the slots
                values[v.name] = sess.run(v).round(2)
    return values
