"""Optimizer updates: each is ONE scalar step, from which the dense and the sparse loop are generated.

A step takes one element of the variable and of each slot, the gradient's element and a tuple of scalars, and returns the
new elements. An update changes variable and slots in one pass, after everything was checked.
"""
import contextlib
import functools

import numpy as np

from graphflow.framework import errors
from graphflow.framework.registry import KERNELS, kernel
from graphflow.kernels.jit import jit
from graphflow.kernels.threads import shard

_GRAIN = 1 << 13        # elements: about 10 microseconds of work

_LOOPS = '''
def dense({arrays}, grad, p, lo, hi):
    p = prepare(p)
    # Slices, which begin at 0: an index that might be negative would keep the loop from using vectors.
    {slices}
    grad = grad[lo:hi]
    for i in range(grad.size):
        {new} = step({old}, grad[i], p)

def sparse({arrays}, indices, grad, width, p):
    p = prepare(p)
    for k in range(indices.size):
        start = indices[k] * width
        {rows}
        g = grad[k * width:(k + 1) * width]
        for i in range(g.size):
            {new_in_row} = step({old_in_row}, g[i], p)
'''


def _as_they_are(p):
    return p


@functools.lru_cache(maxsize=None)
def _loops(step, count, prepare):
    """The dense and the sparse loop over `count` arrays (the variable and its slots) around a step.

    `prepare` makes the scalars that the step takes of those that the op has.
    """
    arrays = [f'a{i}' for i in range(count)]
    elements = ', '.join(f'{a}[i]' for a in arrays)
    scope = {'__name__': __name__, 'step': jit(step), 'prepare': jit(prepare)}
    in_row = elements.replace('a', 'r')
    exec(_LOOPS.format(arrays=', '.join(arrays), old=elements, new=elements, old_in_row=in_row, new_in_row=in_row,
                       slices='; '.join(f'{a} = {a}[lo:hi]' for a in arrays),
                       rows='; '.join(f'r{i} = a{i}[start:start + width]' for i in range(count))), scope)
    return jit(scope['dense']), jit(scope['sparse'])


def _locked(cells, update):
    """Calls `update()` holding the locks of all cells, always taken in one order."""
    with contextlib.ExitStack() as held:
        for cell in sorted(cells, key=id):
            held.enter_context(cell.lock)
        update()


def _scalars(dtype, values):
    number = dtype.type
    return tuple([v[()] if type(v) is np.ndarray and v.dtype is dtype else number(v) if type(v) is int
                  else np.asarray(v).astype(dtype)[()] for v in values])


def _flat(arrays):
    """Flat working arrays; halves are computed in float32."""
    return [a.reshape(-1).astype(np.float32) if a.dtype == np.float16 else a.reshape(-1) for a in arrays]


def _store_halves(arrays, flat):
    for a, f in zip(arrays, flat):
        if a.dtype == np.float16:
            a.reshape(-1)[:] = f


_PREPARED = '''
def update({cells}, grad, {scalars}):
    if {changed} or grad.dtype is not dtype or grad.shape != shape:
        return False
    with {locks}:
        {call}
'''
_CALLS = {
    False: 'return entry({flat}, grad.reshape(-1), ({items}), 0, size) is not NotImplemented',
    True: '_in_parts(loop, ({flat},), grad.reshape(-1), ({items}))\n        return True'}


def _dense(step, cells, grad, *scalars, prepare=_as_they_are):
    """Updates `cells` (variable first) by `grad` of the same shape; returns the variable's cell."""
    first = cells[0]
    prepared = first.prepared
    if prepared is None or prepared[0] is not step or not prepared[1](*cells, grad, *scalars):
        first.prepared = _update(step, cells, np.asarray(grad), scalars, prepare)
    return first


def _update(step, cells, grad, scalars, prepare):
    """The update in general; returns (step, function that does it for these arrays again), or None."""
    arrays = [cell.read() for cell in cells]
    for array in (*arrays, grad):
        if array.shape != arrays[0].shape:
            raise _differ(arrays[0], array)
    halves = arrays[0].dtype == np.float16
    dtype = np.dtype(np.float32) if halves else arrays[0].dtype
    loop, values = _loops(step, len(arrays), prepare)[0], _scalars(dtype, scalars)

    def update():
        flat = _flat(arrays)        # copies of halves, which nobody else may change meanwhile
        _in_parts(loop, flat, np.ascontiguousarray(grad, dtype).reshape(-1), values)
        _store_halves(arrays, flat)
    _locked(cells, update)
    return None if halves else (step, _prepared(cells, arrays, loop, scalars, values))


