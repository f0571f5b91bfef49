"""The gradient of a convolution's input where images have few channels, such as the first layer's.

A tile of correlate.py would be nearly empty: its columns are the image's channels. Here columns are all elements of the
filter: a product gives, for each element of the filter, what it passes back from every output pixel, and that is added to
the image, shifted.
"""
import numpy as np

from graphflow.kernels.conv_geometry import frozen
from graphflow.kernels.correlate import GRAIN_FLOPS, make_tiles
from graphflow.kernels.jit import jit
from graphflow.kernels.microkernel import add_stretch, address_of, call, clear, lanes, tile_rows, width
from graphflow.kernels.product import pack
from graphflow.kernels.threads import shard

PIXELS = 1024   # output pixels in work at one time, unless a line has more


def suits(channels, dtype):
    """Whether images have so few channels that this is quicker than tiles over them."""
    return 5 * channels <= 2 * lanes(dtype)


@jit
def _range(dy, filters, dx, counts, strides, befores, taps, dilations, tables, tiles, lines, lo, hi):
    """Images lo..hi of dx [batch, size1, size2, size3, channels], `lines` lines of output pixels at a time."""
    _, d1, d2, d3, channels = dx.shape
    elements, depth = filters.shape
    tile, panel, _, _, rows = tiles
    size, zero = dx.itemsize, dx.dtype.type(0)
    line = counts[2]
    all_lines = counts[0] * counts[1]
    pitch = -(-lines * line // panel) * panel
    packed, passed = np.empty(pitch * depth, dx.dtype), np.empty(pitch * elements, dx.dtype)
    planes = np.empty(channels * d1 * d2 * d3, dx.dtype)    # an image with its channels first
    steps, a_rows, c_rows = address_of(tables), address_of(tables) + 8 * depth, address_of(tables) + 8 * (depth + rows)
    for n in range(lo, hi):
        planes_at, passed_at, a = address_of(planes), address_of(passed), address_of(filters)
        clear(planes_at, planes.size * size)
        for first in range(0, all_lines, lines):
            here = min(lines, all_lines - first)
            pack(address_of(dy) + (n * all_lines + first) * line * depth * size, 1, depth, depth, here * line, panel,
                 packed)
            for column in range(0, here * line, panel):
                b = address_of(packed) + column * depth * size
                for m in range(0, elements, rows):
                    m = min(m, elements - rows)
                    call(tile, depth, (a + m * depth * size, a_rows, steps, b, panel,
                                       passed_at + (m * pitch + column) * size, c_rows, a, 0, panel))
            for element in range(elements):
                channel, tap = element % channels, element // channels
                shift3 = tap % taps[2] * dilations[2] - befores[2]
                shift2 = tap // taps[2] % taps[1] * dilations[1] - befores[1]
                shift1 = tap // (taps[2] * taps[1]) * dilations[0] - befores[0]
                start = max(-(shift3 // strides[2]), 0)
                count = min((d3 - 1 - shift3) // strides[2] + 1, line) - start
                for l in range(here):
                    at1 = (first + l) // counts[1] * strides[0] + shift1
                    at2 = (first + l) % counts[1] * strides[1] + shift2
                    if at1 < 0 or at1 >= d1 or at2 < 0 or at2 >= d2 or count <= 0:
                        continue
                    target = ((channel * d1 + at1) * d2 + at2) * d3 + start * strides[2] + shift3
                    source = element * pitch + l * line + start
                    if strides[2] == 1:
                        add_stretch(planes_at + target * size, passed_at + source * size, count, zero)
                    else:
                        for k in range(count):
                            planes[target + k * strides[2]] += passed[source + k]
        plane = d1 * d2 * d3
        image = dx[n].reshape(-1)
        for c in range(channels):
            for k in range(plane):
                image[k * channels + c] = planes[c * plane + k]


def backprop_input(dy, filters, dx, windows):
    """Writes to `dx` what a convolution with `filters` passes back to its images.

    Args:
      dy: [batch, out1, out2, out3, columns], contiguous, float32 or float64.
      filters: [taps1, taps2, taps3, channels, columns], of the same dtype.
      dx: [batch, size1, size2, size3, channels], contiguous.
      windows: the Windows of the three dimensions.
    """
    depth = filters.shape[-1]
    matrix = np.ascontiguousarray(filters.reshape(-1, depth))
    counts, strides, befores, taps, dilations = (tuple(getattr(w, name) for w in windows)
                                                 for name in ('out', 'stride', 'before', 'taps', 'dilation'))
    rows = min(tile_rows(len(matrix), width(dx.dtype), dx.dtype), len(matrix))
    lines = min(max(PIXELS // counts[2], 1), counts[0] * counts[1])
    tiles = make_tiles(rows, width(dx.dtype), dx.dtype)
    pitch = -(-lines * counts[2] // tiles[1]) * tiles[1]
    tables = np.concatenate([np.arange(depth), np.arange(rows) * depth, np.arange(rows) * pitch])
    batch = len(dx)
    shard(_range, batch, frozen(dy.reshape(-1)), matrix, dx, counts, strides, befores, taps, dilations, tables,
          (tiles[2], *tiles[1:]), lines, grain=-(-batch * GRAIN_FLOPS // (4 * dy.size * len(matrix))))
