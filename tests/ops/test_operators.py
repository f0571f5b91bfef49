"""Python operators on tensors: names of nodes, who answers for whom, what is refused."""
import numpy as np
import pytest

import graphflow as tf


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default() as graph:
        yield graph


def names(graph):
    return [op.name for op in graph.get_operations()]


def test_names(graph):
    x = tf.placeholder(tf.float32, [2], name='x')
    assert (x + 1).op.type == 'AddV2'
    assert names(graph) == ['x', 'add/y', 'add']
    2 / x
    assert names(graph)[3:] == ['truediv/x', 'truediv']


def test_strings_are_joined_by_add():
    assert (tf.constant('a') + 'b').op.type == 'Add'


def test_arrays_leave_the_operator_to_the_tensor():
    x = tf.placeholder(tf.float32, [2])
    y = np.ones((3, 2), np.float32) * x
    assert isinstance(y, tf.Tensor) and y.shape.as_list() == [3, 2]
    assert isinstance(np.float64(2) - x, tf.Tensor)


def test_the_other_operand_is_asked():
    class Other:
        def __radd__(self, x):
            return 'asked'

        def __array__(self, dtype=None, copy=None):
            raise TypeError('not an array')
    assert tf.constant(1.) + Other() == 'asked'


def test_equality_is_identity():
    x, y = tf.constant(1), tf.constant(1)
    assert x == x and x != y and len({x, y}) == 2


def test_no_truth_value():
    with pytest.raises(TypeError, match='using a `tf.Tensor` as a Python `bool` is not allowed'):
        bool(tf.constant(1.) > 0)


def test_unary_plus_and_divmod_are_not_defined():
    x = tf.constant(1.)
    with pytest.raises(TypeError, match='bad operand type for unary'):
        +x
    with pytest.raises(TypeError, match='unsupported operand'):
        divmod(x, 2)


def test_xor_in_its_scope(graph):
    b = tf.placeholder(tf.bool, [2], name='b')
    b ^ b
    assert names(graph) == ['b', 'xor/LogicalOr', 'xor/LogicalAnd', 'xor/LogicalNot', 'xor']


def test_values():
    x = tf.constant([7, -7])
    with tf.Session() as session:
        assert session.run(x // 2).tolist() == [3, -4]
        assert session.run(x % 3).tolist() == [1, 2]
        assert session.run(x / 2).tolist() == [3.5, -3.5]
        assert session.run(2 ** tf.constant([3, 0])).tolist() == [8, 1]
        assert session.run(abs(x) - 1).tolist() == [6, 6]
        assert session.run(~(x > 0) | (x > 100)).tolist() == [False, True]


def test_variables():
    v = tf.Variable([1., 2.])
    with tf.Session() as session:
        session.run(v.initializer)
        assert session.run(2 * v + v ** 2 - v / v).tolist() == [2., 7.]
        assert session.run(tf.gradients(v * v, v)[0]).tolist() == [2., 4.]


def test_negative_slices():
    slices = -tf.IndexedSlices(tf.constant([[1.]]), tf.constant([2]), tf.constant([3, 1]))
    with tf.Session() as session:
        assert session.run(slices.values).tolist() == [[-1.]]
