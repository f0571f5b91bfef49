"""Random tensors: uniform, normal, gamma, Poisson, categorical draws, shuffles and crops.

Each op has two seeds (see framework/random_seed.py) and a stream of numbers of its own in every session: run after
run it goes on where it stopped. The `stateless_` functions take their seed as a tensor and give the same numbers for it
every time.
"""
import numpy as np

from graphflow.framework import convert, dtypes
from graphflow.framework.apply import apply
from graphflow.framework.export import export
from graphflow.framework.random_seed import get_seed
from graphflow.framework.registry import gradient, not_differentiable, op
from graphflow.framework.scopes import control_dependencies, name_scope
from graphflow.framework.shape_rules import broadcast, unchanged
from graphflow.ops import array, concat, control_flow, fill
from graphflow.util.deprecation import deprecated

_REAL = 'dtype:type{half,bfloat16,float,double}'
_REAL_OR_FLOAT = 'dtype:type=float{half,bfloat16,float,double}'
_SEEDS = 'seed:int=0; seed2:int=0'
_LOGITS = 'T:type{float,double,int32,uint8,int16,int8,int64,bfloat16,uint16,half,uint32,uint64}'
_CLASSES = 'output_dtype:type=int64{int32,int64}'


# Declarations.

def _of_shape_input(c):
    """The output's shape is what input 0 holds."""
    c.rank(0, 1)
    return c.value_as_shape(0)


def _integers(c, bounds):
    for i in bounds:
        c.rank(i, 0)
    return _of_shape_input(c)


def _bounded_shape(c):
    for i in range(1, 5):
        c.rank_at_most(i, 1)
    return _of_shape_input(c)


def _per_parameter(c):
    """`shape` samples for each element of the parameter (input 1)."""
    return _of_shape_input(c).concatenate(c.shape(1))


def _drawn_classes(c):
    rows = c.rank(0, 2).as_list()[0]
    c.rank(1, 0)
    samples = c.value(1)
    if samples is not None and samples < 0:
        raise ValueError(f'Dimension size, given by scalar input 1, must be non-negative but is {samples}')
    return [rows, None if samples is None else int(samples)]


def _seeded(rule, seed_input):
    """The rule, for an op that has its two seeds as an input."""
    def shape(c):
        length = c.rank(seed_input, 1).as_list()[0]
        if length not in (None, 2):
            raise ValueError(f'Dimension must be 2 but is {length}')
        return rule(c)
    return shape


for _name in 'RandomUniform', 'RandomStandardNormal', 'TruncatedNormal':
    op(_name, 'shape:T -> output:dtype', f'{_SEEDS}; {_REAL}; T:type{{int32,int64}}', shape=_of_shape_input,
       stateful=True)
for _name in 'StatelessRandomUniform', 'StatelessRandomNormal', 'StatelessTruncatedNormal':
    op(_name, 'shape:T, seed:Tseed -> output:dtype',
       f'{_REAL_OR_FLOAT}; T:type=int32{{int32,int64}}; Tseed:type=int64{{int32,int64}}',
       shape=_seeded(_of_shape_input, 1))
op('RandomUniformInt', 'shape:T, minval:Tout, maxval:Tout -> output:Tout',
   f'{_SEEDS}; Tout:type{{int32,int64}}; T:type{{int32,int64}}', shape=lambda c: _integers(c, (1, 2)), stateful=True)
op('StatelessRandomUniformInt', 'shape:T, seed:Tseed, minval:dtype, maxval:dtype -> output:dtype',
   'dtype:type{int32,int64}; T:type{int32,int64}; Tseed:type=int64{int32,int64}',
   shape=_seeded(lambda c: _integers(c, (2, 3)), 1))
op('ParameterizedTruncatedNormal',
   'shape:T, means:dtype, stdevs:dtype, minvals:dtype, maxvals:dtype -> output:dtype',
   f'{_SEEDS}; {_REAL}; T:type{{int32,int64}}', shape=_bounded_shape, stateful=True)
op('RandomShuffle', 'value:T -> output:T', f'{_SEEDS}; T:type', shape=unchanged, stateful=True)
op('Multinomial', 'logits:T, num_samples:int32 -> output:output_dtype', f'{_SEEDS}; {_LOGITS}; {_CLASSES}',
   shape=_drawn_classes, stateful=True)
op('StatelessMultinomial', 'logits:T, num_samples:int32, seed:Tseed -> output:output_dtype',
   f'{_LOGITS}; Tseed:type=int64{{int32,int64}}; {_CLASSES}', shape=_seeded(_drawn_classes, 2))
