"""Which instructions work example by example: row i of the result needs row i of some inputs, and all of others.

A rule, by op type, looks at an Instruction whose shapes are known and tells for each input whether it is cut along the
first dimension (SLICED) or taken whole (WHOLE); None if the op does not work like this. It speaks of the first output
alone, but for the ops of ALL_OUTPUTS.
"""
from graphflow.kernels.elementwise import ELEMENTWISE
from graphflow.runtime import properties
from graphflow.runtime.joined import Joined
from graphflow.runtime.program import View

SLICED, WHOLE = True, False
_RULES = {}


def rule(*ops):
    """Registers the decorated function(instruction) -> list of SLICED and WHOLE, one an input, or None."""
    def register(function):
        for op in ops:
            _RULES[op] = function
        return function
    return register


def sliced_inputs(instruction):
    """How the inputs are taken; None if the instruction does not work example by example."""
    values = [*instruction.inputs, instruction.outputs[0]] if instruction.outputs else []
    if not values or instruction.effect or instruction.wanted or instruction.outputs[0].live:
        return None
    if any(v.shape is None or v.dtype is None or v.dtype.kind not in 'fiubc' for v in values):
        return None
    result = instruction.outputs[0].shape
    if not result or 0 in result:
        return None
    if isinstance(instruction, View):
        return [SLICED] if instruction.inputs[0].shape else None
    if isinstance(instruction, Joined):
        taken = sliced_inputs(instruction.members[0])
        return taken and taken + [len(v.shape) == len(result) for v in instruction.inputs[len(taken):]]
    found = _RULES.get(instruction.op)
    if found is None and instruction.op in ELEMENTWISE:
        found = _broadcast
    found = found(instruction) if found is not None else None
    if found is None or not any(found):
        return None
    sliced = [v for s, v in zip(found, instruction.inputs) if s]
    sliced += instruction.outputs if instruction.op in ALL_OUTPUTS else []
    return found if all(v.shape and v.shape[0] == result[0] for v in sliced) else None


# Every output has a row an example, not only the first.
ALL_OUTPUTS = frozenset(('SoftmaxCrossEntropyWithLogits', 'SparseSoftmaxCrossEntropyWithLogits', 'TopK', 'TopKV2',
                         'MaxPoolWithArgmax', 'Unpack', 'Split', 'SplitV'))


def _broadcast(i):
    rank, rows = len(i.outputs[0].shape), i.outputs[0].shape[0]
    found = []
    for value in i.inputs:
        if len(value.shape) == rank and value.shape[0] == rows:
            found.append(SLICED)
        elif len(value.shape) < rank or value.shape[0] == 1:
            found.append(WHOLE)
        else:
            return None
    return found


@rule('Select')
def _(i):
    condition, *choices = i.inputs
    if any(v.shape != i.outputs[0].shape for v in choices):
        return None
    return [WHOLE if not condition.shape else SLICED, SLICED, SLICED]


@rule('AddN')
def _(i):
    return [SLICED] * len(i.inputs) if all(v.shape == i.outputs[0].shape for v in i.inputs) else None


def _first(i):
    """The first input has the examples; the others are weights, statistics and settings."""
    return [SLICED] + [WHOLE] * (len(i.inputs) - 1)


rule('Conv2D', 'Conv3D', 'DepthwiseConv2dNative', 'BiasAdd', 'BiasAddV1', 'LRN', 'Dilation2D', 'DepthToSpace',
     'SpaceToDepth', 'ExtractImagePatches', *properties.IDENTITIES)(_first)


@rule('Softmax', 'LogSoftmax', 'TopK', 'TopKV2')
def _(i):
    return _first(i) if len(i.inputs[0].shape) > 1 else None


@rule('MaxPool', 'AvgPool', 'MaxPool3D', 'AvgPool3D', 'MaxPoolGrad', 'MaxPoolWithArgmax')
def _(i):
    if i.attr('ksize')[0] != 1 or i.attr('strides')[0] != 1 or i.node._attrs.get('include_batch_in_index'):
        return None
    return [SLICED] * len(i.inputs)


@rule('FusedBatchNorm', 'FusedBatchNormV2', 'FusedBatchNormV3')
def _(i):
    return None if i.attr('is_training') else _first(i)


@rule('MatMul')
def _(i):
    return None if i.attr('transpose_a') else [SLICED, WHOLE]


