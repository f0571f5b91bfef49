"""tf.while_loop: captures, nesting, cond within and around, invariants, effects, limits."""


def build(tf):
    x = tf.placeholder(tf.float32, [2], name='x')
    p = tf.placeholder(tf.bool, [], name='p')
    v = tf.Variable(1., name='v')
    n = tf.placeholder(tf.int32, [], name='n')

    def outer(i, a):
        b = tf.while_loop(lambda j, b: j < i, lambda j, b: (j + 1, b + a), [0, a], name='inner')[1]
        return i + 1, tf.cond(i > 2, lambda: b, lambda: a + 1.)

    def counting(i, a):
        with tf.control_dependencies([tf.assign_add(v, 1.), x]):
            return i + 1, {'a': a['a'] + 1.}
    fetches = [
        tf.while_loop(lambda i, a: i < n, lambda i, a: (i + 1, a * 2.), [0, x]),
        tf.while_loop(lambda i: i < n, lambda i: i + 1, [tf.constant(0)], maximum_iterations=3),
        tf.while_loop(lambda i, j: i < 100, lambda i, j: (i + j, j + 1), (0, 1), maximum_iterations=n),
        tf.while_loop(lambda i, a: i < 5, outer, [0, x], parallel_iterations=3),
        tf.while_loop(lambda i, a: i < 3, lambda i, a: (i + 1, tf.concat([a, a], 0)), [0, x],
                      shape_invariants=[tf.TensorShape([]), tf.TensorShape([None])]),
        tf.cond(p, lambda: tf.while_loop(lambda i, a: i < n, lambda i, a: (i + 1, a + x), [0, x])[1], lambda: x),
        tf.while_loop(lambda i: i < n, lambda i: i + 1, [0], return_same_structure=True),
        tf.while_loop(lambda a, b: tf.reduce_sum(a) < 10., lambda a, b: (a + b, b), [x, x])[0] * 2.,
    ]
    with tf.control_dependencies([tf.identity(x)]):
        fetches.append(tf.while_loop(lambda i, a: i < n, counting, (0, {'a': x})))
    return x, p, n, v, fetches


def run(tf, built):
    x, p, n, v, fetches = built
    values = {}
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        for a in (True, False):
            for rounds in (0, 1, 4):
                for i, f in enumerate(fetches):
                    found = sess.run([f, v], {x: [1., 2.], p: a, n: rounds})
                    for j, value in enumerate(tf.nest.flatten(found[:1])):
                        values[f'{a}{rounds}.{i}.{j}'] = value
                values[f'{a}{rounds}.v'] = sess.run(v)
    return values
