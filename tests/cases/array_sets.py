"""tf.sets: rows as sets, dense and sparse, of integers and strings; what is refused."""
import numpy as np


def outcome(function):
    try:
        return str(function()).partition('\n')[0]
    except Exception as error:
        return f'{type(error).__name__}: {error}'.partition('\n')[0]


def build(tf):
    def open_(value):
        value = np.array(value)
        return tf.placeholder_with_default(value.astype(np.int32), [None] * value.ndim)

    sets = tf.sets
    a, b = [[5, 1, 2, 2], [7, 7, 8, 9]], [[2, 9], [9, 8]]
    sparse = tf.SparseTensor([[0, 0], [0, 1], [1, 0]], [3, 1, 2], [2, 2])
    gaps = tf.SparseTensor([[0, 0], [0, 1], [2, 0]], [3, 3, 2], [3, 2])
    bad = tf.SparseTensor([[1, 0], [0, 1]], [3, 1], [2, 2])
    unknown = tf.sparse_placeholder(tf.int32)
    results = dict(
        difference=sets.difference(a, b), reverse=sets.difference(open_(a), open_(b), aminusb=False),
        union=sets.union(open_(a), tf.constant(b)), intersection=sets.set_intersection(tf.constant(a), b),
        deep=sets.difference(open_([[[1, 2], [3, 4]]]), open_([[[1], [3]]])),
        empty=sets.difference(open_(np.zeros([2, 0])), open_([[1], [3]])), words=sets.union([['b', 'a']], [['c', 'b']]),
        long=sets.union(tf.constant([[2 ** 40]], tf.int64), tf.constant([[1]], tf.int64)),
        both=sets.difference(sparse, sparse), sparse_dense=sets.difference(sparse, [[2], [2]]),
        dense_sparse=sets.difference([[2], [2]], sparse), mixed=sets.union(sparse, [[2], [2]]),
        two=sets.intersection(sparse, sparse), backwards=sets.difference(sparse, [[2], [2]], aminusb=False))
    said = [str(tf.sets.union(unknown, unknown)), str(tf.sets.union(unknown, [[1]]))]
    for question in (
            lambda: sets.difference(tf.constant([[1., 2]]), [[1.]]), lambda: sets.difference([[1, 2]], [[1, 3], [2, 3]]),
            lambda: sets.difference(tf.constant([[1, 2]]), tf.constant([[1]], tf.int64)), lambda: sets.union([1, 2], [[1]]),
            lambda: sets.size(tf.constant([[1]])), lambda: sets.union([[1]], [[[1]]])):
        said.append(outcome(question))
    failing = [sets.difference(tf.placeholder_with_default([1, 2], None), [[1]]), sets.union(open_([[1]]), open_([[1], [2]])),
               sets.union(bad, sparse), sets.size(bad), sets.union(sparse, tf.SparseTensor([[0, 0]], [3], [3, 2]))]
    return results, dict(sizes=sets.size(gaps), size=sets.set_size(sparse)), said, failing


def run(tf, built):
    results, sizes, said, failing = built
    with tf.Session() as session:
        out = session.run(sizes)
        for name, value in session.run(results).items():
            out.update({name + '_indices': value.indices, name + '_values': value.values, name + '_shape': value.dense_shape})
        said += [outcome(lambda: session.run(node)) for node in failing]
    return dict(out, said=said)
