"""MonitoredSession: a session that initializes its graph, calls hooks around runs, and recovers from lost workers."""
import inspect

from graphflow.framework import dtypes, errors, scopes
from graphflow.framework.export import PUBLIC, export
from graphflow.framework.graph import get_default_graph
from graphflow.framework.scopes import GraphKeys
from graphflow.ops import concat, constant, control_flow, initialization, variables
from graphflow.platform import tf_logging
from graphflow.train import saver, session_manager
from graphflow.train.basic_session_run_hooks import StepCounterHook, SummarySaverHook
from graphflow.train.checkpoint_saver_hook import CheckpointSaverHook
from graphflow.train.coordinator import Coordinator
from graphflow.train.session_run_hook import SessionRunArgs, SessionRunContext, SessionRunValues

USE_DEFAULT = object()
# Errors of a worker that was lost: the session is made again.
_PREEMPTION_ERRORS = (errors.AbortedError, errors.UnavailableError)


@export('train.Scaffold')
class Scaffold:
    """The ops that a session needs to start: what is not given is found in its collection or made by `finalize`.

    Args:
      init_op: an Operation that initializes the global variables.
      init_feed_dict: what to feed to it.
      init_fn: a function (scaffold, session) to call after it.
      ready_op: a 1-D string Tensor: the names of the variables that are not initialized yet.
      ready_for_local_init_op: the same, of those that local_init_op needs.
      local_init_op: an Operation that initializes local variables and tables.
      summary_op: a string Tensor of merged summaries.
      saver: a Saver.
      copy_from_scaffold: a Scaffold whose values serve where none are given.
    """

    def __init__(self, init_op=None, init_feed_dict=None, init_fn=None, ready_op=None, ready_for_local_init_op=None,
                 local_init_op=None, summary_op=None, saver=None, copy_from_scaffold=None):
        def given(value, name):
            return getattr(copy_from_scaffold, name) if value is None and copy_from_scaffold is not None else value
        if copy_from_scaffold is not None and not isinstance(copy_from_scaffold, Scaffold):
            raise TypeError('copy_from_scaffold is not a Scaffold instance.')
        self._init_op = given(init_op, '_init_op')
        self._init_feed_dict = given(init_feed_dict, '_init_feed_dict')
        self._init_fn = (lambda session: init_fn(self, session)) if init_fn else given(None, '_init_fn')
        self._ready_op = given(ready_op, '_ready_op')
        self._ready_for_local_init_op = given(ready_for_local_init_op, '_ready_for_local_init_op')
        self._local_init_op = given(local_init_op, '_local_init_op')
        self._summary_op = given(summary_op, '_summary_op')
        self._saver = given(saver, '_saver')

    init_op = property(lambda self: self._init_op)
    init_feed_dict = property(lambda self: self._init_feed_dict)
    init_fn = property(lambda self: self._init_fn)
    ready_op = property(lambda self: self._ready_op)
    ready_for_local_init_op = property(lambda self: self._ready_for_local_init_op)
    local_init_op = property(lambda self: self._local_init_op)
    summary_op = property(lambda self: self._summary_op)
    saver = property(lambda self: self._saver)

    def finalize(self):
        """Makes what is missing, and finalizes the default graph. Returns: self."""
        if self._init_op is None:
            self._init_op = self.get_or_default('init_op', GraphKeys.INIT_OP, _initialize_global)
        if self._ready_op is None:
            self._ready_op = self.get_or_default('ready_op', GraphKeys.READY_OP, lambda: _uninitialized(None))
        if self._ready_for_local_init_op is None:
            self._ready_for_local_init_op = self.get_or_default(
                'ready_for_local_init_op', GraphKeys.READY_FOR_LOCAL_INIT_OP,
                lambda: _uninitialized(variables.global_variables()))
        if self._local_init_op is None:
            self._local_init_op = self.get_or_default(
                'local_init_op', GraphKeys.LOCAL_INIT_OP, self.default_local_init_op)
        if self._summary_op is None and 'summary.merge_all' in PUBLIC:
            self._summary_op = self.get_or_default('summary_op', GraphKeys.SUMMARY_OP, PUBLIC['summary.merge_all'])
        if self._saver is None:
            self._saver = saver.get_saver_or_default()
        self._saver.build()
        get_default_graph().finalize()
        tf_logging.info('Graph was finalized.')
        return self

    @staticmethod
    def get_or_default(arg_name, collection_key, default_constructor):
        """The one element of a collection or, where it is empty, what `default_constructor()` makes, put there.

        Raises: RuntimeError if there are several elements.
        """
        elements = get_default_graph().get_collection(collection_key)
        if len(elements) > 1:
            raise RuntimeError(f'More than one item in the collection "{collection_key}". Please indicate which one to '
                               f'use by passing it to the tf.Scaffold constructor as:  tf.Scaffold({arg_name}=item to '
                               'use)')
        if elements:
            return elements[0]
        op = default_constructor()
        if op is not None:
            get_default_graph().add_to_collection(collection_key, op)
        return op

    @staticmethod
    def default_local_init_op():
        """An Operation that initializes all local variables, tables and local resources."""
        return control_flow.group(
            initialization.local_variables_initializer(),
            _grouped(GraphKeys.TABLE_INITIALIZERS, 'init_all_tables'), control_flow.no_op(name='init'))


