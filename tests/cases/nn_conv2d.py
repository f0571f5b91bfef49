"""conv2d of every layout, padding, stride and dilation, with gradients of gradients."""
import numpy as np


def build(tf):
    out = {}
    image = tf.constant(0.3 * np.sin(np.arange(2 * 7 * 8 * 3)).reshape(2, 7, 8, 3), tf.float32)
    filters = tf.constant(0.3 * np.cos(np.arange(3 * 2 * 3 * 4)).reshape(3, 2, 3, 4), tf.float32)
    cases = dict(same=([1, 1, 1, 1], 'SAME', {}), valid=([1, 2, 2, 1], 'VALID', {}), strided=([1, 3, 2, 1], 'SAME', {}),
                 number=(2, 'SAME', {}), pair=([2, 1], 'VALID', {}), dilated=(1, 'VALID', dict(dilations=[1, 2, 3, 1])),
                 dilated_same=(1, 'SAME', dict(dilations=2, name='d')),
                 explicit=(1, [[0, 0], [1, 2], [0, 3], [0, 0]], {}))
    for name in sorted(cases):
        strides, padding, options = cases[name]
        y = tf.nn.conv2d(image, filters, strides, padding, **options)
        first = tf.gradients(tf.sin(y), [image, filters])
        second = tf.gradients([tf.cos(f) for f in first], [image, filters])
        # TensorFlow's CPU kernels have no gradients of dilated convolutions, nor explicit padding: graphs only.
        if name != 'explicit':
            out[name] = [y] + ([] if name.startswith('dilated') else first + second)
    out['backprop_input'] = tf.nn.conv2d_backprop_input([2, 7, 8, 3], filters, tf.ones([2, 7, 8, 4]), [1, 1, 1, 1], 'SAME')
    out['backprop_filter'] = tf.nn.conv2d_backprop_filter(image, [3, 2, 3, 4], tf.ones([2, 7, 8, 4]), [1, 1, 1, 1], 'SAME')
    return out


def flat(values):
    return {'%s_%d' % (name, i): v for name, vs in values.items()
            for i, v in enumerate(vs if isinstance(vs, list) else [vs])}


def run(tf, out):
    with tf.Session() as session:
        return flat(session.run(out))
