"""Discrete Fourier and cosine transforms.

The gradient of the transform of real numbers follows from that of the complex one: what of the spectrum is not stored is
the conjugate of what is.
"""
import numpy as np

from graphflow.framework import constant_value, convert, dtypes
from graphflow.framework.apply import apply
from graphflow.framework.export import export
from graphflow.framework.registry import gradient, op
from graphflow.framework.scopes import name_scope
from graphflow.framework.shape_rules import merge_dims
from graphflow.ops import array, broadcast, cast, complex as complex_ops, concat, fill, math, reduce, slicing
from graphflow.ops.constant import constant
from graphflow.ops.matmul import matmul

_DIMENSIONS = {'': 1, '2D': 2, '3D': 3}


# Declarations.

def _same(rank):
    return lambda c: c.rank_at_least(0, rank)


def _of_length(rank, halved):
    def rule(c):
        shape = c.rank_at_least(0, rank)
        merge_dims(c.rank(1, 1).as_list()[0], rank)
        length = c.value(1)
        if shape.ndims is None:
            return None
        inner = [None] * rank if length is None else [int(n) for n in length]
        if halved and inner[-1]:
            inner[-1] = inner[-1] // 2 + 1
        return shape.as_list()[:-rank] + inner
    return rule


for _suffix, _rank in _DIMENSIONS.items():
    for _name in ('FFT', 'IFFT'):
        op(_name + _suffix, 'input:Tcomplex -> output:Tcomplex', 'Tcomplex:type=complex64{complex64,complex128}',
           shape=_same(_rank))
    op('RFFT' + _suffix, 'input:float, fft_length:int32 -> output:complex64', shape=_of_length(_rank, True))
    op('IRFFT' + _suffix, 'input:complex64, fft_length:int32 -> output:float', shape=_of_length(_rank, False))


# Gradients.

def _transformed_size(x, rank, dtype):
    """The number of elements that one transform of `x` takes."""
    return cast.cast(reduce.reduce_prod(array.shape(x)[-rank:]), dtype)


def _complex_gradients(suffix, rank):
    @gradient('FFT' + suffix)
    def _(op, grad):
        size = _transformed_size(grad, rank, grad.dtype)
        return apply('IFFT' + suffix, grad) * size

    @gradient('IFFT' + suffix)
    def _(op, grad):
        size = cast.cast(1. / _transformed_size(grad, rank, grad.dtype.real_dtype), grad.dtype)
        return apply('FFT' + suffix, grad) * size


for _suffix, _rank in _DIMENSIONS.items():
    _complex_gradients(_suffix, _rank)


def _alternating(length):
    """1, -1, 1 ..., complex."""
    return cast.cast(1 - 2 * (fill.range(length) % 2), dtypes.complex64)


def _fourier_matrix(length):
    row = fill.range(length)
    columns = broadcast.tile(array.expand_dims(row, 0), [length, 1])
    products = cast.cast(columns * array.transpose(columns, [1, 0]), dtypes.complex64)
    return math.exp(-2j * np.pi * products / cast.cast(length, dtypes.complex64))


def _for_each(matrix, like):
    """`matrix`, once for each matrix of `like`."""
    ones = fill.ones([array.rank(like) - 2], dtype=dtypes.int32)
    matrix = array.reshape(matrix, concat.concat([ones, array.shape(matrix)], 0))
    return broadcast.tile(matrix, concat.concat([array.shape(like)[:-2], [1, 1]], 0))


def _repeated_columns(x, count):
    ones = fill.ones([array.rank(x) - 1], dtype=dtypes.int32)
    return broadcast.tile(x, concat.concat([ones, [count]], 0))


@gradient('RFFT', 'RFFT2D')
def _(op, grad):
    """The inverse transform counts the elements of the spectrum that are stored twice; those stored once are added."""
    x, length = op.inputs
    rank = 2 if op.type == 'RFFT2D' else 1
    shape = array.shape(x)
    is_even = cast.cast(1 - length[-1] % 2, dtypes.complex64)
    if rank == 1:
        once = grad[..., 0:1] + is_even * grad[..., -1:] * _alternating(shape[-1])
    else:
        first = grad[..., 0:1]
        rows = shape[-2]
        matrix = _for_each(_fourier_matrix(rows), first)
        first = matmul(matrix, math.conj(first))
        last = matmul(matrix, math.conj(grad[..., -1:]))
        columns = shape[-1]
        last = _repeated_columns(last, columns) * _alternating(columns)
        once = first + is_even * last
    size = _transformed_size(x, rank, dtypes.float32)
    inverse = (irfft2d if rank == 2 else irfft)(grad, length)
    return 0.5 * (inverse * size + complex_ops.real(once)), None


