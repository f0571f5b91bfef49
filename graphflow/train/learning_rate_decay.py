"""Learning rates that fall as the global step rises.

In all functions `learning_rate` is a float or scalar Tensor, the initial rate; `global_step` an integer or scalar
Tensor; `name` a name for the scope of the nodes. They return a scalar Tensor of the rate's dtype.
"""
import math as python_math

from graphflow.framework import convert, dtypes, scopes
from graphflow.framework.export import PUBLIC, export
from graphflow.ops import constant, math, random, trigonometry


def _rate(learning_rate):
    return convert.to_tensor(learning_rate, name='initial_learning_rate')


@export('train.exponential_decay')
def exponential_decay(learning_rate, global_step, decay_steps, decay_rate, staircase=False, name=None):
    """learning_rate * decay_rate ** (global_step / decay_steps).

    Args:
      decay_steps: an integer or scalar Tensor, positive.
      decay_rate: a float or scalar Tensor.
      staircase: whether the exponent is rounded down.
    """
    with scopes.name_scope(name, 'ExponentialDecay') as name:
        rate = _rate(learning_rate)
        decay_steps, decay_rate = math.cast(decay_steps, rate.dtype), math.cast(decay_rate, rate.dtype)
        exponent = _periods(global_step, decay_steps, staircase)
        return math.multiply(rate, math.pow(decay_rate, exponent), name=name)


def _periods(global_step, decay_steps, staircase):
    periods = math.cast(global_step, decay_steps.dtype) / decay_steps
    return math.floor(periods) if staircase else periods


@export('train.natural_exp_decay')
def natural_exp_decay(learning_rate, global_step, decay_steps, decay_rate, staircase=False, name=None):
    """learning_rate * exp(-decay_rate * global_step / decay_steps); arguments as for exponential_decay."""
    factor = math.exp(math.negative(decay_rate))
    return exponential_decay(learning_rate, global_step, decay_steps, factor, staircase=staircase, name=name)


@export('train.inverse_time_decay')
def inverse_time_decay(learning_rate, global_step, decay_steps, decay_rate, staircase=False, name=None):
    """learning_rate / (1 + decay_rate * global_step / decay_steps); arguments as for exponential_decay."""
    with scopes.name_scope(name, 'InverseTimeDecay') as name:
        rate = _rate(learning_rate)
        decay_steps, decay_rate = math.cast(decay_steps, rate.dtype), math.cast(decay_rate, rate.dtype)
        periods = _periods(global_step, decay_steps, staircase)
        one = math.cast(constant.constant(1), rate.dtype)
        return math.divide(rate, math.add(one, math.multiply(decay_rate, periods)), name=name)


@export('train.polynomial_decay')
def polynomial_decay(learning_rate, global_step, decay_steps, end_learning_rate=0.0001, power=1.0, cycle=False,
                     name=None):
    """(learning_rate - end_learning_rate) * (1 - global_step / decay_steps) ** power + end_learning_rate.

    Args:
      decay_steps: an integer or scalar Tensor, positive: when the rate has reached `end_learning_rate`.
      end_learning_rate, power: floats or scalar Tensors.
      cycle: after `decay_steps` the rate stays as it is or, if True, rises again and falls until the next multiple of
        `decay_steps`.
    """
    with scopes.name_scope(name, 'PolynomialDecay') as name:
        rate = _rate(learning_rate)
        end, power = math.cast(end_learning_rate, rate.dtype), math.cast(power, rate.dtype)
        step, last = math.cast(global_step, rate.dtype), math.cast(decay_steps, rate.dtype)
        if cycle:
            last = math.multiply(last, PUBLIC['cond'](
                math.equal(step, 0), lambda: 1.0, lambda: math.ceil(step / decay_steps)))
        else:
            step = math.minimum(step, decay_steps)
        done = step / last
        return math.add(math.multiply(rate - end, math.pow(1 - done, power)), end, name=name)


@export('train.piecewise_constant', 'train.piecewise_constant_decay')
def piecewise_constant(x, boundaries, values, name=None):
    """values[0] for x <= boundaries[0], values[1] for boundaries[0] < x <= boundaries[1], ..., values[-1] above all.

    Args:
      x: a scalar Tensor or Variable of an integer or float type.
      boundaries: a list of numbers or Tensors of x's dtype, rising.
      values: a list of numbers or Tensors of one dtype, one more than boundaries.
      name: a name for the scope of the nodes.

    Raises: ValueError if dtypes or lengths do not fit.
    """
    boundaries = [convert.to_tensor(b) for b in boundaries]
    values = [convert.to_tensor(v) for v in values]
    x = convert.to_tensor(x)
    for i, boundary in enumerate(boundaries):
        found, wanted = boundary.dtype.base_dtype, x.dtype.base_dtype
        if found == dtypes.int32 and wanted == dtypes.int64:
            boundaries[i] = math.cast(boundary, wanted)     # literals are int32, the global step is not
        elif found != wanted:
            raise ValueError(f'Boundaries ({found}) must have the same dtype as x ({wanted}).')
    for value in values[1:]:
        if value.dtype.base_dtype != values[0].dtype.base_dtype:
            raise ValueError('Values must have elements all with the same dtype '
                             f'({values[0].dtype.base_dtype} vs {value.dtype.base_dtype}).')
    with scopes.name_scope(name, 'PiecewiseConstant'):
        branches = [(x <= boundaries[0], lambda: values[0]), (x > boundaries[-1], lambda: values[-1])]
        for low, high, value in zip(boundaries[:-1], boundaries[1:], values[1:-1]):
            branches.append(((x > low) & (x <= high), lambda value=value: value))
        return PUBLIC['case'](branches, lambda: values[0], exclusive=True)


