"""Records what TensorFlow 1.15.5's random ops return: run under its Python, writes tests/golden/random.npz.

Every case runs one node three times in a session. The file describes itself, case by case (`i` counts them):
    i/spec      JSON: the op's name, its attrs, how many inputs and outputs
    i/in{k}     the inputs
    i/out{k}/{run}   the outputs, at full length where short, else every `stride`-th element
"""
import json
import os

import numpy as np

os.environ['TF_OVERRIDE_GLOBAL_THREADPOOL'] = '1'  # else all sessions have the first one's number of threads
import tensorflow as tf  # noqa: E402

RUNS = 3
SHORT = 4000
f, d, h, i32, i64 = np.float32, np.float64, np.float16, np.int32, np.int64


def shape(*dims):
    return np.array(dims, i32)


def cases():
    """Yields (op, inputs by name, attrs)."""
    seeds = dict(seed=87654321, seed2=42)
    for op in 'RandomUniform', 'RandomStandardNormal', 'TruncatedNormal':
        for dtype in 'half', 'float32', 'float64':
            for dims in (7,), (3, 5), (1000003,):
                yield op, dict(shape=shape(*dims)), dict(seeds, dtype=dtype)
        yield op, dict(shape=shape(4, 4)), dict(dtype='float32', seed=2**62 + 12345, seed2=-7)
        yield op, dict(shape=shape()), dict(dtype='float32', seed=0, seed2=5)
        yield op, dict(shape=shape(0, 3)), dict(dtype='float32', seed=0, seed2=5)
    for t, low, high in (i32, 0, 10), (i32, -2**31, 2**31 - 1), (i32, -5, 1000000), (i64, 0, 10), (i64, -2**63, 2**63 - 1), \
            (i64, 3, 2**40):
        for dims in (7,), (3, 5), (600001,):
            yield 'RandomUniformInt', dict(shape=shape(*dims), minval=t(low), maxval=t(high)), seeds
    for dims in (10,), (1,), (0,), (7, 3), (5, 2, 2), (100001,), (3001, 40), (4, 0):
        value = np.arange(np.prod(dims), dtype=f).reshape(dims)
        yield 'RandomShuffle', dict(value=value), seeds
    yield 'RandomShuffle', dict(value=f(3)), seeds

    rng = np.random.RandomState(3)
    for t in f, d, h:
        for rows, classes, samples in (1, 5, 7), (3, 4, 6), (4, 1, 3), (2, 100, 50):
            yield 'Multinomial', dict(logits=(rng.randn(rows, classes) * 2).astype(t), num_samples=i32(samples)), seeds
    yield 'Multinomial', dict(logits=rng.randn(2, 3).astype(f), num_samples=i32(5)), dict(seeds, output_dtype='int32')
    yield 'Multinomial', dict(logits=np.array([[1, 2, np.nan], [np.inf, 1, 2], [0, -np.inf, 0]], f),
                              num_samples=i32(6)), seeds
    yield 'Multinomial', dict(logits=rng.randint(-3, 4, [30, 50]).astype(f), num_samples=i32(30)), seeds
    yield 'Multinomial', dict(logits=rng.randn(128, 10).astype(f), num_samples=i32(1)), seeds

    for t in f, d, h:
        yield 'RandomGamma', dict(shape=shape(5), alpha=np.array([.1, .5, 1, 1.5, 30], t)), seeds
        yield 'RandomGamma', dict(shape=shape(2, 3), alpha=np.array([[.7], [4]], t)), seeds
    yield 'RandomGamma', dict(shape=shape(50001), alpha=np.array([.3, 2], f)), seeds
    for t in f, d, h:
        rate = np.array([0, .5, 3, 9.9, 10, 55, 400], t)
        for out in 'half', 'float32', 'float64', 'int32', 'int64':
            yield 'RandomPoissonV2', dict(shape=shape(2, 3), rate=rate), dict(seeds, dtype=out)
    yield 'RandomPoissonV2', dict(shape=shape(4), rate=np.array([2, 30], i32)), dict(seeds, dtype='int64')
    yield 'RandomPoissonV2', dict(shape=shape(50001), rate=np.array([4, 40], f)), dict(seeds, dtype='float32')

    for seed in np.array([1, 2], i32), np.array([-1, 2**40], i64), np.array([0, 0], i64), np.array([-3, 7], i32):
        for op in 'StatelessRandomUniform', 'StatelessRandomNormal', 'StatelessTruncatedNormal':
            for dtype in 'half', 'float32', 'float64':
                yield op, dict(shape=shape(3, 5), seed=seed), dict(dtype=dtype)
        for t, low, high in (i32, -5, 1000000), (i64, 3, 2**40):
            yield 'StatelessRandomUniformInt', dict(shape=shape(3, 5), seed=seed, minval=t(low), maxval=t(high)), {}
        yield 'StatelessMultinomial', dict(logits=rng.randn(3, 4).astype(f), num_samples=i32(7), seed=seed), {}

    for t in f, d, h:
        for mean, dev, low, high in (0, 1, -1, 1), (0, 1, -2, 2), (0, 1, -.1, .1), (0, 1, 2, np.inf), (5, 2, -np.inf, 1), \
                (0, 1, 3, 3.2), (1, .5, -np.inf, 2), (0, 1, 0, 5), (0, 1, -8, -4), (0, 1, -1, 6):
            for dims in (7,), (3, 50):
                yield 'ParameterizedTruncatedNormal', dict(
                    shape=shape(*dims), means=t(mean), stdevs=t(dev), minvals=t(low), maxvals=t(high)), seeds
        yield 'ParameterizedTruncatedNormal', dict(
            shape=shape(3, 7), means=np.array([0, 1, -4], t), stdevs=t(1), minvals=np.array([-1, -1, -1], t),
            maxvals=np.array([1, 3, 1], t)), seeds

    true = np.array([[1, 2], [0, 9], [5, 5]], i64)
    for op in ('UniformCandidateSampler', 'LogUniformCandidateSampler', 'LearnedUnigramCandidateSampler',
               'ThreadUnsafeUnigramCandidateSampler'):
        for unique in False, True:
            for sampled, top in (4, 10), (10, 10), (8, 16), (50, 1000):
                yield op, dict(true_classes=true), dict(
                    seeds, num_true=2, num_sampled=sampled, unique=unique, range_max=top)
        yield op, dict(true_classes=true), dict(seeds, num_true=2, num_sampled=6, unique=False, range_max=2**40)\
            if op < 'Le' or op.startswith('Log') or op.startswith('Uni') else dict(
                seeds, num_true=2, num_sampled=6, unique=False, range_max=200)
    unigrams = [float(x) for x in range(1, 11)]
    for unique in False, True:
        for more in {}, dict(distortion=.5), dict(num_reserved_ids=2), dict(num_shards=2, shard=1):
            top = 10 // more.get('num_shards', 1) + more.get('num_reserved_ids', 0)
            yield 'FixedUnigramCandidateSampler', dict(true_classes=true % top), dict(
                seeds, num_true=2, num_sampled=4, unique=unique, range_max=top, unigrams=unigrams, **more)
        yield 'AllCandidateSampler', dict(true_classes=true), dict(seeds, num_true=2, num_sampled=10, unique=unique)
    alpha = np.array([.01, .1, .5, .9, 1, 1.5, 2, 5, 10, 50, 200, 1000])
    sample = np.array([[1e-9], [.001], [.1], [.5], [.9], [1], [1.1], [2], [5]]) * alpha
    for t in f, d:
        yield 'RandomGammaGrad', dict(alpha=alpha.astype(t), sample=sample.astype(t)), {}
        yield 'RandomGammaGrad', dict(
            alpha=np.array([0, -1, 1, np.nan, 1, 1], t), sample=np.array([1, 1, 0, 1, -1, np.nan], t)), {}
    yield 'ComputeAccidentalHits', dict(
        true_classes=true, sampled_candidates=np.array([5, 1, 7, 5, 0], i64)), dict(num_true=2)


