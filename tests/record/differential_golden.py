"""Records what TensorFlow 1.15.5 makes of differential_calls.txt:
python differential_golden.py > ../golden/differential.json
"""
import json
import os
import sys

import tensorflow as tf

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
import differential  # noqa: E402

if __name__ == '__main__':
    known = differential.names(tf)
    json.dump({program: differential.outcome(tf, known, program) for program in differential.programs()},
              sys.stdout, indent=0, sort_keys=True)
