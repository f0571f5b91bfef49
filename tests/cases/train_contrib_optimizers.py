"""AdaMax, Nadam, AddSign and PowerSign: dense and sparse gradients."""
import numpy as np


def build(tf):
    if tf.__name__ == 'tensorflow':
        import tensorflow.contrib.opt as opt
    else:
        opt = tf.contrib.opt
    x = tf.constant(np.arange(12).reshape(4, 3) * 0.1, tf.float32)
    step = tf.train.get_or_create_global_step()
    steps, losses, names = [], [], []
    for resource in (False, True):
        for name, optimizer in (('adamax', opt.AdaMaxOptimizer(0.01)), ('nadam', opt.NadamOptimizer(0.01)),
                                ('add', opt.AddSignOptimizer(0.01)),
                                ('power', opt.PowerSignOptimizer(0.01, base=2.0)),
                                ('decayed', opt.AddSignOptimizer(0.01, sign_decay_fn=lambda s: tf.constant(0.5))),
                                ('powdec', opt.PowerSignOptimizer(0.01, sign_decay_fn=lambda s: tf.constant(0.5)))):
            with tf.variable_scope('%s%d' % (name, resource), use_resource=resource):
                w = tf.get_variable('w', [3, 2], initializer=tf.constant_initializer(np.arange(6) / 10.0 - 0.2))
                e = tf.get_variable('e', [4, 2], initializer=tf.constant_initializer(np.arange(8) / 8.0 - 0.4))
                rows = tf.nn.embedding_lookup(e, tf.constant([1, 3, 1]))
                loss = tf.reduce_mean(tf.square(tf.matmul(x, w) - 1.0))
                if name in ('adamax', 'nadam') or not resource:
                    loss += tf.reduce_sum(tf.square(rows - 0.5))
                steps.append(optimizer.minimize(loss, global_step=step))
                losses.append(loss)
                names += [v.name for v in optimizer.variables()]
    return steps, losses, names


def run(tf, built):
    steps, losses, names = built
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        history = []
        for _ in range(50):
            for step in steps:
                sess.run(step)
            history.append(sess.run(losses))
    return {'losses': np.array(history), 'names': names}
