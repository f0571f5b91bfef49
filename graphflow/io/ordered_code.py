"""Keys that sort as bytes in the order of what they stand for: the names of slices in a checkpoint's table."""
import re


def number(value):
    """An int >= 0: how many bytes, then the bytes, the highest first."""
    size = (value.bit_length() + 7) // 8
    return bytes([size]) + value.to_bytes(size, 'big')


def signed(value):
    """Any int of 64 bits: as many leading ones as there are bytes, then the number; for negative numbers inverted."""
    magnitude = ~value if value < 0 else value
    size = magnitude.bit_length() // 7 + 1
    header = ((1 << size) - 1) << (7 * size)
    return (value % (1 << 8 * size) ^ header).to_bytes(size, 'big')


def string(value):
    """Bytes of any length: 0x00 and 0xff are escaped, and 0x00 0x01 ends it."""
    escaped = re.sub(rb'[\x00\xff]', lambda found: found[0] + bytes([0xff - found[0][0]]), value)
    return escaped + b'\x00\x01'


def tensor_slice(name, extents):
    """The key of a slice.

    Args:
      name: bytes, the tensor's name.
      extents: a list of (start, length) a dimension; (0, -1) for a whole dimension.
    """
    parts = [number(0), string(name), number(len(extents))]
    for start, length in extents:
        parts += [signed(start), signed(length)]
    return b''.join(parts)
