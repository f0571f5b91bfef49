"""Expressions of reductions and linear algebra whose outcome when run, value or error, is recorded from TensorFlow
1.15.5 and compared with graphflow's (runs on both Pythons).

In the expressions `W` makes a tensor of a value that is not known while building, of float32 by default.
"""
import numpy as np

INF, NAN = np.inf, np.nan
LISTS = [[NAN, 1, 2], [1, NAN, 2], [1, 2, NAN], [NAN] * 3, [1., NAN, 3, 4, 5, 6, 7, 8, 9], [5, 4, 3, 2, 1, 0, -1, -2, NAN, 3],
         [3] * 17 + [NAN], [-INF, -INF], [INF, 1, -INF], [-0.0, 0.0], [2, 7, 7, 1, 1]]


def reductions():
    for f in ('sum', 'mean', 'max', 'min', 'prod', 'all', 'any', 'math.reduce_euclidean_norm'):
        name = f if '.' in f else 'reduce_' + f
        for dtype in (['bool'] if f in ('all', 'any') else ['float32', 'float64', 'int32', 'int64', 'float16']):
            for shape, axis in (((0,), 0), ((2, 0), 1), ((0, 2), 0), ((0, 2), 1), ((2, 3), [])):
                yield f'tf.{name}(W(np.zeros({shape}), np.{dtype if dtype != "bool" else "bool_"}), {axis})'
    for values in LISTS:
        values = str(values).replace('nan', 'NAN').replace('inf', 'INF')
        for f in ('reduce_max', 'reduce_min', 'argmax', 'argmin', 'reduce_logsumexp'):
            for dtype in ('float32', 'float64', 'float16'):
                if f != 'reduce_logsumexp' or dtype != 'float16':
                    yield f'tf.{f}(W({values}, np.{dtype}), 0)'
            yield f'tf.{f}(W(np.stack([{values}] * 2, 1)), 0)'
    yield from ('tf.reduce_sum(W([2 ** 30] * 3, np.int32))', 'tf.reduce_sum(W([100] * 3, np.int8))',
                'tf.reduce_mean(W([100] * 3, np.int8))', 'tf.reduce_mean(W([-1, -2, -2], np.int32))',
                'tf.reduce_mean(W([2 ** 30] * 3, np.int32))', 'tf.reduce_prod(W([100] * 3, np.uint8))',
                'tf.reduce_mean(W([100] * 5000, np.float16))', 'tf.math.reduce_euclidean_norm(W([3, 4, 1], np.int64))',
                'tf.math.reduce_euclidean_norm(W([1e30, 1e30]))', 'tf.math.reduce_euclidean_norm(W([30, 40], np.uint8))',
                'tf.math.reduce_euclidean_norm(W([-3., 4.]), [])', 'tf.reduce_sum(W(np.ones((2, 3))), W(5, np.int32))',
                'tf.reduce_sum(W(np.ones((2, 3))), W([-5], np.int32))', 'tf.reduce_sum(W(np.ones((2, 3))), [0, 0])',
                'tf.reduce_sum(W(np.ones((2, 3))), W([[0, 1]], np.int32))', 'tf.reduce_sum(W(3.), [])',
                'tf.argmax(W(np.zeros((0,))), W(0, np.int32))', 'tf.argmax(W(np.zeros((0, 2))), W(0, np.int32))',
                'tf.argmax(W(np.zeros((2, 0))), W(0, np.int32))', 'tf.argmax(W(np.zeros((2, 2))), W(3, np.int32))',
                'tf.argmax(W([1, 2], np.uint8), 0, output_type=tf.int32)',
                'tf.reduce_sum(W(np.arange(3000000) % 1000 / 7.))', 'tf.reduce_mean(W(np.arange(600000).reshape(3, -1)), 1)',
                'tf.reduce_sum(W(np.arange(30000).reshape(-1, 3) % 101 / 3.), 0)',
                'tf.reduce_max(W(np.arange(600000) * 7919 % 1000003))',
                'tf.reduce_min(W(np.arange(600000).reshape(2, -1, 3) * 7919 % 1000003), 1)',
                'tf.reduce_sum(W(np.arange(240).reshape(2, 3, 4, 10)), [0, 2])',
                'tf.reduce_sum(W(np.arange(48000).reshape(20, 30, 40, 2)), [0, 2])',
                'tf.argmax(W(np.arange(60000).reshape(20, 30, 100) * 7919 % 10007), 1)')


