"""Attention: scaled dot products with masks, heads by reshapes, layer norm, positions, label smoothing."""
import numpy as np

tokens = np.array([[1, 4, 2, 0], [3, 2, 5, 6]])


def build(tf):
    x = tf.placeholder(tf.int32, [None, 4])
    y = tf.placeholder(tf.int32, [None, 4])
    d, heads, vocab = 8, 2, 7

    def layer_norm(inputs, epsilon=1e-8, scope='ln'):
        with tf.variable_scope(scope, reuse=None):
            params_shape = inputs.get_shape()[-1:]
            mean, variance = tf.nn.moments(inputs, [-1], keep_dims=True)
            beta = tf.get_variable('beta', params_shape, initializer=tf.zeros_initializer())
            gamma = tf.get_variable('gamma', params_shape, initializer=tf.ones_initializer())
            normalized = (inputs - mean) / ((variance + epsilon) ** (.5))
            return gamma * normalized + beta

    def project(t, name):
        w = tf.get_variable(name, [d, d], initializer=tf.glorot_normal_initializer())
        return tf.tensordot(t, w, axes=1)

    def attention(q, k, v, mask, causal=False):
        Q, K, V = (tf.concat(tf.split(project(t, n), heads, axis=2), axis=0) for t, n in ((q, 'q'), (k, 'k'), (v, 'v')))
        scores = tf.matmul(Q, tf.transpose(K, [0, 2, 1])) / K.get_shape().as_list()[-1] ** 0.5
        paddings = tf.ones_like(scores) * (-2 ** 32 + 1)
        masks = tf.tile(tf.expand_dims(tf.tile(mask, [heads, 1]), 1), [1, tf.shape(q)[1], 1])
        scores = tf.where(tf.equal(masks, 0), paddings, scores)
        if causal:
            lower = tf.matrix_band_part(tf.ones_like(scores[0, :, :]), -1, 0)
            scores = tf.where(tf.equal(tf.tile(lower[None], [tf.shape(scores)[0], 1, 1]), 0), paddings, scores)
        out = tf.concat(tf.split(tf.matmul(tf.nn.softmax(scores), V), heads, axis=0), axis=2)
        return layer_norm(out + q), tf.nn.softmax(scores)

    position = np.array([[pos / np.power(10000, 2. * i / d) for i in range(d)] for pos in range(4)])
    position[:, 0::2], position[:, 1::2] = np.sin(position[:, 0::2]), np.cos(position[:, 1::2])
    table = tf.get_variable('table', [vocab, d], initializer=tf.truncated_normal_initializer(stddev=0.3))
    table = tf.concat((tf.zeros(shape=[1, d]), table[1:, :]), 0)
    mask = tf.to_float(tf.not_equal(x, 0))
    h = tf.nn.embedding_lookup(table, x) * d ** 0.5 + tf.cast(position, tf.float32)
    h *= tf.expand_dims(mask, -1)
    h, weights = attention(h, h, h, mask, causal=True)
    with tf.variable_scope('feed'):
        inner = tf.nn.relu(project(h, 'inner'))
        h = layer_norm(project(inner, 'outer') + h)
    logits = tf.einsum('btd,vd->btv', h, table)
    smooth = (lambda t, e=0.1: (1 - e) * t + e / t.get_shape().as_list()[-1])(tf.one_hot(y, depth=vocab))
    loss = tf.nn.softmax_cross_entropy_with_logits_v2(logits=logits, labels=smooth)
    mean_loss = tf.reduce_sum(loss * mask) / (tf.reduce_sum(mask))
    hits = tf.reduce_sum(tf.to_float(tf.equal(tf.to_int32(tf.argmax(logits, axis=-1)), y)) * mask) / tf.reduce_sum(mask)
    step = tf.train.AdamOptimizer(0.01, beta1=0.9, beta2=0.98, epsilon=1e-8).minimize(mean_loss)
    return x, y, mean_loss, hits, step, weights


def run(tf, built):
    x, y, mean_loss, hits, step, weights = built
    out = {'loss': [], 'hits': []}
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        feed = {x: tokens, y: np.roll(tokens, -1, 1)}
        for _ in range(20):
            for key, value in zip(('loss', 'hits'), sess.run([mean_loss, hits, step], feed)):
                out[key].append(value)
        out['weights'] = sess.run(weights, feed)
    return out
