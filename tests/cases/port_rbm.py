"""A restricted Boltzmann machine: Gibbs steps by relu of signs, updates by assigns without an optimizer."""
import numpy as np

data = (np.random.RandomState(22).rand(10, 8) > .5).astype(np.float32)


def build(tf):
    X = tf.placeholder('float', [None, 8])
    rbm_w = tf.placeholder('float', [8, 5])
    rbm_vb = tf.placeholder('float', [8])
    rbm_hb = tf.placeholder('float', [5])

    def sample_prob(probs):
        return tf.nn.relu(tf.sign(probs - tf.random_uniform(tf.shape(probs))))

    h0 = sample_prob(tf.nn.sigmoid(tf.matmul(X, rbm_w) + rbm_hb))
    v1 = sample_prob(tf.nn.sigmoid(tf.matmul(h0, tf.transpose(rbm_w)) + rbm_vb))
    h1 = tf.nn.sigmoid(tf.matmul(v1, rbm_w) + rbm_hb)
    w_positive_grad = tf.matmul(tf.transpose(X), h0)
    w_negative_grad = tf.matmul(tf.transpose(v1), h1)
    update_w = rbm_w + 0.5 * (w_positive_grad - w_negative_grad) / tf.to_float(tf.shape(X)[0])
    update_vb = rbm_vb + 0.5 * tf.reduce_mean(X - v1, 0)
    update_hb = rbm_hb + 0.5 * tf.reduce_mean(h0 - h1, 0)
    err = X - v1
    err_sum = tf.reduce_mean(err * err)
    W = tf.Variable(tf.zeros([8, 5]))
    counter = W.assign_add(tf.random_normal([8, 5], stddev=0.1, seed=7))
    clipped = tf.where(W > 0.1, tf.fill(W.shape, 0.1), W)
    return X, rbm_w, rbm_vb, rbm_hb, [update_w, update_vb, update_hb, err_sum], counter, clipped


def run(tf, built):
    X, rbm_w, rbm_vb, rbm_hb, updates, counter, clipped = built
    errors = []
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        w, vb, hb = sess.run(counter), np.zeros([8], np.float32), np.zeros([5], np.float32)
        for start, end in list(zip(range(0, 10, 5), range(5, 11, 5))) * 8:
            w, vb, hb, e = sess.run(updates, feed_dict={X: data[start:end], rbm_w: w, rbm_vb: vb, rbm_hb: hb})
            errors.append(e)
        return dict(errors=errors, w=w, hb=hb, clipped=sess.run(clipped))
