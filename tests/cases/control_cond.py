"""tf.cond: captured tensors, constants, nesting, structures, effects, gradients, and tf.case."""


def build(tf):
    x = tf.placeholder(tf.float32, [2], name='x')
    p = tf.placeholder(tf.bool, [], name='p')
    q = tf.placeholder(tf.bool, [], name='q')
    v = tf.Variable([1., 2.], name='v')
    n = tf.Variable(0, name='n')
    fetches = [
        tf.cond(p, lambda: x * 2., lambda: x),
        tf.cond(p, lambda: tf.constant(1), lambda: 2, name='constants'),
        tf.cond(p, lambda: (x, [v + 1., x]), lambda: (x * 2, [v * 2., v])),
        tf.cond(p, lambda: tf.cond(q, lambda: x + 1., lambda: x + v), lambda: x - 1.),
        tf.cond(p, lambda: tf.assign_add(n, 1), lambda: n),
        tf.cond(p, lambda: [x], lambda: [v], strict=True),
        tf.cond(p, lambda: tf.zeros([3]), lambda: x),
        tf.cond(p, tf.no_op, tf.no_op, name='effects'),
        tf.case([(x[0] > 1., lambda: x), (x[1] > 1., lambda: x * 2.)], default=lambda: x * 3.),
    ]
    with tf.control_dependencies([tf.identity(x)]):
        fetches.append(tf.cond(p, lambda: v, lambda: tf.square(v)))

    def deeper():
        with tf.control_dependencies([tf.assign(n, 10)]):
            return tf.constant(5)
    fetches.append(tf.cond(q, deeper, lambda: 3))
    return x, p, q, fetches, n


def run(tf, built):
    x, p, q, fetches, n = built
    values = []
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        for a in (True, False):
            for b in (True, False):
                feeds = {x: [1., 2.], p: a, q: b}
                for f in fetches:
                    values.append(sess.run(f, feeds))
                    values.append(sess.run(n))
    return {f'{i}.{j}': u for i, v in enumerate(values) if v is not None
            for j, u in enumerate(tf.nest.flatten(v))}
