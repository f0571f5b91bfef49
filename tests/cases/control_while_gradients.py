"""Gradients through tf.while_loop: loop constants, saved values, unknown shapes, cond within, nested loops, variables."""


def build(tf):
    x = tf.placeholder(tf.float32, [2], name='x')
    u = tf.placeholder(tf.float32, [None], name='u')
    n = tf.placeholder(tf.int32, [], name='n')
    w = tf.get_variable('w', initializer=[1.5, 2.5])
    r = tf.get_variable('r', initializer=[0.5, 3.], use_resource=True)

    def loop(body, start, **options):
        return tf.while_loop(lambda i, a: i < n, lambda i, a: (i + 1, body(i, a)), [0, start], **options)[1]
    ys = [
        loop(lambda i, a: a * w, x),
        loop(lambda i, a: tf.tanh(a) + x * r, x),
        loop(lambda i, a: a * a + u, u),
        loop(lambda i, a: a * tf.reduce_sum(w), x, parallel_iterations=1),
        loop(lambda i, a: tf.cond(i > 1, lambda: a * a, lambda: a + w), x),
        loop(lambda i, a: tf.cond(i > 1, lambda: a * u, lambda: a), u),
        loop(lambda i, a: tf.while_loop(lambda j, b: j < i, lambda j, b: (j + 1, b * w), [0, a])[1], x),
        tf.while_loop(lambda i, a, b: i < n, lambda i, a, b: (i + 1, b * w, x), [0, x, w], name='mixed')[1],
        tf.cond(n > 2, lambda: loop(lambda i, a: a * w, x), lambda: x * w),
    ]
    grads = [tf.gradients(y, [x, u, w, r], name='grads%d' % i) for i, y in enumerate(ys)]
    return x, u, n, [[g for g in gs if g is not None] for gs in grads]


def run(tf, built):
    x, u, n, grads = built
    values = {}
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        for rounds in (0, 1, 4):
            for i, gs in enumerate(grads):
                for j, value in enumerate(sess.run(gs, {x: [1., 2.], u: [.5, .25], n: rounds})):
                    values[f'{rounds}.{i}.{j}'] = value
    return values
