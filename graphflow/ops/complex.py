"""Complex numbers: their parts, conjugate, angle and modulus."""
from graphflow.framework import convert, dtypes
from graphflow.framework.apply import apply
from graphflow.framework.export import export
from graphflow.framework.registry import gradient, op
from graphflow.framework.scopes import control_dependencies, name_scope
from graphflow.framework.shape_rules import broadcast, unchanged
from graphflow.framework.tensor import Tensor
from graphflow.ops import fill
from graphflow.ops.constant import constant
from graphflow.ops.gradient_sums import sums

_PARTS = 'T:type=complex64{complex64,complex128}; Tout:type=float{float,double}'

op('Complex', 'real:T, imag:T -> out:Tout', 'T:type=float{float,double}; Tout:type=complex64{complex64,complex128}',
   shape=broadcast)
op('ComplexAbs', 'x:T -> y:Tout', _PARTS, shape=unchanged)
op('Conj', 'input:T -> output:T', 'T:type=complex64{complex64,complex128,variant}', shape=unchanged)
for _name in ('Real', 'Imag', 'Angle'):
    op(_name, 'input:T -> output:Tout', _PARTS, shape=unchanged)


@gradient('Complex')
def _(op, grad):
    to_x, to_y = sums(*op.inputs)
    return to_x(real(grad)), to_y(imag(grad))


@gradient('Real')
def _(op, grad):
    return complex(grad, constant(0, dtype=grad.dtype))


@gradient('Imag')
def _(op, grad):
    return complex(constant(0, dtype=grad.dtype), grad)


@gradient('Angle')
def _(op, grad):
    x = op.inputs[0]
    with control_dependencies([grad]):
        re, im = real(x), imag(x)
        inverse = apply('Reciprocal', complex(im, re))
        return -complex(grad, constant(0, dtype=grad.dtype)) * inverse


@gradient('Conj')
def _(op, grad):
    return conj(grad)


@gradient('ComplexAbs')
def _(op, grad):
    direction = complex(grad, fill.zeros_like(grad)) * op.inputs[0]
    # Named as by tf.div_no_nan, which lies above this module.
    return apply('DivNoNan', direction, complex(op.outputs[0], fill.zeros_like(op.outputs[0])), name='div_no_nan')


@export('complex', 'dtypes.complex')
def complex(real, imag, name=None):
    """The complex tensor with the parts `real` and `imag`, both float32 or both float64, which broadcast.

    Returns: a Tensor of complex64 or complex128.

    Raises: TypeError for parts of other dtypes.
    """
    real = convert.to_tensor(real, name='real')
    imag = convert.to_tensor(imag, name='imag')
    with name_scope(name, 'Complex', [real, imag]) as name:
        types = real.dtype.base_dtype, imag.dtype.base_dtype
        if types == (dtypes.float64, dtypes.float64):
            out = dtypes.complex128
        elif types == (dtypes.float32, dtypes.float32):
            out = dtypes.complex64
        else:
            raise TypeError(f'real and imag have incorrect types: {real.dtype.name} {imag.dtype.name}')
        return apply('Complex', real, imag, Tout=out, name=name)


@export('real', 'math.real')
def real(input, name=None):
    """The real part of a complex tensor, float32 or float64; any other tensor is returned as it is."""
    with name_scope(name, 'Real', [input]) as name:
        if not isinstance(input, Tensor):
            input = convert.to_tensor(input, name='input')
        if not input.dtype.is_complex:
            return input
        return apply('Real', input, Tout=input.dtype.real_dtype, name=name)


@export('imag', 'math.imag')
def imag(input, name=None):
    """The imaginary part of a complex tensor, float32 or float64; zeros for other tensors."""
    return _part('Imag', input, name)


@export('angle', 'math.angle')
def angle(input, name=None):
    """The argument atan2(imag, real) of a complex tensor, float32 or float64; zeros for other tensors."""
    return _part('Angle', input, name)


def _part(op_type, input, name):
    with name_scope(name, op_type, [input]) as name:
        input = convert.to_tensor(input, name='input')
        if not input.dtype.is_complex:
            return fill.zeros_like(input)
        return apply(op_type, input, Tout=input.dtype.real_dtype, name=name)


@export('conj', 'math.conj')
def conj(x, name=None):
    """The complex conjugate, elementwise; real tensors are returned as they are.

    Raises: TypeError if `x` is neither numeric nor a variant.
    """
    if isinstance(x, Tensor) and (x.dtype.is_floating or x.dtype.is_integer):
        return x
    with name_scope(name, 'Conj', [x]) as name:
        x = convert.to_tensor(x, name='x')
        if x.dtype.is_complex or x.dtype.base_dtype == dtypes.variant:
            return apply('Conj', x, name=name)
        if x.dtype.is_floating or x.dtype.is_integer:
            return x
        raise TypeError(f'Expected numeric or variant tensor, got dtype {x.dtype!r}')
