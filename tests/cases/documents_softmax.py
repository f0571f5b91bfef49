"""The softmax regressions of the documents: three losses, trained side by side for 50 steps."""
import numpy as np

RTOL = 1e-4


def build(tf):
    x = tf.placeholder(tf.float32, [None, 784])
    y_ = tf.placeholder(tf.float32, [None, 10])
    programs = []
    for loss_of, rate in (
            (lambda z, y: tf.reduce_mean(-tf.reduce_sum(y_ * tf.log(y), reduction_indices=[1])), 0.5),
            (lambda z, y: -tf.reduce_sum(y_ * tf.log(y)), 0.01),
            (lambda z, y: tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(labels=y_, logits=y)), 0.5),
            (lambda z, y: tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(logits=z, labels=y_)), 0.5)):
        W = tf.Variable(tf.zeros([784, 10]))
        b = tf.Variable(tf.zeros([10]))
        z = tf.matmul(x, W) + b
        y = tf.nn.softmax(z)
        loss = loss_of(z, y)
        step = tf.train.GradientDescentOptimizer(learning_rate=rate).minimize(loss, var_list=[W, b])
        correct = tf.equal(tf.argmax(y, 1), tf.argmax(y_, 1))
        programs.append((loss, step, tf.reduce_mean(tf.cast(correct, 'float')), W))
    return x, y_, programs, tf.initialize_all_variables()


def run(tf, built):
    x, y_, programs, init = built
    values = {}
    with tf.Session() as sess:
        sess.run(init)
        losses = []
        for _ in range(50):
            feed = {x: np.random.rand(20, 784) * (np.random.rand(20, 784) > 0.8),
                    y_: np.eye(10)[np.random.randint(10, size=20)]}
            losses.append(sess.run([loss for loss, _, _, _ in programs], feed))
            sess.run([step for _, step, _, _ in programs], feed)
        values['losses'] = losses
        values['accuracies'] = sess.run([accuracy for _, _, accuracy, _ in programs], feed)
        for i, (_, _, _, W) in enumerate(programs):
            values['W%d' % i] = sess.run(W)[300:320]
    return values
