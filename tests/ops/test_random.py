"""Seeds of random ops, and what is refused while a graph is built. Graphs and values: tests/cases/random_*.py."""
import numpy as np
import pytest

import graphflow as tf


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default() as graph:
        yield graph


@pytest.mark.parametrize('graph_seed, op_seed, expected', [
    (None, None, (None, None)), (None, 0, (87654321, 0)), (None, 5, (87654321, 5)),
    (0, None, (0, 3)), (0, 0, (0, 2147483647)), (0, 5, (0, 5)),
    (-3, None, (2147483644, 3)), (-3, 0, (2147483644, 0)),
    (2**40, 2**40 + 1, (512, 513)), (2**40, -1, (512, 2147483646))])
def test_seeds_follow_from_those_of_graph_and_op(graph_seed, op_seed, expected):
    tf.constant(1) + 1      # three nodes
    if graph_seed is not None:
        tf.set_random_seed(graph_seed)
    assert tf.get_seed(op_seed) == expected


def test_seeds_are_attrs_of_the_node():
    op = tf.random_uniform([2], dtype=tf.int32, maxval=3, seed=7).op
    assert (op.get_attr('seed'), op.get_attr('seed2')) == (87654321, 7)
    op = tf.random_shuffle([1, 2]).op
    assert (op.get_attr('seed'), op.get_attr('seed2')) == (0, 0)


@pytest.mark.parametrize('build, error, message', [
    (lambda: tf.random_uniform([2], dtype=tf.int32), ValueError, 'Must specify maxval for integer dtype tf.int32'),
    (lambda: tf.random_uniform([2], dtype=tf.int16, maxval=3), ValueError, 'Invalid dtype tf.int16'),
    (lambda: tf.random.stateless_uniform([2], [1, 2], dtype=tf.int32), ValueError,
     'Must specify maxval for integer dtype tf.int32'),
    (lambda: tf.random_uniform([2.5]), TypeError,
     "Value passed to parameter 'shape' has DataType float32 not in list of allowed values: int32, int64"),
    (lambda: tf.random_uniform(3), ValueError, 'Shape must be rank 1 but is rank 0 for '
     "'random_uniform/RandomUniform' (op: 'RandomUniform') with input shapes: []."),
    (lambda: tf.random_uniform([2], [1, 2], 5, tf.int32), ValueError, 'Shape must be rank 0 but is rank 1 for '
     "'random_uniform' (op: 'RandomUniformInt') with input shapes: [1], [2], []."),
    (lambda: tf.random.stateless_uniform([2], [1, 2, 3]), ValueError, 'Dimension must be 2 but is 3 for '
     "'stateless_random_uniform/StatelessRandomUniform' (op: 'StatelessRandomUniform') with input shapes: [1], [3]."),
    (lambda: tf.random.categorical([1., 2.], 4), ValueError, 'Shape must be rank 2 but is rank 1 for '
     "'categorical/Multinomial' (op: 'Multinomial') with input shapes: [2], []."),
    (lambda: tf.random.categorical([[1., 2.]], -4), ValueError, 'Dimension size, given by scalar input 1, must be '
     "non-negative but is -4 for 'categorical/Multinomial' (op: 'Multinomial') with input shapes: [1,2], [] and with "
     'computed input tensors: input[1] = <-4>.'),
    (lambda: tf.nn.uniform_candidate_sampler([[1]], 0, 4, True, 10), ValueError,
     "Attr 'num_true' of 'UniformCandidateSampler' Op passed 0 less than minimum 1."),
])
def test_refused(build, error, message):
    with pytest.raises(error) as caught:
        build()
    assert str(caught.value) == message


def test_two_sessions_each_start_the_stream_anew():
    numbers = tf.random_normal([4], seed=1)
    with tf.Session() as first, tf.Session() as second:
        a, b = first.run(numbers), first.run(numbers)
        np.testing.assert_array_equal(second.run(numbers), a)
        np.testing.assert_array_equal(second.run(numbers), b)
        assert (a != b).any()


def test_initial_values_of_layers_sized_weights():
    """Recorded from TensorFlow 1.15.5: random_normal([784, 10], seed=3), two runs."""
    with tf.Session() as session:
        weights = tf.random_normal([784, 10], seed=3)
        first, second = session.run(weights), session.run(weights)
    np.testing.assert_allclose(first[783, 7:], [-1.03476715, 0.425174028, 0.639799833], rtol=1e-6)
    np.testing.assert_allclose(second[783, 7:], [1.58887339, -0.0844367519, -0.776827395], rtol=1e-6)
