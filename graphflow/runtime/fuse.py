"""Pass 12: fusion. Elementwise calls over one shape become one loop, so that what passes between them stays in registers.

A group stands at one place of the program. A call joins the group of one of its inputs where its other inputs are there
already; or the group moves down to the call, where nobody needed it before. Neither moves what reads a variable's
memory past a write.
"""
import math

import numpy as np

from graphflow.kernels.elementwise import ELEMENTWISE, GRAIN, Expression
from graphflow.runtime.joined import Joined, readers
from graphflow.runtime.program import Instruction
from graphflow.runtime.propagate import uniform

MAX_CALLS = 48          # scalar calls in one loop: beyond, the compiler's time and the registers run out
MAX_OPERANDS = 14
MAX_SUMS = 1 << 12      # sums of a loop that several threads share

SUMS = frozenset(('Sum', 'Mean', 'BiasAddGrad'))

# Ops that are an elementwise op in this setting: type -> function(instruction) -> op type, or None.
ALIASES = {}


def _bias_add(i):
    first = i.node._attrs.get('data_format') == b'NCHW'
    return None if first else 'Add'


def _add_n(i):
    return 'AddN' if all(v.shape == i.inputs[0].shape for v in i.inputs) and len(i.inputs) <= 8 else None


ALIASES.update(BiasAdd=_bias_add, BiasAddV1=_bias_add, AddN=_add_n)

# Checks that cannot fail for floats, or for inputs of equal shapes.
_CHECKED_INTEGERS = frozenset(('Div', 'TruncateDiv', 'FloorDiv', 'FloorMod', 'TruncateMod', 'Mod', 'Pow'))
_CHECKED_SHAPES = frozenset(('ReluGrad', 'Relu6Grad', 'EluGrad', 'SeluGrad', 'LeakyReluGrad', 'SoftplusGrad', 'SoftsignGrad',
                             'ApproximateEqual', 'Select'))


class Group:
    """Calls that run as one loop over `shape`, at a `place` where the variables' memory is of `version`."""

    def __init__(self, shape, place, version):
        self.shape, self.place, self.version = shape, place, version
        self.members = []           # Instructions
        self.inputs = {}            # Value -> None, in order
        self.used_until = -1        # the last place at which somebody else needs a result


def fuse(program):
    """Replaces elementwise instructions of `program` by Fused ones."""
    places = {}         # Instruction or Group -> place: a number by which all of them are ordered
    group_of = {}       # Instruction -> Group
    items = []
    for place, instruction in enumerate(program.instructions):
        if elementwise_op(instruction) is None and summed_axes(instruction) is None:
            places[instruction] = place
            items.append(instruction)
            _needed(instruction, place, group_of)
            continue
        group = _joined(instruction, place, group_of, places)
        if group is None:
            group = Group(loop_shape(instruction), place, instruction.version)
            items.append(group)
        _add(group, instruction, group_of)
        _needed(instruction, group.place, group_of, group)
        places[instruction] = None
    order = sorted((item for item in items if not isinstance(item, Group) or item.members),
                   key=lambda item: (item.place if isinstance(item, Group) else places[item]))
    results, taken_by = set(program.results), readers(program)
    program.instructions = [item if isinstance(item, Instruction) else Fused(item, taken_by, results) for item in order]
    for item in program.instructions:
        if isinstance(item, Fused) and len(item.members) > 1:
            program.note('fuse', ' '.join(m.node.name for m in item.members))


def elementwise_op(instruction):
    """The elementwise op that the instruction is, if it may stand in a group; else None."""
    op = instruction.op
    if instruction.effect or instruction.wanted or len(instruction.outputs) != 1:
        return None
    result = instruction.outputs[0]
    if op in ALIASES:
        if not _plain(instruction, result):
            return None
        return ALIASES[op](instruction)
    scalar = ELEMENTWISE.get(op)
    if scalar is None or not _plain(instruction, result):
        return None
    if scalar.check or scalar.prepare:
        if op in _CHECKED_INTEGERS:
            return op if result.dtype.kind == 'f' else None
        if op in _CHECKED_SHAPES:
            return op if all(v.shape == result.shape for v in instruction.inputs) else None
        return None
    if scalar.choose and op != 'Cast':
        return None
    return op


