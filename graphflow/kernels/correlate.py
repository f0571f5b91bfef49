"""Correlation of channels-last images with filters, with any taps and steps, in up to three dimensions.

`correlate` slides filters over images: a convolution's output, and the gradient of its input.
`correlate_filters` sums over the images what each filter element met: the gradient of the filter. Both copy
one cache-sized band of zero-padded images at a time (nothing is copied where no zeros are needed) and run the
register tile of microkernel.py over it.
"""
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from graphflow.kernels import memory, threads
from graphflow.kernels.conv_geometry import SUMS, frozen
from graphflow.kernels.jit import jit
from graphflow.kernels.microkernel import (ACCUMULATE, BIAS, MOST_ROWS, RELU, VECTOR_BYTES, address_of, best_vectors, call,
                                           clear, copy, lanes, tail_vectors, tile, tile_rows, width)
from graphflow.kernels.threads import shard

BAND_BYTES = 192 * 1024     # of padded images in work at one time, to stay in a core's second-level cache
PACKED_BYTES = 256 * 1024   # filters larger than this are packed, so that their pages are met in turn
PARTIAL_BYTES = 1 << 19     # gradients of filters up to this are summed by each thread apart
GRAIN_FLOPS = 4_000_000     # work worth another thread
FEW = 8                     # with lanes / FEW columns or fewer, dot products beat tiles


class Axis(NamedTuple):
    """How filters move along one dimension of the image.

    Output element i (of `count`) meets image elements  i * step + tap - before  for each tap of `taps`
    (ascending, the first >= 0) and is stored at output element  out_first + i * out_step.
    """
    count: int
    step: int
    taps: tuple
    before: int
    out_first: int = 0
    out_step: int = 1

    @property
    def span(self):
        """Elements of the padded image that `count` outputs meet."""
        return (self.count - 1) * self.step + self.taps[-1] + 1


class _Band(NamedTuple):
    """The layout of a band: some rows of the first dimension of an image, or several images. Offsets in elements."""
    numbers: np.ndarray     # what the loops below unpack
    pixels: np.ndarray      # where the window of each output pixel begins
    window: np.ndarray      # where each element of a window lies
    bands: int              # per image
    images: int             # per band
    rows: int               # rows of the first dimension per band and image
    stretch: int            # elements of the window that lie side by side


def _outer_sum(*parts):
    return np.ascontiguousarray(sum(np.ix_(*parts)).ravel())


