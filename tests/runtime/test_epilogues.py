"""Bias and relu in the kernels of products and convolutions: the same values, and where patterns must be left alone."""
import numpy as np
import pytest

import graphflow as tf
from graphflow.framework import errors
from graphflow.runtime import epilogues, options
from graphflow.runtime.epilogues import Epilogue
from graphflow.runtime.plan import Plan
from graphflow.runtime.state import SessionState


@pytest.fixture(autouse=True)
def graph(monkeypatch):
    tf.reset_default_graph()
    monkeypatch.setattr(epilogues, 'SMALLEST_PRODUCT', 0)
    tf.set_random_seed(1)


def random(*shape, seed=0):
    return np.random.RandomState(seed).normal(size=shape).astype('f')


def run(mode, fetches, feeds=None, runs=1):
    """The fetches' values of the last run, and the epilogues found: a list of the ops of each one's members."""
    state, feeds = SessionState(), feeds or {}
    with options.compilation('never'):
        Plan([], [tf.global_variables_initializer()], [], state).run(())
    with options.compilation(mode):
        plan = Plan(list(fetches), [], list(feeds), state)
    for _ in range(runs):
        values = plan.run(list(feeds.values()))
    instructions = [i for code in plan.programs.values() for i in code.program.instructions]
    found = [[m.op.replace('V2', '') for m in i.members] for i in instructions if isinstance(i, Epilogue)]
    return values, found


def check(fetches, feeds=None, expected=()):
    """Compiled and not, the values are the same; the epilogues found are those expected."""
    plain, _ = run('never', fetches, feeds)
    values, found = run('always', fetches, feeds)
    for value, wanted in zip(values, plain):
        largest = np.abs(wanted[np.isfinite(wanted)]).max(initial=1)
        np.testing.assert_allclose(value, wanted, 1e-5, 1e-6 * largest)
        assert value.dtype == wanted.dtype
    assert sorted(found) == sorted(expected)
    return values


def images(channels=3, dtype=tf.float32):
    x = tf.placeholder(dtype, [None, 8, 8, channels])
    return x, {x: random(2, 8, 8, channels).astype(dtype.as_numpy_dtype)}


def filters(channels=3, out=5, dtype=tf.float32):
    return tf.Variable(random(3, 3, channels, out, seed=1).astype(dtype.as_numpy_dtype))


@pytest.mark.parametrize('dtype', [tf.float32, tf.float64])
@pytest.mark.parametrize('add', [tf.nn.bias_add, tf.add, lambda x, b: b + x])
def test_convolution(add, dtype):
    x, feeds = images(dtype=dtype)
    y = add(tf.nn.conv2d(x, filters(dtype=dtype), [1, 2, 2, 1], 'SAME'), tf.Variable(tf.cast(random(5), dtype)))
    op = y.op.type.replace('V2', '')
    check([tf.nn.relu(y)], feeds, [['Conv2D', op, 'Relu']])
    check([y], feeds, [['Conv2D', op]])
    check([tf.tanh(y)], feeds, [['Conv2D', op]])


def test_convolution_without_bias():
    x, feeds = images()
    check([tf.nn.relu(tf.nn.conv2d(x, filters(), [1, 1, 1, 1], 'VALID'))], feeds, [['Conv2D', 'Relu']])


def test_channels_first():
    x = tf.placeholder(tf.float32, [None, 3, 8, 8])
    feeds = {x: random(2, 3, 8, 8)}
    conv = tf.nn.conv2d(x, filters(), [1, 1, 1, 1], 'SAME', data_format='NCHW')
    bias = tf.Variable(random(5))
    check([tf.nn.relu(tf.nn.bias_add(conv, bias, data_format='NCHW'))], feeds, [['Conv2D', 'BiasAdd', 'Relu']])
    tall = tf.Variable(random(8))
    check([tf.nn.relu(conv + tall)], feeds)     # that is a number for each column of pixels


def test_what_others_take_is_kept():
    x, feeds = images()
    conv = tf.nn.conv2d(x, filters(), [1, 1, 1, 1], 'SAME')
    biased = tf.nn.bias_add(conv, tf.Variable(random(5)))
    y = tf.nn.relu(biased)
    check([y, biased], feeds, [['Conv2D', 'BiasAdd']])
    check([y, tf.reduce_sum(biased)], feeds, [['Conv2D', 'BiasAdd']])
    check([y, conv], feeds)
    check([conv + conv], feeds)


def test_biases_that_are_none():
    x, feeds = images()
    conv = tf.nn.conv2d(x, filters(), [1, 1, 1, 1], 'SAME')
    check([conv + 1.], feeds)
    check([conv + random(8, 1)], feeds)
    check([conv + random(2, 8, 8, 5)], feeds)


def test_product():
    x = tf.placeholder(tf.float32, [None, 6])
    feeds = {x: random(4, 6)}
    product = tf.matmul(x, tf.Variable(random(6, 5)))
    biased = product + tf.Variable(random(5))
    check([tf.nn.relu(biased)], feeds, [['MatMul', 'Add', 'Relu']])
    check([tf.nn.softmax(biased)], feeds, [['MatMul', 'Add']])
    # The loop of tanh adds the bias.
    check([tf.tanh(biased)], feeds)
    check([tf.nn.relu(tf.matmul(x, random(5, 6), transpose_b=True) + random(5))], feeds, [['MatMul', 'Add', 'Relu']])


