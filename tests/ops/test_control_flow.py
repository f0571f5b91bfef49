"""Branches and loops: what runs and what does not, errors, and plans without control flow."""
import numpy as np
import pytest

import graphflow as tf
from graphflow.ops.switch import merge, switch
from graphflow.runtime.codegen import StraightRegion
from graphflow.runtime.plan import Plan
from graphflow.runtime.state import SessionState


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default() as g:
        yield g


def test_only_one_branch_has_effects():
    a, b = tf.Variable(0), tf.Variable(0)
    p = tf.placeholder(tf.bool, [])
    result = tf.cond(p, lambda: tf.assign_add(a, 1), lambda: tf.assign_add(b, 1))
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        assert [sess.run(result, {p: True}) for _ in range(3)] == [1, 2, 3]
        assert sess.run(result, {p: False}) == 1
        assert sess.run([a, b]) == [3, 1]


def test_control_inputs_of_a_dead_node_are_dead():
    done, p = tf.Variable(0), tf.placeholder(tf.bool, [])
    if_false, if_true = switch(tf.constant(1.), p)
    with tf.control_dependencies([tf.group(tf.identity(if_true))]):
        effect = tf.assign_add(done, 1).op
    either = merge([if_false, if_true])
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        for value in (True, False, True):
            assert sess.run([either[1], effect], {p: value})[0] == value
        assert sess.run(done) == 2


def test_fetching_a_dead_tensor():
    if_false, if_true = switch(tf.constant([1., 2.]), True)
    with tf.Session() as sess:
        assert sess.run(if_true).tolist() == [1., 2.]
        with pytest.raises(tf.errors.InvalidArgumentError, match=r'^Retval\[0\] does not have value'):
            sess.run(if_false)


def test_nodes_within_cannot_be_fetched_or_used_outside():
    found = []

    def body(i):
        found.append(i + 1)
        return found[0]
    tf.while_loop(lambda i: i < 3, body, [0])
    with tf.Session() as sess, pytest.raises(ValueError, match="'while/add' has been marked as not fetchable"):
        sess.run(found[0])
    with pytest.raises(ValueError, match="'while/add' is in a while loop"):
        tf.identity(found[0])


@pytest.mark.parametrize('arguments, error, text', [
    ((True, lambda: 1, lambda: 2), TypeError, 'pred must not be a Python bool'),
    ((None, lambda: None, lambda: 2), ValueError, 'true_fn must have a return value.'),
    ((None, lambda: 1, lambda: 2.), ValueError, 'must have the same type: int32, float32'),
    ((None, 1, lambda: 2.), TypeError, 'true_fn must be callable.'),
    ((None, lambda: (1, 2), lambda: [1, 2]), TypeError, "don't have the same sequence type"),
])
def test_cond_errors(arguments, error, text):
    pred = tf.placeholder(tf.bool, []) if arguments[0] is None else arguments[0]
    with pytest.raises(error, match=text):
        tf.cond(pred, *arguments[1:])


@pytest.mark.parametrize('shapes, text', [
    ([tf.TensorShape([3])], 'The shape invariant specified for zeros:0 is not compatible with the initial shape'),
    (None, r"Input tensor 'zeros:0' enters the loop with shape \(2,\), but has shape \(4,\) after one iteration"),
])
def test_shape_invariants(shapes, text):
    with pytest.raises(ValueError, match=text):
        tf.while_loop(lambda x: tf.reduce_sum(x) < 10., lambda x: tf.concat([x, x], 0), [tf.zeros([2])],
                      shape_invariants=shapes)


def test_an_error_in_a_loop_names_its_node():
    x = tf.placeholder(tf.float32, [None])
    result = tf.while_loop(lambda i, a: i < 3, lambda i, a: (i + 1, tf.reshape(a, [2], name='fails')), [0, x],
                           shape_invariants=[tf.TensorShape([]), tf.TensorShape(None)])
    with tf.Session() as sess:
        assert sess.run(result[1], {x: [1., 2.]}).tolist() == [1., 2.]
        with pytest.raises(tf.errors.InvalidArgumentError) as caught:
            sess.run(result, {x: [1., 2., 3.]})
    assert caught.value.op.name == 'while/fails'


def test_collatz():
    n = tf.placeholder(tf.int32, [])
    steps = tf.while_loop(lambda x, s: x > 1, lambda x, s: (tf.cond(tf.equal(x % 2, 0), lambda: x // 2,
                                                                    lambda: 3 * x + 1), s + 1), [n, 0])[1]
    with tf.Session() as sess:
        assert [sess.run(steps, {n: i}) for i in (1, 2, 7, 27)] == [0, 1, 16, 111]


@pytest.mark.parametrize('use, text', [
    (lambda ta: ta.read(0), 'Could not read from TensorArray index 0'),
    (lambda ta: ta.write(3, 1.).flow, 'Tried to write to index 3 but array is not resizeable and size is: 3'),
    (lambda ta: ta.write(1, 1.).write(1, 2.).flow, 'index 1 because it has already been written to'),
    (lambda ta: ta.write(1, tf.constant(1)).flow, 'TensorArray dtype is float but Op is trying to write dtype int32'),
])
def test_tensor_array_errors(use, text):
    with tf.Session() as sess, pytest.raises(tf.errors.InvalidArgumentError, match=text):
        sess.run(use(tf.TensorArray(tf.float32, 3)))


def test_plans_without_control_flow_are_straight_lines():
    x = tf.constant([1., 2.])
    assert type(Plan([x * 2.], [], [], SessionState()).regions[0]) is StraightRegion


def test_gradient_of_cond():
    x, p = tf.placeholder(tf.float32, [2]), tf.placeholder(tf.bool, [])
    grad, = tf.gradients(tf.cond(p, lambda: x * x, lambda: 3. * x), x)
    with tf.Session() as sess:
        np.testing.assert_array_equal(sess.run(grad, {x: [1., 2.], p: True}), [2., 4.])
        np.testing.assert_array_equal(sess.run(grad, {x: [1., 2.], p: False}), [3., 3.])