@gradient('IRFFT', 'IRFFT2D')
def _(op, grad):
    """Elements of the spectrum that stand for two count twice."""
    x, length = op.inputs
    rank = 2 if op.type == 'IRFFT2D' else 1
    is_odd = math.floormod(length[-1], 2)
    stored = array.shape(x)[-1]
    twice = 2.0 * fill.ones([stored - 2 + is_odd])
    counts = concat.concat([[1.0], twice, fill.ones([1 - is_odd])], 0)
    size = math.reciprocal(_transformed_size(grad, rank, dtypes.float32))
    spectrum = (rfft2d if rank == 2 else rfft)(grad, length)
    return spectrum * cast.cast(size * counts, dtypes.complex64), None


# Transforms of complex numbers.

@export('signal.fft', 'spectral.fft', 'fft')
def fft(input, name=None):
    """The discrete Fourier transform over the last dimension of a complex tensor."""
    return apply('FFT', input, name=name)


@export('signal.ifft', 'spectral.ifft', 'ifft')
def ifft(input, name=None):
    """The inverse of `fft`."""
    return apply('IFFT', input, name=name)


@export('signal.fft2d', 'spectral.fft2d', 'fft2d')
def fft2d(input, name=None):
    """The discrete Fourier transform over the last two dimensions of a complex tensor."""
    return apply('FFT2D', input, name=name)


@export('signal.ifft2d', 'spectral.ifft2d', 'ifft2d')
def ifft2d(input, name=None):
    """The inverse of `fft2d`."""
    return apply('IFFT2D', input, name=name)


@export('signal.fft3d', 'spectral.fft3d', 'fft3d')
def fft3d(input, name=None):
    """The discrete Fourier transform over the last three dimensions of a complex tensor."""
    return apply('FFT3D', input, name=name)


@export('signal.ifft3d', 'spectral.ifft3d', 'ifft3d')
def ifft3d(input, name=None):
    """The inverse of `fft3d`."""
    return apply('IFFT3D', input, name=name)


# Transforms of real numbers, of which half the spectrum is kept.

def _real_transform(suffix, rank):
    def transform(input_tensor, fft_length=None, name=None):
        with name_scope(name, f'rfft{suffix.lower()}', [input_tensor, fft_length]) as name:
            input_tensor = convert.to_tensor(input_tensor, dtypes.float32)
            input_tensor._shape.with_rank_at_least(rank)
            fft_length = (_own_length(input_tensor, rank) if fft_length is None
                          else convert.to_tensor(fft_length, dtypes.int32))
            return apply('RFFT' + suffix, _padded(input_tensor, rank, fft_length, False), fft_length, name=name)
    transform.__name__ = f'rfft{suffix.lower()}'
    transform.__doc__ = f"""The discrete Fourier transform over the last dimensions ({rank}) of a float32 tensor.

    Args:
      input_tensor: a float32 tensor.
      fft_length: int32 [{rank}], the lengths to which the dimensions are cut or padded with zeros; by default their own.
      name: name of the node.

    Returns: a complex64 tensor with fft_length / 2 + 1 elements in the last dimension; the others are their conjugates.
    """
    return transform


def _inverse_real_transform(suffix, rank):
    def transform(input_tensor, fft_length=None, name=None):
        with name_scope(name, f'irfft{suffix.lower()}', [input_tensor, fft_length]) as name:
            input_tensor = convert.to_tensor(input_tensor, dtypes.complex64)
            input_tensor._shape.with_rank_at_least(rank)
            fft_length = (_length_of_inverse(input_tensor, rank) if fft_length is None
                          else convert.to_tensor(fft_length, dtypes.int32))
            return apply('IRFFT' + suffix, _padded(input_tensor, rank, fft_length, True), fft_length, name=name)
    transform.__name__ = f'irfft{suffix.lower()}'
    transform.__doc__ = f"""The inverse of `rfft{suffix.lower()}`: a float32 tensor.

    Args:
      input_tensor: a complex64 tensor.
      fft_length: int32 [{rank}], the sizes of the result's last dimensions; by default those of the input, where the last
        is 2 (n - 1).
      name: name of the node.
    """
    return transform


def _own_length(x, rank):
    dims = x._shape[-rank:]
    return constant(dims.as_list(), dtypes.int32) if dims.is_fully_defined() else array.shape(x)[-rank:]


def _length_of_inverse(x, rank):
    dims = x._shape[-rank:]
    if dims.is_fully_defined():
        dims = dims.as_list()
        return constant(dims[:-1] + [max(0, 2 * (dims[-1] - 1))], dtypes.int32)
    sizes = concat.unstack(array.shape(x)[-rank:])
    sizes[-1] = math.maximum(0, 2 * (sizes[-1] - 1))
    return concat.stack(sizes)


