"""Sessions made ready for training: restored from a checkpoint or initialized, and checked."""
import time

from graphflow.framework import errors
from graphflow.framework.export import export
from graphflow.framework.graph import get_default_graph
from graphflow.platform import tf_logging
from graphflow.runtime.session import Session
from graphflow.train import checkpoint_management


@export('train.SessionManager')
class SessionManager:
    """Makes sessions, and restores or initializes their variables.

    Args:
      local_init_op: an Operation that initializes local variables and tables; it runs in every new session.
      ready_op: a 1-D string Tensor: the names of the variables that are not initialized yet.
      ready_for_local_init_op: the same, of those that local_init_op needs.
      graph: the Graph (default: the default graph).
      recovery_wait_secs: how long to wait between two looks for a checkpoint or a ready model.
      local_init_run_options: RunOptions for local_init_op.

    Raises: ValueError for a ready_for_local_init_op without a local_init_op.
    """

    def __init__(self, local_init_op=None, ready_op=None, ready_for_local_init_op=None, graph=None, recovery_wait_secs=30,
                 local_init_run_options=None):
        self._local_init_op, self._ready_op = local_init_op, ready_op
        self._ready_for_local_init_op = ready_for_local_init_op
        self._graph = graph if graph is not None else get_default_graph()
        self._recovery_wait_secs, self._local_init_run_options = recovery_wait_secs, local_init_run_options
        self._target = None
        if ready_for_local_init_op is not None and local_init_op is None:
            raise ValueError('If you pass a ready_for_local_init_op you must also pass a local_init_op , '
                             'ready_for_local_init_op [%s]' % ready_for_local_init_op)

    def _restore_checkpoint(self, master, saver=None, checkpoint_dir=None, checkpoint_filename_with_path=None,
                            wait_for_checkpoint=False, max_wait_secs=7200, config=None):
        """(a new session, whether its variables were restored)."""
        self._target = master
        session = Session(master, graph=self._graph, config=config)
        if checkpoint_dir and checkpoint_filename_with_path:
            raise ValueError('Can not provide both checkpoint_dir and checkpoint_filename_with_path.')
        if not saver or not (checkpoint_dir or checkpoint_filename_with_path):
            return session, False
        if checkpoint_filename_with_path:
            saver.restore(session, checkpoint_filename_with_path)
            return session, True
        waited = 0
        state = checkpoint_management.get_checkpoint_state(checkpoint_dir)
        while not state or not state.model_checkpoint_path:
            if not wait_for_checkpoint or waited >= max_wait_secs:
                return session, False
            tf_logging.info('Waiting for checkpoint to be available.')
            time.sleep(self._recovery_wait_secs)
            waited += self._recovery_wait_secs
            state = checkpoint_management.get_checkpoint_state(checkpoint_dir)
        saver.restore(session, state.model_checkpoint_path)
        saver.recover_last_checkpoints(state.all_model_checkpoint_paths)
        return session, True

    def prepare_session(self, master, init_op=None, saver=None, checkpoint_dir=None, checkpoint_filename_with_path=None,
                        wait_for_checkpoint=False, max_wait_secs=7200, config=None, init_feed_dict=None, init_fn=None):
        """A session whose variables were restored if there is a checkpoint, and initialized otherwise.

        Args:
          master: the address of a server; only '', this process.
          init_op: an Operation that initializes the variables, or None.
          saver: the Saver that restores.
          checkpoint_dir: the folder whose newest checkpoint is restored, or
          checkpoint_filename_with_path: the checkpoint itself.
          wait_for_checkpoint: whether to wait, max_wait_secs at most, until there is one.
          config: a ConfigProto.
          init_feed_dict: what to feed to init_op.
          init_fn: a function of the session, called after init_op.

        Raises: RuntimeError if there is nothing to initialize with, or variables are still without values.
        """
        session, is_restored = self._restore_checkpoint(
            master, saver, checkpoint_dir, checkpoint_filename_with_path, wait_for_checkpoint, max_wait_secs, config)
        if not is_restored:
            if init_op is None and not init_fn and self._local_init_op is None:
                raise RuntimeError('Model is not initialized and no init_op or init_fn or local_init_op was given')
            if init_op is not None:
                session.run(init_op, feed_dict=init_feed_dict)
            if init_fn:
                init_fn(session)
        problem = self._run_local_init_op(session)
        if problem:
            raise RuntimeError('Init operations did not make model ready for local_init.  Init op: %s, init fn: %s, error: %s'
                               % (_name(init_op), init_fn, problem))
        problem = _not_ready(session, self._ready_op)
        if problem:
            raise RuntimeError('Init operations did not make model ready.  Init op: %s, init fn: %s, local_init_op: %s, error: '
                               '%s' % (_name(init_op), init_fn, self._local_init_op, problem))
        return session

    def recover_session(self, master, saver=None, checkpoint_dir=None, checkpoint_filename_with_path=None,
                        wait_for_checkpoint=False, max_wait_secs=7200, config=None):
        """(a new session, whether it was restored and is ready); arguments as for prepare_session."""
        session, is_restored = self._restore_checkpoint(
            master, saver, checkpoint_dir, checkpoint_filename_with_path, wait_for_checkpoint, max_wait_secs, config)
        problem = self._run_local_init_op(session)
        if not is_restored:
            return session, False
        place = checkpoint_dir or checkpoint_filename_with_path
        if problem:
            tf_logging.info('Restoring model from %s did not make model ready for local init: %s', place, problem)
            return session, False
        problem = _not_ready(session, self._ready_op)
        if problem:
            tf_logging.info('Restoring model from %s did not make model ready: %s', place, problem)
            return session, False
        tf_logging.info('Restored model from %s', place)
        return session, True

    def wait_for_session(self, master, config=None, max_wait_secs=float('Inf')):
        """A session once another process has initialized the model.

        Raises: DeadlineExceededError if that takes longer than max_wait_secs.
        """
        self._target = master
        end = time.time() + (max_wait_secs if max_wait_secs is not None else float('Inf'))
        while True:
            session = Session(master, graph=self._graph, config=config)
            not_local, not_ready = self._run_local_init_op(session), None
            if not not_local:
                not_ready = _not_ready(session, self._ready_op)
                if not not_ready:
                    return session
            session.close()
            if time.time() + self._recovery_wait_secs > end:
                raise errors.DeadlineExceededError(
                    None, None, 'Session was not ready after waiting %d secs.' % max_wait_secs)
            tf_logging.info('Waiting for model to be ready.  Ready_for_local_init_op:  %s, ready: %s', not_local, not_ready)
            time.sleep(self._recovery_wait_secs)

    def _run_local_init_op(self, session):
        """Runs local_init_op if what it needs is there; returns what is missing, or None."""
        if self._local_init_op is None:
            return None
        problem = _not_ready(session, self._ready_for_local_init_op)
        if not problem:
            tf_logging.info('Running local_init_op.')
            session.run(self._local_init_op, options=self._local_init_run_options)
            tf_logging.info('Done running local_init_op.')
        return problem


def _not_ready(session, ready_op):
    """What is not ready, as text; None if all is."""
    if ready_op is None:
        return None
    try:
        names = session.run(ready_op)
    except errors.FailedPreconditionError as e:
        if 'uninitialized' not in str(e):
            tf_logging.warning('Model not ready : error [%s]', str(e))
            raise
        return str(e)
    if names is None or names.dtype.kind == 'i' or not names.size:
        return None
    return 'Variables not initialized: ' + ', '.join(name.decode() for name in names)


def _name(op):
    return op.name if hasattr(op, 'name') else op
