"""A spiral told apart by a net with dropout by rate, seeds, l2 and a confusion matrix."""
import numpy as np

t = np.linspace(0.2, 1, 10)
points = np.concatenate([np.c_[t * np.sin(4 * t + a), t * np.cos(4 * t + a)] for a in (0, 2, 4)]).astype(np.float32)
labels = np.repeat([0, 1, 2], 10)


def build(tf):
    tf.set_random_seed(1234)
    x = tf.placeholder(tf.float32, [None, 2])
    y = tf.placeholder(tf.int64, [None])
    rate = tf.placeholder_with_default(0.0, shape=())
    h = x
    for i, size in enumerate([12, 12]):
        w = tf.get_variable('W%d' % i, [h.get_shape().as_list()[1], size], initializer=tf.initializers.he_normal(seed=i))
        b = tf.get_variable('b%d' % i, [size], initializer=tf.zeros_initializer)
        h = tf.nn.dropout(tf.nn.leaky_relu(tf.nn.xw_plus_b(h, w, b)), rate=rate, seed=i + 10)
    logits = tf.matmul(h, tf.get_variable('out', [12, 3], initializer=tf.orthogonal_initializer(seed=9)))
    loss = tf.losses.sparse_softmax_cross_entropy(labels=y, logits=logits)
    loss += 1e-3 * tf.add_n([tf.nn.l2_loss(v) for v in tf.trainable_variables() if 'b' not in v.name])
    train = tf.train.MomentumOptimizer(0.1, 0.9).minimize(loss)
    predictions = tf.argmax(logits, axis=-1, output_type=tf.int32)
    matrix = tf.confusion_matrix(y, predictions, num_classes=3)
    top = tf.reduce_sum(tf.cast(tf.nn.in_top_k(logits, y, 2), tf.int32))
    return x, y, rate, loss, train, matrix, top


def run(tf, built):
    x, y, rate, loss, train, matrix, top = built
    losses = []
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        for i in range(40):
            losses.append(sess.run([train, loss], {x: points, y: labels, rate: 0.2})[1])
        out = sess.run([loss, matrix, top], {x: points, y: labels})
    return dict(losses=losses, loss=out[0], matrix=out[1], top=out[2])