def _padded(x, rank, fft_length, is_inverse):
    """`x` with zeros appended where it is shorter than the transform asks for."""
    wanted = constant_value.constant_value_as_shape(fft_length)
    dims = x._shape[-rank:] if x._shape.ndims is not None else None
    if wanted.is_fully_defined() and dims is not None and dims.is_fully_defined():
        wanted = wanted.as_list()
        if is_inverse and wanted[-1]:
            wanted[-1] = wanted[-1] // 2 + 1
        missing = [max(n - d, 0) for n, d in zip(wanted, dims.as_list())]
        if not any(missing):
            return x
        return slicing.pad(x, [[0, 0]] * (x._shape.ndims - rank) + [[0, m] for m in missing])
    outer_rank, shape = array.rank(x), array.shape(x)[-rank:]
    outer = fill.zeros([math.maximum(0, outer_rank - rank)], dtype=fft_length.dtype)
    if is_inverse:
        fft_length = concat.concat([fft_length[:-1], fft_length[-1:] // 2 + 1], 0)
    after = concat.concat([outer, math.maximum(0, fft_length - shape)], 0)
    return slicing.pad(x, concat.stack([fill.zeros_like(after), after], axis=1))


def _exported(function):
    return export('signal.' + function.__name__, 'spectral.' + function.__name__)(function)


rfft, rfft2d, rfft3d = (_exported(_real_transform(s, r)) for s, r in _DIMENSIONS.items())
irfft, irfft2d, irfft3d = (_exported(_inverse_real_transform(s, r)) for s, r in _DIMENSIONS.items())


# Shifts.

def _shifted(default_name, sign, x, axes, name):
    with name_scope(name, default_name) as name:
        x = convert.to_tensor(x)
        if axes is None:
            axes = tuple(range(x._shape.ndims))
        dims = x.get_shape()
        if isinstance(axes, int):
            shift = sign * (int(dims[axes]) // 2)
        else:
            shift = [sign * (int(dims[a]) // 2) for a in axes]
        return apply('Roll', x, shift, axes, name=name)


@export('signal.fftshift')
def fftshift(x, axes=None, name=None):
    """`x` with the element at index 0 of each of the dimensions `axes` (all by default) moved to the middle."""
    return _shifted('fftshift', 1, x, axes, name)


@export('signal.ifftshift')
def ifftshift(x, axes=None, name=None):
    """The inverse of `fftshift`."""
    return _shifted('ifftshift', -1, x, axes, name)


# Cosine transforms.

def _check_cosine(type, n, axis, norm):
    if n is not None:
        raise NotImplementedError('The DCT length argument is not implemented.')
    if axis != -1:
        raise NotImplementedError('axis must be -1. Got: %s' % axis)
    if type not in (1, 2, 3):
        raise ValueError('Only Types I, II and III (I)DCT are supported.')
    if norm not in (None, 'ortho'):
        raise ValueError("Unknown normalization. Expected None or 'ortho', got: %s" % norm)
    if type == 1 and norm == 'ortho':
        raise ValueError('Normalization is not supported for the Type-I DCT.')


def _weights(first, others, count):
    """[first, others, others ...]"""
    return slicing.pad(array.expand_dims(first, 0), [[0, count - 1]], constant_values=others)


def _phases(angles):
    return 2.0 * math.exp(complex_ops.complex(0.0, angles))


@export('signal.dct', 'spectral.dct')
def dct(input, type=2, n=None, axis=-1, norm=None, name=None):
    """The discrete cosine transform of type I, II or III over the last dimension of a float32 tensor.

    Args:
      input: a float32 tensor [..., length].
      type: 1, 2 or 3.
      n, axis: only None and -1.
      norm: None, or 'ortho' for an orthonormal transform (not of type 1).
      name: name of the nodes' scope.

    Returns: a tensor like `input`.
    """
    _check_cosine(type, n, axis, norm)
    with name_scope(name, 'dct', [input]):
        input = convert.to_tensor(input, dtypes.float32)
        count = input._shape.as_list()[-1] if input._shape.ndims else None
        if count is None:
            for _ in range(2):      # TensorFlow asks twice
                count = array.shape(input)[-1]
        size = cast.cast(count, dtypes.float32)
        if type == 1:
            return complex_ops.real(rfft(concat.concat([input, input[..., -2:0:-1]], axis=-1)))
        if type == 2:
            phases = _phases(-fill.range(size) * np.pi * 0.5 / size)
            result = complex_ops.real(rfft(input, fft_length=[2 * count])[..., :count] * phases)
            if norm == 'ortho':
                first = 0.5 * math.rsqrt(size)
                result *= _weights(first, first * math.sqrt(2.0), count)
            return result
        if norm == 'ortho':
            first = math.sqrt(size)
            input *= _weights(first, first * math.sqrt(0.5), count)
        else:
            input *= size
        phases = _phases(fill.range(size) * np.pi * 0.5 / size)
        return irfft(phases * complex_ops.complex(input, 0.0), fft_length=[2 * count])[..., :count]


@export('signal.idct', 'spectral.idct')
def idct(input, type=2, n=None, axis=-1, norm=None, name=None):
    """The inverse of `dct`, but for a factor if `norm` is None; the inverse of type II is type III."""
    _check_cosine(type, n, axis, norm)
    return dct(input, type={1: 1, 2: 3, 3: 2}[type], n=n, axis=axis, norm=norm, name=name)
