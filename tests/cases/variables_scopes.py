"""get_variable: names, name scopes, reuse, settings that scopes hand down, and what is refused."""
import numpy as np


def outcome(function):
    try:
        return str(function()).partition('\n')[0]
    except Exception as error:
        return f'{type(error).__name__}: {str(error)}'.partition('\n')[0].partition(' Originally')[0]


def scopes(tf, said):
    def note(*names):
        said[f'note {len(said)}'] = [str(n) for n in names]

    with tf.variable_scope('a') as a:
        note(a.name, a.original_name_scope, a.reuse)
        with tf.variable_scope('b') as b:
            note(b.name, b.original_name_scope, tf.constant(1).name, tf.get_variable('v', [1]).name)
    with tf.variable_scope(b, reuse=True) as c:
        note(c.name, c.original_name_scope, c.reuse, tf.constant(1).name, tf.get_variable('v').name)
        with tf.variable_scope('c', reuse=False) as d:
            note(d.reuse)
    with tf.variable_scope(b) as c:
        note(c.reuse, tf.constant(1).name, tf.get_variable('x', [1]).name)
    with tf.variable_scope('a'):
        for _ in range(3):
            with tf.variable_scope(None, default_name='b') as c:
                note(c.name, c.original_name_scope, tf.constant(1).name)
    with tf.variable_scope('a'):
        with tf.variable_scope(None, default_name='b') as c:
            note(c.name)
    with tf.variable_scope('x/y') as c:
        note(c.name, c.original_name_scope, tf.get_variable('z', [1]).name)
    with tf.variable_scope('x'), tf.name_scope('n'), tf.variable_scope('y') as c:
        note(c.name, c.original_name_scope, tf.get_variable('q', [1]).name)
    with tf.name_scope(a.original_name_scope):
        note(tf.constant(1).name)
    with tf.variable_scope(a, auxiliary_name_scope=False):
        note(tf.constant(1).name)
    with tf.variable_scope('o', auxiliary_name_scope=False) as c:
        note(c.original_name_scope, tf.constant(1).name)
    with tf.variable_scope('foo'), tf.variable_scope('') as c:
        note(c.name, c.original_name_scope, tf.get_variable('v', [1]).name, tf.constant(1).name)
    again = tf.variable_scope('again')
    for _ in range(2):
        with again:
            note(tf.constant(1).name)
    with tf.variable_scope('auto', reuse=tf.AUTO_REUSE) as c:
        first = tf.get_variable('v', [1])
        note(first is tf.get_variable('v'), c.reuse)
        with tf.variable_scope('in') as d:
            note(d.reuse)
    with tf.variable_op_scope([tf.constant(1)], None, 'dd') as c:
        note(c.name, c.original_name_scope)
    with tf.variable_scope('s', dtype=tf.float64, initializer=tf.constant_initializer(3.), caching_device='/cpu:0',
                           regularizer=tf.no_regularizer, constraint=abs) as s:
        v = tf.get_variable('v', [2])
        note(v.dtype, v.constraint is abs)
        s.set_initializer(tf.zeros_initializer())
        s.set_dtype(tf.int32)
        note(tf.get_variable('u', [1]).dtype, s.global_variables(), s.trainable_variables(), s.local_variables())
        with tf.variable_scope('b') as b:
            note(b.dtype, type(b.initializer).__name__, b.caching_device, b.constraint, b.use_resource, b.partitioner)
        s.reuse_variables()
        with tf.variable_scope('c', reuse=tf.AUTO_REUSE) as c:
            note(c.reuse)
    graph = tf.Graph()
    with graph.as_default():
        elsewhere = tf.constant(1.)
    with tf.variable_scope('g', values=[elsewhere]):
        note(tf.get_variable('v', [1]).graph is graph)


