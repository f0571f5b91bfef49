"""How long it takes from the start of a process: imports, and the softmax tutorial until its first step is
done."""
import os
import shutil
import subprocess
import sys
import tempfile
import time

from engine import environment, median

IMPORTS = {'graphflow': 'import graphflow', 'tensorflow': 'import tensorflow',
           'tensorflow2': 'import tensorflow', 'jax': 'import jax', 'torch': 'import torch', 'numba': 'import numba'}

_SOFTMAX = '''
import numpy as np
%s
x = tf.placeholder(tf.float32, [None, 784])
W = tf.Variable(tf.zeros([784, 10]))
b = tf.Variable(tf.zeros([10]))
y = tf.nn.softmax(tf.matmul(x, W) + b)
y_ = tf.placeholder(tf.float32, [None, 10])
cross_entropy = tf.reduce_mean(-tf.reduce_sum(y_ * tf.log(y), reduction_indices=[1]))
train_step = tf.train.GradientDescentOptimizer(0.5).minimize(cross_entropy)
session = tf.Session()
session.run(tf.global_variables_initializer())
%s
session.run([train_step, cross_entropy], feed_dict={x: batch_x, y_: batch_y})
print('done', flush=True)
'''
_RANDOM = 'batch_x, batch_y = np.random.rand(100, 784), np.eye(10)[np.random.randint(10, size=100)]'
_MNIST = '''import warnings; warnings.simplefilter('ignore')
from graphflow.examples.tutorials.mnist import input_data
batch_x, batch_y = input_data.read_data_sets('MNIST_data', one_hot=True).train.next_batch(100)'''
_MODULES = {'graphflow': 'import graphflow as tf', 'tensorflow': 'import tensorflow as tf',
            'tensorflow2': 'import tensorflow.compat.v1 as tf; tf.disable_v2_behavior()'}


def measure(pythons, rounds):
    """Rows (label, {peer: seconds}) of medians over interleaved rounds."""
    everyone, tf_like = list(pythons), [p for p in pythons if p in _MODULES]
    scratch = tempfile.mkdtemp(prefix='graphflow-benchmark-')

    def imports(peer):
        program = 'import time; t = time.perf_counter(); %s; print(time.perf_counter() - t)' % IMPORTS[peer]
        return float(_run(peer, pythons[peer], program).split()[-1])

    def until_done(peer, data=_RANDOM, **more):
        start = time.perf_counter()
        _run(peer, pythons[peer], _SOFTMAX % (_MODULES[peer], data), **more)
        return time.perf_counter() - start

    def empty_cache(peer):
        directory = tempfile.mkdtemp(dir=scratch)
        return until_done(peer, GRAPHFLOW_CACHE_DIR=directory)

    try:
        return [
            ('import', _rounds(imports, everyone, rounds)),
            ('softmax: process start to first step', _rounds(until_done, tf_like, rounds)),
            ('the same, data by the MNIST reader',
             _rounds(lambda p: until_done(p, _MNIST), ['graphflow'], rounds)),
            ('the same, kernel cache empty', _rounds(empty_cache, ['graphflow'], min(rounds, 3))),
        ]
    finally:
        shutil.rmtree(scratch)


def _rounds(measure_one, peers, rounds):
    for peer in peers:                  # once in advance: bytecode, kernels, files in memory
        measure_one(peer)
    turns = [{peer: measure_one(peer) for peer in peers} for _ in range(rounds)]
    return {peer: median([turn[peer] for turn in turns]) for peer in peers}


def _run(peer, python, program, **more):
    return subprocess.run([python, '-c', program], env=environment(peer, **more), stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, universal_newlines=True, check=True).stdout


if __name__ == '__main__':
    for label, seconds in measure({'graphflow': sys.executable}, int(os.environ.get('ROUNDS', 5))):
        print('%-40s' % label, seconds)
