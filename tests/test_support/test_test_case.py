"""tf.test: the assertions of TestCase, its sessions, the helpers of test_util."""
import random
import sys
import threading
import unittest

from absl.testing import parameterized
import numpy as np
import pytest

import graphflow as tf
from graphflow.python.framework import test_util
from graphflow.python.platform import googletest, test

x32 = np.float32


class Probe(tf.test.TestCase):
    def runTest(self):
        pass


@pytest.fixture
def case():
    probe = Probe()
    probe.setUp()
    yield probe
    probe.tearDown()


PASSES = {
    'assertAllClose': [([1., 2.], [1., 2. + 1e-7]), ({'a': [1.]}, {'a': [1.]}), ([[1.], [2., 3.]], [[1.], [2., 3.]])],
    'assertNotAllClose': [([1.], [2.])],
    'assertAllEqual': [([1, 2], [1, 2]), ([np.nan], [np.nan]), ([b'a'], [b'a']), ([[1, 2]], np.array([[1, 2]]))],
    'assertNotAllEqual': [([1], [2])],
    'assertAllCloseAccordingToType': [(np.float16([1.]), np.float16([1.001])), (x32([1.]), np.float64([1. + 1e-7]))],
    'assertAllGreater': [([2, 3], 1)], 'assertAllLess': [([2, 3], 4)],
    'assertAllGreaterEqual': [([2, 3], 2)], 'assertAllLessEqual': [([2, 3], 3)],
    'assertAllInRange': [([1, 2], 1, 2)], 'assertAllInSet': [([1, 2], [1, 2, 3])],
    'assertNear': [(1., 1.05, .1), (np.inf, np.inf, .1)], 'assertArrayNear': [([1, 2], [1, 2.05], .1)],
    'assertNDArrayNear': [(np.ones(2), np.ones(2), .1)], 'assertDTypeEqual': [(x32([1]), np.float32)],
    'assertStartsWith': [('abc', 'ab')], 'assertItemsEqual': [([1, 2], [2, 1])],
    'assertDeviceEqual': [('/cpu:0', '/device:CPU:0'), ('/job:a/cpu:0', '/job:a/device:CPU:0')],
}
FAILS = {
    'assertAllClose': [([1., 2.], [1., 2.1], 'Not equal to tolerance'), ([1.], [1., 2.], 'Shape mismatch'),
                       ({'a': [1.]}, {'b': [1.]}, 'mismatched keys'), ({'a': [1.]}, {'a': [2.]}, r'a\[a\] is different')],
    'assertAllEqual': [([1], [2], 'Arrays are not equal'), ([1], [1, 1], 'Shape mismatch'), (['a'], [b'a'], 'not equal')],
    'assertNotAllClose': [([1.], [1.], 'close at all elements')],
    'assertNotAllEqual': [([1.], [1.], 'equal at all elements')],
    'assertAllGreater': [([1, 2], 1, 'not greater than 1')],
    'assertAllInRange': [([1., 2.], 0, 1.5, r'1 of the 2 element\(s\) are outside the range \[0, 1.5\]')],
    'assertAllInSet': [([1, 2], [1], r'1 unique element\(s\) are not in the set')],
    'assertNear': [(1, 2, .1, '1.000000 != 2.000000')], 'assertArrayNear': [([1], [1, 2], .1, '1 != 2')],
    'assertStartsWith': [('abc', 'b', "'abc' does not start with 'b'")],
    'assertDeviceEqual': [('/cpu:0', '/cpu:1', 'are not equal')],
}


@pytest.mark.parametrize('name', sorted(PASSES))
def test_passes(case, name):
    for args in PASSES[name]:
        getattr(case, name)(*args)


@pytest.mark.parametrize('name', sorted(FAILS))
def test_fails(case, name):
    for *args, message in FAILS[name]:
        with pytest.raises(AssertionError, match=message):
            getattr(case, name)(*args)


def test_dict_against_list(case):
    with pytest.raises(ValueError, match="Can't compare dict to non-dict"):
        case.assertAllClose({'a': 1.}, [1.])


def test_tensors_are_evaluated(case):
    case.assertAllClose(tf.constant([1.]) * 2, [2.])
    case.assertAllEqual({'a': 1}['a'], tf.constant(1))
    assert case.evaluate({'a': [tf.constant(1)]}) == {'a': [1]}


def test_errors(case):
    x = tf.placeholder(tf.float32, [])
    with case.session() as session:
        with case.assertRaisesOpError('must feed a value'):
            session.run(x + 1.)
        with case.assertRaisesWithPredicateMatch(tf.errors.InvalidArgumentError, lambda e: e.op is x.op):
            session.run(x + 1.)
    for error in (ValueError('must feed'), tf.errors.InternalError(None, None, 'other')):
        with pytest.raises(AssertionError, match='Exception of type'), case.assertRaisesOpError('must feed'):
            raise error
    with pytest.raises(AssertionError, match='not raised'), case.assertRaisesOpError('x'):
        pass
    with case.assertRaisesRegexp(ValueError, 'boo'):
        raise ValueError('booh')


def test_protos(case):
    node = tf.constant(1, name='c').op.node_def
    case.assertProtoEquals(node, node)
    case.assertProtoEquals('name: "a" op: "NoOp"', tf.no_op('a').node_def)
    with pytest.raises(AssertionError, match='op: "Const"'):
        case.assertProtoEquals('name: "c"', node)
    with pytest.raises(AssertionError, match="Can't compare protos"):
        case.assertProtoEquals(3, node)


