"""Variable scopes as tutorials explain them: reuse, AUTO_REUSE, scope.reuse_variables, names; and what is refused."""


def outcome(function):
    try:
        return str(function())
    except Exception as error:
        return '%s: %s' % (type(error).__name__, str(error).split('\n')[0])


def build(tf):
    said = []
    with tf.variable_scope('foo'):
        v = tf.get_variable('v', [1], initializer=tf.constant_initializer(1.0))
        said.append(outcome(lambda: tf.get_variable('v', [1])))
    with tf.variable_scope('foo', reuse=True):
        v1 = tf.get_variable('v', [1])
        said.append(str(v == v1))
        said.append(outcome(lambda: tf.get_variable('w', [1])))
        said.append(outcome(lambda: tf.get_variable('v', [2])))
        said.append(outcome(lambda: tf.get_variable('v', [1], dtype=tf.int32)))
    with tf.variable_scope('root'):
        said.append(str(tf.get_variable_scope().reuse))
        with tf.variable_scope('inner', reuse=True):
            said.append(str(tf.get_variable_scope().reuse))
            with tf.variable_scope('bar'):
                said.append(str(tf.get_variable_scope().reuse))
        said.append(str(tf.get_variable_scope().reuse))
    with tf.variable_scope('a'), tf.name_scope('n'):
        a1, a2 = tf.Variable([1], name='b'), tf.get_variable('b', [1])
        said += [a1.name, a2.name, (a1 + 1).name, (a2 * 2.).op.name]

    def layer(x, units, name):
        with tf.variable_scope(name, reuse=tf.AUTO_REUSE):
            kernel = tf.get_variable('kernel', [x.shape[-1], units], initializer=tf.ones_initializer())
            bias = tf.get_variable('bias', [units], tf.float32, tf.zeros_initializer)
        return tf.nn.relu(tf.matmul(x, kernel) + bias)

    x = tf.placeholder(tf.float32, [2, 3])
    y = layer(x, 4, 'fc') + layer(x * 2, 4, 'fc')
    with tf.variable_scope('image_filters') as scope:
        first = tf.get_variable('weights', [2], initializer=tf.random_normal_initializer(0, 1))
        scope.reuse_variables()
        second = tf.get_variable('weights', [2])
        said.append(str(first is second))
    with tf.variable_scope(scope):
        said += [tf.get_variable_scope().name, str(tf.get_variable_scope().reuse), scope.original_name_scope]
    with tf.variable_scope('later') as later:
        pass
    with tf.variable_scope('elsewhere'):
        with tf.variable_scope(later, reuse=tf.AUTO_REUSE):
            third = tf.get_variable('third', [1], tf.float64)
            said += [third.name, third.op.name, tf.constant(1).name]
    with tf.variable_scope(None, default_name='unit'):
        said.append(tf.get_variable('v', []).name)
    with tf.variable_scope(None, default_name='unit'):
        said.append(tf.get_variable('v', []).name)
    with tf.variable_scope('', initializer=tf.constant_initializer(0.4)):
        fourth = tf.get_variable('fourth', [2])
    said += [v.name for v in tf.trainable_variables()]
    said += [v.name for v in tf.get_collection(tf.GraphKeys.GLOBAL_VARIABLES, scope='foo')]
    said.append(outcome(lambda: tf.get_variable('noshape')))
    said.append(outcome(lambda: tf.get_variable('both', [1], initializer=tf.constant([1.]))))
    return x, y, first, fourth, said


def run(tf, built):
    x, y, first, fourth, said = built
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        values = sess.run({'y': y, 'first': first, 'fourth': fourth}, {x: [[1, 2, 3], [-4, 0, 1]]})
    return dict(values, said=said)
