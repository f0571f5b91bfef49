"""The gradient of gamma samples by their parameters."""


def build(tf):
    alpha, beta = tf.constant([.1, .7, 1., 2., 30.]), tf.constant([2.])
    samples = tf.random_gamma([3, 2], alpha, beta)
    return samples, tf.gradients(samples, [alpha, beta])


def run(tf, built):
    with tf.Session() as session:
        samples, (by_alpha, by_beta) = session.run(built)
    return dict(samples=samples, by_alpha=by_alpha, by_beta=by_beta)
