"""Convolutions and pools with dilation, of known and unknown shapes."""
import numpy as np


def build(tf):
    image = tf.constant(np.sin(np.arange(2 * 8 * 9 * 3.)).reshape(2, 8, 9, 3), tf.float32)
    open_image = tf.placeholder_with_default(np.ones([2, 7, 8, 3], 'f'), [None, None, None, 3])
    k = tf.constant(np.cos(np.arange(3 * 2 * 3 * 4.)).reshape(3, 2, 3, 4), tf.float32)
    dw = tf.constant(np.cos(np.arange(3 * 3 * 3 * 2.)).reshape(3, 3, 3, 2), tf.float32)
    one = [1, 1, 1, 1]
    out = dict(atrous=tf.nn.atrous_conv2d(image, k, 2, 'SAME'), atrous_valid=tf.nn.atrous_conv2d(image, k, 2, 'VALID', name='a'),
               atrous_one=tf.nn.atrous_conv2d(image, k, 1, 'VALID'), open=tf.nn.convolution(open_image, k, 'SAME', dilation_rate=[2, 3]),
               two=tf.nn.convolution(image, k, 'SAME', dilation_rate=[2, 3]),
               depthwise=tf.nn.depthwise_conv2d(image, dw, one, 'SAME', rate=[2, 2]),
               separable=tf.nn.separable_conv2d(image, dw, tf.ones([1, 1, 6, 5]), one, 'VALID', rate=[2, 2], name='s'),
               pool=tf.nn.pool(image, [2, 2], 'MAX', 'VALID', dilation_rate=[2, 1]))
    out['grad'] = tf.gradients(tf.sin(out['two']), image)[0]
    return out


def run(tf, out):
    with tf.Session() as session:
        return session.run(out)
