"""Initializers that need linear algebra."""


def build(tf):
    for i, shape in enumerate(([3, 4], [5, 2], [3, 3], [3, 4, 2, 6])):
        tf.get_variable(f'orthogonal{i}', shape, initializer=tf.orthogonal_initializer(gain=.5, seed=3))
    tf.get_variable('identity', [3, 4], initializer=tf.initializers.identity(gain=2.))
    with tf.variable_scope('p', partitioner=tf.fixed_size_partitioner(2)):
        return tf.get_variable('identity', [3, 4], initializer=tf.initializers.identity()).as_tensor()


def run(tf, whole):
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        return {'whole': sess.run(whole), **{v.op.name: sess.run(v) for v in tf.global_variables()}}
