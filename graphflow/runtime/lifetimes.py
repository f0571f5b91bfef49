"""Which results of a program use memory again that earlier ones gave back."""
import collections
import math

from graphflow.kernels import memory
from graphflow.runtime import properties
from graphflow.runtime.emit import last_uses

# Their result is, or may be, a view of their first input.
_VIEWS = properties.IDENTITIES | {
    'View', 'Read', 'Reshape', 'ExpandDims', 'Squeeze', 'EnsureShape', 'Transpose', 'Slice', 'StridedSlice', 'Split',
    'SplitV', 'Unpack', 'BroadcastTo', 'Bitcast'}
_GRAIN = 16     # bytes: arrays that numpy makes itself come in multiples of this


class Lifetimes:
    """The memory of a program's results, followed through one run.

    Attributes:
      reused: dict of a Value to the Value whose memory it takes, which nothing needs any more.
      given: bytes of all results.
      peak: bytes of the results that are needed at the same time, at most.

    What kernels need for themselves while they run is not counted, nor are feeds, constants and variables.
    """

    def __init__(self, program):
        self.reused = {}
        self.given = self.peak = 0
        self._now = 0
        self._blocks = {}                               # Value -> _Block
        self._free = collections.defaultdict(list)      # size -> _Blocks, the last freed at the end
        freed = last_uses(program)
        for i, instruction in enumerate(program.instructions):
            for value in instruction.outputs:
                self._make(value, instruction)
            for value in freed.get(i, ()):
                self._drop(value)

    def _make(self, value, instruction):
        size = nbytes(value)
        if not size or value.live:
            return
        if instruction.op in _VIEWS:
            block = self._blocks.get(instruction.inputs[0])
            if block is not None:
                self._blocks[value] = block
                block.users += 1
            return
        self.given += size
        self._now += size
        self.peak = max(self.peak, self._now)
        size = memory.block_size(size) if size >= memory.SMALLEST else -(-size // _GRAIN) * _GRAIN
        if self._free[size]:
            block = self._free[size].pop()
            self.reused[value] = block.value
        else:
            block = _Block(size)
        block.value, block.users = value, 1
        self._blocks[value] = block

    def _drop(self, value):
        block = self._blocks.get(value)
        if block is None:
            return
        block.users -= 1
        if not block.users:
            self._now -= nbytes(block.value)
            self._free[block.size].append(block)


class _Block:
    """Memory of `size` bytes: `value` is what was last made in it, `users` counts it and the views of it."""
    __slots__ = ('size', 'value', 'users')

    def __init__(self, size):
        self.size, self.value, self.users = size, None, 0


def nbytes(value):
    """The bytes of a Value's array; None if not all of its shape is known, or it is none."""
    if value.shape is None or value.dtype is None:
        return None
    return math.prod(value.shape) * value.dtype.itemsize
