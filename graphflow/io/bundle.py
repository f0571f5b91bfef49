"""Tensor bundles: the files of a checkpoint, `prefix.index` and `prefix.data-00000-of-00001` (or of several).

The index is a table (see table.py). The empty key has a BundleHeaderProto; a tensor's name has a BundleEntryProto, which says
where in which data file its bytes are and what their checksum is. The bytes are the elements in C order, little-endian. For
strings they are the lengths (variable-length integers), a masked checksum of these (4 bytes), and the strings.

A tensor kept in slices, such as a partitioned variable, has an entry that lists the slices, and each slice an entry of its
own under the key `ordered_code.tensor_slice`.
"""
import contextlib
import glob
import math
import mmap
import os
import sys

import numpy as np

from graphflow import protos
from graphflow.framework import dtypes, errors
from graphflow.framework.tensor_proto import _bfloat16_bits as bfloat16_bits, _from_bfloat16_bits as from_bfloat16_bits
from graphflow.io import checksum, journal, ordered_code, table, tensor_slice, varint
from graphflow.platform.gfile import file_errors

_VERSION = 1            # of the format: what TensorFlow writes and reads
_MAPPED = 1 << 20       # tensors from this many bytes on are mapped into memory when they are restored
_MAX_RANK = 32          # what every numpy has


def index_name(prefix):
    """The path of a bundle's index."""
    return prefix + '.index'


def data_name(prefix, shard, shards):
    """The path of a bundle's data file number `shard` of `shards`."""
    return '%s.data-%05d-of-%05d' % (prefix, shard, shards)


def exists(prefix):
    """Whether there is a bundle of that prefix."""
    index = index_name(prefix)
    return os.path.exists(index) or journal.is_pending(index)


def _data_pattern(prefix):
    return glob.escape(prefix) + '.data-?????-of-?????'


def _error(cls, message):
    return cls(None, None, message)


