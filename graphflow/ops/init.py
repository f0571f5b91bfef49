"""Initializers: objects that give a new variable its first value, a tensor of a given shape and dtype.

Scaled ones keep the variance of activations (or gradients) the same from layer to layer: Glorot & Bengio 2010
(`glorot_*`, called Xavier in contrib.layers), He et al. 2015 (`he_*`), LeCun et al. 1998 (`lecun_*`).
"""
import math

import numpy as np

from graphflow.framework import dtypes
from graphflow.framework.apply import apply
from graphflow.framework.export import PUBLIC, export
from graphflow.ops import array, constant, fill, random, slicing
from graphflow.util import deprecation

_SAY_DTYPE_LATER = deprecation.deprecated_args(
    None, 'Call initializer instance with the dtype argument instead of passing it to the constructor', 'dtype')
_TRUNCATED_STDDEV = .87962566103423978      # of the standard normal distribution cut off at 2


class Initializer:
    """An object that is called with a shape and a dtype and returns a tensor of such.

    `get_config()` gives the constructor's arguments as a dict, from which `from_config` makes an equal object.
    """
    _arguments = ()

    def __call__(self, shape, dtype=None, partition_info=None):
        """A tensor of `shape`. `partition_info` tells of which slice of a larger variable, if it is one."""
        raise NotImplementedError

    def get_config(self):
        """The constructor's arguments by name."""
        config = {name: getattr(self, name) for name in self._arguments}
        if hasattr(self, 'dtype'):
            config['dtype'] = self.dtype.name
        return config

    @classmethod
    def from_config(cls, config):
        """The initializer that `get_config` described."""
        return cls(**config)


def _floating(dtype):
    dtype = dtypes.as_dtype(dtype)
    if not dtype.is_floating:
        raise ValueError(f'Expected floating point type, got {dtype}.')
    return dtype


@export('zeros_initializer', 'initializers.zeros', 'keras.initializers.Zeros', 'keras.initializers.zeros')
class Zeros(Initializer):
    """All elements 0 (False, or the empty string)."""

    @_SAY_DTYPE_LATER
    def __init__(self, dtype=dtypes.float32):
        self.dtype = dtypes.as_dtype(dtype)

    def __call__(self, shape, dtype=None, partition_info=None):
        return fill.zeros(shape, dtype or self.dtype)


@export('ones_initializer', 'initializers.ones', 'keras.initializers.Ones', 'keras.initializers.ones')
class Ones(Initializer):
    """All elements 1."""

    @_SAY_DTYPE_LATER
    def __init__(self, dtype=dtypes.float32):
        self.dtype = dtypes.as_dtype(dtype)

    def __call__(self, shape, dtype=None, partition_info=None):
        return fill.ones(shape, dtype or self.dtype)


@export('constant_initializer', 'initializers.constant', 'keras.initializers.Constant', 'keras.initializers.constant')
class Constant(Initializer):
    """The number, list or array `value`; a list shorter than the variable is filled up with its last element.

    Args:
      value: a Python scalar, (nested) list or numpy array.
      dtype: the dtype unless one is given to the call.
      verify_shape: whether `value` must have exactly the variable's shape.
    """
    _arguments = ('value',)

    @_SAY_DTYPE_LATER
    @deprecation.deprecated_args(None, 'Objects must now be the required shape or no shape can be specified',
                                 'verify_shape')
    def __init__(self, value=0, dtype=dtypes.float32, verify_shape=False):
        if not (np.isscalar(value) or isinstance(value, (list, tuple, np.ndarray))):
            raise TypeError(f'Invalid type for initial value: {type(value)} (expected Python scalar, list or tuple of '
                            'values, or numpy.ndarray).')
        self.value = value
        self.dtype = dtypes.as_dtype(dtype)
        self._verify_shape = verify_shape

    def __call__(self, shape, dtype=None, partition_info=None, verify_shape=None):
        verify = self._verify_shape if verify_shape is None else verify_shape
        return constant.constant(self.value, dtype=dtype or self.dtype, shape=shape, verify_shape=verify)


