"""Records what TensorFlow 1.15.5 does in every case file: run with its python, from any folder.

    TF_PYTHON tests/record/cases_golden.py [--all] [name ...]

Without names, the cases whose answers are not recorded yet, or were recorded from another text of the case.
"""
import gzip
import hashlib
import json
import os
import sys

os.environ.setdefault('TF_CPP_MIN_LOG_LEVEL', '3')
import warnings
warnings.filterwarnings('ignore')
import tensorflow as tf

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, TESTS)
import cases_format


def main():
    tf.logging.set_verbosity(tf.logging.ERROR)
    cases = os.path.join(TESTS, 'cases')
    wanted = [a for a in sys.argv[1:] if not a.startswith('--')]
    for file in sorted(os.listdir(cases)):
        name, extension = os.path.splitext(file)
        if extension != '.py' or wanted and name not in wanted:
            continue
        path = os.path.join(cases, file)
        golden = os.path.join(TESTS, 'golden', 'cases', name + '.json.gz')
        with open(path, 'rb') as f:
            digest = hashlib.sha1(f.read()).hexdigest()
        if not wanted and '--all' not in sys.argv and os.path.exists(golden):
            with gzip.open(golden, 'rt') as f:
                if json.load(f)['source'] == digest:
                    continue
        try:
            record = cases_format.evaluate(tf, path)
        except Exception as error:
            print('FAILED', name, type(error).__name__, str(error)[:300])
            continue
        record['source'] = digest
        # No time stamp in the archive: recording again what did not change changes nothing.
        with open(golden, 'wb') as raw, gzip.GzipFile(filename='', mode='wb', fileobj=raw, mtime=0) as f:
            f.write(json.dumps(record, sort_keys=True).encode())
        print('recorded', name, len(record['nodes']), 'nodes', len(record['values']), 'values', os.path.getsize(golden))


main()
