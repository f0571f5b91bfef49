"""Sums of sparse tensors and of sparse with dense ones, thresholds, gradients; the confusion matrix counts by them."""
import numpy as np


def outcome(function):
    try:
        return str(function()).partition('\n')[0]
    except Exception as error:
        return f'{type(error).__name__}: {error}'.partition('\n')[0]


def build(tf):
    a = tf.SparseTensor([[0, 0], [0, 1], [1, 0]], [3., 1., 2.], [2, 2])
    b = tf.SparseTensor([[0, 0], [1, 1]], tf.constant([-2.5, 1.]), [2, 2])
    dense = tf.constant([[1., 2.], [3., 4.]])
    unknown, partly = tf.sparse_placeholder(tf.float32), tf.sparse_placeholder(tf.float32, [None, 2])
    z = tf.SparseTensor([[0, 1]], [1j], [2, 2])
    sums = dict(ab=tf.sparse_add(a, b), limit=tf.sparse_add(a, b, 1.1), older=tf.sparse.add(b, a, thresh=0.9),
                canceled=tf.sparse_add(b, tf.SparseTensor([[0, 0]], [2.5], [2, 2])), complex=tf.sparse_add(z, z, 3.),
                value=tf.sparse_add(a, tf.SparseTensorValue([[1, 1]], np.float32([4]), [2, 2])),
                known=tf.sparse_add(unknown, a), partly=tf.sparse_add(partly, a))
    whole = dict(right=tf.sparse_add(a, dense), left=tf.sparse_add(dense, b), numpy=tf.sparse_add(np.float32([[1, 2], [3, 4]]), a),
                 matrix=tf.confusion_matrix([0, 1, 2, 1], [0, 2, 2, 1]), weighted=tf.math.confusion_matrix(
                     tf.constant([0, 1]), tf.constant([1, 1]), 3, dtype=tf.float32, weights=[.5, 2.]))
    whole['grads'] = tf.concat(tf.gradients(sums['ab'].values ** 2, [a.values, b.values]), 0)
    whole['grads_dense'] = tf.gradients(whole['right'] ** 2, a.values)[0]
    whole['grads_of_dense'] = tf.gradients(whole['left'] ** 2, dense)[0]
    said = [str(s) + str(s.get_shape()) for s in sums.values()]
    for question in (lambda: tf.sparse_add(dense, dense), lambda: tf.sparse_add(a, tf.SparseTensor([[0, 0]], [1], [2, 2])),
                     lambda: tf.sparse_add(a, tf.SparseTensor([[0, 0]], [1.], [3, 2]))):
        said.append(outcome(question))
    open_ = tf.placeholder_with_default(np.ones([2, 3], np.float32), None)
    failing = [tf.sparse_add(a, open_), tf.sparse_add(a, open_[0]), tf.sparse_add(tf.SparseTensor([[5, 0]], [1.], [2, 2]), dense),
               tf.confusion_matrix([0, 5], [1, 1], num_classes=3)]
    return unknown, partly, sums, whole, said, failing


def run(tf, built):
    unknown, partly, sums, whole, said, failing = built
    feed = {unknown: ([[0, 1]], [5.], [2, 2]), partly: tf.SparseTensorValue([[1, 1]], [6.], [2, 2])}
    other = [([[0, 0]], [1.], [3, 2]), ([[0, 0, 0]], [1.], [2, 2, 1]), ([[0, 0]], [1., 2.], [2, 2])]
    with tf.Session() as session:
        said += [outcome(lambda: session.run(sums['known'], {unknown: value})) for value in other]
        out = session.run(whole)
        for name, value in session.run(sums, feed).items():
            out.update({name + '_indices': value.indices, name + '_values': value.values, name + '_shape': value.dense_shape})
        said += [outcome(lambda: session.run(node)) for node in failing]
    return dict(out, said=said)
