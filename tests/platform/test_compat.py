"""tf.compat: text and bytes."""

import pathlib

import pytest

import graphflow as tf


def test_text_and_bytes():
    assert tf.compat.as_bytes('a') == tf.compat.as_bytes(b'a') == tf.compat.as_bytes(bytearray(b'a')) == b'a'
    assert tf.compat.as_text(b'a') == tf.compat.as_str('a') == 'a'
    assert tf.compat.as_str_any(3) == '3' and tf.compat.as_str_any(b'x') == 'x'
    assert tf.compat.path_to_str(pathlib.Path('a')) == 'a' and tf.compat.path_to_str(3) == 3
    with pytest.raises(TypeError, match='Expected binary or unicode string, got 3'):
        tf.compat.as_bytes(3)


def test_horizon():
    assert tf.compat.forward_compatible(2019, 1, 1) and not tf.compat.forward_compatible(2021, 7, 1)
    with tf.compat.forward_compatibility_horizon(2022, 1, 1):
        assert tf.compat.forward_compatible(2021, 7, 1)
