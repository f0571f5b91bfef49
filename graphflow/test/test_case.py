"""tf.test.TestCase: unittest's, with sessions and assertions about arrays, protos and errors."""
import collections
import contextlib
import difflib
import os
import random
import re
import tempfile
import threading

from absl.testing import absltest
import numpy as np

from graphflow.framework import defaults, errors, random_seed
from graphflow.framework import graph as graph_lib
from graphflow.framework import indexed_slices, sparse_tensor
from graphflow.framework.device import DeviceSpec
from graphflow.framework.export import export
from graphflow.framework.tensor import Tensor
from graphflow.runtime.session import Session
from graphflow.test.temp_dir import get_temp_dir
from graphflow.util import nest


class CheckedThread:
    """A thread whose exceptions fail the test that joins it."""

    def __init__(self, testcase, target, args=None, kwargs=None):
        self._testcase, self._target = testcase, target
        self._args, self._kwargs = args or (), kwargs or {}
        self._thread = threading.Thread(target=self._protected_run)
        self._exception = None

    def _protected_run(self):
        try:
            self._target(*self._args, **self._kwargs)
        except Exception as error:      # pylint: disable=broad-except
            self._exception = error

    def start(self):
        self._thread.start()

    def join(self):
        """Waits for the end; the test fails if there was an exception."""
        self._testcase._threads.discard(self)
        self._thread.join()
        if self._exception is not None:
            self._testcase.fail(f'Error in checkedThread: {self._exception}')

    def is_alive(self):
        return self._thread.is_alive()


class CapturedWrites:
    """What was written to a stream."""

    def __init__(self, capture_location):
        self.capture_location = capture_location

    def contents(self):
        with open(self.capture_location, encoding='utf-8') as f:
            return f.read()


class _Sessions(absltest.TestCase):
    """Graphs, sessions, threads and files of a test."""

    def __init__(self, methodName='runTest'):
        super().__init__(methodName)
        self._threads = set()
        self._tempdir = None
        self._cached_session = None
        self._cached = None     # graph, config, force_gpu of the cached session

    def setUp(self):
        super().setUp()
        self._ClearCachedSession()
        random.seed(random_seed.DEFAULT_GRAPH_SEED)
        np.random.seed(random_seed.DEFAULT_GRAPH_SEED)
        # A test that failed within `with graph.as_default()` must not spoil the next one.
        graph_lib.default_graphs.reset()
        random_seed.set_random_seed(random_seed.DEFAULT_GRAPH_SEED)

    def tearDown(self):
        for thread in list(self._threads):
            thread.join()
        self._ClearCachedSession()
        super().tearDown()

    def _ClearCachedSession(self):
        if self._cached_session is not None:
            self._cached_session.close()
            self._cached_session = None

    def get_temp_dir(self):
        """A directory of this test's own."""
        if not self._tempdir:
            self._tempdir = tempfile.mkdtemp(dir=get_temp_dir())
        return self._tempdir

    @contextlib.contextmanager
    def captureWritesToStream(self, stream):
        """Sends what is written to `stream` (sys.stderr, sys.stdout) to a file; yields a CapturedWrites."""
        descriptor = stream.fileno()
        stream.flush()
        saved = os.dup(descriptor)
        with tempfile.NamedTemporaryFile(dir=self.get_temp_dir(), delete=False) as file:
            os.dup2(file.fileno(), descriptor)
            try:
                yield CapturedWrites(file.name)
            finally:
                stream.flush()
                os.dup2(saved, descriptor)
                os.close(saved)

    @contextlib.contextmanager
    def session(self, graph=None, config=None, use_gpu=False, force_gpu=False):
        """A new Session, the default one within the block.

        Args:
          graph: the Graph; the default one by default.
          config: a ConfigProto.
          use_gpu: if False, nodes made in the block are placed on the CPU explicitly.
          force_gpu: whether nodes made in the block are placed on the GPU explicitly.
        """
        with Session(graph=graph, config=config) as session, self._placed(session, use_gpu, force_gpu):
            yield session

    @contextlib.contextmanager
    def cached_session(self, graph=None, config=None, use_gpu=False, force_gpu=False):
        """`session`, but the same one throughout the test. Raises: ValueError if it is asked for with other arguments."""
        session = self._get_cached_session(graph, config, force_gpu)
        with session.graph.as_default(), session.as_default(), self._placed(session, use_gpu, force_gpu):
            yield session

    @contextlib.contextmanager
    def test_session(self, graph=None, config=None, use_gpu=False, force_gpu=False):
        """`cached_session` without a graph, else `session`."""
        if graph is None:
            session = self._get_cached_session(graph, config, force_gpu, check=False)
            with session.graph.as_default(), session.as_default(), self._placed(session, use_gpu, force_gpu):
                yield session
        else:
            with self.session(graph, config, use_gpu, force_gpu) as session:
                yield session

    test_session.__test__ = False

    def _get_cached_session(self, graph=None, config=None, force_gpu=False, check=True):
        if self._cached_session is None:
            self._cached_session = Session(graph=graph, config=config)
            self._cached = graph, config, force_gpu
        elif check:
            for what, old, new in zip(('graph', 'config', 'force_gpu'), self._cached, (graph, config, force_gpu)):
                if old is not new:
                    raise ValueError(f'The {what} used to get the cached session is different than the one that was '
                                     'used to create the session. Maybe create a new session with self.session()')
        return self._cached_session

    @staticmethod
    @contextlib.contextmanager
    def _placed(session, use_gpu, force_gpu):
        if force_gpu:
            with session.graph.device('/device:GPU:0'):
                yield
        elif use_gpu:
            yield
        else:
            with session.graph.device('/device:CPU:0'):
                yield

    def evaluate(self, tensors):
        """The values of a structure of tensors, as numpy arrays, in the default session (or the cached one)."""
        session = defaults.get_default_session()
        if session is not None:
            return session.run(tensors)
        with self.test_session() as session:
            return session.run(tensors)

    def checkedThread(self, target, args=None, kwargs=None):
        """A thread with `start` and `join`, whose exceptions fail the test."""
        thread = CheckedThread(self, target, args, kwargs)
        self._threads.add(thread)
        return thread


