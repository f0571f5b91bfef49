"""Sessions and graphs in several threads and processes. `python tests/runtime/test_threads.py 10` runs ten seconds."""
import os
import sys
import threading
import time

import numpy as np
import pytest

import graphflow as tf
from graphflow.runtime import options

SECONDS = 1.0
THREADS = 8


def together(functions):
    """Runs the functions at once, each in a thread; raises what one of them raised."""
    failures = []

    def guarded(function):
        try:
            function()
        except BaseException as error:      # to be raised in the caller's thread
            failures.append(error)
    threads = [threading.Thread(target=guarded, args=(f,)) for f in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


def network():
    """(fetches, placeholder): fetches of several plans, with kernels that are compiled, of numpy, and sharded."""
    x = tf.placeholder(tf.float32, [None, 64])
    w = tf.constant(np.random.RandomState(0).randn(64, 64).astype(np.float32))
    hidden = tf.nn.relu(tf.matmul(x, w))
    loss = tf.reduce_mean(tf.square(hidden), axis=1)
    return [loss, [hidden, loss], tf.gradients(loss, x)[0], {'soft': tf.nn.softmax(hidden)}], x


def test_one_session_in_many_threads_gives_what_one_thread_gets(seconds=SECONDS):
    # Compiled at once: a plan that is compiled later may add up in another order from then on.
    with tf.Graph().as_default(), options.compilation('always'):
        fetches, x = network()
        batches = [np.random.RandomState(i).randn(1 + i * 30, 64).astype(np.float32) for i in range(THREADS)]
        flat = lambda value: [np.asarray(v) for v in tf.nest.flatten(value)]
        with tf.Session() as sess:
            expected = [[flat(sess.run(f, {x: batch})) for f in fetches] for batch in batches]
        with tf.Session() as sess:      # plans are made in the threads
            stop = time.time() + seconds

            def work(i):
                count = 0
                while time.time() < stop or not count:
                    for fetch, wanted in zip(fetches, expected[i]):
                        for value, right in zip(flat(sess.run(fetch, {x: batches[i]})), wanted):
                            np.testing.assert_array_equal(value, right)
                    count += 1
            together([lambda i=i: work(i) for i in range(THREADS)])


@pytest.mark.parametrize('use_resource', [False, True])
def test_updates_of_many_threads_all_count(use_resource, rounds=300):
    with tf.Graph().as_default():
        v = tf.Variable(np.zeros(1000, np.float32), use_resource=use_resource)
        update = v.assign_add(np.ones(1000, np.float32), use_locking=True) if not use_resource else v.assign_add(
            np.ones(1000, np.float32))
        some = tf.scatter_add(v, [0, 999], [1., 1.], **({} if use_resource else {'use_locking': True}))
        with tf.Session() as sess:
            sess.run(v.initializer)
            together([lambda: [sess.run([update.op, some.op if not use_resource else some]) for _ in range(rounds)]] * THREADS)
            total = sess.run(v)
        assert (total[1:-1] == THREADS * rounds).all() and total[0] == total[-1] == 2 * THREADS * rounds


@pytest.mark.parametrize('dtype', [tf.float16, tf.float32])
def test_training_steps_of_many_threads_all_count(dtype, rounds=200):
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with tf.Graph().as_default():
            v = tf.Variable(tf.zeros([200], dtype))
            optimizer = tf.train.GradientDescentOptimizer(1.0, use_locking=True)
            step = optimizer.apply_gradients([(tf.fill([200], tf.constant(-1, dtype)), v)])
            with tf.Session() as sess:
                sess.run(v.initializer)
                together([lambda: [sess.run(step) for _ in range(rounds)]] * THREADS)
                total = sess.run(v)
        assert (total == THREADS * rounds).all()        # whole numbers that a half can hold
    finally:
        sys.setswitchinterval(interval)


def test_sessions_and_graphs_of_several_threads_are_apart():
    outer = tf.get_default_graph()

    def work(i):
        assert tf.get_default_session() is None
        with tf.Graph().as_default() as graph, tf.Session() as sess:
            v = tf.Variable(float(i), name='v')
            total = v
            for k in range(50):
                with tf.name_scope('s'):
                    total = tf.add(total, float(k), name='a')
                time.sleep(0)
            assert total.name == 's_49/a:0' and tf.get_default_graph() is graph
            sess.run(tf.global_variables_initializer())
            assert total.eval() == i + sum(range(50)) and tf.get_default_session() is sess
        assert tf.get_default_session() is None
    together([lambda i=i: work(i) for i in range(THREADS)])
    assert tf.get_default_graph() is outer


def test_several_sessions_of_one_graph_have_their_own_variables():
    with tf.Graph().as_default() as graph:
        v = tf.Variable(0)
        update = tf.assign_add(v, 1)

    def work(i):
        with tf.Session(graph=graph) as sess:
            sess.run(v.initializer)
            for _ in range(i * 10):
                sess.run(update)
            assert sess.run(v) == i * 10
    together([lambda i=i: work(i) for i in range(THREADS)])


def test_nodes_added_by_many_threads_to_one_graph():
    with tf.Graph().as_default() as graph:
        x = tf.constant(1.)

    def work():
        with graph.as_default():
            for _ in range(50):
                tf.add(x, 1., name='a')
    together([work] * THREADS)
    names = [op.name for op in graph.get_operations()]
    assert len(set(names)) == len(names) == 1 + THREADS * 100
    with tf.Session(graph=graph) as sess:
        assert sess.run('a_399:0') == 2


def test_name_scopes_and_control_dependencies_are_a_threads_own():
    names = []
    with tf.Graph().as_default() as graph:
        def work():
            with graph.as_default():
                made = tf.constant(1., name='x')
                names.append((made.name, made.op.control_inputs, made.device))
        with tf.name_scope('outer'), tf.device('/cpu:0'), tf.control_dependencies([tf.no_op()]):
            together([work])
    assert names == [('x:0', [], '/device:CPU:0')]      # a device holds for all threads, as in TensorFlow


@pytest.mark.skipif(not hasattr(os, 'fork'), reason='no fork here')
@pytest.mark.filterwarnings('ignore::DeprecationWarning')
def test_a_forked_child_runs():
    with tf.Graph().as_default():
        fetches, x = network()
        batch = np.ones((3000, 64), np.float32)
        with tf.Session() as sess:
            expected = sess.run(fetches[0], {x: batch})
            child = os.fork()
            if not child:
                try:
                    same = np.array_equal(sess.run(fetches[0], {x: batch}), expected)
                    with tf.Session() as another:
                        same &= np.array_equal(another.run(fetches[0], {x: batch}), expected)
                    os._exit(0 if same else 1)
                finally:
                    os._exit(2)
            deadline = time.time() + 60
            while time.time() < deadline:
                done, status = os.waitpid(child, os.WNOHANG)
                if done:
                    break
                time.sleep(.05)
            else:
                os.kill(child, 9)
                os.waitpid(child, 0)
                pytest.fail('the child hangs')
            assert status == 0


if __name__ == '__main__':
    test_one_session_in_many_threads_gives_what_one_thread_gets(float(sys.argv[1]) if len(sys.argv) > 1 else 10)
    for resource in (False, True):
        test_updates_of_many_threads_all_count(resource, 3000)