def _prepared(cells, arrays, loop, scalars, values):
    """update(*cells, grad, *scalars) -> whether it was done: only for these arrays, and a gradient and scalars like them.

    Python's numbers among the scalars must be the same ones again; `values` are all scalars in the dtype of the arrays.
    """
    count, size, dtype = len(cells), arrays[0].size, arrays[0].dtype
    vector, word = ('array', dtype.char, 1, 'C'), ('scalar', dtype.char)
    numbers, among = range(count), range(len(scalars))
    fixed = [i for i in among if not isinstance(scalars[i], (np.ndarray, np.generic))]
    is_shared = size >= 2 * _GRAIN
    call = _CALLS[is_shared].format(
        flat=', '.join(f'f{i}' for i in numbers),
        items=''.join(f'k{i}, ' if i in fixed else f's{i}[()], ' for i in among))
    source = _PREPARED.format(
        cells=', '.join(f'c{i}' for i in numbers), scalars=', '.join(f's{i}' for i in among), call=call,
        changed=' or '.join([f'c{i}.value is not a{i}' for i in numbers] + [f's{i} is not n{i}' for i in fixed]),
        locks=', '.join(f'l{i}' for i in numbers))
    kinds = (*[vector] * (count + 1), ('tuple', *[word] * len(scalars)), 'int64', 'int64')
    scope = dict(dtype=dtype, shape=arrays[0].shape, size=size, loop=loop, _in_parts=_in_parts,
                 entry=None if is_shared else loop.entry(kinds))
    for i, (array, cell) in enumerate(zip(arrays, sorted(cells, key=id))):
        scope[f'a{i}'], scope[f'f{i}'], scope[f'l{i}'] = array, array.reshape(-1), cell.lock
    for i in fixed:
        scope[f'n{i}'], scope[f'k{i}'] = scalars[i], values[i]
    exec(_code(source), scope)
    return scope['update']


@functools.lru_cache(maxsize=None)
def _code(source):
    return compile(source, '<update>', 'exec')


def _differ(array, other):
    return errors.InvalidArgumentError(
        None, None, f'var and grad do not have the same shape{_shape_text(array.shape)} {_shape_text(other.shape)}')


def _in_parts(loop, flat, values, scalars):
    """Runs the dense loop, by several threads where it is long."""
    size = values.size
    if size < 2 * _GRAIN:
        loop(*flat, values, scalars, 0, size)
    else:
        shard(loop, size, *flat, values, scalars, grain=_GRAIN)


def _sparse(step, cells, grad, indices, *scalars, prepare=_as_they_are):
    """Updates the rows `indices` of `cells` by the rows of `grad`, one after the other."""
    arrays = [cell.read() for cell in cells]
    rows, grad, indices = arrays[0].shape[0], np.asarray(grad), np.asarray(indices)
    if grad.shape != indices.shape + arrays[0].shape[1:]:
        raise errors.InvalidArgumentError(
            None, None, 'grad must be the same size as indices in the first dimension and as var in the others: '
            f'{_shape_text(grad.shape)} and {_shape_text(arrays[0].shape)}')
    outside = np.flatnonzero((indices < 0) | (indices >= rows))
    if outside.size:
        at = outside[0]
        raise errors.InvalidArgumentError(
            None, None, f'Index {indices[at]} at offset {at} in indices is out of range')

    def update():
        flat = _flat(arrays)
        values = np.ascontiguousarray(grad).reshape(-1).astype(flat[0].dtype, copy=False)
        width = int(np.prod(arrays[0].shape[1:]))
        loop = _loops(step, len(flat), prepare)[1]
        loop(*flat, np.ascontiguousarray(indices), values, width, _scalars(flat[0].dtype, scalars))
        _store_halves(arrays, flat)
    _locked(cells, update)
    return cells[0]


def _shape_text(shape):
    return '[' + ','.join(map(str, shape)) + ']'


# Gradient descent.

def _gradient_descent(var, g, p):
    return var - p[0] * g


