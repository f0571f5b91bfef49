"""What the passes need to know of ops, by type, besides their declarations. All of it only permits; an op that stands in
no set here is merely left alone."""
from graphflow.kernels.elementwise import ELEMENTWISE

# Their kernel gives the same object in every run of a session: a variable's cell.
HANDLES = frozenset(('VariableV2', 'Variable', 'VarHandleOp'))

# They take a variable but do not change it.
READERS = frozenset(('ReadVariableOp', 'IsVariableInitialized', 'VarIsInitializedOp', 'VariableShape', 'ResourceGather',
                     'ResourceGatherNd'))

# They may give a variable another array; the others change the array in place.
REPLACERS = frozenset(('Assign', 'AssignVariableOp', 'DestroyTemporaryVariable', 'DestroyResourceOp'))

# Their value depends on the shapes of their inputs alone.
SHAPE_ONLY = frozenset(('Shape', 'ShapeN', 'Size', 'Rank', 'ZerosLike', 'OnesLike'))

# They pass their first input on as it is.
IDENTITIES = frozenset(('Identity', 'Snapshot', 'StopGradient', 'PreventGradient', 'GuaranteeConst'))

# The result is memory of its own, never a view of an input.
_FRESH = frozenset((
    'MatMul', 'BatchMatMul', 'BatchMatMulV2', 'Conv2D', 'Conv2DBackpropInput', 'Conv2DBackpropFilter', 'MaxPool',
    'MaxPoolGrad', 'AvgPool', 'AvgPoolGrad', 'BiasAdd', 'BiasAddGrad', 'Softmax', 'LogSoftmax', 'ArgMax', 'ArgMin', 'AddN',
    'SoftmaxCrossEntropyWithLogits', 'SparseSoftmaxCrossEntropyWithLogits', 'Shape', 'ShapeN', 'Size', 'Rank', 'L2Loss',
    'ZerosLike', 'OnesLike', 'Fill', 'Tile', 'OneHot', 'InTopK', 'InTopKV2', 'LRN', 'LRNGrad', 'ReadVariableOp',
    'RandomUniform', 'RandomStandardNormal', 'TruncatedNormal', 'Gather', 'GatherV2', 'ResourceGather', 'ResourceGatherNd'))

# With inputs whose shapes its shape rule accepts, it never raises: a call whose result nobody takes may be dropped.
TOTAL = IDENTITIES | {
    'MatMul', 'Conv2D', 'Conv2DBackpropInput', 'Conv2DBackpropFilter', 'MaxPool', 'MaxPoolGrad', 'BiasAdd', 'BiasAddGrad',
    'Softmax', 'LogSoftmax', 'AddN', 'Shape', 'ShapeN', 'Size', 'Rank', 'ZerosLike', 'OnesLike', 'Fill', 'Tile', 'Sum',
    'Mean', 'Max', 'Min', 'Prod', 'All', 'Any', 'Reshape', 'ExpandDims', 'Squeeze', 'Transpose', 'Pack', 'ConcatV2', 'View',
    'Read', 'BroadcastGradientArgs', 'DynamicStitch', 'Range', 'Const', 'NoOp', 'L2Loss', 'ConcatOffset', 'Cast',
    'SoftmaxCrossEntropyWithLogits', 'BroadcastTo'}


def is_fresh(op):
    """Whether the result is memory of its own. (ELEMENTWISE fills when the first session loads the kernels.)"""
    return op in _FRESH or op in ELEMENTWISE


def is_total(op):
    """Whether a call may be dropped when nobody takes its result."""
    return op in TOTAL or op in ELEMENTWISE and ELEMENTWISE[op].fusible
