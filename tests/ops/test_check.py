"""What the assertions of tf.debugging say, at once or in the run."""
import numpy as np
import pytest

import graphflow as tf

D = tf.debugging


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default(), tf.Session():
        yield


def p(dtype=tf.float32, shape=None):
    return tf.placeholder(dtype, shape)


@pytest.mark.parametrize('check, error, message', [
    (lambda: D.assert_equal(tf.constant([1, 2]), [1, 3]), tf.errors.InvalidArgumentError,
     'Condition x == y did not hold element-wise:\nx (Const:0) = \n[1 2]\ny (assert_equal_1/y:0) = \n[1 3]'),
    (lambda: D.assert_less(2, 1, message='z'), tf.errors.InvalidArgumentError,
     'z\nCondition x < y did not hold element-wise:\nx (assert_less/x:0) = \n2\ny (assert_less/y:0) = \n1'),
    (lambda: D.assert_rank(p(shape=[2]), 2), ValueError,
     '.  Tensor Placeholder:0 must have rank 2.  Received rank 1, shape (2,)'),
    (lambda: D.assert_rank(p(shape=[2]), [2]), ValueError, 'Rank must be a scalar.'),
    (lambda: D.assert_rank_at_least(p(shape=[2]), 2, message='mm'), ValueError,
     'mm.  Tensor Placeholder:0 must have rank at least 2.  Received rank 1, shape (2,)'),
    (lambda: D.assert_rank_in(p(shape=[2, 3]), [1, 3], message='mm'), ValueError,
     'mm.  Tensor Placeholder:0 must have rank in (array(1, dtype=int32), array(3, dtype=int32)).  Received rank 2, '
     'shape (2, 3)'),
    (lambda: D.assert_type(p(), tf.int32, message='mm'), TypeError,
     "mm  Placeholder:0 must be of type <dtype: 'int32'>"),
    (lambda: D.assert_integer(p(), message='mm'), TypeError,
     'mm  Expected "x" to be integer type.  Found: Placeholder:0 of dtype <dtype: \'float32\'>'),
    (lambda: D.assert_scalar(p(shape=[2]), message='x'), ValueError,
     'xExpected scalar shape for Placeholder:0, saw shape: (2,).'),
    (lambda: D.assert_same_float_dtype([p(), p(tf.float64)]), ValueError,
     "Placeholder_1:0, type=<dtype: 'float64'>, must be of the same type (<dtype: 'float32'>) as Placeholder:0."),
    (lambda: D.assert_same_float_dtype([p(tf.int32)]), ValueError,
     "Expected floating point type, got <dtype: 'int32'>."),
    (lambda: D.assert_proper_iterable(1), TypeError,
     'Expected argument "values" to be iterable.  Found: <class \'int\'>'),
    (lambda: D.assert_proper_iterable('a'), TypeError,
     'Expected argument "values" to be a "proper" iterable.  Found: <class \'str\'>'),
    (lambda: D.assert_near(p(tf.int32), p(tf.int32)), ValueError, "data type <class 'numpy.int32'> not inexact"),
])
def test_static(check, error, message):
    with pytest.raises(error) as raised:
        check()
    assert str(raised.value) == message


@pytest.mark.parametrize('check, message', [
    (lambda x: D.assert_equal(x, [1., 2.]), '[Condition x == y did not hold element-wise:] [x (Placeholder:0) = ] '
     '[1 3] [y (assert_equal_1/y:0) = ] [1 2]'),
    (lambda x: D.assert_equal(x, [1., 2.], message='mm', data=['q']), '[mm] [q]'),
    (lambda x: D.assert_negative(x, message='m'), '[m] [Condition x < 0 did not hold element-wise:] '
     '[x (Placeholder:0) = ] [1 3]'),
    (lambda x: D.assert_rank(x, 2, message='m'), '[m] [Tensor Placeholder:0 must have rank] [2] [Received shape: ] [2]'),
    (lambda x: D.assert_rank_in(x, [2, 3]), '[] [Tensor Placeholder:0 must have rank in] [2] [3] [Received shape: ] [2]'),
])
def test_in_the_run(check, message):
    x = p()
    with pytest.raises(tf.errors.InvalidArgumentError) as error:
        tf.get_default_session().run(check(x), {x: np.float32([1, 3])})
    assert error.value.message.splitlines()[0] == 'assertion failed: ' + message


def test_same_float_dtype():
    assert D.assert_same_float_dtype() == tf.float32
    assert D.assert_same_float_dtype([p(tf.float64), None]) == tf.float64
