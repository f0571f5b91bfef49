"""tf.train.Supervisor: sessions that are restored, and threads that save checkpoints and summaries meanwhile."""
import contextlib
import os
import time

from graphflow.framework import dtypes
from graphflow.framework.export import PUBLIC, export
from graphflow.framework.graph import get_default_graph
from graphflow.framework.scopes import GraphKeys
from graphflow.ops import control_flow, initialization
from graphflow.ops.summary import merge_all
from graphflow.platform import tf_logging
from graphflow.summary.writer.writer import FileWriter
from graphflow.train import meta_graph, saver as saver_lib, training_util
from graphflow.train.coordinator import Coordinator, LooperThread
from graphflow.train.session_manager import SessionManager
from graphflow.train.write_graph import write_graph
from graphflow.util import deprecation


@export('train.Supervisor')
class Supervisor:
    """Prepares a session for training, and saves while it trains. MonitoredTrainingSession is its successor.

        supervisor = tf.train.Supervisor(logdir='model')
        with supervisor.managed_session() as session:
            while not supervisor.should_stop():
                session.run(train)

    An argument that is not given is taken from its collection or made; None leaves it out.

    Args:
      graph: the Graph, which is finalized.
      ready_op: a 1-D string Tensor: the names of the variables without a value.
      ready_for_local_init_op: the same, of those that local_init_op needs.
      is_chief: whether this process initializes and saves.
      init_op, init_feed_dict: an Operation that initializes the variables, and what to feed to it.
      local_init_op: an Operation that initializes local variables and tables, run in every session.
      logdir: the folder for checkpoints and summaries; None: nothing is saved.
      summary_op: a string Tensor of merged summaries.
      saver: a Saver.
      global_step: an integer scalar that counts steps, for the files' names.
      save_summaries_secs, save_model_secs: how often to save, in seconds; 0: never.
      recovery_wait_secs: how long to wait between two looks for a ready model.
      stop_grace_secs: how long threads may take to end.
      checkpoint_basename: what the checkpoints' names begin with.
      session_manager: a SessionManager.
      summary_writer: a FileWriter.
      init_fn: a function of the session, called after init_op.
      local_init_run_options: RunOptions for local_init_op.
    """
    USE_DEFAULT = 0

    @deprecation.deprecated(None, 'Please switch to tf.train.MonitoredTrainingSession')
    def __init__(self, graph=None, ready_op=USE_DEFAULT, ready_for_local_init_op=USE_DEFAULT, is_chief=True,
                 init_op=USE_DEFAULT, init_feed_dict=None, local_init_op=USE_DEFAULT, logdir=None, summary_op=USE_DEFAULT,
                 saver=USE_DEFAULT, global_step=USE_DEFAULT, save_summaries_secs=120, save_model_secs=600,
                 recovery_wait_secs=30, stop_grace_secs=120, checkpoint_basename='model.ckpt', session_manager=None,
                 summary_writer=USE_DEFAULT, init_fn=None, local_init_run_options=None):
        self._graph = graph if graph is not None else get_default_graph()
        self._is_chief, self._coord = is_chief, Coordinator()
        self._logdir, self._stop_grace_secs = logdir, stop_grace_secs
        self._save_summaries_secs, self._save_model_secs = save_summaries_secs, save_model_secs
        self._save_path = os.path.join(logdir, checkpoint_basename) if logdir and is_chief else None
        with self._graph.as_default():
            self._ready_op = self._given_or_made(
                ready_op, GraphKeys.READY_OP, initialization.report_uninitialized_variables)
            self._ready_for_local_init_op = self._given_or_made(
                ready_for_local_init_op, GraphKeys.READY_FOR_LOCAL_INIT_OP)
            self._init_op = self._given_or_made(init_op, GraphKeys.INIT_OP, initialization.global_variables_initializer)
            self._local_init_op = self._given_or_made(local_init_op, GraphKeys.LOCAL_INIT_OP, _initialize_local)
            self._saver = self._given_or_made(saver, GraphKeys.SAVERS, self._make_saver)
            self._summary_op = self._given_or_made(summary_op, GraphKeys.SUMMARY_OP, merge_all)
            self._global_step = self._given_or_made(global_step, GraphKeys.GLOBAL_STEP, self._default_global_step_tensor)
        self._init_feed_dict, self._init_fn = init_feed_dict, init_fn
        if not is_chief:
            _check_devices(self._graph)
        self._session_manager = session_manager or SessionManager(
            self._local_init_op, self._ready_op, self._ready_for_local_init_op, self._graph, recovery_wait_secs,
            local_init_run_options)
        if summary_writer is not Supervisor.USE_DEFAULT:
            self._summary_writer = summary_writer
        else:
            self._summary_writer = FileWriter(logdir) if logdir and is_chief else None
        self._graph_added_to_summary = False
        self._graph.finalize()

    def _given_or_made(self, value, collection, make=None):
        """`value`, or by default the first of the collection or what `make` makes, put there."""
        if value is not Supervisor.USE_DEFAULT:
            return value
        found = self._graph.get_collection(collection)
        if found:
            if len(found) > 1:
                tf_logging.info('Found %d %s operations. Returning only the first one.', len(found), collection)
            return found[0]
        value = make() if make is not None else None
        if value is not None and collection != GraphKeys.GLOBAL_STEP:
            self._graph.add_to_collection(collection, value)
        return value

    def _make_saver(self):
        return saver_lib.Saver() if saver_lib._all_saveable_objects() else None

    def _default_global_step_tensor(self):
        try:
            step = self._graph.get_tensor_by_name('global_step:0')
        except KeyError:
            return None
        if step.dtype.base_dtype in (dtypes.int32, dtypes.int64):
            return step
        tf_logging.warning("Found 'global_step' but is not an int type: %s", step.dtype)
        return None

    is_chief = property(lambda self: self._is_chief)
    session_manager = property(lambda self: self._session_manager)
    coord = property(lambda self: self._coord)
    init_op = property(lambda self: self._init_op)
    init_feed_dict = property(lambda self: self._init_feed_dict)
    ready_op = property(lambda self: self._ready_op)
    ready_for_local_init_op = property(lambda self: self._ready_for_local_init_op)
    summary_writer = property(lambda self: self._summary_writer)
    summary_op = property(lambda self: self._summary_op)
    save_summaries_secs = property(lambda self: self._save_summaries_secs)
    global_step = property(lambda self: self._global_step)
    saver = property(lambda self: self._saver)
    save_model_secs = property(lambda self: self._save_model_secs)
    save_path = property(lambda self: self._save_path)

    # Sessions

    def prepare_or_wait_for_session(self, master='', config=None, wait_for_checkpoint=False, max_wait_secs=7200,
                                    start_standard_services=True):
        """A session that is ready: restored from the newest checkpoint of logdir, or else initialized.

        Args:
          master: the address of a server; only '', this process.
          config: a ConfigProto.
          wait_for_checkpoint: whether to wait for a checkpoint, max_wait_secs at most.
          start_standard_services: whether threads begin to save.
        """
        self._coord.clear_stop()
        if self._summary_writer:
            self._summary_writer.reopen()
        if self._is_chief:
            session = self._session_manager.prepare_session(
                master, init_op=self._init_op, saver=self._saver, checkpoint_dir=self._logdir,
                wait_for_checkpoint=wait_for_checkpoint, max_wait_secs=max_wait_secs, config=config,
                init_feed_dict=self._init_feed_dict, init_fn=self._init_fn)
            self._write_graph()
            if start_standard_services:
                tf_logging.info('Starting standard services.')
                self.start_standard_services(session)
        else:
            session = self._session_manager.wait_for_session(master, config=config, max_wait_secs=max_wait_secs)
        if start_standard_services:
            tf_logging.info('Starting queue runners.')
            self.start_queue_runners(session)
        return session

    @contextlib.contextmanager
    def managed_session(self, master='', config=None, start_standard_services=True, close_summary_writer=True):
        """A context manager of such a session; at its end threads stop, and the session is closed.

        An error in the block or in one of the threads is raised; OutOfRangeError only ends the block.
        """
        try:
            session = self.prepare_or_wait_for_session(master=master, config=config,
                                                       start_standard_services=start_standard_services)
            yield session
        except Exception as e:
            self.request_stop(e)
        finally:
            try:
                # The session may be closed only once no thread runs it; those that wait in it end with it.
                self.stop(close_summary_writer=close_summary_writer)
            finally:
                with contextlib.suppress(Exception):
                    session.close()

    def _write_graph(self):
        graph_def = self._graph.as_graph_def(add_shapes=True)
        if self._logdir:
            write_graph(graph_def, self._logdir, 'graph.pbtxt')
        if self._summary_writer and not self._graph_added_to_summary:
            self._summary_writer.add_graph(self._graph)
            self._summary_writer.add_meta_graph(meta_graph.create_meta_graph_def(
                graph_def=graph_def, saver_def=self._saver.saver_def if self._saver else None))
            self._graph_added_to_summary = True

    # Threads

    def start_standard_services(self, sess):
        """Starts the threads that save summaries, steps per second and checkpoints; returns them.

        Raises: RuntimeError if this process is not the chief.
        """
        if not self._is_chief:
            raise RuntimeError('Only chief supervisor can start standard services. Because only chief supervisors can write '
                               'events.')
        if not self._logdir:
            tf_logging.warning("Standard services need a 'logdir' passed to the SessionManager")
            return None
        threads = []
        if self._save_summaries_secs and self._summary_writer:
            if self._global_step is not None:
                from tensorboard.compat.proto.event_pb2 import SessionLog
                step = training_util.global_step(sess, self._global_step)
                self._summary_writer.add_session_log(SessionLog(status=SessionLog.START), step)
            if self._summary_op is not None:
                threads.append(_Thread(self, self._save_summaries_secs, self._save_summaries, sess))
            if self._global_step is not None:
                threads.append(_Thread(self, self._save_summaries_secs, _StepCounter(self, sess)))
        if self.saver and self._save_model_secs:
            threads.append(_Thread(self, self._save_model_secs, self._save_model, sess))
        for thread in threads:
            thread.start()
        return threads

    def _save_summaries(self, sess):
        if self._global_step is not None:
            summary, step = sess.run([self._summary_op, self._global_step])
        else:
            summary, step = sess.run(self._summary_op), None
        if self._summary_writer:
            tf_logging.info('Recording summary at step %s.', step)
            self._summary_writer.add_summary(summary, step)

    def _save_model(self, sess):
        tf_logging.info('Saving checkpoint to path %s', self._save_path)
        self._saver.save(sess, self._save_path, global_step=self._global_step)
        if self._summary_writer and self._global_step is not None:
            from tensorboard.compat.proto.event_pb2 import SessionLog
            step = training_util.global_step(sess, self._global_step)
            self._summary_writer.add_session_log(
                SessionLog(status=SessionLog.CHECKPOINT, checkpoint_path=self._save_path), step)

    def start_queue_runners(self, sess, queue_runners=None):
        """Starts the threads of the queue runners (default: those of the collection); returns the threads."""
        if queue_runners is None:
            queue_runners = self._graph.get_collection(GraphKeys.QUEUE_RUNNERS)
        return [thread for runner in queue_runners
                for thread in runner.create_threads(sess, coord=self._coord, daemon=True, start=True)]

    def loop(self, timer_interval_secs, target, args=None, kwargs=None):
        """Starts a thread that calls `target(*args, **kwargs)` every so many seconds (None: over and over)."""
        looper = LooperThread(self._coord, timer_interval_secs, target=target, args=args, kwargs=kwargs)
        looper.start()
        return looper

    def stop(self, threads=None, close_summary_writer=True, ignore_live_threads=False):
        """Asks the threads to end, and waits for them; raises an error that one of them had."""
        self._coord.request_stop()
        try:
            self._coord.join(threads, stop_grace_period_secs=self._stop_grace_secs, ignore_live_threads=ignore_live_threads)
        finally:
            if close_summary_writer and self._summary_writer:
                from tensorboard.compat.proto.event_pb2 import SessionLog
                self._summary_writer.add_session_log(SessionLog(status=SessionLog.STOP))
                self._summary_writer.close()
                self._graph_added_to_summary = False

    def request_stop(self, ex=None):
        """Asks the threads to end; `ex` is the error that is the reason, if any."""
        self._coord.request_stop(ex=ex)

    def should_stop(self):
        """Whether the threads were asked to end."""
        return self._coord.should_stop()

    def stop_on_exception(self):
        """A context manager: an error in its block ends all threads."""
        return self._coord.stop_on_exception()

    def wait_for_stop(self):
        """Waits until the threads are asked to end."""
        self._coord.wait_for_stop()

    def summary_computed(self, sess, summary, global_step=None):
        """Writes a summary, bytes, of a step (default: the current one).

        Raises: RuntimeError without a summary writer.
        """
        if not self._summary_writer:
            raise RuntimeError('Writing a summary requires a summary writer.')
        if global_step is None and self._global_step is not None:
            global_step = training_util.global_step(sess, self._global_step)
        self._summary_writer.add_summary(summary, global_step)

    PrepareSession = prepare_or_wait_for_session
    StartQueueRunners = start_queue_runners
    StartStandardServices = start_standard_services
    Stop, RequestStop, Loop, ShouldStop = stop, request_stop, loop, should_stop
    StopOnException, WaitForStop, SummaryComputed = stop_on_exception, wait_for_stop, summary_computed


