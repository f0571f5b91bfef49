"""tf.import_graph_def against what TensorFlow 1.15.5 does in the programs of import_programs.py."""
import importlib.util
import json
import os

import pytest

import graphflow as tf

_HERE = os.path.dirname(os.path.abspath(__file__))
_GOLDEN = os.path.join(_HERE, '..', 'golden', 'files')


def _beside(name):
    spec = importlib.util.spec_from_file_location(name, os.path.join(_HERE, name + '.py'))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


programs = _beside('import_programs')
with open(os.path.join(_GOLDEN, 'import.json')) as _file:
    GOLDEN = json.load(_file)


@pytest.mark.parametrize('name', GOLDEN)
def test_import(name):
    expected, found = GOLDEN[name], json.loads(json.dumps(programs.outcome(tf, name)))
    if 'error' in expected:
        assert _comparable(found.get('error')) == _comparable(expected['error'])
    else:
        assert found == expected


def _comparable(error):
    """Without what need not agree: the name of the machine, and which lengths a declaration demands."""
    if error and error[1].startswith('Op type not registered'):
        return error[0], error[1].partition(' running on ')[0]
    return error and [error[0], error[1].replace(',min=0', '')]
