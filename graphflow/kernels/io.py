"""Kernels of files. What a checkpoint is on disk is the business of `graphflow.io`."""
import contextlib
import os

import numpy as np

from graphflow.framework import errors
from graphflow.framework.registry import kernel
from graphflow.io import bundle, journal, saved_slices, tensor_slice
from graphflow.kernels.elementwise import shape_text
from graphflow.kernels.subnormals import kept
from graphflow.platform import gfile

_SHORT_NAMES = {'float32': 'float', 'float64': 'double', 'float16': 'half'}


def _invalid(message):
    return errors.InvalidArgumentError(None, None, message)


def _text(value):
    """The str of a scalar string array; bytes that are no UTF-8 are kept in it, as Python does in paths."""
    value = np.asarray(value, object)
    if value.size != 1:
        raise _invalid(f'Must have a one element tensor, got shape {shape_text(value.shape)}')
    return os.fsdecode(value.item())


def _texts(values):
    return [os.fsdecode(value) for value in np.asarray(values, object).reshape(-1).tolist()]


def _type_name(dtype):
    return _SHORT_NAMES.get(dtype.name, dtype.name)


def _parse(spec):
    try:
        return tensor_slice.parse(spec)
    except (ValueError, IndexError) as e:
        raise _invalid(str(e)) from None


# Saving

def _slices(names, specs, arrays, types):
    """Yields (name, shape of the whole or None, slice or None, array, DType) of the tensors to save."""
    if not len(names) == len(specs) == len(arrays):
        raise _invalid(f'There are {len(names)} names, {len(specs)} slices and {len(arrays)} tensors to save')
    for name, spec, array, dtype in zip(names, specs, arrays, types):
        if not spec:
            yield name, None, None, array, dtype
            continue
        shape, box = _parse(spec)
        lengths = [length for _, length in tensor_slice.bounded(box, shape)]
        if lengths != list(np.shape(array)):
            raise _invalid('Slice in shape_and_slice specification does not match the shape of the tensor to  save: '
                           f'{spec}, tensor: {shape_text(np.shape(array))}')
        yield name, shape, box, array, dtype


@kernel('SaveV2')
def save_v2(prefix, tensor_names, shape_and_slices, tensors, node):
    names, specs = _texts(tensor_names), _texts(shape_and_slices)
    with journal.writing, bundle.BundleWriter(_text(prefix)) as writer:
        for name, shape, box, array, dtype in _slices(names, specs, tensors, node._attrs['dtypes']):
            if box is None:
                writer.add(name, array, dtype)
            else:
                writer.add_slice(name, shape, box, array, dtype)


@kernel('Save')
def save(filename, tensor_names, data, node):
    names = _texts(tensor_names)
    with kept():
        saved_slices.write(_text(filename), list(_slices(names, [''] * len(names), data, node._attrs['T'])))


@kernel('SaveSlices')
def save_slices(filename, tensor_names, shapes_and_slices, data, node):
    tensors = _slices(_texts(tensor_names), _texts(shapes_and_slices), data, node._attrs['T'])
    with kept():
        saved_slices.write(_text(filename), list(tensors))


@kernel('MergeV2Checkpoints')
def merge_v2_checkpoints(checkpoint_prefixes, destination_prefix, delete_old_dirs):
    prefixes = _texts(checkpoint_prefixes)
    with journal.writing:
        bundle.merge(prefixes, _text(destination_prefix))
    if delete_old_dirs:
        for folder in dict.fromkeys(map(os.path.dirname, prefixes)):
            with contextlib.suppress(OSError):      # it may hold other files
                os.rmdir(folder)


# Restoring

@kernel('RestoreV2')
def restore_v2(prefix, tensor_names, shape_and_slices, node):
    prefix, names, specs = _text(prefix), _texts(tensor_names), _texts(shape_and_slices)
    types = node._attrs['dtypes']
    if not len(names) == len(specs) == len(types):
        raise _invalid(f'There are {len(names)} names, {len(specs)} slices and {len(types)} types to restore')
    if not bundle.exists(prefix):
        with saved_slices.SavedSlicesReader(prefix) as reader:
            return tuple(_restore_v1(reader, *wanted) for wanted in zip(names, specs, types))
    with bundle.BundleReader(prefix) as reader:
        boxes = _checked(reader, names, specs, types)
        # Everything is read, and found whole, before anything is handed out: a restore changes all variables or none.
        return tuple(reader.read(name, box, mapped=True) for name, box in zip(names, boxes))


def _checked(reader, names, specs, types):
    """The slices to read, or None for whole tensors, once all tensors are known to be there and of their types."""
    problems, boxes = [], {}
    for i in sorted(range(len(names)), key=names.__getitem__):
        dtype, shape = reader.dtype_and_shape(names[i])
        if dtype is not types[i].base_dtype:
            problems.append(f'tensor_name = {names[i]}; expected dtype {_type_name(types[i])} does not equal original '
                            f'dtype {_type_name(dtype)}')
        boxes[i] = _box(names[i], specs[i], shape)
    if problems:
        raise _invalid('\n'.join(problems))
    return [boxes[i] for i in range(len(names))]


def _box(name, spec, shape):
    if not spec:
        return None
    wanted, box = _parse(spec)
    if tuple(wanted) != tuple(shape):
        raise _invalid(f'tensor_name = {name}; shape in shape_and_slice spec {shape_text(wanted)} does not match the shape '
                       f'stored in checkpoint: {shape_text(shape)}')
    return tensor_slice.bounded(box, shape)


def _restore_v1(reader, name, spec, wanted):
    dtype, shape = reader.dtype_and_shape(name)
    if dtype is not wanted.base_dtype:
        raise _invalid(f'Expected to restore a tensor of type {_type_name(wanted)}, got a tensor of type '
                       f'{_type_name(dtype)} instead: tensor_name = {name}')
    with kept():
        return reader.read(name, _box(name, spec, shape))


@kernel('Restore')
def restore(file_pattern, tensor_name, node):
    with saved_slices.SavedSlicesReader(_text(file_pattern)) as reader:
        return _restore_v1(reader, _text(tensor_name), '', node._attrs['dt'])


@kernel('RestoreSlice')
def restore_slice(file_pattern, tensor_name, shape_and_slice, node):
    with saved_slices.SavedSlicesReader(_text(file_pattern)) as reader:
        return _restore_v1(reader, _text(tensor_name), _text(shape_and_slice), node._attrs['dt'])


# Names of files, and files

@kernel('ShardedFilename')
def sharded_filename(basename, shard, num_shards):
    return _scalar(os.fsencode('%s-%05d-of-%05d' % (_text(basename), shard, num_shards)))


@kernel('ShardedFilespec')
def sharded_filespec(basename, num_shards):
    return _scalar(os.fsencode('%s-?????-of-%05d' % (_text(basename), num_shards)))


def _scalar(value):
    return np.array(value, object)


@kernel('ReadFile')
def read_file(filename):
    with gfile.GFile(_text(filename), 'rb') as file:
        return _scalar(file.read())


@kernel('WriteFile')
def write_file(filename, contents):
    path = _text(filename)
    gfile.MakeDirs(os.path.dirname(path))
    with gfile.GFile(path, 'wb') as file:
        file.write(np.asarray(contents, object).item())


@kernel('MatchingFiles')
def matching_files(pattern):
    found = sorted(os.fsencode(path) for path in gfile.Glob(_texts(pattern)))
    result = np.empty(len(found), object)
    result[:] = found
    return result
