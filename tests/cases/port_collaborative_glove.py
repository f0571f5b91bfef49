"""GloVe: pairs weighted by their counts, two tables of embeddings, Adagrad on the rows that occur."""
import numpy as np

counts = np.random.RandomState(25).randint(1, 50, 12).astype(np.float32)
focal, context = np.random.RandomState(26).randint(0, 7, [2, 12])


def build(tf):
    with tf.device('/cpu:0'):
        count_max = tf.constant([20.0], dtype=tf.float32, name='max_cooccurrence_count')
        scaling_factor = tf.constant([0.75], dtype=tf.float32, name='scaling_factor')
        focal_input = tf.placeholder(tf.int32, shape=[4], name='focal_words')
        context_input = tf.placeholder(tf.int32, shape=[4], name='context_words')
        cooccurrence_count = tf.placeholder(tf.float32, shape=[4], name='cooccurrence_count')
        tables = [tf.Variable(tf.random_uniform([7, 4], 1.0, -1.0), name=n) for n in ('focal_embeddings', 'context_embeddings')]
        biases = [tf.Variable(tf.random_uniform([7], 1.0, -1.0), name=n) for n in ('focal_biases', 'context_biases')]
        focal_embedding = tf.nn.embedding_lookup([tables[0]], focal_input)
        context_embedding = tf.nn.embedding_lookup([tables[1]], context_input)
        focal_bias = tf.nn.embedding_lookup([biases[0]], focal_input)
        context_bias = tf.nn.embedding_lookup([biases[1]], context_input)
        weighting_factor = tf.minimum(1.0, tf.pow(tf.div(cooccurrence_count, count_max), scaling_factor))
        embedding_product = tf.reduce_sum(tf.multiply(focal_embedding, context_embedding), 1)
        log_cooccurrences = tf.log(tf.to_float(cooccurrence_count))
        distance_expr = tf.square(tf.add_n([embedding_product, focal_bias, context_bias, tf.negative(log_cooccurrences)]))
        total_loss = tf.reduce_sum(tf.multiply(weighting_factor, distance_expr))
        optimizer = tf.train.AdagradOptimizer(0.2).minimize(total_loss)
        combined = tf.add(tables[0], tables[1], name='combined_embeddings')
        parts = [tf.get_variable('part%d' % i, [4, 2], initializer=tf.constant_initializer(i + 1.)) for i in range(2)]
        sharded = tf.nn.embedding_lookup(parts, focal_input, partition_strategy='div', max_norm=2.)
        momentum = tf.train.MomentumOptimizer(0.1, 0.9).minimize(tf.reduce_sum(sharded ** 2))
    return focal_input, context_input, cooccurrence_count, total_loss, optimizer, combined, sharded, momentum


def run(tf, built):
    focal_input, context_input, cooccurrence_count, total_loss, optimizer, combined, sharded, momentum = built
    losses = []
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        for i in range(24):
            s = slice(i % 3 * 4, i % 3 * 4 + 4)
            feed = {focal_input: focal[s], context_input: context[s], cooccurrence_count: counts[s]}
            losses.append(sess.run([total_loss, optimizer], feed)[0])
            sess.run(momentum, feed)
        return dict(losses=losses, combined=combined.eval(), sharded=sess.run(sharded, feed))
