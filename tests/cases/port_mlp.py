"""A perceptron of two hidden layers: dictionaries of weights, Adam, softmax cross entropy."""
import numpy as np

rng = np.random.RandomState(3)
images = rng.rand(24, 10)
labels = np.eye(3)[rng.randint(0, 3, 24)]


def build(tf):
    X = tf.placeholder('float', [None, 10], name='X')
    Y = tf.placeholder('float', [None, 3], name='Y')
    weights = {
        'h1': tf.Variable(tf.random_normal([10, 8])),
        'h2': tf.Variable(tf.random_normal([8, 8])),
        'out': tf.Variable(tf.random_normal([8, 3]))
    }
    biases = {
        'b1': tf.Variable(tf.random_normal([8])),
        'b2': tf.Variable(tf.random_normal([8])),
        'out': tf.Variable(tf.random_normal([3]))
    }

    def multilayer_perceptron(x):
        layer_1 = tf.nn.relu(tf.add(tf.matmul(x, weights['h1']), biases['b1']))
        layer_2 = tf.nn.relu(tf.add(tf.matmul(layer_1, weights['h2']), biases['b2']))
        return tf.matmul(layer_2, weights['out']) + biases['out']

    logits = multilayer_perceptron(X)
    loss_op = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(logits=logits, labels=Y))
    train_op = tf.train.AdamOptimizer(learning_rate=0.01).minimize(loss_op)
    accuracy = tf.reduce_mean(tf.cast(tf.equal(tf.argmax(tf.nn.softmax(logits), 1), tf.argmax(Y, 1)), 'float'))
    return X, Y, loss_op, train_op, accuracy


def run(tf, built):
    X, Y, loss_op, train_op, accuracy = built
    losses = []
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        for step in range(30):
            i = step % 3 * 8
            losses.append(sess.run([train_op, loss_op], {X: images[i:i + 8], Y: labels[i:i + 8]})[1])
        return {'losses': losses, 'accuracy': accuracy.eval({X: images, Y: labels})}
