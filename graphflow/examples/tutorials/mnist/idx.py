"""The IDX file format of the MNIST files: an array of any rank, big-endian, often gzipped.

Four bytes of magic number (0, 0, element type, rank), then one 4-byte integer per dimension, then the
elements (http://yann.lecun.com/exdb/mnist, "The IDX file format").
"""
import gzip
import math
import struct
import zlib

import numpy as np

IMAGES_MAGIC = 2051         # bytes, rank 3: [images, rows, columns]
LABELS_MAGIC = 2049         # bytes, rank 1

_TYPES = {0x08: '>u1', 0x09: '>i1', 0x0B: '>i2', 0x0C: '>i4', 0x0D: '>f4', 0x0E: '>f8'}


def read(file, magic=None, what='IDX file'):
    """The array in an IDX file, plain or gzipped.

    Args:
        file: a path, or a file object open for reading bytes.
        magic: the magic number it should have; any of this format's if None.
        what: how errors call such a file.

    Returns:
        The elements, in an array one may write to. Bytes after the last element are ignored.

    Raises:
        ValueError: the file is of another kind, damaged, or ends too early; the message names it and says
            what was expected and found.
    """
    if not hasattr(file, 'read'):
        with open(file, 'rb') as opened:
            return read(opened, magic, what)
    name = getattr(file, 'name', 'IDX data')
    data = _contents(file, name)
    _require(name, 'a magic number of 4 bytes', 4, len(data))
    found = int.from_bytes(data[:4], 'big')
    kind, rank = _TYPES.get(found >> 8), found & 0xFF
    if kind is None or magic not in (None, found):
        raise ValueError('Invalid magic number %d in %s: %s' % (found, what, name))
    start = 4 + 4 * rank
    _require(name, 'a header of %d bytes' % start, start, len(data))
    shape = struct.unpack('>%dI' % rank, data[4:start])
    dtype = np.dtype(kind)
    size = math.prod(shape) * dtype.itemsize
    _require(name, '%s elements (%d bytes) after its header' % (' x '.join(map(str, shape)), size), size,
             len(data) - start)
    array = np.frombuffer(data, dtype, math.prod(shape), start).reshape(shape)
    return array.astype(dtype.newbyteorder('='), copy=False)


def write(path, array):
    """Writes `array` as an IDX file, gzipped if `path` ends in `.gz`.

    Raises:
        ValueError: IDX has no code for the array's dtype.
    """
    array = np.asarray(array)
    codes = {np.dtype(kind).newbyteorder('='): code for code, kind in _TYPES.items()}
    if array.dtype not in codes:
        raise ValueError('IDX cannot store %s; it can store %s' % (array.dtype, ', '.join(map(str, codes))))
    header = struct.pack('>4B%dI' % array.ndim, 0, 0, codes[array.dtype], array.ndim, *array.shape)
    opener = gzip.open if str(path).endswith('.gz') else open
    with opener(path, 'wb') as file:
        file.write(header + array.astype(array.dtype.newbyteorder('>')).tobytes())


def _require(name, what, expected, found):
    if found < expected:
        raise ValueError('%s is truncated: expected %s, found %d bytes' % (name, what, max(found, 0)))


def _contents(file, name):
    """All bytes of the file, unzipped as far as that goes, as a bytearray."""
    raw = file.read()
    if raw[:2] != b'\x1f\x8b':
        return bytearray(raw)
    data = bytearray()
    try:
        while raw:                                  # a gzip file may hold several members in a row
            member = zlib.decompressobj(wbits=31)
            data += member.decompress(raw)
            raw = member.unused_data if member.eof else b''
            if raw[:2] != b'\x1f\x8b':              # padding after the last one is allowed
                break
    except zlib.error as error:
        raise ValueError('%s is damaged: expected a gzip file, found one that does not unpack (%s)'
                         % (name, error)) from None
    return data
