"""A line fitted to points, one point a step, as first courses do it."""
import numpy as np

train_x = np.asarray([3.3, 4.4, 5.5, 6.71, 6.93, 4.168, 9.779, 6.182, 7.59, 2.167])
train_y = np.asarray([1.7, 2.76, 2.09, 3.19, 1.694, 1.573, 3.366, 2.596, 2.53, 1.221])


def build(tf):
    X = tf.placeholder('float')
    Y = tf.placeholder('float')
    W = tf.Variable(np.random.randn(), name='weight')
    b = tf.Variable(np.random.randn(), name='bias')
    pred = tf.add(tf.multiply(X, W), b)
    cost = tf.reduce_sum(tf.pow(pred - Y, 2)) / (2 * train_x.shape[0])
    optimizer = tf.train.GradientDescentOptimizer(0.01).minimize(cost)
    init = tf.global_variables_initializer()
    return X, Y, W, b, cost, optimizer, init


def run(tf, built):
    X, Y, W, b, cost, optimizer, init = built
    costs = []
    with tf.Session() as sess:
        sess.run(init)
        for epoch in range(20):
            for x, y in zip(train_x, train_y):
                sess.run(optimizer, feed_dict={X: x, Y: y})
            costs.append(sess.run(cost, feed_dict={X: train_x, Y: train_y}))
        return {'costs': costs, 'W': sess.run(W), 'b': sess.run(b)}
