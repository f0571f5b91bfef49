"""Records what TensorFlow 1.15.5 computes for elementwise ops, as tests/golden/elementwise.npz.

Run with a Python that has TensorFlow 1.15.5. Each case is stored as '<op>|<dtype>|<set>|<output or input k>'.
Values come in two sets: 'plain' numbers, and 'edge' ones (NaN, infinities, signed zeros, extreme integers).
"""
import os

import numpy as np
import tensorflow as tf

FLOATS = ['float32', 'float64']
HALF = ['float16']
INTS = ['int32', 'int64']
SMALL_INTS = ['int8', 'int16', 'uint8']
COMPLEX = ['complex64', 'complex128']
NUMBERS = FLOATS + INTS + COMPLEX

# op -> (names of the inputs, dtypes)
OPS = {}
for _op in 'Exp Log Log1p Expm1 Sqrt Rsqrt Sin Cos Tan Sinh Cosh Asinh Acosh Atanh Tanh Sigmoid'.split():
    OPS[_op] = ['x'], FLOATS + HALF + COMPLEX
for _op in ('Rint Floor Ceil Lgamma Digamma Erf Erfc Asin Acos Atan IsNan IsInf IsFinite '
            'BesselI0e BesselI1e').split():
    OPS[_op] = ['x'], FLOATS + HALF
for _op in 'Square Neg Sign'.split():
    OPS[_op] = ['x'], NUMBERS + HALF
OPS['Reciprocal'] = ['x'], FLOATS + HALF + COMPLEX
OPS['Round'] = OPS['Abs'] = ['x'], FLOATS + HALF + INTS
OPS['Invert'] = OPS['PopulationCount'] = ['x'], INTS + SMALL_INTS
for _op in 'AddV2 Sub Mul Equal NotEqual'.split():
    OPS[_op] = ['x', 'y'], NUMBERS + HALF + SMALL_INTS[::2]
OPS['SquaredDifference'] = ['x', 'y'], NUMBERS
OPS['RealDiv'] = ['x', 'y'], FLOATS + HALF + COMPLEX
OPS['Div'] = ['x', 'y'], NUMBERS + SMALL_INTS
OPS['FloorDiv'] = ['x', 'y'], FLOATS + INTS + SMALL_INTS
OPS['TruncateDiv'] = ['x', 'y'], INTS + SMALL_INTS
OPS['FloorMod'] = OPS['Mod'] = ['x', 'y'], FLOATS + INTS
OPS['TruncateMod'] = ['x', 'y'], INTS
OPS['Maximum'] = OPS['Minimum'] = ['x', 'y'], FLOATS + HALF + INTS
for _op in 'Less LessEqual Greater GreaterEqual'.split():
    OPS[_op] = ['x', 'y'], FLOATS + HALF + INTS + SMALL_INTS
OPS['Pow'] = ['x', 'y'], NUMBERS + HALF
for _op in 'DivNoNan MulNoNan Xlogy Xdivy'.split():
    OPS[_op] = ['x', 'y'], FLOATS + COMPLEX
OPS['Atan2'] = ['y', 'x'], FLOATS
OPS['Igamma'] = OPS['Igammac'] = ['a', 'x'], FLOATS
OPS['Zeta'], OPS['Polygamma'] = (['x', 'q'], FLOATS), (['a', 'x'], FLOATS)
OPS['NextAfter'] = ['x1', 'x2'], FLOATS
for _op in 'BitwiseAnd BitwiseOr BitwiseXor LeftShift RightShift'.split():
    OPS[_op] = ['x', 'y'], INTS + SMALL_INTS
for _op in 'SigmoidGrad TanhGrad SqrtGrad RsqrtGrad ReciprocalGrad'.split():
    OPS[_op] = ['y', 'dy'], FLOATS + COMPLEX
for _op in 'Relu Relu6'.split():
    OPS[_op] = ['features'], FLOATS + HALF + INTS
for _op in 'Elu Selu Softplus Softsign LeakyRelu'.split():
    OPS[_op] = ['features'], FLOATS + HALF
for _op in 'ReluGrad Relu6Grad LeakyReluGrad SoftplusGrad SoftsignGrad'.split():
    OPS[_op] = ['gradients', 'features'], FLOATS
OPS['EluGrad'] = OPS['SeluGrad'] = ['gradients', 'outputs'], FLOATS
OPS['ClipByValue'] = ['t', 'clip_value_min', 'clip_value_max'], FLOATS + INTS
OPS['ApproximateEqual'] = ['x', 'y'], FLOATS
OPS['Betainc'] = ['a', 'b', 'x'], FLOATS
OPS['LogicalAnd'] = OPS['LogicalOr'] = ['x', 'y'], ['bool']
CASTS = FLOATS + HALF + INTS + SMALL_INTS + COMPLEX + ['uint16', 'uint32', 'uint64', 'bool']


