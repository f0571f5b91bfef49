"""Graphs node for node and values as TensorFlow 1.15.5 gave them, for every case file (see cases_format.py): with plans
compiled from the first run on, and with none compiled."""
import gzip
import hashlib
import json
import pathlib

import numpy as np
import pytest

import graphflow as tf
import cases_format
from graphflow.runtime import options

TESTS = pathlib.Path(__file__).parent
ATOL = 1e-6


@pytest.mark.parametrize('compilation', ['never', 'always'])
@pytest.mark.parametrize('name', sorted(p.stem for p in (TESTS / 'cases').glob('*.py')))
def test_case(name, compilation):
    path = TESTS / 'cases' / f'{name}.py'
    with gzip.open(TESTS / 'golden' / 'cases' / f'{name}.json.gz', 'rt') as f:
        golden = json.load(f)
    assert golden['source'] == hashlib.sha1(path.read_bytes()).hexdigest(), 'the case changed: record it again'
    with options.compilation(compilation):
        found = cases_format.evaluate(tf, str(path))
    assert_same_nodes(found['nodes'], golden['nodes'])
    assert sorted(found['values']) == sorted(golden['values'])
    wrong = [line for key, value in golden['values'].items()
             for line in difference(key, found['values'][key], value, found['rtol'])]
    assert not wrong, '\n'.join(wrong)


def assert_same_nodes(found, golden):
    for node in found + golden:
        node[4].pop('token', None)      # of Python functions: it counts what the process made before
    ours = {node[0]: node for node in found}
    wrong = []
    for node in golden:
        other = ours.get(node[0])
        if other is None:
            wrong.append(f'missing: {node}')
        elif other != node:
            wrong.append(f'expected {node}\n     got {other}')
    names = {node[0] for node in golden}
    wrong += [f'superfluous: {node}' for node in found if node[0] not in names]
    assert not wrong, '\n'.join(wrong[:20])
    assert [n[0] for n in found] == [n[0] for n in golden], 'created in another order'


def difference(key, found, golden, rtol):
    if (found['dtype'], found['shape']) != (golden['dtype'], golden['shape']):
        yield f"{key}: {found['dtype']}{found['shape']}, expected {golden['dtype']}{golden['shape']}"
    elif golden['dtype'].startswith(('float', 'complex')):
        a, b = (np.array(v['data'], np.float64) for v in (found, golden))
        if not np.allclose(a, b, rtol, ATOL, equal_nan=True):
            yield f'{key}: {a[:6]}, expected {b[:6]}'
    elif found['data'] != golden['data']:
        yield f"{key}: {found['data'][:8]}, expected {golden['data'][:8]}"
