"""Ratings by embeddings of users and items, biases, a weight decay; only the rows of a batch move."""
import numpy as np

rng = np.random.RandomState(8)
users, items = rng.randint(0, 6, 16), rng.randint(0, 9, 16)
rates = rng.randint(1, 6, 16).astype(np.float32)


def build(tf):
    user_batch = tf.placeholder(tf.int32, shape=[None], name='id_user')
    item_batch = tf.placeholder(tf.int32, shape=[None], name='id_item')
    rate_batch = tf.placeholder(tf.float32, shape=[None])
    with tf.device('/cpu:0'):
        bias_global = tf.get_variable('bias_global', shape=[])
        w_bias_user = tf.get_variable('embd_bias_user', shape=[6])
        w_bias_item = tf.get_variable('embd_bias_item', shape=[9])
        bias_user = tf.nn.embedding_lookup(w_bias_user, user_batch, name='bias_user')
        bias_item = tf.nn.embedding_lookup(w_bias_item, item_batch, name='bias_item')
        init = tf.truncated_normal_initializer(stddev=0.02)
        w_user = tf.get_variable('embd_user', shape=[6, 4], initializer=init)
        w_item = tf.get_variable('embd_item', shape=[9, 4], initializer=init)
        embd_user = tf.nn.embedding_lookup(w_user, user_batch, name='embedding_user')
        embd_item = tf.nn.embedding_lookup(w_item, item_batch, name='embedding_item')
    infer = tf.reduce_sum(tf.multiply(embd_user, embd_item), 1)
    infer = tf.add(infer, bias_global)
    infer = tf.add(infer, bias_user)
    infer = tf.add(infer, bias_item, name='svd_inference')
    regularizer = tf.add(tf.nn.l2_loss(embd_user), tf.nn.l2_loss(embd_item), name='svd_regularizer')
    global_step = tf.train.get_or_create_global_step()
    cost_l2 = tf.nn.l2_loss(tf.subtract(infer, rate_batch))
    penalty = tf.constant(0.05, dtype=tf.float32, shape=[], name='l2')
    cost = tf.add(cost_l2, tf.multiply(regularizer, penalty))
    train_op = tf.train.AdamOptimizer(0.05).minimize(cost, global_step=global_step)
    # without embeddings: the whole matrix and a mask
    R = tf.constant(np.arange(12.).reshape(3, 4), tf.float32)
    H = tf.Variable(np.random.rand(3, 2).astype(np.float32))
    W = tf.Variable(np.random.rand(2, 4).astype(np.float32))
    seen = tf.boolean_mask(tf.matmul(H, W) - R, tf.constant(np.arange(12).reshape(3, 4) % 3 > 0))
    error = tf.reduce_sum(tf.pow(seen, 2)) + 0.1 * tf.reduce_sum(H * H) + 0.1 * tf.norm(W)
    lower = tf.train.GradientDescentOptimizer(0.005).minimize(error)
    return user_batch, item_batch, rate_batch, infer, cost, train_op, error, lower, w_user, global_step


def run(tf, built):
    user_batch, item_batch, rate_batch, infer, cost, train_op, error, lower, w_user, global_step = built
    out = {'cost': [], 'error': []}
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        for i in range(30):
            s = slice(i % 4 * 4, i % 4 * 4 + 4)
            feed = {user_batch: users[s], item_batch: items[s], rate_batch: rates[s]}
            out['cost'].append(sess.run([train_op, cost], feed)[1])
            out['error'].append(sess.run([lower, error])[1])
        out['infer'] = sess.run(infer, {user_batch: users, item_batch: items})
        out['w_user'], out['step'] = sess.run([w_user, global_step])
    return out
