"""Losses of examples whose number is known when fed, by every reduction, and by weights of known rank."""
import numpy as np


def build(tf):
    labels = tf.placeholder(tf.float32, [None, 2])
    predictions = tf.placeholder(tf.float32, [None, 2])
    fully_open = tf.placeholder(tf.float32)
    losses = tf.losses
    out = {'sum_' + reduction: losses.mean_squared_error(labels, predictions, reduction=reduction)
           for reduction in losses.Reduction.all()}
    out.update({'weighted_' + reduction: losses.absolute_difference(labels, predictions, 2., reduction=reduction)
                for reduction in losses.Reduction.all()})
    out['log'] = losses.log_loss(labels, predictions)
    out['huber'] = losses.huber_loss(labels, predictions)
    out['hinge'] = losses.hinge_loss(labels, predictions)
    out['sigmoid'] = losses.sigmoid_cross_entropy(labels, predictions)
    out['softmax'] = losses.softmax_cross_entropy(labels, predictions)
    out['sparse'] = losses.sparse_softmax_cross_entropy(tf.argmax(labels, 1), predictions)
    out['cosine'] = losses.cosine_distance(labels, predictions, axis=1)
    out['pairs'] = losses.mean_pairwise_squared_error(labels, predictions)
    out['open'] = losses.mean_squared_error(fully_open, fully_open * .5)
    out['grad'] = tf.gradients(out['sum_weighted_sum_by_nonzero_weights'], predictions)[0]
    return labels, predictions, fully_open, out


def run(tf, built):
    labels, predictions, fully_open, out = built
    with tf.Session() as sess:
        return sess.run(out, {labels: np.array([[0, 1], [1, 0], [1, 0]]), fully_open: [1., 3.],
                              predictions: [[.2, .7], [.6, .3], [.3, .1]]})
