"""The gradient of a convolution's input where images have few channels, such as the first layer's.

A tile of correlate.py would be nearly empty: its columns are the image's channels. Here columns are all elements of the
filter: a product gives, for every output pixel, what it passes back to each element of its window, and that is added
to the image.
"""
import numpy as np

from graphflow.kernels.conv_geometry import frozen
from graphflow.kernels.correlate import GRAIN_FLOPS, make_tiles
from graphflow.kernels.jit import jit
from graphflow.kernels.microkernel import address_of, call, lanes, tile_rows
from graphflow.kernels.threads import shard

PIXELS = 240    # output pixels in work at one time


def suits(channels, dtype):
    """Whether images have so few channels that this is quicker than tiles over them."""
    return 5 * channels <= 2 * lanes(dtype)


@jit
def _range(dy, filters, dx, counts, strides, befores, taps, dilations, tables, tiles, rest_tiles, lo, hi):
    """Images lo..hi of dx [batch, size1, size2, size3, channels], which holds zeros."""
    _, d1, d2, d3, channels = dx.shape
    whole_tile, width, last_tile, _, rows = tiles
    rest_whole, _, rest_last, _, _ = rest_tiles
    columns, depth, size = taps[0] * taps[1] * taps[2] * channels, filters.shape[0], dx.itemsize
    pixels = counts[0] * counts[1] * counts[2]
    passed = np.empty(PIXELS * columns, dx.dtype)
    steps, dy_rows, passed_rows = address_of(tables), address_of(tables) + 8 * depth, address_of(tables) + 8 * (depth + rows)
    dy_at, filters_at = address_of(dy), address_of(filters)
    for n in range(lo, hi):
        image = dx[n].reshape(-1)
        for first in range(0, pixels, PIXELS):
            here = min(PIXELS, pixels - first)
            a, c = dy_at + (n * pixels + first) * depth * size, address_of(passed)
            for column in range(0, columns, width):
                last = column + width >= columns
                for p in range(0, here, rows):
                    if p + rows > here:     # a pixel at a time
                        for q in range(p, here):
                            call(rest_last if last else rest_whole, depth,
                                 (a + q * depth * size, dy_rows, steps, filters_at + column * size, columns,
                                  c + (q * columns + column) * size, passed_rows, c, 0, columns - column))
                    else:
                        call(last_tile if last else whole_tile, depth,
                             (a + p * depth * size, dy_rows, steps, filters_at + column * size, columns,
                              c + (p * columns + column) * size, passed_rows, c, 0, columns - column))
            for q in range(here):
                pixel = first + q
                i, rest = pixel // (counts[1] * counts[2]), pixel % (counts[1] * counts[2])
                start1 = i * strides[0] - befores[0]
                start2 = rest // counts[2] * strides[1] - befores[1]
                start3 = rest % counts[2] * strides[2] - befores[2]
                whole = 0 <= start3 and start3 + (taps[2] - 1) * dilations[2] < d3
                for t1 in range(taps[0]):
                    at1 = start1 + t1 * dilations[0]
                    if at1 < 0 or at1 >= d1:
                        continue
                    for t2 in range(taps[1]):
                        at2 = start2 + t2 * dilations[1]
                        if at2 < 0 or at2 >= d2:
                            continue
                        source = (q * taps[0] * taps[1] + t1 * taps[1] + t2) * taps[2] * channels
                        line = ((at1 * d2 + at2) * d3 + start3) * channels
                        if whole and dilations[2] == 1:
                            for k in range(taps[2] * channels):
                                image[line + k] += passed[source + k]
                            continue
                        for t3 in range(taps[2]):
                            at3 = start3 + t3 * dilations[2]
                            if at3 >= 0 and at3 < d3:
                                for k in range(channels):
                                    image[line + t3 * dilations[2] * channels + k] += passed[source + t3 * channels + k]


def backprop_input(dy, filters, dx, windows):
    """Adds to `dx` what convolution with `filters` of the images it stands for passes back.

    Args:
      dy: [batch, out1, out2, out3, columns], contiguous, float32 or float64.
      filters: [taps1, taps2, taps3, channels, columns], of the same dtype.
      dx: [batch, size1, size2, size3, channels], contiguous.
      windows: the Windows of the three dimensions.
    """
    columns = filters[..., 0].size
    depth = filters.shape[-1]
    matrix = np.ascontiguousarray(filters.reshape(columns, depth).T)
    rows = tile_rows(PIXELS)
    tables = np.concatenate([np.arange(depth), np.arange(rows) * depth, np.arange(rows) * columns])
    counts, strides, befores, taps, dilations = (tuple(getattr(w, name) for w in windows)
                                                 for name in ('out', 'stride', 'before', 'taps', 'dilation'))
    batch = len(dx)
    flops = 4 * dy.size * columns
    shard(_range, batch, frozen(dy.reshape(-1)), matrix, dx, counts, strides, befores, taps, dilations, tables,
          make_tiles(rows, columns, dx.dtype), make_tiles(1, columns, dx.dtype),
          grain=-(-batch * GRAIN_FLOPS // flops))
