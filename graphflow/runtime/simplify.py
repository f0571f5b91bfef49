"""Pass 8: algebra. Each rule says when the result of an op is known to be one of its inputs, bit for bit: never at the
price of a NaN, an infinity or a negative zero that the kernel would have given."""
import numpy as np

from graphflow.runtime import properties
from graphflow.runtime.program import View
from graphflow.runtime.propagate import uniform

RULES = {}      # op type -> function(instruction) -> Value, Instruction or None

# Their kernels give the memory of their input too.
_ALIASES = properties.IDENTITIES | {'Reshape', 'ExpandDims', 'Squeeze', 'EnsureShape', 'Sum', 'Prod', 'Max', 'Min'}


def rule(*ops):
    """Registers the decorated function(instruction) -> the Value or the Instruction that does as well, or None."""
    def register(function):
        for op in ops:
            RULES[op] = function
        return function
    return register


def simplify(instruction):
    """What can take the instruction's place: a Value for its only output, another Instruction, or None."""
    rule_of_op = RULES.get(instruction.op)
    if rule_of_op is None or instruction.effect or len(instruction.outputs) != 1:
        return None
    found = rule_of_op(instruction)
    result = found.outputs[0] if isinstance(found, View) else found
    if result is not None and result.live and instruction.op not in _ALIASES:
        return None     # the kernel's result outlives changes of the variable, its input would not
    return found


def _known(*values):
    return all(v.shape is not None for v in values)


@rule('Identity', 'Snapshot', 'StopGradient', 'PreventGradient', 'GuaranteeConst')
def _(i):
    return i.inputs[0] if i.inputs[0].cell is None or i.inputs[0].dtype is not None else None


@rule('Reshape', 'ExpandDims', 'Squeeze', 'BroadcastTo', 'Tile', 'EnsureShape')
def _(i):
    """Nothing but another shape."""
    value, result = i.inputs[0], i.outputs[0]
    if not _known(value, result) or _count(value.shape) != _count(result.shape):
        return None
    if i.op in ('Reshape', 'Tile', 'BroadcastTo') and i.inputs[1].constant is None:
        return None     # the shape asked for might be wrong
    if i.op == 'EnsureShape' and not i.attr('shape').is_compatible_with(value.shape):
        return None
    return reshaped(value, result.shape, i)


def reshaped(value, shape, i):
    """`value` with another shape, for instruction i."""
    if isinstance(value.producer, View):
        value = value.producer.inputs[0]
    return value if value.shape == shape else View(i.node, value, shape, i.version)


def _count(shape):
    total = 1
    for d in shape:
        total *= d
    return total


@rule('Sum', 'Prod', 'Max', 'Min', 'Mean', 'All', 'Any')
def _(i):
    """A reduction over no dimensions, or over those of size 1."""
    value, axes = i.inputs[0], i.inputs[1].constant
    if axes is None or not _known(value, i.outputs[0]):
        return None
    rank = len(value.shape)
    if any(not -rank <= a < rank or value.shape[a] != 1 for a in axes.ravel()):
        return None
    return reshaped(value, i.outputs[0].shape, i)


@rule('Transpose')
def _(i):
    value, perm = i.inputs[0], i.inputs[1].constant
    if perm is None or not _known(value, i.outputs[0]):
        return None
    perm = perm.tolist()
    if sorted(perm) != list(range(len(value.shape))):
        return None
    if perm == sorted(perm):
        return value
    before = value.producer
    if before is not None and before.op == 'Transpose' and before.inputs[1].constant is not None and not before.effect:
        first = before.inputs[1].constant.tolist()
        if [first[p] for p in perm] == list(range(len(perm))):
            return before.inputs[0]
    # Dimensions of size 1 can stand anywhere: with the others in order nothing moves.
    moved = [p for p in perm if value.shape[p] != 1]
    return reshaped(value, i.outputs[0].shape, i) if moved == sorted(moved) else None


@rule('Cast')
def _(i):
    value, result = i.inputs[0], i.outputs[0]
    if value.dtype == result.dtype:
        return value
    before = value.producer
    if before is not None and before.op == 'Cast' and not before.effect:
        source = before.inputs[0]
        if source.dtype == result.dtype and _holds(source.dtype, value.dtype):
            return source
    return None


def _holds(narrow, wide):
    """Whether every number of dtype `narrow` is one of `wide` (and comes back as itself)."""
    if narrow.kind in 'iu' and narrow.itemsize == 8 and wide.kind == 'f':
        return False    # which numpy calls safe
    return narrow.kind in 'iufb' and wide.kind in 'iuf' and np.can_cast(narrow, wide, 'safe')


def _same(i, kept):
    """Input `kept`, if the result has its shape and dtype."""
    value, result = i.inputs[kept], i.outputs[0]
    return value if _known(value, result) and value.shape == result.shape and value.dtype == result.dtype else None


def _is(value, number):
    """Whether all elements of a constant are `number`, the sign of a zero included."""
    found = uniform(value)
    return found is not None and found == number and np.signbit(np.float64(found)) == np.signbit(np.float64(number))


@rule('Mul', 'MulNoNan')
def _(i):
    if _is(i.inputs[1], 1):
        return _same(i, 0)
    return _same(i, 1) if i.op == 'Mul' and _is(i.inputs[0], 1) else None


@rule('RealDiv', 'Div', 'Pow', 'TruncateDiv')
def _(i):
    return _same(i, 0) if _is(i.inputs[1], 1) else None


@rule('Add', 'AddV2')
def _(i):
    """x + -0 is x; x + 0 is so but for x = -0, which only integers do not have."""
    if i.outputs[0].dtype.kind not in 'fiu':
        return None
    zero = -0.0 if i.outputs[0].dtype.kind == 'f' else 0
    if _is(i.inputs[1], zero):
        return _same(i, 0)
    return _same(i, 1) if _is(i.inputs[0], zero) else None


@rule('Sub')
def _(i):
    return _same(i, 0) if i.outputs[0].dtype.kind in 'fiu' and _is(i.inputs[1], 0) else None


@rule('Neg')
def _(i):
    if i.outputs[0].dtype.kind not in 'iu':
        return None     # -0 becomes 0
    before = i.inputs[0].producer
    return before.inputs[0] if before is not None and before.op == 'Neg' and not before.effect else None


@rule('AddN', 'ConcatV2', 'Concat')
def _(i):
    """Of a single tensor."""
    parts = i.groups[0] if i.groups[0] is not None else i.groups[1]
    at = 1 if i.op == 'Concat' else 0
    return _same(i, at) if parts == 1 else None


@rule('Pack')
def _(i):
    return reshaped(i.inputs[0], i.outputs[0].shape, i) if i.groups[0] == 1 and _known(i.inputs[0], i.outputs[0]) else None


@rule('SelectV2', 'Select')
def _(i):
    chosen = uniform(i.inputs[0])
    if chosen is None or not _known(*i.inputs):
        return None
    return _same(i, 1 if chosen else 2)
