"""Python values to arrays by TensorFlow's rules (`to_ndarray`), and arrays to and from TensorProto messages.

The rules: a numpy array keeps its type; Python floats become float32, ints int32 (int64 when too large), complex
numbers complex128; text becomes bytes in an object array; an empty list is float32.
"""

import numbers

import numpy as np

from graphflow.framework import dtypes
from graphflow.framework.export import export
from graphflow.framework.tensor_shape import Dimension, as_shape

_INTEGERS = (numbers.Integral, np.integer, Dimension)
_REALS = (numbers.Real, np.integer, np.floating)
_COMPLEX = (numbers.Complex, np.number)
_TEXT = (str, bytes)

_INT32_MIN, _INT32_MAX = -2**31, 2**31 - 1
_FLOAT32_MAX = 3.4028234e38     # rounded down, so that what is beyond it takes the careful way

# Field of TensorProto that holds the values of a type when they are not stored as raw bytes.
_FIELD = {'float32': 'float_val', 'float64': 'double_val', 'string': 'string_val', 'bool': 'bool_val',
          'complex64': 'scomplex_val', 'complex128': 'dcomplex_val', 'int64': 'int64_val', 'uint32': 'uint32_val',
          'uint64': 'uint64_val', 'float16': 'half_val', 'bfloat16': 'half_val'}
_FIELD.update(dict.fromkeys(('int8', 'int16', 'int32', 'uint8', 'uint16', 'qint8', 'quint8', 'qint16', 'quint16',
                             'qint32'), 'int_val'))
_RAW = frozenset(getattr(dtypes, name) for name in (
    'float32', 'float64', 'int8', 'int16', 'int32', 'int64', 'uint8', 'uint32', 'uint64', 'qint8', 'quint8', 'qint32'))


def to_ndarray(values, dtype=None, shape=None, verify_shape=False, allow_broadcast=False):
    """The array that a constant of `values` holds; never shares memory with `values`.

    values: number, text, bool, numpy array, or nested lists and tuples of these, of one shape.
    dtype: what `as_dtype` takes; None to infer it.   shape: of the result; the last element is repeated to fill it.
    verify_shape: demand that `values` has `shape`.   allow_broadcast: repeat only a single element.
    Raises TypeError when elements do not suit the dtype or each other, ValueError for None, ragged lists and too
    many elements.
    """
    if shape is None and dtype is None:
        kind = type(values)
        if kind is float and -_FLOAT32_MAX <= values <= _FLOAT32_MAX:
            return np.array(values, np.float32)
        if kind is int and _INT32_MIN <= values <= _INT32_MAX:
            return np.array(values, np.int32)
    dtype, array, shape = _convert(values, dtype, shape, verify_shape, allow_broadcast)
    if dtype is dtypes.bfloat16:
        array = _round_to_bfloat16(array)
    array = _fill(array, shape)
    return array if _is_fresh(array, values) else array.astype(array.dtype.newbyteorder('='), order='C')


def _is_fresh(array, values):
    return array is not values and array.base is None and array.dtype.isnative and array.flags.c_contiguous


@export('make_tensor_proto', 'contrib.util.make_tensor_proto')
def make_tensor_proto(values, dtype=None, shape=None, verify_shape=False, allow_broadcast=False):
    """A TensorProto of `values`; for arguments and errors see `to_ndarray`. Repeated last elements are not stored."""
    from tensorboard.compat.proto import tensor_pb2     # here, because protos are slow to import
    if type(values) is tensor_pb2.TensorProto:
        return values
    dtype, array, shape = _convert(values, dtype, shape, verify_shape, allow_broadcast)
    proto = tensor_pb2.TensorProto(dtype=dtype.as_datatype_enum, tensor_shape=as_shape(shape).as_proto())
    flat = array.ravel()
    if dtype in _RAW and flat.size > 1 and flat.size == _size(shape):
        proto.tensor_content = flat.tobytes()
    else:
        getattr(proto, _FIELD[dtype.name]).extend(_field_values(flat, dtype))
    return proto