op('RandomGamma', 'shape:S, alpha:T -> output:T', f'{_SEEDS}; S:type{{int32,int64}}; T:type{{half,float,double}}',
   shape=_per_parameter, stateful=True)
op('RandomGammaGrad', 'alpha:T, sample:T -> output:T', 'T:type{float,double}', shape=broadcast)
op('RandomPoisson', 'shape:S, rate:dtype -> output:dtype',
   f'{_SEEDS}; S:type{{int32,int64}}; dtype:type{{half,float,double}}', shape=_per_parameter, stateful=True)
op('RandomPoissonV2', 'shape:S, rate:R -> output:dtype',
   f'{_SEEDS}; S:type{{int32,int64}}; R:type=double{{half,float,double,int32,int64}}; '
   'dtype:type=int64{half,float,double,int32,int64}', shape=_per_parameter, stateful=True)

not_differentiable('RandomUniform', 'RandomStandardNormal', 'TruncatedNormal', 'ParameterizedTruncatedNormal',
                   'Multinomial', 'StatelessRandomUniform', 'StatelessRandomNormal', 'StatelessTruncatedNormal',
                   'StatelessRandomUniformInt', 'StatelessMultinomial')


@gradient('RandomGamma')
def _(op, grad):
    """By alpha alone: the derivative of a sample at a fixed value of the distribution function."""
    shape, alpha = op.inputs
    with control_dependencies([grad]):
        sample_dims = array.shape(shape)[0]
        leading_ones = concat.concat([fill.ones([sample_dims], dtype=dtypes.int32), array.shape(alpha)], axis=0)
        slope = apply('RandomGammaGrad', array.reshape(alpha, leading_ones), op.outputs[0])
        return None, apply('Sum', apply('Mul', grad, slope, name='mul'), fill.range(0, sample_dims))


# Arguments that the functions share.

def _shape_tensor(shape):
    dtype = dtypes.int32 if isinstance(shape, (tuple, list)) and not shape else None
    return convert.to_tensor(shape, dtype=dtype, name='shape')


def _seed_attrs(seed):
    first, second = get_seed(seed)
    return dict(seed=first, seed2=second)


def _range_of_dtype(maxval, dtype):
    """The dtype of a uniform distribution and the default for its upper bound."""
    dtype = dtypes.as_dtype(dtype)
    if dtype not in (dtypes.float16, dtypes.bfloat16, dtypes.float32, dtypes.float64, dtypes.int32, dtypes.int64):
        raise ValueError(f'Invalid dtype {dtype!r}')
    if maxval is None:
        if dtype.is_integer:
            raise ValueError(f'Must specify maxval for integer dtype {dtype!r}')
        maxval = 1
    return dtype, maxval


def _scaled(standard, factor, offset, name):
    return apply('Add', apply('Mul', standard, factor, name='mul'), offset, name=name)


def _normal(default_name, op_type, shape, mean, stddev, dtype, name, **seeds):
    """A normal distribution moved and scaled; `seeds` are the op's seeds, or `given`: the user's, to look up here."""
    values = [shape, mean, stddev] if 'given' in seeds else [shape, seeds['seed'], mean, stddev]
    with name_scope(name, default_name, values) as name:
        shape = _shape_tensor(shape)
        mean = convert.to_tensor(mean, dtype=dtype, name='mean')
        stddev = convert.to_tensor(stddev, dtype=dtype, name='stddev')
        if 'given' in seeds:
            seeds = _seed_attrs(seeds['given'])
        return _scaled(apply(op_type, shape, dtype=dtype, **seeds), stddev, mean, name)


# The functions.

@export('random_normal', 'random.normal')
def random_normal(shape, mean=0.0, stddev=1.0, dtype=dtypes.float32, seed=None, name=None):
    """Normally distributed numbers.

    Args:
      shape: a 1-D integer tensor or Python list: the shape of the output.
      mean, stddev: tensors or numbers of type `dtype` that broadcast with the output: mean and standard deviation.
      dtype: float16, float32 or float64.
      seed: an integer for the op, see `tf.set_random_seed`.

    Returns: a tensor of the given shape.
    """
    return _normal('random_normal', 'RandomStandardNormal', shape, mean, stddev, dtype, name, given=seed)


@export('truncated_normal', 'random.truncated_normal')
def truncated_normal(shape, mean=0.0, stddev=1.0, dtype=dtypes.float32, seed=None, name=None):
    """Like `random_normal`, but values more than two standard deviations from the mean are drawn again."""
    return _normal('truncated_normal', 'TruncatedNormal', shape, mean, stddev, dtype, name, given=seed)


