"""The oldest spellings that still work: initialize_all_variables, reduction_indices, mul by operators, to_float."""
import numpy as np


def build(tf):
    x_data = np.linspace(0, 1, 20).astype('float32')
    y_data = x_data * 0.1 + 0.3
    W = tf.Variable(tf.random_uniform([1], -1.0, 1.0))
    b = tf.Variable(tf.zeros([1]))
    y = W * x_data + b
    loss = tf.reduce_mean(tf.square(y - y_data))
    train = tf.train.GradientDescentOptimizer(0.5).minimize(loss)
    init = tf.initialize_all_variables()
    v = tf.constant(np.arange(6).reshape(2, 3))
    old = dict(sum=tf.reduce_sum(v, reduction_indices=[1]), mean=tf.reduce_mean(tf.to_float(v), reduction_indices=0),
               max=tf.reduce_max(v, reduction_indices=[0, 1]), keep=tf.reduce_sum(v, 1, keep_dims=True),
               argmax=tf.arg_max(v, 1), argmin=tf.argmin(v, dimension=0), wide=tf.to_int64(tf.to_double(v)),
               expand=tf.expand_dims(v, dim=1), names=tf.constant(len(tf.all_variables())))
    return W, b, loss, train, init, old


def run(tf, built):
    W, b, loss, train, init, old = built
    sess = tf.Session()
    sess.run(init)
    out = {}
    for step in range(41):
        sess.run(train)
        if step % 10 == 0:
            out['W%d' % step], out['b%d' % step], out['loss%d' % step] = sess.run([W, b, loss])
    out.update(sess.run(old))
    sess.close()
    return out
