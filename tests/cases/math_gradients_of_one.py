"""First and second gradients of ops of one operand, and of the gradient ops themselves."""
import numpy as np

OPS = ('Neg Abs Sign Square Sqrt Rsqrt Exp Log Reciprocal Inv Sigmoid Tanh Expm1 Log1p Floor Ceil Rint Round '
       'ComplexAbs Sin Cos Tan Asin Acos Atan Sinh Cosh Asinh Acosh Atanh Erf Erfc Lgamma Digamma BesselI0e BesselI1e '
       'Real Imag Angle Conj').split()
REAL = set('Abs Floor Ceil Rint Erf Erfc Lgamma Digamma BesselI0e BesselI1e'.split())
COMPLEX = set('ComplexAbs Real Imag Angle Conj'.split())
ABOVE_ONE = ('Acosh',)
GRADIENTS = 'SigmoidGrad TanhGrad SqrtGrad RsqrtGrad InvGrad ReciprocalGrad'.split()


def build(tf):
    built = []
    for name in OPS:
        op = getattr(tf.raw_ops, name)
        for dtype in (tf.float32, tf.float64, tf.complex64):
            if dtype.is_complex and name in REAL or not dtype.is_complex and name in COMPLEX:
                continue
            for shape in ([2, 3], [None, 3]):
                with tf.name_scope(name):
                    x = tf.placeholder(dtype, shape)
                    y = op(**{'input' if name in ('Real', 'Imag', 'Angle', 'Conj') else 'x': x})
                    first, = tf.gradients(y, x, grad_ys=tf.ones_like(y))
                    if first is None:
                        built.append((name, x, [y]))
                        continue
                    second, = tf.gradients(first, x, grad_ys=tf.ones_like(first))
                    built.append((name, x, [y, first] + ([] if second is None else [second])))
    for name in GRADIENTS:
        for dtype in (tf.float32, tf.complex64):
            with tf.name_scope(name):
                x = tf.placeholder(dtype, [2, 3])
                y = getattr(tf.raw_ops, name)(y=x, dy=tf.ones_like(x) * 2)
                first, = tf.gradients(y, x, grad_ys=tf.ones_like(y))
                built.append((name, x, [y, first]))
    return built


def run(tf, built):
    random, values = np.random.RandomState(0), {}
    with tf.Session() as session:
        for i, (name, x, outputs) in enumerate(built):
            if name in ('Round', 'Asin', 'Acos', 'Atan') and x.dtype.is_complex:
                continue        # no kernel
            value = random.uniform(.1, .9, [2, 3]) + (1 if name in ABOVE_ONE else 0)
            if x.dtype.is_complex:
                value = value + 1j * random.uniform(.1, .9, [2, 3])
            for k, output in enumerate(session.run(outputs, {x: value.astype(x.dtype.as_numpy_dtype)})):
                values['%s_%d_%d' % (name, i, k)] = output
    return values
