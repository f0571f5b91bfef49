"""Every common optimizer on one small net, each with its own variables."""
import numpy as np

data = np.random.RandomState(16).rand(8, 3).astype(np.float32)


def build(tf):
    x = tf.constant(data)
    y = tf.reduce_sum(x, 1, keepdims=True) * 2
    makers = [lambda: tf.train.GradientDescentOptimizer(0.1), lambda: tf.train.MomentumOptimizer(0.05, 0.9),
              lambda: tf.train.MomentumOptimizer(0.05, 0.9, use_nesterov=True), lambda: tf.train.AdagradOptimizer(0.2),
              lambda: tf.train.AdadeltaOptimizer(0.5), lambda: tf.train.RMSPropOptimizer(0.02),
              lambda: tf.train.RMSPropOptimizer(0.02, momentum=0.5, centered=True), lambda: tf.train.FtrlOptimizer(0.2),
              lambda: tf.train.AdamOptimizer(0.05), lambda: tf.train.ProximalGradientDescentOptimizer(0.1, 0.01)]
    losses, steps = [], []
    for i, maker in enumerate(makers):
        with tf.variable_scope('net%d' % i):
            w = tf.get_variable('w', [3, 1], initializer=tf.constant_initializer(0.1))
            b = tf.get_variable('b', [1], initializer=tf.zeros_initializer())
            loss = tf.reduce_mean(tf.squared_difference(tf.matmul(x, w) + b, y))
        losses.append(loss)
        steps.append(maker().minimize(loss, var_list=[w, b]))
    return losses, tf.group(*steps), [v.name for v in tf.global_variables()]


def run(tf, built):
    losses, step, names = built
    out = {'names': names}
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        for i in range(20):
            out['losses%d' % i] = sess.run(losses)
            sess.run(step)
    return out
