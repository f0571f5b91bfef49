"""Pass 11: batches in slices. Where what passes between instructions is big and they work example by example, they
run as a loop over slices of the batch: it stays in the caches then, and memory for all of it is never needed.

Such a region stands at one place of the program. Of the other instructions, those that need it come after it, and so
does what has to wait for them; the rest comes before.
"""
import math

from graphflow.kernels import memory
from graphflow.runtime import properties
from graphflow.runtime.epilogues import Epilogue
from graphflow.runtime.fuse import elementwise_op
from graphflow.runtime.joined import Joined, readers
from graphflow.runtime.per_example import ALL_OUTPUTS, repeated_rows, sliced_inputs
from graphflow.runtime.program import Instruction, Program, Value, View

BIG = 1 << 26               # bytes that pass between a region's instructions, from which on it is sliced
SLICE_BYTES = 32 << 20      # of what is needed at once within a slice
WORTHWHILE = 1 << 26        # elements of a result for which a program is compiled before its first run
FEWEST = 4                  # examples


def slice_batches(program):
    """Replaces regions of `program` by Sliced instructions."""
    results, done = set(program.results), []
    while True:
        taken_by = readers(program)
        rest = program.instructions[len(done):]
        region = _best_region(rest, program.version, results, taken_by)
        if region is None:
            return
        sliced = Sliced(region)
        program.note('slices', f'{region.batch} examples, {sliced.size} at once: '
                     + ' '.join(m.node.name for m in region.members))
        done += [*region.before, sliced]
        program.instructions = done + region.after


def _best_region(instructions, version, results, taken_by):
    """The _Region that saves most; None if none is worth it."""
    sizes = {}          # leading dimension -> bytes
    for instruction in instructions:
        for value in instruction.outputs:
            if value.shape and value.shape[0] >= FEWEST and value.dtype is not None:
                sizes[value.shape[0]] = sizes.get(value.shape[0], 0) + _bytes(value)
    if sum(sizes.values()) < BIG:
        return None
    best = None
    for batch in sorted(sizes, key=sizes.get, reverse=True)[:4]:
        region = _Region(instructions, version, batch, results, taken_by)
        region.trim()
        region.weigh()
        if region.saved >= max(BIG, region.stored) and (best is None or region.saved > best.saved):
            best = region
    return best


def worthwhile(nodes, shapes):
    """Whether a result is so big that slices are worth compiling a program for a single run: a rough and quick guess.

    Args:
      nodes: the Operations of a plan.
      shapes: those of the values fed. The longest first dimension is taken for that of all tensors where it is unknown.
    """
    batch = max((shape[0] for shape in shapes if shape), default=1)
    for node in nodes:
        for tensor in node.outputs:
            dims = tensor._shape.dims
            if dims and not tensor.dtype._is_ref_dtype:
                first, *others = [d.value for d in dims]
                if None not in others and (batch if first is None else first) * math.prod(others) >= WORTHWHILE:
                    return True
    return False


def _heavy(instruction, cut):
    """Whether weights are bigger than all that they meet, so that they are better read once than for every slice."""
    first = instruction.members[0] if isinstance(instruction, Joined) else instruction
    if first.op not in _WITH_WEIGHTS:
        return False
    whole, sliced = (sum(_bytes(v) for v, c in zip(instruction.inputs, cut) if c == kind) for kind in (False, True))
    return whole > sliced


_SUMS = frozenset(('Sum', 'Mean'))
_WITH_WEIGHTS = frozenset(('Conv2D', 'Conv3D', 'DepthwiseConv2dNative', 'MatMul', 'BatchMatMul', 'BatchMatMulV2'))


def _bytes(value):
    return math.prod(value.shape) * value.dtype.itemsize


def _may_fail(instruction):
    """Whether the values of its inputs may make an instruction fail."""
    if isinstance(instruction, Joined):
        return any(map(_may_fail, instruction.members))
    return not properties.is_total(instruction.op)


