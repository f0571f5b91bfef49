"""Gradients of ops of two operands: equal shapes, broadcasting, unknown shapes, numbers, complex."""
import numpy as np

SHAPES = [([2, 3], [2, 3]), ([2, 3], [3]), ([None, 3], [None, 3]), ([None, 3], [3]), ([2, 3], []), ([], [None]),
          (None, None), ([2, 1], [1, 3]), ([], [])]
REAL = ('FloorMod', 'Maximum', 'Minimum')
FULL = {(): (), (None,): (4,), None: (2, 3)}


def functions(tf):
    raw = tf.raw_ops
    return [('Add', lambda x, y: raw.Add(x=x, y=y)), ('AddV2', lambda x, y: raw.AddV2(x=x, y=y)), ('Sub', tf.subtract),
            ('Mul', tf.multiply), ('Div', lambda x, y: raw.Div(x=x, y=y)), ('RealDiv', tf.realdiv),
            ('FloorDiv', tf.floordiv), ('FloorMod', tf.floormod), ('TruncateDiv', tf.truncatediv), ('Pow', tf.pow),
            ('Maximum', tf.maximum), ('Minimum', tf.minimum), ('SquaredDifference', tf.math.squared_difference),
            ('DivNoNan', tf.math.divide_no_nan), ('MulNoNan', tf.math.multiply_no_nan), ('Xlogy', tf.math.xlogy),
            ('Xdivy', tf.math.xdivy)]


def operands(tf, dtype, shapes):
    return [tf.placeholder(dtype, shape) for shape in shapes]


def build(tf):
    built = []
    for name, f in functions(tf):
        cases = [(s, tf.float32) for s in SHAPES] + [([[2, 3], [2, 3]], tf.float64), ([[2, 3], [2, 3]], tf.float16)]
        if name not in REAL:
            cases += [([[2, 3], [3]], tf.complex64), ([[None, 3], [None]], tf.complex64)]
        for shapes, dtype in cases:
            with tf.name_scope(name):
                x, y = operands(tf, dtype, shapes)
                z = f(x, y)
                dz = tf.placeholder(dtype, z.shape)
                built.append((z, x, y, dz, tf.gradients(z, [x, y], grad_ys=[dz])))
                if name in ('Add', 'Mul', 'Sub', 'Pow'):
                    tf.gradients(z, [x, y], grad_ys=[tf.placeholder(dtype)])
        with tf.name_scope(name):
            x, y = operands(tf, tf.float32, ([2, 3], [None, 3]))
            tf.gradients(f(x, 2.), x), tf.gradients(f(2., x), x), tf.gradients(f(y, 2.), y), tf.gradients(f(x, x), x)
    return built


def run(tf, built):
    random, values = np.random.RandomState(0), {}

    def some(tensor):
        shape = [2 if d is None else d for d in tensor.shape.as_list()] if tensor.shape.ndims is not None else [2, 3]
        if shape == [2] and tensor.dtype.is_complex:
            shape = [3]
        value = random.uniform(.5, 3, shape)
        if tensor.dtype.is_complex:
            value = value + 1j * random.uniform(.5, 3, shape)
        return value.astype(tensor.dtype.as_numpy_dtype)
    with tf.Session() as session:
        for i, (z, x, y, dz, gradients) in enumerate(built):
            if z.dtype == tf.float16 or z.dtype.is_complex and z.op.type in ('FloorDiv', 'TruncateDiv'):
                continue
            feed = {x: some(x), y: some(y)}
            values['%d' % i] = feed[dz] = session.run(z, feed)
            for k, gradient in enumerate(gradients):
                if gradient is not None:
                    values['%d_%d' % (i, k)] = session.run(gradient, feed)
    return values
