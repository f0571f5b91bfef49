"""Batches in slices: the same values as in one go, and what must stay outside the loop."""
import numpy as np
import pytest

import graphflow as tf
from graphflow.framework import errors
from graphflow.kernels import memory
from graphflow.runtime import options, slices
from graphflow.runtime.plan import Plan
from graphflow.runtime.slices import Sliced, worthwhile
from graphflow.runtime.state import SessionState

BATCH = 22


@pytest.fixture(autouse=True)
def small(monkeypatch):
    tf.reset_default_graph()
    tf.set_random_seed(1)
    monkeypatch.setattr(slices, 'BIG', 1 << 8)
    monkeypatch.setattr(slices, 'SLICE_BYTES', 1 << 10)


def random(*shape, seed=0):
    return np.random.RandomState(seed).normal(size=shape).astype('f')


def run(mode, fetches, feeds, runs=1):
    """The fetches' values of each run, and the Sliced instructions."""
    state = SessionState()
    with options.compilation('never'):
        Plan([], [tf.global_variables_initializer()], [], state).run(())
    with options.compilation(mode):
        plan = Plan(list(fetches), [], list(feeds), state)
        values = [plan.run(list(feeds.values())) for _ in range(runs)]
    return values, [i for code in plan.programs.values() for i in code.program.instructions if isinstance(i, Sliced)]


def check(fetches, feeds, inside=(), outside=(), loops=1, runs=1):
    """Sliced or not, the values are the same; these ops are in the loops, those not. Returns the loops."""
    plain, _ = run('never', fetches, feeds, runs)
    values, found = run('always', fetches, feeds, runs)
    for value, wanted in zip(sum(values, []), sum(plain, [])):
        largest = np.abs(wanted[np.isfinite(wanted)]).max(initial=1)
        np.testing.assert_allclose(value, wanted, 1e-5, 1e-6 * largest)
        assert value.dtype == wanted.dtype and value.shape == wanted.shape
        assert value.ndim == 0 or value.flags.writeable and memory.is_sole_owner(value)
    assert len(found) == loops
    ops = {part.op for sliced in found for member in sliced.members for part in getattr(member, 'members', [member])}
    assert ops.issuperset(inside) and not ops.intersection(outside)
    return found


def images(size=8, channels=3):
    x = tf.placeholder(tf.float32, [None, size, size, channels])
    return x, {x: random(BATCH, size, size, channels)}


def conv(x, channels=3, out=8, stride=1):
    y = tf.nn.conv2d(x, tf.Variable(random(3, 3, channels, out)), [1, stride, stride, 1], 'SAME')
    return tf.nn.relu(y + tf.Variable(random(out)))


def dense(x, n, m):
    return tf.matmul(x, tf.Variable(random(n, m))) + tf.Variable(random(m))


def test_convolutional_network():
    x = tf.placeholder(tf.float32, [None, 64])
    keep = tf.placeholder(tf.float32)
    labels = tf.placeholder(tf.float32, [None, 10])
    feeds = {x: random(BATCH, 64), keep: 1., labels: np.eye(10, dtype='f')[np.arange(BATCH) % 10]}
    feeds = {t: np.asarray(v, 'f') for t, v in feeds.items()}
    h = conv(tf.reshape(x, [-1, 8, 8, 1]), 1)
    h = tf.nn.max_pool(h, [1, 2, 2, 1], [1, 2, 2, 1], 'SAME')
    h = tf.nn.avg_pool(conv(h, 8), [1, 3, 3, 1], [1, 2, 2, 1], 'SAME')
    h = tf.nn.dropout(tf.nn.relu(dense(tf.reshape(h, [-1, 32]), 32, 20)), keep)
    y = dense(h, 20, 10)
    correct = tf.cast(tf.equal(tf.argmax(y, 1), tf.argmax(labels, 1)), tf.float32)
    sliced, = check([tf.reduce_mean(correct), y, tf.nn.softmax(y)], feeds,
                    ['Conv2D', 'MaxPool', 'AvgPool', 'MatMul', 'Softmax', 'ArgMax', 'Equal'],
                    ['Mean', 'RandomUniform'], runs=2)
    assert 1 <= sliced.size < BATCH // 2