def parameterized_truncated_normal(shape, means=0.0, stddevs=1.0, minvals=-2.0, maxvals=2.0, dtype=dtypes.float32,
                                   seed=None, name=None):
    """Normally distributed numbers between bounds.

    The parameters are scalars, or vectors with an element for each entry of the output's first dimension.
    """
    with name_scope(name, 'parameterized_truncated_normal', [shape, means, stddevs, minvals, maxvals]) as name:
        shape = _shape_tensor(shape)
        means = convert.to_tensor(means, dtype=dtype, name='means')
        stddevs = convert.to_tensor(stddevs, dtype=dtype, name='stddevs')
        minvals = convert.to_tensor(minvals, dtype=dtype, name='minvals')
        maxvals = convert.to_tensor(maxvals, dtype=dtype, name='maxvals')
        return apply('ParameterizedTruncatedNormal', shape, means, stddevs, minvals, maxvals, **_seed_attrs(seed))


@export('random_uniform', 'random.uniform')
def random_uniform(shape, minval=0, maxval=None, dtype=dtypes.float32, seed=None, name=None):
    """Numbers uniformly distributed in [minval, maxval).

    Args:
      shape: a 1-D integer tensor or Python list: the shape of the output.
      minval, maxval: numbers or tensors of type `dtype`, scalars for integers; `maxval` is 1 by default, and must be
        given for integers.
      dtype: float16, float32, float64, int32 or int64.
      seed: an integer for the op, see `tf.set_random_seed`.

    Raises: ValueError for another dtype, or integers without `maxval`.
    """
    dtype, maxval = _range_of_dtype(maxval, dtype)
    with name_scope(name, 'random_uniform', [shape, minval, maxval]) as name:
        shape = _shape_tensor(shape)
        minval = convert.to_tensor(minval, dtype=dtype, name='min')
        maxval = convert.to_tensor(maxval, dtype=dtype, name='max')
        seeds = _seed_attrs(seed)
        if dtype.is_integer:
            return apply('RandomUniformInt', shape, minval, maxval, name=name, **seeds)
        standard = apply('RandomUniform', shape, dtype=dtype, **seeds)
        return _scaled(standard, apply('Sub', maxval, minval, name='sub'), minval, name)


@export('random_shuffle', 'random.shuffle')
def random_shuffle(value, seed=None, name=None):
    """The rows (entries of the first dimension) of `value` in random order."""
    return apply('RandomShuffle', value, name=name, **_seed_attrs(seed))


@export('random_crop', 'image.random_crop')
def random_crop(value, size, seed=None, name=None):
    """A part of `value` of shape `size` (1-D, one entry a dimension) at a random place.

    Raises: InvalidArgumentError when run, if `size` exceeds the shape of `value`.
    """
    with name_scope(name, 'random_crop', [value, size]) as name:
        value = convert.to_tensor(value, name='value')
        size = convert.to_tensor(size, dtype=dtypes.int32, name='size')
        shape = array.shape(value)
        fits = apply('GreaterEqual', shape, size)
        check = control_flow.Assert(apply('All', fits, fill.all_axes(fits)),
                                    ['Need value.shape >= size, got ', shape, size], summarize=1000)
        shape = control_flow.with_dependencies([check], shape)
        limit = apply('AddV2', apply('Sub', shape, size, name='sub'), 1, name='add')
        offset = apply('FloorMod', random_uniform(array.shape(shape), dtype=size.dtype, maxval=size.dtype.max,
                                                  seed=seed), limit, name='mod')
        return apply('Slice', value, offset, size, name=name)


@export('multinomial', 'random.multinomial')
@deprecated(None, 'Use `tf.random.categorical` instead.')
def multinomial(logits, num_samples, seed=None, name=None, output_dtype=None):
    """Draws classes: see `random.categorical`."""
    with name_scope(name, 'multinomial', [logits]):
        return _categorical(logits, num_samples, output_dtype, seed)


@export('random.categorical')
def categorical(logits, num_samples, dtype=None, seed=None, name=None):
    """Draws `num_samples` classes for each row.

    Args:
      logits: [batch, classes], unnormalised log-probabilities.
      num_samples: a scalar.
      dtype: of the classes drawn, int32 or int64 (the default).

    Returns: [batch, num_samples], class numbers.
    """
    with name_scope(name, 'categorical', [logits]):
        return _categorical(logits, num_samples, dtype, seed)


