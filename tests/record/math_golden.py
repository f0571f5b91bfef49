"""Records what TensorFlow 1.15.5 makes of elementwise math: run under its Python, writes tests/golden/math.json.

The file maps each call to [dtype, static shape, value or null] or to [error class, message].
"""
import json
import os

import numpy as np

DTYPES = ('float16 float32 float64 bfloat16 int8 int16 int32 int64 uint8 uint16 uint32 uint64 bool string complex64 '
          'complex128').split()
UNARY = ('abs negative sign square sqrt rsqrt reciprocal exp expm1 log log1p sigmoid tanh sin cos tan asin acos atan '
         'sinh cosh asinh acosh atanh erf erfc lgamma digamma floor ceil rint round is_nan is_inf is_finite '
         'logical_not real imag '
         'angle conj math.bessel_i0e bitwise.invert').split()
BINARY = ('add subtract multiply div truediv floordiv realdiv truncatediv floormod truncatemod pow maximum minimum '
          'squared_difference equal not_equal less greater_equal logical_and complex atan2 math.xlogy '
          'math.divide_no_nan igamma math.nextafter bitwise.bitwise_and').split()
OPERATORS = '+ - * / // % ** < >= & ^'.split()
CALLS = '''
tf.add(p(2, 3), p(2)); tf.equal(p(2, 3), p(2)); tf.add(p(2, None, 3), p(5, 1)); tf.add(p(None), p(3))
tf.add(p(None), p(1)); tf.add(u(), p(3)); tf.div(2, p(2)); tf.div(p(2), i(2)); tf.truediv(p(2), 2)
tf.truediv(p(2), i(2)); tf.truediv(i(2), 2.5); tf.multiply(2, p(2)); tf.add(1, p(2)); tf.scalar_mul(p(3), p(2))
tf.scalar_mul(i(), p(2)); tf.scalar_mul(2, u()); tf.pow(2, p(2)); tf.pow(p(2), i(2)); tf.sqrt(4); tf.exp(1)
tf.cast(p(2), int); tf.cast(p(2), None); tf.cast(None, tf.int32); tf.cast(p(2), 'foo'); tf.cast(u(), tf.int32)
tf.cast(3, tf.float64); tf.cast([1.7, -1.7], tf.int32); tf.cast(2, tf.bool); tf.add_n([])
tf.add_n([p(2, 3), p(3)]); tf.add_n([p(2), i(2)]); tf.add_n(3); tf.add_n([p(2, None), p(None, 4), u()])
tf.add_n([p(2, 3), p(2, 4), p(2, 3)]); tf.accumulate_n([]); tf.accumulate_n([p(2, 3), p(3)])
tf.accumulate_n([p(2), i(2)]); tf.accumulate_n([p(2)] * 2, shape=[3])
tf.accumulate_n([p(2)] * 2, tensor_dtype=tf.int32); tf.accumulate_n([u(), p(2)]); tf.accumulate_n(3)
tf.complex(p(2), i(2)); tf.complex(1, 2); tf.conj('a'); tf.conj(True); tf.logical_or(p(2), p(2))
tf.clip_by_value(p(3), p(2, 3), p(2, 3)); tf.clip_by_value(i(2), 0., 1.); tf.clip_by_norm(i(2), 1)
tf.global_norm(p(2)); tf.clip_by_global_norm(p(2), 1.); tf.math.polyval([], p(2)); tf.lbeta(p())
tf.betainc(p(2), u(), 1.); tf.betainc(p(2), p(None), u()); tf.betainc(1., 1., u())
tf.betainc(p(2, 3), p(3), p(2, 3)); tf.betainc(1., 1., 1.)
r.HistogramFixedWidth(values=[1.], value_range=[0., 5., 6.], nbins=3)
tf.histogram_fixed_width(p(2), [0., 5.], nbins=i())
r.HistogramFixedWidth(values=[1.], value_range=[0., 5.], nbins=-3); tf.histogram_fixed_width([1.], [[0., 5.]])
r.Bincount(arr=[1], size=[1], weights=[1]); r.Bincount(arr=[1], size=-1, weights=[1]); tf.bincount(p(2))
r.SigmoidGrad(y=p(2, 3), dy=p(3)); r.ApproximateEqual(x=p(2, 3), y=p(3)); r.ApproximateEqual(x=u(), y=p(3))
r.Equal(x=p(2, 3), y=p(2), incompatible_shape_error=False)
r.Equal(x=p(2, None), y=p(3), incompatible_shape_error=False); tf.saturate_cast([300., -5.], tf.uint8)
tf.saturate_cast([2.**40], tf.int32); tf.divide(3, 2) + tf.constant(0.); p(2) * None; p(2) + 'a'; p(2) - i(2)
i(2) * 2.; 3.0 - i(2); [[1., 2.]] * i(2); p(2, 3) + np.ones(4); -b(2); ~p(2); b(2) & 1; p(2) @ p(2)
p(2, 3) @ p(2, 3); p(2, 3) @ p(3, 4); abs(b(2)); 2 ** p(2); p(2) / i(2); i(2) / 2.; b(2) / b(2)
'''.replace('\n', ';').split(';')


