"""The programs measured, each as build(tf) -> a function that makes one step. `tf` is graphflow or TensorFlow 1.15."""
import numpy as np


def scalar_add(tf):
    x = tf.placeholder(tf.float32, [])
    y = x + 1.0
    session = tf.Session()
    return lambda: session.run(y, {x: 2.0})


def linear_regression(tf):
    x, y = tf.placeholder(tf.float32, [100, 1]), tf.placeholder(tf.float32, [100, 1])
    w, b = tf.Variable(tf.ones([1, 1])), tf.Variable(tf.zeros([1]))
    loss = tf.reduce_sum((y - (tf.matmul(x, w) + b)) ** 2 / 1000)
    step = tf.train.AdamOptimizer().minimize(loss)
    session = _session(tf)
    feed = {x: np.random.rand(100, 1).astype('f'), y: np.random.rand(100, 1).astype('f')}
    return lambda: session.run([step, loss], feed)


def softmax_regression(tf):
    x, y_ = _images(tf)
    y = tf.nn.softmax(tf.matmul(x, tf.Variable(tf.zeros([784, 10]))) + tf.Variable(tf.zeros([10])))
    loss = tf.reduce_mean(-tf.reduce_sum(y_ * tf.log(y), reduction_indices=[1]))
    step = tf.train.GradientDescentOptimizer(0.5).minimize(loss)
    session, feed = _session(tf), _batch(x, y_, 100)
    return lambda: session.run(step, feed)


def softmax_accuracy(tf):
    x, y_ = _images(tf)
    y = tf.nn.softmax(tf.matmul(x, tf.Variable(tf.zeros([784, 10]))) + tf.Variable(tf.zeros([10])))
    correct = tf.equal(tf.argmax(y, 1), tf.argmax(y_, 1))
    accuracy = tf.reduce_mean(tf.cast(correct, tf.float32))
    session, feed = _session(tf), _batch(x, y_, 10000)
    return lambda: session.run(accuracy, feed)


def mlp(tf):
    x, y_ = _images(tf)
    h = x
    for n, m in ((784, 256), (256, 256)):
        h = tf.nn.relu(tf.matmul(h, _weights(tf, [n, m])) + tf.Variable(tf.zeros([m])))
    logits = tf.matmul(h, _weights(tf, [256, 10])) + tf.Variable(tf.zeros([10]))
    loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits_v2(labels=y_, logits=logits))
    step = tf.train.AdamOptimizer(0.001).minimize(loss)
    session, feed = _session(tf), _batch(x, y_, 100)
    return lambda: session.run(step, feed)


def convolutional_network(tf):
    x, y_ = _images(tf)
    keep = tf.placeholder(tf.float32)
    h = tf.reshape(x, [-1, 28, 28, 1])
    for n, m in ((1, 32), (32, 64)):
        h = tf.nn.conv2d(h, _weights(tf, [5, 5, n, m]), strides=[1, 1, 1, 1], padding='SAME')
        h = tf.nn.relu(h + tf.Variable(tf.constant(0.1, shape=[m])))
        h = tf.nn.max_pool(h, ksize=[1, 2, 2, 1], strides=[1, 2, 2, 1], padding='SAME')
    h = tf.reshape(h, [-1, 7 * 7 * 64])
    h = tf.nn.relu(tf.matmul(h, _weights(tf, [7 * 7 * 64, 1024])) + tf.Variable(tf.constant(0.1, shape=[1024])))
    logits = tf.matmul(tf.nn.dropout(h, keep), _weights(tf, [1024, 10])) + tf.Variable(tf.constant(0.1, shape=[10]))
    loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits_v2(labels=y_, logits=logits))
    step = tf.train.AdamOptimizer(1e-4).minimize(loss)
    session, feed = _session(tf), {**_batch(x, y_, 50), keep: 0.5}
    return lambda: session.run(step, feed)


WORKLOADS = {f.__name__: f for f in (scalar_add, linear_regression, softmax_regression, softmax_accuracy, mlp,
                                     convolutional_network)}


def _session(tf):
    session = tf.Session()
    session.run(tf.global_variables_initializer())
    return session


def _images(tf):
    return tf.placeholder(tf.float32, [None, 784]), tf.placeholder(tf.float32, [None, 10])


def _batch(x, y_, n):
    return {x: np.random.rand(n, 784).astype('f'), y_: np.eye(10, dtype='f')[np.random.randint(10, size=n)]}


def _weights(tf, shape):
    return tf.Variable(tf.truncated_normal(shape, stddev=0.1, seed=1))
