"""Variables cut into slices: PartitionedVariable, and the partitioners that say how to cut."""
import math

from graphflow.framework import convert, dtypes, scopes
from graphflow.framework.export import export
from graphflow.framework.tensor_shape import TensorShape
from graphflow.ops import array, concat, constant


class PartitionedVariable:
    """A list of variables that are the slices of a larger one; wherever a Tensor is taken it stands for the whole.

    Args:
      name: name of the whole. shape: its shape. dtype: its DType.
      variable_list: the slices, in order; each has a SaveSliceInfo.
      partitions: the number of slices along each dimension; more than 1 along one dimension only.

    Raises: TypeError, ValueError if these do not fit.
    """

    def __init__(self, name, shape, dtype, variable_list, partitions):
        if not isinstance(variable_list, (list, tuple)):
            raise TypeError(f'variable_list is not a list or tuple: {variable_list}')
        if not isinstance(partitions, (list, tuple)):
            raise TypeError(f'partitions is not a list or tuple: {partitions}')
        if not all(p >= 1 for p in partitions):
            raise ValueError(f'partition values must be positive: {partitions}')
        if not variable_list:
            raise ValueError('variable_list may not be empty')
        for variable in variable_list:
            if not variable._get_save_slice_info():
                raise ValueError("All variables must have a save_slice_info available: "
                                 f"{', '.join(v.name for v in variable_list)}.")
            if len(shape) != len(variable._get_save_slice_info().full_shape):
                raise ValueError('All variables must have the same rank')
        self._variable_list = sorted(variable_list, key=lambda v: v._get_save_slice_info().var_offset)
        self._name, self._shape = name, shape
        self._dtype = dtypes.as_dtype(dtype)
        self._partitions = partitions
        self._as_tensor = None

    def __iter__(self):
        return iter(self._variable_list)

    def __len__(self):
        return len(self._partition_axes()) and self._partitions[self._partition_axes()[0]]

    def _partition_axes(self):
        return [i for i, p in enumerate(self._partitions) if p > 1] or [0]

    def _concat(self):
        if len(self._variable_list) == 1:
            whole = self._variable_list[0]
        else:
            axes = self._partition_axes()
            if len(axes) > 1:
                raise NotImplementedError(f'Cannot concatenate along more than one dimension: {axes}.  Multi-axis '
                                          'partition concat is not supported')
            with scopes.name_scope(self._name + '/ConcatPartitions/'):
                whole = concat.concat(self._variable_list, axes[0])
        with scopes.name_scope(None):
            return array.identity(whole, name=self._name)

    def as_tensor(self):
        """The whole, put together where this is called."""
        with scopes.control_dependencies(None):
            return self._concat()

    @staticmethod
    def _TensorConversionFunction(v, dtype=None, name=None, as_ref=False):
        if dtype is not None and not dtype.is_compatible_with(v.dtype):
            raise ValueError(f"Incompatible type conversion requested to type '{dtype.name}' for variable of type "
                             f"'{v.dtype.name}'")
        if as_ref:
            raise NotImplementedError("PartitionedVariable doesn't support being used as a reference.")
        return v.as_tensor()

    @property
    def name(self):
        return self._name

    @property
    def dtype(self):
        return self._dtype

    @property
    def shape(self):
        """The shape of the whole, a TensorShape."""
        return self.get_shape()

    def get_shape(self):
        return TensorShape(self._shape)

    def _get_variable_list(self):
        return self._variable_list

    def _get_partitions(self):
        return self._partitions

    def _apply(self, method, value, use_locking):
        """Calls `method` of each slice with its slice of `value`, a tensor of the whole or a list of tensors."""
        axes = self._partition_axes()
        if len(axes) > 1:
            raise NotImplementedError(f'Cannot do assign action along more than one dimension: {axes}.  Multi-axis '
                                      'partition assign action is not supported ')
        if isinstance(value, list):
            pieces = value
        else:
            sizes = [v.get_shape().as_list()[axes[0]] for v in self._variable_list]
            pieces = concat.split(value, constant.constant(sizes), axis=axes[0])
        return [getattr(v, method)(piece, use_locking=use_locking) for v, piece in zip(self._variable_list, pieces)]

    def assign(self, value, use_locking=False, name=None, read_value=True):
        """Sets the slices; returns the list of their references, or of Operations if read_value is False."""
        return _refs_or_ops(self._apply('assign', value, use_locking), read_value)

    def assign_add(self, value, use_locking=False, name=None, read_value=True):
        """Adds `value`; returns as `assign` does."""
        return _refs_or_ops(self._apply('assign_add', value, use_locking), read_value)

    def assign_sub(self, value, use_locking=False, name=None, read_value=True):
        """Subtracts `value`; returns as `assign` does."""
        return _refs_or_ops(self._apply('assign_sub', value, use_locking), read_value)


