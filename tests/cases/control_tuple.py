"""tf.tuple and tf.group of tensors, operations, plain values, variables and sparse tensors; what is refused."""


def outcome(function):
    try:
        return str(function()).partition('\n')[0]
    except Exception as error:
        return f'{type(error).__name__}: {error}'.partition('\n')[0]


def build(tf):
    v = tf.Variable(1., name='v')
    other = tf.Graph()
    with other.as_default():
        foreign = tf.Variable(2., name='foreign')
    said = []
    for question in (
            lambda: tf.tuple([3, tf.constant(1.)]), lambda: tf.tuple([[1., 2.]], name='t'), lambda: tf.tuple([None]),
            lambda: tf.tuple([tf.no_op(), tf.constant(2)])[1], lambda: tf.tuple([v, None]),
            lambda: tf.tuple([v], control_inputs=[3]), lambda: tf.tuple([v], control_inputs=[v]),
            lambda: tf.tuple([v], control_inputs=[v.initializer, tf.constant(1)]), lambda: tf.tuple([v], control_inputs=['v']),
            lambda: tf.group(tf.SparseTensor([[0]], [1], [2])).name, lambda: tf.group({'b': v, 'a': [v.initializer]}).name,
            lambda: tf.group().name, lambda: tf.group(3), lambda: tf.group(None), lambda: tf.constant(1.) + foreign,
            lambda: foreign + v, lambda: tf.add(v, foreign), lambda: tf.group(v, foreign)):
        said.append(outcome(question))
    return tf.tuple([v.assign_add(1.), tf.constant(4)]), said


def run(tf, built):
    values, said = built
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        return dict(zip('ab', session.run(values)), said=said)
