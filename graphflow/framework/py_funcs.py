"""Python functions that nodes call: a token, which is the node's attr, stands for each."""
import itertools
import weakref

_functions = weakref.WeakValueDictionary()      # token -> _Holder
_count = itertools.count()


class _Holder:
    """Keeps a function for as long as a graph uses it."""

    def __init__(self, function):
        self.function = function


def register(graph, function):
    """The token of `function`, which lives as long as `graph`."""
    token = f'pyfunc_{next(_count)}'
    holder = _functions[token] = _Holder(function)
    graph._py_funcs_used_in_graph.append(holder)
    return token


def find(token):
    """The function of a token, or None if it is gone."""
    holder = _functions.get(token)
    return holder.function if holder is not None else None
