import pytest

from graphflow.framework import tensor_shape
from graphflow.framework.tensor_shape import Dimension, TensorShape

from .golden import differences


def test_dimensions():
    assert differences('dimensions') == []


def test_shapes():
    assert differences('shapes') == []


def test_proto_round_trip():
    assert TensorShape(TensorShape(None).as_proto()).ndims is None
    assert TensorShape(TensorShape([2, None]).as_proto()).as_list() == [2, None]


def test_unknown_sizes_equal_only_themselves():
    shape = TensorShape([None, 3])
    assert shape == shape and shape == TensorShape(shape)
    assert shape != TensorShape([None, 3])


def test_helpers():
    assert tensor_shape.dimension_value(Dimension(3)) == 3
    assert tensor_shape.dimension_value(None) is None
    assert tensor_shape.dimension_at_index(TensorShape(None), 1).value is None
    assert tensor_shape.matrix(None, 3).as_list() == [None, 3]
    with pytest.raises(TypeError, match='Unknown argument'):
        tensor_shape.unknown_shape(size=3)
