"""The nodes that Savers add."""


def build(tf):
    v = tf.Variable(tf.zeros([2, 3]), name='b/v')
    a = tf.Variable(3, name='a')
    r = tf.get_variable('r', [2], initializer=tf.ones_initializer(), use_resource=True)
    with tf.device('/cpu:0'):
        d = tf.get_variable('d', [], initializer=tf.zeros_initializer(), use_resource=True)
    u = tf.Variable(tf.placeholder(tf.float32, name='fed'), validate_shape=False, name='unknown')
    partitioner = tf.fixed_size_partitioner(2)
    p = tf.get_variable('p', [5, 4], initializer=tf.ones_initializer(), partitioner=partitioner)
    q = tf.get_variable('q', [4], initializer=tf.ones_initializer(), partitioner=partitioner, use_resource=True)
    savers = [
        tf.train.Saver(),
        tf.train.Saver([v, r], reshape=True, name='named', filename='file'),
        tf.train.Saver({'x': p, 'y': list(q), 'z': v}),
        tf.train.Saver([u, p, q], reshape=True),
        tf.train.Saver([a, d], restore_sequentially=True, max_to_keep=2, keep_checkpoint_every_n_hours=.5),
        tf.train.Saver([a, p, r], write_version=tf.train.SaverDef.V1),
        tf.train.Saver([a, r], sharded=True, write_version=tf.train.SaverDef.V1),
        tf.train.Saver(allow_empty=True, var_list=[]),
    ]
    with tf.name_scope('scope'), tf.device('/cpu:0'), tf.control_dependencies([tf.no_op()]):
        savers.append(tf.train.Saver([a, r]))
    return savers


def run(tf, savers):
    fields = ('filename_tensor_name', 'save_tensor_name', 'restore_op_name', 'max_to_keep', 'sharded',
              'keep_checkpoint_every_n_hours', 'version')
    return {str(i): [str(getattr(saver.saver_def, field)) for field in fields]
            for i, saver in enumerate(savers) if saver.saver_def is not None}
