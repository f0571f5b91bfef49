"""XOR by a hidden layer, four examples, cross entropy by hand."""
import numpy as np

XOR_X = [[0, 0], [0, 1], [1, 0], [1, 1]]
XOR_Y = [[0], [1], [1], [0]]


def build(tf):
    x_ = tf.placeholder(tf.float32, shape=[4, 2], name='x-input')
    y_ = tf.placeholder(tf.float32, shape=[4, 1], name='y-input')
    Theta1 = tf.Variable(tf.random_uniform([2, 2], -1, 1), name='Theta1')
    Theta2 = tf.Variable(tf.random_uniform([2, 1], -1, 1), name='Theta2')
    Bias1 = tf.Variable(tf.zeros([2]), name='Bias1')
    Bias2 = tf.Variable(tf.zeros([1]), name='Bias2')
    with tf.name_scope('layer2') as scope:
        A2 = tf.sigmoid(tf.matmul(x_, Theta1) + Bias1)
    with tf.name_scope('layer3'):
        Hypothesis = tf.sigmoid(tf.matmul(A2, Theta2) + Bias2)
    with tf.name_scope('cost'):
        cost = tf.reduce_mean(((y_ * tf.log(Hypothesis)) + ((1 - y_) * tf.log(1.0 - Hypothesis))) * -1)
    with tf.name_scope(scope):
        tf.identity(A2, name='again')
    with tf.name_scope('train'):
        train_step = tf.train.GradientDescentOptimizer(0.5).minimize(cost)
    predicted = tf.cast(Hypothesis > 0.5, dtype=tf.float32)
    accuracy = tf.reduce_mean(tf.cast(tf.equal(predicted, y_), dtype=tf.float32))
    return x_, y_, Theta1, Hypothesis, cost, train_step, accuracy


def run(tf, built):
    x_, y_, Theta1, Hypothesis, cost, train_step, accuracy = built
    costs = []
    sess = tf.Session()
    sess.run(tf.global_variables_initializer())
    for i in range(50):
        sess.run(train_step, feed_dict={x_: XOR_X, y_: XOR_Y})
        costs.append(sess.run(cost, feed_dict={x_: XOR_X, y_: XOR_Y}))
    out = sess.run([Hypothesis, Theta1, accuracy], {x_: XOR_X, y_: np.array(XOR_Y)})
    sess.close()
    return dict(zip(['hypothesis', 'theta', 'accuracy'], out), costs=costs)
