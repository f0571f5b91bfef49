"""What a session remembers between runs: the variables' values and each node's private state."""
import threading

import numpy as np

from graphflow.framework import errors
from graphflow.kernels import memory


class VariableCell:
    """The storage of one variable. `value` is an ndarray that updates change in place, or None before initialization.

    Updates hold `lock`, so that two threads' updates of one variable follow each other. `prepared` is what the last
    optimizer's update keeps for the next one.
    """
    __slots__ = ('name', 'value', 'lock', 'prepared', '__weakref__')

    def __init__(self, name):
        self.name = name
        self.value = self.prepared = None
        self.lock = threading.RLock()

    def read(self):
        """The current value, not a copy. Raises: FailedPreconditionError before initialization."""
        value = self.value
        if value is None:
            raise errors.FailedPreconditionError(None, None, f'Attempting to use uninitialized value {self.name}')
        return value

    def assign(self, value):
        """Sets the value to a copy of `value`; an array of the same shape and dtype is overwritten in place."""
        value = np.asarray(value)
        with self.lock:
            old = self.value
            if old is not None and old.shape == value.shape and old.dtype == value.dtype:
                old[...] = value
            else:
                self.value = memory.copy(value)     # which asks for big pages: a model's first touch takes long


class SessionState:
    """State by node for one session (or several sessions that share it).

    `cells` are the variables' values by container and name; `of(node)` is a dict private to the node, where random ops
    keep their stream, queues their elements and so on.
    """

    def __init__(self):
        self.lock = threading.RLock()
        self.cells = {}
        self._by_node = {}

    def of(self, node):
        """The private dict of `node`."""
        with self.lock:
            return self._by_node.setdefault(node.name, {})

    def cell(self, container, name):
        """The VariableCell of that name, made if there is none."""
        with self.lock:
            key = container, name
            found = self.cells.get(key)
            if found is None:
                found = self.cells[key] = VariableCell(name)
            return found

    def clear(self):
        with self.lock:
            self.cells.clear()
            self._by_node.clear()
