"""A dense autoencoder and a denoising one with tied weights."""
import numpy as np

data = np.random.RandomState(5).rand(12, 8).astype(np.float32)


def build(tf):
    X = tf.placeholder('float', [None, 8])
    weights = {'encoder_h1': tf.Variable(tf.random_normal([8, 5])), 'encoder_h2': tf.Variable(tf.random_normal([5, 3])),
               'decoder_h1': tf.Variable(tf.random_normal([3, 5])), 'decoder_h2': tf.Variable(tf.random_normal([5, 8]))}
    biases = {'encoder_b1': tf.Variable(tf.random_normal([5])), 'encoder_b2': tf.Variable(tf.random_normal([3])),
              'decoder_b1': tf.Variable(tf.random_normal([5])), 'decoder_b2': tf.Variable(tf.random_normal([8]))}
    h = X
    for part in ('encoder', 'decoder'):
        for i in '12':
            h = tf.nn.sigmoid(tf.add(tf.matmul(h, weights[part + '_h' + i]), biases[part + '_b' + i]))
    cost = tf.reduce_mean(tf.pow(X - h, 2))
    first = tf.train.AdamOptimizer(0.01).minimize(cost)

    mask = tf.placeholder('float', [None, 8], name='mask')
    bound = 4 * np.sqrt(6. / (8 + 4))
    W = tf.Variable(tf.random_uniform(shape=[8, 4], minval=-bound, maxval=bound), name='W')
    b = tf.Variable(tf.zeros([4]), name='b')
    W_prime = tf.transpose(W)
    b_prime = tf.Variable(tf.zeros([8]), name='b_prime')
    Z = tf.nn.sigmoid(tf.matmul(tf.nn.sigmoid(tf.matmul(mask * X, W) + b), W_prime) + b_prime)
    tied = tf.reduce_sum(tf.pow(X - Z, 2))
    noise = X + 0.1 * tf.random_normal(tf.shape(X))
    second = tf.train.GradientDescentOptimizer(0.02).minimize(tied)
    return X, mask, cost, first, tied, second, noise


def run(tf, built):
    X, mask, cost, first, tied, second, noise = built
    out = {'costs': [], 'tied': []}
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        for i in range(25):
            m = np.random.binomial(1, 0.7, data.shape)
            _, c = sess.run([first, cost], {X: data})
            _, t = sess.run([second, tied], {X: data, mask: m})
            out['costs'].append(c)
            out['tied'].append(t)
        out['noise'] = sess.run(noise, {X: data[:2]})
    return out
