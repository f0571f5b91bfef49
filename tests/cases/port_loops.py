"""Loops as tutorials show them: counting, Fibonacci, cond in a loop, map_fn and scan, a recurrent net over time."""
import numpy as np

data = np.random.RandomState(27).randn(3, 5, 2).astype(np.float32)


def build(tf):
    i = tf.constant(0)
    r = tf.while_loop(lambda i: tf.less(i, 10), lambda i: (tf.add(i, 1),), [i])
    n, total = tf.while_loop(lambda n, t: n < 6, lambda n, t: (n + 1, t + tf.square(n)), [tf.constant(1), tf.constant(0)])
    x, y = tf.constant(2.), tf.placeholder_with_default(5., [])
    chosen = tf.cond(x < y, lambda: tf.multiply(x, 17.), lambda: tf.add(y, 23.))
    collatz = tf.while_loop(lambda n, k: n > 1, lambda n, k: (tf.cond(tf.equal(n % 2, 0), lambda: n // 2, lambda: 3 * n + 1), k + 1),
                            [tf.constant(27), tf.constant(0)])[1]
    power = tf.while_loop(lambda k, p: k < 4, lambda k, p: (k + 1, p * x), [0, 1.])[1]
    squares = tf.map_fn(lambda v: v * v + 1., tf.constant([1., 2., 3.]))
    pairs = tf.map_fn(lambda v: (v[0] + v[1], v[0] * v[1]), (tf.range(3), tf.range(3) + 1), dtype=(tf.int32, tf.int32))
    fibonacci = tf.scan(lambda a, _: (a[1], a[0] + a[1]), tf.zeros([6]), (tf.constant(0), tf.constant(1)))[1]
    folded = tf.foldl(lambda a, v: a * 2 + v, tf.constant([1, 0, 1, 1]))

    inputs = tf.placeholder(tf.float32, [None, 5, 2])
    W = tf.get_variable('W', [5, 3], initializer=tf.glorot_uniform_initializer(seed=1))
    states = tf.scan(lambda h, x_t: tf.tanh(tf.matmul(tf.concat([x_t, h], 1), W)), tf.transpose(inputs, [1, 0, 2]),
                     initializer=tf.zeros([tf.shape(inputs)[0], 3]))
    loss = tf.reduce_mean(tf.square(states[-1] - [1., -1., 0.5]))
    step = tf.train.AdamOptimizer(0.05).minimize(loss)
    return inputs, loss, step, states, dict(
        r=r, n=n, total=total, chosen=chosen, collatz=collatz, power=power, slope=tf.gradients(power, x)[0], squares=squares,
        sum=pairs[0], product=pairs[1], fibonacci=fibonacci, folded=folded, branch=tf.gradients(chosen, x)[0])


def run(tf, built):
    inputs, loss, step, states, nodes = built
    losses = []
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        out = sess.run(nodes)
        for _ in range(20):
            losses.append(sess.run([loss, step], {inputs: data})[0])
        return dict(out, losses=losses, states=sess.run(states, {inputs: data})[:, 0])
