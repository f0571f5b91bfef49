"""CRC-32C as tables, checkpoints and record files store it."""

_MASK_DELTA = 0xa282ead8
CHUNK = 1 << 18     # bytes taken at a time: what stays in the processor's cache between two uses


def extend(crc, data):
    """The CRC-32C of some bytes with checksum `crc` (0 for none) followed by `data`: bytes, or an array of them."""
    import google_crc32c    # here, as few programs need it
    if google_crc32c.implementation != 'c':
        data = bytes(data)
    return google_crc32c.extend(crc, data)


def mask(crc):
    """What is stored for a checksum, so that the checksum of bytes that hold checksums is no special value."""
    return ((crc >> 15 | crc << 17) + _MASK_DELTA) & 0xffffffff


def unmask(masked):
    """The checksum that `mask` made `masked` of."""
    rotated = (masked - _MASK_DELTA) & 0xffffffff
    return (rotated >> 17 | rotated << 15) & 0xffffffff


def masked(*parts):
    """The masked checksum of bytes given in parts."""
    crc = 0
    for part in parts:
        crc = extend(crc, part)
    return mask(crc)
