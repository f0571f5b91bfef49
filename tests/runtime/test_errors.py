"""What users are told when something is wrong: in TensorFlow's words, with their own line."""
import importlib.util
import json
import pathlib
import traceback

import numpy as np
import pytest

import graphflow as tf
from graphflow.framework import registry
from graphflow.kernels import state as state_kernels

_TESTS = pathlib.Path(__file__).parent.parent
_SPEC = importlib.util.spec_from_file_location('error_programs', _TESTS / 'error_programs.py')
error_programs = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(error_programs)
RECORDED = json.loads((_TESTS / 'golden' / 'errors.json').read_text())


@pytest.fixture(autouse=True)
def graph():
    tf.reset_default_graph()


@pytest.mark.parametrize('program, expected', RECORDED, ids=[program for program, _ in RECORDED])
def test_outcome(program, expected):
    found = json.loads(json.dumps(error_programs.outcome(tf, program)))
    if found[0] == 'UnsupportedSymbolError':
        pytest.skip(found[1])
    assert found == expected


def test_message_names_the_users_line():
    x = tf.placeholder(tf.float32)
    y = tf.reshape(x, [3], name='bad')
    line = traceback.extract_stack()[-1].lineno - 1
    with tf.Session() as sess, pytest.raises(tf.errors.InvalidArgumentError) as caught:
        sess.run(y, {x: [1, 2]})
    first, second = caught.value.message.split('\n')
    assert first == 'Input to reshape is a tensor with 2 values, but the requested shape has 3'
    assert second == f'\t [[node bad (defined at {__file__}:{line}) ]]'
    text = str(caught.value)
    assert text.startswith(caught.value.message + "\n\nOriginal stack trace for 'bad':\n") and __file__ in text
    assert caught.value.__cause__ is None and caught.value.__suppress_context__


def _declare(*declaration):
    registry.op(*declaration, shape=lambda c: c.shape(0))


def test_a_kernels_own_failure_names_the_node_alone():
    _declare('FailsInside', 'x:float -> y:float')
    registry.KERNELS['FailsInside'] = lambda x: {}[5]
    y = tf.get_default_graph().create_op('FailsInside', [tf.constant(1.)], [tf.float32], name='f').outputs[0]
    with tf.Session() as sess, pytest.raises(tf.errors.InternalError) as caught:
        sess.run(y)
    assert caught.value.op is y.op and caught.value.message.split('\n')[0] == 'FailsInside: 5'


def test_no_kernel():
    _declare('HasNoKernel', 'x:T -> y:T', 'T:type; flag:bool=true; sizes:list(int)=[1, 2]; text:string="a"')
    y = tf.get_default_graph().create_op(
        'HasNoKernel', [tf.constant(1.)], [tf.float32], name='h',
        attrs={'T': tf.float32, 'flag': True, 'sizes': [1, 2], 'text': b'a'}).outputs[0]
    with tf.Session() as sess, pytest.raises(tf.errors.InvalidArgumentError) as caught:
        sess.run(y)
    error = caught.value
    assert error.op is None and error.node_def is None
    assert error.message.startswith(f"No OpKernel was registered to support Op 'HasNoKernel' used by node h (defined at "
                                    f'{__file__}:')
    assert 'with these attrs: [T=DT_FLOAT, flag=true, sizes=[1, 2], text="a"]\n' in error.message


def test_unfit_types_of_a_compiled_kernel_are_said_to_have_none():
    numba = pytest.importorskip('numba')
    compiled = numba.njit(lambda x: x.no_such_attribute)
    _declare('CannotCompile', 'x:float -> y:float')
    registry.KERNELS['CannotCompile'] = lambda x: compiled(x)
    y = tf.get_default_graph().create_op('CannotCompile', [tf.constant(1.)], [tf.float32], name='n').outputs[0]
    with tf.Session() as sess, pytest.raises(tf.errors.InvalidArgumentError, match="support Op 'CannotCompile'") as caught:
        sess.run(y)
    assert 'numba' not in caught.value.message


START = np.arange(12, dtype=np.float32).reshape(4, 3)
BAD_UPDATES = {     # each fails in its last element
    'scatter_add': lambda v: tf.scatter_add(v, [0, 1, 4], np.ones((3, 3), np.float32)),
    'scatter_update': lambda v: tf.scatter_update(v, tf.constant([0, 1, -1]), np.ones((3, 3), np.float32)),
    'scatter_mul': lambda v: tf.scatter_mul(v, [0, 1, 4], np.full((3, 3), 2, np.float32)),
    'scatter_nd_add': lambda v: tf.scatter_nd_add(v, [[0, 0], [3, 3]], [1., 1.]),
    'shape': lambda v: tf.assign_add(v, tf.placeholder_with_default(np.ones((4, 2), np.float32), None)),
    'assign': lambda v: tf.assign(v, tf.placeholder_with_default(np.ones((3, 3), np.float32), None)),
    'nan': lambda v: tf.assign_add(v, tf.check_numerics(np.array([[np.nan] * 3] * 4, np.float32), 'm')),
    'slice': lambda v: v[0:2].assign(tf.placeholder_with_default(np.ones((3, 3), np.float32), None)),
}


@pytest.mark.parametrize('name, use_resource', [
    (name, use_resource) for name in BAD_UPDATES for use_resource in (False, True)
    if (name, use_resource) != ('assign', True)])       # a resource variable takes the new shape, as in TensorFlow
def test_a_failed_update_changes_nothing_and_the_session_works_on(name, use_resource):
    v = tf.Variable(START, use_resource=use_resource)
    bad, good = BAD_UPDATES[name](v), tf.assign_add(v, np.ones_like(START))
    with tf.Session() as sess:
        sess.run(v.initializer)
        for _ in range(2):
            with pytest.raises(tf.errors.OpError):
                sess.run(bad)
            np.testing.assert_array_equal(sess.run(v), START)
        sess.run(good)
        np.testing.assert_array_equal(sess.run(v), START + 1)


def test_updates_before_a_failure_are_whole():
    v, x = tf.Variable(START), tf.placeholder(tf.float32)
    update = tf.assign_add(v, tf.ones_like(START))
    with tf.control_dependencies([update]):
        fails = tf.check_numerics(tf.identity(x), 'm')
    with tf.control_dependencies([fails]):
        after = tf.assign(v, tf.zeros_like(START))
    with tf.Session() as sess:
        sess.run(v.initializer)
        with pytest.raises(tf.errors.InvalidArgumentError):
            sess.run(after, {x: np.nan})
        np.testing.assert_array_equal(sess.run(v), START + 1)
        sess.run(after, {x: 1.})
        assert not sess.run(v).any()


def test_a_fault_within_an_update_leaves_no_lock_held(monkeypatch):
    v = tf.Variable(START)
    update = tf.assign_add(v, tf.ones_like(START))

    def fault(target, value):
        raise MemoryError('no room')
    with tf.Session() as sess:
        sess.run(v.initializer)
        monkeypatch.setattr(state_kernels, 'add_in_place', fault)
        with pytest.raises(tf.errors.ResourceExhaustedError):
            sess.run(update)
        monkeypatch.undo()
        np.testing.assert_array_equal(sess.run(v), START)
        sess.run(update)
        np.testing.assert_array_equal(sess.run(v), START + 1)
