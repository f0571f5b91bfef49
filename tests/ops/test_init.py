"""Initializers' properties. Nodes, numbers and errors: tests/cases/variables_initializers.py."""
import numpy as np
import pytest

import graphflow as tf
from graphflow.ops import init


@pytest.mark.parametrize('shape, expected', [((), (1, 1)), ((5,), (5, 5)), ((3, 4), (3, 4)), ((5, 5, 3, 8), (75, 200))])
def test_fans(shape, expected):
    assert init.fans(shape) == expected


@pytest.mark.parametrize('scale', [1., 2.])
@pytest.mark.parametrize('mode, n', [('fan_in', 400), ('fan_out', 100), ('fan_avg', 250)])
@pytest.mark.parametrize('distribution', ['uniform', 'truncated_normal', 'untruncated_normal'])
def test_variance_is_scaled(scale, mode, n, distribution):
    with tf.Graph().as_default(), tf.Session() as sess:
        values = sess.run(tf.variance_scaling_initializer(scale, mode, distribution, seed=1)([400, 100]))
    np.testing.assert_allclose(values.var(), scale / n, rtol=.05)
    assert abs(values.mean()) < 1e-3


@pytest.mark.parametrize('name', ['zeros', 'ones', 'constant', 'random_uniform', 'random_normal', 'truncated_normal',
                                  'variance_scaling', 'orthogonal', 'glorot_uniform', 'glorot_normal'])
def test_configs_make_equal_objects(name):
    cls = getattr(tf, name + '_initializer')
    initializer = cls(dtype=tf.float64)
    assert cls.from_config(initializer.get_config()).get_config() == initializer.get_config()
    assert getattr(tf.initializers, name) is cls