def calls():
    """All calls, as text."""
    for dtype in DTYPES:
        value = {'string': "['a', 'b']", 'bool': '[True, False]'}.get(dtype, '[1, 2]')
        x = 'c(%s, "%s")' % (value, dtype)
        for name in UNARY:
            yield 'tf.%s(%s)' % (name, x)
        for name in BINARY:
            yield 'tf.%s(%s, %s)' % (name, x, x)
        for operator in OPERATORS:
            yield '%s %s %s' % (x, operator, x)
    for source in DTYPES:
        for target in DTYPES:
            if 'string' not in (source, target):
                yield 'tf.cast(tf.cast([0, 1, 3, 100], "%s"), "%s")' % (source, target)
    for call in CALLS:
        if call.strip():
            yield call.strip()


def outcome(tf, call, run=True):
    """What becomes of a call, in a graph of its own."""
    with tf.Graph().as_default() as graph:
        def placeholder(dtype):
            return lambda *shape: tf.placeholder(dtype, list(shape))
        names = dict(tf=tf, np=np, r=tf.raw_ops, p=placeholder(tf.float32), i=placeholder(tf.int32),
                     b=placeholder(tf.bool), u=lambda: tf.placeholder(tf.float32),
                     c=lambda value, dtype: tf.constant(value, dtype))
        try:
            tensor = eval(call, names)
        except Exception as error:
            return [type(error).__name__, str(error)]
        value = None
        if run and not any(op.type == 'Placeholder' for op in graph.get_operations()) and 'bfloat16' not in call:
            try:
                with tf.Session() as session:
                    value = session.run(tensor)
            except (tf.errors.InvalidArgumentError, tf.errors.UnimplementedError, tf.errors.NotFoundError):
                value = None        # TensorFlow has no kernel for some of the types it allows
            else:
                value = plain(value)
        return [tensor.dtype.name, str(tensor.shape), value]


def plain(value):
    value = np.asarray(value)
    if value.dtype.kind == 'c':
        return [[float(v.real), float(v.imag)] for v in value.ravel()]
    if value.dtype.kind == 'O':
        return [v.decode() for v in value.ravel()]
    return [float(v) if value.dtype.kind == 'f' else v for v in value.ravel().tolist()]


if __name__ == '__main__':
    os.environ['TF_CPP_MIN_LOG_LEVEL'] = '3'
    import tensorflow
    tensorflow.logging.set_verbosity(tensorflow.logging.ERROR)
    golden = {call: outcome(tensorflow, call) for call in calls()}
    with open(os.path.join(os.path.dirname(__file__), os.pardir, 'golden', 'math.json'), 'w') as file:
        json.dump(golden, file, indent=0)
        file.write('\n')
