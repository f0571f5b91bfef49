"""A variational autoencoder: Xavier weights, the reparameterisation trick, reconstruction and KL."""
import numpy as np

data = (np.random.RandomState(6).rand(10, 12) > .6).astype(np.float32)


def build(tf):
    def xavier_init(fan_in, fan_out, constant=1):
        low = -constant * np.sqrt(6.0 / (fan_in + fan_out))
        return tf.random_uniform((fan_in, fan_out), minval=low, maxval=-low, dtype=tf.float32)

    def glorot_init(shape):
        return tf.random_normal(shape=shape, stddev=1. / tf.sqrt(shape[0] / 2.))

    x = tf.placeholder(tf.float32, [None, 12])
    w1 = tf.Variable(xavier_init(12, 8))
    b1 = tf.Variable(tf.zeros([8], dtype=tf.float32))
    h = tf.nn.softplus(tf.add(tf.matmul(x, w1), b1))
    z_mean = tf.matmul(h, tf.Variable(glorot_init([8, 2]))) + tf.Variable(tf.zeros([2]))
    z_log_sigma_sq = tf.matmul(h, tf.Variable(glorot_init([8, 2]))) + tf.Variable(tf.zeros([2]))
    eps = tf.random_normal(tf.shape(z_mean), 0, 1, dtype=tf.float32)
    z = tf.add(z_mean, tf.multiply(tf.sqrt(tf.exp(z_log_sigma_sq)), eps))
    g = tf.nn.tanh(tf.matmul(z, tf.Variable(xavier_init(2, 8))))
    x_reconstr_mean = tf.nn.sigmoid(tf.matmul(g, tf.Variable(xavier_init(8, 12))) + tf.Variable(tf.zeros([12])))
    reconstr_loss = -tf.reduce_sum(x * tf.log(1e-10 + x_reconstr_mean)
                                   + (1 - x) * tf.log(1e-10 + 1 - x_reconstr_mean), 1)
    latent_loss = -0.5 * tf.reduce_sum(1 + z_log_sigma_sq - tf.square(z_mean) - tf.exp(z_log_sigma_sq), 1)
    cost = tf.reduce_mean(reconstr_loss + latent_loss)
    optimizer = tf.train.AdamOptimizer(learning_rate=0.01).minimize(cost)
    return x, z, z_mean, cost, optimizer, x_reconstr_mean


def run(tf, built):
    x, z, z_mean, cost, optimizer, reconstruction = built
    costs = []
    sess = tf.InteractiveSession()
    tf.global_variables_initializer().run()
    for _ in range(25):
        costs.append(sess.run((optimizer, cost), feed_dict={x: data})[1])
    grid = [sess.run(reconstruction, {z: np.array([[a, b]])})[0, :3] for a in (-1, 1) for b in (-1., 1)]
    means = z_mean.eval({x: data})
    sess.close()
    return {'costs': costs, 'means': means, 'grid': grid}
