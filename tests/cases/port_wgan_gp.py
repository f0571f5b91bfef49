"""A Wasserstein critic with a gradient penalty: the gradient of a norm of gradients, transposed convolutions."""
import numpy as np

real = np.random.RandomState(24).rand(4, 8, 8, 1).astype(np.float32)


def build(tf):
    def lrelu(x, leak=0.2):
        return tf.maximum(x, leak * x)

    def generator(z, reuse=False):
        with tf.variable_scope('generator', reuse=reuse):
            w = tf.get_variable('w', [3, 4 * 4 * 4], initializer=tf.random_normal_initializer(stddev=0.2))
            h = tf.nn.relu(tf.reshape(tf.matmul(z, w), [-1, 4, 4, 4]))
            k = tf.get_variable('k', [3, 3, 1, 4], initializer=tf.random_normal_initializer(stddev=0.2))
            h = tf.nn.conv2d_transpose(h, k, output_shape=[tf.shape(z)[0], 8, 8, 1], strides=[1, 2, 2, 1])
            return tf.nn.tanh(h)

    def critic(x, reuse=True):
        with tf.variable_scope('critic', reuse=reuse):
            k = tf.get_variable('k', [3, 3, 1, 4], initializer=tf.random_normal_initializer(stddev=0.2))
            h = lrelu(tf.nn.conv2d(x, k, [1, 2, 2, 1], 'SAME'))
            w = tf.get_variable('w', [64, 1], initializer=tf.random_normal_initializer(stddev=0.2))
            return tf.matmul(tf.reshape(h, [-1, 64]), w)

    x = tf.placeholder(tf.float32, [None, 8, 8, 1])
    z = tf.placeholder(tf.float32, [None, 3])
    fake = generator(z)
    d_real, d_fake = critic(x, reuse=None), critic(fake)
    epsilon = tf.random_uniform([tf.shape(x)[0], 1, 1, 1], minval=0., maxval=1.)
    x_hat = x * epsilon + (1 - epsilon) * fake
    gradients = tf.gradients(critic(x_hat), [x_hat])[0]
    norms = tf.sqrt(tf.reduce_sum(tf.square(gradients), axis=[1, 2, 3]))
    penalty = 10 * tf.reduce_mean(tf.square(norms - 1.0))
    d_loss = tf.reduce_mean(d_fake) - tf.reduce_mean(d_real) + penalty
    g_loss = -tf.reduce_mean(d_fake)
    d_vars = [v for v in tf.trainable_variables() if v.name.startswith('critic')]
    g_vars = [v for v in tf.trainable_variables() if v.name.startswith('generator')]
    d_step = tf.train.AdamOptimizer(1e-2, beta1=0., beta2=0.9).minimize(d_loss, var_list=d_vars)
    g_step = tf.train.RMSPropOptimizer(1e-3).minimize(g_loss, var_list=g_vars)
    return x, z, d_loss, g_loss, penalty, d_step, g_step, fake


def run(tf, built):
    x, z, d_loss, g_loss, penalty, d_step, g_step, fake = built
    out = {'d': [], 'g': [], 'p': []}
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        for _ in range(20):
            noise = np.random.uniform(-1, 1, [4, 3])
            _, d, p = sess.run([d_step, d_loss, penalty], {x: real, z: noise})
            g = sess.run([g_loss, g_step], {z: noise})[0]
            for key, value in zip('dgp', (d, g, p)):
                out[key].append(value)
        out['fake'] = sess.run(fake, {z: noise[:1]})[0, :, :, 0]
    return out
