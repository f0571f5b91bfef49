"""Matrix products by register tiles, for the shapes that BLAS libraries are slow at: few rows, few columns, short sums;
and products of middling size by several threads.

A product is cut into blocks of rows and groups of columns. For each block and group the sum is made in stretches of
DEPTH terms: the group's part of B is copied to panels as wide as a tile (so that it lies together, in a core's
second-level cache), unless B is so narrow that it lies well as it is; then tiles of microkernel.py run over the rows. This
is the scheme of K. Goto and R. van de Geijn, Anatomy of High-Performance Matrix Multiplication, 2008.
"""
import functools

import numpy as np

from graphflow.kernels import jit, memory, threads
from graphflow.kernels.microkernel import (ACCUMULATE, BIAS, MOST_VECTORS, RELU, VECTOR_BYTES, address_of, best_vectors, call,
                                            copy, copy_stretches, lanes, tail_vectors, tile, tile_rows, transpose_block, width)
from graphflow.kernels.pointers import _DATA_OFFSET as DATA, word_at, word_in

# Terms of a sum made in one go and panels in a group, for a B whose rows are contiguous and for one whose columns are:
# it is read along what is contiguous.
DEPTH, PANELS = (128, 256), (8, 2)
GRAIN = 1 << 20         # multiply-adds worth another thread
BIG = 1 << 21           # bytes of a matrix that does not stay in a core's caches
CACHED = 1 << 20        # bytes of one that does
COPIED_FOR = 64         # rows that a copy of a part of B should serve
NARROW = 256            # bytes of a row of B that is not copied
MIDDLE = 1 << 21, 1 << 28       # multiply-adds that several threads do sooner than BLAS in parts

# The words that describe a product to `run`.
(GROUPS, GROUP_COLUMNS, BLOCK_ROWS, M, N, K, STRETCH, TILE, LAST_TILE, REST_TILE, LAST_REST_TILE, TILE_ROWS, WIDTH,
 LAST_WIDTH, A_ROWS, A_STEPS, C_ROWS, A_ROW, A_STEP, B_STEP, B_COLUMN, PACK, MODE) = range(23)


@jit.intrinsic
def _load(typingctx, address, index, like):
    """The element with that index of an array, at an address, of values like `like`."""
    from numba.core import types

    def codegen(context, builder, signature, args):
        pointer = builder.inttoptr(args[0], context.get_value_type(like).as_pointer())
        return builder.load(builder.gep(pointer, [args[1]]))
    return like(types.intp, types.intp, like), codegen


@jit.jit
def pack(b, row, step, rows, columns, panel_width, packed):
    """Copies `rows` x `columns` elements of B, `row` and `step` apart, to panels [rows, panel_width].

    What lies behind the last column in a panel is left as it is: tiles do not look at it.
    """
    size, to = packed.itemsize, address_of(packed)
    zero = packed.dtype.type(0)
    if step == 1:
        whole = columns // panel_width if panel_width * size == MOST_VECTORS * VECTOR_BYTES else 0
        for i in range(rows):   # along the rows of B, as they lie in memory
            source, target = b + i * row * size, to + i * panel_width * size
            copy_stretches(target, rows * panel_width * size, source, whole)
            for first in range(whole * panel_width, columns, panel_width):
                copy(target + first * rows * size, source + first * size, min(panel_width, columns - first) * size)
        return
    block = VECTOR_BYTES // size
    blocks_end = rows // block * block
    for first in range(0, columns, panel_width):
        end = min(first + panel_width, columns)
        blocked = first + (end - first) // block * block
        for j in range(first, blocked, block):
            for i in range(0, blocks_end, block):
                transpose_block(to + (first * rows + i * panel_width + j - first) * size, panel_width * size,
                                b + (j * step + i) * size, step * size, zero)
        target = packed[first * rows:(first + panel_width) * rows]
        for j in range(first, end):
            for i in range(blocks_end if j < blocked else 0, rows):
                target[i * panel_width + j - first] = _load(b, i * row + j * step, zero)


def _runner(dtype):
    size = dtype.itemsize

    def run(words, a, b, c, bias, lo, hi):
        """Items lo..hi, one a group of columns of a block of rows. The arguments are bare objects."""
        words = word_in(words, DATA)
        a, b, c, bias = word_in(a, DATA), word_in(b, DATA), word_in(c, DATA), word_in(bias, DATA)
        groups, group_columns, block_rows = word_at(words, GROUPS), word_at(words, GROUP_COLUMNS), word_at(words,
                                                                                                           BLOCK_ROWS)
        m, n, k, stretch = word_at(words, M), word_at(words, N), word_at(words, K), word_at(words, STRETCH)
        rows, panel_width, mode = word_at(words, TILE_ROWS), word_at(words, WIDTH), word_at(words, MODE)
        b_step, copies = word_at(words, B_STEP), word_at(words, PACK)
        packed = np.empty(stretch * group_columns if copies else 0, dtype)
        for item in range(lo, hi):
            first_row, first_column = item // groups * block_rows, item % groups * group_columns
            end_row, end_column = min(first_row + block_rows, m), min(first_column + group_columns, n)
            for start in range(0, k, stretch):
                depth = min(stretch, k - start)
                b_here = b + (start * b_step + first_column * word_at(words, B_COLUMN)) * size
                if copies:
                    pack(b_here, b_step, word_at(words, B_COLUMN), depth,
                         end_column - first_column, panel_width, packed)
                bits = (mode & BIAS if start == 0 else ACCUMULATE) | (mode & RELU if start + depth == k else 0)
                for column in range(first_column, end_column, panel_width):
                    last = column + panel_width >= n
                    panel, step = b_here + (column - first_column) * size, b_step
                    if copies:
                        panel, step = np.intp(packed.ctypes.data) + (column - first_column) * depth * size, panel_width
                    for row in range(first_row, end_row, rows):
                        which = TILE
                        if row + rows > m:
                            which = REST_TILE
                        if last:
                            which += 1
                        call(word_at(words, which), depth,
                             (a + (row * word_at(words, A_ROW) + start * word_at(words, A_STEP)) * size,
                              word_at(words, A_ROWS), word_at(words, A_STEPS), panel, step,
                              c + (row * n + column) * size, word_at(words, C_ROWS), bias + column * size, bits,
                              n - column))
        return 0
    return run


