"""tf.hessians: a loop over the elements of the gradient."""


def build(tf):
    x = tf.placeholder(tf.float32, [3])
    m = tf.placeholder(tf.float32, [None, 2])
    out = {'vector': tf.hessians(tf.reduce_sum(x ** 3) * x[0], x)[0], 'matrix': tf.hessians(tf.reduce_sum(m * m * m), [m])[0]}
    return out, {x: [1., 2., 3.], m: [[1., 2.], [3., 4.]]}


def run(tf, built):
    out, feeds = built
    with tf.Session() as session:
        return session.run(out, feeds)
