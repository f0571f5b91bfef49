"""Initial values that depend on other variables."""


def build(tf):
    v = tf.Variable([1., 2.], name='v')
    tf.Variable(v * 2, name='w')
    x = tf.Variable(tf.matmul([v], [[1.], [2.]]) + v.initialized_value()[0], name='x')
    with tf.name_scope('scope'):
        tf.Variable(x.initialized_value() * 2, name='y')
    tf.get_variable('z', initializer=lambda: v.initialized_value() * 2)
    tf.get_variable('u', initializer=x.initialized_value())
    r = tf.Variable([1., 2.], name='r', use_resource=True)
    tf.Variable(r * 2, name='s', use_resource=True)
    tf.Variable(r.initialized_value() * 2, name='t', use_resource=True)
    return tf.global_variables()


def run(tf, variables):
    with tf.Session() as sess:
        sess.run([variables[0].initializer, variables[1].initializer])      # what others read unguarded
        sess.run(variables[2].initializer)
        sess.run(tf.global_variables_initializer())
        return {v.op.name: sess.run(v) for v in variables}
