"""Element types of tensors: `tf.float32`, `tf.string`, ... and `as_dtype`, which finds one by any of its names.

Each type exists once (a *reference* twin, `float32_ref`, types the output of a variable op), so two types are
equal exactly when they are the same object.
"""

import builtins

import numpy as np

from graphflow.framework.export import export, export_constant

_REF_OFFSET = 100       # enum(float32_ref) = enum(float32) + 100, as in TensorFlow's types.proto
_BY_ENUM = {}
_LIMITS = {np.uint8: (0, 255), np.uint16: (0, 65535), np.uint32: (0, 2**32 - 1), np.uint64: (0, 2**64 - 1),
           np.int8: (0, 127), np.int16: (0, 32767), np.int32: (0, 2**31 - 1), np.int64: (0, 2**63 - 1),
           np.float32: (0, 1), np.float64: (0, 1)}


@export('DType', 'dtypes.DType')
class DType:
    """The type of the elements of a tensor. `DType(1)` looks up the type with that enum value.

    Attributes: `name`, `as_datatype_enum` (its number in types.proto), `base_dtype` (the type without `_ref`),
    `real_dtype` (float32 for complex64), `is_bool`, `is_integer` (not quantized), `is_floating`, `is_complex`,
    `is_quantized`, `is_unsigned`, `is_numpy_compatible`.
    """

    __slots__ = ('name', 'as_datatype_enum', 'base_dtype', 'real_dtype', 'is_bool', 'is_integer', 'is_floating',
                 'is_complex', 'is_quantized', 'is_unsigned', 'is_numpy_compatible', '_numpy_type', '_is_ref_dtype',
                 '_as_ref', '__weakref__')

    def __new__(cls, type_enum):
        type_enum = int(type_enum)
        if type_enum not in _BY_ENUM:
            raise TypeError('type_enum is not a valid types_pb2.DataType: %s' % type_enum)
        return _BY_ENUM[type_enum]

    @property
    def _type_enum(self):
        return self.as_datatype_enum

    @property
    def as_numpy_dtype(self):
        """The numpy type that stores it (`object` for strings). KeyError for resource and variant, which have none."""
        if self._numpy_type is None:
            raise KeyError(self.as_datatype_enum)
        return self._numpy_type

    @property
    def min(self):
        """Smallest finite value of a real type; TypeError for others."""
        return self._extreme('min', 'minimum')

    @property
    def max(self):
        """Largest finite value of a real type; TypeError for others."""
        return self._extreme('max', 'maximum')

    def _extreme(self, which, word):
        if self.base_dtype is bfloat16:
            return np.float32(_BFLOAT16_MAX if which == 'max' else -_BFLOAT16_MAX)
        if self.is_floating:
            return getattr(np.finfo(self._numpy_type), which)
        if self.is_integer:
            return getattr(np.iinfo(self._numpy_type), which)
        raise TypeError('Cannot find %s value of %s.' % (word, self))

    @property
    def limits(self):
        """(low, high) of intensities an image of this type holds: (0, max) for integers, (0, 1) for floats."""
        if self.base_dtype is bfloat16:
            raise KeyError(self.name)
        return _LIMITS[self.as_numpy_dtype]

    @property
    def size(self):
        """Bytes of one element."""
        if self is resource or self is variant:
            return 1
        return 2 if self.base_dtype is bfloat16 else np.dtype(self.as_numpy_dtype).itemsize

    def is_compatible_with(self, other):
        """Whether a value of type `other` (anything `as_dtype` takes) may be used where this type is wanted."""
        other = as_dtype(other)
        return self is other or self is other.base_dtype

    def __eq__(self, other):
        if self is other:
            return True
        if other is None or type(other) is DType:
            return False
        try:
            return self is as_dtype(other)
        except TypeError:
            return False

    def __ne__(self, other):
        return not self == other

    def __hash__(self):
        return self.as_datatype_enum

    def __repr__(self):
        return 'tf.' + self.name

    def __str__(self):
        return "<dtype: '%s'>" % self.name

    def __reduce__(self):
        return as_dtype, (self.name,)


def _define(enum, name, numpy_type, kind):
    """Makes a type and its reference twin. `kind`: b(ool), i(nt), u(nsigned), f(loat), c(omplex), q(uantized) or ''."""
    plain, ref = object.__new__(DType), object.__new__(DType)
    for dtype, number, suffix in ((plain, enum, ''), (ref, enum + _REF_OFFSET, '_ref')):
        dtype.name = name + suffix
        dtype.as_datatype_enum = number
        dtype.base_dtype = plain
        dtype.real_dtype = dtype
        dtype.is_bool = kind == 'b'
        dtype.is_integer = kind in ('i', 'u')
        dtype.is_floating = kind == 'f'
        dtype.is_complex = kind == 'c'
        dtype.is_quantized = kind == 'q'
        dtype.is_unsigned = kind == 'u'
        dtype.is_numpy_compatible = numpy_type is not None
        dtype._numpy_type = numpy_type
        dtype._is_ref_dtype = dtype is ref
        dtype._as_ref = ref
        _BY_ENUM[number] = dtype
    return plain


