"""TensorFlow's `python.framework.test_util`: decorators of tests and small helpers. All tests run in graph mode."""
import contextlib
import functools
import re
import unittest

from graphflow.framework import scopes
from graphflow.framework.graph import Graph
from graphflow.framework.tensor import Tensor
from graphflow.ops import array
from graphflow.test.devices import gpu_device_name, is_gpu_available    # noqa: F401
from graphflow.test.graph_defs import (assert_equal_graph_def, assert_equal_graph_def_v1,     # noqa: F401
                                       assert_equal_graph_def_v2, assert_meta_graph_protos_equal, assert_ops_in_graph,
                                       get_node_def_from_graph)
from graphflow.test.test_case import CapturedWrites, TensorFlowTestCase     # noqa: F401


# Decorators for what graphflow always does: the function, or the class, as it is.

def _as_it_is(func=None):
    """A decorator, to be used with or without parentheses, that changes nothing."""
    return func if func is not None else lambda f: f


run_deprecated_v1 = deprecated_graph_mode_only = run_v1_only_by_default = _as_it_is
also_run_as_tf_function = enable_control_flow_v2 = with_control_flow_v2 = _as_it_is
enable_output_all_intermediates = use_deterministic_cudnn = enable_c_shapes = with_c_shapes = _as_it_is
assert_no_new_pyobjects_executing_eagerly = py_func_if_in_function = _as_it_is
assert_no_new_tensors = assert_no_garbage_created = _as_it_is


def run_v1_only(reason, func=None):
    """A decorator for tests of TensorFlow 1: they run."""
    return _as_it_is(func)


def _described(description=None):
    """A decorator with a description, that changes nothing."""
    return _as_it_is()


disable_xla = no_xla_auto_jit = xla_allow_fallback = enable_tf_xla_constant_folding = _described
disable_control_flow_v2 = disable_mlir_bridge = run_without_tensor_float_32 = _described


# Decorators that skip tests.

def skip_if(condition):
    """A decorator: the test is skipped if `condition` (a bool, or a function without arguments) holds."""
    def decorate(f):
        @functools.wraps(f)
        def decorated(*args, **kwargs):
            if not (condition() if callable(condition) else condition):
                return f(*args, **kwargs)
        return decorated
    return decorate


def _skipped(reason):
    def decorator(func=None):
        return unittest.skip(reason)(func) if func is not None else unittest.skip(reason)
    return decorator


run_v2_only = _skipped('Test is only compatible with v2')
run_gpu_only = _skipped('Test requires GPU')
run_cuda_only = _skipped('Test only applicable when running on CUDA GPUs')


# Decorators that say in what a test runs.

def run_in_graph_and_eager_modes(func=None, config=None, use_gpu=True, reset_test=True,
                                 assert_no_eager_garbage=False):
    """A decorator: the test runs within a test session. (graphflow has no eager mode to run it in again.)"""
    def decorator(f):
        if isinstance(f, type):
            raise ValueError('`run_in_graph_and_eager_modes` only supports test methods. Did you mean to use '
                             '`run_all_in_graph_and_eager_modes`?')

        @functools.wraps(f)
        def decorated(self, *args, **kwargs):
            with self.test_session(use_gpu=use_gpu, config=config):
                f(self, *args, **kwargs)
        return decorated
    return decorator(func) if func is not None else decorator


def run_all_in_graph_and_eager_modes(cls):
    """A class decorator: `run_in_graph_and_eager_modes` for all tests but those named test_skip_eager..."""
    for name, method in _test_methods(cls):
        if not name.startswith(('testSkipEager', 'test_skip_eager')):
            setattr(cls, name, run_in_graph_and_eager_modes(method))
    return cls


def build_as_function_and_v1_graph(func=None):
    """A decorator: the test runs with a new default graph."""
    def decorator(f):
        @functools.wraps(f)
        def decorated(self, *args, **kwargs):
            with Graph().as_default():
                return f(self, *args, **kwargs)
        return decorated
    return decorator(func) if func is not None else decorator


def for_all_test_methods(decorator, *args, **kwargs):
    """A class decorator that decorates each test method with decorator(*args, **kwargs)."""
    def decorate(cls):
        for name, method in _test_methods(cls):
            setattr(cls, name, decorator(*args, **kwargs)(method))
        return cls
    return decorate


def _test_methods(cls):
    return [(name, value) for name, value in list(vars(cls).items())
            if callable(value) and name.startswith('test') and name != 'test_session']


# Devices.

@contextlib.contextmanager
def device(use_gpu):
    """A context manager: nodes are placed on the GPU if there is one and `use_gpu`, else on the CPU."""
    with scopes.device('/device:GPU:0' if use_gpu and is_gpu_available() else '/device:CPU:0'):
        yield


@contextlib.contextmanager
def use_gpu():
    """`device(use_gpu=True)`."""
    with device(use_gpu=True):
        yield


@contextlib.contextmanager
def force_gpu():
    """A context manager: nodes are placed on the GPU."""
    with scopes.device('/device:GPU:0'):
        yield


@contextlib.contextmanager
def force_cpu():
    """A context manager: nodes are placed on the CPU."""
    with scopes.device('/device:CPU:0'):
        yield


def _no():
    """False: graphflow is built without it."""
    return False


IsGoogleCudaEnabled = IsBuiltWithROCm = IsMklEnabled = is_xla_enabled = GpuSupportsHalfMatMulAndConv = _no


def InstallStackTraceHandler():
    """Does nothing: Python shows the stack anyway."""


# Layouts of images.

def _permuted(value, order_4d, order_5d):
    rank = len(value.shape) if isinstance(value, Tensor) else len(value)
    order = {4: order_4d, 5: order_5d}[rank]
    if isinstance(value, Tensor):
        return array.transpose(value, list(order))
    return [value[i] for i in order]


def NHWCToNCHW(input_tensor):
    """A tensor, or a shape as a list, from channels last to channels first."""
    return _permuted(input_tensor, (0, 3, 1, 2), (0, 4, 1, 2, 3))


def NCHWToNHWC(input_tensor):
    """A tensor, or a shape as a list, from channels first to channels last."""
    return _permuted(input_tensor, (0, 2, 3, 1), (0, 2, 3, 4, 1))


def generate_combinations_with_testcase_name(**kwargs):
    """All combinations of the keyword arguments' values, as dicts with a `testcase_name`, for named parameters."""
    combinations = [{}]
    for key in sorted(kwargs):
        combinations = [{**c, key: value} for c in combinations for value in kwargs[key]]
    for c in combinations:
        text = ''.join(f'_{key}_{value}' for key, value in sorted(c.items()))
        c['testcase_name'] = '_test' + re.sub(r'[^0-9a-zA-Z_]', '_', text).lower()
    return combinations
