"""By hand: the derivatives worked out on paper, loops in numba, products by numpy."""
import math

import numba
import numpy as np

import data

VERSION = numba.__version__
jit = numba.njit(fastmath=True)


def scalar_add():
    add = jit(lambda x: x + np.float32(1))
    return lambda: add(np.float32(2))


def linear_regression():
    x, y = data.line()
    parameters = np.array([1, 0], 'f')
    m, v, step = np.zeros(2, 'f'), np.zeros(2, 'f'), [0]

    @jit
    def gradient(x, y, p):
        loss = np.float32(0)
        g = np.zeros(2, np.float32)
        for i in range(len(x)):
            error = x[i, 0] * p[0] + p[1] - y[i, 0]
            loss += error * error
            g[0] += 2 * error * x[i, 0]
            g[1] += 2 * error
        return loss / len(x), g / np.float32(len(x))

    def run():
        step[0] += 1
        loss, g = gradient(x, y, parameters)
        _adam(parameters, g, m, v, _rate(1e-3, step[0]))
        return loss
    return run


def softmax_regression():
    x, y_ = data.images('softmax_regression')
    w, b = np.zeros((784, 10), 'f'), np.zeros(10, 'f')

    def run():
        _, g = _softmax_loss(x @ w, b, y_)
        _descend(w.ravel(), (x.T @ g).ravel(), np.float32(0.5))
        _descend(b, g.sum(0), np.float32(0.5))
    return run


def softmax_accuracy():
    x, y_ = data.images('softmax_accuracy')
    w, b = np.zeros((784, 10), 'f'), np.zeros(10, 'f')

    @jit
    def accuracy(logits, b, labels):
        right = 0
        for i in range(len(logits)):
            right += np.argmax(logits[i] + b) == np.argmax(labels[i])
        return right / len(logits)
    return lambda: accuracy(x @ w, b, y_)


def mlp():
    x, y_ = data.images('mlp')
    parameters = []
    for n, m in zip(data.LAYERS, data.LAYERS[1:]):
        parameters += [data.weights(n, m), np.zeros(m, 'f')]
    ms, vs = ([np.zeros(p.size, 'f') for p in parameters] for _ in range(2))
    w1, b1, w2, b2, w3, b3 = parameters
    step = [0]

    def run():
        step[0] += 1
        h1 = _relu(x @ w1, b1)
        h2 = _relu(h1 @ w2, b2)
        loss, g3 = _softmax_loss(h2 @ w3, b3, y_)
        g2 = _relu_gradient(g3 @ w3.T, h2)
        g1 = _relu_gradient(g2 @ w2.T, h1)
        gradients = x.T @ g1, g1.sum(0), h1.T @ g2, g2.sum(0), h2.T @ g3, g3.sum(0)
        for p, g, m, v in zip(parameters, gradients, ms, vs):
            _adam(p.ravel(), g.ravel(), m, v, _rate(1e-3, step[0]))
        return loss
    return run


def transcendentals():
    x = data.floats()

    @numba.njit(fastmath=True, parallel=True)
    def total(x):
        s = 0.0
        for i in numba.prange(len(x)):
            v = x[i]
            s += (math.exp(-v) + math.log(v) + math.tanh(v) + math.sin(v) + math.cos(v)
                  + np.float32(1) / (np.float32(1) + math.exp(-v)))
        return s
    return lambda: total(x)


WORKLOADS = {f.__name__: f for f in (scalar_add, linear_regression, softmax_regression, softmax_accuracy, mlp,
                                     transcendentals)}


@jit
def _softmax_loss(logits, b, labels):
    """The mean cross-entropy, and its gradient with respect to the logits."""
    n, classes = logits.shape
    loss, gradient = np.float32(0), np.empty_like(logits)
    for i in range(n):
        row = logits[i] + b
        row = np.exp(row - row.max())
        total = row.sum()
        for j in range(classes):
            p = row[j] / total
            if labels[i, j] != 0:
                loss -= labels[i, j] * math.log(p)
            gradient[i, j] = (p - labels[i, j]) / np.float32(n)
    return loss / n, gradient


@jit
def _relu(x, b):
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            x[i, j] = max(x[i, j] + b[j], np.float32(0))
    return x


@jit
def _relu_gradient(g, h):
    for i in range(g.shape[0]):
        for j in range(g.shape[1]):
            g[i, j] = g[i, j] if h[i, j] > 0 else np.float32(0)
    return g


@jit
def _descend(p, g, rate):
    for i in range(p.size):
        p[i] -= rate * g[i]


@jit
def _adam(p, g, m, v, rate):
    for i in range(p.size):
        m[i] += (g[i] - m[i]) * np.float32(0.1)
        v[i] += (g[i] * g[i] - v[i]) * np.float32(0.001)
        p[i] -= rate * m[i] / (math.sqrt(v[i]) + np.float32(1e-8))


def _rate(rate, step):
    return np.float32(rate * math.sqrt(1 - 0.999 ** step) / (1 - 0.9 ** step))
