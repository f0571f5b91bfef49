"""Residual blocks with fused batch norm and helpers under scopes, global average pooling, top-k accuracy."""
import numpy as np

images = np.random.RandomState(19).rand(4, 8, 8, 3)
labels = np.array([0, 1, 2, 1])


def build(tf):
    def conv(x, filters, stride=1, size=3):
        shape = [size, size, x.get_shape().as_list()[-1], filters]
        W = tf.get_variable('kernel', shape, initializer=tf.variance_scaling_initializer(2., 'fan_out'))
        return tf.nn.conv2d(x, W, [1, stride, stride, 1], padding='SAME', name='conv')

    def batch_norm(x):
        depth = x.get_shape()[-1]
        gamma = tf.get_variable('gamma', [depth], initializer=tf.constant_initializer(1.))
        beta = tf.get_variable('beta', depth, initializer=tf.zeros_initializer())
        moving = tf.get_variable('moving_mean', [depth], initializer=tf.zeros_initializer(), trainable=False)
        y, mean, _ = tf.nn.fused_batch_norm(x, gamma, beta, epsilon=1e-3, name='bn')
        update = tf.assign_sub(moving, (moving - mean) * 0.1)
        tf.add_to_collection(tf.GraphKeys.UPDATE_OPS, update)
        return y

    def block(x, filters, stride, name):
        with tf.variable_scope(name):
            shortcut = x
            if stride != 1:
                shortcut = tf.nn.avg_pool(x, [1, stride, stride, 1], [1, stride, stride, 1], 'VALID')
                pad = (filters - x.shape.as_list()[-1]) // 2
                shortcut = tf.pad(shortcut, [[0, 0], [0, 0], [0, 0], [pad, pad]])
            for i in range(2):
                with tf.variable_scope('sub%d' % (i + 1)):
                    x = conv(tf.nn.relu(batch_norm(x)), filters, stride if i == 0 else 1)
            return x + shortcut

    x = tf.placeholder(tf.float32, [4, 8, 8, 3])
    y = tf.placeholder(tf.int32, [4])
    with tf.variable_scope('init'):
        h = conv(x, 4)
    h = block(h, 4, 1, 'a')
    h = block(h, 8, 2, 'b')
    h = tf.reduce_mean(h, [1, 2])
    with tf.variable_scope('logit'):
        w = tf.get_variable('DW', [8, 3], initializer=tf.uniform_unit_scaling_initializer(factor=1.0))
        logits = tf.nn.xw_plus_b(h, w, tf.get_variable('biases', [3], initializer=tf.constant_initializer()))
    cost = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(logits=logits, labels=y), name='xent')
    with tf.control_dependencies(tf.get_collection(tf.GraphKeys.UPDATE_OPS)):
        train_op = tf.train.MomentumOptimizer(0.01, 0.9).minimize(cost)
    names = [v.op.name for v in tf.trainable_variables()]
    count = sum(int(np.prod(v.get_shape().as_list())) for v in tf.trainable_variables())
    still = [v for v in tf.global_variables() if v.op.name.endswith('moving_mean')]
    return x, y, cost, train_op, logits, names, count, still


def run(tf, built):
    x, y, cost, train_op, logits, names, count, still = built
    losses = []
    with tf.Session(config=tf.ConfigProto(allow_soft_placement=True, log_device_placement=False)) as sess:
        sess.run(tf.global_variables_initializer())
        for _ in range(20):
            losses.append(sess.run([train_op, cost], {x: images, y: labels})[1])
        moving = sess.run(still)
    return dict(losses=losses, names=names, count=count, **{'moving%d' % i: m for i, m in enumerate(moving)})
