"""Tests of pooling, normalisation, dilation and bias kernels against TensorFlow 1.15.5."""
import numpy as np
import pytest

from graphflow.framework.errors import InvalidArgumentError
from graphflow.kernels import batch_norm, bias, dilation, lrn, pool, threads  # noqa: F401 (register kernels)
from tests.kernels.conv_cases import check, compare, load, run, to_channels_first

CASES = load(('MaxPool', 'AvgPool', 'LRN', 'Dilation', 'Bias'))
NORMS = load(('FusedBatchNorm',))
POOLS = [c for c in CASES if 'Pool' in c[1] and 'Argmax' not in c[1]]


@pytest.fixture(autouse=True)
def many_small_shards(monkeypatch):
    monkeypatch.setattr(threads, 'THREADS', 3)
    for module in (pool, dilation, lrn, batch_norm):
        monkeypatch.setattr(module, 'GRAIN', 1)


@pytest.mark.parametrize('case', CASES, ids=[c[0] for c in CASES])
def test_as_tensorflow(case):
    check(*case[1:])


@pytest.mark.parametrize('case', POOLS, ids=[c[0] for c in POOLS])
def test_pools_channels_first(case):
    _, op, attrs, inputs, outputs = case
    images = [i for i, x in enumerate(inputs) if x.ndim > 1]
    attrs, inputs, outputs = to_channels_first(attrs, inputs, outputs, images, (0,),
                                               () if images[0] == 0 and 'V2' not in op else (0, 1, 2, 3, 4))
    check(op, attrs, inputs, outputs)


def defined(op, attrs, outputs):
    """TensorFlow leaves the statistics unset when not training."""
    return outputs if attrs['is_training'] or 'Grad' in op else outputs[:1]


@pytest.mark.parametrize('case', NORMS, ids=[c[0] for c in NORMS])
@pytest.mark.parametrize('data_format', ['NHWC', 'NCHW'])
def test_batch_norm_as_tensorflow(case, data_format):
    _, op, attrs, inputs, outputs = case
    if data_format == 'NCHW':
        images = [i for i, x in enumerate(inputs) if x.ndim == 4]
        attrs, inputs, outputs = to_channels_first(attrs, inputs, outputs, images, (0,))
    actual = run(op, attrs, inputs)
    assert [(a.shape, a.dtype) for a in actual] == [(a.shape, a.dtype) for a in outputs]
    for a, expected in zip(actual, defined(op, attrs, outputs)):
        compare(a, expected)


def test_batch_norm_is_exact_far_from_zero():
    x = (np.random.default_rng(0).standard_normal((4, 40, 40, 2)) + 1e4).astype('f')
    _, mean, variance, *_ = batch_norm.fused_batch_norm(x, np.ones(2, 'f'), np.zeros(2, 'f'), np.empty(0, 'f'),
                                                        np.empty(0, 'f'))
    np.testing.assert_allclose(mean, x.mean((0, 1, 2), dtype='d'), rtol=1e-6)
    np.testing.assert_allclose(variance, x.astype('d').var((0, 1, 2), ddof=1), rtol=1e-5)


def test_bias_gradient_of_many_rows_is_exact():
    x = np.random.default_rng(0).random((3, 100_001, 5)).astype('f')
    np.testing.assert_allclose(bias.bias_add_grad(x), x.sum((0, 1), dtype='d'), rtol=1e-6)
    np.testing.assert_allclose(bias.bias_add_grad(np.moveaxis(x, 2, 1), 'NCHW'), x.sum((0, 1), dtype='d'), rtol=1e-6)


NAN, INF = float('nan'), float('inf')


@pytest.mark.parametrize('op, expected', [
    (pool.max_pool, [2, 2, 2, -3.4028235e38, -3.4028235e38, 3, INF]),
    (pool.max_pool_with_argmax, [NAN, 2, 2, NAN, -INF, 3, INF])])
def test_nan_and_infinity(op, expected):
    x = np.array([NAN, 1, 2, 1, NAN, 2, 1, 2, NAN, NAN, NAN, NAN, -INF, -INF, -INF, 3, 3, 1, -INF, NAN, INF], 'f')
    y = op(x.reshape(1, 1, -1, 1), [1, 1, 3, 1], [1, 1, 3, 1], 'VALID')
    y, *at = y if isinstance(y, tuple) else (y,)
    np.testing.assert_array_equal(y.ravel(), np.array(expected, 'f'))
    if at:
        assert at[0].ravel().tolist() == [0, 5, 7, 9, 12, 15, 20]


