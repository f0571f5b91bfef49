"""Learning rate decays without branches, over an int64 step, int32 and float steps, tensors and other dtypes."""


def build(tf):
    t = tf.train
    step = tf.placeholder(tf.int64, [], name='step')
    rates = [
        t.exponential_decay(0.1, step, 10, 0.9),
        t.exponential_decay(0.1, step, 10, 0.9, staircase=True, name='foo'),
        t.exponential_decay(tf.constant(0.1, tf.float64), tf.cast(step, tf.int32), tf.constant(10.0), 1),
        t.natural_exp_decay(0.1, step, 10, 0.9),
        t.natural_exp_decay(0.1, step, 10, 0.9, staircase=True, name='bar'),
        t.inverse_time_decay(0.1, step, 10, 0.9),
        t.inverse_time_decay(0.1, tf.cast(step, tf.float32), 10, 0.9, staircase=True, name='inv'),
        t.polynomial_decay(0.1, step, 10),
        t.polynomial_decay(0.1, step, tf.constant(10.0), 0.01, 0.5, name='poly'),
        t.cosine_decay(0.1, step, 10),
        t.cosine_decay(0.1, step, 10, alpha=0.2, name='cos'),
        t.linear_cosine_decay(0.1, step, 10),
        t.linear_cosine_decay(0.1, step, 10, 2, 0.1, 0.01, name='lin'),
    ]
    noisy = [t.noisy_linear_cosine_decay(0.1, step, 10), t.noisy_linear_cosine_decay(0.1, step, 10, 2.0, 0.3)]
    variable = tf.train.get_or_create_global_step()
    rates.append(t.exponential_decay(0.1, variable, 10, 0.9))
    return step, rates, noisy


def run(tf, built):
    step, rates, noisy = built
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        values = {'%d_%d' % (i, k): sess.run(rate, {step: i}) for i in (0, 1, 7, 10, 25) for k, rate in enumerate(rates)}
        values['noisy'] = [str(n.shape) for n in noisy]
    return values
