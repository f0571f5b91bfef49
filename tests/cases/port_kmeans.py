"""k-means by plain ops: assignments, unsorted segment sums, new centroids assigned to a variable."""
import numpy as np

points = np.random.RandomState(2).randn(20, 2) + np.repeat([[0, 0], [4, 4]], 10, 0)


def build(tf):
    data = tf.constant(points, tf.float32)
    centroids = tf.Variable(tf.slice(tf.random_shuffle(data, seed=7), [0, 0], [3, -1]))
    expanded = tf.expand_dims(data, 0)
    expanded_centroids = tf.expand_dims(centroids, 1)
    assignments = tf.argmin(tf.reduce_sum(tf.square(tf.subtract(expanded, expanded_centroids)), 2), 0)

    def bucket_mean(data, bucket_ids, num_buckets):
        total = tf.unsorted_segment_sum(data, bucket_ids, num_buckets)
        count = tf.unsorted_segment_sum(tf.ones_like(data), bucket_ids, num_buckets)
        return total / count

    update = tf.assign(centroids, bucket_mean(data, tf.to_int32(assignments), 3))
    means = tf.concat([tf.reduce_mean(tf.gather(data, tf.reshape(tf.where(tf.equal(assignments, c)), [1, -1])),
                                      reduction_indices=[1]) for c in range(3)], 0)
    return centroids, assignments, update, means


def run(tf, built):
    centroids, assignments, update, means = built
    out = {}
    sess = tf.Session()
    sess.run(tf.global_variables_initializer())
    out['first'] = sess.run(centroids)
    for step in range(5):
        out['step%d' % step], out['means%d' % step], _ = sess.run([assignments, means, update])
    out['last'] = sess.run(centroids)
    return out
