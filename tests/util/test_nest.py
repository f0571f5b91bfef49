"""tf.nest takes structures apart and puts them together in TensorFlow's order, with its messages."""

import collections

import hypothesis
from hypothesis import strategies as st
import pytest

import graphflow as tf
from graphflow.util import nest

Point = collections.namedtuple('Point', 'x y')
structures = st.recursive(st.integers(), lambda inner: st.one_of(
    st.lists(inner), st.lists(inner).map(tuple), st.dictionaries(st.text('abc'), inner), st.builds(Point, inner, inner)))


@hypothesis.given(structures)
def test_pack_undoes_flatten(structure):
    assert nest.pack_sequence_as(structure, nest.flatten(structure)) == structure
    assert len(list(nest.yield_flat_paths(structure))) == len(nest.flatten(structure))


@hypothesis.given(structures)
def test_map_keeps_the_structure(structure):
    nest.assert_same_structure(structure, nest.map_structure(str, structure))


def test_flatten():
    assert tf.nest.flatten({'b': 1, 'a': [2, (3,)]}) == [2, 3, 1]
    assert tf.nest.flatten('abc') == ['abc']
    assert tf.nest.flatten({1, 2}) == [{1, 2}]


@pytest.mark.parametrize('call, error, message', [
    (lambda: nest.pack_sequence_as([1, (2, 3)], [1, 2]), ValueError,
     'Could not pack sequence. Structure had 3 elements, but flat_sequence had 2 elements.  Structure: [1, (2, 3)], '
     'flat_sequence: [1, 2].'),
    (lambda: nest.map_structure(lambda x: x), ValueError, 'Must provide at least one structure'),
    (lambda: nest.flatten_up_to([1, 1], [1, 2, 3]), ValueError,
     "The two structures don't have the same sequence length. Input structure has length 3, while shallow structure "
     'has length 2.'),
    (lambda: nest.assert_same_structure([1, 2], [1, (2,)]), ValueError,
     "The two structures don't have the same nested structure.\n\nFirst structure: type=list str=[1, 2]\n\n"
     'Second structure: type=list str=[1, (2,)]\n\nMore specifically: Substructure "type=tuple str=(2,)" is a '
     'sequence, while substructure "type=int str=2" is not\nEntire first structure:\n[., .]\n'
     'Entire second structure:\n[., (.,)]'),
])
def test_messages(call, error, message):
    with pytest.raises(error) as e:
        call()
    assert str(e.value) == message


def test_paths():
    assert nest.flatten_with_joined_string_paths({'b': [1, 2], 'a': Point(1, 2)}) == [
        ('a/x', 1), ('a/y', 2), ('b/0', 1), ('b/1', 2)]
    assert nest.get_traverse_shallow_structure(lambda s: isinstance(s, list), [1, (2, 3), [4]]) == [
        False, False, [False]]
