"""Every gradient against finite differences: one small check for each op type that has a gradient function.

`CHECKS` maps op types to a function that builds the op and the values of the inputs to differentiate by. The tests
see to it that no gradient of the registry is left out, and that no input with a gradient is.
"""
import numpy as np
import pytest

import graphflow as tf
from graphflow.framework import registry

raw = tf.raw_ops
CHECKS = {}         # op type -> list of (function of tensors -> tensor, arrays to differentiate by)
# Gradient functions shared with an op type that is checked; variants for references, which cannot be fed.
SHARED = {'RefIdentity': 'Identity', 'RefSwitch': 'Switch', 'RefMerge': 'Merge', 'RefEnter': 'Enter',
          'RefExit': 'Exit', 'RefNextIteration': 'NextIteration'}
STEPS = ['Sign', 'Floor', 'Ceil', 'Rint', 'Round', 'FloorDiv', 'TruncateDiv']    # constant nearly everywhere


def values(shape, low=.2, high=.9, dtype=np.float64, seed=0):
    """Numbers far enough from each other and from whole numbers that no small step changes their order."""
    count = int(np.prod(shape))
    order = np.random.RandomState(seed + count).permutation(count)
    return (low + (high - low) * (order + .5 + .13 * seed) / max(count, 1)).astype(dtype).reshape(shape)


def check(name, shapes, function=None, low=.2, high=.9, dtype=np.float64, **attrs):
    """Adds a check: the op, its raw function by default, at inputs of the given shapes (or the given arrays)."""
    arrays = [s if isinstance(s, np.ndarray) else values(s, low, high, dtype, seed) for seed, s in enumerate(shapes)]
    CHECKS.setdefault(name, []).append((function or (lambda *xs: getattr(raw, name)(*xs, **attrs)), arrays))


def square(*shape):
    """Well conditioned matrices."""
    return values(shape) + 2 * np.eye(shape[-1]) * np.arange(1, shape[-1] + 1)


def complex_values(*shape, dtype=np.complex128):
    return (values(shape, seed=1) + 1j * values(shape, seed=2)).astype(dtype)


# array
check('Identity', [[2, 2]])
check('IdentityN', [[2], [3]], lambda x, y: tf.concat(tf.identity_n([x, y]), 0))
check('CheckNumerics', [[2, 2]], message='finite?')
check('Reshape', [[2, 3]], lambda x: tf.reshape(x, [3, -1]))
check('ExpandDims', [[2, 3]], lambda x: tf.expand_dims(x, 1))
check('Squeeze', [[2, 1, 2]], lambda x: tf.squeeze(x, [1]))
check('Transpose', [[2, 3]], lambda x: tf.transpose(x, [1, 0]))
check('ConjugateTranspose', [complex_values(2, 2)], lambda x: raw.ConjugateTranspose(x=x, perm=[1, 0]))
check('EnsureShape', [[2, 2]], lambda x: tf.ensure_shape(x, [2, None]))
check('Fill', [[]], lambda x: tf.fill([2, 2], x))
check('Pack', [[2], [2]], lambda x, y: tf.stack([x, y], 1))
check('Unpack', [[2, 3]], lambda x: (lambda a, b, c: a * b + c)(*tf.unstack(x, axis=1)))
check('ConcatV2', [[2, 1], [2, 2]], lambda x, y: tf.concat([x, y], 1))
check('Concat', [[2, 1], [2, 2]], lambda x, y: raw.Concat(concat_dim=1, values=[x, y]))
check('Split', [[2, 4]], lambda x: (lambda a, b: a * b)(*tf.split(x, 2, 1)))
check('SplitV', [[2, 3]], lambda x: (lambda a, b: a * b)(*tf.split(x, [1, 2], 1)))
check('BroadcastTo', [[2, 1]], lambda x: tf.broadcast_to(x, [2, 2, 3]))
check('Tile', [[2, 1]], lambda x: tf.tile(x, [2, 3]))
for name in ['DynamicStitch', 'ParallelDynamicStitch']:
    check(name, [[2], [2]], lambda x, y, name=name: getattr(raw, name)(indices=[[2, 0], [1, 3]], data=[x, y]))
