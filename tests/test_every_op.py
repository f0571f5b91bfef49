"""Every registered op type occurs in some recorded answer of TensorFlow 1.15.5, or is listed here with the reason."""
import gzip
import json
import pathlib
import re
import subprocess
import sys

import numpy as np

import graphflow as tf
from graphflow import kernels
from graphflow.framework import registry
from graphflow.kernels import elementwise

GOLDEN = pathlib.Path(__file__).parent / 'golden'
# TensorFlow 1.15.5 keeps these for graphs of old only and refuses to add them; they compute what their successors do.
REMOVED = {'TopK', 'Conv3DBackpropInput', 'Conv3DBackpropFilter', 'MatrixExponential', 'RandomPoisson',
           'AudioSummary'}
# No kernel for CPUs in TensorFlow 1.15.5, so that it has no values to compare with.
NOT_FOR_CPU = {'MaxPoolGradGradWithArgmax'}


def registered():
    """The op types of a process of its own: tests beside this one declare ops for themselves."""
    code = 'import graphflow; from graphflow.framework import registry; print(*registry.OPS)'
    root = str(pathlib.Path(__file__).parent.parent)
    done = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, check=True, cwd=root)
    return set(done.stdout.split())


def recorded():
    """The op types in the recorded graphs, and all words in the other recorded answers."""
    types = set()
    for file in (GOLDEN / 'cases').glob('*.json.gz'):
        with gzip.open(file, 'rt') as f:
            types.update(node[1] for node in json.load(f)['nodes'])
    for file in GOLDEN.glob('*.json'):
        types.update(re.findall(r'"(\w+)"', file.read_text()))
    for file in GOLDEN.glob('*.npz'):
        with np.load(file, allow_pickle=False) as arrays:
            types.update(word for key in arrays.files for word in re.findall(r'\w+', key))
    return types


def test_every_op_is_recorded():
    assert sorted(registered() - recorded() - REMOVED - NOT_FOR_CPU) == []


def test_every_op_has_a_kernel():
    kernels.load()
    assert sorted(registered() - set(registry.KERNELS) - set(elementwise.ELEMENTWISE)) == []


def pairs(raw):
    """Ops without recorded answers beside what stands for the same values."""
    random = np.random.RandomState(0)
    volume, filters, dy = (tf.constant(random.randn(*s)) for s in ([1, 2, 4, 2, 1], [2, 2, 1, 1, 2], [1, 2, 2, 2, 2]))
    strides = dict(strides=[1, 1, 2, 1, 1], padding='SAME')
    yield (raw.Conv3DBackpropInput(input=volume, filter=filters, out_backprop=dy, **strides),
           raw.Conv3DBackpropInputV2(input_sizes=volume.shape, filter=filters, out_backprop=dy, **strides))
    yield (raw.Conv3DBackpropFilter(input=volume, filter=filters, out_backprop=dy, **strides),
           raw.Conv3DBackpropFilterV2(input=volume, filter_sizes=filters.shape, out_backprop=dy, **strides))
    x = random.randn(3, 5)
    yield from zip(raw.TopK(input=x, k=2), raw.TopKV2(input=x, k=2))
    e, v = np.linalg.eigh([[2., .5], [.5, 3.]])
    yield raw.MatrixExponential(input=[[2., .5], [.5, 3.]]), tf.constant((v * np.exp(e)) @ v.T, tf.float32)
    yield (raw.RandomPoisson(shape=[4], rate=[2., 30.], seed=3, seed2=4),
           raw.RandomPoissonV2(shape=[4], rate=[2., 30.], dtype=tf.float32, seed=3, seed2=4))
    sounds = dict(tag='t', tensor=random.randn(2, 5), sample_rate=8.)
    yield raw.AudioSummary(**sounds), raw.AudioSummaryV2(**sounds)
    image = tf.constant(random.permutation(24).reshape(1, 4, 3, 2).astype(np.float32))
    window = dict(ksize=[1, 2, 2, 1], strides=[1, 2, 1, 1], padding='SAME')
    y, argmax = raw.MaxPoolWithArgmax(input=image, **window)
    yield (raw.MaxPoolGradGradWithArgmax(input=image, grad=tf.cos(image), argmax=argmax, **window),
           raw.MaxPoolGradGrad(orig_input=image, orig_output=y, grad=tf.cos(image), **window))


def test_ops_without_recorded_answers():
    with tf.Graph().as_default(), tf.Session() as session:
        for old, new in pairs(tf.raw_ops):
            assert old.dtype == new.dtype and old.shape.as_list() == new.shape.as_list(), old
            found, wanted = session.run([old, new])
            if old.dtype == tf.string:
                assert found == wanted
                continue
            np.testing.assert_allclose(found, wanted, rtol=1e-5, err_msg=old.name)
