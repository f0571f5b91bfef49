"""Optimizers beyond what tests/cases/train_*.py compare: edges of the kernels, all or nothing, slots."""
import numpy as np
import pytest

import graphflow as tf

OPTIMIZERS = {
    'sgd': lambda: tf.train.GradientDescentOptimizer(0.1),
    'momentum': lambda: tf.train.MomentumOptimizer(0.1, 0.9),
    'nesterov': lambda: tf.train.MomentumOptimizer(0.1, 0.9, use_nesterov=True),
    'adagrad': lambda: tf.train.AdagradOptimizer(0.1),
    'adadelta': lambda: tf.train.AdadeltaOptimizer(0.1),
    'rmsprop': lambda: tf.train.RMSPropOptimizer(0.1),
    'centered': lambda: tf.train.RMSPropOptimizer(0.1, centered=True),
    'ftrl': lambda: tf.train.FtrlOptimizer(0.1),
    'ftrl_shrinkage': lambda: tf.train.FtrlOptimizer(0.1, l2_shrinkage_regularization_strength=0.1),
    'proximal': lambda: tf.train.ProximalGradientDescentOptimizer(0.1, 0.01, 0.01),
    'proximal_adagrad': lambda: tf.train.ProximalAdagradOptimizer(0.1),
    'dual': lambda: tf.train.AdagradDAOptimizer(0.1, tf.constant(0, tf.int64)),
    'adam': lambda: tf.train.AdamOptimizer(0.1),
}


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default() as g:
        yield g




def slices(rows, index, dtype=tf.float32):
    return tf.IndexedSlices(tf.ones([len(index), 2], dtype), tf.constant(index), tf.constant([rows, 2]))


@pytest.mark.parametrize('use_resource', [False, True])
@pytest.mark.parametrize('name', sorted(OPTIMIZERS))
def test_dense_and_sparse_agree_where_the_gradient_is_the_same(name, use_resource):
    start = np.arange(6, dtype=np.float32).reshape(3, 2) / 5
    dense = tf.Variable(start, use_resource=use_resource)
    sparse = tf.Variable(start, use_resource=use_resource)
    step = OPTIMIZERS[name]().apply_gradients([(tf.ones([3, 2]), dense), (slices(3, [2, 0, 1]), sparse)])
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        for _ in range(3):
            sess.run(step)
        a, b = sess.run([dense, sparse])
    np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)
    assert np.all(a < start)


@pytest.mark.parametrize('name', sorted(OPTIMIZERS))
def test_an_index_out_of_range_changes_nothing(name):
    v = tf.Variable(tf.ones([3, 2]))
    optimizer = OPTIMIZERS[name]()
    step = optimizer.apply_gradients([(slices(3, [0, 7]), v)])
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        slots = [v] + [s for s in optimizer.variables() if 'power' not in s.name]
        before = sess.run(slots)
        with pytest.raises(tf.errors.InvalidArgumentError):
            sess.run(step)
        after = sess.run(slots)
    if name != 'adam':      # whose sparse update is made of several ops
        for b, a in zip(before, after):
            np.testing.assert_array_equal(b, a)


@pytest.mark.parametrize('name', sorted(OPTIMIZERS))
@pytest.mark.parametrize('shape', [[0], [0, 2], [2, 0]])
def test_no_elements(name, shape):
    v = tf.Variable(tf.zeros(shape))
    with tf.Session() as sess:
        step = OPTIMIZERS[name]().apply_gradients([(tf.zeros(shape), v)])
        sess.run(tf.global_variables_initializer())
        sess.run(step)
        assert sess.run(v).shape == tuple(shape)


@pytest.mark.parametrize('name', sorted(OPTIMIZERS))
def test_no_rows(name):
    v = tf.Variable(tf.ones([3, 2]))
    with tf.Session() as sess:
        none = tf.IndexedSlices(tf.zeros([0, 2]), tf.zeros([0], tf.int64), tf.constant([3, 2], tf.int64))
        step = OPTIMIZERS[name]().apply_gradients([(none, v)])
        sess.run(tf.global_variables_initializer())
        sess.run(step)
        np.testing.assert_array_equal(sess.run(v), np.ones([3, 2]))