def _is_sum(instruction):
    return instruction.op in SUMS


def loop_shape(instruction):
    """The shape of the loop that the instruction can be part of."""
    return (instruction.outputs[0] if summed_axes(instruction) is None else instruction.inputs[0]).shape


def summed_axes(instruction):
    """The dimensions that a Sum, a Mean or a BiasAddGrad sums over if it may stand at the end of a group, else None."""
    value = instruction.inputs[0] if instruction.inputs else None
    if instruction.op not in SUMS or instruction.effect or instruction.wanted or not _plain(instruction, value):
        return None
    if value.dtype.kind != 'f' or instruction.outputs[0].shape is None:
        return None
    rank = len(value.shape)
    if instruction.op == 'BiasAddGrad':
        axes = None if instruction.node._attrs.get('data_format') == b'NCHW' else tuple(range(rank - 1))
    else:
        axes = instruction.inputs[1].constant
        if axes is None or any(not -rank <= a < rank for a in axes.ravel()):
            return None
        axes = tuple(sorted({int(a) % rank for a in axes.ravel()}))
    if not axes:
        return None
    size, kept = math.prod(value.shape), math.prod(d for i, d in enumerate(value.shape) if i not in axes)
    # What is summed by several threads needs a copy of the sums for each.
    return axes if size < 2 * GRAIN or kept <= MAX_SUMS else None


def _plain(instruction, result):
    """Whether shapes are known and dtypes such as loops are made for."""
    if result.shape is None or 0 in result.shape:
        return False
    return all(v.shape is not None and v.dtype is not None and v.dtype.kind in 'fiub' and v.dtype != np.float16
               and v.dtype.isnative and v.dtype.isbuiltin == 1 for v in [*instruction.inputs, result])


def _joined(instruction, place, group_of, places):
    """The group of an input that the instruction can be part of, after merging those that can move to it."""
    found = None
    candidates = []
    # A sum is there when its loop has ended.
    ended = {group_of.get(v.producer) for v in instruction.inputs if v.producer in group_of and _is_sum(v.producer)}
    for value in instruction.inputs:
        group = group_of.get(value.producer)
        if group is not None and group not in ended and group.shape == loop_shape(instruction) and group not in candidates:
            candidates.append(group)
    for group in sorted(candidates, key=lambda g: -g.place):
        if found is None:
            if not _fits([group], instruction):
                continue
            if _can_move(group, place, instruction.version):
                group.place, group.version, found = place, instruction.version, group
            elif _can_join(instruction, group, group_of, places):
                return group
        elif _can_move(group, place, instruction.version) and _fits([found, group], instruction):
            _merge(found, group, group_of)
    return found


def _can_move(group, place, version):
    """Whether nobody needs the group before `place`, and it reads the same memory there."""
    if group.used_until >= 0 and group.used_until < place:
        return False
    return all(m.version == version or not any(v.live for v in m.inputs) for m in group.members)


def _can_join(instruction, group, group_of, places):
    """Whether the instruction's inputs are there when the group runs."""
    if any(v.live for v in instruction.inputs) and instruction.version != group.version:
        return False
    for value in instruction.inputs:
        producer = value.producer
        if producer is None or group_of.get(producer) is group:
            continue
        other = group_of.get(producer)
        if (other.place if other is not None else places[producer]) >= group.place:
            return False
    return True


def _fits(groups, instruction):
    inputs = set(instruction.inputs).union(*[g.inputs for g in groups])
    calls = sum(len(g.members) for g in groups) + 1
    return calls <= MAX_CALLS and len(inputs) + 3 <= MAX_OPERANDS


