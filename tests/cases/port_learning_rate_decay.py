"""Learning rates that fall with the step, piecewise rates, moving averages of variables."""
import numpy as np

rdm = np.random.RandomState(23455)
X = rdm.rand(16, 2)
Y_ = [[x1 + x2 + (rdm.rand() / 10.0 - 0.05)] for (x1, x2) in X]


def build(tf):
    x = tf.placeholder(tf.float32, shape=(None, 2))
    y_ = tf.placeholder(tf.float32, shape=(None, 1))
    w1 = tf.Variable(tf.random_normal([2, 1], stddev=1, seed=1))
    y = tf.matmul(x, w1)
    loss_less = 9.
    loss_more = 1.
    loss = tf.reduce_sum(tf.where(tf.greater(y, y_), (y - y_) * loss_more, (y_ - y) * loss_less))
    mse = tf.reduce_mean(tf.square(y_ - y))
    global_step = tf.Variable(0, trainable=False)
    learning_rate = tf.train.exponential_decay(0.01, global_step, 5, 0.9, staircase=True)
    train_step = tf.train.GradientDescentOptimizer(learning_rate).minimize(loss, global_step=global_step)
    ema = tf.train.ExponentialMovingAverage(0.99, global_step)
    ema_op = ema.apply(tf.trainable_variables())
    with tf.control_dependencies([train_step, ema_op]):
        train_op = tf.no_op(name='train')
    step = tf.train.get_or_create_global_step()
    rates = [tf.train.piecewise_constant(step, [3, 6], [1.0, 0.5, 0.1]), tf.train.polynomial_decay(0.1, step, 10, 0.01),
             tf.train.inverse_time_decay(0.1, step, 2, 0.5), tf.train.natural_exp_decay(0.1, step, 4, 0.3),
             tf.train.cosine_decay(0.1, step, 10)]
    second = tf.train.MomentumOptimizer(rates[0] * 0.01, 0.9).minimize(mse, global_step=step)
    return x, y_, loss, mse, learning_rate, train_op, rates, second, w1, ema.average(w1), step


def run(tf, built):
    x, y_, loss, mse, learning_rate, train_op, rates, second, w1, average, step = built
    out = {'loss': [], 'mse': [], 'rate': [], 'rates': []}
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        for i in range(24):
            start = i * 8 % 16
            feed = {x: X[start:start + 8], y_: Y_[start:start + 8]}
            for key, value in zip(['loss', 'mse', 'rate', 'rates'], sess.run([loss, mse, learning_rate, rates], feed)):
                out[key].append(value)
            sess.run(train_op, feed_dict=feed)
            sess.run(second, feed_dict=feed)
        out['step'] = tf.train.global_step(sess, step)
        out['w1'] = sess.run(w1)
    return out
