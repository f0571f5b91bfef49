"""Kernels that call Python functions. What these raise becomes an OpError: StopIteration OutOfRangeError, ValueError
and TypeError InvalidArgumentError, MemoryError ResourceExhaustedError, NotImplementedError UnimplementedError, all
else UnknownError."""
import traceback

import numpy as np

from graphflow.framework import dtypes, errors, py_funcs
from graphflow.framework.registry import kernel

_ERRORS = ((StopIteration, errors.OutOfRangeError), (MemoryError, errors.ResourceExhaustedError),
           (NotImplementedError, errors.UnimplementedError), ((ValueError, TypeError), errors.InvalidArgumentError))
_NAMES = {'float32': 'float', 'float64': 'double', 'float16': 'half'}


@kernel('PyFunc', 'PyFuncStateless')
def py_func(input, token, Tout):
    function = py_funcs.find(token)
    if function is None:
        raise errors.UnknownError(None, None, f"KeyError: '{token}'")
    try:
        # The function gets its own arrays: it may change them, and it may keep them.
        returned = function(*[v[()] if v.ndim == 0 else v.copy() for v in map(np.asarray, input)])
    except Exception as error:
        raise _error(error) from error
    values = [] if returned is None else returned if isinstance(returned, (list, tuple)) else [returned]
    if len(values) != len(Tout):
        raise errors.InvalidArgumentError(
            None, None, f'{token} returns {len(values)} values, but expects to see {len(Tout)} values.')
    return [_output(v, np.dtype(dtype), token, i) for i, (v, dtype) in enumerate(zip(values, Tout))]


def _error(error):
    kind = next((ours for theirs, ours in _ERRORS if isinstance(error, theirs)), errors.UnknownError)
    return kind(None, None, f'{type(error).__name__}: {error}\nTraceback (most recent call last):\n\n'
                + ''.join(traceback.format_tb(error.__traceback__)))


def _output(value, dtype, token, i):
    """What the function returned as an array, which must be of `dtype`."""
    try:
        array = np.array(value, order='C')
    except ValueError as error:     # rows of different lengths
        raise _error(error) from error
    if array.dtype.kind in 'SU' or array.dtype == object:
        array = _strings(array, value)
    if array.dtype != dtype:
        found, wanted = (dtypes.as_dtype(d).name for d in (array.dtype, dtype))
        raise errors.InvalidArgumentError(None, None, f'{i}-th value returned by {token} is '
                                          f'{_NAMES.get(found, found)}, but expects {_NAMES.get(wanted, wanted)}')
    return array


def _strings(array, value):
    if isinstance(value, bytes):        # an array would cut trailing zeros off
        return np.array(value, dtype=object)
    flat = [v.encode() if isinstance(v, str) else v for v in array.ravel().tolist()]
    for item in flat:
        if not isinstance(item, bytes):
            raise errors.InternalError(None, None, f'Unsupported object type {type(item).__name__}')
    result = np.empty(len(flat), dtype=object)
    result[:] = flat
    return result.reshape(array.shape)


@kernel('EagerPyFunc')
def eager_py_func(input):
    raise errors.UnimplementedError(None, None, 'graphflow has no eager execution, which tf.py_function needs: use '
                                    'tf.py_func, whose function gets and returns numpy arrays.')