def _add(group, instruction, group_of):
    group.members.append(instruction)
    group_of[instruction] = group
    takes = instruction.inputs if summed_axes(instruction) is None else instruction.inputs[:1]
    inside = {m.outputs[0] for m in group.members}
    for value in takes:
        if value not in inside:
            group.inputs[value] = None


def _merge(group, other, group_of):
    """Moves the members of `other` into `group`; they come first, in their own order."""
    group.members = other.members + group.members
    group.used_until = max(group.used_until, other.used_until)
    for member in other.members:
        group_of[member] = group
    inside = {m.outputs[0] for m in group.members}
    group.inputs = {v: None for v in [*other.inputs, *group.inputs] if v not in inside}
    other.members = []


def _needed(instruction, place, group_of, own=None):
    """Notes at the groups whose results the instruction takes that they are needed at `place`."""
    for value in instruction.inputs:
        group = group_of.get(value.producer)
        if group is not None and group is not own:
            group.used_until = place if group.used_until < 0 else min(group.used_until, place)


class Fused(Joined):
    """Elementwise calls in one loop, and sums of what they compute.

    Attributes: `expression`, `operands` (for each input a constant array, or None where it is the input's value);
    `shape`, that of the loop; `stored` and `sums`, the members whose results are stored and summed, which together are
    the outputs.
    """
    __slots__ = ('expression', 'operands', 'shape', 'stored', 'sums')

    def __init__(self, group, taken_by, results):
        self.shape = group.shape
        inside = set(group.members)
        self.sums = [m for m in group.members if summed_axes(m) is not None]
        self.stored = [m for m in group.members if m not in self.sums and (m.outputs[0] in results or any(
            r not in inside for r in taken_by.get(m.outputs[0], ())))]
        if not self.sums and not self.stored:
            self.stored = [group.members[-1]]
        outputs = [m.outputs[0] for m in self.stored + self.sums]
        super().__init__('Fused', None, group.members, list(group.inputs), outputs)
        self.version = group.version
        self.operands = [_operand(v) for v in self.inputs]
        self.expression = self._expression()

    def _expression(self):
        """The scalar calls of the members, operands first."""
        index = {v: i for i, v in enumerate(self.inputs)}
        extra, calls = [], []
        count = len(self.inputs) + sum(len(ELEMENTWISE[m.op].attrs) for m in self.members if m.op in ELEMENTWISE)
        for member in self.members:
            if member in self.sums:
                continue
            op = elementwise_op(member)
            arguments = [index[v] for v in member.inputs]
            if op == 'AddN':
                total = arguments[0]
                for other in arguments[1:]:
                    calls.append(('Add', (total, other), None))
                    total = count + len(calls) - 1
                index[member.outputs[0]] = total
                continue
            for name in ELEMENTWISE[op].attrs:
                arguments.append(len(self.inputs) + len(extra))
                extra.append(np.array(member.attr(name), np.float32))
            calls.append((op, tuple(arguments), member.outputs[0].dtype))
            index[member.outputs[0]] = count + len(calls) - 1
        self.operands += extra
        return Expression(count, tuple(calls), tuple(index[m.outputs[0]] for m in self.stored),
                          tuple(index[m.inputs[0]] for m in self.sums))

    def sum_shapes(self):
        """For each sum the shape of the loop with a 1 where it is summed over."""
        return [tuple(1 if i in axes else d for i, d in enumerate(self.shape)) for axes in map(summed_axes, self.sums)]

    def emit(self, code):
        from graphflow.runtime.emit import emit_fused
        emit_fused(code, self)


def _operand(value):
    """A constant operand as an array: equal elements as a single one."""
    if value.constant is None:
        return None
    number = uniform(value)
    return np.array(number, value.dtype) if number is not None else np.ascontiguousarray(value.constant)