@functools.lru_cache(None)
def _compiled(dtype):
    return jit.jit(_runner(dtype)).entry(('object',) * 5 + ('int64', 'int64'))


class _Plan:
    """How to compute one product: see `product`."""

    def __init__(self, m, k, n, a_strides, b_strides, dtype, mode, processors):
        size = dtype.itemsize
        (a_row, a_step), (b_step, b_column) = ([s // size for s in strides] for strides in (a_strides, b_strides))
        rows, most = min(tile_rows(m, n, dtype), m), best_vectors(n, dtype)
        vectors, masked = tail_vectors(n, dtype, most), n % lanes(dtype) != 0
        whole = n > width(dtype, most)

        def tiles(count):
            if not count:
                return [0, 0]
            return [tile(dtype, count, most, False) if whole else 0, tile(dtype, count, vectors, masked)]
        panel = width(dtype, most) if whole else vectors * lanes(dtype)
        copies = b_column != 1 or n * size > NARROW
        stretch = -(-k // -(-k // DEPTH[b_column != 1])) if copies else k
        in_group = PANELS[b_column != 1]
        if processors > 1:      # groups enough that a slow processor may take fewer
            in_group = max(1, min(in_group, -(-n // panel) // (2 * processors)))
        columns = panel * min(in_group, -(-n // panel)) if copies else panel * -(-n // panel)
        groups = -(-n // columns)
        wanted = max(1, min(threads.PARTS * processors, m * k * n // GRAIN)) if processors > 1 else 1
        # Each block of rows copies B anew, so that blocks of few rows do not pay.
        blocks = min(-(-wanted // groups), max(1, m // COPIED_FOR) if copies else -(-m // rows))
        block_rows = -(-m // (blocks * rows)) * rows
        self.items = groups * -(-m // block_rows)
        self.grain = max(1, self.items * GRAIN // (m * k * n))
        self.shape = m, n
        self.dtype = dtype
        self.tables = np.arange(rows) * a_row, np.arange(stretch) * a_step, np.arange(rows) * n
        self.words = np.array([groups, columns, block_rows, m, n, k, stretch, *tiles(rows), *tiles(m % rows), rows,
                               panel, 0, *(table.ctypes.data for table in self.tables), a_row, a_step, b_step,
                               b_column, copies, mode], np.int64)
        self.run = _compiled(dtype)


_plans = {}
_NO_BIAS = np.zeros(0, np.float32)


def suits(a, b):
    """Whether `product` is the better choice for these matrices of one dtype, by measurements beside OpenBLAS.

    It is where BLAS waits for memory (few rows times a big matrix, many rows times a narrow one), and for several
    threads in products of middling size, which BLAS is slow at when it gets only a part of them.
    """
    (m, k), n, size = a.shape, b.shape[1], a.itemsize
    if not (a.flags.aligned and b.flags.aligned and a.dtype == b.dtype and min(*a.strides, *b.strides) > 0
            and size in b.strides):
        return False
    along, b_along = a.strides[1] == size, b.strides[1] == size
    if along and 2 <= m <= 128 and k * n * size >= BIG:
        return True
    if along and b_along and 2 <= n <= 32 and m * k * size >= BIG:
        return True
    # A big A whose rows do not lie together gains by the copy that BLAS makes of it.
    return is_middling(m, k, n) and (along or a.strides[0] == size and m * k * size <= CACHED)


def is_middling(m, k, n):
    """Whether threads do a product [m, k] x [k, n] together sooner than BLAS."""
    return MIDDLE[0] <= m * k * n <= MIDDLE[1] and m >= 32 and n >= 64 and threads.available() > 1


def product(a, b, bias=None, relu=False):
    """The product of two matrices of float32 or float64 [m, k] and [k, n], of which no dimension is 0.

    Args:
      a, b: arrays with positive strides; along one of b's axes its elements lie together.
      bias: added to each row, a contiguous vector [n] of the same dtype, or None.
      relu: whether negative results become 0.

    Returns: a contiguous array [m, n].
    """
    key = (a.shape, b.shape[1], a.strides, b.strides, a.dtype, bias is None, relu, threads.available())
    plan = _plans.get(key)
    if plan is None:
        (m, k), n = a.shape, b.shape[1]
        mode = (0 if bias is None else BIAS) | (RELU if relu else 0)
        plan = _plans[key] = _Plan(m, k, n, a.strides, b.strides, a.dtype, mode, threads.available())
    c = memory.empty(plan.shape, plan.dtype)
    if plan.items // plan.grain < 2:
        plan.run(plan.words, a, b, c, _NO_BIAS if bias is None else bias, 0, plan.items)
    else:
        threads.shard(plan.run, plan.items, plan.words, a, b, c, _NO_BIAS if bias is None else bias, grain=plan.grain)
    return c