@rule('BatchMatMul', 'BatchMatMulV2')
def _(i):
    a, b = i.inputs
    rank = len(i.outputs[0].shape)
    if rank < 3 or len(a.shape) != rank:
        return None
    if len(b.shape) < rank or b.shape[0] == 1:
        return [SLICED, WHOLE]
    return [SLICED, SLICED]


@rule('SoftmaxCrossEntropyWithLogits', 'SparseSoftmaxCrossEntropyWithLogits', 'InTopK', 'InTopKV2')
def _(i):
    if i.op == 'SoftmaxCrossEntropyWithLogits' and i.inputs[0].shape != i.inputs[1].shape:
        return None
    return [SLICED, SLICED] + [WHOLE] * (len(i.inputs) - 2)


def _axes(i, at):
    """The dimensions that a constant input lists, counted from 0; None if it is not known."""
    axes, rank = i.inputs[at].constant, len(i.inputs[0].shape)
    return None if axes is None else [int(a) + rank if a < 0 else int(a) for a in axes.ravel()]


@rule('Sum', 'Mean', 'Prod', 'Max', 'Min', 'All', 'Any', 'ArgMax', 'ArgMin', 'ReverseV2', 'Cumsum', 'Cumprod',
      'EuclideanNorm')
def _(i):
    axes = _axes(i, 1)
    return None if axes is None or 0 in axes else _first(i)


@rule('ExpandDims', 'Squeeze')
def _(i):
    return _first(i) if i.inputs[0].shape[:1] == i.outputs[0].shape[:1] else None


@rule('Transpose', 'ConjugateTranspose')
def _(i):
    perm = _axes(i, 1)
    return _first(i) if perm and perm[0] == 0 else None


@rule('Pad', 'PadV2', 'MirrorPad')
def _(i):
    paddings = i.inputs[1].constant
    return None if paddings is None or paddings[0].any() else _first(i)


@rule('Tile')
def _(i):
    multiples = i.inputs[1].constant
    return None if multiples is None or multiples[0] != 1 else _first(i)


@rule('ConcatV2')
def _(i):
    axis = _axes(i, len(i.inputs) - 1)
    return None if axis is None or 0 in axis else [SLICED] * (len(i.inputs) - 1) + [WHOLE]


@rule('Pack')
def _(i):
    return None if i.attr('axis') in (0, -len(i.outputs[0].shape)) else [SLICED] * len(i.inputs)


@rule('Unpack')
def _(i):
    return None if i.attr('axis') in (0, -len(i.inputs[0].shape)) else [SLICED]


@rule('Split', 'SplitV')
def _(i):
    *_, axis = i.inputs if i.op == 'SplitV' else reversed(i.inputs)
    if axis.constant is None or int(axis.constant) in (0, -len(i.outputs[0].shape)):
        return None
    return [WHOLE, SLICED] if i.op == 'Split' else [SLICED, WHOLE, WHOLE]


@rule('StridedSlice')
def _(i):
    """All of the first dimension, however the others are cut: x[:, 2:4]."""
    begin, end, strides = (v.constant for v in i.inputs[1:])
    if begin is None or end is None or strides is None or not strides.size or strides[0] != 1:
        return None
    whole = i.attr('begin_mask') & i.attr('end_mask') & 1
    other = (i.attr('shrink_axis_mask') | i.attr('new_axis_mask') | i.attr('ellipsis_mask')) & 1
    return _first(i) if whole and not other else None


@rule('Slice')
def _(i):
    begin, size = (v.constant for v in i.inputs[1:])
    if begin is None or size is None or not size.size or begin[0] != 0 or size[0] != -1:
        return None
    return _first(i)


@rule('Gather', 'GatherV2')
def _(i):
    """Rows of a table: the indices are the examples."""
    if i.node._attrs.get('batch_dims') or len(i.inputs) > 2 and _axes(i, 2) != [0]:
        return None
    return [WHOLE, SLICED] + [WHOLE] * (len(i.inputs) - 2)


@rule('GatherNd')
def _(i):
    return [WHOLE, SLICED] if len(i.inputs[1].shape) > 1 else None


@rule('OneHot')
def _(i):
    return _first(i) if i.attr('axis') == -1 and i.inputs[0].shape else None


def repeated_rows(constant):
    """Whether the rows of a constant are one and the same in memory."""
    return constant.ndim > 0 and constant.strides[0] == 0
