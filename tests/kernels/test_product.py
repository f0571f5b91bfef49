"""Tests of graphflow.kernels.product and blas: matrix products by tiles and by BLAS."""
import numpy as np
import pytest

from graphflow.kernels import blas, matmul, product, threads

SHAPES = [(2, 1, 2), (3, 5, 7), (10, 128, 32), (17, 300, 33), (50, 513, 130), (101, 64, 10), (9, 700, 48), (300, 20, 16)]


@pytest.fixture(autouse=True, params=[1, 3])
def processors(monkeypatch, request):
    monkeypatch.setattr(threads, 'THREADS', request.param)
    monkeypatch.setattr(product, 'GRAIN', 100)


def random(*shape, dtype):
    return np.random.default_rng(0).standard_normal(shape).astype(dtype)


@pytest.mark.parametrize('m,k,n', SHAPES)
@pytest.mark.parametrize('dtype', [np.float32, np.float64])
@pytest.mark.parametrize('transpose_a', [False, True])
@pytest.mark.parametrize('transpose_b', [False, True])
def test_tiles_as_numpy(m, k, n, dtype, transpose_a, transpose_b):
    a, b = random(m, k, dtype=dtype), random(k, n, dtype=dtype)
    a = np.asfortranarray(a) if transpose_a else a
    b = np.asfortranarray(b) if transpose_b else b
    bias = random(n, dtype=dtype)
    expected = a.astype('d') @ b.astype('d')
    tolerance = dict(rtol=0, atol=1e-5 if dtype == np.float32 else 1e-12)
    scale = np.sqrt(k)
    for with_bias in (None, bias):
        for relu in (False, True):
            wanted = expected if with_bias is None else expected + with_bias
            wanted = np.maximum(wanted, 0) if relu else wanted
            for actual in (product.product(a, b, with_bias, relu), blas.product(a, b, with_bias, relu)):
                assert actual.dtype == dtype and actual.flags.c_contiguous
                np.testing.assert_allclose(actual / scale, wanted / scale, **tolerance)


def test_tiles_of_parts_of_bigger_arrays():
    a, b = random(60, 90, dtype='f')[5:45, 3:70], random(80, 100, dtype='f')[2:69, 10:60]
    np.testing.assert_allclose(product.product(a, b), a @ b, atol=1e-4)


def test_nan_and_infinity_stay_where_they_are():
    a, b = random(20, 30, dtype='f'), random(30, 37, dtype='f')
    a[3, 4], b[7, 36] = np.nan, np.inf
    actual, expected = product.product(a, b), a @ b
    np.testing.assert_array_equal(np.isnan(actual), np.isnan(expected))
    np.testing.assert_array_equal(np.isinf(actual), np.isinf(expected))
    assert np.isnan(product.product(a, b, None, True)[3]).all()


@pytest.mark.parametrize('shape', [((0, 3), (3, 4)), ((3, 0), (0, 4)), ((3, 4), (4, 0))])
def test_empty(shape):
    a, b = (np.zeros(s, 'f') for s in shape)
    np.testing.assert_array_equal(matmul.matmul(a, b, False, False), a @ b)


def test_big_products_go_to_tiles_and_fit():
    a, b = random(50, 1500, dtype='f'), random(1500, 600, dtype='f')
    assert product.suits(a, b) and product.suits(a, np.asfortranarray(b)) and not product.suits(b.T, a.T)
    bias = random(600, dtype='f')
    expected = np.maximum(a.astype('d') @ b + bias, 0)
    np.testing.assert_allclose(matmul.matmul_fused(a, b, bias, relu=True), expected, atol=1e-3)
    np.testing.assert_allclose(matmul.matmul_fused(a, np.ascontiguousarray(b.T), bias, False, True, True), expected,
                               atol=1e-3)