class _ArrayAssertions(_Sessions):
    """Assertions about arrays; each takes what np.array takes, and tensors, which are evaluated."""

    def _GetNdArray(self, a):
        if isinstance(a, (Tensor, indexed_slices.IndexedSlices)) or hasattr(a, 'graph') and hasattr(a, 'value'):
            a = self.evaluate(a)
        return a if isinstance(a, np.ndarray) else np.array(a)

    def _message(self, *parts):
        return '\n'.join(str(p) for p in parts if p)

    def assertAllClose(self, a, b, rtol=1e-6, atol=1e-6, msg=None):
        """Asserts |a - b| <= atol + rtol * |b| for all elements of two structures of arrays."""
        if sparse_tensor.is_sparse(a) or sparse_tensor.is_sparse(b):
            a, b = tuple(self.evaluate(a)), tuple(self.evaluate(b))
        self._assertAllCloseRecursive(a, b, rtol=rtol, atol=atol, msg=msg)

    def _assertAllCloseRecursive(self, a, b, rtol=1e-6, atol=1e-6, path=(), msg=None):
        where = ''.join(f'[{p}]' for p in path)
        a, b = (x._asdict() if hasattr(x, '_asdict') else x for x in (a, b))
        a_dict, b_dict = (isinstance(x, collections.abc.Mapping) for x in (a, b))
        if a_dict != b_dict:
            raise ValueError(f"Can't compare dict to non-dict, a{where} vs b{where}. {msg or ''}")
        if a_dict:
            self.assertCountEqual(a.keys(), b.keys(), f'mismatched keys: a{where} has keys {a.keys()}, but b{where} has '
                                  f'keys {b.keys()}. {msg or ""}')
            for key in a:
                self._assertAllCloseRecursive(a[key], b[key], rtol, atol, (*path, key), msg)
        elif isinstance(a, (list, tuple)) or isinstance(b, (list, tuple)):
            self._assert_sequences_close(a, b, rtol, atol, path, where, msg)
        else:
            self._assertArrayLikeAllClose(a, b, rtol, atol, f'Mismatched value: a{where} is different from b{where}. '
                                          f'{msg or ""}')

    def _assert_sequences_close(self, a, b, rtol, atol, path, where, msg):
        try:    # as arrays, if they are such
            a_array, b_array = self._GetNdArray(a), self._GetNdArray(b)
        except (ValueError, TypeError):
            a_array = b_array = None
        if a_array is not None and a_array.dtype != object and b_array.dtype != object:
            self._assertArrayLikeAllClose(a_array, b_array, rtol, atol,
                                          f'Mismatched value: a{where} is different from b{where}. {msg or ""}')
            return
        self.assertEqual(len(a), len(b), f'Mismatched length: a{where} has {len(a)} items, but b{where} has {len(b)} '
                         f'items. {msg or ""}')
        for i, (x, y) in enumerate(zip(a, b)):
            self._assertAllCloseRecursive(x, y, rtol, atol, (*path, i), msg)

    def _assertArrayLikeAllClose(self, a, b, rtol=1e-6, atol=1e-6, msg=None):
        a, b = self._GetNdArray(a), self._GetNdArray(b)
        self.assertEqual(a.shape, b.shape, f'Shape mismatch: expected {a.shape}, got {b.shape} with contents {b}.')
        if np.allclose(a, b, rtol=rtol, atol=atol):
            return
        far = np.abs(a - b) > atol + rtol * np.abs(b)
        far |= np.isnan(a) != np.isnan(b)
        far |= np.isinf(a) != np.isinf(b)
        lines = [f'Not equal to tolerance rtol={rtol:g}, atol={atol:g}', msg]
        if a.ndim:
            lines.append(f'not close where = {np.where(far)}')
            shown = a[far], b[far]
        else:
            shown = a, b
        lines += [f'not close lhs = {shown[0]}', f'not close rhs = {shown[1]}',
                  f'not close dif = {np.abs(shown[0] - shown[1])}',
                  f'not close tol = {atol + rtol * np.abs(shown[1])}', f'dtype = {a.dtype}, shape = {a.shape}']
        np.testing.assert_allclose(a, b, rtol=rtol, atol=atol, err_msg=self._message(*lines), equal_nan=True)

    def assertAllCloseAccordingToType(self, a, b, rtol=1e-6, atol=1e-6, float_rtol=1e-6, float_atol=1e-6,
                                      half_rtol=1e-3, half_atol=1e-3, bfloat16_rtol=1e-2, bfloat16_atol=1e-2,
                                      msg=None):
        """`assertAllClose` with the tolerance of the less precise dtype of the two."""
        a, b = self._GetNdArray(a), self._GetNdArray(b)
        kinds = {str(a.dtype), str(b.dtype)}
        for names, r, t in ((('float32', 'complex64'), float_rtol, float_atol), (('float16',), half_rtol, half_atol),
                            (('bfloat16',), bfloat16_rtol, bfloat16_atol)):
            if kinds & set(names):
                rtol, atol = max(rtol, r), max(atol, t)
        self.assertAllClose(a, b, rtol=rtol, atol=atol, msg=msg)

    def assertNotAllClose(self, a, b, **kwargs):
        """Asserts that at least one element is not close; the arguments are those of `assertAllClose`."""
        try:
            self.assertAllClose(a, b, **kwargs)
        except AssertionError:
            return
        raise AssertionError('The two values are close at all elements')

    def assertAllEqual(self, a, b, msg=None):
        """Asserts that two arrays have the same shape and elements; NaN equals NaN."""
        a, b = self._GetNdArray(a), self._GetNdArray(b)
        if b.ndim <= 3 or b.size < 500:
            self.assertEqual(a.shape, b.shape, f'Shape mismatch: expected {a.shape}, got {b.shape}. Contents: {b}. \n'
                             f'{msg or ""}.')
        else:
            self.assertEqual(a.shape, b.shape, f'Shape mismatch: expected {a.shape}, got {b.shape}. {msg or ""}')
        same = a == b
        if a.dtype.kind in 'fc' and b.dtype.kind in 'fc':
            same = np.logical_or(same, np.logical_and(np.isnan(a), np.isnan(b)))
        if np.all(same):
            return
        if np.ndim(same):
            lines = [f'not equal where = {np.where(np.logical_not(same))}',
                     f'not equal lhs = {a[np.logical_not(same)]}', f'not equal rhs = {b[np.logical_not(same)]}']
        else:
            lines = [f'not equal lhs = {a}', f'not equal rhs = {b}']
        raise AssertionError(self._message('\nArrays are not equal\n', msg, *lines, f' x: {a!r}', f' y: {b!r}'))

    def assertNotAllEqual(self, a, b, msg=None):
        """Asserts that two arrays differ in at least one element."""
        try:
            self.assertAllEqual(a, b)
        except AssertionError:
            return
        raise AssertionError(f'The two values are equal at all elements{msg or ""}')

    def assertAllGreater(self, a, comparison_target):
        self.assertGreater(np.min(self._GetNdArray(a)), comparison_target)

    def assertAllLess(self, a, comparison_target):
        self.assertLess(np.max(self._GetNdArray(a)), comparison_target)

    def assertAllGreaterEqual(self, a, comparison_target):
        self.assertGreaterEqual(np.min(self._GetNdArray(a)), comparison_target)

    def assertAllLessEqual(self, a, comparison_target):
        self.assertLessEqual(np.max(self._GetNdArray(a)), comparison_target)

    def assertAllInRange(self, target, lower_bound, upper_bound, open_lower_bound=False, open_upper_bound=False):
        """Asserts that all elements lie in the interval, of which a bound may be excluded."""
        target = self._GetNdArray(target)
        if not (np.issubdtype(target.dtype, np.floating) or np.issubdtype(target.dtype, np.integer)):
            raise AssertionError(f'The value of {target} does not have an ordered numeric type, instead it has type: '
                                 f'{target.dtype}')
        low = target <= lower_bound if open_lower_bound else target < lower_bound
        high = target >= upper_bound if open_upper_bound else target > upper_bound
        self._fail_outside(target, np.logical_or(low, high) | np.isnan(target),
                           f'{"(" if open_lower_bound else "["}{lower_bound}, {upper_bound}'
                           f'{")" if open_upper_bound else "]"}')

    def _fail_outside(self, target, outside, interval, limit=10):
        if not np.any(outside):
            return
        places = np.argwhere(outside)
        lines = [f'  {list(map(int, p))} : {target[tuple(p)]}' for p in places[:limit]]
        if len(places) > limit:
            lines.append('  ...')
        raise AssertionError(f'{len(places)} of the {target.size} element(s) are outside the range {interval}. '
                             'Subscript(s) and value(s) of the offending elements:\n' + '\n'.join(lines))

    def assertAllInSet(self, target, expected_set):
        """Asserts that each element is one of `expected_set`."""
        target = self._GetNdArray(target)
        others = np.setdiff1d(target.flatten(), list(expected_set))
        if others.size:
            raise AssertionError(f'{others.size} unique element(s) are not in the set {expected_set}: {others}')

    def assertNear(self, f1, f2, err, msg=None):
        """Asserts |f1 - f2| <= err (or that they are equal, as infinities may be)."""
        self.assertTrue(f1 == f2 or np.fabs(f1 - f2) <= err,
                        f'{f1:f} != {f2:f} +/- {err:f}{f" ({msg})" if msg is not None else ""}')

    def assertArrayNear(self, farray1, farray2, err, msg=None):
        """`assertNear` for the elements of two sequences."""
        self.assertEqual(len(farray1), len(farray2), msg=msg)
        for f1, f2 in zip(farray1, farray2):
            self.assertNear(float(f1), float(f2), err, msg=msg)

    def _NDArrayNear(self, ndarray1, ndarray2, err):
        return np.linalg.norm(ndarray1 - ndarray2) < err

    def assertNDArrayNear(self, ndarray1, ndarray2, err, msg=None):
        """Asserts that the norm of the difference is below `err`."""
        self.assertTrue(self._NDArrayNear(ndarray1, ndarray2, err), msg=msg)

    def assertDTypeEqual(self, target, expected_dtype):
        """Asserts that an array, or all in a list of arrays, are of a dtype."""
        target = self._GetNdArray(target)
        arrays = [target] if not isinstance(target, list) else nest.flatten(target)
        for array in arrays:
            self.assertEqual(array.dtype, expected_dtype)

    def assertShapeEqual(self, np_array, tf_tensor, msg=None):
        """Asserts that an array has the static shape of a tensor."""
        if not isinstance(np_array, (np.ndarray, np.generic)):
            raise TypeError('np_array must be a Numpy ndarray or Numpy scalar')
        if not isinstance(tf_tensor, Tensor):
            raise TypeError('tf_tensor must be a Tensor')
        self.assertAllEqual(np_array.shape, tf_tensor.get_shape().as_list(), msg=msg)


