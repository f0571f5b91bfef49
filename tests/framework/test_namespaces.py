"""The tf.* namespaces and TensorFlow's import paths."""

import importlib
import subprocess
import sys

import pytest

import graphflow as tf
from graphflow.framework import raw_ops
from graphflow.framework.export import PUBLIC


def test_import_is_light():
    heavy = ('numba', 'llvmlite', 'google.protobuf', 'absl', 'PIL', 'matplotlib', 'tensorboard')
    code = f'import sys, graphflow; print([m for m in {heavy} if m in sys.modules])'
    assert subprocess.check_output([sys.executable, '-c', code], text=True).strip() == '[]'


def test_every_public_name_is_reachable():
    for name, value in list(PUBLIC.items()):
        if name.startswith('python.'):
            continue
        at = tf
        for part in name.split('.'):
            at = getattr(at, part)
        assert at is value, name


def test_namespaces_are_modules():
    import graphflow.errors
    assert graphflow.errors is tf.errors
    assert sys.modules['graphflow.errors'] is tf.errors
    from graphflow.errors import NotFoundError
    assert NotFoundError is tf.errors.NotFoundError
    assert 'NotFoundError' in dir(tf.errors) and 'errors' in dir(tf)
    assert repr(tf.errors) == "<module 'graphflow.errors'>"


def test_compat_v1_is_the_whole():
    import graphflow.compat.v1 as v1
    assert v1 is tf.compat.v1
    assert v1.float32 is tf.float32 and v1.errors is tf.errors
    import graphflow.compat.v1.errors as errors
    assert errors is tf.errors
    assert tf.errors.__spec__.name == 'graphflow.errors'


def test_one_thing_under_several_names():
    assert tf.flags is tf.app.flags
    assert tf.contrib.framework.nest.flatten is tf.nest.flatten


@pytest.mark.parametrize('name', ['estimator.Estimator', 'contrib.slim.conv2d', 'contrib.learn.Estimator'])
def test_what_is_missing_is_named(name):
    namespace, _, leaf = name.rpartition('.')
    message = f'tf.{name} is part of TensorFlow 1.15 but graphflow does not have it yet'
    at = tf
    for part in namespace.split('.'):
        at = getattr(at, part)
    if hasattr(at, leaf):
        pytest.skip(f'graphflow has tf.{name} now')
    with pytest.raises(AttributeError, match=message) as e:
        getattr(at, leaf)
    assert isinstance(e.value, NotImplementedError)
    with pytest.raises(ImportError, match=message):
        exec(f'from graphflow.{namespace} import {leaf}')


def test_a_mistake_is_an_ordinary_error():
    with pytest.raises(AttributeError, match="module 'graphflow.nest' has no attribute 'flaten'. Did you mean: 'flatten'"):
        tf.nest.flaten
    assert not hasattr(tf, 'no_such_thing')
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module('graphflow.no_such_thing')
    with pytest.raises(ImportError):
        from graphflow import no_such_thing  # noqa: F401


def test_versions():
    assert tf.__version__ == tf.VERSION == tf.version.VERSION == '1.15.5'
    assert tf.GRAPH_DEF_VERSION == 134
    assert tf.__graphflow_version__ == '0.1.0'


def test_switches():
    tf.disable_v2_behavior()
    tf.disable_eager_execution()
    assert tf.executing_eagerly() is False
    assert tf.test.is_gpu_available() is False
    with pytest.raises(NotImplementedError, match='does not execute eagerly'):
        tf.enable_eager_execution()


def test_protobuf_messages():
    config = tf.ConfigProto(allow_soft_placement=True)
    config.gpu_options.allow_growth = True
    from graphflow.core.framework import graph_pb2
    from graphflow.core.protobuf import config_pb2
    assert graph_pb2.GraphDef is tf.GraphDef and config_pb2.ConfigProto is tf.ConfigProto


def test_import_paths_of_tensorflow():
    from graphflow.python.framework import dtypes, errors_impl, ops
    from graphflow.python.ops.array_ops import placeholder
    from graphflow.python.util import nest
    import graphflow.python.ops.array_ops
    assert ops.Graph is tf.Graph and dtypes.float32 is tf.float32
    assert errors_impl.NotFoundError is tf.errors.NotFoundError
    assert placeholder is tf.placeholder and nest.flatten is tf.nest.flatten
    assert sys.modules['graphflow.python.ops.array_ops'] is graphflow.python.ops.array_ops
    with pytest.raises(ImportError, match='nothing yet for tensorflow.python.ops.math_ops.no_such'):
        from graphflow.python.ops.math_ops import no_such  # noqa: F401


@pytest.mark.parametrize('op_type, name', [
    ('MatMul', 'mat_mul'), ('Conv2D', 'conv2d'), ('LRN', 'lrn'), ('MaxPool3DGradGrad', 'max_pool3d_grad_grad'),
    ('FFT2D', 'fft2d'), ('L2Loss', 'l2_loss'), ('BatchMatMulV2', 'batch_mat_mul_v2'), ('HSVToRGB', 'hsv_to_rgb')])
def test_names_of_raw_ops(op_type, name):
    assert raw_ops.snake_case(op_type) == name


def test_raw_ops():
    with tf.Graph().as_default():
        from graphflow.python.ops import gen_math_ops
        out = gen_math_ops.add_v2([1.], [2.], name='sum')
        assert out.op.name == 'sum' and out.op.type == 'AddV2'
        assert tf.raw_ops.AddV2(x=1., y=2.).op.type == 'AddV2'
        with pytest.raises(TypeError, match="multiple values for argument 'x'"):
            gen_math_ops.add_v2([1.], x=[2.])
