"""Inner names of python.framework.dtypes."""
import numpy as np

from graphflow.framework import dtypes

_TYPES = [dtypes.as_dtype(i) for i in range(1, 24)]
_INTERN_TABLE = {t.as_datatype_enum: t for t in _TYPES + [t._as_ref for t in _TYPES]}
_TYPE_TO_STRING = {number: t.name for number, t in _INTERN_TABLE.items()}
_STRING_TO_TF = {t.name: t for t in _INTERN_TABLE.values()}
_TF_TO_NP = {number: t.as_numpy_dtype for number, t in _INTERN_TABLE.items() if t.is_numpy_compatible}
# Backwards, since bfloat16 shows itself to numpy as a float32 too.
_NP_TO_TF = {t.as_numpy_dtype: t for t in reversed(_TYPES)
             if t.is_numpy_compatible and isinstance(t.as_numpy_dtype, type)}
_NP_TO_TF[np.object_] = dtypes.as_dtype('string')
