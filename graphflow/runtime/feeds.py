"""Feeds: values that replace tensors in one run, checked and made into numpy arrays."""
import numpy as np

from graphflow.framework import dtypes, errors
from graphflow.framework.tensor import Tensor
from graphflow.runtime.fetches import feed_expansion
from graphflow.runtime.state import VariableCell
from graphflow.util import nest


_MAX_ACCEPTED = 64      # shapes a placeholder remembers


class Feeds:
    """The keys of a feed_dict, made ready for many runs that differ in the values alone.

    Args:
      graph: the session's Graph.
      feed_dict: dict of Tensors, variables, names, or structures of these to values.

    Attributes: `tensors`, the Tensors fed, each once. `arrays(values)` gives their values for a run.

    Raises: TypeError if a key is not a tensor of the graph, ValueError if the tensor may not be fed.
    """

    def __init__(self, graph, feed_dict):
        self._graph = graph
        pairs = _pairs(feed_dict)
        tensors = [_tensor(graph, key) for key, _ in pairs]
        self.tensors = list(dict.fromkeys(tensors))
        for tensor in self.tensors:
            if not graph.is_feedable(tensor):
                raise ValueError(f'Tensor {tensor} may not be fed.')
        self._converters = [_converter(graph, t) for t in self.tensors]
        # Where each key is one tensor, the values come as they are.
        self._plain = len(self.tensors) == len(feed_dict) and all(k is key for (k, _), key in zip(pairs, feed_dict))
        self._all_tensors = tensors
        self._keys = list(feed_dict)

    def arrays(self, values):
        """The arrays for the values of the feed_dict, which come in the order of its keys, in the order of `tensors`.

        Raises: TypeError if a value cannot be of the tensor's dtype, ValueError if it has the wrong shape.
        """
        if not self._plain:
            flat = [value for _, value in _pairs(dict(zip(self._keys, values)))]
            values = dict(zip(self._all_tensors, flat)).values()     # of two values for a tensor the last one counts
        return [convert(value) for convert, value in zip(self._converters, values)]


def _pairs(feed_dict):
    """[(key, value)] of single keys: structures of keys go with structures of values."""
    pairs = []
    for key, value in feed_dict.items():
        expand = feed_expansion(key)
        pairs.extend([(key, value)] if expand is None else expand(key, value))
    if any(nest.is_nested(key) for key, _ in pairs):
        return list(nest.flatten_dict_items(dict(pairs)).items())
    return pairs


def _tensor(graph, key):
    try:
        return graph.as_graph_element(key, allow_tensor=True, allow_operation=False)
    except Exception as error:
        text = error.args[0] if error.args else str(error)
        raise TypeError(f'Cannot interpret feed_dict key as Tensor: {text}') from None


def _converter(graph, tensor):
    """function(value) -> the array to run with (in a cell of its own if the tensor is a variable's reference)."""
    dtype = tensor.dtype.base_dtype
    numpy_dtype = np.dtype(object if dtype == dtypes.string else dtype.as_numpy_dtype)
    shape, unfeedable, is_ref = tensor._shape, graph._unfeedable, tensor.dtype._is_ref_dtype
    is_float = numpy_dtype.kind == 'f'
    accepted = set()        # shapes found compatible: to look one up is quicker than to compare

    def convert(value):
        if type(value) is np.ndarray and value.dtype is numpy_dtype and numpy_dtype.kind != 'O':
            array = value
        elif type(value) is float and is_float:
            array = np.asarray(value, numpy_dtype)
        else:
            array = as_array(tensor, value)
        if not array.flags.aligned:
            array = array.copy()    # kernels are made for aligned memory
        if array.shape not in accepted:
            if not shape.is_compatible_with(array.shape):
                raise ValueError(f"Cannot feed value of shape {array.shape} for Tensor '{tensor.name}', which has "
                                 f"shape '{_shape_text(shape)}'")
            if len(accepted) < _MAX_ACCEPTED:
                accepted.add(array.shape)
        if unfeedable and tensor in unfeedable:
            raise ValueError(f'Tensor {tensor} may not be fed.')
        return _cell(tensor, array) if is_ref else array
    return convert


def _shape_text(shape):
    text = '(' + ', '.join('?' if d is None else str(d) for d in shape.as_list())
    return text + (',)' if shape.ndims == 1 else ')')


def _cell(tensor, array):
    """A variable for this run alone, with a copy of the array, so that updates do not reach what the user holds."""
    cell = VariableCell(tensor.op.name)
    cell.assign(array)
    return cell


def fed_value(array):
    """What a run returns for a tensor that is both fed and fetched."""
    return np.array(array.read() if isinstance(array, VariableCell) else array)


def as_array(tensor, value):
    """`value` as an array of the tensor's dtype.

    Raises: TypeError, ValueError if it cannot be one.
    """
    if isinstance(value, Tensor):
        raise TypeError(
            'The value of a feed cannot be a tf.Tensor object. Acceptable feed values include Python scalars, '
            'strings, lists, numpy ndarrays, or TensorHandles. For reference, the tensor object was '
            f'{value} which was passed to the feed with key {tensor}.')
    dtype = tensor.dtype.base_dtype
    numpy_dtype = object if dtype == dtypes.string else dtype.as_numpy_dtype
    if isinstance(value, int) and not _holds(numpy_dtype, value):
        raise TypeError(f'Type of feed value {value} with type {type(value)} is not compatible with Tensor type '
                        f'{numpy_dtype}. Try explicitly setting the type of the feed tensor to a larger type (e.g. '
                        'int64).')
    if hasattr(value, 'todense') and not isinstance(value, np.ndarray):
        raise TypeError(f'{type(value).__name__} cannot be fed to the dense tensor {tensor.name}')
    if numpy_dtype is object:
        return _bytes_array(value)
    return np.asarray(value, dtype=numpy_dtype)


def _holds(numpy_dtype, value):
    if numpy_dtype is object:
        return False
    try:
        return numpy_dtype(value) == value
    except OverflowError:
        return False


def _bytes_array(value):
    array = np.asarray(value, dtype=object)
    result = np.empty(array.size, dtype=object)
    for i, item in enumerate(array.ravel()):
        if isinstance(item, str):
            item = item.encode()
        elif not isinstance(item, bytes):
            raise errors.InternalError(None, None, f'Unsupported object type {type(item).__name__}')
        result[i] = item
    return result.reshape(array.shape)
