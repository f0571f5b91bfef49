"""Candidate samplers over three runs."""


def build(tf):
    true = tf.constant([[1, 2], [0, 5], [3, 3]], tf.int64)
    fetches = {}
    for unique in False, True:
        for kind in 'uniform', 'log_uniform', 'learned_unigram':
            sampler = getattr(tf.nn, kind + '_candidate_sampler')
            fetches[kind + str(unique)] = sampler(true, 2, 6, unique, 20)
        fetches['fixed' + str(unique)] = tf.nn.fixed_unigram_candidate_sampler(
            true, 2, 4, unique, 6, distortion=.75, unigrams=[1.5, 5.25, 3.5, 2.5, 2.75, 1.5], seed=4, name='f')
        fetches['all' + str(unique)] = tf.random.all_candidate_sampler(true, 2, 6, unique)
    fetches['hits'] = tf.nn.compute_accidental_hits(true, tf.constant([3, 8, 0], tf.int64), 2)
    tf.nn.uniform_candidate_sampler(tf.placeholder(tf.int64), 1, 3, True, 9)
    return fetches


def run(tf, fetches):
    with tf.Session() as session:
        return {'%s_%d_%d' % (name, run, i): value for run in range(3)
                for name, values in session.run(fetches).items() for i, value in enumerate(values)}