@export('test.TestCase')
class TestCase(_ArrayAssertions):
    """Base class of tests. Each begins with an empty default graph whose seed is fixed."""

    @contextlib.contextmanager
    def assertRaisesWithPredicateMatch(self, exception_type, expected_err_re_or_predicate):
        """A context manager: the block must raise an exception of the type, for which the predicate holds.

        Args:
          exception_type: the class.
          expected_err_re_or_predicate: a function of the exception, or a regular expression to be found in its message
            (or, of an OpError, in the names of the op and those it is a gradient of).
        """
        if callable(expected_err_re_or_predicate):
            matches = expected_err_re_or_predicate
        else:
            def matches(error):
                text = error.message if isinstance(error, errors.OpError) else str(error)
                op = error.op if isinstance(error, errors.OpError) else None
                while op is not None:
                    text += '\nCaused by: ' + op.name
                    op = getattr(op, '_original_op', None)
                return re.search(expected_err_re_or_predicate, text)
        try:
            yield
            self.fail(f'{exception_type.__name__} not raised')
        except Exception as error:      # pylint: disable=broad-except
            if not isinstance(error, exception_type) or not matches(error):
                raise AssertionError(f'Exception of type {type(error)}: {error}') from error

    def assertRaisesOpError(self, expected_err_re_or_predicate):
        """`assertRaisesWithPredicateMatch` for an OpError."""
        return self.assertRaisesWithPredicateMatch(errors.OpError, expected_err_re_or_predicate)

    def assertRaisesRegexp(self, expected_exception, expected_regex, *args, **kwargs):
        return self.assertRaisesRegex(expected_exception, expected_regex, *args, **kwargs)

    def assertItemsEqual(self, first, second, msg=None):
        """Asserts that two iterables have the same items, in any order."""
        return self.assertCountEqual(first, second, msg)

    def assertStartsWith(self, actual, expected_start, msg=None):
        """Asserts that a string starts with another."""
        if not actual.startswith(expected_start):
            self.fail(f'{actual!r} does not start with {expected_start!r}'
                      + (f' : {msg}' if msg else ''))

    def assertDeviceEqual(self, device1, device2, msg=None):
        """Asserts that two device names (or functions) mean the same."""
        device1, device2 = (d if callable(d) or d is None else DeviceSpec.from_string(str(d)).to_string()
                            for d in (device1, device2))
        self.assertEqual(device1, device2, f'Devices {device1} and {device2} are not equal. {msg}')

    def assertProtoEquals(self, expected_message_maybe_ascii, message, msg=None):
        """Asserts that a message equals another, or the one that a text stands for."""
        from google.protobuf import message as message_lib, text_format
        expected = expected_message_maybe_ascii
        if isinstance(expected, str):
            expected = text_format.Parse(expected, type(message)())
        elif not isinstance(expected, message_lib.Message) or expected.DESCRIPTOR is not message.DESCRIPTOR:
            raise AssertionError(f"Can't compare protos of type {type(expected)} and {type(message)}. {msg or ''}")
        if _canonical(expected) != _canonical(message):
            lines = (text_format.MessageToString(m).splitlines(True) for m in (expected, message))
            self.fail('\n' + ''.join(difflib.ndiff(*lines)) + (msg or ''))

    def assertProtoEqualsVersion(self, expected, actual, producer=134, min_consumer=0, msg=None):
        """`assertProtoEquals` of a GraphDef and a text that gets TensorFlow's version numbers."""
        self.assertProtoEquals(f'versions {{ producer: {producer} min_consumer: {min_consumer} }}\n{expected}', actual,
                               msg=msg)


def _canonical(message):
    """Equal for equal messages; an int and a float of one value, and the order of maps, make no difference."""
    from google.protobuf import json_format
    return json_format.MessageToDict(message, preserving_proto_field_name=True)


# Names that Python 3.12 took from unittest.
for _old, _new in {'assertEquals': 'assertEqual', 'assertNotEquals': 'assertNotEqual', 'assert_': 'assertTrue',
                   'assertAlmostEquals': 'assertAlmostEqual', 'assertNotAlmostEquals': 'assertNotAlmostEqual',
                   'assertRegexpMatches': 'assertRegex', 'assertNotRegexpMatches': 'assertNotRegex'}.items():
    if not hasattr(TestCase, _old):
        setattr(TestCase, _old, getattr(TestCase, _new))
del _old, _new

TensorFlowTestCase = TestCase       # its name in TensorFlow's test_util
