"""Elementwise kernels: values against TensorFlow's and numpy's, every layout of operands."""
import os

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from graphflow.framework import errors
from graphflow.kernels import math, nn_elementwise  # noqa: F401 (they register the ops)
from graphflow.kernels.elementwise import Expression, Kernel, array_function, interpret

GOLDEN = np.load(os.path.join(os.path.dirname(__file__), os.pardir, 'golden', 'elementwise.npz'))
CASES = {}
for _key in GOLDEN.files:
    _op, _dtype, _kind, _part = _key.split('|')
    CASES.setdefault((_op, _dtype), {}).setdefault(_kind, {})[_part] = _key
ATTRS = dict(alpha=0.2, tolerance=1e-5)
TOLERANCE = {'float16': 1e-2, 'float32': 2e-6, 'complex64': 4e-6, 'float64': 1e-12, 'complex128': 1e-12}
# TensorFlow evaluates these with coarser approximations than correctly rounded arithmetic.
COARSE = {
    'Sigmoid': 1e-5, 'Tanh': 1e-5, 'Elu': 1e-6, 'Selu': 2e-6, 'Softplus': 1e-5, 'Igamma': 3e-5,
    'Igammac': 1e-4, 'Betainc': 2e-5, 'Zeta': 1e-5, 'Polygamma': 2e-5, 'Digamma': 3e-4, 'Lgamma': 1e-5,
    'Pow': 1e-5, 'Tan': 1e-5, 'Atanh': 1e-5, 'Asinh': 1e-5, 'Erfc': 1e-5, 'Acosh': 1e-5}


# Edge values where TensorFlow's answer depends on the position in a vector register, on overflow in its C++,
# or on how its series happen to treat infinity.
NO_EDGES = {'Sqrt', 'Rsqrt', 'FloorDiv', 'Igamma', 'Igammac', 'Zeta', 'Polygamma', 'Betainc'}


def f(op):
    return array_function(op, **ATTRS)


def golden(op, dtype):
    for kind, parts in sorted(CASES[op, dtype].items()):
        if kind == 'edge' and op in NO_EDGES:
            continue
        yield kind, [GOLDEN[parts[str(k)]] for k in range(len(parts) - 1)], GOLDEN[parts['out']]


@pytest.mark.parametrize('op,dtype', sorted(CASES))
def test_golden(op, dtype):
    name, _, target = op.partition('>')
    for kind, arrays, expected in golden(op, dtype):
        for compute in (array_function, interpret):
            if compute is array_function:
                got = array_function(name, out_dtype=target or None, **ATTRS)(*arrays)
            else:
                got = interpret(name, *arrays, out_dtype=target or None, **ATTRS)
            assert got.dtype == expected.dtype
            if expected.dtype.kind in 'fc':
                tolerance = max(TOLERANCE[expected.dtype.name], TOLERANCE.get(dtype, 0))
                if expected.dtype.itemsize // (2 if expected.dtype.kind == 'c' else 1) < 8:
                    tolerance = max(tolerance, COARSE.get(name, 0))
                floor = tolerance * 0.1
                np.testing.assert_allclose(got, expected, rtol=tolerance, atol=floor, err_msg=kind)
            else:
                np.testing.assert_array_equal(got, expected, err_msg=kind)


# Layouts.

def operand(random, shape, dtype=np.float32):
    return np.asarray(random.rand(*shape) * 100, dtype)


shapes = st.lists(st.integers(0, 5), max_size=5)


@settings(max_examples=150, deadline=None)
@given(shapes, st.data())
def test_broadcast(shape, data):
    random = np.random.RandomState(0)
    arrays = []
    for _ in range(2):
        smaller = [d if data.draw(st.booleans()) else 1 for d in shape]
        arrays.append(operand(random, smaller[data.draw(st.integers(0, len(smaller))):]))
    got = array_function('Sub')(*arrays)
    np.testing.assert_array_equal(got, np.subtract(*arrays))
    if got.size <= 64:
        np.testing.assert_array_equal(interpret('Sub', *arrays), np.subtract(*arrays))


@pytest.mark.parametrize('other', [
    (), (1,), (96,), (1, 96), (40, 1), (3, 1, 1), (3, 40, 1), (3, 1, 96), (1, 40, 1), (7, 1, 40, 1),
    (2, 1, 3, 1, 96), (2, 1, 3, 1, 1)])
def test_broadcast_of_many_elements(other):
    random = np.random.RandomState(0)
    x, y = operand(random, (3, 40, 96)), operand(random, other)
    np.testing.assert_array_equal(array_function('Sub')(x, y), x - y)
    np.testing.assert_array_equal(array_function('Sub')(y, x), y - x)
    np.testing.assert_array_equal(array_function('Less')(y, x), y < x)