def _initialize_global():
    return control_flow.group(initialization.global_variables_initializer(), control_flow.no_op(name='init'))


def _grouped(collection, name):
    found = get_default_graph().get_collection(collection)
    return control_flow.group(*found, name=name) if found else control_flow.no_op(name=name)


def _uninitialized(var_list):
    """The names of those of the variables (and resources, of which there are none) that are not initialized."""
    names = initialization.report_uninitialized_variables(var_list)
    with scopes.name_scope('report_uninitialized_resources'), scopes.device('/cpu:0'):
        resources = constant.constant([], dtype=dtypes.string)
    return concat.concat([names, resources], 0)


@export('train.SessionCreator')
class SessionCreator:
    """Base class of what makes sessions for a MonitoredSession."""

    def create_session(self):
        """A new session, ready to run."""
        raise NotImplementedError(f'create_session is not implemented for {self}.')


@export('train.ChiefSessionCreator')
class ChiefSessionCreator(SessionCreator):
    """Makes sessions, and initializes all variables.

    Args:
      scaffold: a Scaffold; a default one if None.
      master: the address of a server; only '', this process.
      config: a ConfigProto.
      checkpoint_dir: the folder whose newest checkpoint is restored, or
      checkpoint_filename_with_path: the checkpoint itself. Without one, variables are initialized.
    """

    def __init__(self, scaffold=None, master='', config=None, checkpoint_dir=None, checkpoint_filename_with_path=None):
        self._scaffold = scaffold or Scaffold()
        self._master, self._config = master, config
        self._checkpoint_dir, self._checkpoint_path = checkpoint_dir, checkpoint_filename_with_path
        self._session_manager = None

    def create_session(self):
        self._scaffold.finalize()
        if self._session_manager is None:
            self._session_manager = _session_manager(self._scaffold)
        return self._session_manager.prepare_session(
            self._master, saver=self._scaffold.saver, checkpoint_dir=self._checkpoint_dir,
            checkpoint_filename_with_path=self._checkpoint_path, config=self._config, init_op=self._scaffold.init_op,
            init_feed_dict=self._scaffold.init_feed_dict, init_fn=self._scaffold.init_fn)


@export('train.WorkerSessionCreator')
class WorkerSessionCreator(SessionCreator):
    """Makes sessions whose variables another process, the chief, initializes.

    Args:
      scaffold, master, config: as for ChiefSessionCreator.
      max_wait_secs: how long to wait for the chief.
    """

    def __init__(self, scaffold=None, master='', config=None, max_wait_secs=30 * 60):
        self._scaffold = scaffold or Scaffold()
        self._master, self._config, self._max_wait_secs = master, config, max_wait_secs
        self._session_manager = None

    def create_session(self):
        self._scaffold.finalize()
        if self._session_manager is None:
            self._session_manager = _session_manager(self._scaffold)
        return self._session_manager.wait_for_session(self._master, config=self._config,
                                                      max_wait_secs=self._max_wait_secs)