@kernel('ApplyGradientDescent')
def apply_gradient_descent(var, alpha, delta):
    return _dense(_gradient_descent, (var,), delta, alpha)


# Proximal gradient descent: soft thresholding after the step (Duchi and Singer 2009, "FOBOS").

def _shrunk(x, l1):
    return np.sign(x) * max(abs(x) - l1, x * 0)


_shrunk_jit = jit(_shrunk)


def _proximal_gradient_descent(var, g, p):
    alpha, l1, scale = p
    return _shrunk_jit(var - alpha * g, alpha * l1) / scale


@kernel('ApplyProximalGradientDescent')
def apply_proximal_gradient_descent(var, alpha, l1, l2, delta):
    return _dense(_proximal_gradient_descent, (var,), delta, alpha, l1, 1 + l2 * alpha)


@kernel('SparseApplyProximalGradientDescent')
def sparse_apply_proximal_gradient_descent(var, alpha, l1, l2, grad, indices):
    return _sparse(_proximal_gradient_descent, (var,), grad, indices, alpha, l1, 1 + l2 * alpha)


# Momentum (Polyak 1964) and Nesterov's accelerated gradient (Sutskever et al. 2013).

def _momentum(var, accum, g, p):
    lr, momentum = p
    accum = accum * momentum + g
    return var - lr * accum, accum


def _nesterov(var, accum, g, p):
    lr, momentum = p
    accum = accum * momentum + g
    return var - (g * lr + accum * momentum * lr), accum


@kernel('ApplyMomentum')
def apply_momentum(var, accum, lr, grad, momentum, use_nesterov):
    return _dense(_nesterov if use_nesterov else _momentum, (var, accum), grad, lr, momentum)


@kernel('SparseApplyMomentum')
def sparse_apply_momentum(var, accum, lr, grad, indices, momentum, use_nesterov):
    return _sparse(_nesterov if use_nesterov else _momentum, (var, accum), grad, indices, lr, momentum)


# Adagrad (Duchi, Hazan and Singer 2011).

def _adagrad(var, accum, g, p):
    accum = accum + g * g * p[1]        # p[1] is 1, or 0 to leave the slot alone
    return var - g * p[0] / np.sqrt(accum), accum


def _adagrad_v2(var, accum, g, p):
    accum = accum + g * g * p[1]
    return var - g * p[0] / (np.sqrt(accum) + p[2]), accum


@kernel('ApplyAdagrad')
def apply_adagrad(var, accum, lr, grad, update_slots):
    return _dense(_adagrad, (var, accum), grad, lr, update_slots)


@kernel('SparseApplyAdagrad')
def sparse_apply_adagrad(var, accum, lr, grad, indices, update_slots):
    return _sparse(_adagrad, (var, accum), grad, indices, lr, update_slots)


@kernel('ApplyAdagradV2')
def apply_adagrad_v2(var, accum, lr, epsilon, grad, update_slots):
    return _dense(_adagrad_v2, (var, accum), grad, lr, update_slots, epsilon)


@kernel('SparseApplyAdagradV2')
def sparse_apply_adagrad_v2(var, accum, lr, epsilon, grad, indices, update_slots):
    return _sparse(_adagrad_v2, (var, accum), grad, indices, lr, update_slots, epsilon)


def _proximal_adagrad(var, accum, g, p):
    lr, l1, l2, one = p
    accum = accum + g * g
    rate = lr / np.sqrt(accum)
    return _shrunk_jit(var - g * rate, rate * l1) / (one + l2 * rate), accum


@kernel('ApplyProximalAdagrad')
def apply_proximal_adagrad(var, accum, lr, l1, l2, grad):
    return _dense(_proximal_adagrad, (var, accum), grad, lr, l1, l2, 1)


@kernel('SparseApplyProximalAdagrad')
def sparse_apply_proximal_adagrad(var, accum, lr, l1, l2, grad, indices):
    return _sparse(_proximal_adagrad, (var, accum), grad, indices, lr, l1, l2, 1)


def _adagrad_da(var, total, squares, g, p):
    lr, l1_steps, l2_steps_lr = p
    total, squares = total + g, squares + g * g
    return -lr * _shrunk_jit(total, l1_steps) / (l2_steps_lr + np.sqrt(squares)), total, squares


