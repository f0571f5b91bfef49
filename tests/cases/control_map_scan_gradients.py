"""Gradients through map_fn, foldl, scan and TensorArrays."""


def build(tf):
    x = tf.placeholder(tf.float32, [None, 3], name='x')
    w = tf.get_variable('w', initializer=[1., 2., 3.])
    ys = [
        tf.map_fn(lambda r: r * w, x),
        tf.foldl(lambda a, b: a * w + b, x),
        tf.foldr(lambda a, b: a * b, x, initializer=w),
        tf.scan(lambda a, b: a * b, x, initializer=w),
        tf.map_fn(lambda r: tf.cond(r[0] > 1., lambda: r * w, lambda: r * r), x),
        tf.TensorArray(tf.float32, 2, infer_shape=False).split(x, [1, 1]).concat() * 2.,
        tf.TensorArray(tf.float32, 2, clear_after_read=False).unstack(x * x).read(1),
    ]
    grads = [tf.gradients(y, [x, w]) for y in ys]
    return x, [[g for g in gs if g is not None] for gs in grads]


def run(tf, built):
    x, grads = built
    values = {}
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        for i, gs in enumerate(grads):
            for j, value in enumerate(sess.run(gs, {x: [[1., 2., 3.], [4., 5., 6.]]})):
                values[f'{i}.{j}'] = value
    return values
