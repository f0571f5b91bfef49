"""Ops that rarely stand in graphs: an array closed, Python to be run eagerly (not run), dense numbers added to sparse ones."""


def build(tf):
    array = tf.TensorArray(tf.float32, 2).unstack([[1., 2.], [3., 4.]])
    total = array.stack()
    with tf.control_dependencies([total]):
        closed = array.close()
    tf.py_function(lambda x: x + x, [tf.constant([1., 2.])], tf.float32)
    added = tf.raw_ops.SparseDenseCwiseAdd(sp_indices=[[0, 1], [2, 0]], sp_values=[5., 7.], sp_shape=[3, 2],
                                           dense=[[1., 2.]])
    return dict(total=total, closed=closed, added=added)


def run(tf, built):
    with tf.Session() as session:
        session.run(built['closed'])
        return {name: session.run(built[name]) for name in ('total', 'added')}