def _quantized(name, numpy_type):
    return np.dtype([(name, numpy_type)])


float16 = half = _define(19, 'float16', np.float16, 'f')
float32 = _define(1, 'float32', np.float32, 'f')
float64 = double = _define(2, 'float64', np.float64, 'f')
# numpy has no bfloat16: values are held as float32 and rounded to bfloat16 where they are produced.
bfloat16 = _define(14, 'bfloat16', np.float32, 'f')
int8 = _define(6, 'int8', np.int8, 'i')
int16 = _define(5, 'int16', np.int16, 'i')
int32 = _define(3, 'int32', np.int32, 'i')
int64 = _define(9, 'int64', np.int64, 'i')
uint8 = _define(4, 'uint8', np.uint8, 'u')
uint16 = _define(17, 'uint16', np.uint16, 'u')
uint32 = _define(22, 'uint32', np.uint32, 'u')
uint64 = _define(23, 'uint64', np.uint64, 'u')
bool = _define(10, 'bool', builtins.bool, 'b')
complex64 = _define(8, 'complex64', np.complex64, 'c')
complex128 = _define(18, 'complex128', np.complex128, 'c')
string = _define(7, 'string', object, '')
resource = _define(20, 'resource', None, '')
variant = _define(21, 'variant', None, '')
qint8 = _define(11, 'qint8', _quantized('qint8', np.int8), 'q')
quint8 = _define(12, 'quint8', _quantized('quint8', np.uint8), 'q')
qint16 = _define(15, 'qint16', _quantized('qint16', np.int16), 'q')
quint16 = _define(16, 'quint16', _quantized('quint16', np.uint16), 'q')
qint32 = _define(13, 'qint32', _quantized('qint32', np.int32), 'q')

_BFLOAT16_MAX = 3.38953139e+38

for _plain, _real in ((complex64, float32), (complex128, float64)):
    _plain.real_dtype = _plain._as_ref.real_dtype = _real

for _dtype in tuple(_BY_ENUM.values()):
    if _dtype._is_ref_dtype:
        globals()[_dtype.name] = _dtype
    else:
        export_constant(_dtype.name, export_constant('dtypes.' + _dtype.name, _dtype))
half_ref, double_ref = half._as_ref, double._as_ref
for _name, _dtype in (('half', half), ('double', double)):
    export_constant(_name, export_constant('dtypes.' + _name, _dtype))

QUANTIZED_DTYPES = frozenset(dtype for dtype in _BY_ENUM.values() if dtype.is_quantized)
export_constant('QUANTIZED_DTYPES', export_constant('dtypes.QUANTIZED_DTYPES', QUANTIZED_DTYPES))


def _aliases():
    """Everything that names a type: enum numbers, strings, numpy types and dtypes, a few Python types."""
    table = dict(_BY_ENUM)
    for dtype in _BY_ENUM.values():
        table[dtype.name] = dtype
        numpy_type = dtype._numpy_type
        if dtype.is_quantized:
            table[numpy_type] = dtype.base_dtype
        elif numpy_type is not None and dtype.base_dtype is not bfloat16:
            table[np.dtype(numpy_type)] = table[np.dtype(numpy_type).type] = dtype.base_dtype
    for name, dtype in (('half', half), ('float', float32), ('double', double)):
        table[name], table[name + '_ref'] = dtype, dtype._as_ref
    table.update({np.bytes_: string, np.str_: string, np.longlong: int64, np.ulonglong: uint64,
                  float: float32, builtins.bool: bool, object: string})
    return table


_ALIASES = _aliases()


@export('as_dtype', 'dtypes.as_dtype')
def as_dtype(type_value):
    """The `DType` named by a DType, enum number, string ('float32', 'half'), numpy dtype or type, or Python type.

    Raises TypeError when nothing goes by that name. As in TensorFlow 1, `int`, `str` and `complex` do not.
    """
    if type(type_value) is DType:
        return type_value
    dtype = _ALIASES.get(type_value)
    if dtype is None and isinstance(type_value, np.dtype):
        dtype = _ALIASES.get(type_value.type)       # byte order and string length do not matter
    if dtype is None:
        raise TypeError('Cannot convert value %r to a TensorFlow DType.' % (type_value,))
    return dtype
