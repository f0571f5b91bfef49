"""Gradients of atan2, the incomplete gamma and beta functions, zeta, polygamma, nextafter, complex, casts and sums."""
import numpy as np


def build(tf):
    built = []
    two = [('Atan2', tf.atan2), ('Igamma', tf.igamma), ('Igammac', tf.igammac), ('Zeta', tf.zeta),
           ('Polygamma', tf.polygamma), ('NextAfter', tf.math.nextafter)]
    for name, f in two:
        for a, b, dtype in [([2, 3], [2, 3], tf.float32), ([2, 3], [2, 3], tf.float64), ([2, 3], [3], tf.float32),
                            ([None, 3], [None, 3], tf.float32), ([None, 3], [3], tf.float32), (None, None, tf.float32)]:
            if name == 'Atan2' and a != b:
                continue
            with tf.name_scope(name):
                x, y = tf.placeholder(dtype, a), tf.placeholder(dtype, b)
                z = f(x, y)
                built.append(([x, y], [z] + tf.gradients(z, [x, y])))
    for a, b, c in [([2, 3], [2, 3], [2, 3]), ([], [], [2]), ([], [2], [2]), ([None], [], [3]), ([], [], [])]:
        a, b, c = (tf.placeholder(tf.float32, s) for s in (a, b, c))
        z = tf.betainc(a, b, c)
        built.append(([a, b, c], [z] + tf.gradients(z, [a, b, c])))
    x, y = tf.placeholder(tf.float32, [2, 3]), tf.placeholder(tf.float32, [3])
    z = tf.complex(x, y)
    built.append(([x, y], [z] + tf.gradients(z, [x, y], grad_ys=z)))
    for dtype in (tf.float64, tf.float16, tf.complex64, tf.int32):
        x = tf.placeholder(tf.float32, [2, 3])
        z = tf.cast(x, dtype)
        built.append(([x], [z] + tf.gradients(z, [x], grad_ys=z)))
    x = tf.placeholder(tf.float32, [2, 3])
    z = tf.add_n([x, x, x]) + tf.accumulate_n([x, x])
    built.append(([x], [z] + tf.gradients(z, x)))
    z = tf.clip_by_norm(x, 1.) + tf.clip_by_value(x, .2, .6) + tf.global_norm([x])
    built.append(([x], [z] + tf.gradients(z, x)))
    return built


def run(tf, built):
    random, values = np.random.RandomState(0), {}
    with tf.Session() as session:
        for i, (inputs, outputs) in enumerate(built):
            feed = {}
            for x in inputs:
                shape = [2, 3] if x.shape.ndims is None else x.shape.as_list()
                unknown = 3 if len(shape) == 1 else 2
                feed[x] = random.uniform(.1, .9, [unknown if d is None else d for d in shape])
            if 'Zeta' in outputs[0].name:
                feed[inputs[0]] = feed[inputs[0]] + 1.5
            if 'Polygamma' in outputs[0].name:
                feed[inputs[0]] = np.ceil(feed[inputs[0]] * 3)
            for k, output in enumerate(outputs):
                if output is not None:
                    values['%d_%d' % (i, k)] = session.run(output, feed)
    return values
