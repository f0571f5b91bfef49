"""Deprecation notices: logged once, as TensorFlow words them."""

import logging

import pytest

from graphflow.util import deprecation


@deprecation.deprecated('2016-07-04', 'Use b.')
def old(x):
    """Does it.

    More.
    """
    return x


def test_notice_is_logged_once(caplog):
    with caplog.at_level(logging.WARNING, 'tensorflow'):
        assert [old(1), old(2)] == [1, 2]
    text, = [r.getMessage() for r in caplog.records]
    assert 'test_deprecation.py' in text
    assert text.endswith(f': old (from {__name__}) is deprecated and will be removed after 2016-07-04.\n'
                         'Instructions for updating:\nUse b.')
    assert old.__doc__.startswith('Does it. (deprecated)\n\nWarning: THIS FUNCTION IS DEPRECATED.')


def test_arguments(caplog):
    @deprecation.deprecated_args(None, 'no', 'y', ('z', None))
    def f(x, y=None, z=None):
        return x
    with caplog.at_level(logging.WARNING, 'tensorflow'):
        f(1), f(1, z=None), f(1, 2), f(1, 2)
    assert len(caplog.records) == 1


def test_argument_under_two_names():
    assert deprecation.deprecated_argument_lookup('axis', None, 'dim', 1) == 1
    with pytest.raises(ValueError, match="Cannot specify both 'dim' and 'axis'"):
        deprecation.deprecated_argument_lookup('axis', 2, 'dim', 1)