check('DynamicPartition', [[4, 2]],
      lambda x: (lambda a, b: a[:2] * a[:2] * tf.reduce_sum(b))(*tf.dynamic_partition(x, [0, 1, 1, 0], 2)))
check('Slice', [[3, 3]], lambda x: tf.slice(x, [1, 0], [2, 2]))
check('StridedSlice', [[3, 3]], lambda x: x[::-2, 1, tf.newaxis])
check('StridedSliceGrad', [[2, 1]], lambda x: raw.StridedSliceGrad(
    shape=[3, 3], begin=[0, 1], end=[3, 2], strides=[2, 1], dy=x))
check('Pad', [[2, 2]], lambda x: tf.pad(x, [[1, 0], [0, 2]]))
check('PadV2', [[2, 2]], lambda x: tf.pad(x, [[1, 0], [0, 2]], constant_values=.5))
for mode in ['REFLECT', 'SYMMETRIC']:
    check('MirrorPad', [[2, 3]], lambda x, mode=mode: tf.pad(x, [[1, 1], [0, 2]], mode))
    check('MirrorPadGrad', [[4, 5]], lambda x, mode=mode: raw.MirrorPadGrad(input=x, paddings=[[1, 1], [0, 2]],
                                                                            mode=mode))
check('Gather', [[3, 2]], lambda x: raw.Gather(params=x, indices=[2, 0, 2]))
check('GatherV2', [[3, 2]], lambda x: tf.gather(x, [2, 0, 2]))
check('GatherV2', [[2, 3, 2]], lambda x: tf.gather(x, [2, 0, 2], axis=1))
check('GatherNd', [[3, 2]], lambda x: tf.gather_nd(x, [[2, 1], [0, 0], [2, 1]]))
check('ScatterNd', [[2, 2]], lambda x: tf.scatter_nd([[2], [0]], x, [3, 2]))
for name in ['TensorScatterUpdate', 'TensorScatterAdd', 'TensorScatterSub']:
    check(name, [[3, 2], [2, 2]], lambda x, y, name=name: getattr(raw, name)(tensor=x, indices=[[2], [0]], updates=y))
check('ScatterNdNonAliasingAdd', [[3, 2], [2, 2]],
      lambda x, y: raw.ScatterNdNonAliasingAdd(input=x, indices=[[2], [2]], updates=y))
for name in ['Select', 'SelectV2']:
    check(name, [[2, 2], [2, 2]],
          lambda x, y, name=name: getattr(raw, name)(condition=[[True, False], [False, True]], t=x, e=y))
check('SelectV2', [[2, 1], [2]], lambda x, y: raw.SelectV2(condition=[[True, False], [False, True]], t=x, e=y))
check('Diag', [[3]])
check('DiagPart', [[3, 3]])
check('MatrixDiag', [[2, 2]])
check('MatrixDiagPart', [[2, 2, 2]])
check('MatrixDiagPart', [[2, 3]])
check('MatrixSetDiag', [[2, 2, 2], [2, 2]])
check('MatrixBandPart', [[3, 3]], lambda x: tf.matrix_band_part(x, 1, 0))
check('Reverse', [[2, 3]], lambda x: raw.Reverse(tensor=x, dims=[False, True]))
check('ReverseV2', [[2, 3]], lambda x: tf.reverse(x, [1]))
check('ReverseSequence', [[2, 3]], lambda x: tf.reverse_sequence(x, [2, 3], seq_axis=1, batch_axis=0))
check('Roll', [[2, 3]], lambda x: tf.roll(x, [1, 2], [0, 1]))
check('SpaceToBatchND', [[1, 2, 3, 1]], lambda x: tf.space_to_batch_nd(x, [2, 2], [[0, 0], [0, 1]]))
check('BatchToSpaceND', [[4, 1, 2, 1]], lambda x: tf.batch_to_space_nd(x, [2, 2], [[0, 0], [0, 1]]))
check('SpaceToBatch', [[1, 2, 3, 1]], lambda x: raw.SpaceToBatch(input=x, paddings=[[0, 0], [0, 1]], block_size=2))
check('BatchToSpace', [[4, 1, 2, 1]], lambda x: raw.BatchToSpace(input=x, crops=[[0, 0], [0, 1]], block_size=2))
check('SpaceToDepth', [[1, 2, 4, 1]], lambda x: tf.space_to_depth(x, 2))
check('DepthToSpace', [[1, 1, 2, 4]], lambda x: tf.depth_to_space(x, 2))
check('ExtractImagePatches', [[1, 3, 4, 1]], lambda x: tf.image.extract_image_patches(
    x, [1, 2, 2, 1], [1, 1, 2, 1], [1, 1, 1, 1], 'SAME'))
