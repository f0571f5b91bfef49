"""Means and variances of tensors, and normalization with them."""
import numpy as np

from graphflow.framework import convert, dtypes
from graphflow.framework.apply import apply
from graphflow.framework.export import export
from graphflow.framework.scopes import name_scope
from graphflow.ops import array, fill
from graphflow.ops.cast import cast
from graphflow.ops.constant import constant
from graphflow.ops.reduce import reduce_mean, reduce_prod, reduce_sum
from graphflow.util.deprecation import deprecated_argument_lookup


def _keep(keepdims, keep_dims):
    return bool(deprecated_argument_lookup('keepdims', keepdims, 'keep_dims', keep_dims))


@export('nn.moments')
def moments(x, axes, shift=None, name=None, keep_dims=None, keepdims=None):
    """Mean and variance of `x` along `axes`.

    Args:
      x: a Tensor of floats; of half precision, computed in float32.
      axes: the dimension or list of dimensions to average over.
      shift: not used.
      name: name of the scope of the nodes.
      keep_dims: the former name of `keepdims`.
      keepdims: whether the dimensions averaged over stay, with length 1.

    Returns: two Tensors of the dtype of `x`, (mean, variance).
    """
    keep = _keep(keepdims, keep_dims)
    with name_scope(name, 'moments', [x, axes]):
        x = convert.to_tensor(x)
        y = cast(x, dtypes.float32) if x.dtype == dtypes.float16 else x
        mean = reduce_mean(y, axes, keepdims=True, name='mean')
        distance = apply('SquaredDifference', y, array.stop_gradient(mean))
        variance = reduce_mean(distance, axes, keepdims=True, name='variance')
        if not keep:
            mean, variance = array.squeeze(mean, axes), array.squeeze(variance, axes)
        if x.dtype == dtypes.float16:
            return cast(mean, dtypes.float16), cast(variance, dtypes.float16)
        return mean, variance


@export('nn.weighted_moments')
def weighted_moments(x, axes, frequency_weights, name=None, keep_dims=None, keepdims=None):
    """Mean and variance of `x` along `axes`, each element counted as often as its weight says.

    Args:
      x: a Tensor of floats.
      axes: the dimension or list of dimensions to average over.
      frequency_weights: a Tensor that broadcasts against `x`.
      name, keep_dims, keepdims: as for `moments`.

    Returns: two Tensors of the dtype of `x`, (mean, variance).
    """
    keep = _keep(keepdims, keep_dims)
    with name_scope(name, 'weighted_moments', [x, frequency_weights, axes]):
        x = convert.to_tensor(x, name='x')
        weights = convert.to_tensor(frequency_weights, name='frequency_weights')
        halves = x.dtype == dtypes.float16
        if halves:
            x = cast(x, dtypes.float32)
        if weights.dtype != x.dtype:
            weights = cast(weights, x.dtype)
        total = reduce_sum(weights * x, axes, name='weighted_input_sum', keepdims=True)
        # The weights are summed at the shape they broadcast to.
        sum_of_weights = reduce_sum(weights + fill.zeros_like(x), axes, name='sum_of_weights', keepdims=True)
        divisor = apply('Reciprocal', sum_of_weights, name='inv_weight_sum')
        mean = apply('Mul', total, divisor)
        distance = weights * apply('SquaredDifference', x, mean)
        distance = reduce_sum(distance, axes, name='weighted_distsq', keepdims=True)
        variance = apply('Mul', distance, divisor)
        if not keep:
            mean, variance = array.squeeze(mean, axis=axes), array.squeeze(variance, axis=axes)
        if halves:
            mean, variance = cast(mean, dtypes.float16), cast(variance, dtypes.float16)
        return mean, variance


@export('nn.sufficient_statistics')
def sufficient_statistics(x, axes, shift=None, keep_dims=None, name=None, keepdims=None):
    """The sums from which `normalize_moments` computes mean and variance.

    Args:
      x: a Tensor of floats.
      axes: a list of dimensions to sum over.
      shift: a number near the mean that is subtracted first for accuracy, or None.
      keep_dims, name, keepdims: as for `moments`.

    Returns: (count of elements, sum, sum of squares, shift or None).
    """
    keep = _keep(keepdims, keep_dims)
    axes = list(set(axes))
    with name_scope(name, 'sufficient_statistics', [x, shift]):
        x = convert.to_tensor(x, name='x')
        dims = x.get_shape().as_list() if x.get_shape().ndims is not None else None
        if dims is not None and all(dims[a] is not None for a in axes):
            count = constant(int(np.prod([dims[a] for a in axes])), dtype=x.dtype)
        else:
            sizes = apply('GatherV2', cast(array.shape(x), x.dtype), axes, 0)
            count = reduce_prod(sizes, name='count')
        if shift is None:
            sums, squares = x, apply('Square', x)
        else:
            shift = convert.to_tensor(shift, name='shift')
            sums, squares = apply('Sub', x, shift), apply('SquaredDifference', x, shift)
        sums = reduce_sum(sums, axes, keepdims=keep, name='mean_ss')
        return count, sums, reduce_sum(squares, axes, keepdims=keep, name='var_ss'), shift


@export('nn.normalize_moments')
def normalize_moments(counts, mean_ss, variance_ss, shift, name=None):
    """(mean, variance) from what `sufficient_statistics` returns."""
    with name_scope(name, 'normalize', [counts, mean_ss, variance_ss, shift]):
        divisor = apply('Reciprocal', counts, name='divisor')
        if shift is None:
            mean = shifted_mean = apply('Mul', mean_ss, divisor, name='mean')
        else:
            shifted_mean = apply('Mul', mean_ss, divisor, name='shifted_mean')
            mean = apply('Add', shifted_mean, shift, name='mean')
        variance = apply('Sub', apply('Mul', variance_ss, divisor), apply('Square', shifted_mean), name='variance')
        return mean, variance


@export('nn.batch_normalization')
def batch_normalization(x, mean, variance, offset, scale, variance_epsilon, name=None):
    """(x - mean) / sqrt(variance + variance_epsilon) * scale + offset.

    Args:
      x: a Tensor of floats.
      mean, variance: Tensors that broadcast against `x`.
      offset, scale: Tensors that broadcast against `x`, or None.
      variance_epsilon: a small number that keeps the divisor from zero.
      name: name of the scope of the nodes.

    Returns: a Tensor like `x`.

    S. Ioffe, C. Szegedy, "Batch Normalization: Accelerating Deep Network Training by Reducing Internal Covariate
    Shift", 2015.
    """
    with name_scope(name, 'batchnorm', [x, mean, variance, scale, offset]):
        factor = apply('Rsqrt', variance + variance_epsilon)
        if scale is not None:
            factor *= scale
        # One multiplication and one addition at the size of x; the rest happens at that of the parameters.
        product = x * cast(factor, x.dtype)
        addend = offset - mean * factor if offset is not None else -mean * factor
        return product + cast(addend, x.dtype)


@export('nn.batch_norm_with_global_normalization')
def batch_norm_with_global_normalization(t=None, m=None, v=None, beta=None, gamma=None, variance_epsilon=None,
                                         scale_after_normalization=None, name=None, input=None, mean=None,
                                         variance=None):
    """`batch_normalization` under older names; scaled by `gamma` if `scale_after_normalization`."""
    t = deprecated_argument_lookup('input', input, 't', t)
    m = deprecated_argument_lookup('mean', mean, 'm', m)
    v = deprecated_argument_lookup('variance', variance, 'v', v)
    return batch_normalization(t, m, v, beta, gamma if scale_after_normalization else None, variance_epsilon, name)
