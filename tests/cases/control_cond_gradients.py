"""Gradients through tf.cond: of what both branches use, of what one uses, nested, and of the predicate's makings."""


def build(tf):
    x = tf.placeholder(tf.float32, [2], name='x')
    p = tf.placeholder(tf.bool, [], name='p')
    w = tf.get_variable('w', initializer=[3., 4.])
    r = tf.get_variable('r', initializer=[5., 6.], use_resource=True)
    ys = [
        tf.cond(p, lambda: x * w, lambda: x),
        tf.cond(p, lambda: x, lambda: tf.square(w)),
        tf.cond(p, lambda: tf.cond(x[0] > 1.5, lambda: w * w, lambda: x * w), lambda: x),
        tf.cond(p, lambda: [x * r, w], lambda: [r, x])[0],
        tf.cond(p, lambda: tf.gather(w, [0, 0]), lambda: x) * w,
    ]
    grads = [tf.gradients(y, [x, w, r]) for y in ys]
    with tf.name_scope('in_branch'):
        grads.append([tf.cond(p, lambda: tf.gradients(w * x, w)[0], lambda: x)])
    return x, p, [[g for g in gs if g is not None] for gs in grads]


def run(tf, built):
    x, p, grads = built
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        return {f'{a}{i}': sess.run(g, {x: [1., 2.], p: a}) for a in (True, False) for i, g in enumerate(grads)}
