"""The Variable object where it is more than nodes. Graphs, names, errors: tests/cases/variables_*.py."""
import copy

import numpy as np
import pytest

import graphflow as tf


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default() as graph:
        yield graph


@pytest.mark.parametrize('use_resource', [False, True])
def test_a_proto_brings_the_variable_back(use_resource):
    variable = tf.Variable([1., 2.], name='v', use_resource=use_resource, trainable=False)
    back = tf.Variable.from_proto(variable.to_proto())
    assert type(back) is type(variable) and back is not variable
    assert (back.op, back.initializer, back.initial_value) == (variable.op, variable.initializer, variable.initial_value)
    assert not back.trainable and back.dtype == variable.dtype and back.shape == variable.shape
    assert back.to_proto() == variable.to_proto()


def test_a_proto_is_relative_to_a_scope():
    with tf.name_scope('s'):
        variable = tf.Variable(1., name='v')
        variable._set_save_slice_info(tf.Variable.SaveSliceInfo('s/v', [2], [0], [1]))
    assert variable.to_proto('elsewhere') is None
    proto = variable.to_proto('s')
    assert proto.variable_name == 'v:0' and proto.initializer_name == 'v/Assign'
    back = tf.Variable.from_proto(proto, import_scope='s')
    assert back.op is variable.op and back._save_slice_info.spec == '2 0,1'


@pytest.mark.parametrize('use_resource', [False, True])
def test_identity_is_what_makes_variables_equal(use_resource):
    a, b = (tf.Variable(1., use_resource=use_resource) for _ in range(2))
    assert a == a and a != b and len({a, b, a}) == 2 and copy.copy(a) is a
    assert a.experimental_ref() == a.experimental_ref() and a.experimental_ref().deref() is a
    assert isinstance(a, tf.Variable)


def test_augmented_assignment_makes_a_tensor():
    variable = tensor = tf.Variable(1.)
    tensor += 1
    assert isinstance(tensor, tf.Tensor) and isinstance(variable, tf.Variable)


@pytest.mark.parametrize('use_resource', [False, True])
def test_variables_are_fed_and_fetched_by_themselves(use_resource):
    variable = tf.Variable([1., 2.], use_resource=use_resource)
    twice = variable * 2 if not use_resource else variable._graph_element * 2
    with tf.Session() as sess:
        sess.run(variable.initializer)
        found = sess.run({'v': variable, 'twice': twice}, {variable._graph_element if use_resource else variable.value(): [3., 4.]})
    np.testing.assert_array_equal(found['twice'], [6, 8])


def test_load_and_eval_use_the_default_session():
    variable = tf.Variable(1.)
    with pytest.raises(ValueError, match='Either session argument should be provided'):
        variable.load(2.)
    with tf.Session():
        variable.load(2.)
        assert variable.eval() == 2


def test_a_creator_may_make_something_else():
    made = []

    def creator(next_creator, **kwargs):
        made.append(kwargs['name'])
        return next_creator(**dict(kwargs, name='other'))
    with tf.variable_creator_scope(creator):
        variable = tf.Variable(1., name='v')
        assert tf.get_variable('w', [1]).op.name == 'other_1'
    assert variable.op.name == 'other' and made == ['v', 'w'] and tf.Variable(1., name='v').op.name == 'v'


def test_creators_nest_innermost_first():
    order = []
    with tf.variable_creator_scope(lambda next_creator, **k: order.append('outer') or next_creator(**k)):
        with tf.variable_creator_scope(lambda next_creator, **k: order.append('inner') or next_creator(**k)):
            tf.Variable(1.)
    assert order == ['inner', 'outer']


def test_old_names_still_work():
    variable = tf.Variable(1.)
    assert tf.all_variables() == [variable]
    for function in (tf.initialize_all_variables, tf.initialize_local_variables):
        assert function().type == 'NoOp'
    assert tf.initialize_variables([variable]).control_inputs == [variable.initializer]


def test_nothing_to_report_on():
    assert tf.assert_variables_initialized() is None
    with tf.Session() as sess:
        assert sess.run(tf.report_uninitialized_variables()).tolist() == []
