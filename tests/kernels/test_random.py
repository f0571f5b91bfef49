"""The random kernels give the numbers of TensorFlow 1.15.5, run after run."""
import inspect
import json
import pathlib
import threading

import numpy as np
import pytest

from graphflow.framework.errors import InvalidArgumentError
from graphflow.framework.registry import KERNELS
from graphflow.kernels import philox
from graphflow.kernels import bounded_normal, candidate_sampling, random, random_gamma  # noqa: F401  registered

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
            if spec['op'] == 'RandomGammaGrad':     # TensorFlow stops its float32 series early; ours are float64
                tolerance = max(tolerance, 2e-5 if expected.dtype == np.float32 else 1e-10)
            np.testing.assert_allclose(actual, expected, rtol=tolerance, atol=tolerance * 0.01)


@pytest.mark.parametrize('op, attrs', [
    ('RandomUniform', dict(dtype='float32')), ('RandomStandardNormal', dict(dtype='float64')),
    ('TruncatedNormal', dict(dtype='half'))])
def test_without_seeds_every_node_has_numbers_of_its_own(op, attrs):
    shape = np.array([100], np.int32)
    first, second = (call(op, [shape], attrs, {})[0] for _ in range(2))
    assert (first != second).any()
    state = {}
    assert (call(op, [shape], attrs, state)[0] != call(op, [shape], attrs, state)[0]).any()


def test_runs_at_the_same_time_take_different_pieces_of_the_stream():
    state, pieces = {}, []

    def run():
        for _ in range(20):
            pieces.append(call('RandomUniform', [np.array([8], np.int32)], dict(dtype='float64', seed=3), state)[0])
    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    alone, one = {}, []
    for _ in range(len(pieces)):
        one.append(call('RandomUniform', [np.array([8], np.int32)], dict(dtype='float64', seed=3), alone)[0])
    assert sorted(p.tolist() for p in pieces) == sorted(p.tolist() for p in one)


def test_counters_carry_into_their_upper_half():
    before = philox.position(5, 2**64 - 2)
    for index in range(4):
        assert philox.block_at(before, index) == philox.block_at(philox.position(5, 2**64 - 2 + index), 0)


def test_known_answers_of_philox():
    """The test vectors published with Random123: all zeros, all ones."""
    zeros = philox.block_at(philox.position(0, 0), 0)
    assert [int(w) for w in zeros] == [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]
    ones = philox.block_at(philox.position(2**64 - 1, 2**128 - 1), 0)
    assert [int(w) for w in ones] == [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd]


@pytest.mark.parametrize('op, inputs, attrs, message', [
    ('RandomUniform', [np.array([-2])], dict(dtype='float32'), 'Dimension -2 must be >= 0'),
    ('RandomUniform', [np.array(3)], dict(dtype='float32'),
     'shape must be a vector of {int32,int64}, got shape []'),
    ('RandomUniformInt', [np.array([2]), np.array(5), np.array(5)], {}, 'Need minval < maxval, got 5 >= 5'),
    ('RandomUniformInt', [np.array([2]), np.array([5, 1]), np.array(5)], {}, 'minval must be 0-D, got shape [2]'),
    ('Multinomial', [np.ones(2), np.array(3)], {}, 'logits should be a matrix, got shape [2]'),
    ('Multinomial', [np.ones((2, 0)), np.array(3)], {}, 'num_classes should be positive, got 0'),
    ('StatelessRandomUniform', [np.array([2]), np.array([1])], dict(dtype='float32'),
     'seed must have shape [2], not [1]'),
    ('ParameterizedTruncatedNormal', [np.array([2])] + [np.array(x) for x in (0., 1., 1., -1.)], {},
     'Invalid parameters'),
    ('ParameterizedTruncatedNormal', [np.array([2]), np.zeros(3)] + [np.array(x) for x in (1., -1., 1.)], {},
     'Input means should have length 1 or shape[0], got shape: [3]'),
    ('LogUniformCandidateSampler', [np.array([[1]])], dict(num_true=1, num_sampled=3, unique=True, range_max=2),
     "Sampler's range is too small."),
])
def test_errors(op, inputs, attrs, message):
    with pytest.raises(InvalidArgumentError) as caught:
        call(op, inputs, attrs, {})
    assert caught.value.message == message
