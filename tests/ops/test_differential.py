"""Small programs over all families of ops, against what TensorFlow 1.15.5 made of them (see tests/differential.py)."""
import json
import os
import sys

import pytest

import graphflow as tf

_TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, _TESTS)
import differential  # noqa: E402

with open(os.path.join(_TESTS, 'golden', 'differential.json')) as golden:
    GOLDEN = json.load(golden)


@pytest.fixture(scope='module')
def known():
    return differential.names(tf)


@pytest.mark.parametrize('program', differential.programs())
def test_same_outcome(program, known):
    found = json.loads(json.dumps(differential.outcome(tf, known, program)))
    assert found == GOLDEN[program]