@pytest.mark.parametrize('batch', [4, 5, 7, 13, 64])
def test_any_number_of_examples(batch):
    x, _ = images()
    check([tf.reduce_sum(conv(conv(x), 8), [1, 2, 3])], {x: random(batch, 8, 8, 3)}, ['Conv2D'])


def test_small_results_are_left_alone(monkeypatch):
    monkeypatch.setattr(slices, 'BIG', 1 << 26)
    x, feeds = images()
    check([conv(conv(x), 8)], feeds, loops=0)


def test_elementwise_calls_alone_are_left_alone():
    x, feeds = images()
    check([tf.reduce_sum(tf.exp(tf.tanh(x) * 2) + 1)], feeds, loops=0)


def test_big_weights_are_read_once():
    x, feeds = images(4)
    h = tf.reshape(tf.nn.max_pool(conv(x), [1, 2, 2, 1], [1, 2, 2, 1], 'SAME'), [-1, 32])
    check([dense(h, 32, 20)], feeds, ['Conv2D', 'MatMul'])
    check([dense(h, 32, 25)], feeds, ['Conv2D'], ['MatMul'])


def test_sums_have_loops_of_their_own():
    x, feeds = images()
    y = tf.nn.max_pool(conv(conv(x), 8), [1, 2, 2, 1], [1, 2, 2, 1], 'SAME')
    squares = tf.square(tf.tanh(y * .01) - random(8))
    check([tf.reduce_mean(squares)], feeds, ['Conv2D', 'MaxPool'], ['Tanh', 'Square', 'Mean'])
    check([tf.reduce_mean(squares), squares], feeds, ['Conv2D', 'MaxPool', 'Tanh', 'Square'], ['Mean'])


def test_several_results():
    x, feeds = images()
    h = conv(conv(x), 8)
    means = tf.reduce_mean(h, [1, 2])
    check([means, tf.reduce_max(h, [1, 2, 3]), tf.reduce_sum(means, 0), tf.nn.top_k(means, 3)[1]], feeds,
          ['Mean', 'Max', 'TopKV2'], ['Sum'])


@pytest.mark.parametrize('change', [
    lambda h: tf.transpose(h, [0, 2, 1, 3]),
    lambda h: tf.pad(h, [[0, 0], [1, 2], [0, 0], [0, 0]]),
    lambda h: tf.concat([h, 2 * h], 3),
    lambda h: tf.concat([h, 2 * h], -1),
    lambda h: tf.stack([h, 2 * h], 1),
    lambda h: tf.tile(h, [1, 2, 1, 1]),
    lambda h: h[:, 1:3],
    lambda h: h[:, ::-1, 2],
    lambda h: tf.slice(h, [0, 1, 1, 1], [-1, 2, 2, 2]),
    lambda h: tf.reverse(h, [1]),
    lambda h: tf.cumsum(h, -1),
    lambda h: tf.nn.lrn(h),
    lambda h: tf.where(h > 0, h, -h),
    lambda h: h * random(8),
    lambda h: h * random(1, 8, 1, 8),
    lambda h: h * random(BATCH, 8, 1, 8),
    lambda h: h * tf.ones([BATCH, 1, 1, 8]),
    lambda h: h + h[:, :1],
    lambda h: tf.nn.depthwise_conv2d(h, random(3, 3, 8, 2), [1, 1, 1, 1], 'SAME'),
    lambda h: tf.expand_dims(h, 1),
    lambda h: tf.add_n(tf.unstack(h, axis=1)),
    lambda h: tf.subtract(*tf.split(h, 2, axis=3)),
    lambda h: tf.split(h, [2, 6], axis=3)[1],
    lambda h: tf.gather_nd(random(8, 5), tf.cast(tf.abs(h[:, :, 0]) > 1, tf.int32)[:, :, :1]),
    lambda h: tf.space_to_depth(h, 2),
    lambda h: tf.depth_to_space(h, 2),
    lambda h: tf.norm(h, axis=-1),
    lambda h: tf.reshape(tf.nn.softmax(tf.reshape(h, [-1, 16])), [-1, 8, 8, 8]),
    lambda h: tf.matmul(h, h, transpose_b=True),
    lambda h: tf.nn.fused_batch_norm(h, random(8), random(8), random(8), np.abs(random(8)), is_training=False)[0],
], ids=range(30))
def test_ops_by_example(change):
    x, feeds = images()
    h = change(conv(x))
    check([tf.reduce_sum(tf.abs(h), list(range(1, h.shape.ndims)))], feeds, ['Conv2D', 'Sum'])


