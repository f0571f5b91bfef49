"""compute_gradients and apply_gradients around clipping: by value, by norm, by global norm; None left out."""
import numpy as np

data = np.random.RandomState(11).randn(10, 3).astype(np.float32) * 3


def build(tf):
    x = tf.placeholder(tf.float32, [None, 3])
    w = tf.Variable([[1.], [2.], [3.]])
    b = tf.Variable(0.5)
    unused = tf.Variable(1.0, name='unused')
    emb = tf.Variable(tf.ones([10, 3]), name='emb')
    rows = tf.nn.embedding_lookup(emb, tf.constant([1, 4, 4]))
    loss = tf.reduce_mean(tf.square(tf.matmul(x, w) + b)) + tf.reduce_sum(tf.square(rows))
    optimizer = tf.train.GradientDescentOptimizer(0.1)
    grads_and_vars = optimizer.compute_gradients(loss)
    capped = [(tf.clip_by_value(grad, -1., 1.), var) for grad, var in grads_and_vars if grad is not None]
    by_value = optimizer.apply_gradients(capped)
    by_norm = optimizer.apply_gradients([(g if g is None else tf.clip_by_norm(g, 0.5), v) for g, v in grads_and_vars])
    params = [w, b, emb]
    gradients = tf.gradients(loss, params)
    clipped_gradients, norm = tf.clip_by_global_norm(gradients, 1.0)
    global_step = tf.Variable(0, trainable=False, name='global_step')
    by_global = tf.train.AdamOptimizer(0.02).apply_gradients(zip(clipped_gradients, params), global_step=global_step)
    return x, loss, norm, [by_value, by_norm, by_global], [w, b, emb, unused, global_step]


def run(tf, built):
    x, loss, norm, steps, variables = built
    losses, norms = [], []
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        for i in range(24):
            sess.run(steps[i % 3], {x: data})
            now, size = sess.run([loss, norm], {x: data})
            losses.append(now)
            norms.append(size)
        out = {'variable%d' % i: v for i, v in enumerate(sess.run(variables))}
    return dict(out, losses=losses, norms=norms)
