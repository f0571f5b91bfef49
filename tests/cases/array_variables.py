"""Slices of variables: reading, assigning, indices that are tensors; lists with variables in them."""


def build(tf):
    v = tf.Variable([[1., 2., 3.], [4., 5., 6.]], name='v')
    n = tf.constant(1, name='n')
    with tf.control_dependencies([v.initializer]):
        read = [v[0], v[:, 1], v[n, ...], v[tf.newaxis, ::-1]]
    row = v[1].assign([7., 8., 9.])
    block = v[:, :2].assign([[0., 1.], [2., 3.]])
    one = v[0, 2].assign(42.)
    stacked = tf.stack([v, v])
    packed = tf.convert_to_tensor([v[0], [1., 2., 3.]])
    joined = tf.concat([v, v], 0)
    taken = tf.gather(v, [1, 0])
    gradient = tf.gradients(taken * 2., v)[0]
    shape = tf.shape(v)
    zeros = tf.zeros_like(v)
    return dict(init=tf.global_variables_initializer(), v=v, read=read, row=row, block=block, one=one, stacked=stacked,
                packed=packed, joined=joined, taken=taken, values=gradient.values, indices=gradient.indices, shape=shape,
                zeros=zeros)


def run(tf, built):
    found = {}
    with tf.Session() as session:
        session.run(built['init'])
        for name in ('taken', 'stacked', 'packed', 'joined', 'values', 'indices', 'shape', 'zeros'):
            found[name] = session.run(built[name])
        for i, read in enumerate(built['read']):
            found['read%d' % i] = session.run(read)
        for name in ('row', 'block', 'one'):
            session.run(built[name])
            found[name] = session.run(built['v'])
    return found
