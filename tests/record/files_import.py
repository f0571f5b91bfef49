"""Records what the programs of tests/files/import_programs.py do under TensorFlow 1.15.5.

Run by TensorFlow's own Python: python tests/record/files_import.py
Each program runs in a process of its own, for a bad graph may bring the process down.
"""
import json
import os
import sys

import tensorflow as tf

_HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(_HERE, '..', 'files'))
import import_programs      # noqa: E402  (found beside the tests)


def outcome(name):
    """The outcome in a child process; None if that died."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        os.close(reader)
        with os.fdopen(writer, 'wb') as file:
            file.write(json.dumps(import_programs.outcome(tf, name)).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, 'rb') as file:
        text = file.read()
    os.waitpid(child, 0)
    return json.loads(text.decode()) if text else None


if __name__ == '__main__':
    tf.logging.set_verbosity(tf.logging.ERROR)
    found = []
    for name in import_programs.names():
        result = outcome(name)
        if result is None:
            print('brings the process down:', name)
        else:
            found.append('%s: %s' % (json.dumps(name), json.dumps(result)))
    with open(os.path.join(_HERE, '..', 'golden', 'files', 'import.json'), 'w') as file:
        file.write('{\n' + ',\n'.join(found) + '\n}\n')