def _half_cosine(angle_in_pi):
    """0.5 * (1 + cos(pi * angle))."""
    return 0.5 * (1.0 + trigonometry.cos(constant.constant(python_math.pi) * angle_in_pi))


@export('train.cosine_decay')
def cosine_decay(learning_rate, global_step, decay_steps, alpha=0.0, name=None):
    """Half a cosine wave from learning_rate to alpha * learning_rate (Loshchilov and Hutter 2017, "SGDR").

    Args:
      decay_steps: an integer or scalar Tensor: the length of the half wave.
      alpha: a float: the smallest rate as a part of the initial one.
    """
    with scopes.name_scope(name, 'CosineDecay'):
        rate = _rate(learning_rate)
        decay_steps = math.cast(decay_steps, rate.dtype)
        step = math.minimum(math.cast(global_step, rate.dtype), decay_steps)
        wave = _half_cosine(step / decay_steps)
        return math.multiply(rate, (1 - alpha) * wave + alpha)


@export('train.cosine_decay_restarts')
def cosine_decay_restarts(learning_rate, global_step, first_decay_steps, t_mul=2.0, m_mul=1.0, alpha=0.0, name=None):
    """Cosine decays one after the other (Loshchilov and Hutter 2017, "SGDR").

    Args:
      first_decay_steps: an integer or scalar Tensor: the length of the first decay.
      t_mul: a float: every decay is so much longer than the one before.
      m_mul: a float: the initial rate of every decay, in terms of that of the one before.
      alpha: a float: the smallest rate as a part of the initial one.
    """
    with scopes.name_scope(name, 'SGDRDecay') as name:
        rate = _rate(learning_rate)
        dtype = rate.dtype
        first_decay_steps = math.cast(first_decay_steps, dtype)
        alpha, t_mul, m_mul = math.cast(alpha, dtype), math.cast(t_mul, dtype), math.cast(m_mul, dtype)
        done = math.cast(global_step, dtype) / first_decay_steps

        def of_one_length():
            restarts = math.floor(done)
            return restarts, done - restarts

        def growing():
            # n decays take (1 - t**n) / (1 - t) times the first one.
            restarts = math.floor(math.log(1.0 - done * (1.0 - t_mul)) / math.log(t_mul))
            before = (1.0 - t_mul ** restarts) / (1.0 - t_mul)
            return restarts, (done - before) / t_mul ** restarts

        restarts, part = PUBLIC['cond'](math.equal(t_mul, 1.0), of_one_length, growing)
        wave = 0.5 * m_mul ** restarts * (1.0 + trigonometry.cos(constant.constant(python_math.pi) * part))
        return math.multiply(rate, (1 - alpha) * wave + alpha, name=name)


def _linear_cosine(learning_rate, global_step, decay_steps, noise, num_periods, alpha, beta, name):
    """Linear decay (with noise, if that is (initial variance, decay)) times a cosine."""
    rate = _rate(learning_rate)
    dtype = rate.dtype
    decay_steps = math.cast(decay_steps, dtype)
    noise = [math.cast(n, dtype) for n in noise]
    num_periods, alpha, beta = math.cast(num_periods, dtype), math.cast(alpha, dtype), math.cast(beta, dtype)
    step = math.minimum(math.cast(global_step, dtype), decay_steps)
    linear = (decay_steps - step) / decay_steps
    if noise:
        variance = noise[0] / math.pow(1.0 + step, noise[1])
        linear = linear + random.random_normal(linear.shape, stddev=math.sqrt(variance))
    done = step / decay_steps
    wave = _half_cosine(2.0 * num_periods * done)
    return math.multiply(rate, (alpha + linear) * wave + beta, name=name)


@export('train.linear_cosine_decay')
def linear_cosine_decay(learning_rate, global_step, decay_steps, num_periods=0.5, alpha=0.0, beta=0.001, name=None):
    """learning_rate * ((alpha + linear) * cosine + beta) (Bello et al. 2017, "Neural optimizer search").

    linear falls from 1 to 0 over `decay_steps`; cosine is a wave between 1 and 0 of `num_periods` periods.

    Args:
      decay_steps: an integer or scalar Tensor.
      num_periods, alpha, beta: floats or scalar Tensors.
    """
    with scopes.name_scope(name, 'LinearCosineDecay') as name:
        return _linear_cosine(learning_rate, global_step, decay_steps, (), num_periods, alpha, beta, name)


@export('train.noisy_linear_cosine_decay')
def noisy_linear_cosine_decay(learning_rate, global_step, decay_steps, initial_variance=1.0, variance_decay=0.55,
                              num_periods=0.5, alpha=0.0, beta=0.001, name=None):
    """linear_cosine_decay with noise on its linear part.

    The noise is normal, of variance initial_variance / (1 + step) ** variance_decay.
    """
    with scopes.name_scope(name, 'NoisyLinearCosineDecay') as name:
        return _linear_cosine(learning_rate, global_step, decay_steps, (initial_variance, variance_decay), num_periods,
                              alpha, beta, name)