def _session_manager(scaffold):
    return session_manager.SessionManager(
        local_init_op=scaffold.local_init_op, ready_op=scaffold.ready_op,
        ready_for_local_init_op=scaffold.ready_for_local_init_op, graph=get_default_graph())


class _HookedSession:
    """A session with the hooks around its runs, and the Coordinator of its threads."""

    def __init__(self, session, hooks, coord=None, stop_grace_period_secs=120):
        self.tf_session, self.coord = session, coord or Coordinator(clean_stop_exception_types=[])
        self._hooks, self._grace = hooks, stop_grace_period_secs
        self._stop = False

    def should_stop(self):
        return self._stop or self.coord.should_stop()

    def close(self):
        self.coord.request_stop()
        try:
            self.coord.join(stop_grace_period_secs=self._grace, ignore_live_threads=True)
        finally:
            self.tf_session.close()

    def run(self, fetches, feed_dict=None, options=None, run_metadata=None):
        try:
            return self._run(fetches, feed_dict, options, run_metadata)
        except _PREEMPTION_ERRORS:
            raise
        except Exception:
            # An error of another thread is the likelier cause of this one.
            self.coord.raise_requested_exception()
            raise

    def _run(self, fetches, feed_dict, options, run_metadata):
        if self.should_stop():
            raise RuntimeError('Run called even after should_stop requested.')
        context = SessionRunContext(SessionRunArgs(fetches, feed_dict), self.tf_session)
        wanted, feeds = {'caller': fetches}, {}
        for hook in self._hooks:
            request = hook.before_run(context)
            if request is None:
                continue
            if request.fetches is not None:
                wanted[hook] = request.fetches
            if request.feed_dict:
                _raise_if_fed_twice('Same tensor is fed by two hooks.', feeds, request.feed_dict)
                feeds.update(request.feed_dict)
            options = options or request.options
        if feed_dict:
            _raise_if_fed_twice('Same tensor is fed by a SessionRunHook and user.', feeds, feed_dict)
            feeds.update(feed_dict)
        if options is not None and run_metadata is None:
            from tensorboard.compat.proto.config_pb2 import RunMetadata
            run_metadata = RunMetadata()        # for the hook that asked for a trace
        results = self.tf_session.run(wanted, feed_dict=feeds or None, options=options, run_metadata=run_metadata)
        for hook in self._hooks:
            hook.after_run(context, SessionRunValues(results.get(hook), options, run_metadata))
        self._stop = self._stop or context.stop_requested
        return results['caller']


def _raise_if_fed_twice(message, first, second):
    conflicts = [key for key in second if key in first]
    if conflicts:
        raise RuntimeError(f'{message} Conflict(s): {conflicts}')