@export('make_ndarray', 'contrib.util.make_ndarray')
def make_ndarray(tensor):
    """The array in a TensorProto, a new one; text as an object array of bytes. TypeError for types without values."""
    shape = tuple(dim.size for dim in tensor.tensor_shape.dim)
    dtype = dtypes.as_dtype(tensor.dtype)
    if dtype.name not in _FIELD:
        raise TypeError('Unsupported tensor type: %s' % tensor.dtype)
    if tensor.tensor_content:
        stored = np.uint16 if dtype is dtypes.bfloat16 else dtype.as_numpy_dtype
        flat = np.frombuffer(tensor.tensor_content, dtype=stored).copy()
        return (_from_bfloat16_bits(flat) if dtype is dtypes.bfloat16 else flat).reshape(shape)
    values = getattr(tensor, _FIELD[dtype.name])
    if dtype is dtypes.string:
        flat = np.empty(len(values), object)
        flat[:] = list(values)
    elif dtype is dtypes.float16:
        flat = np.array(values, np.uint16).view(np.float16)
    elif dtype is dtypes.bfloat16:
        flat = _from_bfloat16_bits(np.array(values, np.uint16))
    elif dtype.is_complex:
        flat = np.array(values, dtype.real_dtype.as_numpy_dtype).view(dtype.as_numpy_dtype)
    elif dtype.is_quantized:
        flat = np.array([(value,) for value in values], dtype.as_numpy_dtype)
    else:
        flat = np.array(values, dtype.as_numpy_dtype)
    return _fill(flat, shape)


def _convert(values, dtype, shape, verify_shape, allow_broadcast):
    """(dtype, array of the given elements, shape they are to fill), checked against each other."""
    if allow_broadcast and verify_shape:
        raise ValueError('allow_broadcast and verify_shape are not both allowed.')
    if dtype is not None:
        dtype = dtypes.as_dtype(dtype).base_dtype
    if hasattr(shape, '__iter__'):      # a bare number is an error, but one in `values` is told first
        shape = tuple([int(size) for size in shape])
    if isinstance(values, (np.ndarray, np.generic)):
        array = _from_numpy(values, dtype)
    elif values is None:
        raise ValueError('None values not supported.')
    elif isinstance(shape, tuple) and _size(shape) == 0:
        array = np.empty(shape, np.float32 if dtype is None else dtype.as_numpy_dtype)
    else:
        array = _from_python(values, dtype)
    dtype = _check_dtype(array, dtype, values)
    if dtype is dtypes.string:
        array = _to_bytes(array, values)
    if shape is None:
        return dtype, array, array.shape
    shape = tuple(shape)
    _check_shape(array, shape, verify_shape, allow_broadcast)
    return dtype, array, shape


def _from_numpy(values, dtype):
    if dtype is None or not dtype.is_numpy_compatible:
        return np.asarray(values)
    if dtype is dtypes.string:
        return np.asarray(values).astype(object)
    if values.dtype.kind in 'SU':
        values = values.astype(str).astype(object)      # so that an error shows the text as Python does
        if dtype is dtypes.bool:
            values = values.astype(np.int64)            # '0' is False
    with np.errstate(all='ignore'):
        return np.asarray(values).astype(dtype.as_numpy_dtype, copy=False)


def _from_python(values, dtype):
    if dtype is None:
        return _narrow(_infer(values))
    if not dtype.is_numpy_compatible:
        return _infer(values)
    _check_elements(values, dtype)
    if dtype is dtypes.string:
        array = _object_array(values)
    elif dtype.is_quantized:
        return np.array(values, dtype.as_numpy_dtype)       # a tuple is one element here: numpy's record of one field
    else:
        array = _typed_array(values, dtype.as_numpy_dtype)
    _check_dense(values, array)
    return array


def _typed_array(values, numpy_type):
    try:
        with np.errstate(all='ignore'):
            return np.array(values, numpy_type)
    except OverflowError:
        return np.array(values, np.int64).astype(numpy_type)    # too large for the type: wraps around, as in C
    except ValueError:
        if _is_nested(values):
            raise ValueError('setting an array element with a sequence.') from None
        raise


def _infer(values):
    """The array of Python values whose type is nowhere given."""
    try:
        array = np.array(values)
    except (TypeError, ValueError):
        array = _object_array(values)       # ragged lists; their shape says so below
    if array.dtype == object and any(getattr(value, 'is_tensor_like', False) for value in _flatten(values)):
        raise TypeError('List of Tensors when single Tensor expected')
    if array.dtype.kind in 'OUS':
        # numpy's types of text would turn the numbers of a mixed list into text, and drop zero bytes at the end.
        array = _object_array(values)
    _check_dense(values, array)
    return array


def _narrow(array):
    """Python floats become float32, and ints int32 when all fit."""
    if array.dtype == np.float64:
        with np.errstate(over='ignore'):
            return array.astype(np.float32)
    if array.dtype == np.int64:
        narrow = array.astype(np.int32)
        if np.array_equal(narrow, array):
            return narrow
    return array


def _object_array(values):
    try:
        return np.array(values, object)
    except (TypeError, ValueError):     # an object that has a length it will not tell, such as a shape of unknown rank
        array = np.empty((), object)
        array[()] = values
        return array


def _check_dense(values, array):
    """Every list at one depth must be as long as the first, and elements must not be arrays."""
    wanted, first = [], values
    while isinstance(first, (list, tuple)):
        wanted.append(len(first))
        if not first:
            break
        first = first[0]
    if list(array.shape) != wanted and not isinstance(values, (bytearray, memoryview)):
        raise ValueError('Argument must be a dense tensor: %s - got shape %s, but wanted %s.'
                         % (values, list(array.shape), wanted))


