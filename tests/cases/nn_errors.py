"""What the nn functions say of arguments that do not fit, as constants of the graph."""


def build(tf):
    p = lambda *shape: tf.placeholder(tf.float32, shape)
    nn = tf.nn
    tests = [
        lambda: nn.softmax(p(2, 3), 5), lambda: nn.softmax(tf.placeholder(tf.int32, [2, 3])), lambda: nn.softmax(p()),
        lambda: nn.softmax_cross_entropy_with_logits(p(3, 4), p(3, 4)),
        lambda: nn.softmax_cross_entropy_with_logits(logits=p(3, 4)),
        lambda: nn.softmax_cross_entropy_with_logits_v2(labels=p(3, 5), logits=p(3, 4), name='x'),
        lambda: nn.sparse_softmax_cross_entropy_with_logits(labels=tf.placeholder(tf.int32, [3, 4]), logits=p(3, 4)),
        lambda: nn.sparse_softmax_cross_entropy_with_logits(labels=tf.placeholder(tf.int32, []), logits=p()),
        lambda: nn.sparse_softmax_cross_entropy_with_logits(labels=tf.placeholder(tf.int32, [2]), logits=p(3, 4)),
        lambda: nn.sigmoid_cross_entropy_with_logits(labels=p(3, 4), logits=p(3)),
        lambda: nn.log_poisson_loss(p(3, 4), p(3)), lambda: nn.bias_add(p(2, 4), p(3), name='b'),
        lambda: nn.bias_add(p(4), p(4), name='b1'), lambda: nn.bias_add(p(4, 4), p(4, 1), name='b2'),
        lambda: nn.bias_add(p(3, 4), p(4), 'HWC'), lambda: nn.dropout(p(3), 0.), lambda: nn.dropout(p(3), 1.5),
        lambda: nn.dropout(p(3)), lambda: nn.dropout(p(3), .3, rate=.2), lambda: nn.dropout(tf.constant([1]), .5),
        lambda: nn.dropout(p(3), 'a'), lambda: nn.dropout(p(3), rate=p(2)),
        lambda: nn.conv2d(p(1, 8, 8, 3), p(3, 2, 4, 5), 1, 'SAME', name='c1'),
        lambda: nn.conv2d(p(1, 8, 8, 4), p(3, 2, 2, 5), 1, 'SAME', name='c2'),
        lambda: nn.conv2d(p(1, 2, 2, 3), p(3, 3, 3, 5), 1, 'VALID', name='c3'),
        lambda: nn.conv2d(p(2, 2, 3), p(3, 3, 3, 5), 1, 'VALID', name='c4'),
        lambda: nn.conv2d(p(1, 8, 8, 3), p(3, 2, 3, 5), [1, 1, 1], 'SAME'),
        lambda: nn.conv2d(p(1, 8, 8, 3), p(3, 2, 3, 5), [1, 0, 1, 1], 'SAME', name='c5'),
        lambda: nn.conv2d(p(1, 8, 8, 3), p(3, 2, 3, 5), 1, 'FOO'), lambda: nn.conv2d(p(1, 8, 8, 3), p(3, 2, 3, 5), 1),
        lambda: nn.conv2d(p(1, 8, 8, 3), p(3, 2, 3, 5), 1, 'SAME', dilations=[1, 0, 1, 1], name='c6'),
        lambda: nn.conv2d(p(1, 8, 8, 3), p(3, 2, 3, 5), 1, [[0, 0], [1, 2], [0, 3]]),
        lambda: nn.conv2d(p(1, 8, 8, 3), p(3, 2, 3, 5), 1, [[0, 0], [1, 2], [0, 3], [0, 2]], name='c7'),
        lambda: nn.conv3d(p(2, 5, 5, 5, 3), p(2, 2, 2, 4, 4), [1] * 5, 'SAME', name='c8'),
        lambda: nn.conv2d_transpose(p(2, 4, 5, 6), p(3, 3, 7, 6), [2, 8, 10], 2, name='c9'),
        lambda: nn.depthwise_conv2d(p(2, 8, 8, 3), p(3, 3, 4, 2), [1] * 4, 'SAME', name='c10'),
        lambda: nn.convolution(p(2, 8, 3), p(3, 4, 2), 'SAME'),
        lambda: nn.max_pool(p(1, 2, 2, 3), 3, 1, 'VALID', name='p1'), lambda: nn.max_pool(p(1, 2, 2), 3, 1, 'SAME', name='p2'),
        lambda: nn.max_pool(p(1, 2, 2, 3), 0, 1, 'SAME'), lambda: nn.avg_pool(p(1, 2, 2, 3), [1, 2, 3], 1, 'SAME'),
        lambda: nn.fused_batch_norm(p(3, 5, 5, 4), p(4), p(4), p(4), p(4)),
        lambda: nn.fused_batch_norm(p(3, 5, 5, 4), p(3), p(4), name='f1'), lambda: nn.lrn(p(3, 4, 5), name='l1'),
        lambda: nn.top_k(p(3, 5), 6, name='t1'), lambda: nn.top_k(p(), 1, name='t2'), lambda: nn.top_k(p(5), -1, name='t3'),
        lambda: nn.in_top_k(p(3, 4), tf.placeholder(tf.int32, [2]), 2, name='t4'),
        lambda: nn.embedding_lookup(None, [1]), lambda: nn.embedding_lookup([], [1]),
        lambda: nn.embedding_lookup([p(5, 4), p(5, 4)], [1], partition_strategy='x'),
        lambda: tf.losses.mean_squared_error(p(3, 4), p(3, 5)), lambda: tf.losses.mean_squared_error(None, p(3)),
        lambda: tf.losses.mean_squared_error(p(3, 4), p(3, 4), weights=p(3)),
        lambda: tf.losses.mean_squared_error(p(3, 4), p(3, 4), reduction='x'),
        lambda: tf.losses.cosine_distance(p(3, 4), p(3, 4)),
    ]
    for i, test in enumerate(tests):
        try:
            said = 'nothing: %s' % (test(),)
        except Exception as error:
            said = '%s: %s' % (type(error).__name__, error)
        tf.constant(said, name='said_%d' % i)
