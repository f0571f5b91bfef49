"""Gradients that users define, second derivatives, and the check of gradients by finite differences."""
import numpy as np
import pytest

import graphflow as tf


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default(), tf.Session():
        yield


def value(t):
    return tf.get_default_session().run(t)


def test_custom_gradient_is_used():
    @tf.custom_gradient
    def log1pexp(x):
        e = tf.exp(x)
        return tf.log(1 + e), lambda dy: dy * (1 - 1 / (1 + e))
    x = tf.constant(100.)
    assert value(tf.gradients(log1pexp(x), x)) == [1.0]


def test_structure_of_results():
    @tf.custom_gradient
    def pair(x, y):
        return (x * y, x + y), lambda a, b: (2 * a, 3 * b)
    x, y = tf.constant(2.), tf.constant(3.)
    product, total = pair(x, y)
    assert value([product, total]) == [6, 5]
    assert value(tf.gradients([product, total], [x, y])) == [2, 3]
    assert value(tf.gradients(product, [x, y])) == [2, 0]


def test_variables_inside():
    @tf.custom_gradient
    def scaled(x):
        v = tf.get_variable('v', initializer=2.)

        def grad(dy, variables=None):
            assert variables == [v]
            return dy * v, [dy * x * 10]
        return x * v, grad
    x = tf.constant(5.)
    with tf.variable_scope('s', use_resource=True):
        y = scaled(x)
    grads = tf.gradients(y, [x] + tf.trainable_variables())
    value(tf.global_variables_initializer())
    assert value([y] + grads) == [10, 2, 50]


def test_errors():
    @tf.custom_gradient
    def with_variable(x):
        return x * tf.get_variable('v', initializer=2.), lambda dy: dy
    with pytest.raises(TypeError, match='must be `ResourceVariable`s'):
        with_variable(tf.constant(1.))
    with tf.variable_scope('s', use_resource=True), pytest.raises(TypeError, match="keyword argument 'variables'"):
        with_variable(tf.constant(1.))
    with pytest.raises(ValueError, match='supports keywords arguments only'):
        with_variable(x=tf.constant(1.))


def test_grad_pass_through():
    x = tf.constant(1.5)
    with tf.variable_scope('s', use_resource=True):
        y = tf.grad_pass_through(tf.floor)(x)
    assert value([y] + tf.gradients(y * 3., x)) == [1, 3]


def test_gradient_override_map():
    @tf.RegisterGradient('Tenfold')
    def _(op, grad):
        return 10. * grad
    x = tf.constant(2.)
    with tf.get_default_graph().gradient_override_map({'Square': 'Tenfold'}):
        y = tf.square(x)
    assert value(tf.gradients([y, tf.square(x)], x)) == [14]
    with pytest.raises(KeyError, match="Registering two gradient with name 'Tenfold'"):
        tf.RegisterGradient('Tenfold')(lambda op, grad: grad)


def test_py_func_with_gradient():
    """The usual recipe: a py_func whose gradient is another py_func."""
    @tf.RegisterGradient('CubeGradient')
    def _(op, grad):
        return tf.py_func(lambda x, g: 3 * x * x * g, [op.inputs[0], grad], tf.float32)
    x = tf.constant([1., 2.])
    with tf.get_default_graph().gradient_override_map({'PyFunc': 'CubeGradient'}):
        y = tf.py_func(lambda x: x ** 3, [x], tf.float32)
    np.testing.assert_array_equal(value(tf.gradients(y, x)[0]), [3, 12])


def test_hessians():
    x = tf.constant([1., 2.])
    np.testing.assert_allclose(value(tf.hessians(x[0] ** 2 * x[1], x))[0], [[4, 2], [2, 0]])
    m = tf.ones([2, 2])
    assert tf.hessians(tf.reduce_sum(m ** 3), [m])[0].shape == [2, 2, 2, 2]


def test_compute_gradient():
    a = tf.constant([[1., 2.], [3., 4.]])
    b = tf.constant([[2.], [1.]])
    y = tf.matmul(a, b)
    symbolic, numeric = tf.test.compute_gradient(a, [2, 2], y, [2, 1])
    np.testing.assert_allclose(symbolic, [[2, 0], [1, 0], [0, 2], [0, 1]])
    np.testing.assert_allclose(numeric, symbolic, atol=1e-3)
    assert len(tf.test.compute_gradient([a, b], [[2, 2], [2, 1]], y, [2, 1])) == 2
    assert tf.test.compute_gradient_error(a, [2, 2], y, [2, 1], x_init_value=np.ones([2, 2])) < 1e-3


def test_compute_gradient_of_complex():
    x = tf.placeholder(tf.complex64, [2])
    symbolic, _ = tf.test.compute_gradient(x, [2], x * x, [2])
    assert symbolic.shape == (4, 4)
    assert tf.test.compute_gradient_error(x, [2], x * x, [2]) < 1e-2


def test_compute_gradient_error_sees_wrong_gradients():
    @tf.RegisterGradient('WrongSquare')
    def _(op, grad):
        return grad
    x = tf.constant([3.])
    with tf.get_default_graph().gradient_override_map({'Square': 'WrongSquare'}):
        y = tf.square(x)
    assert tf.test.compute_gradient_error(x, [1], y, [1], x_init_value=np.array([3.])) > 4