def _categorical(logits, num_samples, dtype, seed):
    logits = convert.to_tensor(logits, name='logits')
    return apply('Multinomial', logits, num_samples, output_dtype=dtype, **_seed_attrs(seed))


@export('random_gamma', 'random.gamma')
def random_gamma(shape, alpha, beta=None, dtype=dtypes.float32, seed=None, name=None):
    """Numbers of Gamma distributions: `shape` samples for each of the parameters.

    Args:
      shape: a 1-D integer tensor or list.
      alpha: the shape parameter, of type `dtype`.
      beta: the inverse scale, 1 by default; broadcasts with `alpha`.
      dtype: float16, float32 or float64.

    Returns: a tensor of shape `shape` + the shape of `alpha` + `beta`. It can be differentiated by both.
    """
    with name_scope(name, 'random_gamma', [shape, alpha, beta]):
        shape = convert.to_tensor(shape, dtype=dtypes.int32, name='shape')
        alpha = convert.to_tensor(alpha, dtype=dtype, name='alpha')
        beta = convert.to_tensor(1 if beta is None else beta, dtype=dtype, name='beta')
        alpha = apply('AddV2', alpha, fill.zeros_like(beta), name='add')
        samples = apply('RandomGamma', shape, alpha, **_seed_attrs(seed))
        smallest = np.finfo(alpha.dtype.as_numpy_dtype).tiny    # what divides by a sample should not divide by 0
        return apply('Maximum', smallest, apply('RealDiv', samples, beta, name='truediv'))


@export('random_poisson', 'random.poisson')
def random_poisson(lam, shape, dtype=dtypes.float32, seed=None, name=None):
    """Numbers of Poisson distributions: `shape` samples for each of the rates `lam`; shaped `shape` + that of `lam`."""
    with name_scope(name, 'random_poisson', [lam, shape]):
        shape = convert.to_tensor(shape, dtype=dtypes.int32, name='shape')
        return apply('RandomPoissonV2', shape, lam, dtype=dtype, **_seed_attrs(seed))


@export('random.stateless_uniform')
def stateless_random_uniform(shape, seed, minval=0, maxval=None, dtype=dtypes.float32, name=None):
    """`random_uniform` as a function of `seed`, two integers: the same numbers every time."""
    dtype, maxval = _range_of_dtype(maxval, dtype)
    with name_scope(name, 'stateless_random_uniform', [shape, seed, minval, maxval]) as name:
        shape = _shape_tensor(shape)
        minval = convert.to_tensor(minval, dtype=dtype, name='min')
        maxval = convert.to_tensor(maxval, dtype=dtype, name='max')
        if dtype.is_integer:
            return apply('StatelessRandomUniformInt', shape, seed, minval, maxval, name=name)
        standard = apply('StatelessRandomUniform', shape, seed, dtype=dtype)
        return _scaled(standard, apply('Sub', maxval, minval, name='sub'), minval, name)


@export('random.stateless_normal')
def stateless_random_normal(shape, seed, mean=0.0, stddev=1.0, dtype=dtypes.float32, name=None):
    """`random_normal` as a function of `seed`, two integers: the same numbers every time."""
    return _normal('stateless_random_normal', 'StatelessRandomNormal', shape, mean, stddev, dtype, name, seed=seed)


@export('random.stateless_truncated_normal')
def stateless_truncated_normal(shape, seed, mean=0.0, stddev=1.0, dtype=dtypes.float32, name=None):
    """`truncated_normal` as a function of `seed`, two integers: the same numbers every time."""
    return _normal('stateless_truncated_normal', 'StatelessTruncatedNormal', shape, mean, stddev, dtype, name,
                   seed=seed)


@export('random.stateless_multinomial')
@deprecated(None, 'Use `tf.random.stateless_categorical` instead.')
def stateless_multinomial(logits, num_samples, seed, output_dtype=dtypes.int64, name=None):
    """Draws classes: see `random.stateless_categorical`."""
    with name_scope(name, 'stateless_multinomial', [logits, seed]):
        return _stateless_categorical(logits, num_samples, seed, output_dtype)


@export('random.stateless_categorical')
def stateless_categorical(logits, num_samples, seed, dtype=dtypes.int64, name=None):
    """`random.categorical` as a function of `seed`, two integers: the same draws every time."""
    with name_scope(name, 'stateless_categorical', [logits, seed]):
        return _stateless_categorical(logits, num_samples, seed, dtype)


def _stateless_categorical(logits, num_samples, seed, dtype):
    logits = convert.to_tensor(logits, name='logits')
    return apply('StatelessMultinomial', logits, num_samples, seed, output_dtype=dtype)
