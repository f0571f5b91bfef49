import copy
import pickle

import numpy as np

from graphflow.framework import dtypes

from .golden import differences


def test_properties():
    assert differences('types') == []


def test_names():
    assert differences('type_names') == []


def test_interned():
    assert dtypes.DType(1) is dtypes.float32 is dtypes.as_dtype(np.dtype('float32'))
    assert pickle.loads(pickle.dumps(dtypes.int32)) is copy.deepcopy(dtypes.int32) is dtypes.int32


def test_bfloat16_is_held_as_float32():
    assert dtypes.bfloat16.as_numpy_dtype is np.float32
    assert dtypes.as_dtype(np.float32) is dtypes.float32
    assert dtypes.bfloat16.size == 2 and dtypes.bfloat16.max == np.float32(3.38953139e+38)
