"""convert_to_tensor: how Python values, arrays, variables and other objects become Tensors.

Each type has a conversion function, registered with a priority; `ops/` registers those that add nodes.
"""
import bisect

from graphflow.framework import dtypes
from graphflow.framework.export import export
from graphflow.framework.indexed_slices import IndexedSlices
from graphflow.framework.operation import Operation
from graphflow.framework.tensor import Tensor

_converters = []        # sorted list of (priority, order of registration, type, function)
_cache = {}             # exact type -> the functions that apply, in order


@export('register_tensor_conversion_function')
def register_tensor_conversion_function(base_type, conversion_func, priority=100):
    """Registers how objects of a type become tensors.

    Args:
      base_type: a class, or a tuple of classes.
      conversion_func: function(value, dtype=None, name=None, as_ref=False) -> Tensor, or NotImplemented to leave it to
        the next one.
      priority: an int; lower ones are asked first.

    Raises: TypeError if the arguments are of other types.
    """
    classes = base_type if isinstance(base_type, tuple) else (base_type,)
    if not classes or not all(isinstance(cls, type) for cls in classes):
        raise TypeError('base_type must be a type or a tuple of types.')
    if not callable(conversion_func):
        raise TypeError('conversion_func must be callable.')
    bisect.insort(_converters, (priority, len(_converters), base_type, conversion_func), key=lambda entry: entry[:2])
    _cache.clear()


def _functions_for(cls):
    found = _cache.get(cls)
    if found is None:
        found = _cache[cls] = [fn for _, _, base, fn in _converters if issubclass(cls, base)]
    return found


@export('convert_to_tensor')
def convert_to_tensor(value, dtype=None, name=None, preferred_dtype=None, dtype_hint=None):
    """Turns `value` into a Tensor.

    Args:
      value: a Tensor, a Variable, a numpy array, a Python number, string, bool, a (nested) list of these or of
        tensors, or an object of a type with a registered conversion.
      dtype: the DType wanted; by default it follows from the value.
      name: name of the node made, if one is made.
      preferred_dtype: a DType to use if the value converts to it.
      dtype_hint: the same as preferred_dtype.

    Returns: a Tensor.

    Raises: TypeError with no conversion for the type, ValueError if a tensor has another dtype than `dtype`.
    """
    return to_tensor(value, dtype, name, False, dtype_hint if preferred_dtype is None else preferred_dtype)


def to_tensor(value, dtype=None, name=None, as_ref=False, preferred_dtype=None):
    """convert_to_tensor for the library's own use; `as_ref` asks for a variable's reference, if it has one."""
    if dtype is not None:
        dtype = dtypes.as_dtype(dtype)
    if isinstance(value, Tensor):
        if dtype is not None and not dtype.is_compatible_with(value.dtype):
            raise ValueError(f'Tensor conversion requested dtype {dtype.name} for Tensor with dtype '
                             f'{value.dtype.name}: {value!r}')
        return value
    if preferred_dtype is not None:
        preferred_dtype = dtypes.as_dtype(preferred_dtype)
    for convert in _functions_for(type(value)):
        result = NotImplemented
        if dtype is None and preferred_dtype is not None:
            try:
                result = convert(value, dtype=preferred_dtype, name=name, as_ref=as_ref)
            except (TypeError, ValueError):
                pass
            else:
                if result is not NotImplemented and result.dtype.base_dtype != preferred_dtype.base_dtype:
                    raise TypeError(f'convert_to_tensor did not convert to the preferred dtype: {result.dtype.name} '
                                    f'vs {preferred_dtype.base_dtype.name} ')
        if result is NotImplemented:
            result = convert(value, dtype=dtype, name=name, as_ref=as_ref)
        if result is NotImplemented:
            continue
        if not isinstance(result, Tensor):
            raise RuntimeError(f'{_prefix(name)}Conversion function {convert!r} for type {type(value)} returned '
                               f'non-Tensor: {result!r}')
        if dtype is not None and not dtype.is_compatible_with(result.dtype):
            raise RuntimeError(f'{_prefix(name)}Conversion function {convert!r} for type {type(value)} returned '
                               f'incompatible dtype: requested = {dtype.name}, actual = {result.dtype.name}')
        return result
    raise TypeError(f'{_prefix(name)}Cannot convert {value!r} with type {type(value)} to Tensor: no conversion '
                    'function registered.')


def _prefix(name):
    return f'{name}: ' if name else ''


def to_tensors(values, dtype=None, name=None, as_ref=False, preferred_dtype=None):
    """to_tensor for each of `values`; the nodes are named name_0, name_1 ..."""
    if not isinstance(values, (list, tuple)):
        try:
            values = list(values)
        except TypeError:
            raise TypeError('values must be iterable.') from None
    return [to_tensor(v, dtype, None if name is None else f'{name}_{i}', as_ref, preferred_dtype)
            for i, v in enumerate(values)]


@export('convert_to_tensor_or_indexed_slices')
def convert_to_tensor_or_indexed_slices(value, dtype=None, name=None):
    """convert_to_tensor, but an IndexedSlices stays what it is.

    Raises: ValueError if `value` has another dtype than `dtype`.
    """
    if isinstance(value, IndexedSlices):
        if dtype is not None and not dtypes.as_dtype(dtype).is_compatible_with(value.dtype):
            raise ValueError(f'Tensor conversion requested dtype {dtypes.as_dtype(dtype).name} for Tensor with dtype '
                             f'{value.dtype.name}: {str(value)!r}')
        return value
    return to_tensor(value, dtype, name)


@export('is_tensor', 'contrib.framework.is_tensor')
def is_tensor(x):
    """Whether `x` is a Tensor, SparseTensor, IndexedSlices, Variable or of another type that stands for tensors."""
    from graphflow.framework.sparse_tensor import SparseTensor
    return isinstance(x, SparseTensor) or is_tensor_like(x)


def is_tensor_like(value):
    """Whether `value` is a Tensor, a Variable or another object that stands for tensors in a graph."""
    return isinstance(value, (Tensor, IndexedSlices)) or getattr(value, '_is_tensor_like', False)


def _refuse_operation(value, dtype=None, name=None, as_ref=False):
    raise TypeError(f"Can't convert Operation '{value.name}' to Tensor (target dtype={dtype!r}, name={name!r}, "
                    f'as_ref={as_ref})')


register_tensor_conversion_function(Operation, _refuse_operation, 0)
