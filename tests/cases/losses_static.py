"""Every loss of tf.losses of known shapes, reductions, weights, collections and gradients."""
import numpy as np


def build(tf):
    losses = tf.losses
    a = tf.constant(np.sin(np.arange(12.)).reshape(3, 4), tf.float32)
    b = tf.constant(np.abs(np.cos(np.arange(12.))).reshape(3, 4), tf.float32)
    open_a = tf.placeholder_with_default(np.sin(np.arange(12.)).astype('f').reshape(3, 4), [None, 4])
    c = tf.constant([1, 0, 3])
    hot = tf.constant([[0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 1]])
    rows, all_weights = tf.constant([[1.], [0.], [2.]]), tf.constant(np.arange(12.).reshape(3, 4) % 3, tf.float32)
    out = dict(mse=losses.mean_squared_error(b, a), mse_open=losses.mean_squared_error(b, open_a, scope='open'),
               mse_int=losses.mean_squared_error(hot, a, weights=2.), mse_rows=losses.mean_squared_error(b, a, rows),
               mse_all=losses.mean_squared_error(b, a, all_weights), absolute=losses.absolute_difference(b, a),
               hinge=losses.hinge_loss(hot, a), huber=losses.huber_loss(b, a, delta=.5), log=losses.log_loss(hot, b),
               cosine=losses.cosine_distance(b, a, axis=1), pairwise=losses.mean_pairwise_squared_error(b, a),
               pairwise_rows=losses.mean_pairwise_squared_error(b, a, rows, scope='p'),
               softmax=losses.softmax_cross_entropy(hot, a), smooth=losses.softmax_cross_entropy(hot, a, label_smoothing=.1),
               sparse=losses.sparse_softmax_cross_entropy(c, a), sparse_open=losses.sparse_softmax_cross_entropy(c, open_a),
               sparse_squeezed=losses.sparse_softmax_cross_entropy(tf.reshape(c, [3, 1]), a, weights=rows),
               sigmoid=losses.sigmoid_cross_entropy(hot, a), sigmoid_smooth=losses.sigmoid_cross_entropy(b, a, rows, .2))
    for reduction in losses.Reduction.all():
        out['mse_' + reduction] = losses.mean_squared_error(b, a, rows, reduction=reduction, loss_collection=None)
    out['plain'] = losses.compute_weighted_loss(a, scope='w')
    tf.add_to_collection(tf.GraphKeys.REGULARIZATION_LOSSES, tf.nn.l2_loss(a))
    out['total'], out['regularization'] = losses.get_total_loss(), losses.get_regularization_loss()
    out['count'] = tf.constant(len(losses.get_losses()))
    out['grad'], = tf.gradients(out['total'], a)
    return out


def run(tf, out):
    with tf.Session() as session:
        return session.run(out)
