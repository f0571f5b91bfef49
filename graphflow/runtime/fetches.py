"""Fetches: a nested structure of things to compute, flattened to tensors and operations, and rebuilt with values."""
import collections
from collections.abc import Mapping

from graphflow.framework import errors
from graphflow.framework.indexed_slices import IndexedSlices, IndexedSlicesValue
from graphflow.framework.operation import Operation
from graphflow.framework.sparse_tensor import SparseTensor, SparseTensorValue
from graphflow.framework.tensor import Tensor

_expansions = []        # (type, function(fetch) -> (list of fetches, function(values) -> value), feed function)


def register_session_run_conversion_functions(tensor_type, fetch_function, feed_function=None,
                                              feed_function_for_partial_run=None):
    """Lets `Session.run` fetch and feed objects of `tensor_type`.

    Args:
      tensor_type: a class.
      fetch_function: function(object) -> (list of fetches, function(list of their values) -> value).
      feed_function: function(object, value) -> list of (tensor, value).
      feed_function_for_partial_run: accepted, unused.

    Raises: ValueError if the type is registered already.
    """
    if any(issubclass(tensor_type, known) for known, _, _ in _expansions):
        raise ValueError(f'{tensor_type} has already been registered so ignore it.')
    _expansions.insert(0, (tensor_type, fetch_function, feed_function))


def _fetch_indexed_slices(fetch):
    parts = [fetch.values, fetch.indices] + ([] if fetch.dense_shape is None else [fetch.dense_shape])
    return parts, lambda values: IndexedSlicesValue(*values, *[None] * (3 - len(values)))


def _feed_indexed_slices(fetch, value):
    parts = [fetch.values, fetch.indices, fetch.dense_shape]
    return [(t, v) for t, v in zip(parts, value) if t is not None]


_expansions.append((SparseTensor, lambda fetch: ([fetch.indices, fetch.values, fetch.dense_shape],
                                                 lambda values: SparseTensorValue(*values)),
                    lambda fetch, value: list(zip((fetch.indices, fetch.values, fetch.dense_shape), value))))
_expansions.append((IndexedSlices, _fetch_indexed_slices, _feed_indexed_slices))


def feed_expansion(key):
    """The registered feed function for `key`, or None."""
    for kind, _, feed in _expansions:
        if isinstance(key, kind):
            return feed
    return None


class Fetches:
    """A fetch structure made ready to run.

    Attributes: `tensors`, the distinct Tensors to compute; `targets`, the Operations to run; `build(values)` gives the
    structure with values in it.
    """

    def __init__(self, graph, fetches):
        self._graph = graph
        self.tensors, self.targets = [], []
        self._index = {}
        self.build = self._mapper(fetches)

    def _mapper(self, fetch):
        """A function from the list of the tensors' values to the value of `fetch`."""
        if fetch is None:
            raise TypeError(f'Fetch argument {fetch!r} has invalid type {type(fetch)}')
        if isinstance(fetch, (list, tuple)):
            parts = [self._mapper(f) for f in fetch]
            if isinstance(fetch, list):
                return lambda values: [part(values) for part in parts]
            if hasattr(fetch, '_fields'):
                return lambda values: type(fetch)(*[part(values) for part in parts])
            return lambda values: type(fetch)([part(values) for part in parts])
        if isinstance(fetch, Mapping):
            mapped = {key: self._mapper(f) for key, f in fetch.items()}
            return lambda values: _same_mapping(fetch, {key: part(values) for key, part in mapped.items()})
        if _is_attrs(fetch):
            names = [a.name for a in type(fetch).__attrs_attrs__]
            parts = [self._mapper(getattr(fetch, name)) for name in names]
            return lambda values: type(fetch)(*[part(values) for part in parts])
        for kind, expand, _ in _expansions:
            if isinstance(fetch, kind):
                pieces, contract = expand(fetch)
                parts = [self._mapper(p) for p in pieces]
                return lambda values: contract([part(values) for part in parts])
        return self._element(fetch)

    def _element(self, fetch):
        try:
            element = self._graph.as_graph_element(fetch, allow_tensor=True, allow_operation=True)
        except TypeError as error:
            raise TypeError(f'Fetch argument {fetch!r} has invalid type {type(fetch)}, must be a string or Tensor. '
                            f'({error})') from None
        except (ValueError, KeyError) as error:
            raise ValueError(f'Fetch argument {fetch!r} cannot be interpreted as a Tensor. ({error})') from None
        if not self._graph.is_fetchable(element):
            op = element.op if isinstance(element, Tensor) else element
            raise errors.InaccessibleTensorError(
                f'Operation {op.name!r} has been marked as not fetchable. Typically this happens when it is defined in '
                'another function or code block. Use return values,explicit Python locals or TensorFlow collections to '
                'access it.')
        if isinstance(element, Operation):
            self.targets.append(element)
            return lambda values: None
        at = self._index.setdefault(element, len(self.tensors))
        if at == len(self.tensors):
            self.tensors.append(element)
        return lambda values: values[at]


def _is_attrs(value):
    return hasattr(type(value), '__attrs_attrs__')


def _same_mapping(like, entries):
    try:
        return type(like)(entries)
    except TypeError:       # e.g. a defaultdict, whose first argument is the factory
        result = type(like)(like.default_factory)
        result.update(entries)
        return result


def signature(fetches):
    """A hashable key that is equal for equal fetch structures, or None where the structure has no simple one."""
    if isinstance(fetches, (Tensor, Operation, str)):
        return fetches
    if isinstance(fetches, (list, tuple)):
        parts = tuple([signature(f) for f in fetches])
        return None if None in parts else (type(fetches), parts)
    if type(fetches) in (dict, collections.OrderedDict):
        # Keys of one type alone: 1, 1.0 and True are equal, but a result is to have the keys that were asked for.
        parts = tuple([signature(f) for f in fetches.values()])
        if None in parts or any(type(key) is not str for key in fetches):
            return None
        return type(fetches), tuple(fetches), parts
    if isinstance(fetches, (SparseTensor, IndexedSlices)) or hasattr(fetches, '_as_graph_element'):
        return fetches
    return None
