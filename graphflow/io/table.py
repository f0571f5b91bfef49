"""Sorted string tables: files of keys and values, both bytes, sorted by key. LevelDB's format.

A file is data blocks, a block of metadata (here empty), an index block, and a footer of 48 bytes:

    footer = handle of the metadata block, handle of the index block, zeros up to 40 bytes, magic number (8 bytes)
    handle = position of a block in the file, its size (both variable-length integers)
    block  = entries, positions of the restarts (4 bytes each), their number (4 bytes)
    entry  = how many bytes of the key are those of the entry before, how many follow, how many the value has, key, value

A key at a restart is stored whole, so that a search may begin there. After each block come a byte, its compression (0:
none), and a masked CRC-32C of both. The index has an entry a data block: a key not below the block's last, and its handle.
"""
import bisect
import struct

from graphflow.framework import errors
from graphflow.io import checksum, snappy, varint

_MAGIC = 0xdb4775248b80fb57
_FOOTER_SIZE = 48
_TRAILER_SIZE = 5
_NO_COMPRESSION, _SNAPPY = 0, 1
_BLOCK_SIZE = 1 << 18
_RESTART_INTERVAL = 16
# Keys that share what precedes them may unpack to this many times a block's size; a well-made table keeps far below.
_MAX_EXPANSION = 64


class _BlockBuilder:
    def __init__(self, restart_interval):
        self._interval = restart_interval
        self.clear()

    def clear(self):
        self._data, self._restarts, self._count, self.last_key = bytearray(), [0], 0, b''

    def __len__(self):
        return len(self._data) + 4 * len(self._restarts) + 4

    def add(self, key, value):
        shared = 0
        if self._count == self._interval:
            self._restarts.append(len(self._data))
            self._count = 0
        elif self._data:
            shared = _common_prefix(self.last_key, key)
        for number in (shared, len(key) - shared, len(value)):
            self._data += varint.encode(number)
        self._data += key[shared:]
        self._data += value
        self._count += 1
        self.last_key = key

    def finish(self):
        restarts = struct.pack(f'<{len(self._restarts) + 1}I', *self._restarts, len(self._restarts))
        return bytes(self._data) + restarts


def _common_prefix(a, b):
    size = min(len(a), len(b))
    return next((i for i in range(size) if a[i] != b[i]), size)


def _separator(last, following):
    """A short key k with last <= k < following."""
    i = _common_prefix(last, following)
    if i < min(len(last), len(following)) and last[i] < 0xff and last[i] + 1 < following[i]:
        return last[:i] + bytes([last[i] + 1])
    return last


def _successor(key):
    """A short key that is not below `key`."""
    for i, byte in enumerate(key):
        if byte != 0xff:
            return key[:i] + bytes([byte + 1])
    return key


class TableWriter:
    """Writes a table to a binary file: `add` keys in order, then `finish`. The file stays open."""

    def __init__(self, file, block_size=_BLOCK_SIZE):
        self._file, self._block_size, self._offset = file, block_size, 0
        self._block, self._index = _BlockBuilder(_RESTART_INTERVAL), _BlockBuilder(1)
        self._last_key = self._pending = None       # handle of a block whose index entry waits for the next key

    def add(self, key, value):
        """Adds a pair of bytes. Raises: InvalidArgumentError unless `key` is above the one before."""
        if self._last_key is not None and key <= self._last_key:
            raise errors.InvalidArgumentError(None, None, f'Keys of a table must ascend: {key!r} after {self._last_key!r}')
        if self._pending is not None:
            self._index.add(_separator(self._last_key, key), self._pending)
            self._pending = None
        self._block.add(key, value)
        self._last_key = key
        if len(self._block) >= self._block_size:
            self._flush()

    def _flush(self):
        if self._last_key is not None and self._pending is None:
            self._pending = self._write(self._block.finish())
            self._block.clear()

    def _write(self, block):
        handle = varint.encode(self._offset) + varint.encode(len(block))
        kind = bytes([_NO_COMPRESSION])
        self._file.write(block)
        self._file.write(kind + struct.pack('<I', checksum.masked(block, kind)))
        self._offset += len(block) + _TRAILER_SIZE
        return handle

    def finish(self):
        """Writes what is left and the footer."""
        self._flush()
        metadata = self._write(_BlockBuilder(1).finish())
        if self._pending is not None:
            self._index.add(_successor(self._last_key), self._pending)
        index = self._write(self._index.finish())
        self._file.write((metadata + index).ljust(40, b'\0') + struct.pack('<Q', _MAGIC))


