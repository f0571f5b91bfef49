"""The programs as users of TensorFlow 1 write them: for graphflow, TensorFlow 1.15 and TensorFlow 2's
compat.v1."""
import data


def workloads(tf):
    """WORKLOADS for a module with TensorFlow 1's API."""
    return {f.__name__: (lambda f=f: f(tf)) for f in (
        scalar_add, linear_regression, softmax_regression, softmax_accuracy, mlp, transcendentals, conv_step,
        conv_accuracy)}


def scalar_add(tf):
    x = tf.placeholder(tf.float32, [])
    y = x + 1.0
    session = tf.Session()
    return lambda: session.run(y, {x: 2.0})


def linear_regression(tf):
    x, y = tf.placeholder(tf.float32, [None, 1]), tf.placeholder(tf.float32, [None, 1])
    w, b = tf.Variable(tf.ones([1, 1])), tf.Variable(tf.zeros([1]))
    loss = tf.reduce_mean(tf.square(tf.matmul(x, w) + b - y))
    step = tf.train.AdamOptimizer().minimize(loss)
    session = _session(tf)
    xs, ys = data.line()
    return lambda: session.run([step, loss], {x: xs, y: ys})


def softmax_regression(tf):
    x, y_, y = _softmax(tf)
    loss = tf.reduce_mean(-tf.reduce_sum(y_ * tf.log(y), reduction_indices=[1]))
    step = tf.train.GradientDescentOptimizer(0.5).minimize(loss)
    session = _session(tf)
    xs, ys = data.images('softmax_regression')
    return lambda: session.run(step, {x: xs, y_: ys})


def softmax_accuracy(tf):
    x, y_, y = _softmax(tf)
    accuracy = _accuracy(tf, y, y_)
    session = _session(tf)
    xs, ys = data.images('softmax_accuracy')
    return lambda: session.run(accuracy, {x: xs, y_: ys})


def mlp(tf):
    x, y_ = _images(tf)
    h = x
    for n, m in zip(data.LAYERS, data.LAYERS[1:]):
        h = tf.matmul(h, tf.Variable(data.weights(n, m))) + tf.Variable(tf.zeros([m]))
        h = tf.nn.relu(h) if m != 10 else h
    step = tf.train.AdamOptimizer().minimize(_cross_entropy(tf, h, y_))
    session = _session(tf)
    xs, ys = data.images('mlp')
    return lambda: session.run(step, {x: xs, y_: ys})


def transcendentals(tf):
    x = tf.Variable(data.floats())
    y = tf.reduce_sum(tf.exp(-x) + tf.log(x) + tf.tanh(x) + tf.sin(x) + tf.cos(x) + tf.sigmoid(x))
    session = _session(tf)
    return lambda: session.run(y)


def conv_step(tf):
    x, y_ = _images(tf)
    keep = tf.placeholder(tf.float32)
    step = tf.train.AdamOptimizer(1e-4).minimize(_cross_entropy(tf, _conv(tf, x, keep), y_))
    session = _session(tf)
    xs, ys = data.images('conv_step')
    return lambda: session.run(step, {x: xs, y_: ys, keep: 0.5})


def conv_accuracy(tf):
    x, y_ = _images(tf)
    keep = tf.placeholder(tf.float32)
    accuracy = _accuracy(tf, _conv(tf, x, keep), y_)
    session = _session(tf)
    xs, ys = data.images('conv_accuracy')
    return lambda: session.run(accuracy, {x: xs, y_: ys, keep: 1.0})


def _conv(tf, x, keep):
    (w1, w2, w3, w4) = [tf.Variable(data.weights(*shape)) for shape in data.conv_shapes()]
    (b1, b2, b3, b4) = [tf.Variable(tf.constant(0.1, shape=shape[-1:])) for shape in data.conv_shapes()]
    h = tf.reshape(x, [-1, 28, 28, 1])
    for w, b in ((w1, b1), (w2, b2)):
        h = tf.nn.relu(tf.nn.conv2d(h, w, strides=[1, 1, 1, 1], padding='SAME') + b)
        h = tf.nn.max_pool(h, ksize=[1, 2, 2, 1], strides=[1, 2, 2, 1], padding='SAME')
    h = tf.nn.relu(tf.matmul(tf.reshape(h, [-1, 7 * 7 * 64]), w3) + b3)
    return tf.matmul(tf.nn.dropout(h, keep), w4) + b4


def _softmax(tf):
    x, y_ = _images(tf)
    y = tf.nn.softmax(tf.matmul(x, tf.Variable(tf.zeros([784, 10]))) + tf.Variable(tf.zeros([10])))
    return x, y_, y


def _images(tf):
    return tf.placeholder(tf.float32, [None, 784]), tf.placeholder(tf.float32, [None, 10])


def _cross_entropy(tf, logits, labels):
    return tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits_v2(labels=labels, logits=logits))


def _accuracy(tf, y, y_):
    return tf.reduce_mean(tf.cast(tf.equal(tf.argmax(y, 1), tf.argmax(y_, 1)), tf.float32))


def _session(tf):
    session = tf.Session()
    session.run(tf.global_variables_initializer())
    return session
