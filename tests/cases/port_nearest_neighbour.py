"""Nearest neighbours: L1 distance to one, and the vote of k by top_k of negative distances."""
import numpy as np

rng = np.random.RandomState(1)
train = rng.rand(15, 6)
train_labels = np.eye(3)[rng.randint(0, 3, 15)]
test = rng.rand(5, 6)


def build(tf):
    xtr = tf.placeholder('float', [None, 6])
    xte = tf.placeholder('float', [6])
    distance = tf.reduce_sum(tf.abs(tf.add(xtr, tf.negative(xte))), reduction_indices=1)
    pred = tf.arg_min(distance, 0)

    x_train = tf.placeholder(shape=[None, 6], dtype=tf.float32)
    y_train = tf.placeholder(shape=[None, 3], dtype=tf.float32)
    x_test = tf.placeholder(shape=[None, 6], dtype=tf.float32)
    far = tf.reduce_sum(tf.abs(tf.subtract(x_train, tf.expand_dims(x_test, 1))), axis=2)
    squared = tf.sqrt(tf.reduce_sum(tf.square(tf.subtract(x_train, tf.expand_dims(x_test, 1))), reduction_indices=2))
    top_k_xvals, top_k_indices = tf.nn.top_k(tf.negative(far), k=4)
    count_of_predictions = tf.reduce_sum(tf.gather(y_train, top_k_indices), axis=1)
    prediction = tf.argmax(count_of_predictions, axis=1)
    sums = tf.expand_dims(tf.reduce_sum(top_k_xvals, 1), 1)
    weights = tf.expand_dims(tf.div(top_k_xvals, tf.matmul(sums, tf.ones([1, 4], tf.float32))), 1)
    weighted = tf.squeeze(tf.matmul(weights, tf.gather(y_train, top_k_indices)), axis=[1])
    return xtr, xte, pred, x_train, y_train, x_test, [prediction, top_k_xvals, weighted, squared]


def run(tf, built):
    xtr, xte, pred, x_train, y_train, x_test, more = built
    with tf.Session() as sess:
        nearest = [sess.run(pred, feed_dict={xtr: train, xte: row}) for row in test]
        voted = sess.run(more, {x_train: train, y_train: train_labels, x_test: test})
    return dict({'more%d' % i: v for i, v in enumerate(voted)}, nearest=nearest)
