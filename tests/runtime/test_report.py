"""Reports tell what runs, and running one for its times is a real run."""
import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

import graphflow as tf
from graphflow.runtime import report
from graphflow.runtime.emit import Code
from graphflow.runtime.lifetimes import Lifetimes
from graphflow.runtime.program import Instruction, Program, Value


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default() as graph:
        yield graph


def _softmax():
    x = tf.placeholder(tf.float32, [None, 20], name='x')
    y_ = tf.placeholder(tf.float32, [None, 10], name='y_')
    w, b = tf.Variable(tf.zeros([20, 10]), name='W'), tf.Variable(tf.zeros([10]), name='b')
    y = tf.nn.softmax(tf.matmul(x, w) + b)
    loss = tf.reduce_mean(-tf.reduce_sum(y_ * tf.log(y), axis=1), name='loss')
    train = tf.train.GradientDescentOptimizer(0.5).minimize(loss, name='train')
    feeds = {x: np.random.RandomState(1).rand(30, 20), y_: np.eye(10)[np.arange(30) % 10]}
    return w, loss, train, feeds


def _elements(text):
    root = ElementTree.fromstring(text)
    assert root.tag.endswith('svg')
    return [e for e in root.iter()]


def _texts(text):
    return [e.text or '' for e in _elements(text) if e.tag.endswith('}text')]


def test_what_became_of_the_nodes():
    x = tf.placeholder(tf.float32, [3], name='x')
    tf.add(x, 7., name='unused')
    two = tf.add(tf.constant(1., name='one'), 1., name='two')
    size = tf.cast(tf.size(x, name='size'), tf.float32, name='as_float')
    a, b = tf.exp(x, name='a'), tf.exp(x, name='b')
    with tf.Session() as sess:
        r = report.plan(sess, tf.add_n([tf.identity(a, name='same'), b, x * two * size], name='sum'), {x: [1, 2, 3]})
    assert 'unused' in r.pruned and 'a' not in r.pruned
    assert 'one' in r.constants and {'two', 'as_float'} <= set(r.notes['fold'])
    assert 'same' in r.notes['simplify'] and r.notes['subexpressions'] == ['b = a']
    assert 'a' in r.notes['fuse'][0].split() and 'sum' in r.notes['fuse'][0].split()
    assert r.compiled and r.wanted == ['sum:0'] and r.nodes == len(sess.graph.get_operations())
    assert [feed.kind for feed in r.feeds] == ['x:0 float32 (3,)']
    text = str(r)
    for part in ('unused', 'as_float', 'merged', 'b = a', 'return [t', 'the feed of x:0'):
        assert part in text
    assert repr(r) == text and max(map(len, text.splitlines())) < 150


def test_making_a_report_runs_nothing():
    v = tf.Variable([1.])
    ran = []
    called = tf.py_func(lambda: ran.append(1), [], [])
    with tf.Session() as sess:
        sess.run(v.initializer)
        r = report.plan(sess, [v.assign_add([1.]), called])
        assert str(r) and r._repr_svg_() and not ran
        assert sess.run(v) == [1]
        r.time(2)
        assert sess.run(v) == [4] and len(ran) == 3


def test_times_are_of_real_steps_and_of_every_line():
    w, loss, train, feeds = _softmax()
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        before = sess.run(loss, feeds)
        r = report.plan(sess, [train, loss], feeds)
        assert r.nanoseconds is None and all(line.nanoseconds is None for line in r.lines)
        assert r.time(4) is r and r.runs == 4
        after = sess.run(loss, feeds)
        assert after < before
        sess.run(tf.global_variables_initializer())
        for _ in range(5):
            sess.run(train, feeds)
        np.testing.assert_allclose(sess.run(loss, feeds), after, rtol=1e-5)
    assert all(line.nanoseconds > 0 for line in r.lines)
    assert 'median of 4' in str(r)
    with pytest.raises(ValueError, match='positive'):
        r.time(0)


def test_lines_tell_nodes_variables_and_code():
    w, loss, train, feeds = _softmax()
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        r = report.plan(sess, train, feeds)
    update = next(line for line in r.lines if line.nodes == ['train/update_W/ApplyGradientDescent'])
    assert update.variables == ['W'] and update.results[0].kind == 'reference'
    for line in r.lines:
        assert line.code and '\n'.join('    ' + text for text in line.code) in r.source
    assert set(re.findall(r'\b[cefkvwxz]\d+\b', r.source)) <= set(r.names)


def test_the_picture_is_svg_with_a_box_a_line():
    w, loss, train, feeds = _softmax()
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        r = report.plan(sess, [train, loss], feeds)
        plain, timed = r._repr_svg_(), r.time(2)._repr_svg_()
    for text in (plain, timed):
        texts = _texts(text)
        assert any('x:0 float32 (30, 20)' in t for t in texts) and any('fetched' in t for t in texts)
        boxes = [e for e in _elements(text) if e.get('rx') == '5']
        assert len(boxes) == len(r.lines) + 3
        assert any(e.tag.endswith('path') and e.get('marker-end') for e in _elements(text))
    assert not any('µs' in t for t in _texts(plain)) and any('µs' in t for t in _texts(timed))


