"""What functions called by py_func may do wrong."""
import gc

import numpy as np
import pytest

import graphflow as tf


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default(), tf.Session():
        yield


def run(function, inp, Tout):
    return tf.get_default_session().run(tf.py_func(function, inp, Tout))


@pytest.mark.parametrize('raised, seen', [
    (ValueError, 'InvalidArgumentError'), (TypeError, 'InvalidArgumentError'), (StopIteration, 'OutOfRangeError'),
    (MemoryError, 'ResourceExhaustedError'), (NotImplementedError, 'UnimplementedError'),
    (RuntimeError, 'UnknownError'), (IndexError, 'UnknownError')])
def test_exceptions(raised, seen):
    def fail(x):
        raise raised('oops')
    with pytest.raises(getattr(tf.errors, seen), match=f'{raised.__name__}: oops\nTraceback'):
        run(fail, [1.], tf.float32)


@pytest.mark.parametrize('function, Tout, message', [
    (lambda: np.float64(1), tf.float32, '0-th value returned by pyfunc_[0-9]+ is double, but expects float'),
    (lambda: 3, tf.int32, 'is int64, but expects int32'),
    (lambda: None, tf.float32, 'returns 0 values, but expects to see 1 values.'),
    (lambda: (1., 2.), [tf.double], 'returns 2 values, but expects to see 1 values.')])
def test_wrong_results(function, Tout, message):
    with pytest.raises(tf.errors.InvalidArgumentError, match=message):
        run(function, [], Tout)


def test_not_callable():
    with pytest.raises(ValueError, match="Expected func to be callable, got func of type <class 'int'>"):
        tf.py_func(3, [1.], tf.float32)


def test_arguments():
    seen = []
    run(lambda *args: seen.extend(map(type, args)), [1., 'a', [1], True], [])
    assert seen == [np.float32, bytes, np.ndarray, np.bool_]


def test_arrays_are_the_functions_own():
    x = tf.constant([1., 2.])

    def change(a):
        a[:] = 0
        return a
    y = tf.py_func(change, [x], tf.float32)
    np.testing.assert_array_equal(tf.get_default_session().run([x, y])[0], [1, 2])


def test_function_lives_as_long_as_the_graph():
    y = tf.py_func(lambda: np.float32(5), [], tf.float32)
    gc.collect()
    assert tf.get_default_session().run(y) == 5


def test_eager_function():
    with pytest.raises(tf.errors.UnimplementedError, match='use tf.py_func'):
        tf.get_default_session().run(tf.py_function(lambda x: x, [1.], tf.float32))


def test_sparse_times_dense_gradient():
    a = tf.SparseTensor([[0, 1], [2, 0]], [2., 3.], [3, 2])
    d = tf.constant([[10., 20.]])
    got = tf.get_default_session().run(tf.gradients((a * d).values, a.values) + tf.gradients((a / d).values, a.values))
    np.testing.assert_allclose(got, [[20, 10], [.05, .1]])
