"""Batch normalization with an ExponentialMovingAverage and tf.cond on a fed phase."""
import numpy as np

images = np.random.RandomState(17).rand(6, 5, 5, 1)


def build(tf):
    def batch_norm(x, n_out, phase_train):
        with tf.variable_scope('bn'):
            beta = tf.Variable(tf.constant(0.0, shape=[n_out]), name='beta', trainable=True)
            gamma = tf.Variable(tf.constant(1.0, shape=[n_out]), name='gamma', trainable=True)
            batch_mean, batch_var = tf.nn.moments(x, [0, 1, 2], name='moments')
            ema = tf.train.ExponentialMovingAverage(decay=0.5)

            def mean_var_with_update():
                ema_apply_op = ema.apply([batch_mean, batch_var])
                with tf.control_dependencies([ema_apply_op]):
                    return tf.identity(batch_mean), tf.identity(batch_var)

            mean, var = tf.cond(phase_train, mean_var_with_update,
                                lambda: (ema.average(batch_mean), ema.average(batch_var)))
            return tf.nn.batch_normalization(x, mean, var, beta, gamma, 1e-3)

    x = tf.placeholder(tf.float32, [None, 5, 5, 1])
    phase_train = tf.placeholder(tf.bool, name='phase_train')
    W = tf.Variable(tf.truncated_normal([3, 3, 1, 2], stddev=0.1))
    h = tf.nn.relu(batch_norm(tf.nn.conv2d(x, W, [1, 2, 2, 1], 'SAME'), 2, phase_train))
    loss = tf.reduce_mean(tf.square(tf.reduce_mean(h, [1, 2, 3]) - 1.))
    step = tf.train.AdamOptimizer(0.01).minimize(loss)
    return x, phase_train, h, loss, step


def run(tf, built):
    x, phase_train, h, loss, step = built
    losses = []
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        for _ in range(20):
            losses.append(sess.run([step, loss], {x: images, phase_train: True})[1])
        return {'losses': losses, 'h': sess.run(h, {x: images[:2], phase_train: False})}
