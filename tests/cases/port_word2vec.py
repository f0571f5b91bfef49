"""Skip-grams: embeddings, nce_loss and sampled softmax, nearest words by cosine."""
import numpy as np

batch = np.random.RandomState(7).randint(0, 20, [6, 8])
context = (batch + 1) % 20


def build(tf):
    graph = tf.get_default_graph()
    with graph.as_default(), tf.device('/cpu:0'):
        with tf.name_scope('inputs'):
            train_inputs = tf.placeholder(tf.int32, shape=[8])
            train_labels = tf.placeholder(tf.int32, shape=[8, 1])
            valid_dataset = tf.constant([1, 5, 7], dtype=tf.int32)
        with tf.name_scope('embeddings'):
            embeddings = tf.Variable(tf.random_uniform([20, 6], -1.0, 1.0))
            embed = tf.nn.embedding_lookup(embeddings, train_inputs)
        with tf.name_scope('weights'):
            nce_weights = tf.Variable(tf.truncated_normal([20, 6], stddev=1.0 / np.sqrt(6)))
        with tf.name_scope('biases'):
            nce_biases = tf.Variable(tf.zeros([20]))
        with tf.name_scope('loss'):
            loss = tf.reduce_mean(tf.nn.nce_loss(weights=nce_weights, biases=nce_biases, labels=train_labels,
                                                 inputs=embed, num_sampled=4, num_classes=20))
        with tf.name_scope('optimizer'):
            optimizer = tf.train.GradientDescentOptimizer(1.0).minimize(loss)
        soft = tf.reduce_mean(tf.nn.sampled_softmax_loss(nce_weights, nce_biases, train_labels, embed, 5, 20))
        second = tf.train.AdamOptimizer(0.05).minimize(soft)
        norm = tf.sqrt(tf.reduce_sum(tf.square(embeddings), 1, keepdims=True))
        normalized_embeddings = embeddings / norm
        valid_embeddings = tf.nn.embedding_lookup(normalized_embeddings, valid_dataset)
        similarity = tf.matmul(valid_embeddings, normalized_embeddings, transpose_b=True)
    return train_inputs, train_labels, loss, optimizer, soft, second, similarity


def run(tf, built):
    inputs, labels, loss, optimizer, soft, second, similarity = built
    out = {'nce': [], 'soft': []}
    with tf.Session() as session:
        tf.global_variables_initializer().run()
        out['first'] = similarity.eval()
        for step in range(24):
            i = step % 6
            feed = {inputs: batch[i], labels: context[i][:, None]}
            out['nce'].append(session.run([optimizer, loss], feed_dict=feed)[1])
            out['soft'].append(session.run([second, soft], feed)[1])
        out['similarity'] = similarity.eval()
    return out
