"""Updates of variables: whole or not at all, in place, one after the other. Values: tests/cases/variables_updates.py."""
import threading

import numpy as np
import pytest

import graphflow as tf


@pytest.fixture
def sess():
    with tf.Graph().as_default(), tf.Session() as session:
        yield session


def made(sess, value, **options):
    variable = tf.Variable(value, **options)
    sess.run(variable.initializer)
    return variable


@pytest.mark.parametrize('use_resource', [False, True])
@pytest.mark.parametrize('indices, updates', [([0, 5], [1., 1.]), ([0, -1], [1., 1.]), ([0, 1], [1., 2., 3.])])
@pytest.mark.parametrize('name', ['scatter_add', 'scatter_update', 'scatter_mul'])
def test_a_scatter_that_fails_leaves_the_variable_as_it_was(sess, name, indices, updates, use_resource):
    variable = made(sess, [1., 2., 3.], use_resource=use_resource)
    i, u = tf.placeholder(tf.int32), tf.placeholder(tf.float32)
    with pytest.raises(tf.errors.InvalidArgumentError):
        sess.run(getattr(tf, name)(variable, i, u), {i: indices, u: updates})
    np.testing.assert_array_equal(sess.run(variable), [1, 2, 3])


def test_a_scatter_by_coordinates_that_fails_leaves_the_variable_as_it_was(sess):
    variable = made(sess, np.zeros([2, 2], np.float32))
    i = tf.placeholder(tf.int32)
    with pytest.raises(tf.errors.InvalidArgumentError, match=r'indices\[1\] = \[2, 0\] does not index into shape \[2,2\]'):
        sess.run(tf.scatter_nd_add(variable, i, [1., 1.]), {i: [[0, 0], [2, 0]]})
    assert not sess.run(variable).any()


def test_updates_of_many_threads_all_count(sess):
    variable = made(sess, np.zeros(1000, np.float32))
    rows = made(sess, np.zeros((10, 100), np.float32))
    add = tf.group(variable.assign_add(np.ones(1000)), tf.scatter_add(rows, [3, 3], np.ones((2, 100), np.float32)))
    threads = [threading.Thread(target=lambda: [sess.run(add) for _ in range(50)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (sess.run(variable) == 200).all() and (sess.run(rows)[3] == 400).all()


def test_what_was_fetched_does_not_change_later(sess):
    variable = made(sess, [1., 2.])
    before = sess.run(variable)
    sess.run(variable.assign_add([1., 1.]))
    np.testing.assert_array_equal(before, [1, 2])


def test_a_read_of_a_resource_keeps_its_value(sess):
    variable = made(sess, [1., 2.], use_resource=True)
    before = variable.read_value()
    with tf.control_dependencies([before]):
        update = variable.assign_add([1., 1.], read_value=False)
    with tf.control_dependencies([update]):
        late = tf.identity(before)
    np.testing.assert_array_equal(sess.run(late), [1, 2])


def test_a_fed_array_stays_the_users(sess):
    variable = tf.Variable(tf.zeros([2]))
    value = tf.placeholder(tf.float32, [2])
    mine = np.array([1, 2], np.float32)
    sess.run(variable.assign(value), {value: mine})
    sess.run(variable.assign_add([1., 1.]))
    np.testing.assert_array_equal(mine, [1, 2])
    mine[:] = 9
    np.testing.assert_array_equal(sess.run(variable), [2, 3])


def test_sessions_have_their_own_values():
    with tf.Graph().as_default():
        variable = tf.Variable(1.)
        with tf.Session() as first, tf.Session() as second:
            first.run(variable.initializer)
            with pytest.raises(tf.errors.FailedPreconditionError, match='Attempting to use uninitialized value Variable'):
                second.run(variable)


def test_shared_name_makes_two_nodes_one_variable(sess):
    first, second = (tf.raw_ops.VariableV2(shape=[], dtype=tf.float32, shared_name='s') for _ in range(2))
    sess.run(tf.assign(first, 3.))
    assert sess.run(second) == 3
    with tf.container('elsewhere'):
        third = tf.raw_ops.VariableV2(shape=[], dtype=tf.float32, shared_name='s')
    with pytest.raises(tf.errors.FailedPreconditionError):
        sess.run(third)


def test_an_error_names_the_node_and_the_variable(sess):
    variable = tf.Variable(1., name='cold')
    with pytest.raises(tf.errors.FailedPreconditionError) as caught:
        sess.run(variable + 1)
    assert caught.value.op.name == 'cold/read'
    assert caught.value.message.startswith('Attempting to use uninitialized value cold\n\t [[node cold/read (defined at ')


@pytest.mark.parametrize('dtype', ['float16', 'float32', 'float64', 'int8', 'int32', 'int64', 'uint8', 'complex64'])
@pytest.mark.parametrize('name', ['add', 'sub', 'mul', 'div', 'update', 'min', 'max'])
def test_scatters_of_every_type(sess, name, dtype):
    if name in ('min', 'max') and dtype in ('int8', 'uint8', 'complex64'):
        pytest.skip('not ordered in TensorFlow')
    start = np.array([[10, 20], [30, 40], [50, 60]], dtype)
    variable = made(sess, start)
    found = sess.run(getattr(tf, 'scatter_' + name)(variable, [2, 0, 2], np.array([[1, 2], [3, 4], [5, 6]], dtype)))
    functions = dict(add=np.add, sub=np.subtract, mul=np.multiply, min=np.minimum, max=np.maximum,
                     update=lambda old, new: new, div=np.floor_divide if start.dtype.kind in 'iu' else np.divide)
    expected = start.copy()
    for row, update in zip([2, 0, 2], np.array([[1, 2], [3, 4], [5, 6]], dtype)):
        expected[row] = functions[name](expected[row], update)
    np.testing.assert_allclose(found, expected, rtol=1e-3 if dtype == 'float16' else 1e-6)
    assert found.dtype == start.dtype
