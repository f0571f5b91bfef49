"""The array ops: nodes, names, static shapes, values and errors as TensorFlow 1.15.5 has them."""
import json
import os
import sys

import numpy as np
import pytest

import graphflow as tf

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(TESTS, 'record'))
from array_golden import outcome  # noqa: E402

with open(os.path.join(TESTS, 'golden', 'array.json')) as _file:
    GOLDEN = json.load(_file)

# The gradient is computed another way than in TensorFlow; its values are the same.
OTHER_NODES = ('tf.gradients(tf.extract_image_patches',)


@pytest.mark.parametrize('call', sorted(GOLDEN))
def test_call(call):
    expected, found = GOLDEN[call], outcome(tf, call)
    if not call.startswith(OTHER_NODES):
        for key in ('nodes', 'tensors'):
            assert found.get(key) == expected.get(key), found.get('error')
    assert found.get('error') == expected.get('error')
    assert found.get('run_error') == expected.get('run_error')
    for (dtype, shape, value), (dtype_, shape_, value_) in zip(found.get('values', []), expected.get('values', [])):
        assert (dtype, shape) == (dtype_, shape_)
        if dtype.startswith(('float', 'complex')):
            np.testing.assert_allclose(value, value_, rtol=1e-6)
        else:
            assert value == value_


def test_iteration_and_len_are_refused():
    with tf.Graph().as_default():
        x = tf.zeros([2])
        with pytest.raises(tf.errors.OperatorNotAllowedInGraphError
                           if hasattr(tf.errors, 'OperatorNotAllowedInGraphError') else TypeError):
            list(x)
        with pytest.raises(TypeError):
            len(x)


def test_kernels_leave_their_inputs_alone():
    with tf.Graph().as_default(), tf.Session() as session:
        x = tf.placeholder(tf.float32, [2, 3])
        value = np.arange(6, dtype=np.float32).reshape(2, 3)
        kept = value.copy()
        session.run([tf.tensor_scatter_update(x, [[0]], [[9., 9., 9.]]), tf.matrix_set_diag(x, [7., 7.]),
                     tf.reverse_sequence(x, [1, 2], seq_axis=1), tf.reshape(x, [3, 2]) + 1.], {x: value})
        np.testing.assert_array_equal(value, kept)


@pytest.mark.parametrize('rows', [3, 3000])
def test_scatter_adds_up_repetitions(rows):
    index = np.random.RandomState(0).randint(0, 5, [rows, 1])
    updates = np.ones([rows, 4], np.float32)
    with tf.Graph().as_default(), tf.Session() as session:
        found = session.run(tf.scatter_nd(index, updates, [5, 4]))
    np.testing.assert_array_equal(found[:, 0], np.bincount(index[:, 0], minlength=5))
