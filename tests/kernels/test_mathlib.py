"""Accuracy of the elementary functions, in units in the last place (ulp), and their values at special arguments.

    python test_mathlib.py      # the same on 20 times as many arguments, as a table
"""
import math

import numpy as np
import pytest

from graphflow.kernels import math as _, mathlib, nn_elementwise as __  # noqa: F401 (they register the ops)
from graphflow.kernels.branch_free import branch_free
from graphflow.kernels.elementwise import Expression, Kernel, array_function, interpret, scalar_kernel
from graphflow.kernels.rows import BLOCK

MOST = 2.6                  # ulp that any function may be off
LONG = np.longdouble        # 64 digits where the machine has them
SMOOTH = dict(
    Exp=np.exp, Expm1=np.expm1, Log=np.log, Log1p=np.log1p, Sin=np.sin, Cos=np.cos, Tan=np.tan, Asin=np.arcsin,
    Acos=np.arccos, Atan=np.arctan, Sinh=np.sinh, Cosh=np.cosh, Tanh=np.tanh, Asinh=np.arcsinh, Acosh=np.arccosh,
    Atanh=np.arctanh, Pow=np.power, Atan2=np.arctan2, Sigmoid=lambda x: 1 / (1 + np.exp(-x)),
    Softplus=lambda x: np.log1p(np.exp(-abs(x))) + np.maximum(x, 0), Rsqrt=lambda x: 1 / np.sqrt(x))
has_long = pytest.mark.skipif(np.finfo(LONG).nmant < 63, reason='needs extended precision')


