"""Sentences by a convnet: embeddings, filters of several widths, max over time, the pieces concatenated."""
import numpy as np

rng = np.random.RandomState(20)
sentences, classes = rng.randint(0, 12, [8, 7]), np.eye(2)[rng.randint(0, 2, 8)]


class TextCNN(object):
    def __init__(self, tf, sequence_length=7, num_classes=2, vocab_size=12, embedding_size=4, filter_sizes=(2, 3), num_filters=3):
        self.input_x = tf.placeholder(tf.int32, [None, sequence_length], name='input_x')
        self.input_y = tf.placeholder(tf.float32, [None, num_classes], name='input_y')
        self.dropout_keep_prob = tf.placeholder(tf.float32, name='dropout_keep_prob')
        l2_loss = tf.constant(0.0)
        with tf.device('/cpu:0'), tf.name_scope('embedding'):
            self.W = tf.Variable(tf.random_uniform([vocab_size, embedding_size], -1.0, 1.0), name='W')
            self.embedded_chars = tf.nn.embedding_lookup(self.W, self.input_x)
            self.embedded_chars_expanded = tf.expand_dims(self.embedded_chars, -1)
        pooled_outputs = []
        for i, filter_size in enumerate(filter_sizes):
            with tf.name_scope('conv-maxpool-%s' % filter_size):
                filter_shape = [filter_size, embedding_size, 1, num_filters]
                W = tf.Variable(tf.truncated_normal(filter_shape, stddev=0.1), name='W')
                b = tf.Variable(tf.constant(0.1, shape=[num_filters]), name='b')
                conv = tf.nn.conv2d(self.embedded_chars_expanded, W, strides=[1, 1, 1, 1], padding='VALID', name='conv')
                h = tf.nn.relu(tf.nn.bias_add(conv, b), name='relu')
                pooled = tf.nn.max_pool(h, ksize=[1, sequence_length - filter_size + 1, 1, 1], strides=[1, 1, 1, 1],
                                        padding='VALID', name='pool')
                pooled_outputs.append(pooled)
        total = num_filters * len(filter_sizes)
        self.h_pool_flat = tf.reshape(tf.concat(pooled_outputs, 3), [-1, total])
        with tf.name_scope('dropout'):
            self.h_drop = tf.nn.dropout(self.h_pool_flat, self.dropout_keep_prob)
        with tf.name_scope('output'):
            W = tf.get_variable('W', shape=[total, num_classes], initializer=tf.glorot_uniform_initializer())
            b = tf.Variable(tf.constant(0.1, shape=[num_classes]), name='b')
            l2_loss += tf.nn.l2_loss(W)
            l2_loss += tf.nn.l2_loss(b)
            self.scores = tf.nn.xw_plus_b(self.h_drop, W, b, name='scores')
            self.predictions = tf.argmax(self.scores, 1, name='predictions')
        with tf.name_scope('loss'):
            losses = tf.nn.softmax_cross_entropy_with_logits(logits=self.scores, labels=self.input_y)
            self.loss = tf.reduce_mean(losses) + 0.1 * l2_loss
        with tf.name_scope('accuracy'):
            correct = tf.equal(self.predictions, tf.argmax(self.input_y, 1))
            self.accuracy = tf.reduce_mean(tf.cast(correct, 'float'), name='accuracy')


def build(tf):
    cnn = TextCNN(tf)
    global_step = tf.Variable(0, name='global_step', trainable=False)
    optimizer = tf.train.AdamOptimizer(1e-2)
    grads_and_vars = optimizer.compute_gradients(cnn.loss)
    sparsity = [tf.nn.zero_fraction(g) for g, v in grads_and_vars if not isinstance(g, tf.IndexedSlices)]
    train_op = optimizer.apply_gradients(grads_and_vars, global_step=global_step)
    return cnn, global_step, train_op, sparsity


def run(tf, built):
    cnn, global_step, train_op, sparsity = built
    out = {'losses': [], 'accuracy': []}
    session_conf = tf.ConfigProto(allow_soft_placement=True, intra_op_parallelism_threads=1)
    sess = tf.Session(config=session_conf)
    with sess.as_default():
        sess.run(tf.global_variables_initializer())
        for _ in range(20):
            feed_dict = {cnn.input_x: sentences, cnn.input_y: classes, cnn.dropout_keep_prob: 0.5}
            _, step, loss = sess.run([train_op, global_step, cnn.loss], feed_dict)
            out['losses'].append(loss)
            out['accuracy'].append(cnn.accuracy.eval({'input_x:0': sentences, 'input_y:0': classes, 'dropout_keep_prob:0': 1.}))
        out['sparsity'] = sess.run(sparsity, feed_dict)
        graph = tf.get_default_graph()
        out['again'] = sess.run(graph.get_tensor_by_name('output/scores:0'),
                                {graph.get_operation_by_name('input_x').outputs[0]: sentences[:2], cnn.dropout_keep_prob: 1})
    return out