@export('random_uniform_initializer', 'initializers.random_uniform')
class RandomUniform(Initializer):
    """Uniform over [minval, maxval), which are numbers or scalar tensors (maxval None: 1 for floats)."""
    _arguments = ('minval', 'maxval', 'seed')

    @_SAY_DTYPE_LATER
    def __init__(self, minval=0, maxval=None, seed=None, dtype=dtypes.float32):
        self.minval, self.maxval, self.seed = minval, maxval, seed
        self.dtype = dtypes.as_dtype(dtype)

    def __call__(self, shape, dtype=None, partition_info=None):
        return random.random_uniform(shape, self.minval, self.maxval, dtype or self.dtype, seed=self.seed)


class _Normal(Initializer):
    _arguments = ('mean', 'stddev', 'seed')

    @_SAY_DTYPE_LATER
    def __init__(self, mean=0.0, stddev=1.0, seed=None, dtype=dtypes.float32):
        self.mean, self.stddev, self.seed = mean, stddev, seed
        self.dtype = _floating(dtype)


@export('random_normal_initializer', 'initializers.random_normal')
class RandomNormal(_Normal):
    """Normal with `mean` and `stddev`."""

    def __call__(self, shape, dtype=None, partition_info=None):
        return random.random_normal(shape, self.mean, self.stddev, dtype or self.dtype, seed=self.seed)


@export('truncated_normal_initializer', 'initializers.truncated_normal')
class TruncatedNormal(_Normal):
    """Normal with `mean` and `stddev`, drawn again wherever more than 2 `stddev` from the mean."""

    def __call__(self, shape, dtype=None, partition_info=None):
        return random.truncated_normal(shape, self.mean, self.stddev, dtype or self.dtype, seed=self.seed)


def _whole_shape(shape, partition_info):
    """The shape of the whole variable, of which `shape` may be a slice's."""
    return shape if partition_info is None else partition_info.full_shape


@export('uniform_unit_scaling_initializer', 'initializers.uniform_unit_scaling')
class UniformUnitScaling(Initializer):
    """Uniform over +-factor * sqrt(3 / dim), dim the product of all dimensions but the last: Sussillo & Abbott 2014."""
    _arguments = ('factor', 'seed')

    @_SAY_DTYPE_LATER
    @deprecation.deprecated(None, 'Use tf.initializers.variance_scaling instead with distribution=uniform to get '
                                  'equivalent behavior.')
    def __init__(self, factor=1.0, seed=None, dtype=dtypes.float32):
        self.factor, self.seed = factor, seed
        self.dtype = _floating(dtype)

    def __call__(self, shape, dtype=None, partition_info=None):
        dims = [float(d) for d in _whole_shape(shape, partition_info)[:-1]]
        limit = math.sqrt(3 / max(math.prod(dims), 1.0)) * self.factor
        return random.random_uniform(shape, -limit, limit, dtype or self.dtype, seed=self.seed)


def fans(shape):
    """(inputs, outputs) of one unit whose weights have `shape`: [..., in, out], the dimensions before being a kernel."""
    if len(shape) < 2:
        return (shape[0], shape[0]) if shape else (1, 1)
    receptive_field = math.prod(int(d) for d in shape[:-2])
    return int(shape[-2]) * receptive_field, int(shape[-1]) * receptive_field


