"""A self-organizing map: the nearest unit, a neighbourhood that shrinks, all weights moved by one assign."""
import numpy as np

colors = np.random.RandomState(23).rand(6, 3)


def build(tf):
    m, n, dim = 3, 4, 3
    weightage_vects = tf.Variable(tf.random_normal([m * n, dim], seed=2))
    location_vects = tf.constant(np.array([[i, j] for i in range(m) for j in range(n)]))
    vect_input = tf.placeholder('float', [dim])
    iter_input = tf.placeholder('float')
    stacked = tf.stack([vect_input for i in range(m * n)])
    bmu_index = tf.argmin(tf.sqrt(tf.reduce_sum(tf.pow(tf.subtract(weightage_vects, stacked), 2), 1)), 0)
    slice_input = tf.pad(tf.reshape(bmu_index, [1]), np.array([[0, 1]]))
    bmu_loc = tf.reshape(tf.slice(location_vects, slice_input, tf.constant(np.array([1, 2]))), [2])
    learning_rate_op = tf.subtract(1.0, tf.div(iter_input, 8))
    alpha_op = tf.multiply(0.3, learning_rate_op)
    sigma_op = tf.multiply(2.0, learning_rate_op)
    bmu_distance_squares = tf.reduce_sum(tf.pow(tf.subtract(location_vects, tf.stack([bmu_loc for i in range(m * n)])), 2), 1)
    neighbourhood_func = tf.exp(tf.negative(tf.div(tf.cast(bmu_distance_squares, 'float32'), tf.pow(sigma_op, 2))))
    learning_rate = tf.multiply(alpha_op, neighbourhood_func)
    multiplier = tf.stack([tf.tile(tf.slice(learning_rate, np.array([i]), np.array([1])), [dim]) for i in range(m * n)])
    delta = tf.multiply(multiplier, tf.subtract(stacked, weightage_vects))
    training_op = tf.assign(weightage_vects, tf.add(weightage_vects, delta))
    return vect_input, iter_input, bmu_loc, training_op, weightage_vects


def run(tf, built):
    vect_input, iter_input, bmu_loc, training_op, weightage_vects = built
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        for i in range(8):
            for color in colors:
                sess.run(training_op, feed_dict={vect_input: color, iter_input: i})
        places = [sess.run(bmu_loc, {vect_input: color, iter_input: 0}) for color in colors]
        return dict(weights=sess.run(weightage_vects), places=places)