def products():
    ones = 'W(np.ones({}))'.format
    shapes = [((1, 2), (3, 4)), ((3,), (3, 4)), ((3, 4), (4,)), ((0, 2), (2, 3)), ((2, 0), (0, 3))]
    for a, b in shapes:
        yield f'raw("MatMul", {ones(a)}, {ones(b)})'
        yield f'raw("SparseMatMul", {ones(a)}, {ones(b)})'
    yield f'raw("MatMul", {ones((2, 1))}, {ones((3, 4))}, transpose_a=True)'
    batches = [((2, 1, 2), (2, 3, 4)), ((2, 1, 2), (3, 2, 4)), ((2,), (2, 2)), ((2, 1, 2), (2, 1)), ((0, 1, 2), (0, 2, 1)),
               ((1, 2, 0), (1, 0, 1)), ((2, 1, 2), (2, 3)), ((1, 2), (3, 2, 4)), ((2, 1, 2, 2), (3, 2, 4)), ((2, 2), (3, 4))]
    for a, b in batches:
        yield f'raw("BatchMatMul", {ones(a)}, {ones(b)})'
        yield f'raw("BatchMatMulV2", {ones(a)}, {ones(b)})'
    yield 'tf.matmul(W([[2 ** 31 - 1, 1]], np.int32), W([[2], [3]], np.int32))'
    yield 'tf.matmul(W([[1 + 2j, 3]], np.complex64), W([[1j, 2]], np.complex64), adjoint_b=True)'
    yield 'tf.matmul(W([[1.5, 3]], np.float16), W([[1.], [2]], np.float16))'


def segments():
    data, ids = 'W([[1, 2], [3, 4], [5, 6]])', 'W({}, np.int32)'.format
    for name in ('sum', 'mean', 'max', 'min', 'prod'):
        for given in ([1, 1, 3], [1, 0, 3], [-1, 0, 3], [1, 0], [[1, 0, 1]]):
            yield f'tf.segment_{name}({data}, {ids(given)})'
        yield f'tf.segment_{name}(W(np.zeros((0, 2))), {ids([])})'
        yield f'tf.segment_{name}({ids([3, 4, 6])}, {ids([0, 0, 2])})'
        for values in ('[NAN, 4, 6]', '[4, NAN, 6]'):
            yield f'tf.segment_{name}(W({values}), {ids([0, 0, 2])})'
    for name in ('sum', 'max', 'min', 'prod'):
        for given, count in (([3, 0, 0], 5), ([-1, 0, 0], 2), ([2, 0, 0], 2), ([[0, 1], [0, 1], [1, 0]], 2), ([0, 1], 2),
                             ([0, 1, 1], -1), ([0, 1, 1], [1])):
            yield f'tf.unsorted_segment_{name}({data}, {ids(given)}, {ids(count)})'
        yield f'tf.unsorted_segment_{name}({ids([1, 2, 3])}, {ids([0, 1, 1])}, 3)'
        yield f'tf.unsorted_segment_{name}(W([NAN, 4, 4, NAN]), {ids([0, 0, 1, 1])}, 3)'
    for name in ('sum', 'mean', 'sqrt_n'):
        for rows, given, count in (([0, 2, 1], [0, 0, 2], None), ([0, 2, 1], [0, 0, 2], 5), ([0, 2, 1], [0, 0, 2], 2),
                                   ([0, 3, 1], [0, 0, 2], None), ([0, 2, 1], [0, 2, 0], None),
                                   ([0, 2, 1], [-1, 2, 3], None), ([], [], None), ([], [], 2), ([1], [1, 2], None),
                                   ([0, 1], [1, 3], None)):
            last = '' if count is None else f', num_segments={ids(count)}'
            yield f'tf.sparse_segment_{name}({data}, {ids(rows)}, {ids(given)}{last})'
    for name in ('Mean', 'SqrtN'):
        for rows, given in (([0, 2, 1], [0, 0, 2]), ([0, 4, 1], [0, 0, 2]), ([0, 1, 1], [0, 0, 3])):
            yield f'raw("SparseSegment{name}Grad", {data}, {ids(rows)}, {ids(given)}, {ids(4)})'
    yield from (f'tf.cumsum({data}, {ids(3)})', f'tf.cumsum({data}, {ids([0])})', f'tf.cumsum(W(1.), {ids(0)})',
                'tf.cumsum(W(np.zeros((0, 2))), 0)', 'tf.cumsum(W([100] * 3, np.int8))', 'tf.cumprod(W([1, 2], np.float16))',
                'tf.cross(W([1, 2, 3]), W([2, 3, 5]))', 'tf.cross(W([1, 2]), W([2, 3]))')