check('SparseToDense', [[2], []], lambda x, y: raw.SparseToDense(
    sparse_indices=[[0, 1], [2, 0]], output_shape=[3, 2], sparse_values=x, default_value=y))

# math
check('AddN', [[2], [2], [2]], lambda *xs: tf.add_n(xs))
check('AccumulateNV2', [[2], [2], [2]], lambda *xs: tf.accumulate_n(xs))
check('Cast', [[2, 2]], lambda x: tf.cast(x, tf.complex128))
check('Complex', [[2], [2]], lambda x, y: tf.complex(x, y))
for name in ['Real', 'Imag', 'Angle', 'ComplexAbs']:
    check(name, [complex_values(3)], Tout=tf.float64)
check('Conj', [complex_values(3)])
for name in ['Add', 'AddV2', 'Sub', 'Mul', 'MulNoNan', 'SquaredDifference', 'RealDiv', 'Div', 'DivNoNan', 'FloorMod', 'Pow',
             'Xlogy', 'Xdivy', 'Maximum', 'Minimum']:
    check(name, [[2, 1], [2]])
    check(name, [[3], [3]], low=.3)
for name in ['Atan2', 'NextAfter']:
    check(name, [[3], [3]])
for name in ['Square', 'Sqrt', 'Rsqrt', 'Reciprocal', 'Inv', 'Exp', 'Expm1', 'Log', 'Log1p', 'Sigmoid', 'Tanh', 'Neg',
             'Sin', 'Cos', 'Tan', 'Asin', 'Acos', 'Atanh', 'Atan', 'Sinh', 'Cosh', 'Asinh', 'Erf', 'Erfc', 'Lgamma', 'Digamma',
             'BesselI0e', 'BesselI1e', 'Softplus', 'Softsign']:
    check(name, [[3]])
check('Acosh', [[3]], low=1.2, high=3.)
for name in ['Abs', 'Relu', 'Elu', 'Selu', 'LeakyRelu']:
    check(name, [[4]], low=-1.)
check('Relu6', [[7]], low=-3., high=9.)
check('Swish', [[3]], lambda x: tf.nn.swish(x))
for name in ['SqrtGrad', 'RsqrtGrad', 'ReciprocalGrad', 'InvGrad', 'SigmoidGrad', 'TanhGrad', 'SoftplusGrad']:
    check(name, [[3], [3]])
for name in ['ReluGrad', 'LeakyReluGrad', 'EluGrad', 'SeluGrad']:
    check(name, [[3], values([4], -1.)[:3]])
check('Relu6Grad', [[7], values([7], -3., 9.)])
for name in ['Igamma', 'Igammac']:
    check(name, [[3], [3]], low=.5, high=2.)
check('Polygamma', [[3]], lambda x: tf.polygamma(np.array([1., 2., 3.]), x), low=1., high=2.)
check('Zeta', [[3]], lambda x: tf.zeta(np.array([2., 3.5, 5.]), x), low=1., high=2.)
check('Betainc', [[3]], lambda x: tf.betainc(np.array([.5, 1., 2.]), np.array([2., 1., .7]), x))
for name in ['Sum', 'Mean', 'Max', 'Min', 'Prod']:
    check(name, [[2, 3]], lambda x, name=name: getattr(raw, name)(input=x, axis=[1], keep_dims=False))
    check(name, [[2, 2]], lambda x, name=name: getattr(raw, name)(input=x, axis=[0, 1], keep_dims=True))
