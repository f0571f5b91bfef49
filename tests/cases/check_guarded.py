"""Assertions of float tensors: a conditional guards them. Whether a sequence is in order."""


def build(tf):
    out = {}
    debugging = tf.debugging
    x = tf.placeholder(tf.float32)
    y = tf.placeholder(tf.float32, [2])
    holds = tf.placeholder(tf.bool, [])
    feeds = {x: [1., 2.], y: [1., 2.], holds: True}
    checks = {
        'assert': lambda: debugging.Assert(holds, ['x', x, 2], summarize=7, name='named'),
        'assert_false': lambda: debugging.Assert(holds, [x]),
        'equal': lambda: debugging.assert_equal(x, y),
        'none_equal': lambda: debugging.assert_none_equal(x, y + 1., message='hm'),
        'less': lambda: debugging.assert_less(x, 3.),
        'less_equal': lambda: debugging.assert_less_equal(x, y),
        'greater': lambda: debugging.assert_greater(y, 0.5),
        'greater_equal': lambda: debugging.assert_greater_equal(x, y),
        'positive': lambda: debugging.assert_positive(x),
        'negative': lambda: debugging.assert_negative(-x, message='hm'),
        'non_negative': lambda: debugging.assert_non_negative(x),
        'non_positive': lambda: debugging.assert_non_positive(-y),
        'near': lambda: debugging.assert_near(x, y),
        'near_given': lambda: debugging.assert_near(tf.cast(x, tf.float64), [1., 2.], rtol=.1, message='hm'),
    }
    for name, check in checks.items():
        with tf.control_dependencies([check()]):
            out[name] = tf.identity(holds, name=name)
    out['ordered'] = debugging.is_non_decreasing(x)
    out['ordered_known'] = debugging.is_strictly_increasing(y)
    out['unordered'] = debugging.is_strictly_increasing(tf.stack([y, y + 0.5]))
    out['one'] = debugging.is_strictly_increasing(y[:1])
    return out, feeds


def run(tf, built):
    out, feeds = built
    with tf.Session() as session:
        return session.run(out, feeds)
