"""The global step by name, by collection, and its reads."""


def build(tf):
    found = [tf.train.get_global_step()]
    step = tf.train.get_or_create_global_step()
    found += [tf.train.get_global_step(), tf.train.get_or_create_global_step()]
    x = tf.get_variable('x', [2], initializer=tf.ones_initializer())
    train = tf.train.MomentumOptimizer(tf.train.exponential_decay(0.1, step, 3, 0.5, staircase=True), 0.9).minimize(
        tf.reduce_sum(x * x), global_step=step)
    return step, x, train, [str(f) for f in found]


def run(tf, built):
    step, x, train, found = built
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        for _ in range(7):
            sess.run(train)
        return {'step': tf.train.global_step(sess, step), 'x': sess.run(x), 'found': found,
                'collections': sorted(tf.get_default_graph().get_all_collection_keys())}