class BundleWriter:
    """Writes a bundle of one data file: `add` tensors, then `finish`. Until then the files of the same prefix stay.

    Used as a context manager, it finishes at the end of the block, or removes what it wrote if there is an error.

    Args:
      prefix: path of the files without what follows it; the folder is made if it is missing.

    Raises: an OpError if a file cannot be written.
    """

    def __init__(self, prefix):
        self._prefix, self._entries, self._size = prefix, {}, 0
        self._path = data_name(prefix, 0, 1)
        with file_errors(self._path):
            os.makedirs(os.path.dirname(prefix) or '.', exist_ok=True)
            journal.recover(index_name(prefix), _data_pattern(prefix))
            # Whole chunks are larger than the buffer, and are written from where they are.
            self._file = open(journal.data_path(self._path), 'wb', buffering=checksum.CHUNK // 2)
        self._messages = protos.load('tensor_bundle')

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind is None:
            self.finish()
        else:
            self._file.close()
            os.remove(journal.data_path(self._path))

    def add(self, name, array, dtype):
        """Writes a tensor.

        Args:
          name: str or bytes.
          array: the elements, an ndarray as graphflow keeps values of `dtype`.
          dtype: a DType.

        Raises: InvalidArgumentError if the name is taken or empty.
        """
        self._add(_key(name), array, dtype)

    def add_slice(self, name, shape, box, array, dtype):
        """Writes a slice of a tensor.

        Args:
          name: of the whole tensor, str or bytes.
          shape: of the whole, a list of ints.
          box: the slice, a list of (start, length), one a dimension.
          array: the slice's elements. dtype: a DType.

        Raises: InvalidArgumentError if the slice is written already, or another one for another shape or dtype.
        """
        key = _key(name)
        whole = self._entries.get(key)
        if whole is None:
            whole = self._entries[key] = self._entry(shape, dtype)
        elif not whole.slices or list(_dims(whole)) != list(shape) or whole.dtype != dtype.as_datatype_enum:
            raise _error(errors.InvalidArgumentError, f'Adding duplicate key: {_text(key)}')
        tensor_slice.to_proto(box, whole.slices.add())
        self._add(ordered_code.tensor_slice(key, box), array, dtype)

    def _entry(self, shape, dtype):
        entry = self._messages.BundleEntryProto(dtype=dtype.as_datatype_enum)
        entry.shape.SetInParent()
        for dim in shape:
            entry.shape.dim.add(size=dim)
        return entry

    def _add(self, key, array, dtype):
        if not key:
            raise _error(errors.InvalidArgumentError, 'A tensor in a checkpoint needs a name')
        if key in self._entries:
            raise _error(errors.InvalidArgumentError, f'Adding duplicate key: {_text(key)}')
        array = np.asarray(array)
        entry = self._entries[key] = self._entry(array.shape, dtype)
        entry.offset = self._size
        crc = 0
        with file_errors(self._path):
            if dtype is dtypes.string:
                crc = self._write_strings(array)
            else:
                for chunk in _chunks(array, dtype):
                    crc = checksum.extend(crc, chunk)
                    self._file.write(chunk)
                    self._size += len(chunk)
        entry.size = self._size - entry.offset
        entry.crc32c = checksum.mask(crc)

    def _write_strings(self, array):
        """Writes an array of bytes objects; returns the checksum, which takes each length as a number of 4 bytes."""
        items = array.reshape(-1).tolist()
        sizes = b''.join(varint.encode(len(item)) for item in items)
        crc = checksum.extend(0, _fixed_sizes(len(item) for item in items))
        check = checksum.mask(crc).to_bytes(4, 'little')
        for part in (sizes, check, *items):
            self._file.write(part)
            self._size += len(part)
        for part in (check, *items):
            crc = checksum.extend(crc, part)
        return crc

    def finish(self):
        """Writes the index, and puts the files in place once they are on disk."""
        with self._file, file_errors(self._path):
            journal.sync(self._file)
        _write_index(self._prefix, self._entries, 1)
        with file_errors(index_name(self._prefix)):
            journal.commit(index_name(self._prefix), [self._path])


def _write_index(prefix, entries, shards):
    """Writes an index, not in place yet; `entries` is a dict of keys (bytes) to messages."""
    header = protos.load('tensor_bundle').BundleHeaderProto(num_shards=shards)
    header.version.producer = _VERSION
    index = index_name(prefix)
    with file_errors(index), open(journal.index_path(index), 'wb') as file:
        writer = table.TableWriter(file)
        writer.add(b'', header.SerializeToString())
        for key in sorted(entries):
            writer.add(key, entries[key].SerializeToString())
        writer.finish()
        journal.sync(file)


def merge(prefixes, destination):
    """Makes one bundle of several: moves their data files and merges their indexes.

    Args:
      prefixes: a list of paths. destination: the path of the result.

    Raises: NotFoundError if one is missing; InvalidArgumentError if two have a tensor of the same name.
    """
    entries, sources = {}, []
    for prefix in prefixes:
        with BundleReader(prefix) as reader:
            for key, entry in reader.entries().items():
                known = entries.get(key)
                if known is None:
                    entry.shard_id += len(sources)
                    entries[key] = entry
                elif known.slices and entry.slices and known.shape == entry.shape and known.dtype == entry.dtype:
                    known.slices.extend(entry.slices)
                else:
                    raise _error(errors.InvalidArgumentError, f'Duplicate tensor keyed by {_text(key)} encountered, when '
                                                              f'merging prefix: {prefix}')
            sources += [reader.data_path(shard) for shard in range(reader.shards)]
    index = index_name(destination)
    with file_errors(index):
        os.makedirs(os.path.dirname(destination) or '.', exist_ok=True)
        journal.recover(index, _data_pattern(destination))
    paths = [data_name(destination, i, len(sources)) for i in range(len(sources))]
    for source, path in zip(sources, paths):
        with file_errors(source):
            os.replace(source, journal.data_path(path))
    _write_index(destination, entries, len(sources))
    with file_errors(index):
        journal.commit(index, paths)
        for prefix in prefixes:
            os.remove(index_name(prefix))


def _key(name):
    return name.encode('utf-8', 'surrogateescape') if isinstance(name, str) else bytes(name)


def _text(key):
    return key.decode('utf-8', 'backslashreplace')


def _dims(entry):
    return tuple(dim.size for dim in entry.shape.dim)


def _fixed_sizes(sizes):
    """Lengths of strings as their checksum takes them: 4 bytes each, 8 if it takes more."""
    return b''.join(n.to_bytes(4 if n < 1 << 32 else 8, 'little') for n in sizes)


def _chunks(array, dtype):
    """The bytes of an array's elements, a few at a time and as arrays, so that a save needs no second copy of the model."""
    flat = np.ascontiguousarray(array).reshape(-1)
    step = checksum.CHUNK // max(flat.itemsize, 1)
    for start in range(0, flat.size, step):
        part = flat[start:start + step]
        if dtype is dtypes.bfloat16:
            part = bfloat16_bits(part)
        if sys.byteorder == 'big':
            part = part.byteswap()
        yield part.view(np.uint8)


def _stored_type(dtype):
    """The numpy type that the elements of a DType have in a file."""
    stored = np.uint16 if dtype is dtypes.bfloat16 else dtype.as_numpy_dtype
    return np.dtype(stored).newbyteorder('<')


class BundleReader:
    """Reads a bundle; a context manager, which closes its files.

    The index is read and checked at once; data are checked when they are read. Files that are damaged or made to do harm
    cost time and memory in proportion to their sizes at most.

    Args:
      prefix: path of the files without what follows it.

    Attributes: `shards`, how many data files there are.

    Raises: NotFoundError if there is no index; DataLossError if it is damaged or none.
    """

    def __init__(self, prefix):
        self.prefix = prefix
        self._files = {}
        self._messages = protos.load('tensor_bundle')
        path = index_name(prefix)
        self._pending = journal.is_pending(path)
        values = dict(_index_items(path, journal.current(path) if self._pending else path))
        header = self._parse(self._messages.BundleHeaderProto, values.pop(b'', None), 'its header')
        if header.endianness != header.LITTLE:
            raise _error(errors.UnimplementedError, f'Read a bundle with different endianness from the reader: {path}')
        if header.version.min_consumer > _VERSION:
            raise _error(errors.InvalidArgumentError, f'Checkpoint {path} needs a reader of format version '
                                                      f'{header.version.min_consumer}; this one has {_VERSION}')
        self.shards, self._values = header.num_shards, values

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Closes the files; arrays that were handed out stay."""
        for file in self._files.values():
            file.close()
        self._files = {}

    def _parse(self, message, value, what):
        from google.protobuf.message import DecodeError
        if value is None:
            raise _error(errors.DataLossError, f'{index_name(self.prefix)} has no entry for {what}')
        try:
            return message.FromString(value)
        except DecodeError:
            raise _error(errors.DataLossError,
                         f'Entry for {what} not parseable in {index_name(self.prefix)}') from None

    def names(self):
        """The tensors' names as str, in order."""
        return [_text(key) for key in self._values if key[:1] != b'\0']

    def entries(self):
        """{key: BundleEntryProto} of all tensors and slices, keys as bytes."""
        return {key: self._entry(key) for key in self._values}

    def keys(self):
        """The keys of all tensors and slices, bytes, in order."""
        return list(self._values)

    def __contains__(self, name):
        return _key(name) in self._values

    def _entry(self, key):
        if key not in self._values:
            raise _error(errors.NotFoundError, f'Key {_text(key)} not found in checkpoint')
        return self._parse(self._messages.BundleEntryProto, self._values[key], _text(key))

    def dtype_and_shape(self, name):
        """The DType and shape (a tuple) of a tensor. Raises: NotFoundError if there is none of that name."""
        entry = self._entry(_key(name))
        return self._dtype(entry, name), self._shape(entry, name)

    def _dtype(self, entry, name):
        try:
            dtype = dtypes.as_dtype(entry.dtype)
            dtype.as_numpy_dtype    # what has none is in no checkpoint
        except (TypeError, KeyError):
            raise self._damaged(name, f'it has the data type number {entry.dtype}') from None
        return dtype

    def _shape(self, entry, name):
        shape = _dims(entry)
        if entry.shape.unknown_rank or len(shape) > _MAX_RANK or any(dim < 0 for dim in shape):
            raise self._damaged(name, 'its shape is none')
        return shape

    def _damaged(self, name, problem, cls=errors.DataLossError):
        name = _text(_key(name)) if not isinstance(name, str) else name
        return _error(cls, f'{problem} (tensor {name} in checkpoint {self.prefix})')

    # Reading

    def read(self, name, box=None, mapped=False):
        """The elements of a tensor or a slice of it, checked against their checksum.

        Args:
          name: of the tensor.
          box: a list of (start, length), one a dimension, within the tensor's shape; None for all.
          mapped: large tensors may be mapped into memory instead of read, so that they take none until they are used.

        Returns: an ndarray, which may be changed without effect on the file.

        Raises: NotFoundError if there is no such tensor; DataLossError if its bytes were changed; OutOfRangeError if
          they are cut off; InvalidArgumentError if slices of it are missing.
        """
        entry = self._entry(_key(name))
        if entry.slices:
            return self._read_slices(entry, name, box, mapped)
        array = self._read_entry(entry, name, mapped)
        if box is None:
            return array
        if entry.dtype == dtypes.string.as_datatype_enum:
            raise _error(errors.InvalidArgumentError, 'Dtype string not supported.')
        return array[tensor_slice.index(box, [(0, dim) for dim in array.shape])]

    def _read_slices(self, entry, name, box, mapped):
        shape, dtype = self._shape(entry, name), self._dtype(entry, name)
        wanted = [(0, dim) for dim in shape] if box is None else box
        keys = [tensor_slice.from_proto(message) for message in entry.slices]
        try:
            parts = [tensor_slice.bounded(key, shape) for key in keys]
        except ValueError as e:
            raise self._damaged(name, f'{e}') from None
        if wanted in parts:
            return self._read_part(name, keys[parts.index(wanted)], wanted, dtype, mapped)
        shared = [(key, part, both) for key, part in zip(keys, parts)
                  if (both := tensor_slice.intersection(part, wanted)) is not None]
        volume = math.prod(length for _, length in wanted)
        covered = sum(math.prod(length for _, length in both) for _, _, both in shared)
        spec = tensor_slice.text(wanted) if box is not None else ':'.join('-' * len(shape))
        missing = _error(errors.InvalidArgumentError, 'Does not have sufficient slices for partitioned tensor '
                         f'{_text(_key(name))} to restore in slice_spec: {spec}')
        if covered < volume:
            raise missing
        # Before memory is taken for what a file says, there must be so much in the data files.
        if volume * dtype.size > sum(self._data_size(shard, name) for shard in range(min(self.shards, len(parts)))):
            raise self._damaged(name, 'it is larger than the data files')
        lengths = [length for _, length in wanted]
        result = np.empty(lengths, dtype.as_numpy_dtype)
        seen = np.zeros(lengths, bool) if covered > volume else None        # slices overlap
        for key, part, both in shared:
            target = tensor_slice.index(both, wanted)
            result[target] = self._read_part(name, key, part, dtype, mapped)[tensor_slice.index(both, part)]
            if seen is not None:
                seen[target] = True
        if seen is not None and not seen.all():
            raise missing
        return result

    def _read_part(self, name, key, box, dtype, mapped):
        entry = self._entry(ordered_code.tensor_slice(_key(name), key))
        if _dims(entry) != tuple(length for _, length in box) or entry.dtype != dtype.as_datatype_enum:
            raise self._damaged(name, 'a slice of it has another shape or type than the whole')
        return self._read_entry(entry, name, mapped)

    def _read_entry(self, entry, name, mapped):
        dtype, shape = self._dtype(entry, name), self._shape(entry, name)
        if entry.slices:
            raise self._damaged(name, 'a slice of it is in slices')
        file = self._data_file(entry.shard_id, name)
        if entry.size < 0 or entry.offset < 0 or entry.offset + entry.size > self._data_size(entry.shard_id, name):
            raise self._damaged(name, 'Read less bytes than requested', errors.OutOfRangeError)
        count = math.prod(shape)
        if dtype is dtypes.string:
            return self._read_strings(entry, name, file, count).reshape(shape)
        stored = _stored_type(dtype)
        if entry.size != count * stored.itemsize:
            raise self._damaged(name, f'it has {entry.size} bytes, which its shape {list(shape)} and type {dtype.name} do not '
                                      'take')
        try:
            if mapped and entry.size >= _MAPPED and dtype is not dtypes.bool:
                self._check(entry, name, self._pieces(file, entry, name))
                flat = _map(file, entry, stored)
            else:
                flat = np.empty(count, stored)
                raw = flat.view(np.uint8)
                self._check(entry, name, self._pieces(file, entry, name, raw))
            return _as_kept(flat, dtype).reshape(shape)
        except ValueError:      # shapes of no elements, but with dimensions that are too large for any array
            raise self._damaged(name, f'its shape is {list(shape)}') from None

    def _pieces(self, file, entry, name, into=None):
        """Reads the bytes of an entry, a few at a time, and yields them as an array, which holds until the next.

        `into`, an array of bytes, keeps them all if it is given.
        """
        buffer = np.empty(min(entry.size, checksum.CHUNK), np.uint8) if into is None else None
        with file_errors(file.name):
            file.seek(entry.offset)
            at = 0
            while at < entry.size:
                size = min(entry.size - at, checksum.CHUNK)
                piece = buffer[:size] if into is None else into[at:at + size]
                count = file.readinto(piece)
                if not count:
                    raise self._damaged(name, 'Read less bytes than requested', errors.OutOfRangeError)
                at += count
                yield piece[:count]

    def _check(self, entry, name, pieces):
        crc = 0
        for piece in pieces:
            crc = checksum.extend(crc, piece)
        if crc != checksum.unmask(entry.crc32c):
            raise self._damaged(name, f'Checksum does not match: stored {checksum.unmask(entry.crc32c)} vs. calculated on '
                                      f'the restored bytes {crc}')

    def _read_strings(self, entry, name, file, count):
        if count > entry.size:      # each has a length of a byte at least
            raise self._damaged(name, 'it has fewer strings than its shape')
        data = b''.join(piece.tobytes() for piece in self._pieces(file, entry, name))
        sizes, position = [], 0
        try:
            for _ in range(count):
                size, position = varint.decode(data, position)
                sizes.append(size)
        except ValueError:
            raise self._damaged(name, 'the lengths of its strings are cut off') from None
        check = data[position:position + 4]
        position += 4
        crc = checksum.extend(0, _fixed_sizes(sizes))
        if checksum.mask(crc).to_bytes(4, 'little') != check:
            raise self._damaged(name, 'The length checksum does not match: expected '
                                      f'{checksum.unmask(int.from_bytes(check, "little"))} but actual is {crc}')
        if position + sum(sizes) != len(data):
            raise self._damaged(name, 'its strings are cut off')
        self._check_strings(entry, name, checksum.extend(crc, data[position - 4:]))
        result = np.empty(count, object)
        for i, size in enumerate(sizes):
            result[i] = data[position:position + size]
            position += size
        return result

    def _check_strings(self, entry, name, crc):
        if crc != checksum.unmask(entry.crc32c):
            raise self._damaged(name, f'Checksum does not match: stored {checksum.unmask(entry.crc32c)} vs. calculated on '
                                      f'the restored bytes {crc}')

    # Files

    def data_path(self, shard):
        """The path of a data file."""
        path = data_name(self.prefix, shard, self.shards)
        return journal.current(path) if self._pending else path

    def _data_file(self, shard, name):
        if shard not in self._files:
            if not 0 <= shard < self.shards:
                raise self._damaged(name, f'it is in data file {shard} of {self.shards}')
            with file_errors(data_name(self.prefix, shard, self.shards)):
                self._files[shard] = open(self.data_path(shard), 'rb', buffering=0)
        return self._files[shard]

    def _data_size(self, shard, name):
        return os.fstat(self._data_file(shard, name).fileno()).st_size


def _index_items(shown, path):
    """The pairs in the index at `path`; errors name it `shown`."""
    with file_errors(shown), contextlib.ExitStack() as stack:
        file = stack.enter_context(open(path, 'rb'))
        try:
            yield from table.Table(file)
        except errors.DataLossError as e:
            if 'sstable' in e.message:
                raise _error(errors.DataLossError, f'{e.message}: {shown}') from None
            raise _error(errors.DataLossError, f'Unable to read file ({shown}). Perhaps the file is corrupt or was produced by '
                         f'a newer version of TensorFlow with format changes: {e.message}') from None


def _map(file, entry, stored):
    """The elements of an entry mapped into memory: they are read when they are used, and changes stay in memory."""
    begin = entry.offset % mmap.ALLOCATIONGRANULARITY
    mapping = mmap.mmap(file.fileno(), entry.size + begin, access=mmap.ACCESS_COPY, offset=entry.offset - begin)
    return np.frombuffer(mapping, stored, entry.size // stored.itemsize, begin)


def _as_kept(flat, dtype):
    """The elements as graphflow keeps values of `dtype`."""
    if dtype is dtypes.bfloat16:
        return from_bfloat16_bits(flat.astype(np.uint16, copy=False))
    if dtype is dtypes.bool:
        return flat.view(np.uint8) != 0     # whatever a file has, a bool is 0 or 1
    return flat if flat.dtype.isnative else flat.astype(flat.dtype.newbyteorder('='))
