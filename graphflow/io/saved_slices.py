"""Checkpoints of TensorFlow's first format: one table with the values in it, or several, one a shard.

The table's empty key has a SavedTensorSlices message with `meta`: name, shape, type and slices of each tensor. The other keys
are those of the slices (see ordered_code.py) and have such a message with `data`.
"""
import glob
import math

import numpy as np

from graphflow import protos
from graphflow.framework import dtypes, errors, tensor_proto
from graphflow.io import journal, ordered_code, table, tensor_slice
from graphflow.platform.gfile import file_errors

_UNSUPPORTED = (dtypes.uint32, dtypes.uint64, dtypes.bfloat16, dtypes.qint16, dtypes.quint16)


def _error(cls, message):
    return cls(None, None, message)


def write(path, tensors):
    """Writes a checkpoint.

    Args:
      path: of the file.
      tensors: a list of (name, shape of the whole or None, slice or None, ndarray, DType). Without a shape and slice the
        array is the whole tensor.

    Raises: UnimplementedError for a type that the format lacks; InvalidArgumentError for a name that occurs twice.
    """
    messages = protos.load('saved_tensor_slice')
    header, values = messages.SavedTensorSlices(), {}
    header.meta.versions.producer = 1
    metas = {}
    for name, shape, box, array, dtype in sorted(tensors, key=lambda tensor: tensor[0]):
        if dtype in _UNSUPPORTED:
            raise _error(errors.UnimplementedError, f'Saving data type {dtype.name} not yet supported')
        array = np.asarray(array)
        if box is None:
            shape, box = array.shape, [(0, tensor_slice.WHOLE)] * array.ndim
        meta = metas.get(name)
        if meta is None:
            meta = metas[name] = header.meta.tensor.add(name=name, type=dtype.as_datatype_enum)
            meta.shape.SetInParent()
            for dim in shape:
                meta.shape.dim.add(size=dim)
        tensor_slice.to_proto(box, meta.slice.add())
        key = ordered_code.tensor_slice(name.encode('utf-8', 'surrogateescape'), box)
        if key in values or [dim.size for dim in meta.shape.dim] != list(shape):
            raise _error(errors.InvalidArgumentError, f'Adding duplicate key: {name}')
        values[key] = name, box, array, dtype
    with file_errors(path), open(journal.index_path(path), 'wb') as file:
        writer = table.TableWriter(file)
        writer.add(b'', header.SerializeToString())
        for key in sorted(values):
            writer.add(key, _slice_message(messages, *values[key]).SerializeToString())
        writer.finish()
        journal.sync(file)
    with file_errors(path):
        journal.commit(path, [])


def _slice_message(messages, name, box, array, dtype):
    message = messages.SavedTensorSlices()
    message.data.name = name
    message.data.slice.SetInParent()
    tensor_slice.to_proto(box, message.data.slice)
    field = getattr(message.data.data, tensor_proto._FIELD[dtype.name])
    field.extend(tensor_proto._field_values(np.ascontiguousarray(array).reshape(-1), dtype))
    return message


def is_table(path):
    """Whether the file at `path` is a table, as checkpoints of this format are."""
    try:
        with open(path, 'rb') as file:
            table.Table(file)
    except (OSError, errors.OpError):
        return False
    return True