def values(op, dtype, kind, position):
    """The input at a position: deterministic, so that a difference can be looked into."""
    random = np.random.RandomState(position + 7 * len(op))
    dtype = np.dtype(dtype)
    n = 64
    if dtype.kind == 'b':
        return random.rand(n) < .5
    if dtype.kind in 'iu':
        low, high = np.iinfo(dtype).min, np.iinfo(dtype).max
        if kind == 'plain':
            a = random.randint(-9 if low else 0, 10, n)
        else:
            a = np.array([low, high, 0, 1, 2, high - 1, low + 1, 7] * 8, dtype)
            random.shuffle(a)
        divides = op.endswith(('Div', 'Mod')) and position == 1
        if divides:
            a = np.where(a == 0, 3, a)
        if divides and kind == 'edge':      # INT_MIN / -1 ends TensorFlow's process.
            a = np.where(a == dtype.type(-1) if low else False, 3, a)
        if op == 'Pow' and position == 1:
            a = np.abs(random.randint(0, 12, n))
        return a.astype(dtype)
    if kind == 'edge':
        a = [np.nan, np.inf, -np.inf, 0., -0., 1., -1., .5, -.5, 1.5, 2.5, -2.5, 3., 6., 7., 100.]
        a = np.array(a * 4)
        random.shuffle(a)
    else:
        a = random.randn(n) * np.array([.01, 1, 1, 5] * 16)
        if op in ('Igamma', 'Igammac', 'Betainc', 'Zeta', 'Polygamma'):
            a = np.abs(a) + (1.2 if op == 'Zeta' and not position else 0)
            if op == 'Polygamma' and not position:
                a = np.floor(a)
            if op == 'Betainc' and position == 2:
                a = a / (1 + a)
        if op == 'Pow' and position == 0 or op == 'Acosh':
            a = np.abs(a)
    if dtype.kind == 'c':
        a = a + 1j * random.randn(n)
    return a.astype(dtype)


def main():
    recorded = {}

    def record(op, dtype, kind, arrays, fn):
        # A graph of its own: an op that no CPU kernel takes would spoil the graph for all others.
        with tf.Graph().as_default(), tf.Session() as session, tf.device('/cpu:0'):
            placeholders = [tf.placeholder(a.dtype, a.shape) for a in arrays]
            output = session.run(fn(*placeholders), dict(zip(placeholders, arrays)))
        for k, a in enumerate(arrays):
            recorded['|'.join([op, dtype, kind, str(k)])] = a
        recorded['|'.join([op, dtype, kind, 'out'])] = output

    for op, (names, dtypes) in sorted(OPS.items()):
        for dtype in dtypes:
            for kind in ('plain',) if np.dtype(dtype).kind in 'cb' else ('plain', 'edge'):
                arrays = [values(op, dtype, kind, k) for k in range(len(names))]
                try:
                    record(op, dtype, kind, arrays, lambda *t: getattr(tf.raw_ops, op)(**dict(zip(names, t))))
                except Exception as e:
                    print('left out:', op, dtype, kind, str(e).splitlines()[0])
    for source in CASTS:
        for target in CASTS:
            for kind in ('plain', 'edge'):
                if kind == 'edge' and np.dtype(source).kind in 'cb':
                    continue
                record('Cast>' + target, source, kind, [values('Cast', source, kind, 0)],
                       lambda x: tf.raw_ops.Cast(x=x, DstT=tf.as_dtype(target)))
    for source in ('complex64', 'complex128'):
        real = tf.float32 if source == 'complex64' else tf.float64
        for op in ('ComplexAbs', 'Angle', 'Real', 'Imag'):
            name = 'x' if op == 'ComplexAbs' else 'input'
            record(op, source, 'plain', [values(op, source, 'plain', 0)],
                   lambda x: getattr(tf.raw_ops, op)(Tout=real, **{name: x}))
        record('Conj', source, 'plain', [values('Conj', source, 'plain', 0)],
               lambda x: tf.raw_ops.Conj(input=x))
    target = os.path.join(os.path.dirname(__file__), os.pardir, 'golden', 'elementwise.npz')
    np.savez_compressed(target, **recorded)
    print(len(recorded), 'arrays', os.path.getsize(target), 'bytes')


if __name__ == '__main__':
    main()
