"""The per-thread stacks of default graphs and default sessions."""
import contextlib
import threading

from graphflow.framework.export import export


class DefaultStack(threading.local):
    """A stack of objects, one a thread; the innermost is the default."""

    def __init__(self):
        self.stack = []
        self.enforce_nesting = True

    def get_default(self):
        return self.stack[-1] if self.stack else None

    def is_cleared(self):
        return not self.stack

    @contextlib.contextmanager
    def get_controller(self, default):
        """Makes `default` the default within the `with` block."""
        self.stack.append(default)
        try:
            yield default
        finally:
            if self.stack and self.enforce_nesting and self.stack[-1] is not default:
                raise AssertionError(f'Nesting violated for default stack of {type(default)} objects')
            if default in self.stack:
                # Interactive sessions close in any order, so the entry need not be the last one.
                del self.stack[len(self.stack) - 1 - self.stack[::-1].index(default)]


sessions = DefaultStack()


@export('get_default_session')
def get_default_session():
    """The innermost session entered with `with sess:` (or the InteractiveSession) in this thread, or None."""
    return sessions.get_default()


def session_for(what, how, graph, session):
    """The session that `Tensor.eval` or `Operation.run` uses: the one given or the default one, checked for its graph.

    Raises: ValueError if there is none, or it is of another graph.
    """
    if session is None:
        session = sessions.get_default()
        if session is None:
            colon = ':' if what.startswith('execute') else ''
            raise ValueError(f'Cannot {what} using `{how.split("(")[0]}()`: No default session is registered. Use '
                             f'`with sess.as_default(){colon}` or pass an explicit session to `{how}`')
        if session.graph is not graph:
            raise ValueError(f'Cannot use the default session to {what}: the {what.split()[-1]}\'s graph is different '
                             'from the session\'s graph. Pass an explicit session to '
                             f'`{how}`.')
    elif session.graph is not graph:
        raise ValueError(f'Cannot use the given session to {what}: the {what.split()[-1]}\'s graph is different from '
                         'the session\'s graph.')
    return session
