"""Every optimizer of tf.train in a graph of its own: dense and sparse gradients of plain variables, then steps."""
import numpy as np

RESOURCE = False


def optimizers(tf):
    t = tf.train
    step = tf.train.get_or_create_global_step()
    return {
        'momentum': (t.MomentumOptimizer(0.1, 0.9), 0),
        'nesterov': (t.MomentumOptimizer(lambda: 0.1, 0.9, use_nesterov=True, use_locking=True), 1),
        'adagrad': (t.AdagradOptimizer(0.1, 0.2, name='ada'), 2),
        'adadelta': (t.AdadeltaOptimizer(1.0), 0),
        'rms': (t.RMSPropOptimizer(0.01, momentum=0.5), 1),
        'rms_centered': (t.RMSPropOptimizer(tf.constant(0.01), momentum=0.5, centered=True, name='C'), 2),
        'ftrl': (t.FtrlOptimizer(0.1), 1),
        'ftrl_power': (t.FtrlOptimizer(0.1, -0.4, 0.2, 0.01, 0.02, accum_name='a', linear_name='l',
                                       l2_shrinkage_regularization_strength=0.03), 1),
        'proximal': (t.ProximalGradientDescentOptimizer(0.05, 0.01, 0.02), 0),
        'proximal_adagrad': (t.ProximalAdagradOptimizer(0.1, 0.2, 0.01, 0.02), 1),
        'dual': (t.AdagradDAOptimizer(0.1, step, 0.2, 0.001, 0.02), 2),
        'adam': (t.AdamOptimizer(0.01), 1),
        'sgd': (t.GradientDescentOptimizer(0.1), 2),
    }


def build(tf):
    x = tf.placeholder(tf.float32, [None, 3], name='x')
    steps, losses, names = [], [], []
    for name, (optimizer, gate) in optimizers(tf).items():
        with tf.variable_scope(name, use_resource=RESOURCE):
            w = tf.get_variable('w', [3, 2], initializer=tf.constant_initializer(np.arange(6) / 10.0 - 0.2))
            e = tf.get_variable('e', [4, 2], initializer=tf.constant_initializer(np.arange(8) / 8.0 - 0.4))
            rows = tf.nn.embedding_lookup(e, tf.constant([1, 3, 1]))
            loss = tf.reduce_mean(tf.square(tf.matmul(x, w) - 1.0)) + tf.reduce_sum(tf.square(rows - 0.5))
            steps.append(optimizer.minimize(loss, global_step=tf.train.get_global_step(), gate_gradients=gate))
            losses.append(loss)
            names.append([v.name for v in optimizer.variables()] + optimizer.get_slot_names())
    return x, steps, losses, names, tf.global_variables()


def run(tf, built):
    x, steps, losses, names, variables = built
    feed = {x: np.arange(12).reshape(4, 3) * 0.1}
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        history = []
        for _ in range(50):
            for step in steps:
                sess.run(step, feed)
            history.append(sess.run(losses, feed))
        values = {v.name: sess.run(v) for v in variables}
    return dict(values, losses=np.array(history), names=[n for group in names for n in group])
