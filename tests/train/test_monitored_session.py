"""MonitoredSession, its hooks and what it refuses."""
import logging

import numpy as np
import pytest

import graphflow as tf


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default() as g:
        yield g


def counter():
    return tf.assign_add(tf.train.get_or_create_global_step(), 1)


class Recorder(tf.train.SessionRunHook):
    def __init__(self, fetches=None, feed=None):
        self.said, self.fetches, self.feed = [], fetches, feed

    def begin(self):
        self.said.append('begin')

    def after_create_session(self, session, coord):
        self.said.append('created %s %s' % (type(session).__name__, type(coord).__name__))

    def before_run(self, run_context):
        self.said.append('before')
        return tf.train.SessionRunArgs(self.fetches, self.feed) if self.fetches is not None else None

    def after_run(self, run_context, run_values):
        self.said.append(run_values.results)

    def end(self, session):
        self.said.append('end')


def test_hooks_are_called_in_order(graph):
    increment, x = counter(), tf.constant(3.0)
    hook = Recorder({'x': x})
    with tf.train.MonitoredSession(hooks=[hook, tf.train.StopAtStepHook(last_step=2)]) as session:
        assert graph.finalized and session.graph is graph
        while not session.should_stop():
            session.run(increment)
        with pytest.raises(RuntimeError, match='Run called even after should_stop requested.'):
            session.run(increment)
    assert hook.said == ['begin', 'created Session Coordinator', 'before', {'x': 3.0}, 'before', {'x': 3.0}, 'end']
    assert session.should_stop() and session.graph is None and not graph.finalized
    with pytest.raises(RuntimeError, match='Session is already closed.'):
        session.close()


def test_num_steps_count_from_the_start():
    increment = counter()
    with tf.train.MonitoredTrainingSession(hooks=[tf.train.StopAtStepHook(num_steps=3)]) as session:
        runs = []
        while not session.should_stop():
            runs.append(session.run(increment))
    assert [int(r) for r in runs] == [1, 2, 3]


@pytest.mark.parametrize('error, passes', [(tf.errors.OutOfRangeError(None, None, ''), False), (StopIteration(), False),
                                           (ValueError('mine'), True)])
def test_the_input_s_end_ends_the_block(error, passes):
    counter()
    hook = Recorder()
    if passes:
        with pytest.raises(ValueError, match='mine'):
            with tf.train.MonitoredSession(hooks=[hook]):
                raise error
    else:
        with tf.train.MonitoredSession(hooks=[hook]):
            raise error
    assert ('end' in hook.said) == (not passes)


def test_a_lost_worker_starts_again():
    increment = counter()

    class Failing(tf.train.SessionRunHook):
        failures = 1

        def before_run(self, run_context):
            if self.failures:
                self.failures -= 1
                raise tf.errors.AbortedError(None, None, 'lost')
    hook = Recorder()
    with tf.train.MonitoredSession(hooks=[hook, Failing()]) as session:
        assert session.run(increment) == 1
    assert hook.said.count('created Session Coordinator') == 2
    with pytest.raises(tf.errors.AbortedError):
        with tf.train.SingularMonitoredSession(hooks=[Failing()]) as session:
            session.run(increment)


def test_feeds_of_hooks_and_caller():
    p = tf.placeholder(tf.float32, [])
    x = p * 2
    final = tf.train.FinalOpsHook(x, {p: 4.0})
    with tf.train.MonitoredSession(hooks=[tf.train.FeedFnHook(lambda: {p: 3.0}), final]) as session:
        assert session.run(x) == 6
        with pytest.raises(RuntimeError, match='Same tensor is fed by a SessionRunHook and user.'):
            session.run(x, {p: 1.0})
    assert final.final_ops_values == 8
    with pytest.raises(RuntimeError, match='Same tensor is fed by two hooks.'):
        with tf.train.MonitoredSession(hooks=[Recorder(x, {p: 1.0}), Recorder(x, {p: 1.0})]) as session:
            session.run(x)


def test_step_functions():
    increment, step = counter(), tf.train.get_global_step()
    hook = Recorder()
    with tf.train.MonitoredSession(hooks=[hook]) as session:
        assert session.run_step_fn(lambda step_context: step_context.session.run(increment)) == 1
        assert hook.said.count('before') == 0
        assert session.run_step_fn(lambda step_context: step_context.run_with_hooks(step)) == 1
        assert hook.said.count('before') == 1
        with pytest.raises(ValueError, match='`step_fn` may either have one `step_context` argument'):
            session.run_step_fn(lambda other: None)
        with pytest.raises(TypeError):
            session.run_step_fn(3)
        session.run_step_fn(lambda step_context: step_context.request_stop())
        raise AssertionError('not reached')