for name in ['Cumsum', 'Cumprod']:
    for exclusive, reverse in [(False, False), (True, False), (False, True)]:
        check(name, [[2, 3]], lambda x, name=name, e=exclusive, r=reverse: getattr(raw, name)(
            x=x, axis=1, exclusive=e, reverse=r))
check('CumulativeLogsumexp', [[2, 3]], lambda x: raw.CumulativeLogsumexp(x=x, axis=1))
for name in ['SegmentSum', 'SegmentMean', 'SegmentMax', 'SegmentMin']:
    check(name, [[3, 2]], lambda x, name=name: getattr(raw, name)(data=x, segment_ids=[0, 0, 1]))
for name in ['Sum', 'Max', 'Min', 'Prod']:
    check('UnsortedSegment' + name, [[3, 2]], lambda x, name=name: getattr(raw, 'UnsortedSegment' + name)(
        data=x, segment_ids=[2, 0, 2], num_segments=4))
for name in ['SparseSegmentSum', 'SparseSegmentMean', 'SparseSegmentSqrtN']:
    check(name, [[3, 2]], lambda x, name=name: getattr(raw, name)(data=x, indices=[2, 0, 2], segment_ids=[0, 0, 1]))
    name += 'WithNumSegments'
    check(name, [[3, 2]], lambda x, name=name: getattr(raw, name)(
        data=x, indices=[2, 0, 2], segment_ids=[0, 0, 2], num_segments=4))
check('L2Loss', [[2, 2]])

# linear algebra
for a in (False, True):
    for b in (False, True):
        check('MatMul', [[3, 2] if a else [2, 3], [2, 3] if b else [3, 2]], transpose_a=a, transpose_b=b)
        check('BatchMatMul', [[2, 2, 1] if a else [2, 1, 2], [2, 2, 2]], adj_x=a, adj_y=b)
        check('BatchMatMulV2', [[2, 1] if a else [1, 2], [2, 2, 2]], adj_x=a, adj_y=b)
check('SparseMatMul', [[2, 3], [3, 2]], dtype=np.float32)
check('Cross', [[2, 3], [2, 3]])
check('MatrixInverse', [square(2, 2)])
check('MatrixDeterminant', [square(2, 2, 2)])
check('LogMatrixDeterminant', [square(2, 2)], lambda x: tf.linalg.slogdet(x)[1])
check('MatrixSolve', [square(2, 2), [2, 1]])
check('MatrixSolve', [square(2, 2), [2, 1]], adjoint=True)
check('MatrixTriangularSolve', [square(2, 2), [2, 1]])
check('MatrixTriangularSolve', [square(2, 2), [2, 1]], lower=False, adjoint=True)
check('Cholesky', [square(2, 2)], lambda x: tf.cholesky(x + tf.transpose(x)))
check('Qr', [values([3, 2]) + np.eye(3, 2)], lambda x: tf.concat(tf.qr(x), 0))
check('Svd', [square(2, 2)], lambda x: tf.svd(x, compute_uv=False))
check('Svd', [square(2, 2)], lambda x: (lambda s, u, v: tf.concat([tf.abs(u), tf.abs(v), s[None]], 0))(*tf.svd(x)))
check('SelfAdjointEigV2', [square(2, 2)], lambda x: tf.self_adjoint_eigvals(x + tf.transpose(x)))
check('SelfAdjointEigV2', [square(2, 2)],
      lambda x: (lambda e, v: tf.concat([e[None], tf.abs(v)], 0))(*tf.self_adjoint_eig(x + tf.transpose(x))))
check('MatrixSquareRoot', [square(2, 2)])
for name, shape in [('FFT', [4]), ('FFT2D', [2, 3]), ('FFT3D', [2, 2, 2])]:
    check(name, [complex_values(*shape)])
    check('I' + name, [complex_values(*shape)])
check('RFFT', [[4]], lambda x: tf.spectral.rfft(x, [4]), dtype=np.float32)
check('IRFFT', [[3]], lambda x: tf.spectral.irfft(tf.complex(x, x * x), [4]), dtype=np.float32)
check('RFFT2D', [[2, 4]], lambda x: tf.spectral.rfft2d(x, [2, 4]), dtype=np.float32)
check('IRFFT2D', [[2, 3]], lambda x: tf.spectral.irfft2d(tf.complex(x, x * x), [2, 4]), dtype=np.float32)

