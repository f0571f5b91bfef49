"""Correlation of channels-last images with filters, with any taps and steps, in up to three dimensions.

`correlate` slides filters over images: a convolution's output, and the gradient of its input.
`correlate_filters` sums over the images what each filter element met: the gradient of the filter. Both copy
one cache-sized band of a zero-padded image at a time and run the register tile of microkernel.py over it.
"""
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from graphflow.kernels.conv_geometry import SUMS, frozen
from graphflow.kernels.jit import jit
from graphflow.kernels.microkernel import ROWS, lanes, tile
from graphflow.kernels.threads import shard

BAND_BYTES = 192 * 1024  # of a padded image in work at one time, to stay in a core's second-level cache
GRAIN_FLOPS = 2_000_000  # work worth another thread
FEW = 8                  # with lanes / FEW columns or fewer, dot products beat tiles


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
    """The layout of one band of the padded image: some rows of the first dimension. Offsets in elements."""
    numbers: np.ndarray    # what the loops below unpack
    pixels: np.ndarray     # where the window of each output pixel begins
    taps: np.ndarray       # where each contiguous stretch of the filter begins within the window
    stretch: int           # elements in such a stretch
    bands: int             # per image


@lru_cache(maxsize=512)
def _band(axes, sizes, channels, itemsize):
    first, second, third = axes
    plane = second.span * third.span * channels
    fitting = BAND_BYTES // itemsize // max(plane, 1) - first.taps[-1] - 1
    rows = max(1, min(first.count, fitting // first.step + 1))
    bands = -(-first.count // rows)
    strides = plane, third.span * channels, channels
    pixels = sum(np.ix_(*(np.arange(n) * axis.step * stride for n, axis, stride in
                          zip((rows, second.count, third.count), axes, strides)))).ravel()
    taps = sum(np.ix_(*(np.array(axis.taps) * stride for axis, stride in zip(axes, strides)))).ravel()
    stretch = channels
    merge = len(third.taps) if len(third.taps) > 1 else len(second.taps)
    grouped = taps.reshape(-1, merge)
    if (grouped == grouped[:, :1] + np.arange(merge) * channels).all():  # neighbouring taps are one stretch
        taps, stretch = np.ascontiguousarray(grouped[:, 0]), channels * merge
    whole = all(axis.before == 0 and axis.span <= size for axis, size in zip(axes, sizes))
    direct = whole and (second.span, third.span) == tuple(sizes[1:])
    numbers = np.array([*sizes, channels, *(axis.before for axis in axes), second.span, third.span, rows,
                        bands, first.count, first.step, first.taps[-1] + 1, second.count, third.count,
                        direct])
    return _Band(numbers, pixels, taps, stretch, bands)


@jit
def _fill_band(x, n, band, numbers, padded):
    """Copies the rows of image `n` that `band` needs into `padded`, zeros around; returns its output rows."""
    d1, d2, d3, channels, before1, before2, before3, span2, span3, rows, _, count, step, reach = numbers[:14]
    first = band * rows
    rows = min(rows, count - first)
    low, high = max(before3, 0), max(min(before3 + d3, span3), before3)
    for i in range((rows - 1) * step + reach):
        source1 = first * step + i - before1
        for j in range(span2):
            source2 = j - before2
            line = (i * span2 + j) * span3 * channels
            end = line + span3 * channels
            if source1 < 0 or source1 >= d1 or source2 < 0 or source2 >= d2:
                for k in range(line, end):
                    padded[k] = 0
                continue
            source = (((n * d1 + source1) * d2 + source2) * d3 - before3) * channels
            inside, outside = line + low * channels, line + min(high, span3) * channels
            for k in range(line, min(inside, end)):
                padded[k] = 0
            for k in range(inside, outside):
                padded[k] = x[source + k - line]
            for k in range(max(outside, line), end):
                padded[k] = 0
    return rows


@jit(fastmath=SUMS)
def _dots(image, a0, pixels, taps, stretch, filters, y, c0, targets, used):
    """A band of few columns: each output is a dot product. `filters` is [columns, taps * stretch].

    A tile would compute mostly columns that nobody wants.
    """
    for q in range(used):
        for column in range(filters.shape[0]):
            total = image.dtype.type(0)
            for t in range(taps.size):
                start = a0 + pixels[q] + taps[t]
                # Slices: offsets that might be negative would keep the loop from using vectors.
                met = image[start:start + stretch]
                weights = filters[column, t * stretch:t * stretch + stretch]
                for k in range(min(met.size, weights.size)):
                    total += met[k] * weights[k]
            y[c0 + targets[q] + column] = total


@jit
def _correlate_range(x, numbers, pixels, taps, stretch, filters, few, y, targets,
                     image_step, row_step, start, lo, hi):
    """Work items lo..hi, one a band of an image.

    `filters` is [panels, taps * stretch, lanes], or, with `few` columns, [1, columns, taps * stretch].
    `targets` are where the pixels of a band go in `y`; an image and a row of output are `image_step` and
    `row_step` elements apart.
    """
    d1, d2, d3, channels, _, _, _, span2, span3 = numbers[:9]
    rows, bands, count, step, reach, count2, count3, direct = numbers[9:]
    columns = y.shape[1]
    panels, depth, width = filters.shape
    flat_y, flat_filters = y.reshape(-1), filters.reshape(-1)
    plane = span2 * span3 * channels
    padded = np.empty(0 if direct else ((rows - 1) * step + reach) * plane, x.dtype)
    edge = np.empty(ROWS * width, x.dtype)
    edge_rows = np.arange(ROWS) * width
    tile_rows, tile_targets = np.empty(ROWS, np.int64), np.empty(ROWS, np.int64)
    for item in range(lo, hi):
        n, band = item // bands, item % bands
        if direct:
            image, a0 = x, (n * d1 + band * rows * step) * plane
            here = min(rows, count - band * rows)
        else:
            here = _fill_band(x, n, band, numbers, padded)
            image, a0 = padded, 0
        used = here * count2 * count3
        c0 = start + n * image_step + band * rows * row_step
        if few:
            _dots(image, a0, pixels, taps, stretch, filters[0], flat_y, c0, targets, used)
            continue
        for panel in range(panels):
            column = panel * width
            valid = min(width, columns - column)
            for p in range(0, used, ROWS):
                for m in range(ROWS):  # a last tile computes its last pixel more than once
                    q = min(p + m, used - 1)
                    tile_rows[m], tile_targets[m] = pixels[q], targets[q]
                if valid == width:
                    tile(image, tile_rows, a0, taps, taps.size, stretch, 1, flat_filters, column * depth,
                         width, flat_y, tile_targets, c0 + column, False)
                else:
                    tile(image, tile_rows, a0, taps, taps.size, stretch, 1, flat_filters, column * depth,
                         width, edge, edge_rows, 0, False)
                    for m in range(ROWS):
                        target = c0 + column + tile_targets[m]
                        for c in range(valid):
                            flat_y[target + c] = edge[m * width + c]


def _panels(matrix):
    """[depth, columns] as panels [columns / lanes, depth, lanes], zeros behind the last column."""
    depth, columns = matrix.shape
    width = lanes(matrix.dtype)
    panels = -(-columns // width)
    if columns % width:
        padded = np.zeros((depth, panels * width), matrix.dtype)
        padded[:, :columns] = matrix
        matrix = padded
    return np.ascontiguousarray(matrix.reshape(depth, panels, width).swapaxes(0, 1))


def correlate(x, axes, filters, y):
    """Writes into `y` the correlation of images with filters.

    Args:
      x: images [batch, size1, size2, size3, channels], contiguous, float32 or float64.
      axes: three Axis.
      filters: [taps1, taps2, taps3, channels, columns], of the dtype of x.
      y: [batch, out1, out2, out3, columns], contiguous; elements that no Axis stores to are left alone.
    """
    batch, *sizes, channels = x.shape
    columns = y.shape[-1]
    if y.size == 0 or any(axis.count <= 0 for axis in axes):
        return
    band = _band(axes, tuple(sizes), channels, x.itemsize)
    strides = [s // y.itemsize for s in y.strides]
    targets = _targets(axes, tuple(strides), band.pixels.size // (axes[1].count * axes[2].count))
    few = columns * FEW <= lanes(x.dtype) <= band.stretch
    matrix = filters.reshape(-1, columns)
    packed = np.ascontiguousarray(matrix.T)[None] if few else _panels(matrix)
    start = sum(axis.out_first * stride for axis, stride in zip(axes, strides[1:]))
    flops = 2 * packed.size * band.pixels.size
    shard(_correlate_range, batch * band.bands, frozen(x.reshape(-1)), band.numbers, band.pixels, band.taps,
          band.stretch, packed, few, y.reshape(-1, columns), targets, strides[0],
          strides[1] * axes[0].out_step, start, grain=-(-GRAIN_FLOPS // max(flops, 1)))


@lru_cache(maxsize=512)
def _targets(axes, strides, rows):
    """Where the pixels of a band of `rows` rows go."""
    return sum(np.ix_(*(np.arange(n) * axis.out_step * stride for n, axis, stride in
                        zip((rows, axes[1].count, axes[2].count), axes, strides[1:])))).ravel()


@jit
def _pack_pixels(dy, first, count, column, columns, width, packed):
    """Columns `column` and on of `count` pixels of `dy` as [count, width], zeros behind the last column."""
    valid = min(width, columns - column)
    for q in range(count):
        source = (first + q) * columns + column
        for c in range(valid):
            packed[q * width + c] = dy[source + c]
        for c in range(valid, width):
            packed[q * width + c] = 0


@jit
def _correlate_filters_range(x, numbers, elements, runs, run, run_step, batch, dy, columns, width, dw,
                             lo, hi):
    """Tiles lo..hi of `dw` [panels, tiles * ROWS, width], over all images.

    `elements` are where the filter's elements lie in the window, `runs` where the rows of output pixels,
    of `run` pixels each, begin in a band.
    """
    d1, d2, d3, channels, _, _, _, span2, span3 = numbers[:9]
    rows, bands, count, step, reach, count2, count3, direct = numbers[9:]
    plane = span2 * span3 * channels
    padded = np.empty(0 if direct else ((rows - 1) * step + reach) * plane, x.dtype)
    rows_of_dw, flat_dw = dw.shape[1], dw.reshape(-1)
    in_place = columns % width == 0
    packed = np.empty(0 if in_place else rows * count2 * count3 * width, x.dtype)
    tile_rows, tile_targets = np.empty(ROWS, np.int64), np.empty(ROWS, np.int64)
    tiles = -(-elements.size // ROWS)
    for item in range(batch * bands):
        n, band = item // bands, item % bands
        if direct:
            image, a0 = x, (n * d1 + band * rows * step) * plane
            here = min(rows, count - band * rows)
        else:
            here = _fill_band(x, n, band, numbers, padded)
            image, a0 = padded, 0
        used = here * count2 * count3
        first = (n * count + band * rows) * count2 * count3
        packed_panel = -1
        for index in range(lo, hi):
            panel, p = index // tiles, index % tiles * ROWS
            for m in range(ROWS):  # rows past the last filter element go to spare rows of `dw`
                tile_rows[m] = elements[min(p + m, elements.size - 1)]
                tile_targets[m] = (panel * rows_of_dw + p + m) * width
            if in_place:
                tile(image, tile_rows, a0, runs, used // run, run, run_step, dy,
                     first * columns + panel * width, columns, flat_dw, tile_targets, 0, True)
            else:
                if panel != packed_panel:
                    _pack_pixels(dy, first, used, panel * width, columns, width, packed)
                    packed_panel = panel
                tile(image, tile_rows, a0, runs, used // run, run, run_step, packed, 0, width,
                     flat_dw, tile_targets, 0, True)


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
        return np.zeros(shape, x.dtype)
    band = _band(axes, tuple(sizes), channels, x.itemsize)
    run_axis = 2 if axes[2].count > 1 else 1
    run = axes[run_axis].count
    run_step = axes[run_axis].step * channels * (axes[2].span if run_axis == 1 else 1)
    width = lanes(x.dtype)
    elements = _filter_elements(axes, channels)
    tiles, panels = -(-elements.size // ROWS), -(-columns // width)
    dw = np.zeros((panels, tiles * ROWS, width), x.dtype)
    flops = 2 * ROWS * width * (dy.size // columns)
    shard(_correlate_filters_range, tiles * panels, frozen(x.reshape(-1)), band.numbers, elements,
          np.ascontiguousarray(band.pixels[::run]), run, run_step, batch, frozen(dy.reshape(-1)), columns,
          width, dw, grain=-(-GRAIN_FLOPS // flops))
    dw = dw.swapaxes(0, 1).reshape(tiles * ROWS, panels * width)
    return np.ascontiguousarray(dw[:elements.size, :columns]).reshape(shape)


@lru_cache(maxsize=512)
def _filter_elements(axes, channels):
    """Where each filter element begins in the window, in elements of the padded image."""
    strides = axes[1].span * axes[2].span * channels, axes[2].span * channels, channels
    taps = [np.array(axis.taps) * stride for axis, stride in zip(axes, strides)]
    return sum(np.ix_(*taps, np.arange(channels))).ravel()
