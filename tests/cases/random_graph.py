"""The random functions: graphs, seeds, static shapes; values over three runs where a session can run them."""


def build(tf):
    fetches = {}

    def add(name, tensor):
        fetches[name] = tensor
    add('normal', tf.random_normal([2, 3]))
    add('normal_half', tf.random_normal([5], 2.0, 3.0, dtype=tf.float16, seed=4))
    add('normal_double', tf.random.normal((3,), mean=[1., 2., 3.], dtype=tf.float64, name='wide'))
    add('truncated', tf.truncated_normal([7], stddev=.1))
    add('uniform', tf.random_uniform([2, 2], -1, 1))
    add('uniform_int', tf.random_uniform([4], 3, 9, dtype=tf.int64, seed=0))
    add('uniform_scalar', tf.random_uniform([], maxval=tf.constant(4.)))
    add('uniform_dynamic', tf.random_uniform([tf.constant(2), 3]))
    add('uniform_shape', tf.random_uniform(tf.TensorShape([2, 3]), name='u'))
    add('int_by_name', tf.random_uniform([2], maxval=3, minval=1, dtype='int32'))
    add('shuffle', tf.random_shuffle(tf.constant([[1, 2], [3, 4], [5, 6]])))
    add('multinomial', tf.multinomial(tf.constant([[1., 2., 0.]]), 5))
    add('categorical', tf.random.categorical(tf.constant([[1., 2.], [0., 5.]]), 3, dtype=tf.int32, name='z'))
    add('poisson', tf.random_poisson([3., 40.], [2], seed=8))
    add('poisson_double', tf.random.poisson(3., [2], dtype=tf.float64))
    add('stateless_uniform', tf.random.stateless_uniform([3], [1, 2]))
    add('stateless_int', tf.random.stateless_uniform([3], tf.constant([1, 2]), 0, 50, tf.int32))
    add('stateless_normal', tf.random.stateless_normal([3], [1, 2], mean=1.))
    add('stateless_truncated', tf.random.stateless_truncated_normal([3], [1, 2]))
    add('stateless_categorical', tf.random.stateless_categorical([[1., 2.]], 3, [1, 2]))
    add('stateless_multinomial', tf.random.stateless_multinomial([[1., 2.]], 3, [1, 2]))
    add('gamma', tf.random_gamma([3], [1., 2.], beta=[3., 4.]))
    add('gamma_default', tf.random_gamma([3], .5))
    tf.random_uniform(tf.placeholder(tf.int32, [2]))
    tf.random_normal(tf.placeholder(tf.int32))
    tf.random_uniform([tf.placeholder(tf.int32, []), 3])
    tf.set_random_seed(-3)
    add('other_seed', tf.random_uniform([2]))
    return fetches


def run(tf, fetches):
    with tf.Session() as session:
        return {'%s_%d' % (name, i): value for i in range(3) for name, value in session.run(fetches).items()}
