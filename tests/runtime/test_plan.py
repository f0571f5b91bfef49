"""The passes that make a plan, and what a plan keeps, frees and hands out."""
import gc
import weakref

import numpy as np
import pytest

import graphflow as tf
from graphflow.runtime import options
from graphflow.runtime import placement
from graphflow.runtime.cache import Cache
from graphflow.runtime.feeds import Feeds
from graphflow.runtime.plan import Plan
from graphflow.runtime.prune import prune
from graphflow.runtime.schedule import schedule
from graphflow.runtime.state import SessionState


@pytest.fixture(autouse=True)
def graph():
    tf.reset_default_graph()


def names(nodes):
    return [node.name for node in nodes]


def plan(fetches, fed=(), targets=()):
    return Plan(list(fetches), list(targets), list(fed), SessionState())


def source(made):
    return made.regions[0].source


def test_prune_takes_what_is_needed_and_stops_at_feeds():
    x = tf.placeholder(tf.float32, name='x')
    a = tf.exp(x, name='a')
    tf.sin(a, name='aside')
    with tf.control_dependencies([tf.no_op(name='before')]):
        b = tf.log(a, name='b')
    assert sorted(names(prune([b.op], set()))) == ['a', 'b', 'before', 'x']
    assert sorted(names(prune([b.op], {a}))) == ['b', 'before']


def test_schedule_is_by_creation_where_inputs_allow():
    x = tf.placeholder(tf.float32, name='x')
    a, b = tf.exp(x, name='a'), tf.log(x, name='b')
    c = tf.add(b, a, name='c')
    nodes = {t.op for t in (c, b, a, x)}
    assert names(schedule(nodes, set())) == ['x', 'a', 'b', 'c']
    a.op._add_control_input(b.op)
    assert names(schedule(nodes, set())) == ['x', 'b', 'a', 'c']


def test_a_read_before_an_update_in_the_program_reads_before_it():
    v = tf.Variable(1.)
    before = v * 10.
    update = tf.assign_add(v, 1.)
    with tf.Session() as sess:
        sess.run(v.initializer)
        assert sess.run([update, before])[1] == 10.


def test_a_cycle_is_an_error():
    a = tf.exp(tf.constant(1.), name='a')
    b = tf.log(a, name='b')
    a.op._add_control_input(b.op)
    with pytest.raises(tf.errors.InvalidArgumentError, match='cycle'):
        schedule({a.op, b.op}, set())


def test_constants_are_folded():
    x = tf.placeholder(tf.float32)
    y = x + tf.exp(tf.constant([1., 2.]) * 2.)
    made = plan([y], [x])
    assert names(made.nodes) == ['add']
    np.testing.assert_allclose(made.run([np.float32([1, 1])])[0], 1 + np.exp([2, 4]), rtol=1e-6)


@pytest.mark.parametrize('make', [
    lambda: tf.random_uniform([2]),                 # a new value each run
    lambda: tf.exp(tf.placeholder_with_default(1., [])),
    lambda: tf.Variable(1.) + 1.,
    lambda: tf.check_numerics(tf.constant(np.nan), 'fails in each run'),
])
def test_what_is_not_constant_is_not_folded(make):
    assert plan([make()]).nodes


def test_a_fed_constant_is_not_folded():
    c = tf.constant(1.)
    y = tf.exp(c)
    assert names(plan([y], [c]).nodes) == ['Exp']
    assert plan([y], [c]).run([np.float32(0)])[0] == 1


def test_values_are_freed_after_their_last_use():
    x = tf.placeholder(tf.float32, name='x')
    a = tf.exp(x, name='a')
    b = tf.sin(a, name='b')
    c = tf.cos(b, name='c')
    lines = source(plan([a, c], [x])).splitlines()
    freed = {line.split(' = ')[0].strip(): line.partition('del ')[2] for line in lines if ' = ' in line}
    t = {tensor: f't{tensor.op._id}_0' for tensor in (a, b, c)}
    assert freed == {t[a]: '', t[b]: '', t[c]: t[b]}      # a is fetched, b is used up by c


@options.compilation('never')
def test_memory_of_intermediate_values_is_given_back_during_the_run():
    alive, seen = [], []

    class Probe(np.ndarray):
        pass

    def track(value):
        array = value.view(Probe)
        alive.append(weakref.ref(array))
        seen.append(sum(ref() is not None for ref in alive))
        return array
    x = tf.placeholder(tf.float32)
    value = x
    for _ in range(6):
        value = tf.identity(value)
    made = plan([value], [x])
    made.regions[0]._scope.update({name: lambda v: track(v.copy()) for name in made.regions[0]._scope
                                   if name[0] == 'k' and name[1:].isdigit()})
    made.run([np.zeros(3, np.float32)])
    gc.collect()
    assert len(seen) == 6 and max(seen) <= 2