# nn
for name in ['Softmax', 'LogSoftmax']:
    check(name, [[2, 3]])
check('SoftmaxCrossEntropyWithLogits', [[2, 3], np.array([[.2, .5, .3], [0., .9, .1]])],
      lambda x, y: raw.SoftmaxCrossEntropyWithLogits(features=x, labels=y)[0])
check('SparseSoftmaxCrossEntropyWithLogits', [[2, 3]], lambda x: raw.SparseSoftmaxCrossEntropyWithLogits(
    features=x, labels=[2, 0])[0])
check('LRN', [[1, 1, 2, 3]], dtype=np.float32, depth_radius=1)
check('BiasAdd', [[2, 3], [3]])
check('BiasAdd', [[1, 2, 1, 2], [2]], data_format='NCHW')
check('BiasAddV1', [[2, 3], [3]])
check('BiasAddGrad', [[2, 3]])
check('BiasAddGrad', [[1, 2, 1, 2]], data_format='NCHW')


def batch_norm(version, training):
    def forward(x, scale, offset):
        moments = {'mean': [], 'variance': []} if training else {'mean': [.1, .2], 'variance': [.5, .8]}
        return getattr(raw, 'FusedBatchNorm' + version)(
            x=x, scale=scale, offset=offset, epsilon=.1, is_training=training,
            **{k: np.array(v, np.float32) for k, v in moments.items()})

    def backward(x, scale, dy):
        y = forward(x, scale, np.array([.1, .2], np.float32))[0]
        found = tf.gradients(y, [x, scale], dy)
        return tf.concat([tf.reshape(g, [-1]) for g in found], 0)
    shapes = [[2, 1, 2, 2], [2]]
    check('FusedBatchNorm' + version, shapes + [[2]], lambda *xs: forward(*xs)[0], dtype=np.float32)
    check('FusedBatchNormGrad' + version, shapes + [[2, 1, 2, 2]], backward, dtype=np.float32)


for version in ['', 'V2', 'V3']:
    for training in (True, False):
        batch_norm(version, training)

two = dict(strides=[1, 1, 2, 1], padding='SAME')
deep = dict(strides=[1, 1, 1, 2, 1], padding='SAME')
check('Conv2D', [[1, 2, 3, 2], [2, 2, 2, 1]], **two)
check('Conv2DBackpropInput', [[2, 2, 2, 1], [1, 2, 2, 1]], lambda f, y: raw.Conv2DBackpropInput(
    input_sizes=[1, 2, 3, 2], filter=f, out_backprop=y, **two))
check('Conv2DBackpropFilter', [[1, 2, 3, 2], [1, 2, 2, 1]], lambda x, y: raw.Conv2DBackpropFilter(
    input=x, filter_sizes=[2, 2, 2, 1], out_backprop=y, **two))
check('Conv3D', [[1, 1, 2, 3, 1], [1, 2, 2, 1, 2]], **deep)
check('Conv3DBackpropInputV2', [[1, 2, 2, 1, 2], [1, 1, 2, 2, 2]], lambda f, y: raw.Conv3DBackpropInputV2(
    input_sizes=[1, 1, 2, 3, 1], filter=f, out_backprop=y, **deep))
check('Conv3DBackpropFilterV2', [[1, 1, 2, 3, 1], [1, 1, 2, 2, 2]], lambda x, y: raw.Conv3DBackpropFilterV2(
    input=x, filter_sizes=[1, 2, 2, 1, 2], out_backprop=y, **deep))
check('DepthwiseConv2dNative', [[1, 3, 3, 2], [2, 2, 2, 1]], strides=[1, 1, 1, 1], padding='SAME')
check('DepthwiseConv2dNativeBackpropInput', [[2, 2, 2, 1], [1, 3, 3, 2]],
      lambda f, y: raw.DepthwiseConv2dNativeBackpropInput(
          input_sizes=[1, 3, 3, 2], filter=f, out_backprop=y, strides=[1, 1, 1, 1], padding='SAME'))
