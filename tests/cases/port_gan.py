"""A generator and a discriminator on one-dimensional data, each with its list of variables."""
import numpy as np


def build(tf):
    def linear(x, size, scope):
        with tf.variable_scope(scope or 'linear'):
            w = tf.get_variable('w', [x.get_shape()[1], size], initializer=tf.random_normal_initializer(stddev=0.4))
            b = tf.get_variable('b', [size], initializer=tf.constant_initializer(0.0))
            return tf.matmul(x, w) + b

    def generator(z):
        return linear(tf.nn.softplus(linear(z, 4, 'g0')), 1, 'g1')

    def discriminator(x):
        h0 = tf.nn.relu(linear(x, 8, 'd0'))
        h1 = tf.nn.relu(linear(h0, 8, 'd1'))
        return tf.sigmoid(linear(h1, 1, scope='d2'))

    def log(x):
        return tf.log(tf.maximum(x, 1e-5))

    with tf.variable_scope('G'):
        z = tf.placeholder(tf.float32, shape=(8, 1))
        G = generator(z)
    x = tf.placeholder(tf.float32, shape=(8, 1))
    with tf.variable_scope('D'):
        D1 = discriminator(x)
    with tf.variable_scope('D', reuse=True):
        D2 = discriminator(G)
    loss_d = tf.reduce_mean(-log(D1) - log(1 - D2))
    loss_g = tf.reduce_mean(-log(D2))
    params = tf.trainable_variables()
    d_params = [v for v in params if v.name.startswith('D/')]
    g_params = tf.get_collection(tf.GraphKeys.TRAINABLE_VARIABLES, scope='G')
    step = tf.Variable(0, trainable=False)
    opt_d = tf.train.AdamOptimizer(0.01, beta1=0.5).minimize(loss_d, global_step=step, var_list=d_params)
    opt_g = tf.train.AdamOptimizer(0.01, beta1=0.5).minimize(loss_g, var_list=g_params)
    clip_D = [p.assign(tf.clip_by_value(p, -0.9, 0.9)) for p in d_params]
    return z, x, G, loss_d, loss_g, opt_d, opt_g, clip_D, step


def run(tf, built):
    z, x, G, loss_d, loss_g, opt_d, opt_g, clip_D, step = built
    out = {'d': [], 'g': []}
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        for i in range(25):
            sample = np.random.normal(4, 0.5, (8, 1))
            noise = np.linspace(-5, 5, 8).reshape(8, 1) + np.random.random((8, 1)) * 0.01
            out['d'].append(session.run([loss_d, opt_d], {x: sample, z: noise})[0])
            session.run(clip_D)
            out['g'].append(session.run([loss_g, opt_g], {z: noise})[0])
        out['samples'] = session.run(G, {z: noise})
        out['step'] = session.run(step)
    return out
