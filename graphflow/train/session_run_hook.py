"""SessionRunHook: what is called before and after every run of a MonitoredSession."""
import collections

from graphflow.framework.export import export


@export('train.SessionRunHook', 'estimator.SessionRunHook')
class SessionRunHook:
    """Base class of hooks; all methods do nothing."""

    def begin(self):
        """Called once before the session is made: the one place where a hook may add nodes to the graph."""

    def after_create_session(self, session, coord):
        """Called when a session was made, or made again after a failure, with its Coordinator."""

    def before_run(self, run_context):
        """Called before each run. Returns: None or SessionRunArgs: what to fetch and feed besides the caller's."""
        return None

    def after_run(self, run_context, run_values):
        """Called after each run with SessionRunValues, the results of what before_run asked for."""

    def end(self, session):
        """Called when the session ends without an error."""


@export('train.SessionRunArgs', 'estimator.SessionRunArgs')
class SessionRunArgs(collections.namedtuple('SessionRunArgs', ['fetches', 'feed_dict', 'options'])):
    """What a hook adds to a run: fetches as for Session.run, a feed_dict, RunOptions."""

    def __new__(cls, fetches, feed_dict=None, options=None):
        return super().__new__(cls, fetches, feed_dict, options)


@export('train.SessionRunContext', 'estimator.SessionRunContext')
class SessionRunContext:
    """What a hook sees of a run: the caller's arguments and the session; and how it asks for the end."""

    def __init__(self, original_args, session):
        self._original_args, self._session, self._stop_requested = original_args, session, False

    @property
    def original_args(self):
        """SessionRunArgs of the caller."""
        return self._original_args

    @property
    def session(self):
        """The session that runs."""
        return self._session

    @property
    def stop_requested(self):
        """Whether a hook has asked for the end."""
        return self._stop_requested

    def request_stop(self):
        """Makes the MonitoredSession's should_stop true after this run."""
        self._stop_requested = True


SessionRunValues = export('train.SessionRunValues', 'estimator.SessionRunValues')(
    collections.namedtuple('SessionRunValues', ['results', 'options', 'run_metadata']))