@kernel('ApplyAdagradDA')
def apply_adagrad_da(var, gradient_accumulator, gradient_squared_accumulator, grad, lr, l1, l2, global_step):
    cells = var, gradient_accumulator, gradient_squared_accumulator
    return _dense(_adagrad_da, cells, grad, lr, l1 * global_step, l2 * global_step * lr)


@kernel('SparseApplyAdagradDA')
def sparse_apply_adagrad_da(var, gradient_accumulator, gradient_squared_accumulator, grad, indices, lr, l1, l2,
                            global_step):
    cells = var, gradient_accumulator, gradient_squared_accumulator
    return _sparse(_adagrad_da, cells, grad, indices, lr, l1 * global_step, l2 * global_step * lr)


# Adadelta (Zeiler 2012).

def _adadelta(var, accum, accum_update, g, p):
    lr, rho, rest, epsilon = p
    accum = accum * rho + g * g * rest
    update = np.sqrt(accum_update + epsilon) / np.sqrt(accum + epsilon) * g
    return var - update * lr, accum, accum_update * rho + update * update * rest


@kernel('ApplyAdadelta')
def apply_adadelta(var, accum, accum_update, lr, rho, epsilon, grad):
    return _dense(_adadelta, (var, accum, accum_update), grad, lr, rho, 1 - rho, epsilon)


@kernel('SparseApplyAdadelta')
def sparse_apply_adadelta(var, accum, accum_update, lr, rho, epsilon, grad, indices):
    return _sparse(_adadelta, (var, accum, accum_update), grad, indices, lr, rho, 1 - rho, epsilon)


# RMSProp (Tieleman and Hinton 2012), plain and centered (Graves 2013).

def _rmsprop(var, ms, mom, g, p):
    lr, rest, momentum, epsilon = p
    ms = ms + (g * g - ms) * rest
    mom = mom * momentum + g * lr / np.sqrt(ms + epsilon)
    return var - mom, ms, mom


@kernel('ApplyRMSProp')
def apply_rmsprop(var, ms, mom, lr, rho, momentum, epsilon, grad):
    return _dense(_rmsprop, (var, ms, mom), grad, lr, 1 - rho, momentum, epsilon)


@kernel('SparseApplyRMSProp')
def sparse_apply_rmsprop(var, ms, mom, lr, rho, momentum, epsilon, grad, indices):
    return _sparse(_rmsprop, (var, ms, mom), grad, indices, lr, 1 - rho, momentum, epsilon)


def _centered_rmsprop(var, mg, ms, mom, g, p):
    lr, rest, momentum, epsilon = p
    ms = ms + (g * g - ms) * rest
    mg = mg + (g - mg) * rest
    mom = mom * momentum + g * lr / np.sqrt(ms - mg * mg + epsilon)
    return var - mom, mg, ms, mom


@kernel('ApplyCenteredRMSProp')
def apply_centered_rmsprop(var, mg, ms, mom, lr, rho, momentum, epsilon, grad):
    return _dense(_centered_rmsprop, (var, mg, ms, mom), grad, lr, 1 - rho, momentum, epsilon)


@kernel('SparseApplyCenteredRMSProp')
def sparse_apply_centered_rmsprop(var, mg, ms, mom, lr, rho, momentum, epsilon, grad, indices):
    return _sparse(_centered_rmsprop, (var, mg, ms, mom), grad, indices, lr, 1 - rho, momentum, epsilon)


# Adam and AdaMax (Kingma and Ba 2015); with Nesterov momentum (Dozat 2016).

def _adam(var, m, v, g, p):
    alpha, beta1, rest1, rest2, epsilon = p
    m = m + (g - m) * rest1
    v = v + (g * g - v) * rest2
    return var - m * alpha / (np.sqrt(v) + epsilon), m, v


def _nadam(var, m, v, g, p):
    alpha, beta1, rest1, rest2, epsilon = p
    m = m + (g - m) * rest1
    v = v + (g * g - v) * rest2
    return var - (g * rest1 + beta1 * m) * alpha / (np.sqrt(v) + epsilon), m, v


def _adam_scalars(p):
    beta1_power, beta2_power, lr, beta1, beta2, epsilon, one = p
    alpha = lr * np.sqrt(one - beta2_power) / (one - beta1_power)
    return alpha, beta1, one - beta1, one - beta2, epsilon


