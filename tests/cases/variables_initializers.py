"""Initializers: the nodes they add, the numbers they give for a seed, their configs, what they refuse."""
import numpy as np

NAMES = ('zeros ones constant random_uniform random_normal truncated_normal uniform_unit_scaling variance_scaling '
         'glorot_uniform glorot_normal').split()


def outcome(function):
    try:
        return str(function()).partition('\n')[0]
    except Exception as error:
        return f'{type(error).__name__}: {str(error)}'.partition('\n')[0]


def build(tf):
    said, layers = {}, tf.contrib.layers
    for name in NAMES:
        initializer = getattr(tf, name + '_initializer')()
        tf.get_variable(name, [3, 4], initializer=initializer)
        config = initializer.get_config()
        said[name] = [f'{key} {value}' for key, value in sorted(config.items())]
        said[name + ' again'] = type(initializer).from_config(config).get_config() == config
    for name in 'lecun_normal lecun_uniform he_normal he_uniform'.split():
        initializer = getattr(tf.initializers, name)(seed=4)
        tf.get_variable(name, [3, 4], initializer=initializer)
        said[name] = [f'{key} {value}' for key, value in sorted(initializer.get_config().items())]
    for i, distribution in enumerate(('uniform', 'normal', 'truncated_normal', 'untruncated_normal')):
        for mode in ('fan_in', 'fan_out', 'fan_avg'):
            for shape in ([], [5], [3, 4, 2]):
                scaled = tf.variance_scaling_initializer(2., mode, distribution, seed=3)
                tf.get_variable(f'v{i}{mode}{len(shape)}', shape, initializer=scaled)
    tf.get_variable('list', [3, 4], initializer=tf.constant_initializer([1, 2]))
    tf.get_variable('ints', [3, 4], tf.int32, initializer=tf.random_uniform_initializer(0, 10, seed=2))
    tf.get_variable('doubles', [2, 2], tf.float64, initializer=tf.random_normal_initializer(1., 2., seed=2))
    tf.get_variable('xavier', [3, 4], initializer=layers.xavier_initializer(seed=5))
    tf.get_variable('xavier_normal', [3, 4], initializer=layers.xavier_initializer(uniform=False, seed=5))
    tf.get_variable('xavier_conv', [3, 3, 2, 4], initializer=layers.xavier_initializer_conv2d(seed=5))
    for mode in ('FAN_IN', 'FAN_OUT', 'FAN_AVG'):
        for shape in ([3], [2, 3, 4]):
            scaled = layers.variance_scaling_initializer(mode=mode, uniform=len(shape) == 1, seed=3)
            tf.get_variable(f'contrib{mode}{len(shape)}', shape, initializer=scaled)
    for i, question in enumerate((
            lambda: tf.constant_initializer([1, 2, 3])([2]), lambda: tf.constant_initializer([1, 2, 3], verify_shape=True)([4]),
            lambda: tf.constant_initializer([[1, 2]])([2]),
            lambda: tf.orthogonal_initializer()([2]), lambda: tf.initializers.identity()([2]),
            lambda: tf.variance_scaling_initializer(0), lambda: tf.variance_scaling_initializer(mode='x'),
            lambda: tf.variance_scaling_initializer(distribution='x'), lambda: tf.truncated_normal_initializer(dtype=tf.int32),
            lambda: tf.zeros_initializer()([2, 2], dtype=tf.int32), lambda: tf.constant_initializer('a')([2], dtype=tf.string),
            lambda: tf.random_uniform_initializer(dtype=tf.int32)([2]), lambda: tf.zeros_initializer(dtype=tf.string)([2]),
            lambda: layers.variance_scaling_initializer(mode='x'), lambda: layers.variance_scaling_initializer(dtype=tf.int32),
            lambda: layers.xavier_initializer()([2, 2], dtype=tf.int32), lambda: tf.glorot_uniform_initializer().get_config())):
        said[f'question {i}'] = outcome(question)
    return said


def run(tf, said):
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        return dict(said, **{v.op.name: sess.run(v) for v in tf.global_variables()})
