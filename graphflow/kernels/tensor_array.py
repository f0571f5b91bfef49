"""Kernels of TensorArray: a handle is the TensorArrayStore itself, made anew in every run."""
import itertools

import numpy as np

from graphflow.framework import errors
from graphflow.framework.registry import kernel
from graphflow.kernels.array import text

_numbers = itertools.count()
_FLOW = np.float32(0)
_FREED = object()


class TensorArrayStore:
    """The elements of one TensorArray; None where nothing is written yet.

    `shape` is the shape of every element, a tuple with None for dimensions not known, or None.
    """

    def __init__(self, name, size, dtype, shape, grows, frees, alike):
        self.name = f'{name}_{next(_numbers)}'
        self.elements = [None] * size
        self.dtype, self.shape, self.grows, self.frees, self.alike = dtype, shape, grows, frees, alike
        self.shapes = [None] * size     # of each element written, be it freed since
        self.sums = False               # whether what is written to one index twice adds up
        self.gradients = {}

    def gradient(self, source):
        """The store of the gradients by the elements of this one, one for each `source`."""
        found = self.gradients.get(source)
        if found is None:
            found = TensorArrayStore(f'{self.name}_{source}', len(self.elements), self.dtype, self.shape, False,
                                     self.frees, self.alike)
            found.shapes, found.sums = list(self.shapes), True
            self.gradients[source] = found
        return found

    def error(self, message):
        return errors.InvalidArgumentError(None, None, f'TensorArray {self.name}: {message}')

    def write(self, index, value):
        value = np.asarray(value)
        size = len(self.elements)
        if index < 0 or index >= size and not self.grows:
            raise self.error(f'Tried to write to index {index} but array is not resizeable and size is: {size}')
        if value.dtype != self.dtype:
            raise errors.InvalidArgumentError(
                None, None, f'TensorArray dtype is {_name(self.dtype)} but Op is trying to write dtype '
                f'{_name(value.dtype)}.')
        if not self.fits(value.shape):
            raise self.error(
                f'Could not write to TensorArray index {index} because the value shape is {text(value.shape)} which is '
                f"incompatible with the TensorArray's inferred element shape: {self.shape_text()} (consider setting "
                'infer_shape=False).')
        if index >= size:
            self.elements.extend([None] * (index + 1 - size))
            self.shapes.extend([None] * (index + 1 - size))
        if self.sums and isinstance(self.elements[index], np.ndarray):
            value = np.asarray(self.elements[index] + value)
        elif self.elements[index] is not None:
            raise self.error(f'Could not write to TensorArray index {index} because it has already been written to.')
        if self.alike:
            self.shape = value.shape
        self.elements[index] = value
        self.shapes[index] = value.shape

    def read(self, index):
        if not 0 <= index < len(self.elements):
            raise self.error(f'Tried to read from index {index} but array size is: {len(self.elements)}')
        value = self.elements[index]
        if value is _FREED:
            raise self.error(f'Could not read index {index} twice because it was cleared after a previous read '
                             '(perhaps try setting clear_after_read = false?).')
        if value is None:
            shape = self.shape if self.shapes[index] is None else self.shapes[index]
            if shape is None or None in shape:
                raise self.error(
                    f'Could not read from TensorArray index {index}.  Furthermore, the element shape is not fully '
                    f'defined: {self.shape_text()}.  It is possible you are working with a resizeable TensorArray and '
                    'stop_gradients is not allowing the gradients to be written.  If you set the full element_shape '
                    'property on the forward TensorArray, the proper all-zeros tensor will be returned instead of '
                    'incurring this error.')
            value = np.zeros(shape, self.dtype)
        if self.frees:
            self.elements[index] = _FREED
        return value

    def fits(self, shape):
        return self.shape is None or len(shape) == len(self.shape) and all(
            n is None or m == n for m, n in zip(shape, self.shape))

    def shape_text(self):
        return '<unknown>' if self.shape is None else text('?' if d is None else d for d in self.shape)


def _name(dtype):
    name = np.dtype(dtype).name
    return {'float32': 'float', 'float64': 'double', 'object': 'string'}.get(name, name)


def _dims(shape):
    """A shape attr as a tuple, or None."""
    return None if shape is None or shape.ndims is None else tuple(shape.as_list())


