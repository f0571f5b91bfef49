"""Records what TensorFlow 1.15.5 does with types, shapes, errors, tensor protos and device names.

Run under a Python that has TensorFlow 1.15.5:  python tests/record/framework_golden.py
The cases are expressions from tests/framework/cases.py; the tests evaluate the same ones with graphflow.
"""

import json
import os
import sys

import numpy as np
import tensorflow as tf
from tensorflow.python.framework import device, tensor_shape, tensor_util

TESTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..')
sys.path.insert(0, os.path.join(TESTS, 'framework'))

import cases  # noqa: E402


def main():
    names = {'tf': tf, 'np': np, 'shapes': tensor_shape, 'device': device, 'protos': tensor_util}
    golden = {group: [[text, cases.outcome(text, names)] for text in texts]
              for group, texts in cases.groups().items()}
    golden['devices_of_nested_scopes'] = [[text, nested(eval(text, names))] for text in cases.NESTED_DEVICES]
    path = os.path.join(TESTS, 'golden', 'framework.json')
    with open(path, 'w') as out:
        json.dump(golden, out, indent=0, sort_keys=True)
        out.write('\n')


def nested(scopes):
    """The device of an op under `tf.device` of each of `scopes`, outermost first."""
    if not scopes:
        return tf.no_op().device
    with tf.device(scopes[0]):
        return nested(scopes[1:])


if __name__ == '__main__':
    main()
