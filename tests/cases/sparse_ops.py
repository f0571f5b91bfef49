"""tf.sparse: nodes, values, gradients; embedding_lookup_sparse."""


def build(tf):
    out, feeds = {}, {}

    def sparse(values, dtype, indices=((0, 0), (0, 2), (2, 1))):
        places = [tf.placeholder(tf.int64, [None, 2]), tf.placeholder(dtype, [None]), tf.placeholder(tf.int64, [2])]
        feeds.update(zip(places, (indices, values, [3, 4])))
        return tf.SparseTensor(*places)

    def keep(name, value):
        out[name + '_indices'], out[name + '_values'], out[name + '_shape'] = value.indices, value.values, value.dense_shape

    a = sparse([1., 2., 3.], tf.float32)
    b = sparse([5., -2., 7.], tf.float32, ((0, 1), (0, 2), (1, 0)))
    unordered = sparse([1., 2., 3.], tf.float32, ((2, 1), (0, 2), (0, 0)))
    dense = tf.placeholder(tf.float32, [4, 3])
    other = tf.placeholder(tf.float32, [3, 4])
    feeds[dense] = [[1, 2, 3], [4, 5, 6], [7, 8, 9], [1, 0, 1]]
    feeds[other] = [[1, 2, 3, 4], [5, 6, 7, 8], [9, 8, 7, 6]]
    out['dense'] = tf.sparse.to_dense(a)
    out['dense_default'] = tf.sparse_tensor_to_dense(a, default_value=-1.)
    reordered = tf.sparse.reorder(unordered)
    keep('reorder', reordered)
    out['reorder_grad'] = tf.gradients(reordered.values * [1., 10., 100.], unordered.values)[0]
    keep('retain', tf.sparse.retain(a, [True, False, True]))
    keep('reshape', tf.sparse.reshape(a, [2, -1]))
    filled, out['empty'] = tf.sparse.fill_empty_rows(a, 7.)
    keep('filled', filled)
    out['filled_grad'] = tf.gradients(filled.values ** 2, a.values)[0]
    product = tf.sparse.matmul(a, dense)
    out['product'] = product
    out['product_values_grad'], out['product_dense_grad'] = tf.gradients(product ** 2, [a.values, dense])
    adjoint = tf.sparse_tensor_dense_matmul(a, other, adjoint_a=True)
    out['adjoint_values_grad'], out['adjoint_dense_grad'] = tf.gradients(adjoint, [a.values, other])
    adjoint_b = tf.sparse_tensor_dense_matmul(a, other, adjoint_b=True)
    out['adjoint_b_values_grad'], out['adjoint_b_dense_grad'] = tf.gradients(adjoint_b, [a.values, other])
    total = tf.sparse.add(a, b)
    keep('sum', total)
    out['sum_a_grad'], out['sum_b_grad'] = tf.gradients(total.values ** 2, [a.values, b.values])
    out['sum_dense'] = tf.sparse.add(a, other)
    out['reduce_1'] = tf.sparse.reduce_sum(a, 1)
    out['reduce_keep'] = tf.sparse_reduce_sum(a, 0, keep_dims=True)
    out['reduce_all'] = tf.sparse_reduce_sum(a)
    keep('times', a * other)
    keep('over', a / other)
    keep('concat', tf.sparse.concat(1, [a, b]))
    keep('slice', tf.sparse.slice(a, [0, 1], [3, 2]))
    return out, feeds


def run(tf, built):
    out, feeds = built
    with tf.Session() as session:
        return session.run(out, feeds)
