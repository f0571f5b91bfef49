"""The arithmetic of strided slices: which elements `x[begin:end:stride, ..., None, i]` takes, known in part or in full.

A spec has one entry an index of the expression: begin, end and stride, and a bit in each of five masks (begin or end
left out, ellipsis, new axis, single index whose dimension is dropped).
"""
import collections

Masks = collections.namedtuple('Masks', 'begin end ellipsis new_axis shrink')


def entries(rank, count, masks):
    """What the `count` entries of a spec refer to in a tensor of `rank` dimensions.

    Returns: a list of (dimension, entry): (None, entry) for a new axis, (dimension, None) for one an ellipsis covers.

    Raises: ValueError for several ellipses or too many indices.
    """
    ellipses = [i for i in range(count) if masks.ellipsis >> i & 1]
    if len(ellipses) > 1:
        raise ValueError('Multiple ellipses in slice spec not allowed')
    at = ellipses[0] if ellipses else count
    new = [i for i in range(count) if masks.new_axis >> i & 1 and i != at]
    covered = rank - (count - len(ellipses) - len(new))
    if covered < 0:
        raise ValueError(f'Index out of range using input dim {rank}; input has only {rank} dims')
    found, dim = [], 0
    for i in range(count + (not ellipses)):
        if i == at:
            found.extend((d, None) for d in range(dim, dim + covered))
            dim += covered
        elif i in new:
            found.append((None, i))
        else:
            found.append((dim, i))
            dim += 1
    return found


def check(found, strides, masks):
    """Raises: ValueError for a stride of zero, or a single index with another stride than 1."""
    for dim, i in found:
        if dim is None or i is None:
            continue
        if strides[i] == 0:
            raise ValueError(f'strides[{dim}] must be non-zero')
        if masks.shrink >> i & 1 and strides[i] <= 0:
            raise ValueError('only stride 1 allowed on non-range indexing.')


def shape(dims, found, begin, end, strides, masks):
    """The static shape of the slice: a list of int or None. `begin`, `end` are lists, or None if not known."""
    out = []
    for dim, i in found:
        if dim is None:
            out.append(1)
        elif i is None:
            out.append(dims[dim])
        elif masks.shrink >> i & 1:
            if begin is not None and dims[dim] is not None:
                single(begin[i], dims[dim], dim)
        else:
            out.append(_length(dims[dim], i, begin, end, strides, masks))
    return out


def _length(size, i, begin, end, strides, masks):
    free_begin, free_end = masks.begin >> i & 1, masks.end >> i & 1
    if size is None or ((begin is None or end is None) and not (free_begin and free_end)):
        return None
    taken = slice(None if free_begin else begin[i], None if free_end else end[i], strides[i])
    return len(range(*taken.indices(size)))


def single(index, size, dim):
    """`index` counted from the front. Raises: ValueError if it is outside of dimension `dim`, of that size."""
    if not -size <= index < size:
        shown = index if index >= 0 else index + size
        raise ValueError(f'slice index {shown} of dimension {dim} out of bounds.')
    return index % size


def numpy_index(dims, found, begin, end, strides, masks):
    """The slice as an index that numpy understands. Raises: ValueError for a single index out of bounds."""
    index = []
    for dim, i in found:
        if dim is None:
            index.append(None)
        elif i is None:
            index.append(slice(None))
        elif masks.shrink >> i & 1:
            index.append(single(begin[i], dims[dim], dim))
        else:
            index.append(slice(None if masks.begin >> i & 1 else begin[i], None if masks.end >> i & 1 else end[i],
                               strides[i]))
    return tuple(index)