def test_shapes(case):
    case.assertShapeEqual(np.ones([2, 3]), tf.ones([2, 3]))
    with pytest.raises(AssertionError):
        case.assertShapeEqual(np.ones([2]), tf.ones([3]))


def test_sessions(case):
    assert tf.get_default_graph().seed == 87654321
    drawn = random.random(), np.random.rand()
    case.setUp()
    assert drawn == (random.random(), np.random.rand())
    with case.session() as session:
        assert session.graph is tf.get_default_graph() and tf.get_default_session() is session
        assert tf.constant(1).device == '/device:CPU:0'
    with case.cached_session(use_gpu=True) as first:
        assert tf.constant(1).device == ''
    with case.cached_session() as second, case.test_session() as third:
        assert first is second is third
    with pytest.raises(ValueError, match='create a new session'), case.cached_session(graph=tf.Graph()):
        pass
    with case.session(graph=tf.Graph()) as other:
        assert other.graph is tf.get_default_graph()


def test_checked_thread(case):
    def fail():
        raise ValueError('in the thread')
    thread = case.checkedThread(fail)
    thread.start()
    with pytest.raises(AssertionError, match='in the thread'):
        thread.join()
    done = threading.Event()
    thread = case.checkedThread(done.set)
    thread.start()
    thread.join()
    assert done.is_set() and not thread.is_alive()


def test_captured_writes(case, capfd):
    with capfd.disabled(), case.captureWritesToStream(sys.__stderr__) as printed:
        sys.__stderr__.write('seen')
    assert printed.contents() == 'seen'


def test_directories(case):
    assert case.get_temp_dir() == case.get_temp_dir() and case.get_temp_dir().startswith(tf.test.get_temp_dir())
    assert googletest.GetTempDir() == tf.test.get_temp_dir() == test.get_temp_dir()
    assert tf.test.test_src_dir_path('core/x').endswith('tensorflow/core/x')


def test_what_is_built():
    assert not tf.test.is_built_with_cuda() and not tf.test.is_gpu_available() and tf.test.gpu_device_name() == ''
    assert not test_util.IsGoogleCudaEnabled() and test.TestCase is tf.test.TestCase is test_util.TensorFlowTestCase
    assert tf.test.mock.Mock is unittest.mock.Mock


def test_stub_out():
    class Thing:
        @staticmethod
        def name():
            return 'thing'
    stubs = tf.test.StubOutForTesting()
    stubs.Set(Thing, 'name', lambda: 'stub')
    assert Thing.name() == 'stub'
    stubs.CleanUp()
    assert Thing().name() == 'thing'
    with tf.test.StubOutForTesting() as stubs:
        stubs.SmartSet(Thing, 'name', lambda: 'stub')
        assert Thing.name() == 'stub'
    assert Thing.name() == 'thing'


def test_graph_defs():
    def graph_def(value, name='c'):
        with tf.Graph().as_default() as graph:
            tf.constant(value, name=name)
        return graph.as_graph_def()
    tf.test.assert_equal_graph_def(graph_def(1), graph_def(1))
    for other in (graph_def(2), graph_def(1, 'd'), tf.GraphDef()):
        with pytest.raises(AssertionError):
            tf.test.assert_equal_graph_def(graph_def(1), other)
    with pytest.raises(TypeError):
        tf.test.assert_equal_graph_def(graph_def(1), 3)


def test_benchmark(capsys):
    with tf.Graph().as_default(), tf.Session() as session:
        report = tf.test.Benchmark().run_op_benchmark(session, tf.constant(1) + 1, min_iters=3, name='add')
    assert report['iters'] == 3 and 'add' in capsys.readouterr().out


@test_util.run_all_in_graph_and_eager_modes
class Parameterized(tf.test.TestCase, parameterized.TestCase):
    """absl's parameters, and the decorators that TensorFlow's tests use."""

    @parameterized.parameters((1, 2), (2, 3))
    def testAdd(self, x, y):
        self.assertEqual(self.evaluate(tf.constant(x) + 1), y)
        self.assertIsNotNone(tf.get_default_session())

    @parameterized.named_parameters(('One', 1), ('Two', 2))
    @test_util.run_deprecated_v1
    def testNamed(self, x):
        self.assertAllEqual(tf.fill([x], 1).eval().shape, [x])

    @test_util.run_v1_only('b/120545219')
    @test_util.disable_xla('unsupported')
    def testDecorated(self):
        with test_util.use_gpu():
            self.assertDeviceEqual('/cpu:0', tf.constant(1).device)

    @test_util.run_gpu_only
    def testOnGpu(self):
        self.fail('there is none')

    @test_util.run_in_graph_and_eager_modes(use_gpu=False)
    def testPlaced(self):
        self.assertDeviceEqual('/cpu:0', tf.constant(1).device)


class DecoratedTwice(tf.test.TestCase):

    @test_util.run_deprecated_v1
    def testSeeds(self):
        with self.cached_session():
            self.assertEqual(tf.get_default_graph().seed, 87654321)

    def testLayouts(self):
        self.assertEqual(test_util.NHWCToNCHW([1, 2, 3, 4]), [1, 4, 2, 3])
        self.assertEqual(test_util.NCHWToNHWC(tf.ones([1, 4, 2, 3])).shape, [1, 2, 3, 4])
