"""tf.nn at large: the modules of the family, and the small functions that belong to none of them."""
from graphflow.framework import convert, dtypes
from graphflow.framework.apply import apply
from graphflow.framework.export import PUBLIC, export
from graphflow.framework.registry import gradient, op
from graphflow.framework.scopes import name_scope
from graphflow.framework.shape_rules import scalar
from graphflow.ops import array, fill, reduce
from graphflow.ops.activation import crelu, elu, leaky_relu, relu, relu6, selu, softplus, softsign, swish  # noqa: F401
from graphflow.ops.batch_norm import fused_batch_norm, local_response_normalization  # noqa: F401
from graphflow.ops.bias import bias_add, relu_layer, xw_plus_b  # noqa: F401
from graphflow.ops.cast import cast
from graphflow.ops.conv import (conv1d, conv1d_transpose, conv2d, conv2d_backprop_filter,  # noqa: F401
                                conv2d_backprop_input, conv2d_transpose, conv3d, conv3d_transpose)
from graphflow.ops.convolution import atrous_conv2d, convolution, pool, with_space_to_batch  # noqa: F401
from graphflow.ops.depthwise_conv import (depthwise_conv2d, depthwise_conv2d_native,  # noqa: F401
                                          separable_conv2d)
from graphflow.ops.dilation import dilation2d, erosion2d  # noqa: F401
from graphflow.ops.dropout import dropout, dropout_by_rate  # noqa: F401
from graphflow.ops.embedding import embedding_lookup  # noqa: F401
from graphflow.ops.moments import (batch_norm_with_global_normalization, batch_normalization, moments,  # noqa: F401
                                   normalize_moments, sufficient_statistics, weighted_moments)
from graphflow.ops.pool import (avg_pool, avg_pool1d, avg_pool3d, avg_pool_v2, max_pool, max_pool1d,  # noqa: F401
                                max_pool2d, max_pool3d, max_pool_v2, max_pool_with_argmax)
from graphflow.ops.sampled_loss import nce_loss, sampled_softmax_loss  # noqa: F401
from graphflow.ops.softmax import (log_poisson_loss, log_softmax, sigmoid_cross_entropy_with_logits,  # noqa: F401
                                   softmax, softmax_cross_entropy_with_logits, softmax_cross_entropy_with_logits_v2,
                                   sparse_softmax_cross_entropy_with_logits, weighted_cross_entropy_with_logits)
from graphflow.ops.top_k import in_top_k, nth_element, top_k  # noqa: F401
from graphflow.util.deprecation import deprecated_args, deprecated_argument_lookup

op('L2Loss', 't:T -> output:T', 'T:type{half,bfloat16,float,double}', shape=scalar)


@gradient('L2Loss')
def _(op, grad):
    return op.inputs[0] * grad


@export('nn.l2_loss')
def l2_loss(t, name=None):
    """sum(t ** 2) / 2, the usual penalty on weights.

    Args:
      t: a Tensor of floats.
      name: name of the node.

    Returns: a scalar of the dtype of `t`.
    """
    return apply('L2Loss', t, name=name)


@export('nn.l2_normalize', 'math.l2_normalize', 'linalg.l2_normalize')
@deprecated_args(None, 'dim is deprecated, use axis instead', 'dim')
def l2_normalize(x, axis=None, epsilon=1e-12, name=None, dim=None):
    """x / sqrt(max(sum(x ** 2), epsilon)), the sum taken along `axis`.

    Args:
      x: a Tensor of floats.
      axis: the dimension or list of dimensions along which to sum; all by default.
      epsilon: the least sum of squares to divide by.
      name: name of the last node; 'l2_normalize' by default.
      dim: the former name of `axis`.

    Returns: a Tensor like `x`.
    """
    axis = deprecated_argument_lookup('axis', axis, 'dim', dim)
    with name_scope(name, 'l2_normalize', [x]) as name:
        x = convert.to_tensor(x, name='x')
        square_sum = reduce.reduce_sum(apply('Square', x), axis, keepdims=True)
        return apply('Mul', x, apply('Rsqrt', apply('Maximum', square_sum, epsilon)), name=name)


@export('nn.zero_fraction', 'math.zero_fraction')
def zero_fraction(value, name=None):
    """The share of zeros among the elements of `value`.

    Args:
      value: a Tensor of numbers.
      name: name of the scope of the nodes.

    Returns: a float32 scalar; NaN for no elements.
    """
    with name_scope(name, 'zero_fraction', [value]):
        value = convert.to_tensor(value, name='value')
        size = array.size(value, out_type=dtypes.int64)
        # int32 counts faster, as long as it can.
        nonzero = PUBLIC['cond'](
            size <= dtypes.int32.max,
            true_fn=lambda: cast(_count_nonzero(value, dtypes.int32), dtypes.int64),
            false_fn=lambda: _count_nonzero(value, dtypes.int64))
        with name_scope('counts_to_fraction'):
            zeros = cast(size - nonzero, dtypes.float32)
            fraction = zeros / cast(size, dtypes.float32)
        return array.identity(fraction, 'fraction')


def _count_nonzero(value, dtype):
    """Counts in `dtype` itself, unlike tf.count_nonzero, which counts in int64."""
    with name_scope('count_nonzero'):
        found = apply('NotEqual', value, fill.zeros([], dtype=value.dtype))
        return reduce.reduce_sum(cast(found, dtype), name='nonzero_count')
