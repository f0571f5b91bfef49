"""py_func: nodes, and what goes to and comes from the function."""
import numpy as np


def build(tf):
    x = tf.constant([[1., 2.], [3., 4.]])
    text = tf.placeholder(tf.string, [2])
    out = {
        'sum': tf.py_func(lambda a: np.sum(a), [x], tf.float32),
        'two': tf.py_func(lambda a, n: (a * a, np.int64(n)), [x, 3], [tf.float32, tf.int64], name='two'),
        'stateless': tf.py_func(lambda a: [a.T], [x], [tf.float32], stateful=False),
        'text': tf.py_func(lambda t: t[::-1], [text], tf.string),
        'words': tf.py_func(lambda s: s + b'!', ['word'], tf.string),
        'unicode': tf.py_func(lambda: 'h\u00e9', [], tf.string),
        'numpy_function': tf.numpy_function(lambda a: a > 2, [x], tf.bool),
        'nothing': tf.py_func(lambda a: None, [x], []),
        'doubles': tf.py_func(lambda: 1.5, [], tf.double),
    }
    out['square'], out['number'] = out.pop('two')
    out['stateless'], = out['stateless']
    return out, {text: ['a', 'b\u00e9']}


def run(tf, built):
    out, feeds = built
    with tf.Session() as session:
        return session.run(out, feeds)