check('DepthwiseConv2dNativeBackpropFilter', [[1, 3, 3, 2], [1, 3, 3, 2]],
      lambda x, y: raw.DepthwiseConv2dNativeBackpropFilter(
          input=x, filter_sizes=[2, 2, 2, 1], out_backprop=y, strides=[1, 1, 1, 1], padding='SAME'))
check('Dilation2D', [[1, 3, 3, 1], [2, 2, 1]], strides=[1, 1, 1, 1], rates=[1, 1, 1, 1], padding='SAME')
pool = dict(ksize=[1, 2, 2, 1], **two)
pool3 = dict(ksize=[1, 1, 2, 2, 1], **deep)
check('AvgPool', [[1, 2, 3, 1]], **pool)
check('AvgPool3D', [[1, 1, 2, 3, 1]], **pool3)
check('AvgPoolGrad', [[1, 2, 2, 1]], lambda x: raw.AvgPoolGrad(orig_input_shape=[1, 2, 3, 1], grad=x, **pool))
check('AvgPool3DGrad', [[1, 1, 2, 2, 1]], lambda x: raw.AvgPool3DGrad(
    orig_input_shape=[1, 1, 2, 3, 1], grad=x, **pool3))
check('MaxPool', [[1, 2, 3, 1]], **pool)
check('MaxPool3D', [[1, 1, 2, 3, 1]], dtype=np.float32, **pool3)
v2 = dict(ksize=pool['ksize'], strides=pool['strides'], padding='SAME')
check('MaxPoolV2', [[1, 2, 3, 1]], lambda x: raw.MaxPoolV2(input=x, **v2))
check('MaxPoolWithArgmax', [[1, 2, 3, 1]], lambda x: raw.MaxPoolWithArgmax(input=x, **pool)[0])


def pooled(x):
    x = tf.constant(x)
    return dict(orig_input=x, orig_output=tf.nn.max_pool(x, pool['ksize'], pool['strides'], 'SAME'))


image, gained, passed = values([1, 2, 3, 1]), [1, 2, 2, 1], [1, 2, 3, 1]
cube = values([1, 1, 2, 3, 1], dtype=np.float32)
check('MaxPoolGrad', [gained], lambda g: raw.MaxPoolGrad(
    grad=g, **pooled(image), **pool))
check('MaxPoolGradV2', [gained], lambda g: raw.MaxPoolGradV2(
    grad=g, **pooled(image), **v2))
check('MaxPoolGradGrad', [passed], lambda g: raw.MaxPoolGradGrad(
    grad=g, **pooled(image), **pool))
check('MaxPoolGradGradV2', [passed], lambda g: raw.MaxPoolGradGradV2(
    grad=g, **pooled(image), **v2))
check('MaxPool3DGrad', [[1, 1, 2, 2, 1]], lambda g: raw.MaxPool3DGrad(
    orig_input=cube, orig_output=raw.MaxPool3D(input=cube, **pool3), grad=g, **pool3), dtype=np.float32)
check('MaxPool3DGradGrad', [[1, 1, 2, 3, 1]], lambda g: raw.MaxPool3DGradGrad(
    orig_input=cube, orig_output=raw.MaxPool3D(input=cube, **pool3), grad=g, **pool3), dtype=np.float32)
check('TopK', [[2, 3]], lambda x: raw.TopK(input=x, k=2)[0])
check('TopKV2', [[2, 3]], lambda x: tf.nn.top_k(x, 2)[0])
check('NthElement', [[2, 3]], lambda x: raw.NthElement(input=x, n=1))

# control flow, printing, Python
for name in ['Switch', 'Merge']:
    check(name, [[2]], lambda x: tf.cond(tf.placeholder_with_default(True, []), lambda: x * x, lambda: x * 3.))
for name in ['Enter', 'Exit', 'NextIteration', 'Switch', 'Merge']:
    check(name, [[2]], lambda x: tf.while_loop(lambda i, y: i < 3, lambda i, y: (i + 1, y * x), [0, x])[1])
