"""embedding_lookup_sparse."""


def build(tf):
    out = {}
    table = tf.placeholder(tf.float32, [5, 3])
    feeds = {table: [[1, 2, 3], [4, 5, 6], [7, 8, 9], [1, 0, 1], [0, 3, 0]]}
    shape = [tf.placeholder(tf.int64, [None, 2]), tf.placeholder(tf.int64, [2])]
    feeds.update(zip(shape, ([[0, 0], [0, 1], [1, 0], [2, 3]], [3, 4])))
    ids, weights = tf.placeholder(tf.int64, [None]), tf.placeholder(tf.float32, [None])
    feeds[ids], feeds[weights] = [4, 0, 4, 2], [1, 2, .5, 3]
    sp_ids = tf.SparseTensor(shape[0], ids, shape[1])
    sp_weights = tf.SparseTensor(shape[0], weights, shape[1])
    for combiner in ('sum', 'mean', 'sqrtn', None):
        for label, each in (('', None), ('_weighted', sp_weights)):
            y = tf.nn.embedding_lookup_sparse(table, sp_ids, each, combiner=combiner)
            out[f'{combiner}{label}'] = y
            grad = tf.gradients(y * y, table)[0]
            out[f'{combiner}{label}_grad'] = tf.convert_to_tensor(grad)
    parts = [table, table]
    out['parts'] = tf.nn.embedding_lookup_sparse(parts, sp_ids, sp_weights, combiner='sum', max_norm=1.)
    return out, feeds


def run(tf, built):
    out, feeds = built
    with tf.Session() as session:
        return session.run(out, feeds)
