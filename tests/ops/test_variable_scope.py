"""Variable scopes where they depend on threads, tracebacks and graphs. Names and errors: tests/cases/variables_*.py."""
import threading

import pytest

import graphflow as tf


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default() as graph:
        yield graph


def test_the_error_shows_where_the_variable_was_made():
    tf.get_variable('w', [1])
    with pytest.raises(ValueError) as caught:
        tf.get_variable('w', [1])
    message = str(caught.value)
    assert message.startswith('Variable w already exists, disallowed. Did you mean to set reuse=True or '
                              'reuse=tf.AUTO_REUSE in VarScope? Originally defined at:\n\n')
    assert f'File "{__file__}"' in message and "tf.get_variable('w', [1])" in message


def test_threads_have_their_own_scope_and_share_variables(graph):
    found = []

    def work():
        with graph.as_default():
            found.append(tf.get_variable_scope().name)
            with tf.variable_scope('', reuse=True):
                found.append(tf.get_variable('s/w').name)
    with tf.variable_scope('s'):
        tf.get_variable('w', [1])
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    assert found == ['', 's/w:0']


def test_graphs_have_their_own_variables():
    first = tf.get_variable('w', [1])
    with tf.Graph().as_default():
        assert tf.get_variable('w', [1]) is not first


def test_a_scope_is_left_when_its_body_fails():
    with pytest.raises(KeyError):
        with tf.variable_scope('a', reuse=True):
            raise KeyError
    assert tf.get_variable_scope().name == '' and not tf.get_variable_scope().reuse
    assert tf.get_default_graph().get_name_scope() == ''


def test_a_getter_without_constraint_is_not_given_one():
    def getter(getter, name, shape, dtype, initializer, regularizer, reuse, trainable, collections, caching_device,
               partitioner, validate_shape, use_resource, synchronization, aggregation):
        return getter(name, shape=shape, dtype=dtype, initializer=initializer)
    with tf.variable_scope('s', custom_getter=getter):
        assert tf.get_variable('w', [2]).shape == [2]
