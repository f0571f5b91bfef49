"""What a run writes into RunMetadata, and the settings of ConfigProto."""
import json
import os

import numpy as np
import pytest

import graphflow as tf
from graphflow.kernels import threads

FULL = tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE)


def _nodes(metadata):
    return [n.node_name for d in metadata.step_stats.dev_stats for n in d.node_stats]


@pytest.fixture
def graph():
    with tf.Graph().as_default() as graph:
        yield graph


def _product():
    x = tf.placeholder(tf.float32, [None, 2], name='x')
    w = tf.Variable(tf.ones([2, 3]), name='w')
    return x, w, tf.add(tf.matmul(x, w, name='y'), tf.constant([1., 2., 3.], name='c') * 2., name='sum')


def test_a_trace_tells_the_nodes_with_their_outputs(graph):
    x, w, y = _product()
    metadata = tf.RunMetadata()
    with tf.Session() as sess:
        sess.run(w.initializer)
        plain = sess.run(y, {x: [[1, 2]]})
        traced = sess.run(y, {x: [[1, 2]]}, options=FULL, run_metadata=metadata)
    np.testing.assert_array_equal(plain, traced)
    assert _nodes(metadata) == ['mul', 'w', 'w/read', 'y', 'sum']
    stats = metadata.step_stats.dev_stats[0].node_stats
    assert [d.size for d in stats[3].output[0].tensor_description.shape.dim] == [1, 3]
    starts = [s.all_start_nanos for s in stats]
    assert starts == sorted(starts) and all(s.all_end_rel_nanos > 0 for s in stats[1:])
    assert stats[3].timeline_label == 'y = MatMul(x, w/read)'


def test_constants_alone_make_a_trace(graph):
    metadata = tf.RunMetadata()
    with tf.Session() as sess:
        sess.run(tf.constant(42., name='k'), options=FULL, run_metadata=metadata)
    assert _nodes(metadata) == ['k'] and len(metadata.step_stats.dev_stats) == 1


def test_only_the_branch_taken_and_every_round_of_a_loop_are_traced(graph):
    x = tf.placeholder(tf.float32, [])
    chosen = tf.cond(x > 0, lambda: tf.exp(x, name='e'), lambda: tf.log(x, name='l'))
    loop = tf.while_loop(lambda i: i < 3, lambda i: tf.add(i, 1, name='more'), [tf.constant(0)])
    metadata = tf.RunMetadata()
    with tf.Session() as sess:
        values = sess.run([chosen, loop], {x: 1.}, options=FULL, run_metadata=metadata)
        np.testing.assert_array_equal(values, sess.run([chosen, loop], {x: 1.}))
    names = _nodes(metadata)
    assert 'cond/e' in names and 'cond/l' not in names and names.count('while/more') == 3


def test_what_is_not_asked_for_is_cleared(graph):
    x, w, y = _product()
    metadata = tf.RunMetadata()
    with tf.Session() as sess:
        sess.run(w.initializer)
        both = tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE, output_partition_graphs=True)
        sess.run(y, {x: [[1, 2]]}, options=both, run_metadata=metadata)
        assert [n.name for n in metadata.partition_graphs[0].node] == ['mul', 'w', 'w/read', 'y', 'sum']
        for options in (None, tf.RunOptions(), tf.RunOptions(output_partition_graphs=True)):
            sess.run(y, {x: [[1, 2]]}, options=options, run_metadata=metadata)
            assert not metadata.HasField('step_stats')
            assert len(metadata.partition_graphs) == (options is not None and options.output_partition_graphs)
        with pytest.raises(AttributeError, match='SerializeToString'):
            sess.run(y, {x: [[1, 2]]}, options=3)


def test_errors_of_a_traced_run_are_those_of_any_run(graph):
    x = tf.placeholder(tf.float32, [2])
    checked = tf.check_numerics(x, 'not a number', name='checked')
    metadata = tf.RunMetadata()
    texts = []
    with tf.Session() as sess:
        for options in (None, FULL):
            with pytest.raises(tf.errors.InvalidArgumentError) as caught:
                sess.run(checked, {x: [1, np.nan]}, options=options, run_metadata=metadata)
            assert caught.value.op is checked.op
            texts.append(caught.value.message)
    assert texts[0] == texts[1]


