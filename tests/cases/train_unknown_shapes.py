"""Slots of variables whose shape only a run can tell."""


def build(tf):
    t = tf.train
    value = tf.placeholder(tf.float32, [None], name='value')
    steps = []
    for i, optimizer in enumerate((t.AdagradOptimizer(0.1), t.RMSPropOptimizer(0.1, centered=True),
                                   t.MomentumOptimizer(0.1, 0.9), t.AdadeltaOptimizer(1.0), t.AdamOptimizer(0.1))):
        v = tf.Variable(value, validate_shape=False, name='v%d' % i)
        steps.append((optimizer.apply_gradients([(tf.ones([2]), v)]), v))
    return value, steps


def run(tf, built):
    value, steps = built
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer(), {value: [1.0, 2.0]})
        sess.run([s for s, _ in steps])
        return {v.name: sess.run(v) for _, v in steps}
