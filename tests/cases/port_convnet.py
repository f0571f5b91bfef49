"""A small convnet of tf.nn: two convolutions, max pools, a dense layer with dropout whose keep_prob is fed."""
import numpy as np

rng = np.random.RandomState(4)
images = rng.rand(8, 64)
labels = np.eye(3)[rng.randint(0, 3, 8)]


def weight_variable(tf, shape):
    return tf.Variable(tf.truncated_normal(shape, stddev=0.1))


def bias_variable(tf, shape):
    return tf.Variable(tf.constant(0.1, shape=shape))


def build(tf):
    x = tf.placeholder(tf.float32, shape=[None, 64])
    y_ = tf.placeholder(tf.float32, shape=[None, 3])
    x_image = tf.reshape(x, [-1, 8, 8, 1])

    def conv2d(x, W):
        return tf.nn.conv2d(x, W, strides=[1, 1, 1, 1], padding='SAME')

    def max_pool_2x2(x):
        return tf.nn.max_pool(x, ksize=[1, 2, 2, 1], strides=[1, 2, 2, 1], padding='SAME')

    with tf.name_scope('conv1'):
        h_pool1 = max_pool_2x2(tf.nn.relu(conv2d(x_image, weight_variable(tf, [5, 5, 1, 4])) + bias_variable(tf, [4])))
    with tf.name_scope('conv2'):
        h_conv2 = tf.nn.relu(tf.nn.bias_add(conv2d(h_pool1, weight_variable(tf, [3, 3, 4, 6])), bias_variable(tf, [6])))
        h_pool2 = max_pool_2x2(h_conv2)
    h_pool2_flat = tf.reshape(h_pool2, [-1, 2 * 2 * 6])
    h_fc1 = tf.nn.relu(tf.matmul(h_pool2_flat, weight_variable(tf, [24, 12])) + bias_variable(tf, [12]))
    keep_prob = tf.placeholder(tf.float32)
    h_fc1_drop = tf.nn.dropout(h_fc1, keep_prob)
    y_conv = tf.matmul(h_fc1_drop, weight_variable(tf, [12, 3])) + bias_variable(tf, [3])
    cross_entropy = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits_v2(labels=y_, logits=y_conv))
    train_step = tf.train.AdamOptimizer(1e-2).minimize(cross_entropy)
    accuracy = tf.reduce_mean(tf.cast(tf.equal(tf.argmax(y_conv, 1), tf.argmax(y_, 1)), tf.float32))
    return x, y_, keep_prob, cross_entropy, train_step, accuracy


def run(tf, built):
    x, y_, keep_prob, cross_entropy, train_step, accuracy = built
    losses, right = [], []
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        for i in range(20):
            right.append(accuracy.eval(feed_dict={x: images, y_: labels, keep_prob: 1.0}))
            losses.append(cross_entropy.eval({x: images, y_: labels, keep_prob: 1.0}))
            train_step.run(feed_dict={x: images, y_: labels, keep_prob: 0.5})
    return {'losses': losses, 'right': right}
