"""Batch normalization by hand: moments, moving averages by assigns under control dependencies, both modes."""
import numpy as np

RTOL = 1e-4

data = np.random.RandomState(9).randn(16, 5) * [1, 2, 3, 4, 5] + 3


def build(tf):
    def batch_norm_wrapper(inputs, is_training, decay=0.9, epsilon=1e-3):
        scale = tf.Variable(tf.ones([inputs.get_shape()[-1]]))
        beta = tf.Variable(tf.zeros([inputs.get_shape()[-1]]))
        pop_mean = tf.Variable(tf.zeros([inputs.get_shape()[-1]]), trainable=False)
        pop_var = tf.Variable(tf.ones([inputs.get_shape()[-1]]), trainable=False)
        if is_training:
            batch_mean, batch_var = tf.nn.moments(inputs, [0])
            train_mean = tf.assign(pop_mean, pop_mean * decay + batch_mean * (1 - decay))
            train_var = tf.assign(pop_var, pop_var * decay + batch_var * (1 - decay))
            with tf.control_dependencies([train_mean, train_var]):
                return tf.nn.batch_normalization(inputs, batch_mean, batch_var, beta, scale, epsilon)
        return tf.nn.batch_normalization(inputs, pop_mean, pop_var, beta, scale, epsilon)

    x = tf.placeholder(tf.float32, shape=[None, 5])
    y = tf.placeholder(tf.float32, shape=[None, 1])
    w1 = tf.Variable(np.random.normal(size=(5, 6)).astype(np.float32))
    h1 = tf.nn.sigmoid(batch_norm_wrapper(tf.matmul(x, w1), True))
    w2 = tf.Variable(np.random.normal(size=(6, 1)).astype(np.float32))
    out = batch_norm_wrapper(tf.matmul(h1, w2), True)
    loss = tf.losses.mean_squared_error(y, out)
    update_ops = tf.get_collection(tf.GraphKeys.UPDATE_OPS)
    with tf.control_dependencies(update_ops):
        train_step = tf.train.GradientDescentOptimizer(0.1).minimize(loss)
    still = batch_norm_wrapper(tf.matmul(x, w1), False)
    moving = [v for v in tf.global_variables() if v not in tf.trainable_variables()]
    return x, y, loss, train_step, still, moving


def run(tf, built):
    x, y, loss, train_step, still, moving = built
    losses = []
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        feed = {x: data, y: data[:, :1] - data[:, 1:2]}
        for _ in range(20):
            losses.append(sess.run([train_step, loss], feed)[1])
        out = {'moving%d' % i: v for i, v in enumerate(sess.run(moving))}
        return dict(out, losses=losses, still=sess.run(still, {x: data[:4]}))
