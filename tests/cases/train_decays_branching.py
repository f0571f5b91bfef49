"""Learning rate decays that branch: by the step's interval, in cycles, with restarts."""


def build(tf):
    t = tf.train
    step = tf.placeholder(tf.int64, [], name='step')
    counter = tf.Variable(3, name='counter', trainable=False)
    rates = [
        t.piecewise_constant(step, [10, 20], [0.1, 0.2, 0.3]),
        t.piecewise_constant_decay(step, [5, 10, 20], [4, 3, 2, 1], name='foo'),
        t.piecewise_constant(counter, [2], [1.0, 0.5]),
        t.piecewise_constant(tf.cast(step, tf.float32), [0.5, tf.constant(12.0)], [tf.constant(1.0), 0.5, 0.1]),
        t.polynomial_decay(0.1, step, 10, cycle=True, power=0.5),
        t.cosine_decay_restarts(0.1, step, 10),
        t.cosine_decay_restarts(0.1, step, 10, t_mul=1.0, m_mul=0.5, alpha=0.1, name='restarts'),
    ]
    return step, rates


def run(tf, built):
    step, rates = built
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        return {'%d_%d' % (i, k): sess.run(rate, {step: i}) for i in (0, 1, 7, 10, 20, 25)
                for k, rate in enumerate(rates)}
