"""Moving averages of variables and tensors."""


def build(tf):
    results, names = {}, []
    for use_resource in (False, True):
        for debias, updates in ((False, None), (True, 3), (True, None)):
            scope = 'r%d%d%d' % (use_resource, debias, updates is None)
            with tf.variable_scope(scope, use_resource=use_resource):
                v = tf.get_variable('v', [2], initializer=tf.constant_initializer([1.0, 2.0]))
                t = tf.multiply([1.0, 2.0], 3.0, name='t')
                average = tf.train.ExponentialMovingAverage(
                    0.9, num_updates=updates and tf.constant(updates), zero_debias=debias)
                with tf.control_dependencies([v.assign_add([1.0, 1.0])]):
                    update = average.apply([v, t])
                again = average.apply([v])
                results[scope] = update, again, average.average(v), average.average(t), v
                names += [average.average_name(v), average.average_name(t), average.name, update.name]
                names += [k + '=' + x.name for k, x in sorted(average.variables_to_restore().items()) if scope in k]
    lone = tf.train.ExponentialMovingAverage(tf.constant(0.5), name='lone')
    names.append(lone.average_name(v))
    names.append(str(lone.average(v)))
    results['lone'] = lone.apply([v]), lone.average(v)
    with tf.variable_scope('of_another_kind', use_resource=True):
        plain = tf.Variable(1.0, name='plain', use_resource=False)
        results['plain'] = lone.apply([plain, tf.constant(2.0, name='c')]), lone.average(plain)
        names.append(str(lone.average(plain)))
    names += [v.name for v in tf.moving_average_variables()]
    return results, names


def run(tf, built):
    results, names = built
    values = {'names': names}
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        for _ in range(3):
            for key, (update, *_) in sorted(results.items()):
                sess.run(update)
        for key, (update, *rest) in results.items():
            for i, tensor in enumerate(rest):
                if hasattr(tensor, 'dtype'):
                    values['%s_%d' % (key, i)] = sess.run(tensor)
    return values
