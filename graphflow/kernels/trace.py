"""Tracing: a scalar function, run once on symbols, writes down its own machine code.

Each operation on a `Traced` value emits one LLVM instruction and returns the symbol of its result. Python's own
control flow (loops over coefficients, questions about dtypes, calls) happens while tracing and leaves nothing
behind. What depends on a number's value cannot: `bool()` of a traced value raises `Untraceable`, and so does
any operation not known here; such functions are compiled by numba instead.
"""
import operator

import numpy as np
from llvmlite import ir


class Untraceable(TypeError):
    """The function does something that has no branch-free machine code."""


_builder = None     # where instructions go; set by `traced`, which holds the lock of compilation

BIT = ir.IntType(1)


class Traced:
    """A number that is known when the code runs. Subclasses, one a dtype, are made by `symbol_type`.

    Called with a Python number a subclass makes a constant, with a traced value it converts.
    """
    dtype = None    # numpy's
    type = None     # LLVM's
    # (No __slots__, no cache: a trace lives for a millisecond.)

    def __init__(self, value):
        if isinstance(value, Traced):
            value = value.astype(self.dtype).value
        elif not isinstance(value, ir.Value):
            value = ir.Constant(self.type, self.dtype.type(value).item())
        self.value = value

    @property
    def is_float(self):
        return self.dtype.kind == 'f'

    def _like(self, other):
        """`other`, a constant or a traced value, in this dtype."""
        if isinstance(other, Traced) and other.dtype != self.dtype:
            raise Untraceable('%s and %s' % (self.dtype, other.dtype))
        return other if isinstance(other, Traced) else type(self)(other)

    def _arithmetic(self, other, float_name, signed_name, unsigned_name=None):
        other = self._like(other)
        kind = self.dtype.kind
        name = {'f': float_name, 'i': signed_name, 'u': unsigned_name or signed_name}.get(kind)
        if name is None:
            raise Untraceable('%s of %s' % (float_name, self.dtype))
        return type(self)(getattr(_builder, name)(self.value, other.value))

    def __add__(self, other):
        return self._arithmetic(other, 'fadd', 'add')

    def __sub__(self, other):
        return self._arithmetic(other, 'fsub', 'sub')

    def __mul__(self, other):
        return self._arithmetic(other, 'fmul', 'mul')

    def __truediv__(self, other):
        return self._arithmetic(other, 'fdiv', None)

    def __lshift__(self, other):
        return self._arithmetic(other, None, 'shl')

    def __rshift__(self, other):
        return self._arithmetic(other, None, 'ashr', 'lshr')

    def __radd__(self, other):
        return self._like(other) + self

    def __rsub__(self, other):
        return self._like(other) - self

    def __rmul__(self, other):
        return self._like(other) * self

    def __rtruediv__(self, other):
        return self._like(other) / self

    def _bits(self, other, name):
        if self.is_float:
            raise Untraceable(name)
        return type(self)(getattr(_builder, name)(self.value, self._like(other).value))

    def __and__(self, other):
        return self._bits(other, 'and_')

    def __or__(self, other):
        return self._bits(other, 'or_')

    def __xor__(self, other):
        return self._bits(other, 'xor')

    def __invert__(self):
        return self._bits(-1 if self.dtype.kind == 'i' else ~self.dtype.type(0), 'xor')

    def __neg__(self):
        if self.is_float:
            return type(self)(_builder.fneg(self.value))
        return type(self)(0) - self

    def __abs__(self):
        if self.is_float:
            return self._intrinsic('llvm.fabs')
        return np.where(self < 0, -self, self) if self.dtype.kind == 'i' else self

    def _compare(self, other, sign):
        other = self._like(other)
        if self.is_float:
            compare = _builder.fcmp_unordered if sign == '!=' else _builder.fcmp_ordered
        else:
            compare = _builder.icmp_signed if self.dtype.kind == 'i' else _builder.icmp_unsigned
        return symbol_type(np.bool_)(compare(sign, self.value, other.value))

    def __eq__(self, other):
        return self._compare(other, '==')

    def __ne__(self, other):
        return self._compare(other, '!=')

    def __lt__(self, other):
        return self._compare(other, '<')

    def __le__(self, other):
        return self._compare(other, '<=')

    def __gt__(self, other):
        return self._compare(other, '>')

    def __ge__(self, other):
        return self._compare(other, '>=')

    __hash__ = None

    def __bool__(self):
        raise Untraceable('a branch on a value')

    def muladd(self, factor, summand):
        """self * factor + summand, fused where that is the quicker way."""
        operands = [self.value, self._like(factor).value, self._like(summand).value]
        return self._intrinsic('llvm.fmuladd', operands)

    def _intrinsic(self, name, operands=None):
        if not self.is_float:
            raise Untraceable('%s of %s' % (name, self.dtype))
        operands = operands or [self.value]
        function_type = ir.FunctionType(self.type, [self.type] * len(operands))
        function = _builder.module.declare_intrinsic(name, [self.type], function_type)
        return type(self)(_builder.call(function, operands))

    def view(self, dtype):
        """The same bits as another dtype of the same size."""
        target = symbol_type(dtype)
        return target(_builder.bitcast(self.value, target.type))

    def astype(self, dtype):
        """The number converted to another dtype, floats to integers by truncation."""
        target = symbol_type(dtype)
        source, kind = self.dtype, target.dtype.kind
        if source == target.dtype:
            return self
        if kind == 'b':
            return self != 0
        if source.kind == 'f':
            if kind == 'f':
                name = 'fpext' if target.dtype.itemsize > source.itemsize else 'fptrunc'
            else:
                name = 'fptosi' if kind == 'i' else 'fptoui'
        elif kind == 'f':
            name = 'sitofp' if source.kind == 'i' else 'uitofp'
        elif source.kind != 'b' and target.dtype.itemsize <= source.itemsize:
            name = 'trunc'
        else:
            name = 'sext' if source.kind == 'i' else 'zext'
        return target(getattr(_builder, name)(self.value, target.type))

    def __array_ufunc__(self, ufunc, method, *inputs):
        if method != '__call__' or ufunc not in _UFUNCS:
            raise Untraceable(str(ufunc))
        return _UFUNCS[ufunc](*inputs)

    def __array_function__(self, function, types, arguments, keywords):
        if function is not np.where or keywords:
            raise Untraceable(str(function))
        condition, yes, no = arguments
        if not isinstance(yes, Traced):
            yes = (type(no) if isinstance(no, Traced) else symbol_type(np.result_type(yes, no)))(yes)
        no = yes._like(no)
        return type(yes)(_builder.select(condition.value, yes.value, no.value))


