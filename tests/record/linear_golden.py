"""Records what the expressions of tests/ops/linear_cases.py give under TensorFlow 1.15.5.

Run by TensorFlow's own Python: python tests/record/linear_golden.py
"""
import importlib.util
import json
import os

import tensorflow as tf
from tensorflow.python.ops import gen_math_ops, gen_spectral_ops

_HERE = os.path.dirname(os.path.abspath(__file__))
_SPEC = importlib.util.spec_from_file_location('linear_cases', os.path.join(_HERE, '..', 'ops', 'linear_cases.py'))
cases = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(cases)

_FUNCTIONS = {'MatMul': gen_math_ops.mat_mul, 'SparseMatMul': gen_math_ops.sparse_mat_mul,
              'BatchMatMul': gen_math_ops.batch_mat_mul, 'BatchMatMulV2': gen_math_ops.batch_mat_mul_v2,
              'SparseSegmentMeanGrad': gen_math_ops.sparse_segment_mean_grad,
              'SparseSegmentSqrtNGrad': gen_math_ops.sparse_segment_sqrt_n_grad, 'RFFT': gen_spectral_ops.rfft}


def raw(op_type, *inputs, **attrs):
    return _FUNCTIONS[op_type](*inputs, **attrs)


if __name__ == '__main__':
    found = [[text, cases.outcome(tf, raw, text)] for text in cases.expressions()]
    with open(os.path.join(_HERE, '..', 'golden', 'linear.json'), 'w') as file:
        file.write('[\n' + ',\n'.join(json.dumps(entry) for entry in found) + '\n]\n')