def _refs_or_ops(refs, read_value):
    return refs if read_value else [ref.op for ref in refs]


convert.register_tensor_conversion_function(PartitionedVariable, PartitionedVariable._TensorConversionFunction)


@export('fixed_size_partitioner')
def fixed_size_partitioner(num_shards, axis=0):
    """A partitioner that cuts every variable into at most `num_shards` slices along `axis`."""
    def partitioner(shape, **unused):
        partitions = [1] * len(shape)
        partitions[axis] = min(num_shards, shape.dims[axis].value)
        return partitions
    return partitioner


def _slice_bytes(shape, dtype, axis, bytes_per_string_element):
    """How many bytes one step along `axis` takes."""
    element = bytes_per_string_element if dtype.base_dtype == dtypes.string else dtype.size
    size = shape.as_list()[axis]
    return element * shape.num_elements() / size if size else 0


@export('variable_axis_size_partitioner')
def variable_axis_size_partitioner(max_shard_bytes, axis=0, bytes_per_string_element=16, max_shards=None):
    """A partitioner that cuts variables along `axis` into slices of at most `max_shard_bytes`.

    Args:
      max_shard_bytes: an int.
      axis: the dimension to cut.
      bytes_per_string_element: what a string is taken to need.
      max_shards: never more slices than this.

    Raises: ValueError if a size is not positive.
    """
    if max_shard_bytes < 1 or bytes_per_string_element < 1:
        raise ValueError('Both max_shard_bytes and bytes_per_string_element must be positive.')
    if max_shards and max_shards < 1:
        raise ValueError('max_shards must be positive.')

    def partitioner(shape, dtype):
        if not isinstance(shape, TensorShape):
            raise ValueError(f'shape is not a TensorShape: {shape}')
        if not shape.is_fully_defined():
            raise ValueError(f'shape is not fully defined: {shape}')
        if not isinstance(dtype, dtypes.DType):
            raise ValueError(f'dtype is not a DType: {dtype}')
        partitions = [1] * shape.ndims
        size = shape.as_list()[axis]
        step_bytes = _slice_bytes(shape, dtype, axis, bytes_per_string_element)
        steps_a_shard = max(1, math.floor(max_shard_bytes / step_bytes)) if step_bytes else max(size, 1)
        shards = min(size, math.ceil(size / steps_a_shard)) if size else 1
        partitions[axis] = min(max_shards, shards) if max_shards else shards
        return partitions
    return partitioner


@export('min_max_variable_partitioner')
def min_max_variable_partitioner(max_partitions=1, axis=0, min_slice_size=256 << 10, bytes_per_string_element=16):
    """A partitioner that cuts along `axis` into at most `max_partitions` slices of at least `min_slice_size` bytes."""
    def partitioner(shape, dtype):
        if axis >= len(shape):
            raise ValueError(f'Can not partition variable along axis {axis} when shape is only {shape}')
        element = bytes_per_string_element if dtype.base_dtype == dtypes.string else dtype.size
        whole = shape.num_elements() * element
        partitions = [1] * len(shape)
        partitions[axis] = max(1, min(shape.dims[axis].value, max_partitions, math.ceil(whole / min_slice_size)))
        return partitions
    return partitioner