@pytest.mark.parametrize('name', sorted(OPTIMIZERS))
def test_a_gradient_in_any_memory_layout(name):
    values = np.arange(12, dtype=np.float32).reshape(3, 4) / 10 + 0.1
    found = []
    for gradient in (tf.constant(values), tf.transpose(tf.constant(values.T.copy())),
                     tf.constant(np.repeat(values, 2, 1))[:, ::2]):
        v = tf.Variable(tf.ones([3, 4]))
        step = OPTIMIZERS[name]().apply_gradients([(gradient, v)])
        with tf.Session() as sess:
            sess.run(tf.global_variables_initializer())
            sess.run(step)
            found.append(sess.run(v))
    np.testing.assert_array_equal(found[0], found[1])
    np.testing.assert_array_equal(found[0], found[2])


@pytest.mark.parametrize('name', sorted(OPTIMIZERS))
def test_not_a_number_stays_in_its_element(name):
    v = tf.Variable(tf.ones([3]))
    step = OPTIMIZERS[name]().apply_gradients([(tf.constant([1.0, np.nan, 1.0]), v)])
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        sess.run(step)
        value = sess.run(v)
    assert np.isfinite(value[[0, 2]]).all()
    if not name.startswith('ftrl'):     # whose threshold compares: |NaN| > l1 is false, and the weight becomes 0
        assert np.isnan(value[1])


@pytest.mark.parametrize('dtype', ['float16', 'float64'])
@pytest.mark.parametrize('use_resource', [False, True])
@pytest.mark.parametrize('name', sorted(OPTIMIZERS))
def test_halves_and_doubles(name, dtype, use_resource):
    start = np.array([1.0, 2.0], np.float32)
    variables = [tf.Variable(start.astype(t), use_resource=use_resource) for t in (np.float32, dtype)]
    optimizer = OPTIMIZERS[name]()
    step = optimizer.apply_gradients([(tf.constant(np.array([0.5, -1.0], v.dtype.as_numpy_dtype)), v)
                                      for v in variables])
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        sess.run(step)
        single, other = sess.run(variables)
    assert other.dtype == dtype
    np.testing.assert_allclose(single, other, rtol=2e-3 if dtype == 'float16' else 1e-6)


def test_slots_are_shared_by_all_steps_of_one_optimizer():
    v, w = tf.Variable([1.0], name='v'), tf.Variable([1.0], name='w')
    optimizer = tf.train.MomentumOptimizer(0.1, 0.9, name='M')
    optimizer.minimize(v * 2.0)
    first = optimizer.get_slot(v, 'momentum')
    optimizer.minimize(v * 2.0 + w, var_list=[v, w])
    assert optimizer.get_slot(v, 'momentum') is first
    assert [x.name for x in optimizer.variables()] == ['v/M:0', 'w/M:0']
    assert optimizer.get_slot_names() == ['momentum']
    assert optimizer.get_slot(v, 'other') is None
    with tf.Graph().as_default():
        assert optimizer.variables() == []


def test_the_learning_rate_is_asked_for_in_every_run():
    rate = tf.placeholder(tf.float32, [])
    v = tf.Variable([1.0])
    step = tf.train.GradientDescentOptimizer(rate).minimize(tf.reduce_sum(v))
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        sess.run(step, {rate: 0.25})
        sess.run(step, {rate: 0.5})
        np.testing.assert_allclose(sess.run(v), [0.25])


def test_repeated_rows_are_added_up_first():
    v = tf.Variable(tf.zeros([3, 2]))
    step = tf.train.AdagradOptimizer(1.0, 1.0).apply_gradients([(slices(3, [1, 1]), v)])
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        sess.run(step)
        np.testing.assert_allclose(sess.run(v)[1], -2 / np.sqrt(5), rtol=1e-6)     # once by 2, not twice by 1


def test_a_constraint_is_applied_after_the_step():
    for use_resource in (False, True):
        v = tf.Variable([1.0, 1.0], constraint=lambda x: tf.maximum(x, 0.5), use_resource=use_resource)
        step = tf.train.GradientDescentOptimizer(1.0).apply_gradients([(tf.constant([5.0, 0.25]), v)])
        with tf.Session() as sess:
            sess.run(tf.global_variables_initializer())
            sess.run(step)
            np.testing.assert_allclose(sess.run(v), [0.5, 0.75])
