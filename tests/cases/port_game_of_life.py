"""Life by one convolution over a board that wraps around, and by rolls."""
import numpy as np


def build(tf):
    shape = (6, 6)
    board = tf.Variable((np.random.rand(*shape) > 0.6).astype(np.int32), name='board')
    cells = tf.to_float(tf.pad(board, [[1, 1], [1, 1]], mode='SYMMETRIC'))[tf.newaxis, :, :, None]
    kernel = tf.reshape(tf.constant([[1, 1, 1], [1, 0, 1], [1, 1, 1]], dtype=tf.float32), [3, 3, 1, 1])
    neighbours = tf.cast(tf.squeeze(tf.nn.conv2d(cells, kernel, [1, 1, 1, 1], 'VALID'), [0, 3]), tf.int32)
    survive = tf.logical_and(tf.equal(board, 1), tf.equal(neighbours, 2))
    born = tf.equal(neighbours, 3)
    update = tf.assign(board, tf.cast(tf.logical_or(survive, born), tf.int32))
    rolled = tf.add_n([tf.roll(board, [i, j], axis=[0, 1]) for i in (-1, 0, 1) for j in (-1, 0, 1) if i or j])
    return board, neighbours, update, rolled


def run(tf, built):
    board, neighbours, update, rolled = built
    out = {}
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        out['start'], out['neighbours'], out['rolled'] = sess.run([board, neighbours, rolled])
        for i in range(3):
            out['step%d' % i] = sess.run(update)
    return out
