"""Batch normalization as one op, its gradients, and local response normalization."""
import collections

from graphflow.framework import convert, dtypes, registry, tensor_shape
from graphflow.framework.apply import apply
from graphflow.framework.export import export
from graphflow.framework.registry import gradient, op
from graphflow.framework.shape_rules import merge, merge_dims
from graphflow.framework.tensor_shape import TensorShape
from graphflow.ops import array
from graphflow.ops.cast import cast
from graphflow.ops.constant import constant
from graphflow.ops.math import add_n
from graphflow.ops.reduce import reduce_mean, reduce_sum
from graphflow.ops.window import channel_axis

_ATTRS = "epsilon:float=9.999999747378752e-05; data_format:string='NHWC'{'NHWC','NCHW'}; is_training:bool=True"
_T, _TU = 'T:type{float}; ', 'T:type{half,bfloat16,float}; U:type{float}; '


def _normalized(c):
    """Shapes of y, mean, variance and what is reserved for the gradient."""
    dims = c.rank(0, 4).as_list()
    axis = channel_axis(c.attr('data_format'), 4)
    for i in range(1, 3 if c.attr('is_training') else 5):
        dims[axis] = merge_dims(dims[axis], c.rank(i, 1).as_list()[0])
    channel = TensorShape([dims[axis]])
    return [TensorShape(dims)] + [channel] * 4 + [tensor_shape.unknown_shape()] * (c.num_outputs - 5)


def _normalized_grad(c):
    dims = merge(c.rank(0, 4), c.rank(1, 4)).as_list()
    axis = channel_axis(c.attr('data_format'), 4)
    for i in range(2, 5):
        dims[axis] = merge_dims(dims[axis], c.rank(i, 1).as_list()[0])
    channel = TensorShape([dims[axis]])
    reserved = TensorShape([0]) if c.attr('is_training') else channel
    return [TensorShape(dims), channel, channel, reserved, reserved]


_OUT = 'batch_mean:{0}, batch_variance:{0}, reserve_space_1:{0}, reserve_space_2:{0}'
_IN = 'scale:{0}, offset:{0}, mean:{0}, variance:{0}'
op('FusedBatchNorm', f'x:T, {_IN.format("T")} -> y:T, {_OUT.format("T")}', _T + _ATTRS, shape=_normalized)
op('FusedBatchNormV2', f'x:T, {_IN.format("U")} -> y:T, {_OUT.format("U")}', _TU + _ATTRS, shape=_normalized)
op('FusedBatchNormV3', f'x:T, {_IN.format("U")} -> y:T, {_OUT.format("U")}, reserve_space_3:U', _TU + _ATTRS,
   shape=_normalized)
op('FusedBatchNormGrad', 'y_backprop:T, x:T, scale:T, reserve_space_1:T, reserve_space_2:T -> '
   'x_backprop:T, scale_backprop:T, offset_backprop:T, reserve_space_3:T, reserve_space_4:T', _T + _ATTRS,
   shape=_normalized_grad)
op('FusedBatchNormGradV2', 'y_backprop:T, x:T, scale:float, reserve_space_1:U, reserve_space_2:U -> '
   'x_backprop:T, scale_backprop:U, offset_backprop:U, reserve_space_3:U, reserve_space_4:U', _TU + _ATTRS,
   shape=_normalized_grad)
op('FusedBatchNormGradV3', 'y_backprop:T, x:T, scale:float, reserve_space_1:U, reserve_space_2:U, reserve_space_3:U -> '
   'x_backprop:T, scale_backprop:U, offset_backprop:U, reserve_space_4:U, reserve_space_5:U', _TU + _ATTRS,
   shape=_normalized_grad)


@gradient('FusedBatchNorm', 'FusedBatchNormV2', 'FusedBatchNormV3')
def _(op, grad, *_):
    x, scale, _, mean, variance = op.inputs
    training = op.get_attr('is_training')
    reserved = list(op.outputs[3:5]) if training else [mean, variance]
    reserved += op.outputs[5:]
    name = op.type.replace('Norm', 'NormGrad')
    grads = apply(name, grad, x, scale, *reserved, epsilon=op.get_attr('epsilon'),
                  data_format=op.get_attr('data_format'), is_training=training)
    return list(grads) if training else list(grads[:3]) + [None, None]


@gradient('FusedBatchNormGrad', 'FusedBatchNormGradV2', 'FusedBatchNormGradV3')
def _(op, *grads):
    """The gradient is written out in elementary ops, which are then differentiated."""
    dy, x, scale = op.inputs[:3]
    training = op.get_attr('is_training')
    mean, variance = (None, None) if training else op.inputs[3:5]
    targets = _backprop(dy, x, scale, mean, variance, op.get_attr('epsilon'), op.get_attr('data_format'), training)
    to_dy, to_x, to_scale = _differentiate(targets, [dy, x, scale], grads[:3])
    return (to_dy, to_x, to_scale) + (None,) * (len(op.inputs) - 3)


