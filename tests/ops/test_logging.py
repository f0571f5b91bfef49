"""What Print, tf.print and Assert write and raise."""
import sys

import numpy as np
import pytest

import graphflow as tf


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default(), tf.Session():
        yield


def run(t, feeds=None):
    return tf.get_default_session().run(t, feeds)


X = np.arange(12.).reshape(3, 4).astype(np.float32)


@pytest.mark.parametrize('data, options, text', [
    ([1.5], {}, '[1.5]'),
    ([X, 1.5], {'message': 'hey: '}, 'hey: [[0 1 2...]...][1.5]'),
    ([X], {'summarize': 5}, '[[0 1 2 3][4...]...]'),
    ([X], {'summarize': -1}, '[[0 1 2 3][4 5 6 7][8 9 10 11]]'),
    (['abc', [b'x', b'yy'], [True, False]], {}, '[abc][x yy][1 0]'),
    ([b'\x00\xff\n\t"q"'], {}, r'[\000\377\n\t\"q\"]'),
    ([np.float32([.1, 1 / 3, 123456789, 1e6, np.nan, -np.inf])], {'summarize': 9},
     '[0.1 0.333333343 123456792 1e+06 nan -inf]'),
    ([np.float64([.1, 1 / 3, 1e10])], {}, '[0.1 0.33333333333333331 10000000000]'),
    ([np.zeros([0]), np.zeros([2, 2, 2])], {}, '[][[[0 0][0...]]...]'),
])
def test_print(capsys, data, options, text):
    assert run(tf.Print(2., [tf.constant(d) for d in data], **options)) == 2
    assert capsys.readouterr().err.splitlines()[-1] == text


def test_first_n(capsys):
    t = tf.Print(1., ['shown'], first_n=2)
    for _ in range(4):
        run(t)
    assert capsys.readouterr().err.count('[shown]') == 2


def test_print_v2(capsys, tmp_path):
    x = tf.constant(X)
    run(tf.print('a', {'b': x[0], 'a': [x[0, 1], 2]}, sep='|', end='!'))
    assert capsys.readouterr().err == "a|{'a': [1, 2], 'b': [0 1 2 3]}!"
    run(tf.print(tf.range(10), output_stream=sys.stdout))
    assert capsys.readouterr().out == '[0 1 2 ... 7 8 9]\n'
    run(tf.print(x, tf.constant(['a']), output_stream=f'file://{tmp_path}/f'))
    assert (tmp_path / 'f').read_text() == '[[0 1 2 3]\n [4 5 6 7]\n [8 9 10 11]] ["a"]\n'
    with pytest.raises(ValueError, match='Unknown output stream'):
        tf.print(1, output_stream='nowhere')
    with pytest.raises(ValueError, match='Unrecognized keyword arguments'):
        tf.print(1, nothing=2)


def test_assert():
    holds, x = tf.placeholder(tf.bool, []), tf.constant(X)
    check = tf.Assert(holds, ['x', x, 1.5])
    run(check, {holds: True})
    with pytest.raises(tf.errors.InvalidArgumentError) as error:
        run(check, {holds: False})
    assert error.value.message.startswith('assertion failed: [x] [[0 1 2...]...] [1.5]')


def test_format_wants_as_many_inputs():
    with pytest.raises(ValueError, match=r'2 placeholder\(s\) in template does not match 1 tensor'):
        tf.strings.format('{} {}', [tf.constant(1)])


def test_check_numerics_ops():
    x = tf.placeholder(tf.float32, [])
    tf.log(x)
    check = tf.add_check_numerics_ops()
    run(check, {x: 1.})
    with pytest.raises(tf.errors.InvalidArgumentError, match='Log:0'):
        run(check, {x: -1.})