@kernel('TensorArrayV3')
def tensor_array(size, dtype, element_shape, dynamic_size, clear_after_read, identical_element_shapes,
                 tensor_array_name, node):
    if size < 0:
        raise errors.InvalidArgumentError(None, None, f'Size should be >= 0, but is {size}')
    return TensorArrayStore(tensor_array_name or node.name, int(size), np.dtype(dtype), _dims(element_shape),
                            dynamic_size, clear_after_read, identical_element_shapes), _FLOW


@kernel('TensorArrayGradV3')
def grad(handle, flow_in, source):
    return handle.gradient(source), flow_in


@kernel('TensorArrayWriteV3')
def write(handle, index, value, flow_in):
    handle.write(int(index), value)
    return flow_in


@kernel('TensorArrayReadV3')
def read(handle, index, flow_in):
    return handle.read(int(index))


@kernel('TensorArrayGatherV3')
def gather(handle, indices, flow_in, element_shape):
    if not len(indices):
        shape = _dims(element_shape)
        if shape is None or None in shape:
            shown = '<unknown>' if shape is None else text('?' if d is None else d for d in shape)
            raise errors.UnimplementedError(
                None, None, f'TensorArray has size zero, but element shape {shown} is not fully defined. Currently '
                'only static shapes are supported when packing zero-size TensorArrays.')
        return np.empty((0,) + shape, handle.dtype)
    values = [handle.read(int(i)) for i in indices]
    for i, value in enumerate(values):
        if value.shape != values[0].shape:
            raise errors.InvalidArgumentError(
                None, None, f'TensorArray has inconsistent shapes.  Index 0 has shape: {text(values[0].shape)} but '
                f'index {i} has shape: {text(value.shape)}')
    return np.stack(values)


@kernel('TensorArrayScatterV3')
def scatter(handle, indices, value, flow_in):
    last = max((int(i) for i in indices), default=-1)
    size = len(handle.elements)
    if last >= size and not handle.grows:
        raise errors.InvalidArgumentError(None, None, f'Max scatter index must be < array size ({last} vs. {size})')
    for i, row in zip(indices, value):
        handle.write(int(i), np.asarray(row, value.dtype))
    return flow_in


@kernel('TensorArrayConcatV3')
def concat(handle, flow_in, element_shape_except0):
    if not handle.elements:
        shape = _dims(element_shape_except0)
        if shape is None or None in shape:
            shown = '<unknown>' if shape is None else text('?' if d is None else d for d in shape)
            raise errors.UnimplementedError(
                None, None, f'TensorArray has size zero, but element_shape_except0 {shown} is not fully defined. '
                'Currently only static shapes are supported when concatenating zero-size TensorArrays.')
        return np.empty((0,) + shape, handle.dtype), np.empty(0, np.int64)
    values = [handle.read(i) for i in range(len(handle.elements))]
    for i, value in enumerate(values):
        if not value.ndim:
            raise errors.InvalidArgumentError(
                None, None, f'Concat saw a scalar shape at index {i} but requires at least vectors.  Did you mean to '
                'call pack?')
        if value.shape[1:] != values[0].shape[1:]:
            raise errors.InvalidArgumentError(
                None, None, 'TensorArray has inconsistent shapes.  Index 0 has (excepting dimension 0) shape: '
                f'{text(values[0].shape[1:])} but index {i} has (excepting dimension 0) shape: {text(value.shape[1:])}')
    return np.concatenate(values), np.array([len(v) for v in values], np.int64)


@kernel('TensorArraySplitV3')
def split(handle, value, lengths, flow_in):
    if lengths.sum() != len(value):
        raise errors.InvalidArgumentError(
            None, None, 'Expected sum of lengths to be equal to values.shape[0], but sum of lengths is '
            f"{lengths.sum()} and value's shape is: {text(value.shape)} ")
    if len(lengths) != len(handle.elements) and not handle.grows:
        raise errors.InvalidArgumentError(
            None, None, f"TensorArray's size is not equal to the size of lengths ({len(handle.elements)} vs. "
            f'{len(lengths)}), and the TensorArray is not marked as dynamically resizeable')
    ends = np.cumsum(lengths)
    for i, (end, length) in enumerate(zip(ends, lengths)):
        handle.write(i, value[end - length:end])
    return flow_in


@kernel('TensorArraySizeV3')
def size(handle, flow_in):
    return np.int32(len(handle.elements))


@kernel('TensorArrayCloseV3')
def close(handle):
    handle.elements = []