def test_a_traced_update_updates(graph):
    v = tf.Variable([1., 2.])
    more = v.assign_add([1., 1.])
    with tf.Session() as sess:
        sess.run(v.initializer)
        result = sess.run(more, options=FULL, run_metadata=tf.RunMetadata())
        sess.run(more)
        np.testing.assert_array_equal(result, [2, 3])       # its own, not the variable's memory
        np.testing.assert_array_equal(sess.run(v), [3, 4])


def test_callables_take_options(graph):
    x, w, y = _product()
    metadata = tf.RunMetadata()
    with tf.Session() as sess:
        sess.run(w.initializer)
        run = sess.make_callable(y, [x], accept_options=True)
        np.testing.assert_array_equal(run([[1, 2]]), run([[1, 2]], options=FULL, run_metadata=metadata))
    assert 'y' in _nodes(metadata)


def test_the_profiler_hook_writes_ops(graph, tmp_path):
    x = tf.Variable(tf.ones([4, 4]), name='x')
    step = tf.train.get_or_create_global_step()
    train = tf.group(tf.assign_add(step, 1), tf.matmul(x, x, name='square'))
    hook = tf.train.ProfilerHook(save_steps=1, output_dir=str(tmp_path))
    with tf.train.SingularMonitoredSession(hooks=[hook]) as sess:
        for _ in range(3):
            sess.run(train)
    path = sorted(tmp_path.glob('timeline-*.json'))[-1]
    names = {e['args'].get('op') for e in json.loads(path.read_text())['traceEvents'] if e['ph'] == 'X'}
    assert 'MatMul' in names


def _threads_in_run(config):
    seen = []
    value = tf.py_func(lambda: seen.append(threads.available()) or np.float32(1), [], tf.float32)
    with tf.Session(config=config) as sess:
        sess.run(value)
        sess.make_callable(value)()
    assert seen[0] == seen[1]
    return seen[0]


def test_the_session_bounds_its_threads(graph):
    assert _threads_in_run(tf.ConfigProto(intra_op_parallelism_threads=1)) == 1
    assert _threads_in_run(None) == _threads_in_run(tf.ConfigProto()) == threads.THREADS
    assert threads.available() == threads.THREADS


def test_settings_without_meaning_here_are_accepted(graph):
    config = tf.ConfigProto(inter_op_parallelism_threads=2, use_per_session_threads=True, allow_soft_placement=True)
    config.gpu_options.allow_growth = True
    with tf.Session(config=config) as sess:
        assert sess.run(tf.constant(1.) + 1., options=tf.RunOptions(timeout_in_ms=10000)) == 2


def _off():
    first, second, third = tf.ConfigProto(), tf.ConfigProto(), tf.ConfigProto()
    first.graph_options.optimizer_options.opt_level = -1
    second.graph_options.optimizer_options.global_jit_level = -1
    third.graph_options.rewrite_options.disable_meta_optimizer = True
    return [first, second, third]


@pytest.mark.parametrize('config', [None, tf.ConfigProto()] + _off())
def test_a_config_can_keep_a_session_from_compiling(graph, config):
    from graphflow.runtime.options import compilation
    x = tf.placeholder(tf.float32, [None])
    with compilation('always'), tf.Session(config=config) as sess:
        y, feeds = tf.exp(x) * 2., {x: [1, 2]}
        sess.run(y, feeds)
        programs = sess._call(y, feeds)._plan.programs
    assert bool(programs) == (config is None or config == tf.ConfigProto())


@pytest.mark.skipif(not hasattr(os, 'fork'), reason='no fork')
def test_a_forked_child_runs_sessions(graph):
    x = tf.placeholder(tf.float32, [None, 300])
    w = tf.Variable(tf.ones([300, 300]))
    y = tf.exp(tf.matmul(x, w) * 1e-3)
    with tf.Session() as sess:
        sess.run(w.initializer)
        data = np.ones([600, 300], np.float32)
        expected = [sess.run(y, {x: data}) for _ in range(5)][-1]
        child = os.fork()
        if child == 0:
            good = False
            try:
                good = np.array_equal(sess.run(y, {x: data}), expected)
                with tf.Session() as other:
                    other.run(w.initializer)
                    good = good and np.array_equal(other.run(y, {x: data}), expected)
            finally:
                os._exit(0 if good else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
