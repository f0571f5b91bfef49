"""The convolutional networks of the documents: variable by variable with dropout, and from functions that make layers."""
import numpy as np

RTOL = 1e-4


def weights(tf, shape, stddev):
    return tf.Variable(tf.truncated_normal(shape, stddev=stddev))


def biases(tf, value, length):
    return tf.Variable(tf.constant(value, shape=[length]))


def pooled(tf, layer):
    return tf.nn.max_pool(layer, ksize=[1, 2, 2, 1], strides=[1, 2, 2, 1], padding='SAME')


def notebook(tf, x, y_, keep_prob):
    h = tf.reshape(x, [-1, 28, 28, 1])
    for n, m in ((1, 32), (32, 64)):
        W, b = weights(tf, [5, 5, n, m], 0.1), biases(tf, 0.1, m)
        h = pooled(tf, tf.nn.relu(tf.nn.conv2d(h, W, strides=[1, 1, 1, 1], padding='SAME') + b))
    W, b = weights(tf, [7 * 7 * 64, 64], 0.1), biases(tf, 0.1, 64)
    h = tf.nn.relu(tf.matmul(tf.reshape(h, [-1, 7 * 7 * 64]), W) + b)
    W, b = weights(tf, [64, 10], 0.1), biases(tf, 0.1, 10)
    return tf.matmul(tf.nn.dropout(h, keep_prob), W) + b


def slides(tf, x, y_):
    h = tf.reshape(x, [-1, 28, 28, 1])
    for n, m in ((1, 16), (16, 36)):
        W, b = weights(tf, [5, 5, n, m], 0.05), biases(tf, 0.05, m)
        h = tf.nn.conv2d(input=h, filter=W, strides=[1, 1, 1, 1], padding='SAME') + b
        h = tf.nn.relu(pooled(tf, h))
    size = h.get_shape()[1:4].num_elements()
    W, b = weights(tf, [size, 128], 0.05), biases(tf, 0.05, 128)
    h = tf.nn.relu(tf.matmul(tf.reshape(h, [-1, size]), W) + b)
    W, b = weights(tf, [128, 10], 0.05), biases(tf, 0.05, 10)
    return tf.matmul(h, W) + b


def build(tf):
    x = tf.placeholder(tf.float32, shape=[None, 784], name='x')
    y_ = tf.placeholder(tf.float32, shape=[None, 10], name='y_true')
    keep_prob = tf.placeholder(tf.float32)
    programs = []
    for logits in (notebook(tf, x, y_, keep_prob), slides(tf, x, y_)):
        loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(labels=y_, logits=logits))
        step = tf.train.AdamOptimizer(1e-4).minimize(loss)
        correct = tf.equal(tf.argmax(logits, axis=1), tf.argmax(y_, axis=1))
        programs.append((loss, step, tf.reduce_mean(tf.cast(correct, tf.float32))))
    return x, y_, keep_prob, programs


def run(tf, built):
    x, y_, keep_prob, programs = built
    losses = []
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        for _ in range(50):
            feed = {x: np.random.rand(10, 784) * (np.random.rand(10, 784) > 0.8), keep_prob: 0.5,
                    y_: np.eye(10)[np.random.randint(10, size=10)]}
            losses.append([sess.run([loss, step], feed)[0] for loss, step, _ in programs])
        accuracies = [accuracy.eval(feed_dict={**feed, keep_prob: 1.0})
                      for _, _, accuracy in programs]
    return {'losses': losses, 'accuracies': accuracies}