def _is_nested(values):
    return isinstance(values, (list, tuple)) and any(isinstance(value, (list, tuple)) for value in values)


def _flatten(values, sequences=(list, tuple, range)):
    if isinstance(values, sequences):
        for value in values:
            yield from _flatten(value, sequences)
    elif isinstance(values, dict):
        yield from _flatten(list(values.values()), sequences)
    else:
        yield values


def _element_types(dtype):
    if dtype is dtypes.string:
        return _TEXT
    if dtype is dtypes.bool:
        return bool
    if dtype.is_quantized:
        return tuple
    if dtype.is_floating:
        return _REALS
    return _COMPLEX if dtype.is_complex else _INTEGERS


def _check_elements(values, dtype):
    """Raises TypeError at the first element that does not suit `dtype`."""
    allowed = _element_types(dtype)
    sequences = list if dtype.is_quantized else (list, tuple, range)
    if isinstance(values, sequences) and all(issubclass(kind, allowed) for kind in set(map(type, values))):
        return      # a flat list, told by the few types in it
    for value in _flatten(values, sequences):
        if not isinstance(value, allowed):
            shown = value.item() if isinstance(value, np.generic) else value    # numpy 2 would show np.float32(1.0)
            raise TypeError('Expected %s, got %r of type %r instead.' % (dtype.name, shown, type(value).__name__))


def _check_dtype(array, dtype, values):
    found = dtypes.string if array.dtype.kind in 'OUS' else dtypes.as_dtype(array.dtype)
    if dtype is None:
        return found
    if dtype is dtypes.bfloat16 and found is dtypes.float32:
        return dtype
    if dtype is not found:
        raise TypeError('Incompatible types: %s vs. %s. Value is %s' % (dtype, array.dtype, values))
    return dtype


def _to_bytes(array, values):
    """The object array of bytes for an array of text. TypeError for anything but text."""
    encoded = np.empty(array.shape, object)
    flat = encoded.reshape(-1)
    for i, value in enumerate(array.astype(object).ravel()):
        if isinstance(value, str):
            value = value.encode('utf-8')
        elif not isinstance(value, bytes):
            if isinstance(values, (np.ndarray, np.generic)):
                raise TypeError('Expected binary or unicode string, got %r' % (value,))
            raise TypeError('Failed to convert object of type %s to Tensor. Contents: %s. Consider casting elements '
                            'to a supported type.' % (type(values), values))
        flat[i] = bytes(value)
    return encoded


def _check_shape(array, shape, verify_shape, allow_broadcast):
    size = _size(shape)
    if verify_shape and array.shape != shape or (
            allow_broadcast and array.shape not in ((), (1,)) and array.size != size):
        raise TypeError("Expected Tensor's shape: %s, got %s." % (shape, array.shape))
    if array.size > size and not allow_broadcast:
        raise ValueError('Too many elements provided. Needed at most %d, but received %d' % (size, array.size))


def _size(shape):
    size = 1
    for length in shape:
        size *= length
    return size


def _fill(array, shape):
    """`array` in the given shape, its last element repeated when there are too few."""
    if array.shape == shape:
        return array
    size = _size(shape)
    if array.size == size:
        return array.reshape(shape)
    if array.size <= 1:
        filled = np.zeros(shape, array.dtype)
        if array.size:
            filled[...] = array.reshape(())
        return filled
    flat = array.ravel()
    return np.concatenate([flat, np.repeat(flat[-1:], size - flat.size)]).reshape(shape)


def _field_values(flat, dtype):
    """The elements as the repeated field of a TensorProto wants them."""
    if dtype is dtypes.float16:
        return flat.view(np.uint16).tolist()
    if dtype is dtypes.bfloat16:
        return _bfloat16_bits(flat).tolist()
    if dtype.is_complex:
        return flat.view(dtype.real_dtype.as_numpy_dtype).tolist()
    if dtype.is_quantized:
        return [element[0] for element in flat.tolist()]
    return flat.tolist()


def _bfloat16_bits(array):
    """The upper half of each float32, rounded to nearest, ties to even; a NaN keeps to one pattern."""
    bits = np.ascontiguousarray(array, np.float32).view(np.uint32)
    rounded = (bits + (((bits >> 16) & 1) + np.uint32(0x7fff))) >> 16
    return np.where(np.isnan(array), 0x7fc0, rounded).astype(np.uint16)


def _from_bfloat16_bits(bits):
    return (bits.astype(np.uint32) << 16).view(np.float32)


def _round_to_bfloat16(array):
    return _from_bfloat16_bits(_bfloat16_bits(array)).reshape(array.shape)
