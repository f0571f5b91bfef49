"""Reductions, matrix products, segments and linear algebra against outcomes recorded from TensorFlow 1.15.5."""
import importlib.util
import json
import os

import numpy as np
import pytest

import graphflow as tf
from graphflow.framework.apply import apply

_HERE = os.path.dirname(__file__)
_SPEC = importlib.util.spec_from_file_location('linear_cases', os.path.join(_HERE, 'linear_cases.py'))
cases = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(cases)

with open(os.path.join(_HERE, '..', 'golden', 'linear.json')) as _file:
    RECORDED = json.load(_file)


@pytest.mark.parametrize('expression, expected', RECORDED, ids=[text for text, _ in RECORDED])
def test_outcome(expression, expected):
    found = json.loads(json.dumps(cases.outcome(tf, apply, expression)))
    if isinstance(expected[0], str):
        assert found == expected
        return
    assert len(found) == len(expected)
    for (dtype, value), (wanted_dtype, wanted) in zip(found, expected):
        assert dtype == wanted_dtype
        value, wanted = np.asarray(value, np.float64), np.asarray(wanted, np.float64)
        assert value.shape == wanted.shape
        rtol = {'float16': 2e-3, 'float32': 1e-5, 'complex64': 1e-5}.get(dtype, 1e-9)
        np.testing.assert_allclose(value, wanted, rtol=rtol, atol=rtol)


def test_expressions_are_those_recorded():
    assert [text for text, _ in RECORDED] == cases.expressions()


@pytest.mark.parametrize('shape, axis', [((1 << 20,), 0), ((5, 200000), 1), ((200000, 5), 0), ((3, 40000, 7), 1)])
def test_long_sums_are_exact_to_single_precision(shape, axis):
    values = np.random.RandomState(0).uniform(0, 1, shape).astype(np.float32)
    with tf.Graph().as_default(), tf.Session() as session:
        found = session.run(tf.reduce_sum(tf.constant(values), axis))
    np.testing.assert_allclose(found, values.sum(axis, dtype=np.float64), rtol=2e-7)


def test_dense_tensor_of_many_elements_warns():
    with tf.Graph().as_default():
        slices = tf.IndexedSlices(tf.ones([2, 2]), tf.constant([0, 1]), tf.placeholder(tf.int32, [2]))
        with pytest.warns(UserWarning, match='of unknown shape. This may consume a large amount of memory.'):
            tf.convert_to_tensor(slices)
        slices = tf.IndexedSlices(tf.ones([2, 2]), tf.constant([0, 1]), tf.constant([100000, 10000]))
        with pytest.warns(UserWarning, match='with 1000000000 elements'):
            tf.convert_to_tensor(slices)
        with pytest.raises(ValueError, match='without dense_shape'):
            tf.convert_to_tensor(tf.IndexedSlices(tf.ones([2]), tf.constant([0, 1])))
