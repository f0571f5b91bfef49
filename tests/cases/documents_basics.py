"""The first programs of the slides, and their linear regression with Adam."""
import numpy as np

RTOL = 1e-4


def build(tf):
    a = tf.add(3, 5)
    op1, op2 = tf.add(2, 3), tf.multiply(2, 3)
    op3 = tf.pow(op1, op2)
    W1 = tf.ones((2, 2))
    W2 = tf.Variable(tf.zeros((2, 2)), name='weights')
    my_var = tf.get_variable('my_var', [1, 2, 3])
    my_int_variable = tf.get_variable('my_int_variable', [1, 2, 3], dtype=tf.int32, initializer=tf.zeros_initializer)
    other_variable = tf.get_variable('other_variable', dtype=tf.int32, initializer=tf.constant([23, 42]))
    state = tf.Variable(0, name='counter')
    update = tf.assign(state, tf.add(state, tf.constant(1)))
    intermed = tf.add(tf.constant(2.0), tf.constant(5.0))
    mul = tf.multiply(tf.constant(3.0), intermed)
    input1, input2 = tf.placeholder(tf.float32), tf.placeholder(tf.float32)
    output = tf.multiply(input1, input2)
    X, y = tf.placeholder(tf.float32, shape=(100, 1)), tf.placeholder(tf.float32, shape=(100, 1))
    with tf.variable_scope('regression'):
        W = tf.get_variable('weights', (1, 1), initializer=tf.random_normal_initializer())
        b = tf.get_variable('bias', (1,), initializer=tf.constant_initializer(0.0))
    loss = tf.reduce_sum((y - (tf.matmul(X, W) + b)) ** 2 / 1000)
    step = tf.train.AdamOptimizer().minimize(loss)
    fetches = [a, op3, W1, W2, my_var, my_int_variable, other_variable, mul, intermed]
    return fetches, state, update, output, {input1: [7.], input2: [2.]}, X, y, W, b, loss, step


def run(tf, built):
    fetches, state, update, output, feed, X, y, W, b, loss, step = built
    values = {}
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        for i, value in enumerate(sess.run(fetches)):
            values['fetch%d' % i] = value
        values['counter'] = [sess.run(state)] + [sess.run(update) for _ in range(3)] + [sess.run(state)]
        values['output'] = sess.run([output], feed_dict=feed)[0]
        X_data = np.linspace(0, 50, 1000).reshape(1000, 1)
        y_data = X_data + 20 * np.sin(X_data / 10)
        losses = []
        for _ in range(50):
            indices = np.random.choice(1000, 100)
            losses.append(sess.run([step, loss], feed_dict={X: X_data[indices], y: y_data[indices]})[1])
        values['losses'], (values['W'], values['b']) = losses, sess.run([W, b])
    return values
