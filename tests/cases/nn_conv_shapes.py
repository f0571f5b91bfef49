"""Static shapes of convolutions and pools of shapes known in part."""


def build(tf):
    filters = tf.placeholder(tf.float32, [3, 2, 3, 5])
    for shape in (None, [None] * 4, [1, None, 9, 3], [None, 8, 8, None]):
        for padding in ('SAME', 'VALID'):
            x = tf.placeholder(tf.float32, shape)
            y = tf.nn.conv2d(x, filters, [1, 2, 2, 1], padding)
            tf.gradients(y, [x, filters])
            for pool in (tf.nn.max_pool, tf.nn.avg_pool):
                z = pool(x, [1, 3, 2, 1], [1, 2, 2, 1], padding)
                tf.gradients(z, x)
    tf.nn.conv2d(tf.placeholder(tf.float32, [None, 3, 8, 9]), filters, [1, 1, 2, 2], 'SAME', data_format='NCHW')
    tf.nn.conv2d(tf.placeholder(tf.float32, [1, 8, 8, 3]), tf.placeholder(tf.float32), 1, 'SAME')
    tf.nn.conv2d(tf.placeholder(tf.float32, [1, 8, 8, 3]), tf.placeholder(tf.float32, [None, None, 3, 5]), 1, 'VALID')
    tf.nn.max_pool(tf.placeholder(tf.float32, [None, 3, 8, 9]), [1, 1, 2, 2], [1, 1, 2, 2], 'SAME', data_format='NCHW')
