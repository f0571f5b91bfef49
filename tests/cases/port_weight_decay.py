"""Weight decay by collections: variables that add a loss for themselves, the sum of them all, regularizers of scopes."""
import numpy as np

data = np.random.RandomState(10).randn(12, 4).astype(np.float32)


def build(tf):
    def variable_with_weight_decay(name, shape, stddev, wd):
        var = tf.get_variable(name, shape, initializer=tf.truncated_normal_initializer(stddev=stddev))
        if wd is not None:
            tf.add_to_collection('losses', tf.multiply(tf.nn.l2_loss(var), wd, name='weight_loss'))
        return var

    x = tf.placeholder(tf.float32, [None, 4], name='x-input')
    y_ = tf.placeholder(tf.float32, [None, 1], name='y-input')
    cur_layer = x
    for i, (inside, outside) in enumerate([(4, 6), (6, 6), (6, 1)]):
        with tf.variable_scope('layer%d' % i) as scope:
            weight = variable_with_weight_decay('weights', [inside, outside], 0.3, 0.004 if i else None)
            bias = tf.get_variable('biases', [outside], initializer=tf.constant_initializer(0.1))
            cur_layer = tf.nn.elu(tf.matmul(cur_layer, weight) + bias, name=scope.name)
    mse_loss = tf.reduce_mean(tf.square(y_ - cur_layer))
    tf.add_to_collection('losses', mse_loss)
    loss = tf.add_n(tf.get_collection('losses'), name='total_loss')

    def l2(v):
        return 0.01 * tf.reduce_sum(v ** 2)

    with tf.variable_scope('regular', regularizer=l2):
        w = tf.get_variable('w', initializer=tf.ones([4, 1]))
    other = tf.losses.mean_squared_error(y_, tf.matmul(x, w))
    both = other + sum(tf.get_collection(tf.GraphKeys.REGULARIZATION_LOSSES))
    steps = [tf.train.GradientDescentOptimizer(0.1).minimize(goal) for goal in (loss, both, tf.losses.get_total_loss())]
    return x, y_, loss, mse_loss, both, steps


def run(tf, built):
    x, y_, loss, mse_loss, both, steps = built
    out = {'loss': [], 'mse': [], 'both': []}
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        feed = {x: data, y_: data[:, :1] * data[:, 1:2]}
        for i in range(20):
            for step in steps:
                sess.run(step, feed)
            for key, value in zip(['loss', 'mse', 'both'], sess.run([loss, mse_loss, both], feed)):
                out[key].append(value)
    return out
