"""Slices of tensors, as checkpoints name them: '10 20 0,10:5,5' is columns 5 to 9 of a matrix of 10 rows and 20 columns.

A slice is a list of (start, length), one a dimension. Files may say `(0, WHOLE)` for all of a dimension, and keys do as the
file does; `bounded` gives the lengths.
"""
WHOLE = -1


def parse(spec):
    """(shape of the whole, slice) that a text stands for; '-' is a whole dimension.

    Raises: ValueError if the text is none, IndexError if the slice is out of bounds.
    """
    *dims, extents = spec.split(' ')
    if not dims:
        raise ValueError(f'Need least two elements in shape_and_slice specification: {spec}')
    try:
        shape = [int(d) for d in dims if d]
    except ValueError:
        raise ValueError(f'Non numerical dimension in shape_and_slice: {spec}') from None
    box = [_extent(text, extents) for text in extents.split(':')] if extents else []
    printed = f'shape = [{",".join(map(str, shape))}], slice = {extents}'
    if len(box) != len(shape):
        raise IndexError('Mismatching ranks: ' + printed)
    for i, ((start, length), dim) in enumerate(zip(box, shape)):
        if start + length > dim:
            raise IndexError(f'Extent in dimension {i} out of bounds: {printed}')
    return shape, box


def _extent(text, spec):
    if text == '-':
        return 0, WHOLE
    try:
        start, length = (int(part) for part in text.split(','))
    except ValueError:
        raise ValueError(f"Expected a pair of numbers or '-' but got '{text}': string = {spec}") from None
    if start < 0 or length <= 0:
        raise ValueError(f'Expected non-negative start and positive length but got start = {start}, length = {length}: '
                         f'string = {spec}')
    return start, length


def bounded(box, shape):
    """The slice with the lengths of whole dimensions filled in. Raises: ValueError if it is out of bounds."""
    if len(box) != len(shape):
        raise ValueError(f'a slice of {len(box)} dimensions of a tensor of {len(shape)}')
    result = [(start, dim if length == WHOLE else length) for (start, length), dim in zip(box, shape)]
    for (start, length), dim in zip(result, shape):
        if start < 0 or length < 0 or start + length > dim:
            raise ValueError(f'a slice from {start} of {length} elements in a dimension of {dim}')
    return result


def from_proto(message):
    """The slice that a TensorSliceProto stands for."""
    return [(extent.start, extent.length if extent.WhichOneof('has_length') else WHOLE) for extent in message.extent]


def to_proto(box, message):
    """Fills a TensorSliceProto."""
    for start, length in box:
        extent = message.extent.add()
        if length != WHOLE:
            extent.start, extent.length = start, length


def intersection(first, second):
    """The slice that two of one tensor share, or None."""
    box = []
    for (a, m), (b, n) in zip(first, second):
        start, end = max(a, b), min(a + m, b + n)
        if end <= start:
            return None
        box.append((start, end - start))
    return box


def index(box, within):
    """The index, a tuple of Python slices, of `box` in an array that holds the slice `within`."""
    return tuple(slice(start - begin, start - begin + length) for (start, length), (begin, _) in zip(box, within))


def text(box):
    """As messages print it: '0,10:5,5'."""
    return ':'.join(f'{start},{length}' for start, length in box)
