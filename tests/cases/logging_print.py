"""Print and its gradient, tf.print, strings.format."""


def build(tf):
    x = tf.placeholder(tf.float32, [2])
    printed = tf.Print(x, [x, 'text', tf.constant(3)], message='say: ', first_n=3, summarize=5)
    grid = tf.reshape(tf.range(24), [2, 3, 4])
    out = {
        'print': printed,
        'gradient': tf.gradients(printed * 2., x)[0],
        'print_v2': tf.print('a', x, {'b': x, 'a': [x[0], 2]}, (1.5,), sep='|', end='!\n', summarize=2),
        'print_text': tf.print(tf.constant('alone')),
        'format': tf.strings.format('{} of {}', [x, tf.constant(['a', "b'\n"])]),
        'format_grid': tf.strings.format('{}', grid),
        'format_edges': tf.strings.format('%s and %s', [grid, tf.range(9)], placeholder='%s', summarize=1),
        'format_all': tf.strings.format('{}', tf.range(9), summarize=-1),
        'timestamp': tf.timestamp() > 1e9,
    }
    return out, {x: [0.1, 1e20]}


def run(tf, built):
    out, feeds = built
    with tf.Session() as session:
        return session.run(out, feeds)