def _intrinsic(name):
    return lambda x: x._intrinsic(name)


_UFUNCS = {
    np.add: operator.add, np.subtract: operator.sub, np.multiply: operator.mul, np.true_divide: operator.truediv,
    np.less: operator.lt, np.greater: operator.gt, np.less_equal: operator.le, np.greater_equal: operator.ge,
    np.equal: operator.eq, np.not_equal: operator.ne, np.absolute: abs,
    np.sqrt: _intrinsic('llvm.sqrt'), np.rint: _intrinsic('llvm.rint'), np.floor: _intrinsic('llvm.floor'),
    np.ceil: _intrinsic('llvm.ceil'), np.trunc: _intrinsic('llvm.trunc'),
    # Calls to the C library, one element at a time: for arguments that are rarely met.
    np.sin: _intrinsic('llvm.sin'), np.cos: _intrinsic('llvm.cos')}

_symbol_types = {}


def symbol_type(dtype):
    """The subclass of `Traced` for a numpy dtype. Raises: Untraceable for complex numbers, half, objects."""
    dtype = np.dtype(dtype)
    if dtype not in _symbol_types:
        if dtype.kind == 'b':
            llvm = BIT
        elif dtype.kind in 'iu':
            llvm = ir.IntType(8 * dtype.itemsize)
        elif dtype.name in ('float32', 'float64'):
            llvm = ir.FloatType() if dtype.itemsize == 4 else ir.DoubleType()
        else:
            raise Untraceable(str(dtype))
        _symbol_types[dtype] = type('Traced_' + dtype.name, (Traced,), dict(dtype=dtype, type=llvm))
    return _symbol_types[dtype]


def traced(builder, function, values, dtypes):
    """Runs a function on LLVM values and emits, by `builder`, the code that computes it.

    Args:
      builder: llvmlite's IRBuilder. The caller holds the lock of compilation.
      function: of numbers.
      values: its arguments as LLVM values (booleans as i1), of numpy dtypes `dtypes`.

    Returns: (LLVM value, numpy dtype) of the result.
    Raises: Untraceable where the function's course depends on values, or uses what is not known here.
    """
    global _builder
    before, _builder = _builder, builder
    try:
        result = function(*[symbol_type(d)(v) for v, d in zip(values, dtypes)])
    except (TypeError, AttributeError, ValueError) as error:
        if getattr(function, 'branch_free', False):
            raise
        raise Untraceable(str(error)) from error
    finally:
        _builder = before
    if not isinstance(result, Traced):      # a constant, whatever the arguments
        result = symbol_type(dtypes[0])(result)
    return result.value, result.dtype