def test_nan():
    counter()
    loss = tf.constant(np.nan)
    with pytest.raises(tf.train.NanLossDuringTrainingError, match='NaN loss during training.'):
        with tf.train.MonitoredSession(hooks=[tf.train.NanTensorHook(loss)]) as session:
            session.run(loss)
    with tf.train.MonitoredSession(hooks=[tf.train.NanTensorHook(loss, fail_on_nan_loss=False)]) as session:
        session.run(loss)
        assert session.should_stop()


def logged(monkeypatch):
    lines = []
    monkeypatch.setattr(logging.getLogger('tensorflow'), 'handle', lambda r: lines.append(r.getMessage()))
    tf.logging.set_verbosity(tf.logging.INFO)
    return lines


def test_logging(monkeypatch):
    lines = logged(monkeypatch)
    increment, step = counter(), tf.train.get_global_step()
    with tf.train.SingularMonitoredSession(hooks=[
            tf.train.LoggingTensorHook({'inc': increment, 'gs': step}, every_n_iter=2),
            tf.train.LoggingTensorHook(['global_step:0'], at_end=True),
            tf.train.LoggingTensorHook({'a': increment}, every_n_iter=3, formatter=lambda v: 'is %d' % v['a']),
            tf.train.StepCounterHook(every_n_steps=2)]) as session:
        for _ in range(4):
            session.run(increment)
    assert 'gs = 1, inc = 1' in lines
    assert any(line.startswith('gs = 3, inc = 3 (') and line.endswith(' sec)') for line in lines)
    assert 'global_step:0 = 4' in lines
    assert [line for line in lines if line.startswith('is')] == ['is 1', 'is 4']
    assert any(line.startswith('global_step/sec: ') for line in lines)


def test_variables_that_nobody_initializes():
    counter()
    tf.Variable(1.0, name='forgotten')
    with pytest.raises(RuntimeError, match='Init operations did not make model ready for local_init.*forgotten'):
        tf.train.MonitoredSession(tf.train.ChiefSessionCreator(tf.train.Scaffold(init_op=tf.no_op())))


def test_init_fn_and_feed():
    p = tf.placeholder(tf.float32, [])
    v = tf.Variable(p)
    seen = []
    scaffold = tf.train.Scaffold(init_op=v.initializer, init_feed_dict={p: 5.0},
                                 init_fn=lambda scaffold, session: seen.append(session.run(v)))
    with tf.train.SingularMonitoredSession(scaffold=scaffold) as session:
        assert session.raw_session().run(v) == 5
    assert seen == [5.0]


def test_timer():
    timer = tf.train.SecondOrStepTimer(every_steps=3)
    assert timer.should_trigger_for_step(1)
    assert timer.update_last_triggered_step(1) == (None, None)
    assert [timer.should_trigger_for_step(i) for i in (1, 3, 4)] == [False, False, True]
    assert timer.update_last_triggered_step(5)[1] == 4
    assert timer.last_triggered_step() == 5


@pytest.mark.parametrize('make, error, message', [
    (lambda: tf.train.StopAtStepHook(), ValueError, 'One of num_steps or last_step must be specified.'),
    (lambda: tf.train.StopAtStepHook(1, 2), ValueError, 'Only one of num_steps or last_step can be specified.'),
    (lambda: tf.train.LoggingTensorHook(['a']), ValueError, 'either at_end and/or exactly one of'),
    (lambda: tf.train.LoggingTensorHook(['a'], every_n_iter=0), ValueError, 'invalid every_n_iter=0.'),
    (lambda: tf.train.SecondOrStepTimer(), ValueError, 'Either every_secs or every_steps should be provided.'),
    (lambda: tf.train.SecondOrStepTimer(1, 1), ValueError, 'Can not provide both every_secs and every_steps.'),
    (lambda: tf.train.StepCounterHook(None), ValueError, 'exactly one of every_n_steps and every_n_secs'),
    (lambda: tf.train.StopAtStepHook(1).begin(), RuntimeError, 'Global step should be created to use StopAtStepHook.'),
    (lambda: tf.train.StepCounterHook().begin(), RuntimeError, 'Global step should be created to use StepCounterHook.'),
])
def test_what_is_refused(make, error, message):
    with pytest.raises(error, match=message.replace('(', r'\(')):
        make()
