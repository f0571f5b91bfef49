"""The random kernels give the numbers of TensorFlow 1.15.5, run after run."""
import inspect
import json
import pathlib
import threading

import numpy as np
import pytest

from graphflow.framework.registry import KERNELS
from graphflow.kernels import philox
from graphflow.kernels import candidate_sampling, random  # noqa: F401  register the kernels

GOLDEN = np.load(pathlib.Path(__file__).parents[1] / 'golden' / 'random.npz')
SPECS = {int(key.split('/')[0]): json.loads(str(GOLDEN[key])) for key in GOLDEN if key.endswith('/spec')}
RUNS = 3
DEFAULTS = dict(output_dtype='int64', seed=0, seed2=0, distortion=1.0, num_reserved_ids=0, num_shards=1, shard=0,
                unigrams=(), vocab_file=b'')
ULPS = {'e': 1e-3, 'f': 1e-6, 'd': 1e-12}


def call(op, inputs, attrs, state):
    """Binds the attrs the kernel asks for, as a plan does."""
    function = KERNELS[op]
    wanted = list(inspect.signature(function).parameters)[len(inputs):]
    attrs = {**DEFAULTS, **attrs, 'state': state}
    for name in 'dtype', 'output_dtype':
        if name in attrs:
            attrs[name] = np.dtype('float16' if attrs[name] == 'half' else attrs[name])
    out = function(*inputs, **{name: attrs[name] for name in wanted})
    return out if isinstance(out, tuple) else (out,)


@pytest.mark.parametrize('number', sorted(SPECS), ids=lambda n: '%d-%s' % (n, SPECS[n]['op']))
def test_same_numbers_as_recorded(number):
    spec, state = SPECS[number], {}
    inputs = [GOLDEN['%d/in%d' % (number, k)] for k in range(spec['inputs'])]
    for run in range(RUNS):
        outputs = call(spec['op'], inputs, spec['attrs'], state)
        assert len(outputs) == spec['outputs']
        for k, actual in enumerate(outputs):
            expected, stride = GOLDEN['%d/out%d/%d' % (number, k, run)], spec['stride'][k]
            if stride > 1:
                assert actual.shape == tuple(GOLDEN['%d/shape%d' % (number, k)])
                actual = actual.ravel()[::stride]
            assert actual.dtype == expected.dtype and actual.shape == expected.shape
            tolerance = ULPS.get(expected.dtype.char, 0)
            np.testing.assert_allclose(actual, expected, rtol=tolerance, atol=tolerance * 0.01)