@kernel('ApplyAdam')
def apply_adam(var, m, v, beta1_power, beta2_power, lr, beta1, beta2, epsilon, grad, use_nesterov):
    return _dense(_nadam if use_nesterov else _adam, (var, m, v), grad, beta1_power, beta2_power, lr, beta1, beta2,
                  epsilon, 1, prepare=_adam_scalars)


def _adamax(var, m, v, g, p):
    rate, rest1, beta2, epsilon = p
    m = m + (g - m) * rest1
    v = max(beta2 * v, abs(g))
    return var - rate * (m / (v + epsilon)), m, v


@kernel('ApplyAdaMax')
def apply_adamax(var, m, v, beta1_power, lr, beta1, beta2, epsilon, grad):
    return _dense(_adamax, (var, m, v), grad, lr / (1 - beta1_power), 1 - beta1, beta2, epsilon)


# Ftrl-proximal (McMahan et al. 2013).

def _ftrl(var, accum, linear, g, p):
    lr, l1, l2_twice, shrinkage_twice, power, zero = p
    new = accum + g * g
    linear = linear + g + shrinkage_twice * var - (new ** power - accum ** power) / lr * var
    if abs(linear) > l1:
        return (np.sign(linear) * l1 - linear) / (new ** power / lr + l2_twice), new, linear
    return zero, new, linear


def _ftrl_sqrt(var, accum, linear, g, p):
    lr, l1, l2_twice, shrinkage_twice, power, zero = p
    new = accum + g * g
    linear = linear + g + shrinkage_twice * var - (np.sqrt(new) - np.sqrt(accum)) / lr * var
    if abs(linear) > l1:
        return (np.sign(linear) * l1 - linear) / (np.sqrt(new) / lr + l2_twice), new, linear
    return zero, new, linear


def _ftrl_step(lr_power):
    return _ftrl_sqrt if lr_power == -0.5 else _ftrl


@kernel('ApplyFtrl')
def apply_ftrl(var, accum, linear, grad, lr, l1, l2, lr_power):
    return _dense(_ftrl_step(lr_power), (var, accum, linear), grad, lr, l1, 2 * l2, 0, -lr_power, 0)


@kernel('ApplyFtrlV2')
def apply_ftrl_v2(var, accum, linear, grad, lr, l1, l2, l2_shrinkage, lr_power):
    return _dense(_ftrl_step(lr_power), (var, accum, linear), grad, lr, l1, 2 * l2, 2 * l2_shrinkage, -lr_power, 0)


@kernel('SparseApplyFtrl')
def sparse_apply_ftrl(var, accum, linear, grad, indices, lr, l1, l2, lr_power):
    return _sparse(_ftrl_step(lr_power), (var, accum, linear), grad, indices, lr, l1, 2 * l2, 0, -lr_power, 0)


@kernel('SparseApplyFtrlV2')
def sparse_apply_ftrl_v2(var, accum, linear, grad, indices, lr, l1, l2, l2_shrinkage, lr_power):
    return _sparse(_ftrl_step(lr_power), (var, accum, linear), grad, indices, lr, l1, 2 * l2, 2 * l2_shrinkage,
                   -lr_power, 0)


# AddSign and PowerSign (Bello et al. 2017).

def _add_sign(var, m, g, p):
    lr, alpha, decay, beta, rest = p
    m = m * beta + g * rest
    return var - lr * (alpha + decay * np.sign(g) * np.sign(m)) * g, m


@kernel('ApplyAddSign')
def apply_add_sign(var, m, lr, alpha, sign_decay, beta, grad):
    return _dense(_add_sign, (var, m), grad, lr, alpha, sign_decay, beta, 1 - beta)


def _power_sign(var, m, g, p):
    lr, exponent, beta, rest = p
    m = m * beta + g * rest
    return var - lr * np.exp(exponent * np.sign(g) * np.sign(m)) * g, m


@kernel('ApplyPowerSign')
def apply_power_sign(var, m, lr, logbase, sign_decay, beta, grad):
    return _dense(_power_sign, (var, m), grad, lr, logbase * sign_decay, beta, 1 - beta)


# A resource variable is the same cell as a reference.
for _name in [name for name in KERNELS if name.startswith(('Apply', 'SparseApply'))]:
    KERNELS['Resource' + _name] = KERNELS[_name]
