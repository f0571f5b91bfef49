"""Writes the models of tests/files/models.py under TensorFlow 1.15.5; or reads those that graphflow wrote.

Run by TensorFlow's own Python:
    python tests/record/files_models.py             writes tests/golden/files/models.tar.gz
    python tests/record/files_models.py FOLDER      reads FOLDER/convnet ..., written by `models.write(graphflow, ...)`,
                                                    and prints what differs
"""
import io
import os
import sys
import tarfile
import tempfile

import numpy as np
import tensorflow as tf

_HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(_HERE, '..', 'files'))
import models       # noqa: E402  (found beside the tests)


def record():
    with tarfile.open(os.path.join(_HERE, '..', 'golden', 'files', 'models.tar.gz'), 'w:gz') as archive:
        for name in models.MODELS:
            folder = os.path.join(tempfile.mkdtemp(), name)
            models.write(tf, name, folder)
            for where, _, files in sorted(os.walk(folder)):
                for file_name in sorted(files):
                    path = os.path.join(where, file_name)
                    info = tarfile.TarInfo(os.path.join(name, os.path.relpath(path, folder)))
                    with open(path, 'rb') as file:
                        content = file.read()
                    info.size = len(content)
                    archive.addfile(info, io.BytesIO(content))


def check(folder):
    for name in models.MODELS:
        for what, found, expected in models.read(tf, os.path.join(folder, name)):
            same = np.allclose(found, expected, rtol=1e-4, atol=1e-5)
            print(name, what, 'agrees' if same else 'DIFFERS: %s, not %s' % (found, expected))


if __name__ == '__main__':
    tf.logging.set_verbosity(tf.logging.ERROR)
    check(sys.argv[1]) if sys.argv[1:] else record()
