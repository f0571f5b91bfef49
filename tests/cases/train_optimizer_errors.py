"""What optimizers refuse, in TensorFlow's words."""


def build(tf):
    t, said = tf.train, []

    def attempt(function):
        with tf.Graph().as_default():
            try:
                function()
                said.append('fine')
            except Exception as e:
                said.append('%s: %s' % (type(e).__name__, str(e).split(' at 0x')[0]))

    sgd = t.GradientDescentOptimizer(0.1)
    slices = lambda n=1: tf.IndexedSlices(tf.ones([n, 2]), tf.constant([0] * n), tf.constant([3, 2]))
    for function in (
            lambda: t.AdagradOptimizer(0.1, 0.0), lambda: t.AdagradOptimizer(0.1, -1),
            lambda: t.ProximalAdagradOptimizer(0.1, 0.0), lambda: t.AdagradDAOptimizer(0.1, None, 0.0),
            lambda: t.FtrlOptimizer(0.1, 0.1), lambda: t.FtrlOptimizer(0.1, -0.5, -1.0),
            lambda: t.FtrlOptimizer(0.1, -0.5, 0.0), lambda: t.FtrlOptimizer(0.1, l1_regularization_strength=-1.0),
            lambda: t.FtrlOptimizer(0.1, l2_regularization_strength=-1.0),
            lambda: t.FtrlOptimizer(0.1, l2_shrinkage_regularization_strength=-1.0),
            lambda: t.GradientDescentOptimizer(0.1, name=''), lambda: sgd.minimize(tf.constant(1.0)),
            lambda: sgd.minimize(tf.constant(1.0), var_list=[]),
            lambda: sgd.minimize(tf.cast(tf.Variable(1), tf.float32)), lambda: sgd.apply_gradients([]),
            lambda: sgd.apply_gradients([(None, tf.Variable(1.0))]),
            lambda: sgd.apply_gradients([(object(), tf.Variable(1.0))]),
            lambda: sgd.minimize(tf.constant(1.0) * 2, var_list=[tf.Variable(1.0, name='a')]),
            lambda: sgd.minimize(tf.Variable(1.0) * 2, var_list=[3]),
            lambda: sgd.minimize(tf.Variable(1.0) * 2, gate_gradients=7),
            lambda: sgd.apply_gradients([(tf.constant(1.0), tf.constant(1.0))]),
            lambda: sgd.apply_gradients([(tf.constant(1.0), 3)]),
            lambda: sgd.apply_gradients([(tf.constant([1.0, 2.0]), tf.Variable([1.0]))]),
            lambda: sgd.apply_gradients([(tf.constant(1.0, tf.float64), tf.Variable(1.0))]),
            lambda: sgd.minimize(tf.Variable(1.0) * 2, var_list=[tf.Variable(1, name='i'), tf.Variable(2.0)]),
            lambda: t.Optimizer(False, 'x').minimize(tf.Variable(1.0) * 2),
            lambda: t.MomentumOptimizer(0.1, lambda: 0.9).minimize(tf.Variable(1.0) * 2),
            lambda: t.MomentumOptimizer(None, 0.9).minimize(tf.Variable(1.0) * 2),
            lambda: t.AdamOptimizer(0.1, beta1=None).minimize(tf.Variable(1.0) * 2),
            lambda: t.FtrlOptimizer('a').minimize(tf.Variable(1.0) * 2),
            lambda: t.MomentumOptimizer([0.1, 0.2], 0.9).minimize(tf.Variable(1.0) * 2),
            lambda: sgd.apply_gradients([(slices(), tf.Variable(tf.zeros([3, 2]), constraint=lambda x: x))]),
            lambda: sgd.apply_gradients([(slices(), tf.Variable(tf.zeros([3, 2]), constraint=lambda x: x,
                                                                use_resource=True))]),
            lambda: t.AdagradOptimizer(0.1).apply_gradients([(slices(2), tf.Variable(tf.zeros([3, 3])))]),
            lambda: t.ExponentialMovingAverage(0.9).apply([tf.Variable(1)]),
            lambda: t.ExponentialMovingAverage(0.9).apply([3.0]),
            lambda: (tf.Variable(1.0, name='global_step'), t.get_global_step()),
            lambda: (tf.Variable([1], name='global_step'), t.get_or_create_global_step()),
            lambda: (t.create_global_step(), t.create_global_step()), lambda: t.assert_global_step(3),
            lambda: t.piecewise_constant(tf.constant(1), [1.5], [1.0, 2.0]),
            lambda: t.piecewise_constant(tf.constant(1), [1], [1.0, 2]),
            lambda: t.piecewise_constant(tf.constant(1.0), [1], [1.0, 2.0]),
            lambda: t.exponential_decay(0.1, None, 10, 0.9), lambda: t.cosine_decay(0.1, None, 10),
            lambda: t.polynomial_decay(None, 1, 10)):
        attempt(function)
    return said


def run(tf, said):
    return {str(i): s for i, s in enumerate(said)}