@export('variance_scaling_initializer', 'initializers.variance_scaling', 'keras.initializers.VarianceScaling')
class VarianceScaling(Initializer):
    """Random with the variance `scale` / n, n the number of inputs or outputs of a unit, or their mean.

    Args:
      scale: a positive float.
      mode: what n is: 'fan_in', 'fan_out' or 'fan_avg'.
      distribution: 'truncated_normal' (or 'normal', the same), 'untruncated_normal' or 'uniform'.
      seed: an int that makes the numbers repeatable.
      dtype: the dtype unless one is given to the call.

    Raises: ValueError for other values.
    """
    _arguments = ('scale', 'mode', 'distribution', 'seed')

    @_SAY_DTYPE_LATER
    @deprecation.deprecated_arg_values(None, '`normal` is a deprecated alias for `truncated_normal`',
                                       distribution='normal')
    def __init__(self, scale=1.0, mode='fan_in', distribution='truncated_normal', seed=None, dtype=dtypes.float32):
        if scale <= 0.:
            raise ValueError('`scale` must be positive float.')
        if mode not in ('fan_in', 'fan_out', 'fan_avg'):
            raise ValueError('Invalid `mode` argument:', mode)
        distribution = distribution.lower()
        if distribution not in ('normal', 'uniform', 'truncated_normal', 'untruncated_normal'):
            raise ValueError('Invalid `distribution` argument:', distribution)
        self.scale, self.mode, self.distribution, self.seed = scale, mode, distribution, seed
        self.dtype = _floating(dtype)

    def __call__(self, shape, dtype=None, partition_info=None):
        dtype = dtype or self.dtype
        fan_in, fan_out = fans(_whole_shape(shape, partition_info))
        n = {'fan_in': fan_in, 'fan_out': fan_out, 'fan_avg': (fan_in + fan_out) / 2.}[self.mode]
        variance = self.scale / max(1., n)
        if self.distribution == 'uniform':
            limit = math.sqrt(3.0 * variance)
            return random.random_uniform(shape, -limit, limit, dtype, seed=self.seed)
        if self.distribution == 'untruncated_normal':
            return random.random_normal(shape, 0.0, math.sqrt(variance), dtype, seed=self.seed)
        return random.truncated_normal(shape, 0.0, math.sqrt(variance) / _TRUNCATED_STDDEV, dtype, seed=self.seed)


@export('orthogonal_initializer', 'initializers.orthogonal', 'keras.initializers.Orthogonal',
        'keras.initializers.orthogonal')
class Orthogonal(Initializer):
    """`gain` times a random orthogonal matrix [product of the first dimensions, last dimension]: Saxe et al. 2014.

    With fewer rows than columns the rows are orthonormal, else the columns.
    """
    _arguments = ('gain', 'seed')

    @_SAY_DTYPE_LATER
    def __init__(self, gain=1.0, seed=None, dtype=dtypes.float32):
        self.gain, self.seed = gain, seed
        self.dtype = _floating(dtype)

    def __call__(self, shape, dtype=None, partition_info=None):
        if len(shape) < 2:
            raise ValueError('The tensor to initialize must be at least two-dimensional')
        rows, columns = math.prod(int(d) for d in shape[:-1]), shape[-1]
        flat = (columns, rows) if rows < columns else (rows, columns)
        normal = random.random_normal(flat, dtype=dtype or self.dtype, seed=self.seed)
        q, r = apply('Qr', normal, full_matrices=False)
        q *= apply('Sign', apply('DiagPart', r))    # makes the distribution uniform
        if rows < columns:
            q = array.matrix_transpose(q)
        return self.gain * array.reshape(q, shape)


@export('initializers.identity', 'keras.initializers.Identity', 'keras.initializers.identity')
class Identity(Initializer):
    """`gain` times the identity matrix."""
    _arguments = ('gain',)

    @_SAY_DTYPE_LATER
    def __init__(self, gain=1.0, dtype=dtypes.float32):
        self.gain = gain
        self.dtype = _floating(dtype)

    def __call__(self, shape, dtype=None, partition_info=None):
        whole = _whole_shape(shape, partition_info)
        if len(whole) != 2:
            raise ValueError('Identity matrix initializer can only be used for 2D matrices.')
        matrix = PUBLIC['eye'](*whole, dtype=dtype or self.dtype)
        if partition_info is not None:
            matrix = slicing.slice(matrix, partition_info.var_offset, shape)
        return self.gain * matrix


