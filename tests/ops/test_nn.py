"""What nn ops compute, and what they say when run with values that do not fit."""
import numpy as np
import pytest

import graphflow as tf


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default():
        yield


def run(fetches, feeds=None):
    with tf.Session() as session:
        return session.run(fetches, feeds)


def softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


@pytest.mark.parametrize('shape', [(4,), (3, 5), (2, 3, 4), (300, 200)])
@pytest.mark.parametrize('dtype', [np.float16, np.float32, np.float64])
def test_softmax(shape, dtype):
    x = np.random.RandomState(0).uniform(-9, 9, shape).astype(dtype)
    tolerance = {np.float16: 2e-3, np.float32: 2e-6, np.float64: 1e-13}[dtype]
    plain, log = run([tf.nn.softmax(x), tf.nn.log_softmax(x)])
    wide = softmax(x.astype(np.float64))
    assert plain.dtype == log.dtype == dtype
    np.testing.assert_allclose(plain, wide, rtol=tolerance, atol=tolerance)
    np.testing.assert_allclose(log, np.log(wide), rtol=tolerance * 4, atol=tolerance * 4)


def test_softmax_of_what_is_not_finite():
    n, i = np.nan, np.inf
    x = np.array([[1, 2, n], [i, 1, 2], [-i, 1, 2], [-i, -i, -i], [1000, -1000, 3]], np.float32)
    result = run(tf.nn.softmax(x))
    assert np.isnan(result[[0, 1, 3]]).all()
    np.testing.assert_allclose(result[2], [0, 0.26894143, 0.7310586], rtol=1e-6)
    np.testing.assert_array_equal(result[4], [1, 0, 0])
    hot = np.array([[0, 1, 0], [1, 0, 0]], np.float32)
    losses = run([tf.raw_ops.SoftmaxCrossEntropyWithLogits(features=x[[2, 4]], labels=hot),
                  tf.raw_ops.SparseSoftmaxCrossEntropyWithLogits(features=x[[2, 4]], labels=[1, 0])])
    # TensorFlow multiplies the label 0 by the infinite loss of the first class.
    np.testing.assert_allclose(losses[0].loss, [np.nan, 0], rtol=1e-6)
    np.testing.assert_allclose(losses[1].loss, [1.3132616, 0], rtol=1e-6)
    for loss in losses:
        np.testing.assert_allclose(loss.backprop, [[0, -0.7310586, 0.7310586], [0, 0, 0]], rtol=1e-6)


@pytest.mark.parametrize('logits, labels, message', [
    (np.ones((3, 4)), [1, 5, 2], 'Received a label value of 5 which is outside the valid range of [0, 4).  '
     'Label values: 1 5 2'),
    (np.ones((3, 4)), [-1, 0, 2], 'Received a label value of -1 which is outside the valid range of [0, 4).  '
     'Label values: -1 0 2'),
    (np.ones((3, 4)), [1, 2], 'logits and labels must have the same first dimension, got logits shape [3,4] and '
     'labels shape [2]'),
    (np.ones(3), [1, 2], 'logits must be 2-D, but got shape [3]'),
    (np.ones((2, 0)), [1, 2], 'Must have at least one class, but got logits shape [2,0]'),
    (np.ones((2, 4)), [[1, 2]], 'labels must be 1-D, but got shape [1,2]')])
def test_sparse_cross_entropy_refuses(logits, labels, message):
    x, y = tf.placeholder(tf.float32), tf.placeholder(tf.int32)
    loss = tf.raw_ops.SparseSoftmaxCrossEntropyWithLogits(features=x, labels=y)
    with pytest.raises(tf.errors.InvalidArgumentError) as caught:
        run(loss, {x: logits, y: labels})
    assert message in caught.value.message


@pytest.mark.parametrize('x, y, message', [
    ((3, 4), (3, 5), 'logits and labels must be broadcastable: logits_size=[3,4] labels_size=[3,5]'),
    ((4,), (4,), 'logits and labels must be either 2-dimensional, or broadcasted to be 2-dimensional')])
def test_cross_entropy_refuses(x, y, message):
    a, b = tf.placeholder(tf.float32), tf.placeholder(tf.float32)
    with pytest.raises(tf.errors.InvalidArgumentError) as caught:
        run(tf.raw_ops.SoftmaxCrossEntropyWithLogits(features=a, labels=b), {a: np.ones(x), b: np.ones(y)})
    assert message in caught.value.message


def test_sparse_cross_entropy_has_no_second_derivative():
    x = tf.ones([2, 3])
    grad, = tf.gradients(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=[0, 1], logits=x), x)
    with pytest.raises(LookupError, match='second derivative'):
        tf.gradients(grad, x)


@pytest.mark.parametrize('dtype', [np.float16, np.float32, np.int32])
@pytest.mark.parametrize('k', [1, 3, 40, 50])
def test_top_k(dtype, k):
    x = np.random.RandomState(1).randint(0, 30, (4, 2, 50)).astype(dtype)
    values, indices = run(tf.nn.top_k(x, k))
    expected = np.argsort(-x.astype(np.float64), axis=-1, kind='stable')[..., :k]
    np.testing.assert_array_equal(indices, expected)
    np.testing.assert_array_equal(values, np.take_along_axis(x, expected, -1))


@pytest.mark.parametrize('shape, k, message', [
    ((), 1, 'input must be >= 1-D, got shape []'), ((3,), 4, 'input must have at least k columns. Had 3, needed 4'),
    ((3,), -1, 'Need k >= 0, got -1'), ((3,), [1], 'k must be scalar, got shape [1]')])
def test_top_k_refuses(shape, k, message):
    x, n = tf.placeholder(tf.float32), tf.placeholder(tf.int32)
    with pytest.raises(tf.errors.InvalidArgumentError) as caught:
        run(tf.nn.top_k(x, n), {x: np.ones(shape), n: k})
    assert message in caught.value.message


def test_a_fed_default_does_not_fix_static_shapes():
    x = tf.placeholder_with_default(np.ones([2, 3], np.float32), [None, 3])
    filled = tf.fill([tf.shape(x)[0]], 1.)
    assert filled.shape.as_list() == [None]
    assert run(filled, {x: np.ones([5, 3])}).shape == (5,)
