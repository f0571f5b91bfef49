"""Tests of graphflow.kernels.conv against TensorFlow 1.15.5 and plain sums."""
import numpy as np
import pytest

from graphflow.framework.errors import InvalidArgumentError
from graphflow.kernels import conv, correlate, threads
from graphflow.kernels.conv_geometry import window
from tests.kernels.conv_cases import check, compare, load, to_channels_first

CASES = load(('Conv', 'Depthwise'))
IMAGES = {'': ((0,), (0,), ()), 'BackpropInput': ((2,), (0,), (0,)), 'BackpropFilter': ((0, 2), (), ())}


@pytest.mark.parametrize('case', CASES, ids=[c[0] for c in CASES])
def test_as_tensorflow(case):
    check(*case[1:])


@pytest.mark.parametrize('case', CASES, ids=[c[0] for c in CASES])
def test_channels_first(case):
    _, op, attrs, inputs, outputs = case
    kind = next(k for k in ('BackpropInput', 'BackpropFilter', '') if k in op)
    images, image_outputs, shapes = IMAGES[kind]
    check(op, *to_channels_first(attrs, inputs, outputs, images, image_outputs, shapes))


def plain_conv2d(x, w, strides, dilations, pads):
    x = np.pad(x, ((0, 0), *pads, (0, 0)))
    extent = [(n - 1) * d + 1 for n, d in zip(w.shape, dilations)]
    out = [(n - e) // s + 1 for n, e, s in zip(x.shape[1:], extent, strides)]
    y = np.zeros((x.shape[0], *out, w.shape[3]), x.dtype)
    for a in range(w.shape[0]):
        for b in range(w.shape[1]):
            rows = slice(a * dilations[0], a * dilations[0] + (out[0] - 1) * strides[0] + 1, strides[0])
            columns = slice(b * dilations[1], b * dilations[1] + (out[1] - 1) * strides[1] + 1, strides[1])
            y += x[:, rows, columns] @ w[a, b]
    return y


SHAPES = [((3, 9, 8, 4), (3, 3, 4, 5)), ((2, 12, 11, 1), (5, 4, 1, 33)), ((1, 7, 9, 20), (2, 3, 20, 70)),
          ((2, 6, 6, 35), (1, 1, 35, 32)), ((2, 13, 5, 3), (7, 2, 3, 2)), ((2, 8, 6, 9), (3, 2, 9, 2))]


@pytest.mark.parametrize('shapes', SHAPES)
@pytest.mark.parametrize('strides', [(1, 1), (2, 1), (2, 3), (4, 4)])
@pytest.mark.parametrize('dilations', [(1, 1), (1, 2), (2, 1)])
@pytest.mark.parametrize('band_bytes', [1, 192 * 1024])
def test_gradients_are_the_adjoints_of_the_convolution(shapes, strides, dilations, band_bytes, monkeypatch):
    monkeypatch.setattr(correlate, 'BAND_BYTES', band_bytes)
    monkeypatch.setattr(correlate, 'GRAIN_FLOPS', 1)
    monkeypatch.setattr(threads, 'THREADS', 3)
    correlate._band.cache_clear()
    rng = np.random.default_rng(0)
    x, w = (rng.standard_normal(s) for s in shapes)
    pads = ((0, 3), (2, 1))
    attrs = dict(strides=[1, *strides, 1], padding='EXPLICIT', explicit_paddings=[0, 0, 0, 3, 2, 1, 0, 0],
                 dilations=[1, *dilations, 1])
    y = conv.conv2d(x, w, **attrs)
    np.testing.assert_allclose(y, plain_conv2d(x, w, strides, dilations, pads), rtol=1e-11, atol=1e-11)
    dy = rng.standard_normal(y.shape)
    dx = conv.conv2d_backprop_input(np.array(x.shape), w, dy, **attrs)
    dw = conv.conv2d_backprop_filter(x, np.array(w.shape), dy, **attrs)
    np.testing.assert_allclose([(dx * x).sum(), (dw * w).sum()], (dy * y).sum(), rtol=1e-9)
    x2, w2 = rng.standard_normal(x.shape), rng.standard_normal(w.shape)
    np.testing.assert_allclose((dx * x2).sum(), (dy * conv.conv2d(x2, w, **attrs)).sum(), rtol=1e-9)
    np.testing.assert_allclose((dw * w2).sum(), (dy * conv.conv2d(x, w2, **attrs)).sum(), rtol=1e-9)
    correlate._band.cache_clear()


@pytest.mark.parametrize('shape, filters', [((0, 5, 5, 2), (3, 3, 2, 4)), ((2, 5, 5, 0), (3, 3, 0, 4)),
                                            ((2, 5, 5, 2), (3, 3, 2, 0)), ((2, 2, 5, 2), (3, 3, 2, 4))])
def test_empty(shape, filters):
    x, w = np.ones(shape, 'f'), np.ones(filters, 'f')
    attrs = dict(strides=[1, 1, 1, 1], padding='VALID')
    y = conv.conv2d(x, w, **attrs)
    assert y.shape == (shape[0], shape[1] - 2, 3, filters[3]) and not y.any()
    compare(conv.conv2d_backprop_input(np.array(shape), w, y, **attrs), np.zeros(shape, 'f'))
    compare(conv.conv2d_backprop_filter(x, np.array(filters), y, **attrs), np.zeros(filters, 'f'))


def test_nan_and_inf_stay_in_their_windows():
    x = np.zeros((1, 6, 6, 1), 'f')
    x[0, 1, 1], x[0, 4, 4] = np.nan, np.inf
    y = conv.conv2d(x, np.ones((3, 3, 1, 1), 'f'), [1, 1, 1, 1], 'SAME')[0, :, :, 0]
    expected = np.zeros((6, 6))
    expected[3:, 3:] = np.inf
    expected[:3, :3] = np.nan
    np.testing.assert_array_equal(y, expected)


@pytest.mark.parametrize('args, message', [
    (((2, 5, 6, 3), (3, 3, 4, 2)), 'input depth must be evenly divisible by filter depth: 3 vs 4'),
    (((2, 5, 6), (3, 3, 4, 2)), r'input must be 4-dimensional\[2,5,6\]'),
    (((2, 1, 1, 2), (3, 3, 2, 2)), r'Computed output size would be negative: -1 \[input_size: 1, '
                                   r'effective_filter_size: 3, stride: 1\]')])
def test_errors(args, message):
    with pytest.raises(InvalidArgumentError, match=message):
        conv.conv2d(*(np.zeros(s, 'f') for s in args), [1, 1, 1, 1], 'VALID')


def test_gradient_errors():
    with pytest.raises(InvalidArgumentError, match="Size of out_backprop doesn't match computed: actual = 4, "
                       'computed = 3 spatial_dim: 1 input: 5 filter: 3 output: 4 stride: 1 dilation: 1'):
        conv.conv2d_backprop_input([2, 5, 6, 3], np.zeros((3, 3, 3, 2), 'f'), np.zeros((2, 4, 4, 2), 'f'),
                                   [1, 1, 1, 1], 'VALID')


@pytest.mark.parametrize('size, taps, stride, dilation', [(7, 3, 1, 1), (7, 3, 2, 1), (8, 3, 2, 1), (5, 2, 3, 2)])
def test_windows(size, taps, stride, dilation):
    extent = (taps - 1) * dilation + 1
    same = window(size, taps, stride, dilation, 'SAME')
    assert same.out == -(-size // stride) and same.before == max(0, (same.out - 1) * stride + extent - size) // 2
    assert window(size, taps, stride, dilation, 'VALID').out == len(range(0, size - extent + 1, stride))
    assert window(size, taps, stride, dilation, 'EXPLICIT', (1, 2)).out == len(range(0, size + 4 - extent, stride))


@pytest.mark.parametrize('relu', [False, True])
@pytest.mark.parametrize('data_format', ['NHWC', 'NCHW'])
@pytest.mark.parametrize('channels', [1, 3, 32, 37])
def test_bias_and_relu_in_one_pass(relu, data_format, channels):
    random = np.random.default_rng(0)
    x, w = random.standard_normal((3, 9, 8, 2)).astype('f'), random.standard_normal((3, 3, 2, channels)).astype('f')
    bias = random.standard_normal(channels).astype('f')
    expected = conv.conv2d(x, w, (1, 1, 1, 1), 'SAME') + bias
    expected = np.maximum(expected, 0) if relu else expected
    x = x if data_format == 'NHWC' else np.ascontiguousarray(x.transpose(0, 3, 1, 2))
    actual = conv.conv2d_fused(x, w, bias, (1, 1, 1, 1), 'SAME', data_format, relu=relu)
    actual = actual if data_format == 'NHWC' else actual.transpose(0, 2, 3, 1)
    np.testing.assert_allclose(actual, expected, atol=1e-5)


def test_bias_and_relu_of_nothing_and_of_nan():
    w, bias = np.ones((1, 1, 2, 3), 'f'), np.array([-1, np.nan, 2], 'f')
    assert conv.conv2d_fused(np.ones((0, 4, 4, 2), 'f'), w, bias, (1, 1, 1, 1), 'SAME').shape == (0, 4, 4, 3)
    y = conv.conv2d_fused(np.full((1, 1, 1, 2), -3, 'f'), w, bias, (1, 1, 1, 1), 'SAME', relu=True)
    np.testing.assert_array_equal(y.ravel(), [0, np.nan, 0])


def test_results_do_not_depend_on_when_arrays_are_released():
    random = np.random.default_rng(0)
    x, dy = random.standard_normal((6, 9, 9, 5)), random.standard_normal((6, 9, 9, 7))
    results = [conv.conv2d_backprop_filter(x, np.array([3, 3, 5, 7]), dy, (1, 1, 1, 1), 'SAME') for _ in range(20)]
    for result in results:
        np.testing.assert_array_equal(result, results[0])
