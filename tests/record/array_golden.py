"""Records what TensorFlow 1.15.5 makes of the calls in array_calls.txt: python array_golden.py > ../golden/array.json

Each call gives the nodes it adds, the tensors it returns and their values, or an error.
"""
import json
import os

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))


def calls():
    with open(os.path.join(HERE, 'array_calls.txt')) as lines:
        return [line.strip() for line in lines if line.strip()]


def _flat(result):
    if isinstance(result, (list, tuple)):
        return [tensor for part in result for tensor in _flat(part)]
    return [result]


def _message(error):
    return [type(error).__name__, str(getattr(error, 'message', error)).split('\n')[0].split(' [[')[0]]


def _plain(value):
    value = np.asarray(value)
    if value.dtype == object:
        return ['string', list(value.shape), [v.decode() for v in value.ravel().tolist()]]
    if value.dtype.kind == 'c':
        return [value.dtype.name, list(value.shape), [[v.real, v.imag] for v in value.ravel().tolist()]]
    return [value.dtype.name, list(value.shape), value.ravel().tolist()]


def outcome(tf, call):
    """{'error': ...} or {'nodes': ..., 'tensors': ..., 'values': ... or 'run_error': ...}."""
    with tf.Graph().as_default() as graph:
        known = dict(
            tf=tf, np=np, C=tf.constant, p=tf.placeholder(tf.float32, [None, 3], name='p'),
            q=tf.placeholder(tf.float32, [2, 3], name='q'), u=tf.placeholder(tf.float32, name='u'),
            i=tf.placeholder(tf.int32, name='i'), n=tf.placeholder(tf.int32, [], name='n'),
            c=tf.placeholder(tf.float32, [2, 3, 4], name='c'), v=tf.placeholder(tf.int32, [None], name='v'))
        before = len(graph.get_operations())
        try:
            result = _flat(eval(call, known))
        except Exception as error:
            return {'error': _message(error)}
        found = {'nodes': [f'{op.name} = {op.type}({", ".join(op.node_def.input)}) {[str(t.shape) for t in op.outputs]}'
                           for op in graph.get_operations()[before:]],
                 'tensors': [t if t is None else f'{t.name} {t.dtype.name} {t.shape}' for t in result]}
        feeds = {known['p']: np.arange(6.).reshape(2, 3), known['q']: np.arange(6.).reshape(2, 3) + 1, known['n']: 1,
                 known['u']: np.arange(3.), known['i']: np.array([1, 0]), known['v']: np.array([1, 0]),
                 known['c']: np.arange(24.).reshape(2, 3, 4)}
        try:
            with tf.Session() as session:
                found['values'] = [_plain(value) for value in session.run(result, feeds)]
        except Exception as error:
            found['run_error'] = _message(error)
        return found


def main():
    import tensorflow as tf
    print('{')
    lines = [f' {json.dumps(call)}: {json.dumps(outcome(tf, call))}' for call in calls()]
    print(',\n'.join(lines))
    print('}')


if __name__ == '__main__':
    main()
