import numpy as np
import pytest

from graphflow.framework import dtypes
from graphflow.framework.tensor_proto import make_ndarray, make_tensor_proto, to_ndarray

from .golden import differences

# numpy itself words these differently from the numpy that TensorFlow 1.15.5 ran with.
REWORDED = ('dtype=tf.complex64', 'dtype=tf.resource', 'proto({}, dtype=tf.qint8)', 'np.array(["", ""])')


def test_bytes_and_errors():
    assert [case for case in differences('protos')
            if not ('Error: ' in case[1] and 'Error: ' in case[2] and any(part in case[0] for part in REWORDED))] == []


@pytest.mark.parametrize('values', [1, 2.5, True, 'a', [1, 2], [[1.5], [2]], ['a', b'b'], 2**40, [], [1j],
                                    np.arange(6.).reshape(2, 3), np.float16([1, 2])])
@pytest.mark.parametrize('shape', [None, [3, 4]])
def test_array_and_proto_agree(values, shape):
    array = to_ndarray(values, shape=shape)
    from_proto = make_ndarray(make_tensor_proto(values, shape=shape))
    assert array.dtype == from_proto.dtype and array.shape == from_proto.shape
    assert array.tolist() == from_proto.tolist()


def test_constant_does_not_follow_the_array_it_came_from():
    source = np.zeros(3)
    for kwargs in ({}, {'dtype': 'float64'}, {'shape': [3, 1]}):
        constant = to_ndarray(source, **kwargs)
        source += 1
        assert not np.array_equal(constant.ravel(), source)


def test_bfloat16_is_rounded_to_even():
    assert to_ndarray([3.14159, 65519., 1.00390625], dtypes.bfloat16).tolist() == [3.140625, 65536., 1.]


def test_byte_order_is_native():
    assert to_ndarray(np.array([1, 2], '>f4')).tolist() == [1., 2.]


def test_tensor_in_list():
    class Tensor:
        is_tensor_like = True
    with pytest.raises(TypeError, match='List of Tensors when single Tensor expected'):
        to_ndarray([Tensor()])
