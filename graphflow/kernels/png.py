"""PNG files, from arrays, byte for byte as libpng writes them.

Each row is filtered (its bytes replaced by differences from the left, the upper, or both neighbours), by the filter
that leaves the smallest sum of absolute differences, and the rows are then compressed together. See the PNG
specification, second edition, sections 9 and 12.8.
"""
import struct
import zlib

import numpy as np

from graphflow.kernels.jit import jit

_SIGNATURE = b'\x89PNG\r\n\x1a\n'
_COLOR_TYPES = {1: 0, 2: 4, 3: 2, 4: 6}     # by number of channels: grey, grey and alpha, RGB, RGBA
_CHUNK = 8192


def encode(image, level=-1):
    """The PNG file of `image`, uint8 or uint16 [height, width, 1 to 4 channels]; zlib's compression `level`."""
    height, width, channels = image.shape
    big_endian = image.astype('>u2') if image.dtype == np.uint16 else image
    rows = np.ascontiguousarray(big_endian).view(np.uint8).reshape(height, -1)
    data = _compressed(_filtered(rows, channels * image.dtype.itemsize), level)
    header = struct.pack('>IIBBBBB', width, height, 8 * image.dtype.itemsize, _COLOR_TYPES[channels], 0, 0, 0)
    chunks = [_chunk(b'IDAT', data[at:at + _CHUNK]) for at in range(0, len(data), _CHUNK)]
    return b''.join([_SIGNATURE, _chunk(b'IHDR', header), *chunks, _chunk(b'IEND', b'')])


def _chunk(name, data):
    return struct.pack('>I', len(data)) + name + data + struct.pack('>I', zlib.crc32(name + data))


def _filtered(rows, step):
    """Every row of bytes after its filter's number; `step` is the number of bytes of a pixel."""
    values = rows.astype(np.int16)
    left, up, corner = (np.zeros_like(values) for _ in range(3))
    left[:, step:] = values[:, :-step]
    up[1:] = values[:-1]
    corner[1:, step:] = values[:-1, :-step]
    to_left, to_up, to_corner = (np.abs(d) for d in (up - corner, left - corner, left + up - 2 * corner))
    paeth = np.where((to_left <= to_up) & (to_left <= to_corner), left, np.where(to_up <= to_corner, up, corner))
    guesses = np.stack([np.zeros_like(values), left, up, (left + up) // 2, paeth])
    candidates = (values - guesses).astype(np.uint8)
    cost = np.minimum(candidates, 256 - candidates.astype(np.int16)).sum(axis=2)
    if rows.shape[0] == 1:      # nothing is above: the filters that look up are not tried
        cost[2:] = np.iinfo(cost.dtype).max
    best = np.argmin(cost, axis=0)
    filtered = np.empty((rows.shape[0], rows.shape[1] + 1), np.uint8)
    filtered[:, 0] = best
    filtered[:, 1:] = candidates[best, np.arange(rows.shape[0])]
    return filtered


def _compressed(rows, level):
    """A zlib stream. Its header tells the smallest window that all of the rows fit in."""
    bits = 15
    while bits > 8 and rows.size <= 1 << bits - 1:
        bits -= 1
    packer = zlib.compressobj(level, zlib.DEFLATED, 15, 9, zlib.Z_FILTERED)
    stream = bytearray(b''.join([packer.compress(row) for row in rows] + [packer.flush()]))
    stream[0] = stream[0] & 0x0f | (bits - 8) << 4
    stream[1] &= 0xe0
    stream[1] += 31 - (stream[0] * 256 + stream[1]) % 31
    return bytes(stream)


# Reading what Pillow reads with 8 of 16 bits only.

_CHANNELS = {kind: channels for channels, kind in _COLOR_TYPES.items()}


def is_16_bit_colour(data):
    """Whether the PNG file `data` has 16 bits a channel, and more than one channel."""
    return len(data) > 25 and data[24] == 16 and data[25] in (2, 4, 6)


def decode_16_bit(data):
    """The uint16 array [height, width, channels] of a PNG file of 16 bits a channel.

    Returns: None if the file is damaged or interlaced.
    """
    try:
        chunks = list(_chunks(data))
        width, height, _, kind, _, _, interlace = struct.unpack('>IIBBBBB', chunks[0][1])
        step = 2 * _CHANNELS[kind]
        size = height * (1 + width * step)
        packed = b''.join(content for name, content in chunks if name == b'IDAT')
        rows = np.frombuffer(zlib.decompressobj().decompress(packed, size), np.uint8)
    except (struct.error, zlib.error, IndexError, KeyError):
        return None
    if interlace or rows.size != size or not size:
        return None
    rows = rows.reshape(height, -1)
    if rows[:, 0].max() > 4:
        return None
    pixels = _unfiltered(rows, step)
    return pixels.view('>u2').astype(np.uint16).reshape(height, width, -1)


def _chunks(data):
    at = len(_SIGNATURE)
    while at < len(data):
        length, name = struct.unpack_from('>I4s', data, at)
        content = data[at + 8:at + 8 + length]
        crc, = struct.unpack_from('>I', data, at + 8 + length)
        if zlib.crc32(name + content) != crc:
            raise IndexError('a damaged chunk')
        yield name, content
        at += 12 + length


@jit
def _unfiltered(rows, step):
    """The bytes that `_filtered` made `rows` of."""
    height, width = rows.shape[0], rows.shape[1] - 1
    out = np.zeros((height + 1, width + step), np.uint8)        # a row and a pixel of zeros before the first
    for i in range(height):
        kind = rows[i, 0]
        for j in range(width):
            left, up, corner = np.int64(out[i + 1, j]), np.int64(out[i, j + step]), np.int64(out[i, j])
            guess = 0
            if kind == 1:
                guess = left
            elif kind == 2:
                guess = up
            elif kind == 3:
                guess = (left + up) // 2
            elif kind == 4:
                to_left, to_up, to_corner = abs(up - corner), abs(left - corner), abs(left + up - 2 * corner)
                guess = left if to_left <= to_up and to_left <= to_corner else up if to_up <= to_corner else corner
            out[i + 1, j + step] = (rows[i, j + 1] + guess) & 255
    return out[1:, step:].copy()
