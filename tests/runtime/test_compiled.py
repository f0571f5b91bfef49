"""Compiled plans: what they hand out is the user's, what they keep is bounded, and algebra is exact."""
import resource
import threading

import numpy as np
import pytest

import graphflow as tf
from graphflow.kernels import memory
from graphflow.runtime import emit, plan as plan_lib, slices
from graphflow.runtime.options import compilation

SPECIAL = np.array([0., -0., 1., -1., 2.5, np.nan, np.inf, -np.inf, 1.2e-38, 3e38], np.float32)


@pytest.fixture(autouse=True)
def graph():
    tf.reset_default_graph()


@pytest.fixture
def sess():
    with compilation('always'), tf.Session() as session:
        yield session


def plans(session):
    return list(session._plans._entries.values())


def compiled(session):
    """The codes of all plans of a session."""
    return [code for plan in plans(session) for code in plan.programs.values() if code is not None]


def notes(session, name):
    """What the pass `name` says it did."""
    return [text for code in compiled(session) for kind, text in code.program.notes if kind == name]


def both(make, *feeds, initializer=None):
    """The results of make()'s tensors for each of the feed_dicts, without compilation and with it."""
    fetches = make()
    results = []
    for mode in ('never', 'always'):
        with compilation(mode), tf.Session() as session:
            session.run(tf.global_variables_initializer())
            results.append([session.run(fetches, feed) for feed in feeds or [None]])
    return results


def assert_identical(a, b):
    """Equal to the bit, but for the bits of a NaN."""
    a, b = np.asarray(a), np.asarray(b)
    assert a.dtype == b.dtype and a.shape == b.shape
    np.testing.assert_array_equal(a, b)
    if a.dtype.kind == 'f':
        numbers = ~np.isnan(a)
        np.testing.assert_array_equal(np.signbit(a[numbers]), np.signbit(b[numbers]))


def training_step(rows=None):
    """(placeholder, loss, a hidden layer, the step) of a small network."""
    x = tf.placeholder(tf.float32, [rows, 4])
    w = tf.Variable(np.linspace(-1, 1, 12).reshape(4, 3).astype(np.float32))
    b = tf.Variable(tf.zeros([3]), use_resource=True)
    hidden = tf.nn.relu(tf.matmul(x, w) + b)
    loss = tf.reduce_mean(tf.square(hidden - 1.))
    return x, loss, hidden, tf.train.AdamOptimizer(.01).minimize(loss)


# When plans are compiled.

def test_never_is_never(monkeypatch):
    monkeypatch.setattr(plan_lib, 'specialise', lambda *args: pytest.fail('compiled'))
    x = tf.placeholder(tf.float32, [None])
    y = x * 2. + 1.
    with compilation('never'), tf.Session() as session:
        for _ in range(20):
            session.run(y, {x: [1., 2.]})
        assert not compiled(session)


def test_hot_compiles_after_some_runs():
    x = tf.placeholder(tf.float32, [None])
    y = x * 2. + 1.
    with compilation('hot'), tf.Session() as session:
        session.run(y, {x: [1., 2.]})
        assert not compiled(session)
        results = [session.run(y, {x: [1., 2.]}) for _ in range(10)]
        assert len(compiled(session)) == 1
        session.run(y, {x: [1.]})
        assert len(compiled(session)) == 1
    for result in results:
        np.testing.assert_array_equal(result, [3, 5])


def test_an_unknown_mode_is_refused():
    with pytest.raises(ValueError, match='sometimes'):
        with compilation('sometimes'):
            pass


def test_what_gradients_leave_behind_vanishes(sess):
    x, loss, _, step = training_step()
    sess.run(tf.global_variables_initializer())
    sess.run([loss, step], {x: np.ones((5, 4))})
    code = compiled(sess)[-1]
    kinds = {instruction.op for instruction in code.program.instructions}
    assert not kinds & {'Shape', 'BroadcastGradientArgs', 'Fill', 'Reshape', 'Identity', 'Const', 'Cast'}
    assert notes(sess, 'fuse')


