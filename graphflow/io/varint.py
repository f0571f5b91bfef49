"""Variable-length integers: seven bits a byte, the lowest first; the last byte has its high bit clear."""


def encode(value):
    """The bytes of an int >= 0."""
    out = bytearray()
    while value > 0x7f:
        out.append(value & 0x7f | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def decode(data, start, end=None):
    """The int that begins at data[start], and where it ends. Raises: ValueError if it does not end before `end`."""
    end = len(data) if end is None else end
    value = shift = 0
    for i in range(start, min(start + 10, end)):
        byte = data[i]
        value |= (byte & 0x7f) << shift
        if byte < 0x80:
            return value, i + 1
        shift += 7
    raise ValueError('a variable-length integer is cut off')