class _MonitoredSession:
    """What MonitoredSession and SingularMonitoredSession share."""

    def __init__(self, session_creator, hooks, should_recover, stop_grace_period_secs=120):
        self._graph_was_finalized = get_default_graph().finalized
        self._hooks = list(hooks or [])
        for hook in self._hooks:
            hook.begin()
        self._session_creator = session_creator or ChiefSessionCreator()
        self._graph, self._recovers, self._grace = get_default_graph(), should_recover, stop_grace_period_secs
        self._sess = self._retried(self._create)

    def _create(self):
        with self._graph.as_default():
            session = self._session_creator.create_session()
        coord = Coordinator(clean_stop_exception_types=[])
        if self._graph.get_collection(GraphKeys.QUEUE_RUNNERS):
            PUBLIC['train.start_queue_runners'](sess=session, coord=coord)
        for hook in self._hooks:
            hook.after_create_session(session, coord)
        return _HookedSession(session, self._hooks, coord, self._grace)

    def _retried(self, function):
        while True:
            try:
                return function()
            except _PREEMPTION_ERRORS as e:
                if not self._recovers:
                    raise
                tf_logging.info('An error was raised. This may be due to a preemption in a connected worker or '
                                'parameter server. The current session will be closed and a new session will be '
                                'created. Error: %s', e)
                if getattr(self, '_sess', None) is not None:
                    self._sess.close()
                    self._sess = None

    @property
    def graph(self):
        """The Graph, or None once the session is closed."""
        return None if self._sess is None else self._sess.tf_session.graph

    def run(self, fetches, feed_dict=None, options=None, run_metadata=None):
        """Session.run, with all hooks before and after it.

        Raises: RuntimeError if a hook has asked for the end before.
        """
        if self._sess is None:
            raise RuntimeError('Session is already closed.')

        def run():
            if self._sess is None:
                self._sess = self._create()
            return self._sess.run(fetches, feed_dict, options, run_metadata)
        return self._retried(run)

    def run_step_fn(self, step_fn):
        """Calls `step_fn(step_context)`, or a method of such an argument.

        `step_context.session` is the plain Session, `step_context.run_with_hooks` is `run`, and
        `step_context.request_stop()` ends the loop of the MonitoredSession.

        Returns: what `step_fn` returns.

        Raises: ValueError for a function of other arguments.
        """
        if not callable(step_fn):
            raise TypeError('unsupported callable')
        arguments = tuple(inspect.signature(step_fn).parameters)
        if inspect.ismethod(step_fn):
            arguments = ('self',) + arguments
        if arguments not in (('step_context',), ('self', 'step_context')):
            raise ValueError('`step_fn` may either have one `step_context` argument, or `self` and `step_context` '
                             f"arguments if it's an instance method. Got {arguments} instead.")
        return self._retried(lambda: step_fn(StepContext(self._sess.tf_session, self.run)))

    def should_stop(self):
        """Whether a hook, or a thread of the Coordinator, has asked for the end."""
        return self._sess is None or self._sess.should_stop()

    def close(self):
        """Calls the hooks' `end`, and closes the session."""
        self._close_internal()

    def __enter__(self):
        return self

    def __exit__(self, exception_type, exception_value, traceback):
        if exception_type in (errors.OutOfRangeError, StopIteration):
            exception_type = None       # the input's regular end
        self._close_internal(exception_type)
        return exception_type is None

    def _close_internal(self, exception_type=None):
        try:
            if not exception_type and self._sess is not None:
                for hook in self._hooks:
                    hook.end(self._sess.tf_session)
        finally:
            try:
                if self._sess is None:
                    raise RuntimeError('Session is already closed.')
                self._sess.close()
            finally:
                self._sess = None
                if not self._graph_was_finalized:
                    self._graph._unsafe_unfinalize()


class StepContext:
    """What a step function is given."""

    def __init__(self, session, run_with_hooks_fn):
        self._session, self._run_with_hooks_fn = session, run_with_hooks_fn

    @property
    def session(self):
        """The plain Session."""
        return self._session

    def run_with_hooks(self, *args, **kwargs):
        """MonitoredSession.run."""
        return self._run_with_hooks_fn(*args, **kwargs)

    def request_stop(self):
        """Ends the MonitoredSession's with block."""
        raise StopIteration('step_fn has requested the iterations to stop.')


@export('train.MonitoredSession')
class MonitoredSession(_MonitoredSession):
    """A session that initializes the graph, calls hooks, and starts again when a worker is lost.

        with tf.train.MonitoredSession(hooks=[...]) as session:
            while not session.should_stop():
                session.run(train_op)

    The graph is finalized. OutOfRangeError ends the block without an error.

    Args:
      session_creator: a SessionCreator; ChiefSessionCreator by default.
      hooks: a list of SessionRunHooks.
      stop_grace_period_secs: how long threads may take to end.
    """
    StepContext = StepContext

    def __init__(self, session_creator=None, hooks=None, stop_grace_period_secs=120):
        super().__init__(session_creator, hooks, should_recover=True, stop_grace_period_secs=stop_grace_period_secs)