class _Region:
    """Those of `instructions` that can run as one loop over `batch` examples, from the first that can.

    Attributes:
      members: they, in order.
      before, after: the others, which run before and after the loop.
      version: of the variables' memory that the members read, or None.
      saved: bytes that pass between members only.
      stored: bytes that others take from members.
      peak: bytes of what is saved that are needed at once.
    """

    def __init__(self, instructions, last_version, batch, results, taken_by):
        self.batch, self.version = batch, None
        self._results, self._taken_by = results, taken_by
        self.members, self.before, self.after = [], [], []
        self._inside, self._late = set(), set()         # Values made by members; made after them
        self._late_effect = self._late_write = False
        self._may_fail = False      # whether a member may, or what runs after them
        versions = [i.version for i in instructions[1:]] + [last_version]
        for instruction, following in zip(instructions, versions):
            self._place(instruction, following > instruction.version)

    def _place(self, instruction, writes):
        live = any(v.live for v in instruction.inputs)
        # Nothing is written before what may fail and ran before it, nor the other way round.
        fails = _may_fail(instruction)
        passes_write = fails and self._late_write
        if not passes_write and self._joins(instruction, live):
            self.members.append(instruction)
            self._inside.update(instruction.outputs)
            self._may_fail |= fails
            if live:
                self.version = instruction.version
            return
        # Effects keep their order, and so do reads and writes of variables.
        ordered = instruction.effect or instruction.wanted or live or writes
        if (any(v in self._inside or v in self._late for v in instruction.inputs)
                or ordered and self._late_effect or passes_write
                or writes and (self.version is not None or self._may_fail)):
            self.after.append(instruction)
            self._may_fail |= fails
            self._late.update(instruction.outputs)
            self._late_effect |= ordered
            self._late_write |= writes
        else:
            self.before.append(instruction)

    def _joins(self, instruction, live):
        cut = sliced_inputs(instruction)
        if cut is None or live and (self._late_write or self.version not in (None, instruction.version)):
            return False
        if isinstance(instruction, View) and instruction.inputs[0] not in self._inside:
            return False        # it costs nothing where it is
        if instruction.outputs[0].shape[0] % self.batch:
            return False
        if instruction.op not in ALL_OUTPUTS and any(
                v in self._results or self._taken_by.get(v) for v in instruction.outputs[1:]):
            return False
        if _heavy(instruction, cut):
            return False
        for value, sliced in zip(instruction.inputs, cut):
            if value in self._late or (value.shape[0] % self.batch if sliced else value in self._inside):
                return False
        return True

    def trim(self):
        """Leaves to the sums behind the region what they can compute in their own loop, if no more is stored for it."""
        inside, stored, trimmed = set(self.members), set(self.outputs()), []
        for member in reversed(self.members):
            result = member.outputs[0]
            if result in self._results or elementwise_op(member) is None:
                continue
            if all(t in trimmed or t not in inside and t.op in _SUMS for t in self._taken_by.get(result, ())):
                more = {v for v in member.inputs if v in self._inside} - stored
                if sum(map(_bytes, more)) <= _bytes(result):
                    inside.remove(member)
                    trimmed.insert(0, member)
                    stored = (stored | more) - {result}
        self.members = [m for m in self.members if m in inside]
        self.after = trimmed + self.after

    def outputs(self):
        """The Values that others take from members."""
        inside = set(self.members)
        return [v for m in self.members for v in m.outputs
                if v in self._results or any(t not in inside for t in self._taken_by.get(v, ()))]

    def weigh(self):
        """Sets what it saves and stores."""
        outputs = set(self.outputs())
        passing = {}            # Value -> how many members have yet to take it
        self.saved = self.peak = now = 0
        self.stored = sum(map(_bytes, outputs))
        for member in self.members:
            loop = elementwise_op(member) is not None
            for value in member.outputs:
                takers = self._taken_by.get(value)
                if takers and value not in outputs and not isinstance(member, View) and not (
                        loop and all(elementwise_op(t) is not None for t in takers)):
                    self.saved += _bytes(value)
                    passing[value] = len(takers)
                    now += _bytes(value)
            self.peak = max(self.peak, now)
            for value in member.inputs:
                if value in passing:
                    passing[value] -= 1
                    now -= 0 if passing[value] else _bytes(value)


