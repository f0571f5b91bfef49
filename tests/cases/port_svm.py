"""A linear classifier by hinge loss, its dual with a Gaussian kernel, and regressions of epsilon and Deming."""
import numpy as np

rng = np.random.RandomState(18)
x_vals = rng.randn(20, 2) + np.where(np.arange(20) % 2, 1.5, -1.5)[:, None]
y_vals = np.where(np.arange(20) % 2, 1., -1.)


def build(tf):
    x_data = tf.placeholder(shape=[None, 2], dtype=tf.float32)
    y_target = tf.placeholder(shape=[None, 1], dtype=tf.float32)
    A = tf.Variable(tf.random_normal(shape=[2, 1]))
    b = tf.Variable(tf.random_normal(shape=[1, 1]))
    model_output = tf.subtract(tf.matmul(x_data, A), b)
    l2_norm = tf.reduce_sum(tf.square(A))
    alpha = tf.constant([0.01])
    classification_term = tf.reduce_mean(tf.maximum(0., tf.subtract(1., tf.multiply(model_output, y_target))))
    loss = tf.add(classification_term, tf.multiply(alpha, l2_norm))
    prediction = tf.sign(model_output)
    accuracy = tf.reduce_mean(tf.cast(tf.equal(prediction, y_target), tf.float32))
    steps = [tf.train.GradientDescentOptimizer(0.05).minimize(loss)]

    beta = tf.Variable(tf.random_normal(shape=[1, 20], stddev=0.1))
    gamma = tf.constant(-10.0)
    dist = tf.reshape(tf.reduce_sum(tf.square(x_data), 1), [-1, 1])
    sq_dists = tf.add(tf.subtract(dist, tf.multiply(2., tf.matmul(x_data, tf.transpose(x_data)))), tf.transpose(dist))
    my_kernel = tf.exp(tf.multiply(gamma, tf.abs(sq_dists)))
    first_term = tf.reduce_sum(beta)
    beta_vec_cross = tf.matmul(tf.transpose(beta), beta)
    y_target_cross = tf.matmul(y_target, tf.transpose(y_target))
    second_term = tf.reduce_sum(tf.multiply(my_kernel, tf.multiply(beta_vec_cross, y_target_cross)))
    dual = tf.negative(tf.subtract(first_term, second_term))
    steps.append(tf.train.GradientDescentOptimizer(0.01).minimize(dual))

    m = tf.Variable(tf.random_normal(shape=[1, 1]))
    c = tf.Variable([[0.1]])
    column = x_data[:, :1]
    line = tf.add(tf.matmul(column, m), c)
    deming = tf.truediv(tf.abs(tf.subtract(x_data[:, 1:], line)), tf.sqrt(tf.add(tf.square(m), 1)))
    deming = tf.reduce_mean(deming)
    epsilon = tf.constant([0.5])
    tube = tf.reduce_mean(tf.maximum(0., tf.subtract(tf.abs(tf.subtract(line, x_data[:, 1:])), epsilon)))
    lasso_param = tf.constant(0.9)
    heavyside_step = tf.truediv(1., tf.add(1., tf.exp(tf.multiply(-50., tf.subtract(m, lasso_param)))))
    lasso = tf.add(deming, tf.multiply(heavyside_step, 99.))
    elastic = tf.expand_dims(tf.add(tf.add(tube, tf.multiply(0.1, tf.reduce_mean(tf.abs(m)))), 0.1 * tf.reduce_mean(tf.square(m))), 0)
    steps += [tf.train.GradientDescentOptimizer(0.05).minimize(goal) for goal in (deming, tube, elastic)]
    return x_data, y_target, [loss, dual, deming, tube, lasso, elastic, accuracy], steps, A


def run(tf, built):
    x_data, y_target, goals, steps, A = built
    out = {}
    sess = tf.Session()
    sess.run(tf.global_variables_initializer())
    feed = {x_data: x_vals, y_target: np.transpose([y_vals])}
    for i in range(20):
        for step in steps:
            sess.run(step, feed_dict=feed)
        for k, value in enumerate(sess.run(goals, feed)):
            out.setdefault('goal%d' % k, []).append(np.squeeze(value))
    out['A'] = sess.run(A)
    return out