def test_small_products_are_left_alone(monkeypatch):
    monkeypatch.setattr(epilogues, 'SMALLEST_PRODUCT', 4 * 20 + 1)
    check([tf.matmul(random(4, 6), tf.Variable(random(6, 5))) + random(5)])
    monkeypatch.setattr(epilogues, 'SMALLEST_PRODUCT', 4 * 20)
    check([tf.matmul(random(4, 6), tf.Variable(random(6, 5))) + random(5)], expected=[['MatMul', 'Add']])


def test_half_precision_is_left_alone():
    x, feeds = images(dtype=tf.float16)
    check([tf.nn.relu(tf.nn.conv2d(x, filters(dtype=tf.float16), [1, 1, 1, 1], 'SAME'))], feeds)


def test_nan_passes():
    x, feeds = images()
    feeds[x][0, 3, 3] = np.nan
    y, = check([tf.nn.relu(tf.nn.conv2d(x, filters(), [1, 1, 1, 1], 'SAME') + random(5))], feeds,
               [['Conv2D', 'Add', 'Relu']])
    assert np.isnan(y).any()


@pytest.mark.parametrize('size, stride', [(2, 2), (3, 2), (3, 1)])
def test_gradients(size, stride):
    x, feeds = images()
    w, b = filters(), tf.Variable(random(5))
    h = tf.nn.relu(tf.nn.conv2d(x, w, [1, 1, 1, 1], 'SAME') + b)
    y = tf.nn.max_pool(h, [1, size, size, 1], [1, stride, stride, 1], 'SAME')
    gradients = tf.gradients(tf.reduce_sum(y * y), [x, w, b])
    check(gradients, feeds, [['Conv2D', 'Add', 'Relu'], ['MaxPoolGrad', 'ReluGrad']])


def test_gradient_of_a_pool_shows_infinity():
    x, feeds = images()
    h = tf.nn.relu(x)
    y = tf.nn.max_pool(h, [1, 2, 2, 1], [1, 2, 2, 1], 'SAME')
    dy = np.full((2, 4, 4, 3), np.inf, 'f')
    dy[0] = np.nan
    feeds[x][0, :4] = -1
    values, = check(tf.gradients(y, x, dy), feeds, [['MaxPoolGrad', 'ReluGrad']])
    assert np.isnan(values[0, :2]).any() and np.isinf(values[1]).any()


def test_gradient_of_a_pool_elsewhere():
    x, feeds = images()
    y = tf.nn.max_pool(tf.nn.relu(x), [1, 2, 2, 1], [1, 2, 2, 1], 'SAME')
    dx, = tf.gradients(y, x)
    dh = dx.op.inputs[0]
    check([dx, dh], feeds)
    y = tf.nn.max_pool(x, [1, 2, 2, 1], [1, 2, 2, 1], 'SAME')     # no relu in front
    check(tf.gradients(tf.square(y), x), feeds)


def test_variables_are_read_before_they_change():
    x, feeds = images()
    w, b = filters(), tf.Variable(random(5))
    conv = tf.nn.conv2d(x, w, [1, 1, 1, 1], 'SAME')
    with tf.control_dependencies([conv]):
        update = tf.assign(w, w * 0.)
    with tf.control_dependencies([update]):
        y = tf.nn.relu(tf.nn.bias_add(conv, b))
    check([y], feeds)


def test_steps_of_training():
    x, feeds = images()
    w, b = filters(), tf.Variable(random(5))
    h = tf.nn.relu(tf.nn.conv2d(x, w, [1, 1, 1, 1], 'SAME') + b)
    loss = tf.reduce_mean(tf.square(tf.nn.max_pool(h, [1, 2, 2, 1], [1, 2, 2, 1], 'SAME') - 1))
    step = tf.train.GradientDescentOptimizer(.1).minimize(loss)
    with tf.control_dependencies([step]):
        after = tf.identity(w)
    plain, _ = run('never', [loss, after], feeds, runs=4)
    values, found = run('always', [loss, after], feeds, runs=4)
    assert sorted(found) == [['Conv2D', 'Add', 'Relu'], ['MaxPoolGrad', 'ReluGrad']]
    for value, wanted in zip(values, plain):
        np.testing.assert_allclose(value, wanted, 1e-5, 1e-6)


def test_errors_are_those_of_the_members():
    x = tf.placeholder(tf.float32, [None, None])
    y = tf.nn.relu(tf.matmul(x, random(6, 5), name='product') + random(5))
    with pytest.raises(errors.InvalidArgumentError, match='Matrix size-incompatible') as plain:
        run('never', [y], {x: random(4, 7)})
    with pytest.raises(errors.InvalidArgumentError) as found:
        run('always', [y], {x: random(4, 7)})
    assert found.value.message == plain.value.message and found.value.op.name == 'product'
