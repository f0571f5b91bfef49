"""Feeds: the values given for tensors in a run, checked and made into arrays."""
import numpy as np

from graphflow.framework import dtypes
from graphflow.framework.tensor import Tensor
from graphflow.runtime.fetches import feed_expansion


def normalize(graph, feed_dict):
    """Checks a feed_dict.

    Args:
      graph: the session's Graph.
      feed_dict: dict of Tensors, variables, names, or tuples of these to values.

    Returns: dict of Tensors to numpy arrays of their dtypes.

    Raises: TypeError if a key is not a tensor of the graph or a value cannot be of the dtype, ValueError if a value has
      the wrong shape or the tensor may not be fed.
    """
    if not isinstance(feed_dict, dict) and not hasattr(feed_dict, 'items'):
        raise TypeError('input must be a dictionary')
    result = {}
    for key, value in _flatten(feed_dict.items()):
        tensor = _tensor(graph, key)
        if isinstance(value, Tensor):
            raise TypeError(
                'The value of a feed cannot be a tf.Tensor object. Acceptable feed values include Python scalars, '
                'strings, lists, numpy ndarrays, or TensorHandles. For reference, the tensor object was '
                f'{value} which was passed to the feed with key {key}.')
        array = as_array(tensor, value)
        if not tensor._shape.is_compatible_with(array.shape):
            shape = '(' + ', '.join('?' if d is None else str(d) for d in tensor._shape.as_list())
            shape += ',)' if tensor._shape.ndims == 1 else ')'
            raise ValueError(f"Cannot feed value of shape {array.shape} for Tensor '{tensor.name}', which has shape "
                             f"'{shape}'")
        if not graph.is_feedable(tensor):
            raise ValueError(f'Tensor {tensor} may not be fed.')
        result[tensor] = array
    return result


def _flatten(items):
    """Pairs of single keys and values: structures of keys go with structures of values."""
    for key, value in items:
        expand = feed_expansion(key)
        if expand is not None:
            yield from expand(key, value)
        elif isinstance(key, (list, tuple)):
            if not isinstance(value, (list, tuple)) or len(key) != len(value):
                raise ValueError(f'The two structures don\'t have the same nested structure: {key} and {value}')
            yield from _flatten(zip(key, value))
        else:
            yield key, value


def _tensor(graph, key):
    try:
        return graph.as_graph_element(key, allow_tensor=True, allow_operation=False)
    except Exception as error:
        text = error.args[0] if error.args else str(error)
        raise TypeError(f'Cannot interpret feed_dict key as Tensor: {text}') from None


def as_array(tensor, value):
    """`value` as an array of the tensor's dtype.

    Raises: TypeError, ValueError if it cannot be one.
    """
    dtype = tensor.dtype.base_dtype
    if dtype == dtypes.string:
        return _bytes_array(value)
    numpy_dtype = dtype.as_numpy_dtype
    if type(value) is np.ndarray and value.dtype == numpy_dtype:
        return value
    if isinstance(value, int) and not isinstance(value, bool) and numpy_dtype is not np.bool_ \
            and numpy_dtype(value) != value:
        raise TypeError(f'Type of feed value {value} with type {type(value)} is not compatible with Tensor type '
                        f'{numpy_dtype}. Try explicitly setting the type of the feed tensor to a larger type (e.g. '
                        'int64).')
    if hasattr(value, 'todense') and not isinstance(value, np.ndarray):
        raise TypeError(f'{type(value).__name__} cannot be fed to the dense tensor {tensor.name}')
    return np.asarray(value, dtype=numpy_dtype)


def _bytes_array(value):
    array = np.asarray(value, dtype=object)
    flat = [v.encode() if isinstance(v, str) else v for v in array.ravel()]
    for item in flat:
        if not isinstance(item, bytes):
            raise TypeError(f'Expected binary or unicode string, got {item!r}')
    result = np.empty(array.size, dtype=object)
    result[:] = flat
    return result.reshape(array.shape)


