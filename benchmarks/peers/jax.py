"""JAX: the whole step is one jitted function of parameters, optimizer state and batch."""
import functools

import jax
import jax.numpy as jnp
from jax import lax, nn

import data

VERSION = jax.__version__


def scalar_add():
    add = jax.jit(lambda x: x + 1.0)
    return lambda: float(add(2.0))


def linear_regression():
    def loss(p, x, y):
        return jnp.mean(jnp.square(x @ p[0] + p[1] - y))
    return _training(loss, [jnp.ones([1, 1]), jnp.zeros([1])], data.line(), _adam(1e-3))


def softmax_regression():
    def loss(p, x, y):
        return -jnp.mean(jnp.sum(y * jnp.log(nn.softmax(x @ p[0] + p[1])), 1))

    def descend(p, gradients, state):
        return [a - 0.5 * g for a, g in zip(p, gradients)], state
    return _training(loss, _softmax_start(), data.images('softmax_regression'), descend)


def softmax_accuracy():
    def logits(p, x):
        return nn.softmax(x @ p[0] + p[1])
    return _accuracy(logits, _softmax_start(), data.images('softmax_accuracy'))


def mlp():
    def loss(p, x, y):
        for w, b in zip(p[0:4:2], p[1:4:2]):
            x = nn.relu(x @ w + b)
        return _cross_entropy(x @ p[4] + p[5], y)
    start = []
    for n, m in zip(data.LAYERS, data.LAYERS[1:]):
        start += [jnp.asarray(data.weights(n, m)), jnp.zeros([m])]
    return _training(loss, start, data.images('mlp'), _adam(1e-3))


def transcendentals():
    x = jnp.asarray(data.floats())
    total = jax.jit(lambda x: jnp.sum(
        jnp.exp(-x) + jnp.log(x) + jnp.tanh(x) + jnp.sin(x) + jnp.cos(x) + nn.sigmoid(x)))
    return lambda: float(total(x))


def conv_step():
    def loss(p, x, y, key):
        h = _conv_features(p, x)
        h = jnp.where(jax.random.bernoulli(key, 0.5, h.shape), h / 0.5, 0)
        return _cross_entropy(h @ p[6] + p[7], y)
    x, y = data.images('conv_step')
    p, update = _conv_start(), _adam(1e-4)

    @jax.jit
    def step(p, state, x, y, key):
        key, used = jax.random.split(key)
        p, state = update(p, jax.grad(loss)(p, x, y, used), state)
        return p, state, key
    held = [p, _adam_start(p), jax.random.PRNGKey(0)]

    def run():
        held[:] = step(held[0], held[1], x, y, held[2])
        jax.block_until_ready(held)
    return run


def conv_accuracy():
    return _accuracy(lambda p, x: _conv_features(p, x) @ p[6] + p[7], _conv_start(),
                     data.images('conv_accuracy'))


WORKLOADS = {f.__name__: f for f in (scalar_add, linear_regression, softmax_regression, softmax_accuracy, mlp,
                                     transcendentals, conv_step, conv_accuracy)}


def _training(loss, start, batch, update):
    @jax.jit
    def step(p, state, x, y):
        value, gradients = jax.value_and_grad(loss)(p, x, y)
        p, state = update(p, gradients, state)
        return p, state, value
    held = [start, _adam_start(start)]

    def run():
        held[0], held[1], value = step(held[0], held[1], *batch)
        jax.block_until_ready(held)
        return value
    return run


def _accuracy(logits, p, batch):
    accuracy = jax.jit(lambda p, x, y: jnp.mean(jnp.argmax(logits(p, x), 1) == jnp.argmax(y, 1)))
    return lambda: float(accuracy(p, *batch))


def _cross_entropy(logits, labels):
    return -jnp.mean(jnp.sum(labels * nn.log_softmax(logits), 1))


def _softmax_start():
    return [jnp.zeros([784, 10]), jnp.zeros([10])]


def _conv_start():
    parameters = []
    for shape in data.conv_shapes():
        parameters += [jnp.asarray(data.weights(*shape)), jnp.full(shape[-1:], 0.1)]
    return parameters


def _conv_features(p, x):
    h = x.reshape(-1, 28, 28, 1)
    for w, b in ((p[0], p[1]), (p[2], p[3])):
        h = lax.conv_general_dilated(h, w, (1, 1), 'SAME', dimension_numbers=('NHWC', 'HWIO', 'NHWC'))
        h = nn.relu(h + b)
        h = lax.reduce_window(h, -jnp.inf, lax.max, (1, 2, 2, 1), (1, 2, 2, 1), 'SAME')
    return nn.relu(h.reshape(-1, 7 * 7 * 64) @ p[4] + p[5])


def _adam_start(parameters):
    zeros = [jnp.zeros_like(p) for p in parameters]
    return jnp.zeros([]), zeros, zeros


def _adam(rate):
    return functools.partial(_adam_update, rate)


def _adam_update(rate, parameters, gradients, state):
    """Adam (D. Kingma, J. Ba, 2014, arXiv:1412.6980)."""
    t, ms, vs = state
    t = t + 1
    ms = [0.9 * m + 0.1 * g for m, g in zip(ms, gradients)]
    vs = [0.999 * v + 0.001 * g * g for v, g in zip(vs, gradients)]
    scale = rate * jnp.sqrt(1 - 0.999 ** t) / (1 - 0.9 ** t)
    parameters = [p - scale * m / (jnp.sqrt(v) + 1e-8) for p, m, v in zip(parameters, ms, vs)]
    return parameters, (t, ms, vs)