# What is handed out belongs to the user.

def test_fetched_arrays_stay_as_they_were(sess):
    x, loss, hidden, step = training_step()
    variables = tf.trainable_variables()
    constant = tf.fill([3, 4], 2.) * tf.ones([4])
    fetches = [hidden, tf.reshape(hidden, [-1]), tf.identity(x), tf.reshape(x, [4, -1]), constant, tf.zeros_like(x),
               tf.transpose(hidden), x[1:], loss, *variables, *[v.read_value() for v in variables], step]
    sess.run(tf.global_variables_initializer())
    kept = []
    generator = np.random.default_rng(1)
    for _ in range(100):
        results = sess.run(fetches, {x: generator.normal(size=(5, 4)).astype(np.float32)})
        kept.append([(r, np.array(r)) for r in results if r is not None])
    for run in kept:
        for result, copy in run:
            np.testing.assert_array_equal(result, copy)


def test_results_may_be_written_to(sess):
    x = tf.placeholder(tf.float32, [None, 2])
    v = tf.Variable([1., 2.])
    fetches = [tf.ones_like(x), tf.constant([3., 4.]), tf.zeros([2, 2]), v, tf.identity(v), x * 1.,
               tf.reshape(x, [-1]), x + 1.]
    sess.run(v.initializer)
    given = np.ones((3, 2), np.float32)
    first = [np.array(r) for r in sess.run(fetches, {x: given})]
    for _ in range(3):
        results = sess.run(fetches, {x: given})
        for result, expected in zip(results, first):
            np.testing.assert_array_equal(result, expected)
            result[...] = 77.
        assert (given == 1).all()


def test_fetches_of_one_value_are_arrays_of_their_own(sess):
    x = tf.placeholder(tf.float32, [3])
    y = x + 1.
    a, b, c = sess.run([y, tf.reshape(y, [3, 1]), tf.identity(y)], {x: np.zeros(3)})
    a[...] = 5
    np.testing.assert_array_equal(b, [[1], [1], [1]])
    np.testing.assert_array_equal(c, [1, 1, 1])


@pytest.mark.parametrize('size', [3, 40000])
def test_a_fed_array_may_change_after_the_run(sess, size):
    x = tf.placeholder(tf.float32, [None])
    fetches = [x + 0., x * 1., tf.identity(x), tf.reshape(x, [1, -1]), x - 0., -(-x), tf.transpose(x),
               tf.stop_gradient(x), x]
    for _ in range(2):
        given = np.ones(size, np.float32)
        results = sess.run(fetches, {x: given})
        given[...] = 9
        for result in results:
            assert (result == 1).all()


def test_a_variable_does_not_share_memory_with_what_it_was_assigned(sess):
    x = tf.placeholder(tf.float32, [3])
    v = tf.Variable(tf.zeros([3]))
    w = tf.Variable(tf.zeros([3]), use_resource=True)
    sess.run(tf.global_variables_initializer())
    given = np.ones(3, np.float32)
    sess.run([tf.assign(v, x), tf.assign(w, tf.identity(x)).op], {x: given})
    given[...] = 5
    for result in sess.run([v, w]):
        np.testing.assert_array_equal(result, [1, 1, 1])


LAYOUTS = {
    'fortran': np.asfortranarray,
    'reversed': lambda a: a[::-1, ::-1],
    'strided': lambda a: np.repeat(np.repeat(a, 2, 0), 3, 1)[::2, ::3],
    'byte-swapped': lambda a: a.astype(a.dtype.newbyteorder()),
    'unaligned': lambda a: np.frombuffer(b'x' + a.tobytes(), a.dtype, offset=1).reshape(a.shape),
    'broadcast': lambda a: np.broadcast_to(a[:1], a.shape),
    'matrix': np.matrix,
    'masked': np.ma.masked_array,
    'list': lambda a: a.tolist(),
    'double': lambda a: a.astype(np.float64),
}


