"""Transposed, one- and three-dimensional, depthwise, separable convolutions, with gradients to the second order."""
import numpy as np


def values(tf, *shape):
    return tf.constant(0.3 * np.sin(np.arange(np.prod(shape)) * 1.3).reshape(shape), tf.float32)


def build(tf):
    image, volume, row = values(tf, 2, 7, 8, 3), values(tf, 2, 4, 5, 3, 2), values(tf, 2, 8, 3)
    k2, k3, k1, dw = values(tf, 3, 2, 3, 4), values(tf, 2, 2, 2, 2, 3), values(tf, 3, 3, 4), values(tf, 3, 2, 3, 2)
    back2, back3, back1 = values(tf, 3, 3, 5, 3), values(tf, 2, 2, 2, 4, 2), values(tf, 3, 4, 3)
    open_image = tf.placeholder_with_default(np.ones([2, 7, 8, 3], 'f'), [None, None, None, 3])
    one = [1, 1, 1, 1]
    ys = dict(
        transpose=(tf.nn.conv2d_transpose(image, back2, [2, 14, 16, 5], [1, 2, 2, 1]), image, back2),
        transpose_number=(tf.nn.conv2d_transpose(image, back2, [2, 15, 17, 5], 2, 'VALID', name='t'), image, back2),
        transpose_open=(tf.nn.conv2d_transpose(open_image, back2, tf.stack([tf.shape(open_image)[0], 14, 16, 5]),
                                               [1, 2, 2, 1]), open_image, back2),
        three=(tf.nn.conv3d(volume, k3, [1, 1, 2, 1, 1], 'SAME'), volume, k3),
        three_transpose=(tf.nn.conv3d_transpose(volume, back3, [2, 8, 10, 6, 4], 2), volume, back3),
        row=(tf.nn.conv1d(row, k1, 2, 'SAME'), row, k1), row_list=(tf.nn.conv1d(row, k1, [1, 2, 1], 'VALID'), row, k1),
        row_transpose=(tf.nn.conv1d_transpose(row, back1, [2, 16, 4], 2), row, back1),
        depthwise=(tf.nn.depthwise_conv2d(image, dw, one, 'SAME'), image, dw),
        native=(tf.nn.depthwise_conv2d_native(image, dw, [1, 2, 2, 1], 'VALID', name='n'), image, dw),
        separable=(tf.nn.separable_conv2d(image, dw, values(tf, 1, 1, 6, 5), one, 'SAME'), image, dw),
        any1=(tf.nn.convolution(row, k1, 'VALID'), row, k1),
        any2=(tf.nn.convolution(image, k2, 'VALID', strides=[2, 1], name='q'), image, k2),
        any3=(tf.nn.convolution(volume, k3, 'SAME'), volume, k3))
    out = {}
    for name in sorted(ys):
        y, x, w = ys[name]
        dy = tf.cos(y)
        first = tf.gradients(y, [x, w], grad_ys=dy)
        parts = [y] + first + tf.gradients(first[0], [w, dy]) + tf.gradients(first[1], [x, dy])
        for i, part in enumerate(parts):
            out['%s_%d' % (name, i)] = part
    out['pool'], out['pool_avg'] = tf.nn.pool(image, [2, 2], 'MAX', 'SAME'), tf.nn.pool(row, [2], 'AVG', 'VALID', strides=[2])
    return out


def run(tf, out):
    with tf.Session() as session:
        return session.run(out)
