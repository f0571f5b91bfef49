"""Assertions that are settled when the graph is built, and those that need no conditional."""


def build(tf):
    out = {}
    debugging = tf.debugging
    known = tf.placeholder(tf.float32, [2, 3])
    free = tf.placeholder(tf.float32)
    count = tf.placeholder(tf.int32)
    scalar = tf.placeholder(tf.int32, [])
    feeds = {known: [[1, 2, 3], [4, 5, 6]], free: [[1, 2], [3, 4]], count: [2, 2], scalar: 2}
    checks = {
        'string_data': lambda: debugging.Assert(tf.reduce_all(count > 0), ['count', count]),
        'constant': lambda: debugging.Assert(True, ['x']),
        'equal_same': lambda: debugging.assert_equal(free, free),
        'equal_ints': lambda: debugging.assert_equal(count, [2, 2], message='hm', summarize=5),
        'equal_constants': lambda: debugging.assert_equal(tf.constant([1, 2]), [1, 2]),
        'none_equal': lambda: debugging.assert_none_equal(count, 3),
        'less': lambda: debugging.assert_less(count, 3, data=['data', count]),
        'less_equal': lambda: debugging.assert_less_equal(count, 3),
        'greater': lambda: debugging.assert_greater(count, 1),
        'greater_equal': lambda: debugging.assert_greater_equal(count, 1, name='given'),
        'positive': lambda: debugging.assert_positive(count, message='hm'),
        'non_negative': lambda: debugging.assert_non_negative(count),
        'negative': lambda: debugging.assert_negative(-count),
        'non_positive': lambda: debugging.assert_non_positive(-count),
        'near_constants': lambda: debugging.assert_near(tf.constant([1., 2.]), [1., 2.], data=['near']),
        'rank': lambda: debugging.assert_rank(known, 2),
        'rank_unknown': lambda: debugging.assert_rank(free, 2, message='hm'),
        'rank_fed': lambda: debugging.assert_rank(known, scalar),
        'rank_all_fed': lambda: debugging.assert_rank(free, scalar, data=['data'], summarize=2),
        'rank_at_least': lambda: debugging.assert_rank_at_least(free, 1),
        'rank_at_least_fed': lambda: debugging.assert_rank_at_least(known, count[0]),
        'rank_in': lambda: debugging.assert_rank_in(known, [1, 2]),
        'rank_in_unknown': lambda: debugging.assert_rank_in(free, [1, 2, 3]),
        'rank_in_fed': lambda: debugging.assert_rank_in(known, [1, scalar]),
        'type': lambda: debugging.assert_type(free, tf.float32),
        'integer': lambda: debugging.assert_integer(count),
    }
    for name, check in checks.items():
        with tf.control_dependencies([check()]):
            out[name] = tf.identity(scalar, name=name)
    out['scalar'] = debugging.assert_scalar(scalar)
    out['constant_scalar'] = debugging.assert_scalar(3.)
    out['numeric'] = tf.constant([debugging.is_numeric_tensor(free), debugging.is_numeric_tensor(1.)])
    out['finite'] = tf.verify_tensor_all_finite(free, 'not finite')
    return out, feeds


def run(tf, built):
    out, feeds = built
    with tf.Session() as session:
        return session.run(out, feeds)