def _backprop(dy, x, scale, mean, variance, epsilon, data_format, training):
    """Gradients of batch normalization by x, scale and offset, in elementary ops."""
    first = data_format == b'NCHW'
    dtype = x.dtype.base_dtype
    wide = dtypes.float32 if dtype == dtypes.float16 else dtype
    x, dy = cast(x, wide), cast(dy, wide)
    axes = [0, 2, 3] if first else [0, 1, 2]
    shape = [1, array.size(scale), 1, 1]

    def along(v):
        return array.reshape(v, shape) if first else v
    if training:
        scale = along(scale)
        mean_dy = reduce_mean(dy, axes, keepdims=first)
        mean_x = reduce_mean(x, axes, keepdims=first)
        var_x = reduce_mean(apply('SquaredDifference', x, array.stop_gradient(mean_x)), axes, keepdims=first)
        dy_centred, x_centred = dy - mean_dy, x - mean_x
        mean_product = reduce_mean(dy * x_centred, axes, keepdims=first)
        factor = scale * apply('Rsqrt', var_x + epsilon)
        slope = apply('Reciprocal', var_x + epsilon) * mean_product
        dx = factor * (dy_centred - slope * x_centred)
        d_scale = apply('Rsqrt', var_x + epsilon) * reduce_sum(dy * x_centred, axes, keepdims=first)
        if first:
            d_scale = array.squeeze(d_scale)
        return cast(dx, dtype), d_scale, reduce_sum(dy, axes)
    d_offset = reduce_sum(dy, axes)
    factor = apply('Rsqrt', along(variance) + epsilon)
    d_scale = reduce_sum(dy * (x - along(mean)) * factor, axes)
    dx = dy * along(scale) * factor
    return cast(dx, dtype), d_scale, d_offset


def _differentiate(ys, xs, grads):
    """Gradients of `ys` by `xs` like tf.gradients, but all nodes made directly in the current name scope."""
    found = collections.defaultdict(list)
    for y, grad in zip(ys, grads):
        found[y].append(grad)
    pending = collections.Counter()
    stack, seen = [y.op for y in ys], set()
    sources = set(xs)
    reached = {}

    def leads_to_source(op):
        if op not in reached:
            reached[op] = False
            if not op.type == 'StopGradient':
                reached[op] = any(t in sources or leads_to_source(t.op) for t in op._inputs)
        return reached[op]
    while stack:
        op = stack.pop()
        if op in seen or not leads_to_source(op):
            continue
        seen.add(op)
        for t in op._inputs:
            if t not in sources and leads_to_source(t.op):
                pending[t.op] += 1
                stack.append(t.op)
    queue = collections.deque(op for op in dict.fromkeys(y.op for y in ys) if op in seen and not pending[op])
    while queue:
        op = queue.popleft()
        grad = _sum(found[op.outputs[0]])
        results = registry.GRADIENTS[op.type](op, grad) if grad is not None else [None] * len(op._inputs)
        results = results if isinstance(results, (list, tuple)) else [results]
        for t, result in zip(op._inputs, results):
            if result is not None and (t in sources or t.op in seen):
                found[t].append(result)
        for t in op._inputs:
            if t not in sources and t.op in seen:
                pending[t.op] -= 1
                if not pending[t.op]:
                    queue.append(t.op)
    return [_sum(found[x]) for x in xs]


def _sum(grads):
    grads = [g for g in grads if g is not None]
    return None if not grads else grads[0] if len(grads) == 1 else add_n(grads)


_MIN_EPSILON = 1.001e-5     # the least that cuDNN takes, on every device


@export('nn.fused_batch_norm')
def fused_batch_norm(x, scale, offset, mean=None, variance=None, epsilon=0.001, data_format='NHWC', is_training=True,
                     name=None):
    """Batch normalization of images in one op; see `batch_normalization`.

    Args:
      x: a Tensor [batch, height, width, channels] of float32 or half, or as `data_format` says.
      scale, offset: Tensors [channels] of float32.
      mean, variance: Tensors [channels] of the population, for `is_training=False`; else None.
      epsilon: a small number added to the variance.
      data_format: 'NHWC' or 'NCHW'.
      is_training: whether to normalize with mean and variance of this batch.
      name: name of the node.

    Returns: (normalized x, mean, variance); the variance is that of a sample, divided by count - 1.

    Raises: ValueError if mean or variance are given for training.
    """
    x = convert.to_tensor(x, name='input')
    scale, offset = convert.to_tensor(scale, name='scale'), convert.to_tensor(offset, name='offset')
    if is_training and (mean is not None or variance is not None):
        raise ValueError("Both 'mean' and 'variance' must be None if is_training is True.")
    mean = constant([]) if mean is None else mean
    variance = constant([]) if variance is None else variance
    epsilon = epsilon if epsilon > _MIN_EPSILON else _MIN_EPSILON
    y, batch_mean, batch_variance, _, _, _ = apply(
        'FusedBatchNormV3', x, scale, offset, mean, variance, epsilon=epsilon, data_format=data_format,
        is_training=is_training, name=name)
    return y, batch_mean, batch_variance


_LRN = 'depth_radius:int=5; bias:float=1.0; alpha:float=1.0; beta:float=0.5; T:type=float{half,bfloat16,float}'
op('LRN', 'input:T -> output:T', _LRN, shape=lambda c: c.rank(0, 4))


@op('LRNGrad', 'input_grads:T, input_image:T, output_image:T -> output:T', _LRN)
def _(c):
    return merge(merge(c.rank(0, 4), c.rank(1, 4)), c.rank(2, 4))


@gradient('LRN')
def _(op, grad):
    attrs = {name: op.get_attr(name) for name in ('depth_radius', 'bias', 'alpha', 'beta')}
    return apply('LRNGrad', grad, op.inputs[0], op.outputs[0], **attrs)


@export('nn.local_response_normalization', 'nn.lrn')
def local_response_normalization(input, depth_radius=5, bias=1, alpha=1, beta=0.5, name=None):
    """input / (bias + alpha * s) ** beta, where s sums the squares of the channels at most `depth_radius` away.

    Args:
      input: a Tensor [batch, height, width, channels] of float32 or half.
      depth_radius: an int.
      bias, alpha, beta: numbers.
      name: name of the node.

    Returns: a Tensor like `input` (Krizhevsky et al., 2012).
    """
    return apply('LRN', input, depth_radius=depth_radius, bias=bias, alpha=alpha, beta=beta, name=name)