def matrices():
    singular, zeros = 'W([[1, 2], [2, 4]])', 'W(np.zeros({}))'.format
    for name in ('inv', 'det', 'slogdet', 'cholesky'):
        for shape in ((0, 0), (0, 2, 2)):
            yield f'tf.linalg.{name}({zeros(shape)})'
    for name in ('inv', 'det', 'slogdet'):
        yield f'tf.linalg.{name}({singular})'
    yield from ('tf.linalg.cholesky(W([[1, 2], [2, 1]]))', 'tf.linalg.cholesky(W([[4, 99], [2, 5]]))',
                'tf.linalg.slogdet(W([[0, 1], [1, 0]]))', f'tf.linalg.lu({zeros((2, 2))})', 'tf.linalg.lu(W([[1, 2], [3, 4]]))',
                'tf.linalg.eigvalsh(W([[2, 77], [1, 3]]))',
                'tf.linalg.sqrtm(W([[1, 2], [3, 4]]))', 'tf.linalg.sqrtm(W([[2, 1], [1, 3]]))',
                'tf.linalg.logm(W([[2, 1], [1, 3]], np.complex64))', 'tf.linalg.inv(W([[2, 1], [1, 3]], np.float64))')
    for name in ('solve', 'triangular_solve'):
        # TensorFlow may crash, instead of raising errors, where the shapes do not fit.
        for a, b in (('W(np.eye(2))', zeros((2, 0))), ('W([[0, 0], [1, 1]])', 'W([[1], [2]])'),
                     ('W([[2, 9], [1, 1]])', 'W([[1], [2]])')):
            yield f'tf.linalg.{name}({a}, {b})'
    yield from ('tf.signal.fft(W([1, 2, 3], np.complex64))', 'tf.signal.fft(W(1, np.complex64))',
                'tf.signal.fft(W(np.zeros((2, 0)), np.complex64))', 'tf.signal.rfft(W([1, 2, 3, 4]), [5])',
                'tf.signal.rfft(W([1, 2, 3, 4]), [3])', 'tf.signal.irfft(W([1, 2, 3], np.complex64), [7])',
                'raw("RFFT", W([1, 2]), W([3], np.int32))')


def expressions():
    return [*reductions(), *products(), *segments(), *matrices()]


def outcome(tf, raw, expression):
    """What the expression gives: a list of [dtype, value], or [name of the error, its message]."""
    def W(value, dtype=np.float32):
        return tf.placeholder_with_default(np.asarray(value, dtype), None)
    scope = dict(tf=tf, np=np, W=W, raw=raw, INF=INF, NAN=NAN)
    try:
        with tf.Graph().as_default(), tf.Session() as session:
            values = session.run(eval(expression, scope))
    except Exception as error:
        return [type(error).__name__, str(error).split('\n')[0].partition(' [[')[0].strip()]
    values = list(values) if isinstance(values, tuple) else [values]
    return [[v.dtype.name, _plain(v)] for v in map(np.asarray, values)]


def _plain(v):
    return [v.real.tolist(), v.imag.tolist()] if v.dtype.kind == 'c' else v.tolist()
