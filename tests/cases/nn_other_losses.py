"""Sigmoid, weighted and Poisson losses; l2_loss; l2_normalize; gradients."""
import numpy as np


def build(tf):
    x, z = tf.placeholder(tf.float32, [3, 4], 'x'), tf.placeholder(tf.float32, [3, 4], 'z')
    losses = dict(
        sigmoid=tf.nn.sigmoid_cross_entropy_with_logits(labels=z, logits=x),
        weighted=tf.nn.weighted_cross_entropy_with_logits(labels=z, logits=x, pos_weight=2.),
        targets=tf.nn.weighted_cross_entropy_with_logits(targets=z, logits=x, pos_weight=tf.constant(3.), name='w'),
        poisson=tf.nn.log_poisson_loss(z, x), full=tf.nn.log_poisson_loss(z, x, True, name='full'),
        l2=tf.nn.l2_loss(x), normalized=tf.nn.l2_normalize(x, 1), all_axes=tf.math.l2_normalize(x, [0, 1], name='n'),
        dim=tf.linalg.l2_normalize(x, dim=0), layer=tf.nn.relu_layer(x, tf.ones([4, 2]), [1., 2.]),
        xw=tf.nn.xw_plus_b(x, np.ones([4, 2], 'f'), tf.constant([1., 2.]), name='xw'))
    grads = {}
    for name in sorted(losses):
        for i, grad in enumerate(tf.gradients(losses[name], [x, z])):
            if grad is not None:
                grads['%s_grad_%d' % (name, i)] = grad
    return x, z, dict(losses, **grads)


def run(tf, built):
    x, z, out = built
    with tf.Session() as session:
        return session.run(out, {x: np.sin(np.arange(12.)).reshape(3, 4) * 3,
                                 z: np.abs(np.cos(np.arange(12.))).reshape(3, 4) * 3})