def _initialize_local():
    found = [initialization.local_variables_initializer(), PUBLIC['tables_initializer']()
             if 'tables_initializer' in PUBLIC else control_flow.no_op(name='init_all_tables')]
    return control_flow.group(*found)


def _check_devices(graph):
    for op in graph.get_operations():
        if op.type in ('Variable', 'VariableV2') and not op.device:
            raise ValueError('When using replicas, all Variables must have their device set: %s' % op.node_def)


class _Thread(LooperThread):
    """Calls `save(*args)` every so many seconds."""

    def __init__(self, supervisor, seconds, save, *args):
        super().__init__(supervisor.coord, seconds, target=save, args=args)


class _StepCounter:
    """Records how many steps there were a second, since it was last called."""

    def __init__(self, supervisor, sess):
        self._supervisor, self._sess = supervisor, sess
        self._tag = supervisor.global_step.op.name + '/sec'
        self._time, self._step = time.time(), training_util.global_step(sess, supervisor.global_step)

    def __call__(self):
        now, step = time.time(), training_util.global_step(self._sess, self._supervisor.global_step)
        elapsed, steps = now - self._time, step - self._step
        self._time, self._step = now, step
        rate = steps / elapsed if elapsed > 0 else float('inf')
        if self._supervisor.summary_writer:
            from tensorboard.compat.proto.summary_pb2 import Summary
            self._supervisor.summary_writer.add_summary(
                Summary(value=[Summary.Value(tag=self._tag, simple_value=rate)]), step)
        tf_logging.log_first_n(tf_logging.INFO, '%s: %g', 10, self._tag, rate)
