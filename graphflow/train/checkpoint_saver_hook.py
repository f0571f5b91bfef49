"""A hook that saves checkpoints."""
import os

from graphflow.framework.export import export
from graphflow.framework.graph import get_default_graph
from graphflow.framework.scopes import GraphKeys
from graphflow.platform import tf_logging
from graphflow.summary.writer.writer_cache import FileWriterCache
from graphflow.train import meta_graph, training_util
from graphflow.train.basic_session_run_hooks import SecondOrStepTimer
from graphflow.train.session_run_hook import SessionRunArgs, SessionRunHook
from graphflow.train.write_graph import write_graph


@export('train.CheckpointSaverListener', 'estimator.CheckpointSaverListener')
class CheckpointSaverListener:
    """Base class of what is told when checkpoints are saved; all methods do nothing."""

    def begin(self):
        """Called once before the session is made; may add nodes to the graph."""

    def before_save(self, session, global_step_value):
        """Called before a checkpoint is saved."""

    def after_save(self, session, global_step_value):
        """Called after a checkpoint was saved. Returns: True to end the training."""

    def end(self, session, global_step_value):
        """Called when the session ends."""


@export('train.CheckpointSaverHook', 'estimator.CheckpointSaverHook')
class CheckpointSaverHook(SessionRunHook):
    """Saves a checkpoint when the session starts, every so many steps or seconds, and at the end.

    Args:
      checkpoint_dir: the folder.
      save_secs, save_steps: how often: exactly one of them.
      saver: the Saver, or
      scaffold: the Scaffold that has it; else the one in the collection SAVERS is used.
      checkpoint_basename: what the files' names begin with.
      listeners: a list of CheckpointSaverListeners.

    Raises: ValueError if both a saver and a scaffold are given.
    """

    def __init__(self, checkpoint_dir, save_secs=None, save_steps=None, saver=None, checkpoint_basename='model.ckpt',
                 scaffold=None, listeners=None):
        tf_logging.info('Create CheckpointSaverHook.')
        if saver is not None and scaffold is not None:
            raise ValueError('You cannot provide both saver and scaffold.')
        self._saver, self._scaffold = saver, scaffold
        self._checkpoint_dir = checkpoint_dir
        self._save_path = os.path.join(checkpoint_dir, checkpoint_basename)
        self._timer = SecondOrStepTimer(every_secs=save_secs, every_steps=save_steps)
        self._listeners = listeners or []
        self._steps_per_run = 1

    def _set_steps_per_run(self, steps_per_run):
        self._steps_per_run = steps_per_run

    def begin(self):
        self._summary_writer = FileWriterCache.get(self._checkpoint_dir)
        self._global_step_tensor = training_util._get_or_create_global_step_read()
        if self._global_step_tensor is None:
            raise RuntimeError('Global step should be created to use CheckpointSaverHook.')
        for listener in self._listeners:
            listener.begin()

    def after_create_session(self, session, coord):
        step = session.run(self._global_step_tensor)
        graph = get_default_graph()
        graph_def = graph.as_graph_def(add_shapes=True)
        write_graph(graph_def, self._checkpoint_dir, 'graph.pbtxt')
        saver = self._get_saver()
        self._summary_writer.add_graph(graph)
        self._summary_writer.add_meta_graph(meta_graph.create_meta_graph_def(
            graph_def=graph_def, saver_def=saver.saver_def if saver else None))
        self._save(session, step)
        self._timer.update_last_triggered_step(step)

    def before_run(self, run_context):
        return SessionRunArgs(self._global_step_tensor)

    def after_run(self, run_context, run_values):
        # What was read is the step before this run.
        if not self._timer.should_trigger_for_step(run_values.results + self._steps_per_run):
            return
        step = run_context.session.run(self._global_step_tensor)
        if self._timer.should_trigger_for_step(step):
            self._timer.update_last_triggered_step(step)
            if self._save(run_context.session, step):
                run_context.request_stop()

    def end(self, session):
        step = session.run(self._global_step_tensor)
        if step != self._timer.last_triggered_step():
            self._save(session, step)
        for listener in self._listeners:
            listener.end(session, step)

    def _save(self, session, step):
        """Saves; returns whether a listener asks for the end."""
        tf_logging.info('Saving checkpoints for %d into %s.', step, self._save_path)
        for listener in self._listeners:
            listener.before_save(session, step)
        self._get_saver().save(session, self._save_path, global_step=step)
        from tensorboard.compat.proto.event_pb2 import SessionLog
        self._summary_writer.add_session_log(
            SessionLog(status=SessionLog.CHECKPOINT, checkpoint_path=self._save_path), step)
        should_stop = False
        for listener in self._listeners:
            if listener.after_save(session, step):
                tf_logging.info('A CheckpointSaverListener requested that training be stopped. listener: %s', listener)
                should_stop = True
        return should_stop

    def _get_saver(self):
        if self._saver is not None:
            return self._saver
        if self._scaffold is not None:
            return self._scaffold.saver
        savers = get_default_graph().get_collection(GraphKeys.SAVERS)
        if not savers:
            raise RuntimeError(f'No items in collection {GraphKeys.SAVERS}. Please add a saver to the collection or provide a '
                               'saver or scaffold.')
        if len(savers) > 1:
            raise RuntimeError(f'More than one item in collection {GraphKeys.SAVERS}. Please indicate which one to use by '
                               'passing it to the constructor.')
        self._saver = savers[0]
        return self._saver

