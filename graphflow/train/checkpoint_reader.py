"""Reading single tensors of a checkpoint, without a graph."""
import math
import os
import re

from graphflow.framework import errors
from graphflow.framework.export import export
from graphflow.io import bundle, saved_slices
from graphflow.platform import compat, gfile

_ENUM_NAMES = {'float16': 'HALF', 'float32': 'FLOAT', 'float64': 'DOUBLE'}


class CheckpointReader:
    """Reads a checkpoint; see tf.train.NewCheckpointReader, which makes it."""

    def __init__(self, filepattern):
        self._is_bundle = bundle.exists(filepattern)
        if self._is_bundle:
            self._reader = bundle.BundleReader(filepattern)
            return
        folder = os.path.dirname(filepattern)
        if folder and not os.path.isdir(folder):
            raise errors.NotFoundError(None, None, 'Unsuccessful TensorSliceReader constructor: Failed to get matching files on '
                                       f'{filepattern}: Not found: {folder}; No such file or directory')
        self._reader = saved_slices.SavedSlicesReader(filepattern)

    def has_tensor(self, tensor_str):
        """Whether there is a tensor of that name."""
        return compat.as_str_any(tensor_str) in self._reader

    def get_tensor(self, tensor_str):
        """The values of a tensor, an ndarray.

        Raises: NotFoundError if there is no such tensor; DataLossError or OutOfRangeError if the files are damaged.
        """
        name = compat.as_str_any(tensor_str)
        if not self._is_bundle:
            if self._reader.slices(name) > 1:
                raise errors.UnimplementedError(None, None, 'Sliced checkpoints are not supported')
            return self._reader.read(name)
        with self._reader as reader:
            return reader.read(name)

    def get_variable_to_shape_map(self):
        """{name: shape, a list of ints}."""
        return {name: list(self._reader.dtype_and_shape(name)[1]) for name in self._reader.names()}

    def get_variable_to_dtype_map(self):
        """{name: DType}."""
        return {name: self._reader.dtype_and_shape(name)[0] for name in self._reader.names()}

    _GetVariableToDataTypeMap = get_variable_to_dtype_map

    def debug_string(self):
        """A line for each tensor: name, type and shape, as bytes."""
        lines = []
        if self._is_bundle:
            for key, entry in self._reader.entries().items():
                if not entry.slices:
                    lines.append(_line(key, *self._reader.dtype_and_shape(key)))
            return b''.join(lines)
        for name in self._reader.names():
            slices = self._reader.slices(name)
            more = f', {slices} slices' if slices > 1 else ''
            lines.append(_line(name.encode(), *self._reader.dtype_and_shape(name), more))
        return b''.join(lines)


def _line(name, dtype, shape, more=''):
    kind = 'DT_' + _ENUM_NAMES.get(dtype.name, dtype.name.upper())
    return name + f' ({kind}) [{",".join(map(str, shape))}]{more}\n'.encode()


@export('train.NewCheckpointReader')
def NewCheckpointReader(filepattern):  # noqa: N802
    """A reader of the tensors of a checkpoint.

    Args:
      filepattern: the path of the checkpoint, without '.index'.

    Returns: an object with methods has_tensor(name), get_tensor(name), get_variable_to_shape_map(),
      get_variable_to_dtype_map() and debug_string().

    Raises: NotFoundError if there is none; DataLossError if it is damaged.
    """
    return CheckpointReader(compat.path_to_str(filepattern))


@export('python.tools.inspect_checkpoint.print_tensors_in_checkpoint_file')
def print_tensors_in_checkpoint_file(file_name, tensor_name, all_tensors, all_tensor_names=False, count_exclude_pattern=''):
    """Prints tensors of a checkpoint, and the number of elements of all of them.

    Args:
      file_name: path of the checkpoint.
      tensor_name: the tensor to print; if it is empty and the other arguments are False, a list of all is printed.
      all_tensors: whether to print the names and values of all. all_tensor_names: only the names of all.
      count_exclude_pattern: a regular expression; tensors whose names match do not count.
    """
    try:
        reader = NewCheckpointReader(file_name)
        shapes = reader.get_variable_to_shape_map()
        if all_tensors or all_tensor_names:
            for name in sorted(shapes):
                print('tensor_name: ', name)
                if all_tensors:
                    print(reader.get_tensor(name))
        elif not tensor_name:
            print(reader.debug_string().decode('utf-8', errors='ignore'))
        else:
            print('tensor_name: ', tensor_name)
            print(reader.get_tensor(tensor_name))
        total = sum(math.prod(shape) for name, shape in shapes.items()
                    if not (count_exclude_pattern and re.match(count_exclude_pattern, name)))
        print('# Total number of params: %d' % total)
    except Exception as e:      # it is a tool: what it cannot read it says
        print(str(e))
