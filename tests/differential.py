"""Outcomes of small programs, to be compared between TensorFlow 1.15.5 and graphflow (runs on both Pythons).

A program is one line, its statements separated by ' ;; '; the last is an expression. It sees `tf`, `np`, an empty default
graph `g`, the modules of MODULES by their short names, `C` (tf.constant), `ph` (a placeholder) and `raises`.
"""
import ast
import importlib
import logging
import os
import re

import numpy as np

MODULES = {name: 'python.framework.' + name for name in (
    'common_shapes constant_op dtypes op_def_registry ops random_seed tensor_shape tensor_spec tensor_util '
    'test_ops').split()}
MODULES.update({name: 'python.ops.' + name for name in (
    'array_ops bitwise_ops check_ops clip_ops control_flow_ops data_flow_ops embedding_ops gen_array_ops gen_math_ops '
    'gen_nn_ops gen_state_ops gradient_checker gradients_impl init_ops linalg_ops manip_ops math_ops nn_impl nn_ops '
    'partitioned_variables random_ops state_ops variable_scope variables').split()})
MODULES.update(rvo='python.ops.resource_variable_ops', context='python.eager.context',
               attr_value_pb2='core.framework.attr_value_pb2', node_def_pb2='core.framework.node_def_pb2',
               tensor_pb2='core.framework.tensor_pb2')
_TENSORS = ('Tensor', 'Variable', 'RefVariable', 'ResourceVariable')


def programs():
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'record', 'differential_calls.txt')) as lines:
        return [line.strip() for line in lines if line.strip()]


def names(tf):
    """What every program sees, besides its graph."""
    def raises(function, *args, **kwargs):
        try:
            return 'ok', function(*args, **kwargs)
        except Exception as error:
            return type(error).__name__, str(error)
    found = {short: importlib.import_module(f'{tf.__name__}.{name}') for short, name in MODULES.items()}
    return dict(found, tf=tf, np=np, C=tf.constant, raises=raises, L=lambda: found['test_ops']._op_def_lib,
                ph=lambda shape=None, dtype=tf.float32: tf.placeholder(dtype, shape))


def _text(value):
    text = str(value).replace('graphflow', 'tensorflow').replace('tensorflow.python.framework.', '')
    text = re.sub(r'0x[0-9a-f]+', '0x', text.replace('tensorflow.', ''))
    return re.sub(r'\(defined at [^)]*\)', '(defined)', text)


def _plain(value):
    kind = type(value).__name__
    if kind in _TENSORS:
        return [value.name, value.dtype.name, str(value.shape)]
    if isinstance(value, (list, tuple)):
        return [kind] + [_plain(v) for v in value]
    if isinstance(value, (np.ndarray, np.generic)):
        value = np.asarray(value)
        if value.dtype.kind == 'f':
            items = [float('%.4g' % v) if abs(v) > 1e-6 else 0. for v in value.ravel().astype(float)]
        else:
            items = (np.round(value, 4) + 0 if value.dtype.kind == 'c' else value).ravel().tolist()
        return [value.dtype.name, list(value.shape), str(items)]
    return [kind, value.name if kind == 'Operation' else _text(value)]


def _error(error):
    return [type(error).__name__, _text(getattr(error, 'message', None) or error).split('\n')[0]]


def _tensors(value):
    if isinstance(value, (list, tuple)):
        return [tensor for v in value for tensor in _tensors(v)]
    return [value] if type(value).__name__ in _TENSORS else []


def outcome(tf, known, program):
    """[the result, the values of its tensors] or [the error]."""
    logging.disable(logging.CRITICAL)
    try:
        return _outcome(tf, known, program)
    finally:
        logging.disable(logging.NOTSET)


def _outcome(tf, known, program):
    with tf.Graph().as_default() as graph:
        known = dict(known, g=graph)
        *statements, last = ast.parse(program.replace(' ;; ', '\n')).body
        try:
            for statement in statements:
                code = ast.parse('')
                code.body = [statement]
                exec(compile(code, 'program', 'exec'), known)
            result = eval(compile(ast.Expression(last.value), 'program', 'eval'), known)
            found = [_plain(result)]
        except Exception as error:
            return [_error(error)]
        tensors = _tensors(result)
        if tensors and not any(op.type == 'Placeholder' for op in graph.get_operations()):
            try:
                with tf.Session() as session:
                    session.run(tf.global_variables_initializer())
                    found.append(_plain(session.run(tensors)))
            except Exception as error:
                found.append(['run'] + _error(error))
        return found