@pytest.mark.parametrize('change, kept_out', [
    (lambda h: tf.transpose(h, [1, 0, 2, 3]), 'Transpose'),
    (lambda h: tf.pad(h, [[1, 0], [0, 0], [0, 0], [0, 0]]), 'Pad'),
    (lambda h: tf.concat([h, h], 0), 'ConcatV2'),
    (lambda h: tf.stack([h, h], 0), 'Pack'),
    (lambda h: tf.tile(h, [2, 1, 1, 1]), 'Tile'),
    (lambda h: h[1:], 'StridedSlice'),
    (lambda h: h[0], 'StridedSlice'),
    (lambda h: tf.reverse(h, [0]), 'ReverseV2'),
    (lambda h: tf.cumsum(h, 0), 'Cumsum'),
    (lambda h: tf.argmax(h, 0), 'ArgMax'),
    (lambda h: tf.matmul(tf.reshape(h, [BATCH, -1]), tf.reshape(h, [BATCH, -1]), transpose_a=True), 'MatMul'),
    (lambda h: tf.matmul(tf.reshape(h, [BATCH, -1]), tf.reshape(h, [BATCH, -1]), transpose_b=True), 'MatMul'),
    (lambda h: tf.nn.fused_batch_norm(h, random(8), random(8))[0], 'FusedBatchNorm'),
    (lambda h: tf.nn.softmax(h, 0), 'Softmax'),
], ids=range(14))
def test_ops_across_examples(change, kept_out):
    x, feeds = images()
    h = tf.nn.max_pool(conv(x), [1, 2, 2, 1], [1, 2, 2, 1], 'SAME')
    check([change(h)], feeds, ['Conv2D'], [kept_out])


def test_words():
    """Sequences are cut by sentence, though products see one word a row."""
    words = tf.placeholder(tf.int32, [None, 6])
    table = tf.Variable(random(30, 8))
    h = tf.nn.embedding_lookup(table, words)
    h = tf.tanh(dense(tf.reshape(h, [-1, 8]), 8, 12))
    h = tf.reshape(tf.nn.softmax(h), [-1, 6, 12])
    feeds = {words: np.random.RandomState(0).randint(30, size=(BATCH, 6)).astype('i')}
    check([tf.reduce_max(h, 1)], feeds, ['GatherV2', 'MatMul', 'Softmax', 'Max'])


def test_losses_by_example():
    x, feeds = images()
    labels = tf.placeholder(tf.int64, [None])
    feeds[labels] = np.arange(BATCH) % 5
    h = tf.reduce_mean(conv(x), [1, 2])
    y = dense(h, 8, 5)
    loss = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=y)
    other = tf.nn.softmax_cross_entropy_with_logits_v2(labels=tf.one_hot(labels, 5), logits=y)
    check([tf.reduce_mean(loss), other, tf.nn.in_top_k(y, labels, 2)], feeds,
          ['SparseSoftmaxCrossEntropyWithLogits', 'OneHot', 'SoftmaxCrossEntropyWithLogits'])


def test_what_depends_on_the_whole_batch_comes_after():
    x, feeds = images()
    h = tf.nn.max_pool(conv(x), [1, 2, 2, 1], [1, 2, 2, 1], 'SAME')
    mean = tf.reduce_mean(h, 0)
    centred = tf.nn.max_pool(conv(h - mean, 8), [1, 2, 2, 1], [1, 2, 2, 1], 'SAME')
    check([centred, mean], feeds, ['Conv2D', 'Sub'], loops=2)


