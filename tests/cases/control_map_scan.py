"""map_fn, foldl, foldr, scan and TensorArray: structures, unknown sizes, captured variables, values and graphs."""


def build(tf):
    x = tf.placeholder(tf.float32, [None, 3], name='x')
    k = tf.constant([[1, 2, 3], [4, 5, 6]], name='k')
    w = tf.get_variable('w', initializer=[1., 2., 3.])
    fetches = [
        tf.map_fn(lambda r: r * w, x),
        tf.map_fn(lambda r: (r + 1, tf.cast(tf.reduce_sum(r), tf.float32)), k, dtype=(tf.int32, tf.float32)),
        tf.map_fn(lambda r: r[0] + r[1], (x, x * 2.), dtype=tf.float32),
        tf.foldl(lambda a, b: a * 2 + b, k),
        tf.foldr(lambda a, b: a * 2. + b, x, initializer=w),
        tf.foldr(lambda a, b: a * 2 + b, k),
        tf.scan(lambda a, b: a * 2 + b, k),
        tf.scan(lambda a, b: a * 2. + b, x, initializer=tf.zeros([3]), reverse=True),
        tf.scan(lambda a, b: a - b, x, reverse=True),
        tf.scan(lambda a, b: (a[0] + b[0], a[1] * b[1]), (x, x)),
        tf.map_fn(lambda r: tf.cond(r[0] > 1., lambda: r, lambda: r * 10.), x),
        tf.map_fn(lambda r: tf.map_fn(lambda e: e * e, r), x),
    ]
    array = tf.TensorArray(tf.float32, 3, dynamic_size=True, clear_after_read=False, infer_shape=False, name='array')
    array = array.write(0, [1., 2.]).write(3, [3., 4.]).scatter([1, 2], tf.ones([2, 2]))
    fetches += [array.read(0), array.size(), array.stack(), array.concat(), array.gather([3, 0])]
    parts = tf.TensorArray(tf.float32, 2, infer_shape=False).split(tf.ones([3, 2]), [1, 2])
    fetches += [parts.concat()]

    def filled(i, ta):
        return i + 1, ta.write(i, tf.cast(i, tf.float32) * w)
    filling = tf.while_loop(lambda i, ta: i < 4, filled, [0, tf.TensorArray(tf.float32, 4)])[1]
    return x, fetches + [filling.stack()]


def run(tf, built):
    x, fetches = built
    values = {}
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        for i, f in enumerate(fetches):
            for j, value in enumerate(tf.nest.flatten(sess.run([f], {x: [[1., 2., 3.], [4., 5., 6.]]}))):
                values[f'{i}.{j}'] = value
    return values