@pytest.mark.filterwarnings('ignore:the matrix subclass')
@pytest.mark.parametrize('shape', [(5, 4), (300, 200)])
@pytest.mark.parametrize('layout', [*LAYOUTS, 'read-only', 'memmap'])
def test_feeds_of_any_layout(sess, layout, shape, tmp_path):
    x = tf.placeholder(tf.float32, [None, None])
    fetches = [x * 2. + 1., tf.reduce_sum(x, 1), tf.matmul(x, x, transpose_b=True), tf.reshape(x, [-1]) + 1.,
               tf.identity(x),                tf.nn.softmax(x), tf.transpose(x) * 3., tf.concat([x, x], 0)]
    plain = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    if layout == 'read-only':
        other = plain.copy()
        other.flags.writeable = False
    elif layout == 'memmap':
        other = np.memmap(tmp_path / 'memory', np.float32, 'w+', shape=shape)
        other[...] = plain
    else:
        other = LAYOUTS[layout](plain)
    expected = sess.run(fetches, {x: np.array(other, np.float32)})
    for _ in range(2):
        for a, b in zip(expected, sess.run(fetches, {x: other})):
            assert type(b) is np.ndarray
            np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-5)


# What is kept is bounded.

def test_a_thousand_batch_sizes(sess):
    x, loss, _, step = training_step()
    sess.run(tf.global_variables_initializer())
    reference = None
    for size in range(1, 1001):
        reference = sess.run([loss, step], {x: np.ones((size, 4), np.float32)})
    assert reference[0] < 1
    for plan in plans(sess):
        assert len(plan.programs) <= plan_lib._MAX_SHAPES
        assert len(plan._runs) <= 8 * plan_lib._MAX_SHAPES + 1
    assert all(len(kernel.plans) <= 1 << 10 for kernel in emit._kernels.values())


