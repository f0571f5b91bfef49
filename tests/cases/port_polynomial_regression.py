"""A polynomial fitted with Momentum-free descent; a placeholder with a default switches what is learnt from."""
import numpy as np

trX = np.linspace(-1, 1, 21)
trY = sum(c * np.power(trX, i) for i, c in enumerate([1, 2, 3, 4, 5]))


def build(tf):
    X = tf.placeholder_with_default(trX.astype(np.float32), [None], name='X')
    Y = tf.placeholder_with_default(trY.astype(np.float32), shape=(None,), name='Y')
    lr = tf.placeholder_with_default(0.05, [], name='lr')
    training = tf.placeholder_with_default(False, shape=())

    w = tf.Variable([0.] * 5, name='parameters')
    terms = []
    for i in range(5):
        term = tf.multiply(w[i], tf.pow(X, i))
        terms.append(term)
    y_model = tf.add_n(terms)
    cost = tf.reduce_sum(tf.pow(Y - y_model, 2)) / 21.
    scale = tf.where(training, tf.constant(1.), tf.constant(0.))
    regularized = cost + scale * 0.01 * tf.reduce_sum(tf.abs(w))
    train_op = tf.train.GradientDescentOptimizer(lr).minimize(regularized)
    return X, Y, lr, training, cost, train_op, w, y_model


def run(tf, built):
    X, Y, lr, training, cost, train_op, w, y_model = built
    costs = []
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        for epoch in range(40):
            feed = {training: True} if epoch % 2 else {lr: 0.1, training: True, X: trX[::2], Y: trY[::2]}
            sess.run(train_op, feed_dict=feed)
            costs.append(sess.run(cost))
        return dict(costs=costs, w=sess.run(w), model=sess.run(y_model, {X: [0., 0.5]}), slope=w.eval()[1])