class _Part(Instruction):
    """A Joined in the code of a slice. It may fail: then the whole batch is done otherwise."""
    __slots__ = ()

    def __init__(self, joined, kernel, inputs, outputs):
        super().__init__(joined.node, joined.op, kernel, inputs, outputs, joined.groups)


class Sliced(Joined):
    """A loop over slices of a batch. If it cannot be done so, the instructions run one after the other."""
    __slots__ = ('batch', 'size', 'cuts', 'rows', 'code')

    def __init__(self, region):
        members, outputs = region.members, region.outputs()
        made = {v for m in members for v in m.outputs}
        self.batch = region.batch
        self.size = _slice_size(region)
        cuts = {}           # Value taken from elsewhere -> rows an example, 0 if it is taken whole
        for member in members:
            for value, sliced in zip(member.inputs, sliced_inputs(member)):
                if value not in made and (value.constant is None or sliced and not repeated_rows(value.constant)):
                    cuts.setdefault((value, sliced), value.shape[0] // self.batch if sliced else 0)
        super().__init__('Sliced', self.run, members, [value for value, _ in cuts], outputs)
        self.version = members[-1].version if region.version is None else region.version
        self.cuts = list(cuts.values())
        self.rows = [v.shape[0] // self.batch for v in outputs]
        self.code = self._code(list(cuts))

    def _code(self, taken):
        """The code of the members for one slice."""
        from graphflow.runtime import emit, specialise
        part = {}
        for value, sliced in taken:
            part[value, sliced] = self._part(value) if sliced else Value(value.dtype, value.shape)
        program = Program(list(part.values()))
        for member in self.members:
            inputs = []
            for value, sliced in zip(member.inputs, sliced_inputs(member)):
                if (value, sliced) not in part:
                    part[value, sliced] = self._constant(value, sliced)
                inputs.append(part[value, sliced])
            if isinstance(member, View):
                clone = View(member.node, inputs[0], self._part(member.outputs[0]).shape, 0)
            elif isinstance(member, Epilogue):
                clone = _Part(member, member.kernel, inputs, self._parts(member.outputs))
            else:
                clone = Instruction(member.node, member.op, member.function, inputs, self._parts(member.outputs),
                                    member.groups)
            part.update({(v, True): c for v, c in zip(member.outputs, clone.outputs)})
            program.instructions.append(clone)
        program.results = [part[v, True] for v in self.outputs]
        for rewrite in specialise.PASSES:
            if rewrite is not slice_batches:
                rewrite(program)
        return emit.Code(program)

    def _parts(self, values):
        return [Value(v.dtype, None) if v.shape is None or not v.shape else self._part(v) for v in values]

    def _part(self, value):
        """A Value for a slice of `value`."""
        rows = value.shape[0] // self.batch * self.size
        return Value(value.dtype, (rows, *value.shape[1:]), node_name=value.node_name)

    def _constant(self, value, sliced):
        array = value.constant
        return Value.of_constant(array[:self._part(value).shape[0]] if sliced else array, value.node_name)

    def emit(self, code):
        name = code.bound('k', self.run)
        code.kernel_names[name] = self.node
        names = ''.join(f'{v.name}, ' for v in self.outputs)
        code.line(f'{names}{"= " * bool(names)}{name}({", ".join(v.name for v in self.inputs)})', self.node)

    def run(self, *arrays):
        """The outputs, as a list."""
        try:
            return self._loop(arrays)
        except Exception:       # an example is not as it should be: the members say what is wrong
            return self.run_members(*arrays)

    def _loop(self, arrays):
        results = [memory.empty(v.shape, v.dtype) for v in self.outputs]
        size, code = self.size, self.code.run
        for first in range(0, self.batch, size):
            first = min(first, self.batch - size)       # the last slice computes some examples once more
            end = first + size
            parts = code(*[a[first * k:end * k] if k else a for a, k in zip(arrays, self.cuts)])
            for result, part, k in zip(results, parts, self.rows):
                result[first * k:end * k] = part
        return results


def _slice_size(region):
    """The number of examples in a slice: such that all slices are about equally long."""
    count = max(2, -(-region.peak // SLICE_BYTES))
    return max(1, -(-region.batch // count))