def arguments(dtype, count, seed=0):
    """All exponents with random digits; the neighbourhoods of 0 and 1; the range where functions bend."""
    random = np.random.RandomState(seed)
    bits = np.frombuffer(random.bytes(count * np.dtype(dtype).itemsize), dtype)
    spreads = [random.randn(count // 4) * s for s in (0.1, 1, 3, 10, 30, 100, 700)]
    with np.errstate(all='ignore'):
        return np.concatenate([bits, 1 + random.randn(count // 4) * 0.1, random.uniform(-1, 1, count // 2), *spreads,
                               np.arange(-300., 300.) / 4]).astype(dtype)


def operands(op, dtype, count):
    x = arguments(dtype, count)
    if op in ('Log', 'Pow'):    # for which subnormal numbers are zeros
        x = x[~(abs(x) < np.finfo(dtype).tiny)]
    if op not in ('Pow', 'Atan2'):
        return [x]
    y = np.random.RandomState(1).permutation(arguments(dtype, count, 2))[:len(x)]
    if op == 'Pow':     # half of the results within the range of the dtype
        half = len(x) // 2
        x[:half] = abs(x[:half])
        limit = -np.log(LONG(np.finfo(dtype).smallest_subnormal))
        with np.errstate(all='ignore'):
            y[:half] = limit * np.random.RandomState(3).uniform(-1, 1, half) / np.log(x[:half].astype(LONG))
    return [x, y]


def errors(got, exact):
    """The distance from the exact values, in ulp; a wrong special value is infinitely off."""
    dtype = got.dtype
    rounded = exact.astype(dtype)
    finite = np.isfinite(rounded) & np.isfinite(got)
    ulp = np.spacing(abs(np.where(finite, rounded, 1))).astype(LONG)
    distance = abs(np.where(finite, got, 0) - np.where(finite, exact, 0)) / ulp
    same = (got == rounded) | (np.isnan(got) & np.isnan(rounded))
    return np.where(finite, distance, np.where(same, 0, np.inf))


def largest_error(op, dtype, count):
    """(ulp, where)"""
    x = operands(op, dtype, count)
    with np.errstate(all='ignore'):
        if op in ('Erf', 'Erfc'):
            function = getattr(math, op.lower())
            x = [x[0][:: max(1, len(x[0]) // 50000)]]
            exact = np.array([function(v) for v in x[0].tolist()]).astype(LONG)
        else:
            exact = SMOOTH[op](*[a.astype(LONG) for a in x])
        if op == 'Sigmoid':     # both as in TensorFlow, which has no subnormal numbers besides
            exact = np.where(x[0] < (-18 if dtype == np.float32 else -709), 0, exact)
            x[0][(x[0] > -746) & (x[0] < -709)] = 0
            exact[x[0] == 0] = 0.5
        off = errors(array_function(op)(*x), exact)
    worst = np.argmax(off)
    return float(off[worst]), [a[worst] for a in x]


@has_long
@pytest.mark.parametrize('dtype', [np.float32, np.float64])
@pytest.mark.parametrize('op', [*SMOOTH, 'Erf', 'Erfc'])
def test_accuracy(op, dtype):
    ulp, where = largest_error(op, dtype, 40000)
    # The reference for the error function in float64 is itself only as good as the C library.
    assert ulp <= (4 if op in ('Erf', 'Erfc') else MOST), where


inf, nan = np.inf, np.nan
SPECIAL = dict(
    Exp=[(0, 1), (-0.0, 1), (inf, inf), (-inf, 0), (nan, nan), (1e5, inf), (-1e5, 0)],
    Expm1=[(0, 0), (-0.0, -0.0), (inf, inf), (-inf, -1), (nan, nan), (1e5, inf), (-1e5, -1), (1e-40, 1e-40)],
    Log=[(0, -inf), (-0.0, -inf), (1, 0), (inf, inf), (-1, nan), (-inf, nan), (nan, nan)],
    Log1p=[(0, 0), (-0.0, -0.0), (-1, -inf), (-2, nan), (inf, inf), (-inf, nan), (nan, nan), (-1e-40, -1e-40)],
    Sin=[(0, 0), (-0.0, -0.0), (inf, nan), (-inf, nan), (nan, nan), (1e-40, 1e-40)],
    Cos=[(0, 1), (-0.0, 1), (inf, nan), (nan, nan)],
    Tan=[(0, 0), (-0.0, -0.0), (-inf, nan), (nan, nan)],
    Asin=[(0, 0), (-0.0, -0.0), (1, np.pi / 2), (-1, -np.pi / 2), (1.5, nan), (inf, nan), (nan, nan)],
    Acos=[(1, 0), (-1, np.pi), (0, np.pi / 2), (-1.5, nan), (-inf, nan), (nan, nan)],
    Atan=[(0, 0), (-0.0, -0.0), (inf, np.pi / 2), (-inf, -np.pi / 2), (nan, nan)],
    Sinh=[(0, 0), (-0.0, -0.0), (inf, inf), (-inf, -inf), (nan, nan), (1e30, inf)],
    Cosh=[(0, 1), (inf, inf), (-inf, inf), (nan, nan), (-1e30, inf)],
    Tanh=[(0, 0), (-0.0, -0.0), (inf, 1), (-inf, -1), (nan, nan), (30, 1), (-30, -1)],
    Asinh=[(0, 0), (-0.0, -0.0), (inf, inf), (-inf, -inf), (nan, nan)],
    Acosh=[(1, 0), (0.5, nan), (-3, nan), (inf, inf), (-inf, nan), (nan, nan)],
    Atanh=[(0, 0), (-0.0, -0.0), (1, inf), (-1, -inf), (2, nan), (-inf, nan), (nan, nan)],
    Sigmoid=[(0, 0.5), (inf, 1), (-inf, 0), (nan, nan), (1000, 1), (-1000, 0)],
    Softplus=[(0, math.log(2)), (inf, inf), (-inf, 0), (nan, nan), (1000, 1000), (-1000, 0)],
    Elu=[(-inf, -1), (inf, inf), (nan, nan), (0, 0)],
    Erf=[(0, 0), (-0.0, -0.0), (inf, 1), (-inf, -1), (nan, nan), (10, 1), (-10, -1)],
    Erfc=[(0, 1), (inf, 0), (-inf, 2), (nan, nan), (30, 0), (-10, 2)])


@pytest.mark.parametrize('dtype', [np.float32, np.float64])
@pytest.mark.parametrize('op', SPECIAL)
def test_special_values(op, dtype):
    x, expected = np.array(SPECIAL[op]).T.astype(dtype)
    for compute in (array_function(op), lambda x: interpret(op, x)):
        with np.errstate(all='ignore'):
            got = compute(x)
        np.testing.assert_array_equal(got, expected)
        np.testing.assert_array_equal(np.signbit(got[got == 0]), np.signbit(expected[expected == 0]))


@pytest.mark.parametrize('dtype', [np.float32, np.float64])
@pytest.mark.parametrize('op', ['Pow', 'Atan2'])
def test_special_pairs(op, dtype):
    """IEEE 754's table, which the C library keeps to."""
    values = [0., -0., 1., -1., 2., -2., 3., -3., .5, -.5, inf, -inf, nan, 1e10, -1e10, 2.**24 + 1, 1e30,
              np.finfo(dtype).tiny, -2.5]
    x, y = (a.ravel().astype(dtype) for a in np.meshgrid(values, values))
    function = dict(Pow=math.pow, Atan2=math.atan2)[op]

    def by_libm(a, b):
        try:
            return function(a, b)
        except ValueError:      # Python's way of saying NaN, or a pole
            return nan if a else math.copysign(inf, a if b == np.rint(b) and b % 2 else 1)
        except OverflowError:
            return math.copysign(inf, a if b % 2 else 1)
    with np.errstate(all='ignore'):
        expected = np.array([by_libm(a, b) for a, b in zip(x.tolist(), y.tolist())]).astype(dtype)
        got = array_function(op)(x, y)
    np.testing.assert_allclose(got, expected, rtol=4 * np.finfo(dtype).eps)
    np.testing.assert_array_equal(np.signbit(got[got == 0]), np.signbit(expected[got == 0]))


@pytest.mark.parametrize('dtype,digits', [(np.float32, 24), (np.float64, 53)])
def test_powers_that_are_floats_are_exact(dtype, digits):
    cases = [(b, e, b**e) for b in range(-60, 200) for e in range(digits) if abs(b**e) < 2**digits]
    cases += [(b * b, 0.5, b) for b in range(2000)]
    x, y, expected = np.array(cases, dtype).T
    np.testing.assert_array_equal(array_function('Pow')(x, y), expected)
    squares = array_function('Pow')(x, np.array(2, dtype))
    np.testing.assert_array_equal(squares, x * x)


@pytest.mark.parametrize('op,ufunc', [('Sin', np.sin), ('Cos', np.cos), ('Tan', np.tan)])
def test_blocks_with_huge_arguments(op, ufunc):
    for dtype in (np.float32, np.float64):
        x = np.linspace(-9, 9, 4 * BLOCK + 100).astype(dtype)
        x[[3, BLOCK + 5, -1]] = 1e30, -3e25, 1e9
        np.testing.assert_allclose(array_function(op)(x), ufunc(x.astype(np.float64)),
                                   rtol=1e-6 if dtype == np.float32 else 1e-15, atol=1e-15)
    fused = Kernel(Expression(1, (('Square', (0,), None), (op, (1,), None), ('Neg', (2,), None)), (3,)))
    x = np.full(3 * BLOCK, 0.5)
    x[BLOCK] = 1e20
    np.testing.assert_allclose(fused(x)[0], -ufunc(x * x), rtol=1e-14)


def test_kernels_may_write_over_their_input():
    x = np.linspace(-5, 5, 1001, dtype=np.float32)
    expected = array_function('Exp')(x)
    plans = scalar_kernel('Exp').plans
    run, words = plans[x.shape, x.dtype][:2]
    assert not run(words, x, x, 0, x.size)
    np.testing.assert_array_equal(x, expected)


def test_functions_of_numbers():
    """Scalar functions are Python functions, too."""
    assert mathlib.exp(np.float32(1)) == np.float32(math.e) and type(mathlib.exp(np.float32(1))) is np.float32
    assert mathlib.exp(1.0) == math.e and abs(mathlib.sin(1.0) - math.sin(1)) < 1e-15

    @branch_free
    def ratio(x, y):
        return x / (y + 1)
    assert ratio(np.float32(3), np.float32(1)) == 1.5


if __name__ == '__main__':
    print('%-10s %10s %10s' % ('ulp', 'float32', 'float64'))
    for name in [*SMOOTH, 'Erf', 'Erfc']:
        print('%-10s %10.2f %10.2f' % (name, *[largest_error(name, d, 800000)[0] for d in (np.float32, np.float64)]))
