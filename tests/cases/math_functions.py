"""The functions of elementwise math: default and given names, numbers as arguments, sparse arguments, composites."""
import numpy as np

CALLS = '''
div(x, 2.); div(i, 2); div(z, z); divide(x, 2); divide(2, x); divide(i, 2); divide(i, i, name="q")
truediv(i, 2); truediv(1, 2); floordiv(i, 2); floordiv(2.5, x); realdiv(x, 2); floor_div(x, 2.)
truncatediv(i, 2); truncatemod(i, 2); mod(i, 2); floormod(x, 2); math.mod(x, 2); multiply(x, 2); add(x, 1)
scalar_mul(2, x); scalar_mul(2, i); pow(x, 2); pow(x, 2, name="pp"); round(x); round(i); abs(z); abs(s)
abs(z, name="a"); negative(s); sign(s, name="f"); square(s); sqrt(s); tanh(s); erf(s); square(2)
cast(x, tf.int32); cast(x, "float"); cast(i, "float64", name="cc"); cast(s, tf.int32); cast(3, tf.float32)
cast([1.5, 2], tf.int32); cast(b, float); cast(s, tf.float32); cast(z, tf.float32)
cast(np.ones((2,)), tf.float32); to_float(i); to_double(x); to_int32(x); to_int64(x); to_complex64(x)
to_complex128(x); saturate_cast(x, tf.uint8); saturate_cast(i, tf.uint8); saturate_cast(x, tf.int32)
saturate_cast(d, tf.float32); saturate_cast(i, tf.float16); add_n([x]); add_n([x, x]); add_n([x], name="a")
add_n([1., 2.]); accumulate_n([x, x]); accumulate_n([x], name="q"); accumulate_n([x, x], shape=[2, 3])
accumulate_n([1., 2.]); equal(x, 1); equal(b, True); not_equal(x, 0); less(x, 1); greater(x, 1.)
logical_xor(b, b); logical_xor(b, b, "x1"); logical_not(b); complex(x, x); complex(d, d); complex(1., 2.)
real(z); real(x); imag(z); imag(x); angle(z); angle(i); conj(z); conj(x); conj(2.); sigmoid(2.); nn.sigmoid(x)
math.reciprocal_no_nan(x); math.reciprocal_no_nan(2.); math.divide_no_nan(x, 0); math.divide_no_nan(1., x)
math.multiply_no_nan(x, 0.); math.multiply_no_nan(2., x); math.xlogy(x, 2.); math.xdivy(x, y)
math.nextafter(1., 2.); squared_difference(x, 1); math.maximum(x, 0); minimum(i, 2); is_nan(x); is_inf(x)
is_finite(x); rsqrt(x); reciprocal(x); math.bessel_i0(x); math.bessel_i1(x); math.bessel_i0e(s)
math.polyval([1., x, 2.], x); math.polyval([], x); math.polyval([2.], x); lbeta(y); log_sigmoid(x)
math.log_sigmoid(x, name="ls"); clip_by_value(x, 0, 1); clip_by_value(x, y, y); clip_by_value(slices, 0., 1.)
clip_by_value(x, 0, 1, name="cl"); clip_by_value(i, 0, 2); clip_by_norm(x, 1.); clip_by_norm(x, 1)
clip_by_norm(x, 1., axes=[1], name="k"); clip_by_norm(slices, 1.); clip_by_norm([1., 2.], 1)
clip_by_norm(x, tf.constant(1.), 0); clip_by_average_norm(x, 1.); clip_by_average_norm(x, 1., name="k")
global_norm([x, y, None, slices]); global_norm([x]); clip_by_global_norm([x, None, slices], 5.)[0][0]
clip_by_global_norm([x, y], 5, name="k")[0]; clip_by_global_norm([x, y], 5., use_norm=tf.constant(2.))[0]
clip_by_global_norm([x * np.inf], 1.)[0]; math.bincount(c); bincount(c, minlength=9)
math.bincount(c, maxlength=3); bincount([1, 2]); math.bincount(c, minlength=2, maxlength=5, dtype=tf.int64)
histogram_fixed_width(x, [0., 5.]); histogram_fixed_width(x, [0., 5.], nbins=5, dtype=tf.int64, name="hh")
histogram_fixed_width_bins(x, [0., 5.]); histogram_fixed_width_bins(x, [0., 5.], nbins=5, name="z")
bitwise.bitwise_and(i, i); bitwise.bitwise_or(i, 1); bitwise.bitwise_xor(u, u); bitwise.invert(i)
bitwise.left_shift(i, 2); bitwise.right_shift(i, [[1, 2], [3, 40]]); raw_ops.PopulationCount(x=i)
raw_ops.ApproximateEqual(x=x, y=x); raw_ops.ClipByValue(t=x, clip_value_min=0., clip_value_max=1.)
igamma(1.5, x * x); igammac(1., x * x); zeta(x * x + 2, 2.); polygamma(1., x * x)
betainc(x * 0 + 1, x * 0 + 2, x * 0 + .3); betainc(1., 2., x * 0 + .3); atan2(x, 1.); atan2(1., x); erfc(x)
lgamma(x); digamma(x); ceil(x); floor(x); rint(x); sin(x); cos(x); tan(x); sinh(x); cosh(x); asinh(x); atan(x)
log1p(x * x); expm1(x); tf.math.sin(z); exp(x); log(x * x); sign(z)
'''.replace('\n', ';').split(';')


def build(tf):
    names = dict(
        np=np, tf=tf, x=tf.constant([[1.5, -2., 3.25], [.5, 4., -1.]]), y=tf.constant([.25, .5, 2.]),
        i=tf.constant([[7, -300], [300, 1]]), d=tf.constant([1e300, 2.], tf.float64), b=tf.constant([True, False]),
        z=tf.constant([1 + 2j, 3 - 1j], tf.complex64), u=tf.constant([3, 200], tf.uint8),
        c=tf.constant([[1, 5], [2, 1]]),
        s=tf.SparseTensor([[0, 0], [1, 2]], [4., .25], [2, 3]),
        slices=tf.IndexedSlices(tf.constant([[1., 2., 3.], [-4., 5., 6.]]), tf.constant([1, 3]), tf.constant([5, 3])))
    calls = [c.strip() for c in CALLS]
    return {c: eval(c if c.startswith('tf.') else 'tf.' + c, names) for c in calls if c}


def run(tf, built):
    values = {}
    with tf.Session() as session:
        for call, tensors in built.items():
            for k, tensor in enumerate(tensors if isinstance(tensors, list) else [tensors]):
                values['%s %d' % (call, k)] = session.run(getattr(tensor, 'values', tensor))
    return values