def test_results_belong_to_the_caller():
    c, x = tf.constant([1., 2.]), tf.placeholder(tf.float32, [2])
    v = tf.Variable([1., 2.])
    fetches = [c, tf.identity(c), tf.identity(x), tf.reshape(x, [2, 1]), v, v.value(), x, x * 2., tf.identity(x)]
    with tf.Session() as sess:
        sess.run(v.initializer)
        fed = np.array([1, 2], np.float32)
        first = sess.run(fetches, {x: fed})
        expected = [value.copy() for value in first]
        for value in first:
            assert value.flags.writeable and value.flags.owndata and not np.shares_memory(value, fed)
        for i, value in enumerate(first):
            assert not any(np.shares_memory(value, other) for other in first[:i])
        fed[:] = 7
        sess.run(tf.assign_add(v, [1., 1.]))
        for value, wanted in zip(first, expected):
            np.testing.assert_array_equal(value, wanted)
            value[...] = 99
        again = sess.run(fetches, {x: [1., 2.]})
        np.testing.assert_array_equal(again[0], [1, 2])
        np.testing.assert_array_equal(again[4], [2, 3])


@options.compilation('never')
def test_a_repeated_fetch_of_a_big_value_is_not_copied_needlessly():
    x = tf.placeholder(tf.float32, [4])
    made = plan([x * 2.], [x])
    kept = []
    scope = made.regions[0]._scope
    kernel = next(name for name in scope if name[0] == 'k' and name[1:].isdigit())
    compute = scope[kernel]

    def spy(*args):
        result = compute(*args)
        kept.append(result.ctypes.data)
        return result
    scope[kernel] = spy
    assert made.run([np.ones(4, np.float32)])[0].ctypes.data == kept[0]


def test_plans_are_made_once_and_anew_when_the_graph_is_changed():
    x = tf.placeholder(tf.float32)
    y = tf.exp(x)
    z = tf.sin(y)
    with tf.Session() as sess:
        for value in (1., [1.], np.float32(1)):
            sess.run([z, y], {x: value})
        assert len(sess._plans) == len(sess._calls) == 1
        double = sess.make_callable(z, [x])
        assert abs(double(1.) - np.sin(np.e)) < 1e-6
        z.op._update_input(0, x)
        assert sess.run(z, {x: 0.}) == 0 and double(0.) == 0


def test_a_session_keeps_a_limited_number_of_plans(monkeypatch):
    with tf.Session() as sess:
        sess._plans = sess._calls = Cache(5)
        x = tf.placeholder(tf.float32)
        for i in range(20):
            assert sess.run(x + float(i), {x: 1.}) == i + 1
        assert len(sess._calls) == 5


def test_cache_forgets_what_was_not_used_for_longest():
    cache = Cache(2)
    cache.put('a', 1)
    cache.put('b', 2)
    assert cache.get('a') == 1
    cache.put('c', 3)
    assert (cache.get('a'), cache.get('b'), cache.get('c')) == (1, None, 3)


def test_feeds_by_structure():
    x, y = tf.placeholder(tf.float32, name='x'), tf.placeholder(tf.int32, name='y')
    feeds = Feeds(tf.get_default_graph(), {(x, y): (0, 0)})
    assert feeds.tensors == [x, y]
    assert [a.dtype for a in feeds.arrays([(1, 2)])] == [np.float32, np.int32]
    feeds = Feeds(tf.get_default_graph(), {x: 1, 'x:0': 2})
    assert feeds.tensors == [x] and feeds.arrays([1, 2])[0] == 2


def test_a_missing_device_is_told_of_once(monkeypatch):
    said = []
    monkeypatch.setattr(placement.tf_logging, 'warning', lambda text, *args: said.append(text % args))
    with tf.device('/gpu:7'):
        a = tf.exp(tf.placeholder(tf.float32, name='p'))
    with tf.Session() as sess:
        for _ in range(2):
            assert sess.run(a, {'p:0': 0.}) == 1
            assert sess.run([a], {'p:0': 0.}) == [1]
    assert said == ['There is no device /device:GPU:7 here: what is placed on it runs on the CPU.']