check('Print', [[2]], lambda x: tf.Print(x * x, [], first_n=0))
for name in ['Write', 'Read']:
    check('TensorArray%sV3' % name, [[2], [2]], lambda x, y: (lambda a: a.read(0) * a.read(1))(
        tf.TensorArray(x.dtype, 2, clear_after_read=False).write(0, x).write(1, y)))
for name in ['Scatter', 'Gather']:
    check('TensorArray%sV3' % name, [[3, 2]], lambda x: tf.TensorArray(x.dtype, 3).unstack(x).gather([2, 0]))
for name in ['Split', 'Concat']:
    check('TensorArray%sV3' % name, [[3, 2]], lambda x: tf.TensorArray(x.dtype, 2, infer_shape=False).split(
        x, [1, 2]).concat())

# sparse
PLACES = [[0, 1], [2, 0], [2, 1]]


def sparse(x):
    return tf.SparseTensor(PLACES, x, [3, 2])


check('PlaceholderWithDefault', [[2]], lambda x: tf.placeholder_with_default(x, [2]) * 2.)
check('SparseReorder', [[3]], lambda x: tf.sparse_reorder(tf.SparseTensor(PLACES[::-1], x, [3, 2])).values)
check('SparseAdd', [[3], [2]], lambda x, y: tf.sparse_add(
    sparse(x), tf.SparseTensor([[0, 0], [2, 0]], y, [3, 2])).values)
check('SparseTensorDenseAdd', [[3], [3, 2]], lambda x, y: tf.sparse_add(sparse(x), y))
check('SparseFillEmptyRows', [[3], []], lambda x, y: tf.sparse_fill_empty_rows(sparse(x), y)[0].values)
for a in (False, True):
    for b in (False, True):
        check('SparseTensorDenseMatMul', [[3], [2, 3 if a else 2] if b else [3 if a else 2, 2]],
              lambda x, y, a=a, b=b: tf.sparse_tensor_dense_matmul(sparse(x), y, a, b))
for name in ['SparseDenseCwiseMul', 'SparseDenseCwiseDiv']:
    check(name, [[3]], lambda x, name=name: getattr(raw, name)(
        sp_indices=PLACES, sp_values=x, sp_shape=[3, 2], dense=values([3, 2])))


def graph_of(name, number):
    """A graph with the check in it: the inputs, the output and the nodes of the op."""
    function, arrays = CHECKS[name][number]
    graph = tf.Graph()
    with graph.as_default():
        inputs = [tf.constant(a) for a in arrays]
        y = function(*inputs)
        nodes = [n for n in graph.get_operations() if n.type == name]
    return graph, inputs, arrays, y, nodes


EVERY = [(name, k) for name, checks in CHECKS.items() for k in range(len(checks))]


@pytest.mark.parametrize('name,number', EVERY, ids=['%s-%d' % c for c in EVERY])
def test_gradient(name, number):
    graph, inputs, arrays, y, nodes = graph_of(name, number)
    assert nodes or name not in registry.OPS, f'the check makes no {name}'
    single = any(a.dtype in (np.float32, np.complex64) for a in arrays) or y.dtype in (tf.float32, tf.complex64)
    delta, most = (1e-2, 5e-3) if single else (1e-4, 1e-5)
    with tf.Session(graph=graph):
        shape = list(y.eval().shape)
        for x, array in zip(inputs, arrays):
            error = tf.test.compute_gradient_error(x, list(array.shape), y, shape, array, delta)
            assert error < most, f'by input {inputs.index(x)}: {error}'


@pytest.mark.parametrize('name', sorted(CHECKS))
def test_every_input_with_a_gradient_is_checked(name):
    """An input the gradient function answers for must be one that the check differentiates by, or follow from one."""
    for number in range(len(CHECKS[name])):
        graph, inputs, _, y, nodes = graph_of(name, number)
        if not nodes or name in ENTANGLED:
            continue
        with graph.as_default():
            node = nodes[0]
            grads = registry.GRADIENTS[name](node, *[tf.ones(tf.shape(t), t.dtype) for t in node.outputs])
        grads = grads if isinstance(grads, (list, tuple)) else [grads]
        for i, (t, grad) in enumerate(zip(node.inputs, grads)):
            if grad is not None and (t.dtype.is_floating or t.dtype.is_complex):
                assert depends(t, inputs), f'no check differentiates by input {i}'


