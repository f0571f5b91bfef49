"""A siamese net of shared variables with contrastive loss, and triplets with the hardest of a batch."""
import numpy as np

left, right = np.random.RandomState(15).rand(2, 9, 6)
same = (np.arange(9) % 3 == 0).astype(np.float32)


def build(tf):
    class Siamese(object):
        def __init__(self):
            self.x1 = tf.placeholder(tf.float32, [None, 6])
            self.x2 = tf.placeholder(tf.float32, [None, 6])
            with tf.variable_scope('siamese') as scope:
                self.o1 = self.network(self.x1)
                scope.reuse_variables()
                self.o2 = self.network(self.x2)
            self.y_ = tf.placeholder(tf.float32, [None])
            self.loss = self.loss_with_spring()

        def network(self, x):
            fc1 = self.fc_layer(x, 8, 'fc1')
            ac1 = tf.nn.relu(fc1)
            return self.fc_layer(ac1, 2, 'fc2')

        def fc_layer(self, bottom, n_weight, name):
            assert len(bottom.get_shape()) == 2
            n_prev_weight = bottom.get_shape()[1]
            initer = tf.truncated_normal_initializer(stddev=0.1)
            W = tf.get_variable(name + 'W', dtype=tf.float32, shape=[n_prev_weight, n_weight], initializer=initer)
            b = tf.get_variable(name + 'b', dtype=tf.float32, initializer=tf.constant(0.01, shape=[n_weight], dtype=tf.float32))
            return tf.nn.bias_add(tf.matmul(bottom, W), b)

        def loss_with_spring(self):
            margin = 1.0
            labels_t = self.y_
            labels_f = tf.subtract(1.0, self.y_, name='1-yi')
            eucd2 = tf.reduce_sum(tf.pow(tf.subtract(self.o1, self.o2), 2), 1)
            eucd = tf.sqrt(eucd2 + 1e-6, name='eucd')
            C = tf.constant(margin, name='C')
            pos = tf.multiply(labels_t, eucd2, name='yi_x_eucd2')
            neg = tf.multiply(labels_f, tf.pow(tf.maximum(tf.subtract(C, eucd), 0), 2))
            return tf.reduce_mean(tf.add(pos, neg, name='losses'), name='loss')

    net = Siamese()
    train_step = tf.train.GradientDescentOptimizer(0.5).minimize(net.loss)
    labels = tf.placeholder(tf.int32, [None])
    dot = tf.matmul(net.o1, tf.transpose(net.o1))
    square = tf.diag_part(dot)
    distances = tf.maximum(tf.expand_dims(square, 0) - 2.0 * dot + tf.expand_dims(square, 1), 0.0)
    equal = tf.equal(tf.expand_dims(labels, 0), tf.expand_dims(labels, 1))
    not_self = tf.logical_not(tf.cast(tf.eye(tf.shape(labels)[0]), tf.bool))
    positive = tf.reduce_max(tf.multiply(tf.to_float(tf.logical_and(not_self, equal)), distances), axis=1, keepdims=True)
    largest = tf.reduce_max(distances, axis=1, keepdims=True)
    negative = tf.reduce_min(distances + largest * (1.0 - tf.to_float(tf.logical_not(equal))), axis=1, keepdims=True)
    triplet = tf.reduce_mean(tf.maximum(positive - negative + 0.5, 0.0))
    anchor, pos, neg = tf.unstack(tf.reshape(tf.nn.l2_normalize(net.o1, 1), [-1, 3, 2]), 3, 1)
    other = tf.reduce_mean(tf.maximum(0., tf.reduce_sum((anchor - pos) ** 2 - (anchor - neg) ** 2, -1) + 0.2))
    second = tf.train.AdamOptimizer(0.01).minimize(triplet + other)
    return net, train_step, labels, triplet, other, second


def run(tf, built):
    net, train_step, labels, triplet, other, second = built
    out = {'loss': [], 'triplet': [], 'other': []}
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        for i in range(20):
            out['loss'].append(sess.run([train_step, net.loss], {net.x1: left, net.x2: right, net.y_: same})[1])
            feed = {net.x1: left, labels: np.arange(9) // 3}
            _, t, o = sess.run([second, triplet, other], feed)
            out['triplet'].append(t)
            out['other'].append(o)
        out['embed'] = net.o1.eval({net.x1: left})
    return out