@pytest.mark.parametrize('shape', [(0, 5, 5, 1), (1, 5, 5, 0), (2, 2, 5, 1)])
def test_empty_pools(shape):
    x = np.zeros(shape, 'f')
    attrs = dict(ksize=[1, 3, 3, 1], strides=[1, 1, 1, 1], padding='VALID')
    for op, grad in ((pool.max_pool, lambda y: pool.max_pool_grad(x, y, y, **attrs)),
                     (pool.avg_pool, lambda y: pool.avg_pool_grad(shape, y, **attrs))):
        y = op(x, **attrs)
        assert y.shape == (shape[0], shape[1] - 2, 3, shape[3])
        assert grad(y).shape == shape


@pytest.mark.parametrize('call, message', [
    (lambda z: pool.max_pool(z(2, 5, 6), [1, 3, 3, 1], [1, 1, 1, 1], 'VALID'),
     'tensor_in_shape must have 2 spatial dimensions. 3 0'),
    (lambda z: pool.max_pool(z(2, 1, 1, 2), [1, 3, 3, 1], [1, 1, 1, 1], 'VALID'),
     'Computed output size would be negative: -1'),
    (lambda z: pool.avg_pool_grad([2, 5, 6], z(2, 3, 3, 1), [1, 3, 3, 1], [1, 1, 1, 1], 'VALID'),
     'out_backprop must be 1-dimensional and 4 elements'),
    (lambda z: bias.bias_add(z(2, 3), z(4)),
     r'Must provide as many biases as the last dimension of the input tensor: \[4\] vs. \[2,3\]'),
    (lambda z: bias.bias_add(z(3), z(3)), r'Input tensor must be at least 2D: \[3\]'),
    (lambda z: bias.bias_add(z(2, 3), z(1, 3)), r'Biases must be 1D: \[1,3\]'),
    (lambda z: batch_norm.fused_batch_norm(z(2, 3), z(3), z(3), z(0), z(0)), r'input must be 4-dimensional\[2,3\]'),
    (lambda z: batch_norm.fused_batch_norm(z(2, 3, 4, 5), z(5), z(5), z(5), z(5)),
     r'estimated_mean must be empty for training\[5\]'),
    (lambda z: lrn.lrn(z(2, 3, 4)), 'in must be 4-dimensional'),
    (lambda z: dilation.dilation2d(z(2, 5, 5, 3), z(3, 3, 4), [1, 1, 1, 1], [1, 1, 1, 1], 'VALID'),
     'input and filter must have the same depth: 3 vs 4')])
def test_errors(call, message):
    with pytest.raises(InvalidArgumentError, match=message):
        call(lambda *shape: np.zeros(shape, 'f'))


@pytest.mark.parametrize('size, k, stride', [(8, 2, 2), (9, 2, 2), (9, 3, 2), (10, 2, 3)])
def test_max_pool_of_rectified_images_in_one_pass(size, k, stride):
    random = np.random.default_rng(0)
    x = random.integers(-3, 3, (3, size, size, 5)).astype('f')
    sizes = [1, k, k, 1], [1, stride, stride, 1], 'SAME'
    rectified = np.maximum(x, 0)
    y = pool.max_pool(rectified, *sizes)
    np.testing.assert_array_equal(pool.max_pool_relu(x, *sizes), y)
    dy = random.standard_normal(y.shape).astype('f')
    expected = pool.max_pool_grad(rectified, y, dy, *sizes) * (x > 0)
    np.testing.assert_allclose(pool.max_pool_relu_grad(rectified, dy, *sizes), expected, atol=1e-6)
    distinct = x + random.standard_normal(x.shape).astype('f') / 100
    rectified = np.maximum(distinct, 0)
    y = pool.max_pool(rectified, *sizes)
    expected = pool.max_pool_grad(rectified, y, dy, *sizes) * (distinct > 0)
    np.testing.assert_allclose(pool.max_pool_relu_grad(distinct, dy, *sizes), expected, atol=1e-6)


@pytest.mark.parametrize('channels', [1, 7, 32, 70])
@pytest.mark.parametrize('dtype', [np.float32, np.float64])
def test_bias_gradient_is_exact_over_many_rows(channels, dtype):
    dy = np.random.default_rng(0).standard_normal((2, 40, 30, channels)).astype(dtype)
    expected = dy.astype('d').sum((0, 1, 2))
    np.testing.assert_allclose(bias.bias_add_grad(dy), expected, rtol=0, atol=2e-4 if dtype == np.float32 else 1e-11)
    np.testing.assert_allclose(bias.bias_add_grad(np.moveaxis(dy, -1, 1), 'NCHW'), expected, rtol=0,
                               atol=2e-4 if dtype == np.float32 else 1e-11)