@export('train.SingularMonitoredSession')
class SingularMonitoredSession(_MonitoredSession):
    """A MonitoredSession that does not start again; `raw_session()` is the plain Session.

    Args:
      hooks, stop_grace_period_secs: as for MonitoredSession.
      scaffold, master, config, checkpoint_dir, checkpoint_filename_with_path: as for ChiefSessionCreator.
    """
    StepContext = StepContext

    def __init__(self, hooks=None, scaffold=None, master='', config=None, checkpoint_dir=None,
                 stop_grace_period_secs=120, checkpoint_filename_with_path=None):
        creator = ChiefSessionCreator(scaffold, master, config, checkpoint_dir, checkpoint_filename_with_path)
        super().__init__(creator, hooks, should_recover=False, stop_grace_period_secs=stop_grace_period_secs)

    def raw_session(self):
        """The Session itself."""
        return self._sess.tf_session


def _summary_hooks(folder, scaffold, log_step_count_steps, save_steps, save_secs):
    if save_steps is USE_DEFAULT:
        save_steps = 100 if save_secs is USE_DEFAULT else None
    if save_secs is USE_DEFAULT:
        save_secs = None
    hooks = []
    if log_step_count_steps and log_step_count_steps > 0:
        hooks.append(StepCounterHook(output_dir=folder, every_n_steps=log_step_count_steps))
    if save_steps and save_steps > 0 or save_secs and save_secs > 0:
        hooks.append(SummarySaverHook(save_steps, save_secs, output_dir=folder, scaffold=scaffold))
    return hooks


def _checkpoint_hooks(folder, scaffold, save_steps, save_secs):
    if save_secs is USE_DEFAULT:
        save_secs = 600 if save_steps is USE_DEFAULT else None
    if save_steps is USE_DEFAULT:
        save_steps = None
    if save_secs and save_secs > 0 or save_steps and save_steps > 0:
        return [CheckpointSaverHook(folder, save_secs, save_steps, scaffold=scaffold)]
    return []


@export('train.MonitoredTrainingSession')
def MonitoredTrainingSession(  # noqa: N802
        master='', is_chief=True, checkpoint_dir=None, scaffold=None, hooks=None, chief_only_hooks=None,
        save_checkpoint_secs=USE_DEFAULT, save_summaries_steps=USE_DEFAULT, save_summaries_secs=USE_DEFAULT,
        config=None, stop_grace_period_secs=120, log_step_count_steps=100, max_wait_secs=7200,
        save_checkpoint_steps=USE_DEFAULT,
        summary_dir=None):
    """A MonitoredSession for training.

    Args:
      master, scaffold, config: as for ChiefSessionCreator.
      is_chief: whether this process initializes the graph; only True.
      checkpoint_dir: the folder for checkpoints and, by default, summaries; the newest one there is restored.
      hooks: a list of SessionRunHooks.
      chief_only_hooks: more of them, for the chief.
      stop_grace_period_secs: how long threads may take to end.
      log_step_count_steps: how often, in steps, steps per second are logged and written as a summary; only with
        `summary_dir`.
      summary_dir: where to write summaries.
      save_summaries_steps, save_summaries_secs: how often to write the scaffold's summary_op, in steps or in seconds; by
        default every 100 steps, never if both are None.
      save_checkpoint_secs, save_checkpoint_steps: how often to save checkpoints, in seconds or steps; by default every 600
        seconds, never if both are None.
      max_wait_secs: accepted; it is how long others wait for the chief.

    Returns: a MonitoredSession.
    """
    if not is_chief:
        raise NotImplementedError('MonitoredTrainingSession(is_chief=False): there is only one process')
    scaffold = scaffold or Scaffold()
    creator = ChiefSessionCreator(scaffold, master, config, checkpoint_dir)
    all_hooks = list(chief_only_hooks or [])
    summary_dir = summary_dir or checkpoint_dir
    if summary_dir:
        all_hooks += _summary_hooks(
            summary_dir, scaffold, log_step_count_steps, save_summaries_steps, save_summaries_secs)
    if checkpoint_dir:
        all_hooks += _checkpoint_hooks(checkpoint_dir, scaffold, save_checkpoint_steps, save_checkpoint_secs)
    return MonitoredSession(creator, all_hooks + list(hooks or []), stop_grace_period_secs)
