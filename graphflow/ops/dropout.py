"""Dropout."""
import numbers

from graphflow.framework import constant_value, convert, tensor_shape
from graphflow.framework.export import export
from graphflow.framework.scopes import name_scope
from graphflow.framework.tensor import Tensor
from graphflow.ops import array
from graphflow.ops.cast import cast
from graphflow.ops.random import random_uniform
from graphflow.platform import tf_logging
from graphflow.util.deprecation import deprecated_args, deprecated_argument_lookup


@export('nn.dropout')
@deprecated_args(None, 'Please use `rate` instead of `keep_prob`. Rate should be set to `rate = 1 - keep_prob`.',
                 'keep_prob')
def dropout(x, keep_prob=None, noise_shape=None, seed=None, name=None, rate=None):
    """Sets elements of `x` to zero at random and scales the others up so that the expected sum stays the same.

    Args:
      x: a Tensor of floats.
      keep_prob: the probability that an element is kept, a number or scalar Tensor; give this or `rate`.
      noise_shape: the shape of the decisions, broadcast to that of `x`; by default one for each element.
      seed: a Python int.
      name: name of the scope of the nodes.
      rate: the probability that an element is dropped.

    Returns: a Tensor like `x`; `x` itself if the rate is known to be 0.

    Raises: ValueError if the rate is not in [0, 1), or `x` holds no floats.

    N. Srivastava et al., "Dropout: A Simple Way to Prevent Neural Networks from Overfitting", 2014.
    """
    try:
        complement = 1. - keep_prob if keep_prob is not None else None
    except TypeError:
        raise ValueError(f'keep_prob must be a floating point number or Tensor (got {keep_prob!r})') from None
    rate = deprecated_argument_lookup('rate', rate, 'keep_prob', complement)
    if rate is None:
        raise ValueError('You must provide a rate to dropout.')
    return dropout_by_rate(x, rate, noise_shape, seed, name)


def dropout_by_rate(x, rate, noise_shape=None, seed=None, name=None):
    """`dropout` with the probability that an element is dropped."""
    with name_scope(name, 'dropout', [x]):
        x = convert.to_tensor(x, name='x')
        if not x.dtype.is_floating:
            raise ValueError("x has to be a floating point tensor since it's going to be scaled. Got a %s tensor "
                             'instead.' % x.dtype)
        if isinstance(rate, numbers.Real):
            if not 0 <= rate < 1:
                raise ValueError('rate must be a scalar tensor or a float in the range [0, 1), got %g' % rate)
            if rate > 0.5:
                tf_logging.log_first_n(
                    tf_logging.WARN, 'Large dropout rate: %g (>0.5). In TensorFlow 2.x, dropout() uses dropout rate '
                    'instead of keep_prob. Please ensure that this is intended.', 5, rate)
        if isinstance(rate, numbers.Real) and rate == 0:
            return x
        rate = convert.to_tensor(rate, dtype=x.dtype, name='rate')
        rate.get_shape().assert_has_rank(0)
        if constant_value.constant_value(rate) == 0:
            return x
        decisions = random_uniform(_noise_shape(x, noise_shape), seed=seed, dtype=x.dtype)
        scale = 1 / (1 - rate)
        kept = decisions >= rate
        result = x * scale * cast(kept, x.dtype)
        result.set_shape(x.get_shape())
        return result


def _noise_shape(x, noise_shape):
    """`noise_shape`, dimensions that it leaves open taken from `x`."""
    if noise_shape is None:
        return array.shape(x)
    if isinstance(noise_shape, Tensor):
        return noise_shape
    try:
        wanted = tensor_shape.as_shape(noise_shape)
    except (TypeError, ValueError):
        return noise_shape
    shape = x.get_shape()
    if shape.ndims is None or wanted.ndims != shape.ndims:
        return noise_shape
    return tensor_shape.TensorShape([n if w is None else w for w, n in zip(wanted.as_list(), shape.as_list())])
