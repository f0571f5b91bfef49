"""tf.import_graph_def and tf.graph_util against what TensorFlow 1.15.5 does in the programs of *_programs.py."""
import gzip
import importlib
import json
import os

import pytest

import graphflow as tf

_GOLDEN = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'golden', 'files')


def _cases():
    for family in 'import', 'graph_util', 'meta_graph', 'saved_model':
        programs = importlib.import_module(f'files.{family}_programs')
        with gzip.open(os.path.join(_GOLDEN, family + '.json.gz')) as file:
            for name, expected in json.load(file).items():
                yield pytest.param(programs, name, expected, id=f'{family}: {name}')


@pytest.mark.parametrize('programs, name, expected', list(_cases()))
def test_program(programs, name, expected):
    found = json.loads(json.dumps(programs.outcome(tf, name)))
    if 'error' in expected:
        assert _comparable(found.get('error')) == _comparable(expected['error'])
    else:
        assert found == expected


def _comparable(error):
    """Without what need not agree: the name of the machine, and which lengths a declaration demands."""
    if error and error[1].startswith('Op type not registered'):
        return [error[0], error[1].partition(' running on ')[0]]
    return error and [error[0], error[1].replace(',min=0', '')]


def test_functions_are_refused():
    from files import import_programs
    text, kwargs = import_programs.FUNCTIONS['function']
    with tf.Graph().as_default() as graph:
        with pytest.raises(tf.errors.UnimplementedError, match="calls the function 'f'"):
            tf.import_graph_def(import_programs.graph_def(tf, text), **kwargs)
        assert not graph.get_operations()
        text, kwargs = import_programs.FUNCTIONS['library']     # nothing calls what is in it
        tf.import_graph_def(import_programs.graph_def(tf, text), **kwargs)
        assert [op.name for op in graph.get_operations()] == ['import_1/a']