def test_names_are_escaped():
    from graphflow.runtime import picture
    x = tf.placeholder(tf.float32, [2], name='x')
    with tf.Session() as sess:
        r = report.plan(sess, tf.exp(x), {x: [1, 2]})
    r.lines[0].nodes = ['<b>&"']
    r.wanted = ['</svg>']
    assert '<b>&"' in _texts(picture.draw(r))


def test_branches_and_loops_are_reported_node_by_node():
    x = tf.placeholder(tf.float32, [], name='x')
    y = tf.cond(x > 0, lambda: tf.exp(x, name='up'), lambda: tf.log(x, name='down'))
    y += tf.while_loop(lambda i: i < 3, lambda i: tf.add(i, 1., name='more'), [x])
    with tf.Session() as sess:
        r = report.plan(sess, y, {x: 1.})
        assert not r.compiled and r.lifetimes is None
        r.time(3)
        assert _texts(r._repr_svg_())
    by_node = {line.nodes[0]: line for line in r.lines}
    assert by_node['cond/up'].nanoseconds > 0 and by_node['cond/down'].nanoseconds == 0
    assert 'while True' in str(r) and 'not compiled' in str(r)


@pytest.mark.parametrize('make', [lambda x: tf.constant(3.), lambda x: x, lambda x: tf.no_op()])
def test_plans_with_nothing_to_do(make):
    x = tf.placeholder(tf.float32, [2])
    with tf.Session() as sess:
        r = report.plan(sess, make(x), {x: [1, 2]}).time(1)
    assert str(r) and _texts(r._repr_svg_()) and not r.lines


def test_a_variable_that_gets_another_array_is_no_hindrance():
    v = tf.Variable(tf.zeros([2]), validate_shape=False)
    x = tf.placeholder(tf.float32, None)
    longer = tf.assign(v, [1., 2., 3.], validate_shape=False)
    with tf.Session() as sess:
        y = tf.exp(v) + x
        r = report.plan(sess, y, {x: 1.})       # before the variable has a value
        sess.run(v.initializer)
        r.time(1)
        sess.run(longer)
        r.time(1)
        assert r.time(1).nanoseconds > 0


def test_code_that_never_fits_is_timed_node_by_node():
    v = tf.Variable(tf.zeros([2]), validate_shape=False, name='v')
    with tf.Session() as sess:
        sess.run(v.initializer)
        grown = tf.assign(v, tf.concat([v, [1.]], 0), validate_shape=False, name='grow')
        r = report.plan(sess, grown).time(3)
        assert len(sess.run(v)) > 2 and all(line.nanoseconds is not None for line in r.lines) and str(r)


def test_slices_are_told_with_what_runs_for_each():
    x = tf.placeholder(tf.float32, [None, 28, 28, 1], name='x')
    y = tf.nn.relu(tf.nn.conv2d(x, tf.ones([5, 5, 1, 32]), [1] * 4, 'SAME'))
    y = tf.nn.max_pool(y, [1, 2, 2, 1], [1, 2, 2, 1], 'SAME')
    with tf.Session() as sess:
        r = report.plan(sess, tf.reduce_sum(y, [1, 2, 3], name='sum'), {x: np.ones([1500, 28, 28, 1], np.float32)})
    line, = r.lines
    assert line.inner is not None and line.nodes == ['Conv2D', 'Relu', 'MaxPool', 'sum']
    assert 'for each slice' in str(r) and line.inner.source in str(r)


def test_a_session_that_does_not_compile_says_so():
    config = tf.ConfigProto()
    config.graph_options.optimizer_options.opt_level = -1
    with tf.Session(config=config) as sess:
        r = report.plan(sess, tf.exp(tf.placeholder(tf.float32, name='x')), {'x:0': 1.})
    assert r.compiled and not r.will_compile and 'switched off' in str(r)


def test_errors_in_timed_runs_name_the_node():
    x = tf.placeholder(tf.float32, [2], name='x')
    checked = tf.check_numerics(tf.exp(x) * 2., 'bad', name='checked')
    with tf.Session() as sess:
        r = report.plan(sess, checked, {x: [1., np.inf]})
        with pytest.raises(tf.errors.InvalidArgumentError) as caught:
            r.time(1)
    assert caught.value.op is checked.op


def _chain(sizes):
    """A Program of calls, each of which takes the result of the one before, and gives so many floats."""
    node = tf.exp(tf.zeros([2])).op
    program = Program([Value(np.dtype('f'), (sizes[0],))])
    value = program.arguments[0]
    for size in sizes:
        instruction = Instruction(node, 'Exp', np.exp, [value], [Value(np.dtype('f'), (size,))], (None,))
        program.instructions.append(instruction)
        value = instruction.outputs[0]
    program.results = [value]
    Code(program)       # gives names
    return program


def test_memory_is_used_again_by_results_of_the_same_size():
    life = Lifetimes(_chain([1000] * 4))
    assert {v.name: former.name for v, former in life.reused.items()} == {'t2': 't0', 't3': 't1'}
    assert life.given == 16000 and life.peak == 8000
    assert not Lifetimes(_chain([1000, 2000, 5000, 300])).reused
    # Big arrays share blocks of nearly the same size.
    assert len(Lifetimes(_chain([100000, 101, 100001])).reused) == 1
