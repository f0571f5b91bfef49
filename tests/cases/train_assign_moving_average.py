"""assign_moving_average and weighted_moving_average, with and without correction for the start at zero."""


def build(tf):
    if tf.__name__ == 'tensorflow':
        from tensorflow.python.training import moving_averages
    else:
        from graphflow.python.training import moving_averages
    updates = []
    for use_resource in (False, True):
        with tf.variable_scope('r%d' % use_resource, use_resource=use_resource):
            for debias in (False, True):
                v = tf.get_variable('v%d' % debias, [2], initializer=tf.zeros_initializer())
                updates.append(moving_averages.assign_moving_average(v, tf.constant([1.0, 2.0]), 0.9, zero_debias=debias))
                updates.append(moving_averages.assign_moving_average(
                    v, tf.constant([1.0, 2.0]), tf.constant(0.8), zero_debias=debias, name='again'))
    d = tf.get_variable('d', [2], tf.float64, initializer=tf.zeros_initializer())
    updates.append(moving_averages.assign_moving_average(d, tf.constant([1.0, 2.0], tf.float64), 0.9))
    updates.append(moving_averages.weighted_moving_average(tf.constant([1.0, 2.0]), 0.9, tf.constant(0.5)))
    updates.append(moving_averages.weighted_moving_average(tf.constant([1.0, 2.0]), 0.9, tf.constant([1.0, 3.0]), name='w'))
    return updates


def run(tf, updates):
    values = {}
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        for i in range(3):
            for k, update in enumerate(updates):
                values['%d_%d' % (i, k)] = sess.run(update)
    return values
