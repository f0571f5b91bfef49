"""Partitioned variables and partitioners."""


def outcome(function):
    try:
        return str(function()).partition('\n')[0]
    except Exception as error:
        return f'{type(error).__name__}: {str(error)}'.partition('\n')[0]


def build(tf):
    said, fetches = {}, {}
    with tf.variable_scope('p', partitioner=tf.fixed_size_partitioner(2)):
        w = tf.get_variable('w', [5, 3], initializer=tf.random_normal_initializer(seed=2))
        said['w'] = [f'{v.name} {v.shape} {v._save_slice_info.spec}' for v in w]
        said['whole'] = [str(x) for x in (w.name, w.dtype, w.shape, len(w), w._get_partitions())]
        fetches['tensor'] = tf.convert_to_tensor(w)
        fetches['relu'] = tf.nn.relu(w)
        fetches['again'] = w.as_tensor()
        fetches['assigned'] = w.assign(tf.ones([5, 3]))
        said['assign ops'] = [ref.op.name for ref in w.assign_add(tf.ones([5, 3]))]
        said['scalar'] = type(tf.get_variable('s', [], initializer=tf.zeros_initializer())).__name__
        said['stays whole'] = outcome(lambda: tf.get_variable('w', [5, 3]))
    said['globals'] = [v.name for v in tf.global_variables()]
    with tf.variable_scope('p', reuse=True):
        said['found'] = tf.get_variable('w', [5, 3]) is w
        with tf.variable_scope('', partitioner=tf.fixed_size_partitioner(3)):
            said['other parts'] = outcome(lambda: tf.get_variable('w', [5, 3]))
    with tf.variable_scope('p', reuse=True, partitioner=tf.fixed_size_partitioner(2)):
        said['shared'] = tf.get_variable('w', [5, 3]) is w
        for i, question in enumerate((lambda: tf.get_variable('w'), lambda: tf.get_variable('w', [5, 4]),
                                      lambda: tf.get_variable('w', [5, 3], tf.int32), lambda: tf.get_variable('n', [2]))):
            said[f'shared {i}'] = outcome(question)
    with tf.variable_scope('q', partitioner=tf.fixed_size_partitioner(2, axis=1)):
        tf.get_variable('w', initializer=tf.ones([2, 4]))

        def initializer(shape, dtype, partition_info):
            said[f'info {len(said)}'] = [str(x) for x in (shape, dtype, partition_info.full_shape, partition_info.var_offset)]
            return tf.ones(shape, dtype)
        fetches['columns'] = tf.get_variable('w1', [4, 4], initializer=initializer).as_tensor()
        fetches['one part'] = tf.get_variable('w2', [4, 1], initializer=tf.ones_initializer()).as_tensor()
    whole = tf.get_variable('whole', [4])
    said['was whole'] = outcome(lambda: tf.get_variable('whole', [4], partitioner=tf.fixed_size_partitioner(2)) or whole)
    for i, partitioner in enumerate((
            lambda shape, dtype: 3, lambda shape, dtype: [1, 1], lambda shape, dtype: [0])):
        said[f'bad {i}'] = outcome(lambda: tf.get_variable(f'bad{i}', [4], partitioner=partitioner))
    for i, partitioner in enumerate((
            tf.fixed_size_partitioner(3), tf.min_max_variable_partitioner(4, min_slice_size=16),
            tf.variable_axis_size_partitioner(32), tf.variable_axis_size_partitioner(32, max_shards=2))):
        said[f'partitioner {i}'] = [str(partitioner(shape=tf.TensorShape(shape), dtype=dtype))
                                    for shape in ([10], [4, 8], [100, 2]) for dtype in (tf.float32, tf.string)]
    for i, question in enumerate((
            lambda: tf.variable_axis_size_partitioner(0), lambda: tf.variable_axis_size_partitioner(1, bytes_per_string_element=0),
            lambda: tf.variable_axis_size_partitioner(1, max_shards=-1),
            lambda: tf.min_max_variable_partitioner(1, axis=3)(shape=tf.TensorShape([2]), dtype=tf.float32))):
        said[f'question {i}'] = outcome(question)
    return said, fetches


def run(tf, built):
    said, fetches = built
    results = dict(said)
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        for name in ('tensor', 'relu', 'again', 'columns', 'one part'):
            results[name] = sess.run(fetches[name])
        for i, part in enumerate(sess.run(fetches['assigned'])):
            results[f'assigned {i}'] = part
    return results