def test_ranges_on_several_threads():
    random = np.random.RandomState(0)
    x, y = operand(random, (700, 1000)), operand(random, (1000,))
    np.testing.assert_array_equal(array_function('Sub')(x, y), x - y)
    np.testing.assert_array_equal(array_function('Sub')(x.T, y[:700]), x.T - y[:700])


class Subclass(np.ndarray):
    pass


@pytest.mark.parametrize('layout', [
    lambda a: a.T, lambda a: a[::2, ::-1], lambda a: np.broadcast_to(a[0], a.shape),
    lambda a: a.astype('>f4'), lambda a: a.view(Subclass), lambda a: np.asfortranarray(a), lambda a: a[1, 2],
    lambda a: np.frombuffer(b'x' + a.tobytes(), np.float32, a.size, 1)])
def test_layout(layout):
    a = layout(operand(np.random.RandomState(0), (6, 8)))
    got = array_function('Sub')(a, a + 1)
    np.testing.assert_array_equal(got, a - (a + 1))
    assert type(got) is np.ndarray and got.dtype == np.float32
    np.testing.assert_array_equal(array_function('Square')(a), a * a)


def test_incompatible_shapes():
    x = np.zeros((2, 3), np.float32)
    with pytest.raises(errors.InvalidArgumentError) as e:
        array_function('Add')(x, x[:, 0])
    assert e.value.message == 'Incompatible shapes: [2,3] vs. [2]'
    with pytest.raises(errors.InvalidArgumentError) as e:
        array_function('SelectV2')(x[:, 0] > 0, x, x)
    assert e.value.message == 'condition [2], then [2,3], and else [2,3] must be broadcastable'
    with pytest.raises(errors.InvalidArgumentError):
        array_function('ReluGrad')(x, x[0])


@pytest.mark.parametrize('compute', [lambda op, *a: array_function(op)(*a), interpret])
def test_rejected_values(compute):
    one, zero = np.array([1, 2]), np.array([1, 0])
    for op in 'FloorDiv', 'FloorMod', 'Mod', 'Div':
        with pytest.raises(errors.InvalidArgumentError, match='^Integer division by zero$'):
            compute(op, one, zero)
        assert compute(op, one[:0], zero[1:]).shape == (0,)
    with pytest.raises(errors.InternalError, match='Unexpected error in binary operator'):
        compute('TruncateDiv', one, zero)
    with pytest.raises(errors.InvalidArgumentError, match='Integers to negative integer powers'):
        compute('Pow', one, zero - 1)


@pytest.mark.parametrize('dtype', ['int8', 'int16', 'int32', 'int64'])
def test_division_of_the_least_integer(dtype):
    least, minus_one = np.array([np.iinfo(dtype).min], dtype), np.array([-1], dtype)
    for op in 'FloorDiv', 'Div', 'TruncateDiv':
        assert f(op)(least, minus_one) == least
    for op in 'FloorMod', 'TruncateMod':
        assert f(op)(least, minus_one) == 0


def test_select():
    t = np.arange(6.).reshape(3, 2)
    select = f('Select')
    np.testing.assert_array_equal(select(np.array([True, False, True]), t, -t), [[0, 1], [-2, -3], [4, 5]])
    np.testing.assert_array_equal(select(np.array(False), t, -t), -t)
    np.testing.assert_array_equal(select(t > 2, t, -t), np.where(t > 2, t, -t))
    words = np.array([b'a', b'b', b'c'], object)
    np.testing.assert_array_equal(select(t[:, 0] > 2, words, words[::-1]), [b'c', b'b', b'c'])
    with pytest.raises(errors.InvalidArgumentError) as e:
        select(np.array([True, False]), t, -t)
    assert e.value.message == "Number of batches of 'then' must match size of 'cond', but saw: 3 vs. 2"


def test_strings():
    a, b = np.array([b'a', b'b'], object), np.array(b'a', object)
    assert f('Equal')(a, b).tolist() == [True, False] and f('NotEqual')(a, b).tolist() == [False, True]
    assert f('Add')(a, b).tolist() == [b'aa', b'ba'] and interpret('Add', a, b).tolist() == [b'aa', b'ba']


def test_add_n():
    x = np.arange(12, dtype=np.float32).reshape(3, 4)
    for n in (1, 2, 3, 8, 20):
        np.testing.assert_array_equal(math.add_n([x] * n), x * n)


def test_expression():
    """relu(a * b + c) and its condition in one loop, with the product rounded to its own dtype."""
    fused = Kernel(Expression(3, (('Mul', (0, 1), None), ('Add', (3, 2), None), ('Relu', (4,), None),
                                  ('Less', (2, 5), None)), (5, 6)))
    random = np.random.RandomState(0)
    a, b, c = random.randn(50, 30).astype('f'), random.randn(30).astype('f'), random.randn(50, 1).astype('f')
    out, condition = fused(a, b, c)
    np.testing.assert_array_equal(out, np.maximum(a * b + c, 0))
    np.testing.assert_array_equal(condition, c < out)