class SavedSlicesReader:
    """Reads a checkpoint of the first format; a context manager.

    Args:
      pattern: the path of the file, or a glob of several.

    Raises: NotFoundError if there is none; DataLossError if one is no table.
    """

    def __init__(self, pattern):
        self.pattern = pattern
        self._tables, self._files, self._metas, self._home = [], [], {}, {}
        paths = sorted(glob.glob(pattern))
        if not paths:
            raise _error(errors.NotFoundError, 'Unsuccessful TensorSliceReader constructor: Failed to find any matching files for '
                         + pattern)
        for path in paths:
            self._open(path)

    def _open(self, path):
        with file_errors(path):
            self._files.append(open(path, 'rb'))
        try:
            found = table.Table(self._files[-1])
            value = found.get(b'')
            self._tables.append(found)
        except errors.DataLossError as e:
            raise _error(errors.DataLossError, f'Unable to open table file {path}: Data loss: {e.message}: perhaps your file is in a '
                         'different file format and you need to use a different restore operator?') from None
        message = self._parse(value)
        for meta in message.meta.tensor:
            known = self._metas.setdefault(meta.name, meta)
            if known.type != meta.type or known.shape != meta.shape:
                raise _error(errors.InvalidArgumentError, f'The shards of {self.pattern} do not agree on the tensor {meta.name}')
            for extent in meta.slice:
                self._home.setdefault(meta.name, []).append((tensor_slice.from_proto(extent), found))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Closes the files."""
        for file in self._files:
            file.close()

    def _parse(self, value):
        from google.protobuf.message import DecodeError
        try:
            return protos.load('saved_tensor_slice').SavedTensorSlices.FromString(value or b'')
        except DecodeError:
            raise _error(errors.DataLossError, f'Failed to parse an entry of the checkpoint {self.pattern}') from None

    def names(self):
        """The tensors' names."""
        return list(self._metas)

    def __contains__(self, name):
        return name in self._metas

    def dtype_and_shape(self, name):
        """The DType and shape (a tuple) of a tensor. Raises: NotFoundError if there is none of that name."""
        if name not in self._metas:
            raise _error(errors.NotFoundError,
                         f'Tensor name "{name}" not found in checkpoint files {self.pattern}')
        meta = self._metas[name]
        try:
            dtype = dtypes.as_dtype(meta.type)
        except TypeError:
            raise self._damaged(name) from None
        return dtype, tuple(dim.size for dim in meta.shape.dim)

    def _damaged(self, name):
        return _error(errors.DataLossError, f'Failed to read the tensor {name} of the checkpoint {self.pattern}')

    def slices(self, name):
        """How many slices a tensor is in."""
        return len(self._home.get(name, ()))

    def read(self, name, box=None, mapped=False):
        """The elements of a tensor or a slice of it (see BundleReader.read; `mapped` makes no difference here).

        Raises: NotFoundError, DataLossError, InvalidArgumentError as BundleReader.read.
        """
        dtype, shape = self.dtype_and_shape(name)
        wanted = [(0, dim) for dim in shape] if box is None else box
        result = None
        covered, volume = 0, math.prod(length for _, length in wanted)
        for key, home in self._home.get(name, ()):
            try:
                part = tensor_slice.bounded(key, shape)
            except ValueError:
                raise self._damaged(name) from None
            both = tensor_slice.intersection(part, wanted)
            if both is None and part != wanted:
                continue
            values = self._read_part(name, key, part, dtype, home)
            if part == wanted:
                return values
            if result is None:
                result = np.empty([length for _, length in wanted], dtype.as_numpy_dtype)
            result[tensor_slice.index(both, wanted)] = values[tensor_slice.index(both, part)]
            covered += math.prod(length for _, length in both)
        if covered < volume or result is None:
            raise _error(errors.InvalidArgumentError, f'The checkpoint {self.pattern} lacks slices of the tensor {name}')
        return result

    def _read_part(self, name, key, part, dtype, home):
        value = home.get(ordered_code.tensor_slice(name.encode('utf-8', 'surrogateescape'), key))
        if value is None:
            raise self._damaged(name)
        message = self._parse(value).data.data
        lengths = [length for _, length in part]
        message.dtype = dtype.as_datatype_enum
        message.ClearField('tensor_shape')
        field = tensor_proto._FIELD.get(dtype.name)
        count = 0 if field is None else len(getattr(message, field)) // (2 if dtype.is_complex else 1)
        if message.tensor_content:
            count = len(message.tensor_content) // dtype.size
        if count != math.prod(lengths):     # checked before memory is taken for it
            raise self._damaged(name)
        for length in lengths:
            message.tensor_shape.dim.add(size=length)
        return tensor_proto.make_ndarray(message)
