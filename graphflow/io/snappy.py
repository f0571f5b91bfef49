"""Decompression of snappy blocks, which TensorFlow's older checkpoints consist of.

A block is its uncompressed size (a variable-length integer) and elements. The low two bits of an element's first byte say
whether it is a literal (0) or a copy of what was output before, with an offset of 11 bits (1), 2 bytes (2) or 4 bytes (3).
"""
from graphflow.io import varint


def decompress(data):
    """The bytes that the snappy block `data` stands for. Raises: ValueError if it is none."""
    size, position = varint.decode(data, 0)
    if size > 64 * len(data):      # three bytes copy 64 at most
        raise ValueError('the size of a block is out of proportion')
    out = bytearray()
    while position < len(data):
        tag = data[position]
        kind, position = tag & 3, position + 1
        if kind == 0:
            length = tag >> 2
            if length >= 60:
                extra = length - 59
                length = int.from_bytes(data[position:position + extra], 'little')
                position += extra
            length += 1
            if position + length > len(data):
                raise ValueError('a literal is cut off')
            out += data[position:position + length]
            position += length
        else:
            if kind == 1:
                length, extra = (tag >> 2 & 7) + 4, 1
                high = tag >> 5 << 8
            else:
                length, extra = (tag >> 2) + 1, 2 if kind == 2 else 4
                high = 0
            offset = high + int.from_bytes(data[position:position + extra], 'little')
            position += extra
            if not 0 < offset <= len(out) or position > len(data):
                raise ValueError('a copy of what is not there')
            start = len(out) - offset
            while length > 0:       # a copy may overlap what it makes
                part = out[start:start + length]
                out += part
                start += len(part)
                length -= len(part)
        if len(out) > size:
            raise ValueError('more than the size it says')
    if len(out) != size:
        raise ValueError('less than the size it says')
    return bytes(out)