# Ops whose gradient needs what surrounds them; those that answer zero for the pooled numbers they compare.
ENTANGLED = {name for name in CHECKS if name.startswith(('TensorArray', 'MaxPoolGrad', 'MaxPool3DGrad'))}
ENTANGLED |= {'FusedBatchNorm' + version for version in ['', 'V2', 'V3']}     # fixed mean and variance
ENTANGLED |= {'Enter', 'Exit', 'NextIteration', 'Switch', 'Merge'}


def depends(tensor, inputs):
    seen, waiting = set(), [tensor]
    while waiting:
        t = waiting.pop()
        if any(t is x for x in inputs):
            return True
        if t not in seen:
            seen.add(t)
            waiting.extend(t.op.inputs)
    return False


@pytest.mark.parametrize('name', STEPS)
def test_no_gradient_of_steps(name):
    with tf.Graph().as_default():
        inputs = [tf.constant(values([3], .1, 3., seed=k)) for k in range(len(registry.OPS[name].inputs))]
        found = tf.gradients(getattr(raw, name)(*inputs), inputs)
        with tf.Session() as session:
            assert all(g is None or not session.run(g).any() for g in found)


def test_prevent_gradient():
    with tf.Graph().as_default():
        x = tf.constant(1.)
        with pytest.raises(LookupError, match='explicitly disabled'):
            tf.gradients(raw.PreventGradient(input=x, message='no'), x)


READS = {
    'ReadVariableOp': lambda v: v.read_value() * v.read_value(),
    'ResourceGather': lambda v: tf.square(tf.gather(v, [2, 0, 2])),
    'ResourceGatherNd': lambda v: tf.square(v.gather_nd([[2, 1], [0, 0], [2, 1]])),
}


@pytest.mark.parametrize('name', sorted(READS))
def test_gradient_of_reading(name):
    """By the elements of a resource variable, which cannot be fed: it is assigned instead."""
    start, step = values([3, 2]), 1e-4
    with tf.Graph().as_default() as graph, tf.Session() as session:
        v = tf.Variable(start, use_resource=True)
        y = READS[name](v)
        assert name in [n.type for n in graph.get_operations()]
        y = tf.reduce_sum(y * tf.constant(values(y.shape.as_list(), seed=3)))
        grad = tf.convert_to_tensor(tf.gradients(y, v)[0])
        session.run(v.initializer)
        symbolic, numeric = session.run(grad), np.zeros_like(start)
        for at in np.ndindex(*start.shape):
            for sign in (1, -1):
                moved = start.copy()
                moved[at] += sign * step
                v.load(moved, session)
                numeric[at] += sign * session.run(y) / (2 * step)
    np.testing.assert_allclose(symbolic, numeric, atol=1e-6)


def test_gradient_of_random_gamma():
    """A sample of the gamma distribution moves with alpha so that its rank stays: P(alpha, x) is constant."""
    with tf.Graph().as_default(), tf.Session() as session:
        alpha, step = tf.constant(values([4], .5, 3.)), 1e-5
        x = tf.random_gamma([], alpha, dtype=tf.float64, seed=1)
        rank = lambda a, b: tf.igamma(alpha + a * step, x + b * step)
        wanted = -(rank(1, 0) - rank(-1, 0)) / (rank(0, 1) - rank(0, -1))
        found, wanted = session.run([tf.gradients(x, alpha)[0], wanted])
    np.testing.assert_allclose(found, wanted, rtol=1e-4)


def test_no_gradient_is_left_out():
    checked = {*CHECKS, *STEPS, *READS, 'PreventGradient', 'RandomGamma'}
    shared = {name for name, other in SHARED.items() if registry.GRADIENTS[name] is registry.GRADIENTS[other]}
    named = {name for name, f in registry.GRADIENTS.items() if f is not None and name in {*registry.OPS, *CHECKS}}
    assert sorted(named - checked - shared) == []