class Table:
    """Reads a table from a binary file that can seek.

    Iteration gives the pairs (key, value) in order. What a hostile file can make it do is bounded by the file's size.

    Raises: DataLossError if the file is no table or was changed; UnimplementedError for an unknown compression.
    """

    def __init__(self, file):
        self._file = file
        self._size = file.seek(0, 2)
        if self._size < _FOOTER_SIZE:
            raise _data_loss('file is too short to be an sstable')
        footer = self._read(self._size - _FOOTER_SIZE, _FOOTER_SIZE)
        if footer[40:] != struct.pack('<Q', _MAGIC):
            raise _data_loss('not an sstable (bad magic number)')
        _, _, end = _handle(footer, 0)
        offset, size, _ = _handle(footer, end)
        index = list(_entries(self._block(offset, size)))
        self._last_keys = [key for key, _ in index]
        self._handles = [_handle(value, 0)[:2] for _, value in index]
        self._cached = None, None

    def _read(self, offset, size):
        self._file.seek(offset)
        return self._file.read(size)

    def _block(self, offset, size):
        """The contents of a block, uncompressed."""
        if offset + size + _TRAILER_SIZE > self._size:
            raise _data_loss('truncated block read')
        data = self._read(offset, size + _TRAILER_SIZE)
        if len(data) != size + _TRAILER_SIZE:
            raise _data_loss('truncated block read')
        block, kind, (stored,) = data[:size], data[size:size + 1], struct.unpack('<I', data[size + 1:])
        if checksum.masked(block, kind) != stored:
            raise _data_loss('block checksum mismatch')
        if kind[0] == _SNAPPY:
            try:
                return snappy.decompress(block)
            except ValueError as e:
                raise _data_loss(f'corrupted compressed block contents: {e}') from None
        if kind[0] != _NO_COMPRESSION:
            raise errors.UnimplementedError(None, None, f'a block of a table has the unknown compression {kind[0]}')
        return block

    def __iter__(self):
        previous = None
        for handle in self._handles:
            for key, value in _entries(self._block(*handle)):
                if previous is not None and key <= previous:
                    raise _data_loss('keys of a table are out of order')
                previous = key
                yield key, value

    def get(self, key):
        """The value of a key, or None."""
        i = bisect.bisect_left(self._last_keys, key)
        if i == len(self._handles):
            return None
        if self._cached[0] != i:
            self._cached = i, dict(_entries(self._block(*self._handles[i])))
        return self._cached[1].get(key)


def _data_loss(message):
    return errors.DataLossError(None, None, message)


def _handle(data, start):
    """(offset, size, where the handle ends)."""
    try:
        offset, end = varint.decode(data, start)
        size, end = varint.decode(data, end)
    except ValueError:
        raise _data_loss('bad block handle') from None
    return offset, size, end


def _entries(block):
    """Yields the pairs of a block."""
    restarts = struct.unpack('<I', block[-4:])[0] if len(block) >= 4 else 0
    end = len(block) - 4 - 4 * restarts
    if len(block) < 4 or end < 0:
        raise _data_loss('bad entry in block')
    key, position, budget = b'', 0, _MAX_EXPANSION * len(block)
    while position < end:
        try:
            shared, position = varint.decode(block, position, end)
            unshared, position = varint.decode(block, position, end)
            size, position = varint.decode(block, position, end)
        except ValueError:
            raise _data_loss('bad entry in block') from None
        budget -= shared
        if shared > len(key) or position + unshared + size > end or budget < 0:
            raise _data_loss('bad entry in block')
        key = key[:shared] + block[position:position + unshared]
        position += unshared
        yield key, block[position:position + size]
        position += size
