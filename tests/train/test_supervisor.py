"""tf.train.Supervisor and SessionManager."""
import os
import time

import pytest

import graphflow as tf


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default() as graph:
        yield graph


def build():
    step = tf.train.get_or_create_global_step()
    v = tf.Variable(1., name='v')
    return v, tf.group(tf.assign_add(step, 1), tf.assign_add(v, 2.))


def test_a_session_is_saved_and_taken_up_again(tmp_path):
    v, train = build()
    supervisor = tf.train.Supervisor(logdir=str(tmp_path), save_model_secs=600)
    with supervisor.managed_session() as session:
        for _ in range(5):
            session.run(train)
        assert not supervisor.should_stop()
        supervisor.saver.save(session, supervisor.save_path, global_step=5)
    assert supervisor.should_stop()
    assert (tmp_path / 'graph.pbtxt').exists()
    with tf.Graph().as_default():
        v, train = build()
        supervisor = tf.train.Supervisor(logdir=str(tmp_path), save_model_secs=0)
        supervisor.saver.set_last_checkpoints([])
        tf.train.update_checkpoint_state(str(tmp_path), str(tmp_path / 'model.ckpt-5'))
        with supervisor.managed_session() as session:
            assert session.run([v, supervisor.global_step]) == [11., 5]


def test_checkpoints_are_saved_meanwhile(tmp_path):
    build()
    supervisor = tf.train.Supervisor(logdir=str(tmp_path), save_model_secs=.01, save_summaries_secs=.01)
    with supervisor.managed_session():
        end = time.time() + 20
        while not tf.train.latest_checkpoint(str(tmp_path)) and time.time() < end:
            time.sleep(.01)
    assert tf.train.latest_checkpoint(str(tmp_path)) == os.path.join(str(tmp_path), 'model.ckpt-0')


def test_errors_are_raised_and_the_end_of_input_is_none(tmp_path):
    build()
    supervisor = tf.train.Supervisor(logdir=str(tmp_path))
    with pytest.raises(ValueError, match='boom'):
        with supervisor.managed_session():
            raise ValueError('boom')
    with supervisor.managed_session():
        raise tf.errors.OutOfRangeError(None, None, 'the end')


def test_what_is_not_ready_is_refused(tmp_path):
    v, _ = build()
    ready = tf.report_uninitialized_variables()
    manager = tf.train.SessionManager(ready_op=ready)
    saver = tf.train.Saver()
    with pytest.raises(RuntimeError, match='Model is not initialized and no init_op or init_fn or local_init_op was given'):
        manager.prepare_session('')
    with pytest.raises(RuntimeError, match='Variables not initialized: global_step, v'):
        manager.prepare_session('', init_op=tf.no_op())
    with pytest.raises(ValueError, match='Can not provide both'):
        manager.prepare_session('', saver=saver, checkpoint_dir='a', checkpoint_filename_with_path='b')
    assert manager.recover_session('', saver=saver, checkpoint_dir=str(tmp_path))[1] is False
    session = manager.prepare_session('', init_fn=lambda session: session.run(tf.global_variables_initializer()))
    saver.save(session, str(tmp_path / 'm'))
    session, ready = manager.recover_session('', saver=saver, checkpoint_dir=str(tmp_path))
    assert ready and session.run(v) == 1
    with pytest.raises(ValueError, match='you must also pass a local_init_op'):
        tf.train.SessionManager(ready_for_local_init_op=ready)