def variables(tf, said):
    def getter(getter, name, *args, **kwargs):
        said['getter ' + name] = sorted(k for k in kwargs)
        return getter(name, *args, **kwargs)

    def creator(next_creator, **kwargs):
        said[f'creator {len(said)}'] = [f'{k} {v}' for k, v in sorted(kwargs.items()) if k != 'initial_value']
        return next_creator(**kwargs)

    with tf.name_scope('ns'):
        tf.get_variable('w', [2, 3], tf.int32)
        with tf.variable_scope('vs'):
            tf.get_variable('w', initializer=tf.constant([1., 2.]))
            tf.get_variable('w3', initializer=1.5, regularizer=lambda x: x * 2)
            tf.get_variable('w4', shape=[2], initializer=tf.ones_initializer)
            tf.get_variable('w5', [2], initializer=lambda shape, dtype, partition_info: tf.zeros(shape, dtype))
            tf.get_variable('w6', [2], initializer=tf.random_normal_initializer())
            tf.get_variable('w7', [2], tf.bool)
            tf.get_variable('w8', initializer=[1., 2.], dtype=tf.float32)
            tf.get_variable('w9', initializer=lambda: tf.ones([2]))
    said['losses'] = [t.name for t in tf.get_collection(tf.GraphKeys.REGULARIZATION_LOSSES)]
    with tf.variable_scope('gt', custom_getter=getter):
        tf.get_variable('w', [1])
        with tf.variable_scope('t', custom_getter=lambda getter, name, *a, **k: getter(name + '_inner', *a, **k)):
            tf.get_variable('w', [1])
            tf.get_variable('own', [1], custom_getter=lambda getter, *a, **k: getter(*a, **k))
    with tf.variable_creator_scope(creator):
        tf.get_variable('c', [1])
        tf.Variable(1.)
    said['local'] = [str(v) for v in (tf.get_local_variable('l', [1]), tf.local_variables(), tf.trainable_variables())]


def build(tf):
    said = {}
    scopes(tf, said)
    variables(tf, said)
    w = tf.get_variable('w1', [2, 3])
    with tf.variable_scope('', reuse=True):
        for i, question in enumerate((
                lambda: tf.get_variable('nope', [2, 3]), lambda: tf.get_variable('w1', [2, 4]),
                lambda: tf.get_variable('w1', [2, 3], tf.int32), lambda: tf.get_variable('w1') is w,
                lambda: tf.get_variable('w1', [None, 3]) is w)):
            said[f'reuse {i}'] = outcome(question)
    for i, question in enumerate((
            lambda: tf.get_variable('w1', [2, 3]), lambda: tf.get_variable('q'),
            lambda: tf.get_variable('q', initializer=tf.zeros_initializer()),
            lambda: tf.get_variable('q', [1], initializer=tf.constant([1.])), lambda: tf.get_variable('s', [1], tf.string),
            lambda: tf.get_variable('q', [None, 1]), lambda: tf.get_variable('', [1]),
            lambda: tf.get_variable('q', [2], initializer='zeros'), lambda: tf.get_variable('n6', [3], initializer=np.ones(3)),
            lambda: tf.get_variable('n7', initializer=np.ones(3)), lambda: tf.get_variable('n8', initializer=[1, 2]),
            lambda: tf.get_variable('n9', shape=3), lambda: tf.get_variable('n10', shape=(tf.Dimension(2), 3)),
            lambda: tf.get_variable('n11', [2], 'int64'), lambda: tf.get_variable('n12', initializer=3, dtype=tf.float32),
            lambda: tf.get_variable('n13', [1], tf.complex64), lambda: tf.get_variable('n14', [2], tf.uint8),
            lambda: tf.get_variable('n15', initializer=tf.placeholder(tf.float32)),
            lambda: tf.get_variable('n16', initializer=tf.placeholder(tf.float32), validate_shape=False),
            lambda: tf.get_variable('n17', [2], initializer=tf.initializers.he_normal),
            lambda: tf.get_variable('n18', [2], initializer=tf.zeros),
            lambda: tf.get_variable('n19', [1], constraint=3), lambda: tf.get_variable('n20', [1], partitioner=3),
            lambda: tf.get_variable('n21', [1], regularizer=3), lambda: tf.get_variable('n22', [1], custom_getter=3),
            lambda: tf.get_variable('n23', [1], synchronization=tf.VariableSynchronization.ON_READ).trainable,
            lambda: tf.variable_scope(None).__enter__(), lambda: tf.variable_scope(3).__enter__(),
            lambda: tf.variable_scope(None, 'a', reuse=True).__enter__(),
            lambda: tf.variable_scope('a', reuse='x').__enter__())):
        said[f'question {i}'] = outcome(question)
    tf.get_variable_scope().reuse_variables()
    said['at last'] = outcome(lambda: tf.get_variable('qq', [1]))
    return said


def run(tf, said):
    return said