def test_memory_stays_flat_over_many_runs(sess):
    x, loss, hidden, step = training_step()
    big = tf.reduce_sum(tf.exp(tf.reshape(tf.tile(hidden, [1, 20]), [-1])))
    sess.run(tf.global_variables_initializer())
    given = np.ones((500, 4), np.float32)

    def run(count):
        for _ in range(count):
            sess.run([loss, hidden, big, step], {x: given})
    run(200)
    before, peak = memory.statistics(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    run(2000)
    after = memory.statistics() - before
    assert after['live'] <= 0 and after['allocated'] < 1 << 20
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak < 4 << 10      # KiB


def test_programs_go_with_their_session():
    import gc
    import weakref
    x, loss, _, step = training_step()
    with compilation('always'), tf.Session() as session:
        session.run(tf.global_variables_initializer())
        session.run([loss, step], {x: np.ones((2, 4))})
        code = weakref.ref(compiled(session)[-1])
    del session
    gc.collect()
    assert code() is None


# Variables.

def test_a_variable_that_gets_another_shape_between_runs(sess):
    v = tf.Variable([1., 2.], validate_shape=False)
    x = tf.placeholder(tf.float32)
    doubled, shape = v * 2. + 1., tf.shape(v)
    change = tf.assign(v, x, validate_shape=False)
    sess.run(v.initializer)
    for value in ([1., 2.], [1., 2., 3.], [[1.], [2.]], 5., [1., 2.], []):
        sess.run(change, {x: value})
        for _ in range(3):
            a, b = sess.run([doubled, shape])
            np.testing.assert_array_equal(a, np.float32(value) * 2 + 1)
            np.testing.assert_array_equal(b, np.shape(value))


def test_a_variable_that_gets_another_shape_than_the_graph_says(sess):
    v = tf.Variable([1., 2.])
    change = tf.assign(v, [1., 2., 3.], validate_shape=False)
    fetches = [tf.raw_ops.Shape(input=v), v + 1., tf.zeros_like(v * 2., optimize=False)]
    with tf.control_dependencies([change]):
        after = [tf.raw_ops.Shape(input=v.read_value()), v.read_value() + 1.]
    sess.run(v.initializer)
    for _ in range(2):
        np.testing.assert_array_equal(sess.run(fetches)[1], [2, 3])
    for _ in range(2):
        a, b = sess.run(after)
        np.testing.assert_array_equal(a, [3])
        np.testing.assert_array_equal(b, [2, 3, 4])
    for _ in range(2):
        a, b, c = sess.run(fetches)
        np.testing.assert_array_equal(a, [3])
        np.testing.assert_array_equal(b, [2, 3, 4])
        np.testing.assert_array_equal(c, [0, 0, 0])


@pytest.mark.parametrize('use_resource', [False, True])
def test_initialization_again(sess, use_resource):
    v = tf.Variable([1., 2.], use_resource=use_resource)
    step, doubled = tf.assign_add(v, [1., 1.]), v * 2.
    for _ in range(3):
        sess.run(v.initializer)
        np.testing.assert_array_equal(sess.run(doubled), [2, 4])
        sess.run(step)
        np.testing.assert_array_equal(sess.run(doubled), [4, 6])


@pytest.mark.parametrize('use_resource', [False, True])
def test_a_plan_compiled_before_initialization(sess, use_resource):
    v = tf.Variable([1., 2.], use_resource=use_resource)
    doubled = v * 2.
    for _ in range(3):
        with pytest.raises(tf.errors.FailedPreconditionError):
            sess.run(doubled)
    sess.run(v.initializer)
    for _ in range(3):
        np.testing.assert_array_equal(sess.run(doubled), [2, 4])


@pytest.mark.parametrize('use_resource', [False, True])
@pytest.mark.parametrize('name', [
    'times one', 'minus minus', 'plus -0', 'minus 0', 'divided', 'sum', 'cast', 'select', 'power', 'concat', 'stack', 'add_n',
    'tile', 'transpose', 'broadcast', 'gather', 'relu'])
def test_what_was_computed_from_a_variable_does_not_change_with_it(name, use_resource):
    def make():
        v = tf.get_variable('v', initializer=np.array([[1., 2.]], np.float32), use_resource=use_resource)
        read = v.read_value() if use_resource else v
        value = {
            'times one': lambda: read * 1., 'minus minus': lambda: -(-read), 'plus -0': lambda: read + np.float32(-0.),
            'minus 0': lambda: read - 0., 'divided': lambda: read / 1., 'sum': lambda: tf.reduce_mean(read, 0),
            'cast': lambda: tf.cast(tf.cast(read, tf.float64), tf.float32), 'power': lambda: read ** 1.,
            'select': lambda: tf.where(tf.ones([1, 2], tf.bool), read, read + 1.),
            'concat': lambda: tf.concat([read, read], 0),
            'stack': lambda: tf.stack([read, read]), 'add_n': lambda: tf.add_n([read, read]),
            'tile': lambda: tf.tile(read, [2, 1]), 'transpose': lambda: tf.transpose(tf.transpose(read)) * 1.,
            'broadcast': lambda: tf.broadcast_to(read, [2, 2]) * 1., 'gather': lambda: tf.gather(read, [0]),
            'relu': lambda: tf.nn.relu(read)}[name]()
        with tf.control_dependencies([value]):
            update = tf.assign_add(v, [[10., 10.]])
        with tf.control_dependencies([update.op if hasattr(update, 'op') else update]):
            return [value, tf.identity(value) + 0., tf.negative(value), v.read_value()]
    plain, fast = both(make)
    for a, b in zip(plain[0], fast[0]):
        assert_identical(a, b)
    np.testing.assert_array_equal(np.ravel(fast[0][0])[:2], [2, 4] if name == 'add_n' else [1, 2])


@pytest.mark.parametrize('use_resource', [False, True])
def test_updates_by_parts_of_the_variable_itself(use_resource):
    def make():
        v = tf.get_variable('v', initializer=np.arange(6, dtype=np.float32), use_resource=use_resource)
        read = v.read_value()
        fetches = []
        for update in (lambda: tf.scatter_update(v, [1, 2, 0, 3, 5, 4], read * 1.),
                       lambda: tf.assign_add(v, read[::-1] * 1.),
                       lambda: tf.assign(v, tf.reverse(read, [0]) + 0.),
                       lambda: tf.scatter_add(v, [0, 0, 1, 2, 2, 3], -(-read)),
                       lambda: tf.assign_sub(v, tf.reshape(tf.transpose(tf.reshape(read, [2, 3])), [6]) * 1.)):
            with tf.control_dependencies(fetches):
                done = update()
            with tf.control_dependencies([done.op if hasattr(done, 'op') else done]):
                read = v.read_value()
                fetches.append(read + 0.)
        return fetches
    plain, fast = both(make)
    for a, b in zip(plain[0], fast[0]):
        assert_identical(a, b)


@pytest.mark.parametrize('use_resource', [False, True])
def test_loops_read_variables_as_they_are_at_their_place(use_resource):
    def make():
        v = tf.get_variable('v', initializer=np.array([1., 2.], np.float32), use_resource=use_resource)
        before = tf.constant([5., 6.]) + v.read_value()
        with tf.control_dependencies([before]):
            update = tf.assign_add(v, [10., 10.])
        with tf.control_dependencies([update.op if hasattr(update, 'op') else update]):
            after = v.read_value()
        scaled = tf.add_n([before, before * 3., before])
        return [scaled + after, tf.sin(scaled) + tf.cos(after) * before]
    plain, fast = both(make)
    for a, b in zip(plain[0], fast[0]):
        assert_identical(a, b)
    np.testing.assert_array_equal(fast[0][0], [41, 52])


def test_a_fed_constant_is_what_is_fed(sess):
    c = tf.constant([1., 2.])
    with tf.control_dependencies([c]):
        y = tf.identity(c) * 1. + c
    for value in ([3., 4.], [5., 6.]):
        np.testing.assert_array_equal(sess.run(y, {c: value}), 2 * np.array(value))
    np.testing.assert_array_equal(sess.run(y), [2, 4])
    s = tf.add(c, 1., name='sum')
    with tf.control_dependencies([s]):
        z = tf.where(tf.constant([True, False]), s, s * 0.)
    np.testing.assert_array_equal(sess.run(z, {s: [7., 8.]}), [7, 0])


@pytest.mark.parametrize('shape', [(10, 100), (2, 3), (1000, 100), (10, 1), (0, 100)])
def test_claims_of_set_shape_are_not_believed(shape):
    """Nothing checks them; what comes may be anything, the last batch of an epoch for one."""
    def make():
        size = tf.placeholder(tf.int32, [2], name='size')
        x = tf.py_func(lambda size: np.ones(size, np.float32), [size], tf.float32)
        x.set_shape([10, 100])
        return [tf.exp(x) * 2. + x, tf.nn.softmax(x), tf.reduce_sum(x, 1), tf.reduce_sum(x * x), tf.transpose(x),
                tf.zeros_like(x, optimize=False), tf.raw_ops.Shape(input=x * 2.), tf.concat([x, x], 0)]
    plain, fast = both(make, {'size:0': shape})
    for a, b in zip(plain[0], fast[0]):
        assert a.shape == b.shape
        np.testing.assert_allclose(a, b, rtol=1e-5)


@pytest.mark.parametrize('use_resource', [False, True])
def test_no_slice_lets_an_update_pass_what_it_waits_for(monkeypatch, use_resource):
    monkeypatch.setattr(slices, 'BIG', 1)
    monkeypatch.setattr(slices, 'SLICE_BYTES', 64)
    rows = tf.placeholder(tf.int32, [12])
    v = tf.Variable([1., 2.], use_resource=use_resource)
    g = tf.gather(tf.constant(np.arange(10, dtype=np.float32).reshape(5, 2)), rows)
    y = tf.reduce_max(tf.nn.softmax(g * 2.) + tf.reduce_sum(g, 1, keepdims=True), 1)
    with tf.control_dependencies([g]):
        update = tf.assign_add(v, [10., 10.])
    with compilation('always'), tf.Session() as session:
        session.run(v.initializer)
        with pytest.raises(tf.errors.InvalidArgumentError, match='is not in'):
            session.run([y, update], {rows: [9] * 12})
        assert notes(session, 'slices')
        np.testing.assert_array_equal(session.run(v), [1, 2])


def test_a_failing_run_leaves_the_variables_alike():
    x = tf.placeholder(tf.float32, [None])
    v = tf.Variable([1., 2.])
    first = tf.assign_add(v, [1., 1.])
    with tf.control_dependencies([first]):
        checked = tf.check_numerics(x * 2., 'not finite')
    with tf.control_dependencies([checked]):
        second = tf.assign_add(v, [10., 10.])
    values = []
    for mode in ('never', 'always'):
        with compilation(mode), tf.Session() as session:
            session.run(v.initializer)
            for given in ([1.], [np.nan], [1.], [np.inf]):
                try:
                    session.run([second], {x: given})
                except tf.errors.InvalidArgumentError as error:
                    values.append(error.message)
                values.append(session.run(v).tolist())
    assert values[:len(values) // 2] == values[len(values) // 2:]


def test_what_raises_raises_though_nobody_takes_its_value(sess):
    x = tf.placeholder(tf.float32, [None])
    i = tf.placeholder(tf.int32, [])
    fetches = [tf.shape(tf.check_numerics(x, 'bad')), tf.zeros_like(tf.gather(x, i), optimize=False),
               tf.zeros_like(tf.constant([1, 2]) // i, optimize=False)]
    sess.run(fetches, {x: [1., 2.], i: 1})
    for feed, fetch in (({x: [np.nan]}, 0), ({x: [1.], i: 3}, 1), ({i: 0}, 2)):
        for _ in range(2):
            with pytest.raises(tf.errors.InvalidArgumentError):
                sess.run(fetches[fetch], feed)


# Threads.

def test_threads_share_a_plan(sess):
    x = tf.placeholder(tf.float32, [None, 4])
    w = tf.Variable(np.ones((4, 3), np.float32))
    y = tf.nn.relu(tf.matmul(x, w) * 2. - 1.) + tf.reduce_sum(x)
    sess.run(w.initializer)
    wrong = []

    def work(number):
        for i in range(200):
            rows = 1 + (i * number) % 5
            given = np.full((rows, 4), number, np.float32)
            result = sess.run(y, {x: given})
            if not np.array_equal(result, np.full((rows, 3), 8 * number - 1 + 4 * rows * number, np.float32)):
                wrong.append((number, rows, result))
    threads = [threading.Thread(target=work, args=(n,)) for n in (1, 2, 3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_updates_of_several_threads_all_count(sess):
    v = tf.Variable(np.zeros(1000, np.float32))
    step = tf.assign_add(v, tf.ones([1000]) * 1.)
    sess.run(v.initializer)
    threads = [threading.Thread(target=lambda: [sess.run(step.op) for _ in range(300)]) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (sess.run(v) == 900).all()


# Algebra: exact for every special value, whether a rule applies or must not.

RULES = {
    'x*1': lambda x: x * 1., '1*x': lambda x: 1. * x, 'x*-1': lambda x: x * -1., 'x*0': lambda x: x * 0.,
    'x*-0': lambda x: x * np.float32(-0.), 'x+0': lambda x: x + 0., '0+x': lambda x: 0. + x,
    'x+-0': lambda x: x + np.float32(-0.), '-0+x': lambda x: np.float32(-0.) + x, 'x-0': lambda x: x - 0.,
    'x--0': lambda x: x - np.float32(-0.), '0-x': lambda x: 0. - x, '-0-x': lambda x: np.float32(-0.) - x,
    'x/1': lambda x: x / 1., '1/x': lambda x: 1. / x, '0/x': lambda x: 0. / x, 'x/0': lambda x: x / 0.,
    'x/-1': lambda x: x / -1., 'x-x': lambda x: x - x, 'x/x': lambda x: x / x, 'x+x': lambda x: x + x,
    '--x': lambda x: -(-x), 'x^1': lambda x: tf.pow(x, 1.), 'x^0': lambda x: tf.pow(x, 0.),
    'x*ones': lambda x: x * tf.ones([10]), 'x+zeros': lambda x: x + tf.zeros([10]),
    'x-zeros': lambda x: x - tf.zeros([10]), 'x*ones(2,10)': lambda x: x * tf.ones([2, 10]),
    'fill*x': lambda x: tf.fill([3, 10], 2.) * x, 'fill*scalar': lambda x: tf.fill([3, 1], 2.) * x[4],
    '[[[1]]]*x': lambda x: tf.constant([[[1.]]]) * x, 'mul_no_nan 1': lambda x: tf.math.multiply_no_nan(x, 1.),
    'mul_no_nan 0': lambda x: tf.math.multiply_no_nan(x, 0.), 'div_no_nan': lambda x: tf.math.divide_no_nan(x, 0.),
    'max(x,x)': lambda x: tf.maximum(x, x), 'max(x,0)': lambda x: tf.maximum(x, 0.), 'relu': tf.nn.relu,
    'where true': lambda x: tf.where(tf.ones([10], tf.bool), x, x * 0.),
    'where false': lambda x: tf.where(tf.zeros([10], tf.bool), x, x * 0.),
    'cast 64': lambda x: tf.cast(tf.cast(x, tf.float64), tf.float32),
    'cast 16': lambda x: tf.cast(tf.cast(x, tf.float16), tf.float32),
    'cast int': lambda x: tf.cast(tf.cast(x, tf.int32), tf.float32),
    'cast bool': lambda x: tf.cast(tf.cast(x, tf.bool), tf.float32),
    'sum 1': lambda x: tf.reduce_sum(tf.reshape(x, [10, 1]), 1),
    'mean 1': lambda x: tf.reduce_mean(tf.reshape(x, [1, 10]), 0),
    'max 1': lambda x: tf.reduce_max(tf.reshape(x, [10, 1]), 1),
    'min 1': lambda x: tf.reduce_min(tf.reshape(x, [1, 10]), 0),
    'prod 1': lambda x: tf.reduce_prod(tf.reshape(x, [10, 1]), 1, keepdims=True),
    'sum none': lambda x: tf.reduce_sum(x, tf.constant([], tf.int32)),
    'max none': lambda x: tf.reduce_max(x, tf.constant([], tf.int32)),
    'transposes': lambda x: tf.transpose(tf.transpose(tf.reshape(x, [2, 5]))),
    'transpose of ones': lambda x: tf.transpose(tf.reshape(x, [1, 2, 5]), [1, 0, 2]),
    'three transposes': lambda x: tf.transpose(tf.transpose(tf.reshape(x, [1, 2, 5]), [1, 2, 0]), [1, 2, 0]),
    'reshapes': lambda x: tf.reshape(tf.expand_dims(tf.reshape(x, [5, 2]), 1), [-1]), 'tile 1': lambda x: tf.tile(x, [1]),
    'add_n': lambda x: tf.add_n([x]), 'add_n 3': lambda x: tf.add_n([x, x, x * 0.]), 'concat': lambda x: tf.concat([x], 0),
    'stack': lambda x: tf.stack([x]), 'broadcast': lambda x: tf.broadcast_to(x, [10]), 'zeros_like': tf.zeros_like,
    'ones_like': lambda x: tf.ones_like(x) * x, 'stop_gradient': tf.stop_gradient, 'abs abs': lambda x: tf.abs(tf.abs(x)),
    'same twice': lambda x: tf.exp(x) + tf.exp(x), 'equal': lambda x: tf.equal(x, x),
    'not equal': lambda x: tf.not_equal(x, x),
    'square': lambda x: tf.square(x) - x * x, 'sign': lambda x: tf.sign(x) * 1.,
}


@pytest.mark.parametrize('rule', RULES)
@pytest.mark.parametrize('shape', [[10], [None], None])
def test_algebra_is_exact(rule, shape):
    def make():
        x = tf.placeholder(tf.float32, shape, name='x')
        return [RULES[rule](x)]
    plain, fast = both(make, {'x:0': SPECIAL}, {'x:0': SPECIAL[::-1]})
    for a, b in zip(plain, fast):
        assert_identical(a[0], b[0])


INTEGER_RULES = {
    'x*1': lambda x, c: x * c(1), 'x*0': lambda x, c: x * c(0), 'x+0': lambda x, c: x + c(0), '0+x': lambda x, c: c(0) + x,
    'x-0': lambda x, c: x - c(0), '0-x': lambda x, c: c(0) - x, 'x//1': lambda x, c: x // c(1),
    'truncated': lambda x, c: tf.truncatediv(x, c(1)), 'x/1': lambda x, c: x / c(1),
    '--x': lambda x, c: -(-x) if x.dtype in (tf.int32, tf.int64) else x * c(1),
    'by float32': lambda x, c: tf.cast(tf.cast(x, tf.float32), x.dtype),
    'by float64': lambda x, c: tf.cast(tf.cast(x, tf.float64), x.dtype),
    'by int64': lambda x, c: tf.cast(tf.cast(x, tf.int64), x.dtype),
    'by int8': lambda x, c: tf.cast(tf.cast(x, tf.int8), x.dtype),
    'by uint8': lambda x, c: tf.cast(tf.cast(x, tf.uint8), x.dtype),
    'by bool': lambda x, c: tf.cast(tf.cast(x, tf.bool), x.dtype),
    'sum 1': lambda x, c: tf.reduce_sum(tf.reshape(x, [-1, 1]), 1), 'mean 1': lambda x, c: tf.reduce_mean(x[:, None], 1),
    'max 1': lambda x, c: tf.reduce_max(tf.reshape(x, [-1, 1]), 1),
}


@pytest.mark.parametrize('dtype', [tf.int32, tf.int64, tf.uint8, tf.int8])
@pytest.mark.parametrize('rule', INTEGER_RULES)
def test_algebra_of_integers_is_exact(rule, dtype):
    def make():
        x = tf.placeholder(dtype, [None], name='x')
        return [INTEGER_RULES[rule](x, lambda number: tf.constant(number, dtype))]
    limits = np.iinfo(dtype.as_numpy_dtype)
    values = np.array([0, 1, 2, 100, limits.min, limits.min + 1, limits.max, limits.max - 1], dtype.as_numpy_dtype)
    if dtype == tf.int64:
        values = np.append(values, [2 ** 53 + 1, 2 ** 24 + 1])
    plain, fast = both(make, {'x:0': values})
    assert_identical(plain[0][0], fast[0][0])


def test_rules_apply(sess):
    """The tables above are about something: these vanish."""
    x = tf.placeholder(tf.float32, [4])
    y = tf.reshape((x * 1. - 0. + np.float32(-0.)) / 1., [4])
    sess.run(tf.transpose(tf.transpose(tf.identity(y))), {x: np.ones(4)})
    assert not compiled(sess)[-1].program.instructions


@pytest.mark.parametrize('mode', ['never', 'always'])
def test_casts_of_strings_are_refused_though_nobody_takes_the_result(mode):
    with compilation(mode), tf.Graph().as_default(), tf.Session() as session:
        x = tf.placeholder(tf.string, [None])
        with pytest.raises(tf.errors.UnimplementedError, match='Cast string to float is not supported'):
            session.run(tf.shape(tf.cast(x, tf.float32)), {x: ['a']})
        with pytest.raises(tf.errors.UnimplementedError, match='Cast float to string is not supported'):
            session.run(tf.cast(tf.constant([1.]), tf.string))