class _Glorot(VarianceScaling):
    _arguments = ('seed',)
    _distribution = None

    @_SAY_DTYPE_LATER
    def __init__(self, seed=None, dtype=dtypes.float32):
        with deprecation.silence():
            super().__init__(scale=1.0, mode='fan_avg', distribution=self._distribution, seed=seed, dtype=dtype)


@export('glorot_uniform_initializer', 'initializers.glorot_uniform', 'keras.initializers.glorot_uniform')
class GlorotUniform(_Glorot):
    """Uniform over +-sqrt(6 / (inputs + outputs)): Glorot & Bengio 2010. The default of float variables."""
    _distribution = 'uniform'


@export('glorot_normal_initializer', 'initializers.glorot_normal', 'keras.initializers.glorot_normal')
class GlorotNormal(_Glorot):
    """Truncated normal with variance 2 / (inputs + outputs): Glorot & Bengio 2010."""
    _distribution = 'truncated_normal'


def _preset(name, scale, distribution, doc):
    def initializer(seed=None):
        return VarianceScaling(scale=scale, mode='fan_in', distribution=distribution, seed=seed)
    initializer.__name__ = initializer.__qualname__ = name
    initializer.__doc__ = doc
    return export('initializers.' + name, 'keras.initializers.' + name)(initializer)


lecun_normal = _preset('lecun_normal', 1., 'truncated_normal', 'Truncated normal with variance 1 / inputs.')
lecun_uniform = _preset('lecun_uniform', 1., 'uniform', 'Uniform over +-sqrt(3 / inputs): LeCun et al. 1998.')
he_normal = _preset('he_normal', 2., 'truncated_normal', 'Truncated normal with variance 2 / inputs: He et al. 2015.')
he_uniform = _preset('he_uniform', 2., 'uniform', 'Uniform over +-sqrt(6 / inputs): He et al. 2015.')


# tf.contrib.layers

@export('contrib.layers.xavier_initializer', 'contrib.layers.xavier_initializer_conv2d')
def xavier_initializer(uniform=True, seed=None, dtype=dtypes.float32):
    """Glorot & Bengio's initialization as a function of shape, dtype and partition_info; uniform or truncated normal."""
    return variance_scaling_initializer(factor=1.0, mode='FAN_AVG', uniform=uniform, seed=seed, dtype=dtype)


@export('contrib.layers.variance_scaling_initializer')
def variance_scaling_initializer(factor=2.0, mode='FAN_IN', uniform=False, seed=None, dtype=dtypes.float32):
    """Random numbers of variance factor / n, as a function of shape, dtype and partition_info.

    Args:
      factor: a float.
      mode: what n is: 'FAN_IN' the inputs of a unit, 'FAN_OUT' the outputs, 'FAN_AVG' the mean of both.
      uniform: uniform numbers; else truncated normal ones.
      seed, dtype: as for the random ops.

    Raises: TypeError for another mode or a dtype that is not floating.
    """
    if not dtypes.as_dtype(dtype).is_floating:
        raise TypeError('Cannot create initializer for non-floating point type.')
    if mode not in ('FAN_IN', 'FAN_OUT', 'FAN_AVG'):
        raise TypeError('Unknown mode %s [FAN_IN, FAN_OUT, FAN_AVG]', mode)

    def initializer(shape, dtype=dtype, partition_info=None):
        if not dtypes.as_dtype(dtype).is_floating:
            raise TypeError('Cannot create initializer for non-floating point type.')
        fan_in, fan_out = fans(list(shape))
        n = {'FAN_IN': fan_in, 'FAN_OUT': fan_out, 'FAN_AVG': (fan_in + fan_out) / 2.0}[mode]
        if uniform:
            limit = math.sqrt(3.0 * factor / n)
            return random.random_uniform(shape, -limit, limit, dtype, seed=seed)
        # 1.3 makes up for the variance that truncation takes away.
        return random.truncated_normal(shape, 0.0, math.sqrt(1.3 * factor / n), dtype, seed=seed)
    return initializer