def main():
    stored, session = {}, tf.compat.v1.Session()
    # TensorFlow's Multinomial gives other numbers for other numbers of threads.
    one_thread = tf.compat.v1.Session(config=tf.compat.v1.ConfigProto(intra_op_parallelism_threads=1))
    number = 0
    for op, inputs, attrs in cases():
        feeds = {name: tf.compat.v1.placeholder(value.dtype, value.shape) for name, value in inputs.items()}
        constant = {'num_samples'}
        given = {name: inputs[name] if name in constant else feeds[name] for name in inputs}
        typed = {name: getattr(tf, v) if name in ('dtype', 'output_dtype') else v for name, v in attrs.items()}
        out = getattr(tf.raw_ops, op)(**given, **typed)
        outputs = list(out) if isinstance(out, tuple) else [out]
        feed = {feeds[name]: inputs[name] for name in inputs if name not in constant}
        names, strides = list(inputs), []
        for k, name in enumerate(names):
            stored['%d/in%d' % (number, k)] = np.asarray(inputs[name])
        try:
            for run in range(RUNS):
                for k, value in enumerate((one_thread if op == 'Multinomial' else session).run(outputs, feed)):
                    value = np.asarray(value)
                    stride = 1 if value.size <= SHORT else value.size // 1000 | 1
                    strides.append(stride)
                    stored['%d/out%d/%d' % (number, k, run)] = value if stride == 1 else value.ravel()[::stride]
                    if stride > 1:
                        stored['%d/shape%d' % (number, k)] = np.array(value.shape)
        except tf.errors.OpError as error:
            print(op, attrs, error.message[:200])
            raise
        stored['%d/spec' % number] = np.array(json.dumps(dict(
            op=op, attrs=attrs, inputs=len(inputs), outputs=len(outputs), stride=strides[:len(outputs)])))
        number += 1
    target = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'golden', 'random.npz')
    os.makedirs(os.path.dirname(target), exist_ok=True)
    np.savez_compressed(target, **stored)
    print(number, 'cases', os.path.getsize(target), 'bytes')


if __name__ == '__main__':
    main()
