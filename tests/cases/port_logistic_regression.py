"""Softmax regression on small images by mini-batches, with its accuracy."""
import numpy as np

images = np.random.RandomState(0).rand(30, 16)
labels = np.eye(4)[np.argmax(images.reshape(30, 4, 4).sum(2), 1)]


def build(tf):
    x = tf.placeholder(tf.float32, [None, 16])
    y = tf.placeholder(tf.float32, [None, 4])
    W = tf.Variable(tf.zeros([16, 4]))
    b = tf.Variable(tf.zeros([4]))
    pred = tf.nn.softmax(tf.matmul(x, W) + b)
    cost = tf.reduce_mean(-tf.reduce_sum(y * tf.log(pred), reduction_indices=1))
    optimizer = tf.train.GradientDescentOptimizer(0.5).minimize(cost)
    correct_prediction = tf.equal(tf.argmax(pred, 1), tf.argmax(y, 1))
    accuracy = tf.reduce_mean(tf.cast(correct_prediction, tf.float32))
    return x, y, W, cost, optimizer, accuracy


def run(tf, built):
    x, y, W, cost, optimizer, accuracy = built
    costs, right = [], []
    with tf.Session() as sess:
        tf.global_variables_initializer().run()
        for epoch in range(12):
            average = 0.
            for i in range(3):
                feed = {x: images[i * 10:i * 10 + 10], y: labels[i * 10:i * 10 + 10]}
                _, c = sess.run([optimizer, cost], feed_dict=feed)
                average += float(c) / 3
            costs.append(average)
            right.append(accuracy.eval({x: images, y: labels}))
        return {'costs': costs, 'right': right, 'W': W.eval()}
