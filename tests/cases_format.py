"""What a case file (`tests/cases/*.py`) does, as plain data: the nodes of its graph and the values it computes.

Run on both sides: by `tests/record/cases_golden.py` with TensorFlow 1.15.5, whose answers are kept in
`tests/golden/cases/`, and by `tests/test_cases.py` with graphflow. A case file defines

    build(tf)       adds nodes to the default graph; what it returns is handed to run
    run(tf, built)  optional; returns {name: array, number, string or list of these}
    RTOL            optional; the relative tolerance of its floats, where training makes rounding errors grow
"""
import hashlib
import os
import re
import sys

import numpy as np


def evaluate(tf, path):
    """Runs the case file at `path` with the module `tf`; returns {'nodes': [...], 'values': {...}}."""
    namespace = {'__name__': 'case', '__file__': path}
    folder = os.path.dirname(os.path.abspath(path))
    if folder not in sys.path:
        sys.path.insert(0, folder)
    with open(path) as f:
        exec(compile(f.read(), path, 'exec'), namespace)
    tf.reset_default_graph()
    with tf.Graph().as_default() as graph:
        tf.set_random_seed(1)
        np.random.seed(1)
        built = namespace['build'](tf)
        nodes = [_node(tf, n) for n in graph.as_graph_def().node]
        values = namespace['run'](tf, built) if 'run' in namespace else {}
    return {'rtol': namespace.get('RTOL', 1e-5), 'nodes': nodes, 'values': {name: _plain(v) for name, v in (values or {}).items()}}


def _node(tf, node):
    attrs = {key: _attr(tf, value) for key, value in sorted(node.attr.items()) if not key.startswith('_')}
    if '_class' in node.attr:
        attrs['_class'] = _attr(tf, node.attr['_class'])
    return [node.name, node.op, list(node.input), node.device, attrs]


def _attr(tf, value):
    if value.WhichOneof('value') != 'tensor':
        # Releases of protobuf differ in how they print whole floats.
        return re.sub(r'\bf: (\S+)', lambda match: 'f: %.7g' % float(match.group(1)), ' '.join(str(value).split()))
    array = tf.make_ndarray(value.tensor)
    digest = hashlib.sha1(repr(array.tolist()).encode()).hexdigest()[:12]
    return 'tensor %s %s %s %s' % (array.dtype.name, list(array.shape), array.ravel()[:4].tolist(), digest)


def _plain(value):
    array = np.asarray(value)
    if array.dtype.kind in 'SUO':
        data = [v.decode('utf8', 'replace') if isinstance(v, bytes) else str(v) for v in array.ravel().tolist()]
        return {'dtype': 'string', 'shape': list(array.shape), 'data': data}
    data = array.ravel()
    if array.dtype.kind == 'c':
        data = data.view(data.real.dtype)
    if array.dtype.name == 'float16':
        data = data.astype(np.float32)
    return {'dtype': array.dtype.name, 'shape': list(array.shape), 'data': data.tolist()}
