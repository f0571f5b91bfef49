"""Replaces attributes for the time of a test."""
from graphflow.framework.export import export


@export('test.StubOutForTesting')
class StubOutForTesting:
    """Remembers what it replaces and puts it back in `CleanUp`, or at the end of a `with` block."""

    def __init__(self):
        self._smart, self._plain = [], []

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.CleanUp()

    def __del__(self):
        self.CleanUp()

    def CleanUp(self):
        """Puts back all that was replaced."""
        self.SmartUnsetAll()
        self.UnsetAll()

    def SmartSet(self, obj, attr_name, new_attr):
        """Replaces an attribute where it is defined: in `obj`, its class or a base class of that.

        Raises: AttributeError if there is none of this name.
        """
        holders = [obj] + list(getattr(obj if isinstance(obj, type) else type(obj), '__mro__', ()))
        holder = next((h for h in holders if attr_name in vars(h)), None)
        if holder is None:
            raise AttributeError(f'Attribute {attr_name} does not exist in object {obj}')
        self._replace(self._smart, obj if holder is obj else holder, attr_name, new_attr)

    def SmartUnsetAll(self):
        """Puts back what `SmartSet` replaced."""
        self._restore(self._smart)

    def Set(self, parent, child_name, new_child):
        """Replaces the attribute `child_name` of `parent`, which must be there."""
        getattr(parent, child_name)
        self._replace(self._plain, parent, child_name, new_child)

    def UnsetAll(self):
        """Puts back what `Set` replaced."""
        self._restore(self._plain)

    @staticmethod
    def _replace(log, holder, name, value):
        # vars() rather than getattr: a static method must come back as one.
        old = vars(holder)[name] if hasattr(holder, '__dict__') and name in vars(holder) else getattr(holder, name)
        log.append((holder, name, old))
        setattr(holder, name, value)

    @staticmethod
    def _restore(log):
        while log:
            setattr(*log.pop())