@lru_cache(maxsize=512)
def _band(axes, sizes, channels, itemsize, batch, processors):
    """The bands for work that `processors` share out by bands; for None, every processor will see all bands."""
    first, second, third = axes
    direct = all(axis.before == 0 and axis.span <= size for axis, size in zip(axes, sizes))
    inner = sizes[1:] if direct else (second.span, third.span)
    strides = inner[0] * inner[1] * channels, inner[1] * channels, channels
    line_bytes = max(strides[0] * itemsize, 1)
    fitting = (BAND_BYTES // line_bytes - first.taps[-1] - 1) // first.step + 1
    line_pixels = second.count * third.count
    # So many rows leave work for all processors.
    spread = -(-first.count * batch // (4 * processors)) if processors else first.count
    rows = max(1, min(first.count, fitting, max(spread, -(-4 * MOST_ROWS // line_pixels))))
    bands = -(-first.count // rows)
    images = 1
    if bands == 1:      # several small images fill whole tiles
        images = min(-(-(16 if processors else 100) * MOST_ROWS // (rows * line_pixels)),
                     batch // (4 * processors) if processors else batch, BAND_BYTES // (line_bytes * first.span))
        images = max(images, 1)
    image_step = sizes[0] * strides[0] if direct else first.span * strides[0]
    pixels = _outer_sum(np.arange(images) * image_step,
                        *(np.arange(n) * axis.step * stride for n, axis, stride in
                          zip((rows, second.count, third.count), axes, strides)))
    window = _outer_sum(*(np.array(axis.taps) * stride for axis, stride in zip(axes, strides)), np.arange(channels))
    jumps = np.flatnonzero(np.diff(window) != 1) + 1
    stretch = int(jumps[0]) if jumps.size and (jumps % jumps[0] == 0).all() else 1 if jumps.size else window.size
    numbers = np.array([*sizes, channels, *(axis.before for axis in axes), *inner, rows, bands, images, first.count,
                        first.step, first.taps[-1] + 1, line_pixels, image_step, direct])
    return _Band(numbers, pixels, window, bands, images, rows, stretch)


@jit
def _fill_band(x, n, images, band, numbers, padded):
    """Copies the rows of images `n` and on that `band` needs into `padded`, which holds zeros where no pixels go."""
    d1, d2, d3, channels, before1, before2, before3, span2, span3, rows, bands, _, count, step, reach = numbers[:15]
    size = x.itemsize
    first = band * rows
    rows = min(rows, count - first)
    low = max(before3, 0)
    width = max(min(before3 + d3, span3) - low, 0)
    from_x, to_padded = address_of(x), address_of(padded)
    line_bytes, pixel_bytes, run_bytes = span3 * channels * size, channels * size, width * channels * size
    for image in range(images):
        for i in range((rows - 1) * step + reach):
            plane = to_padded + image * numbers[16] * size + i * span2 * line_bytes
            source1 = first * step + i - before1
            if source1 < 0 or source1 >= d1:
                if bands > 1:   # another band may have had pixels here
                    clear(plane, span2 * line_bytes)
                continue
            source = from_x + (((n + image) * d1 + source1) * d2 * d3 + low - before3) * pixel_bytes
            for j in range(max(before2, 0), min(before2 + d2, span2)):
                copy(plane + j * line_bytes + low * pixel_bytes, source + (j - before2) * d3 * pixel_bytes, run_bytes)


@jit
def _scratch(x, numbers):
    """Zeros for `_band_of`."""
    rows, images, step, reach, image_step, direct = (numbers[9], numbers[11], numbers[13], numbers[14], numbers[16],
                                                     numbers[17])
    plane = numbers[7] * numbers[8] * numbers[3]
    count = 0 if direct else max(images * image_step if images > 1 else 0, ((rows - 1) * step + reach) * plane)
    zeros = np.empty(count, x.dtype)
    clear(address_of(zeros), count * x.itemsize)
    return zeros


@jit
def _band_of(x, item, batch, numbers, padded):
    """Lays out band `item`: (where it begins in `padded`, or `x`, images, first image, first row, rows)."""
    rows, bands, images, count, step = numbers[9], numbers[10], numbers[11], numbers[12], numbers[13]
    if bands > 1:
        n, band, images = item // bands, item % bands, 1
    else:
        n, band, images = item * images, 0, min(images, batch - item * images)
    here = min(rows, count - band * rows)
    if numbers[17]:
        plane = numbers[7] * numbers[8] * numbers[3]
        return n * numbers[16] + band * rows * step * plane, images, n, band * rows, here
    _fill_band(x, n, images, band, numbers, padded)
    return 0, images, n, band * rows, here


@jit(fastmath=SUMS)
def _dots_range(x, batch, numbers, pixels, window, stretch, filters, y, targets, image_step, row_step, start, lo, hi):
    """Bands lo..hi of few columns: each output is a dot product. `filters` is [columns, elements of the window].

    A tile would compute mostly columns that nobody wants. Other arguments as for `_correlate_range`.
    """
    padded = _scratch(x, numbers)
    for item in range(lo, hi):
        offset, images, n, row, here = _band_of(x, item, batch, numbers, padded)
        image = x if numbers[17] else padded
        first = start + n * image_step + row * row_step
        for q in range(images * here * numbers[15]):
            for column in range(filters.shape[0]):
                total = x.dtype.type(0)
                for t in range(0, window.size, stretch):
                    at = offset + pixels[q] + window[t]
                    # Slices: offsets that might be negative would keep the loop from using vectors.
                    met = image[at:at + stretch]
                    weights = filters[column, t:t + stretch]
                    for k in range(min(met.size, weights.size)):
                        total += met[k] * weights[k]
                y[first + targets[q] + column] = total


@jit
def _correlate_range(x, batch, numbers, pixels, window, filters, panel_step, b_step, tiles, y, targets,
                     image_step, row_step, start, columns, bias, mode, lo, hi):
    """Work items lo..hi, one a band.

    Panel i of the filters begins `i * panel_step` elements into `filters`, with rows `b_step` elements apart (those
    of the last panel of packed filters: as many as it has columns of vectors). `tiles` are the addresses and
    widths of the tiles for whole panels and for the last. `targets` are where the pixels of a band go in `y`; an
    image and a row of output are `image_step` and `row_step` elements apart.
    """
    padded = _scratch(x, numbers)
    whole_tile, whole_width, last_tile, last_width, rows = tiles
    size, depth, line_pixels = x.itemsize, window.size, numbers[15]
    short = np.empty(2 * rows, np.int64)
    # Taken here, since every use of an array's address counts references to the array.
    a_steps, all_rows, all_targets, short_rows = (address_of(window), address_of(pixels), address_of(targets),
                                                  address_of(short))
    filters_at, y_at, bias_at = address_of(filters), address_of(y), address_of(bias)
    image_at = address_of(x) if numbers[17] else address_of(padded)
    for item in range(lo, hi):
        offset, images, n, row, here = _band_of(x, item, batch, numbers, padded)
        used = images * here * line_pixels
        first = start + n * image_step + row * row_step
        a, p_rows, p_targets = image_at + offset * size, all_rows, all_targets
        if used < rows:     # the last pixel more than once
            for m in range(rows):
                short[m], short[rows + m] = pixels[min(m, used - 1)], targets[min(m, used - 1)]
            p_rows, p_targets = short_rows, short_rows + 8 * rows
        for column in range(0, columns, whole_width):
            last = column + whole_width >= columns
            which = last_tile if last else whole_tile
            b = filters_at + column // whole_width * panel_step * size
            step = last_width if last and b_step == whole_width else b_step
            c, bias_here = y_at + (first + column) * size, bias_at + column * size
            for p in range(0, used, rows):
                p = max(min(p, used - rows), 0)     # the last tile computes some pixels once more
                call(which, depth, (a, p_rows + 8 * p, a_steps, b, step, c, p_targets + 8 * p, bias_here, mode,
                                    columns - column))


@jit
def _pack_range(filters, packed, whole_width, last_width, lo, hi):
    """Panels lo..hi of filters [taps1, taps2, taps3, channels, columns], one after the other in `packed`."""
    taps1, taps2, taps3, channels, columns = filters.shape
    for panel in range(lo, hi):
        at = panel * whole_width * taps1 * taps2 * taps3 * channels
        column = panel * whole_width
        step = last_width if column + whole_width >= columns else whole_width
        valid = min(step, columns - column)
        for a in range(taps1):
            for b in range(taps2):
                for c in range(taps3):
                    source, target = filters[a, b, c], packed[at:at + channels * step]
                    for j in range(valid):
                        for k in range(channels):
                            target[k * step + j] = source[k, column + j]
                    at += channels * step


def make_tiles(rows, columns, dtype):
    """Tiles of `rows` rows for `columns` columns: (address, width) for whole panels and for the last one, and rows."""
    vectors = best_vectors(columns, dtype)
    last, panel = tail_vectors(columns, dtype, vectors), width(dtype, vectors)
    masked = columns % lanes(dtype) != 0
    whole = tile(dtype, rows, vectors, False) if columns > panel else 0
    return whole, panel, tile(dtype, rows, last, masked), last * lanes(dtype), rows


def correlate(x, axes, filters, y, bias=None, relu=False):
    """Writes into `y` the correlation of images with filters.

    Args:
      x: images [batch, size1, size2, size3, channels], contiguous, float32 or float64.
      axes: three Axis.
      filters: [taps1, taps2, taps3, channels, columns], of the dtype of x.
      y: [batch, out1, out2, out3, columns], contiguous; elements that no Axis stores to are left alone.
      bias: added to the columns, [columns], or None.
      relu: whether negative results become 0.
    """
    batch, *sizes, channels = x.shape
    columns = y.shape[-1]
    if y.size == 0 or any(axis.count <= 0 for axis in axes):
        return
    band = _band(axes, tuple(sizes), channels, x.itemsize, batch, threads.available())
    strides = [s // y.itemsize for s in y.strides]
    targets = _targets(axes, tuple(strides), band.images, band.rows)
    mode = (0 if bias is None else BIAS) | (RELU if relu else 0)
    few = columns * FEW <= lanes(x.dtype) <= band.stretch and mode == 0
    start = sum(axis.out_first * stride for axis, stride in zip(axes, strides[1:]))
    flops = 2 * band.window.size * columns * band.pixels.size
    bands = -(-batch * band.bands // band.images)
    where = y.reshape(-1), targets, strides[0], strides[1] * axes[0].out_step, start
    given = frozen(x.reshape(-1)), batch, band.numbers, band.pixels, band.window
    grain = -(-GRAIN_FLOPS // max(flops, 1))
    if few:
        filters = np.ascontiguousarray(np.moveaxis(filters, -1, 0)).reshape(columns, -1)
        shard(_dots_range, bands, *given, band.stretch, filters, *where, grain=grain)
        return
    tiles = make_tiles(tile_rows(band.pixels.size, columns, x.dtype), columns, x.dtype)
    filters, panel_step, b_step = _laid_out(filters, tiles)
    bias = np.empty(0, x.dtype) if bias is None else np.ascontiguousarray(bias, x.dtype)
    shard(_correlate_range, bands, *given, frozen(filters.reshape(-1)), panel_step, b_step, tiles, *where, columns,
          bias, mode, grain=grain)


def _laid_out(filters, tiles):
    """Filters as tiles read them, and how far apart panels and rows are: as they are, or packed to panels."""
    columns, width = filters.shape[-1], tiles[1]
    if filters.flags.c_contiguous and filters.nbytes <= PACKED_BYTES:
        return filters, width, columns
    depth, panels = filters[..., 0].size, -(-columns // width)
    packed = memory.empty(panels * width * depth, filters.dtype)
    shard(_pack_range, panels, _any_layout(filters), packed, width, tiles[3], grain=-(-65536 // (depth * width)))
    return packed, width * depth, width


def _any_layout(x):
    """A read-only view that numba takes for an array of any strides, so that loops are compiled once."""
    view = np.lib.stride_tricks.as_strided(x, x.shape, x.strides, writeable=False)
    return view


@lru_cache(maxsize=512)
def _targets(axes, strides, images, rows):
    """Where the pixels of a band go."""
    return _outer_sum(np.arange(images) * strides[0],
                      *(np.arange(n) * axis.out_step * stride for n, axis, stride in
                        zip((rows, axes[1].count, axes[2].count), axes, strides[1:])))


@jit
def _correlate_filters_range(x, batch, numbers, pixels, elements, dy, columns, dw, out, tiles, chunks, lo, hi):
    """Chunks lo..hi of the work.

    With `chunks` > 0, chunk i is the i-th part of all bands, which is summed in dw[i]. Else chunks are tiles of the
    one dw, over all bands. dw is [., rows of elements, columns]; `out` says where the rows of a tile of it begin.
    """
    padded = _scratch(x, numbers)
    whole_tile, whole_width, last_tile, last_width, rows = tiles
    size = x.itemsize
    tile_count = elements.size // rows
    panels = -(-columns // whole_width)
    bands, images_per_band = numbers[10], numbers[11]
    items = -(-batch * bands // images_per_band)
    a_steps, all_rows, c_rows, dy_at, dw_at = (address_of(pixels), address_of(elements), address_of(out),
                                               address_of(dy), address_of(dw))
    image_at = address_of(x) if numbers[17] else address_of(padded)
    packs = columns * size > 4 * VECTOR_BYTES   # rows of dy that lie far apart fall on the same few lines of the caches
    packed = np.empty(pixels.size * whole_width if packs else 0, x.dtype)
    for chunk in range(lo, hi if chunks else lo + 1):
        first_item, last_item = 0, items
        first_tile, end_tile, at = lo, hi, 0
        if chunks:
            first_item, last_item = items * chunk // chunks, items * (chunk + 1) // chunks
            first_tile, end_tile, at = 0, tile_count * panels, chunk
        result = dw_at + at * elements.size * columns * size
        for item in range(first_item, last_item):
            offset, images, n, row, here = _band_of(x, item, batch, numbers, padded)
            used = images * here * numbers[15]
            a, first = image_at + offset * size, dy_at + (n * numbers[12] + row) * numbers[15] * columns * size
            mode = ACCUMULATE if item > first_item else 0
            packed_column = -1
            for index in range(first_tile, end_tile):
                column, p = index // tile_count * whole_width, index % tile_count * rows
                last = column + whole_width >= columns
                b, step = first + column * size, columns
                if packs:
                    if packed_column != column:
                        run = min(whole_width, columns - column) * size
                        for q in range(used):
                            copy(address_of(packed) + q * whole_width * size, b + q * columns * size, run)
                        packed_column = column
                    b, step = address_of(packed), whole_width
                call(last_tile if last else whole_tile, used,
                     (a, all_rows + 8 * p, a_steps, b, step, result + (p * columns + column) * size, c_rows, result,
                      mode, columns - column))


def correlate_filters(x, axes, dy):
    """The sum over images and output pixels of what each filter tap met, times `dy`.

    Args:
      x: images [batch, size1, size2, size3, channels], contiguous, float32 or float64.
      axes: three Axis.
      dy: [batch, count1, count2, count3, columns], contiguous, of the dtype of x.

    Returns: [taps1, taps2, taps3, channels, columns].
    """
    batch, *sizes, channels = x.shape
    columns = dy.shape[-1]
    shape = [len(axis.taps) for axis in axes] + [channels, columns]
    if dy.size == 0 or x.size == 0:
        return memory.zeros(shape, x.dtype)
    processors = threads.available()
    count = int(np.prod(shape[:-1]))
    rows = tile_rows(count, columns, x.dtype)
    small = -(-count // rows) * rows * columns * x.itemsize <= PARTIAL_BYTES
    band = _band(axes, tuple(sizes), channels, x.itemsize, batch, processors if small else None)
    elements = np.concatenate([band.window, np.full(-count % rows, band.window[-1])])
    items = -(-batch * band.bands // band.images)
    tiles = make_tiles(rows, columns, x.dtype)
    chunks = min(2 * processors, items) if small else 0
    dw = memory.empty((max(chunks, 1), elements.size, columns), x.dtype)
    flops = 2 * count * dy.size
    n = chunks or elements.size // rows * -(-columns // tiles[1])
    # Each part of a big filter's tiles copies all bands: no more parts than processors.
    grain = max(-(-n * GRAIN_FLOPS // flops), 1 if chunks else -(-n // processors))
    shard(_correlate_filters_range, n, frozen(x.reshape(-1)), batch, band.numbers, band.pixels, elements,
          frozen(dy.reshape(-1)), columns, dw, np.arange(rows) * columns, tiles, chunks, grain=grain)
    result = dw[0] if len(dw) == 1 else np.sum(dw[:, :count], axis=0, out=memory.empty((count, columns), x.dtype))
    return result[:count].reshape(shape)