def test_updates_come_after_what_reads():
    x, feeds = images()
    w = tf.Variable(random(3, 3, 3, 8))
    h = tf.nn.conv2d(x, w, [1, 1, 1, 1], 'SAME')
    with tf.control_dependencies([h]):
        update = tf.assign(w, w * .5)
    with tf.control_dependencies([update]):
        h2 = tf.nn.conv2d(x, w, [1, 1, 1, 1], 'SAME')
    y = tf.reduce_sum(tf.nn.softmax(h) + tf.nn.softmax(h2), [1, 2, 3])
    check([y, tf.identity(w)], feeds, ['Conv2D'], loops=2, runs=3)


def test_training():
    x, feeds = images()
    h = tf.nn.max_pool(conv(conv(x), 8), [1, 2, 2, 1], [1, 2, 2, 1], 'SAME')
    y = dense(tf.reshape(h, [-1, 4 * 4 * 8]), 4 * 4 * 8, 3)
    loss = tf.reduce_mean(tf.square(tf.nn.softmax(y)))
    step = tf.train.GradientDescentOptimizer(.1).minimize(loss)
    with tf.control_dependencies([step]):
        after = [tf.identity(v) for v in tf.trainable_variables()]
    plain, _ = run('never', [loss, y, *after], feeds, 4)
    values, _ = run('always', [loss, y, *after], feeds, 4)
    for value, wanted in zip(sum(values, []), sum(plain, [])):
        np.testing.assert_allclose(value, wanted, 1e-4, 1e-4 * np.abs(wanted).max())


def test_variables_with_other_arrays():
    x, feeds = images()
    w = tf.Variable(random(3, 3, 3, 8), validate_shape=False)
    y = tf.reduce_sum(tf.nn.softmax(tf.nn.conv2d(x, w, [1, 1, 1, 1], 'SAME')), [1, 2])
    with tf.Session() as session, options.compilation('always'):
        session.run(w.initializer)
        before = session.run(y, feeds)
        session.run(tf.assign(w, random(1, 1, 3, 4), validate_shape=False))
        assert before.shape == (BATCH, 8) and session.run(y, feeds).shape == (BATCH, 4)


def test_errors_name_the_node_and_the_example():
    words = tf.placeholder(tf.int32, [None, 6])
    h = tf.gather(tf.Variable(random(30, 8)), words, name='find')
    y = tf.reduce_max(tf.nn.softmax(h), 1)
    wrong = np.zeros((BATCH, 6), 'i')
    wrong[17, 2] = 30
    messages = []
    for mode in ('never', 'always'):
        with pytest.raises(errors.InvalidArgumentError, match=r'indices\[17,2\] = 30') as found:
            run(mode, [y], {words: wrong})
        assert found.value.op.name == 'find'
        messages.append(found.value.message)
    assert messages[0] == messages[1]
    check([y], {words: np.zeros((BATCH, 6), 'i')}, ['GatherV2'])


def test_memory():
    x = tf.placeholder(tf.float32, [None, 64, 64, 1])
    y = tf.reduce_sum(conv(conv(x, 1), 8), [1, 2])
    value = random(64, 64, 64, 1)
    memory.release()
    run('always', [y], {x: value})
    assert memory.statistics()['kept'] < 64 * 64 * 64 * 8 * 4       # less than one of the two big results


def test_worthwhile():
    x = tf.placeholder(tf.float32, [None, 28, 28, 1])
    nodes = [tf.nn.conv2d(x, tf.zeros([5, 5, 1, 32]), [1, 1, 1, 1], 'SAME').op]
    assert worthwhile(nodes, [(10000, 28, 28, 1)]) and not worthwhile(nodes, [(100, 28, 28, 1)])
    assert not worthwhile(nodes, [()]) and not worthwhile([], [(10000,)])
    unknown = tf.placeholder(tf.float32)
    assert not worthwhile([(unknown + 1).op], [(10 ** 9,)])


def test_a_big_batch_is_sliced_in_its_first_run():
    x = tf.placeholder(tf.float32, [None, 32, 32, 1])
    y = tf.reduce_sum(conv(x, 1, 8), [1, 2])
    state = SessionState()
    Plan([], [tf.global_variables_initializer()], [], state).run(())
    with options.compilation('hot'):
        plan = Plan([y], [], [x], state)
    plan.run([random(8, 32, 32, 1)])
    assert not plan.programs
    plan.run([np.zeros((9000, 32, 32, 1), 'f')])
    assert len(plan.programs) == 1
