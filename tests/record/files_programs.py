"""Records what the programs of tests/files/*_programs.py do under TensorFlow 1.15.5.

Run by TensorFlow's own Python: python tests/record/files_programs.py [FAMILY ...]
Each program runs in a process of its own, for a bad graph may bring the process down.
"""
import gzip
import importlib
import json
import os
import sys

import tensorflow as tf

_HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(_HERE, '..', 'files'))


FAMILIES = 'import', 'graph_util', 'meta_graph', 'saved_model'


def outcome(programs, name):
    """The outcome in a child process; None if that died."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        os.close(reader)
        with os.fdopen(writer, 'wb') as file:
            file.write(json.dumps(programs.outcome(tf, name)).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, 'rb') as file:
        text = file.read()
    os.waitpid(child, 0)
    return json.loads(text.decode()) if text else None


def record(family):
    programs = importlib.import_module(family + '_programs')    # found beside the tests
    found = []
    for name in programs.names():
        result = outcome(programs, name)
        if result is None:
            print('brings the process down:', name)
        else:
            found.append('%s: %s' % (json.dumps(name), json.dumps(result)))
    text = '{\n' + ',\n'.join(found) + '\n}\n'
    with open(os.path.join(_HERE, '..', 'golden', 'files', family + '.json.gz'), 'wb') as file:
        file.write(gzip.compress(text.encode()))


if __name__ == '__main__':
    tf.logging.set_verbosity(tf.logging.ERROR)
    for name in sys.argv[1:] or FAMILIES:
        record(name)
