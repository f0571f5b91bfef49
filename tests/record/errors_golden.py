"""Records how the programs of tests/error_programs.py fail under TensorFlow 1.15.5.

Run by TensorFlow's own Python: python tests/record/errors_golden.py
Each program runs in a process of its own, for some bring the process down; they are left out.
"""
import json
import os
import sys

import tensorflow as tf

_HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(_HERE, '..'))
import error_programs       # noqa: E402  (found beside the tests)


def outcome(program):
    """The outcome in a child process; None if that died."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        os.write(writer, json.dumps(error_programs.outcome(tf, program)).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, 'rb') as file:
        text = file.read()
    os.waitpid(child, 0)
    return json.loads(text.decode()) if text else None


if __name__ == '__main__':
    tf.logging.set_verbosity(tf.logging.ERROR)
    found = []
    for program in error_programs.programs():
        expected = outcome(program)
        if expected is None:
            print('brings the process down:', program)
        else:
            found.append([program, expected])
    with open(os.path.join(_HERE, '..', 'golden', 'errors.json'), 'w') as file:
        file.write('[\n' + ',\n'.join(json.dumps(entry) for entry in found) + '\n]\n')
