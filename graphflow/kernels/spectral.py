"""Kernels of Fourier transforms."""
import numpy as np

from graphflow.framework import errors
from graphflow.framework.registry import kernel


def _invalid(message):
    return errors.InvalidArgumentError(None, None, message)


def _check_rank(x, rank):
    if x.ndim < rank:
        raise _invalid(f'Input must have rank of at least {rank} but got: [{",".join(map(str, x.shape))}]')


def _complex(transform, input, rank):
    _check_rank(input, rank)
    return transform(input, axes=tuple(range(-rank, 0))).astype(input.dtype) if input.size else input


def _lengths(input, fft_length, rank, halved):
    """The lengths of the transform, checked against what the input holds."""
    _check_rank(input, rank)
    if fft_length.shape != (rank,):
        raise _invalid(f'fft_length must have shape [{rank}]')
    lengths = fft_length.tolist()
    needed = lengths[:-1] + [lengths[-1] // 2 + 1 if halved and lengths[-1] else lengths[-1]]
    for i, n in enumerate(needed):
        at = input.ndim - rank + i
        if n < 0 or input.shape[at] < n:
            raise _invalid(f'Input dimension {at} must have length of at least {n % 2 ** 64} but got: {input.shape[at]}')
    return lengths


def _real(input, fft_length, rank):
    lengths = _lengths(input, fft_length, rank, False)
    shape = input.shape[:-rank] + tuple(lengths[:-1]) + (lengths[-1] // 2 + 1 if lengths[-1] else 0,)
    if 0 in lengths or not input.size:
        return np.zeros(shape, np.complex64)
    return np.fft.rfftn(input, lengths, tuple(range(-rank, 0))).astype(np.complex64)


def _inverse_real(input, fft_length, rank):
    lengths = _lengths(input, fft_length, rank, True)
    if 0 in lengths or not input.size:
        return np.zeros(input.shape[:-rank] + tuple(lengths), np.float32)
    return np.fft.irfftn(input, lengths, tuple(range(-rank, 0))).astype(np.float32)


@kernel('FFT')
def fft(input):
    return _complex(np.fft.fftn, input, 1)


@kernel('IFFT')
def ifft(input):
    return _complex(np.fft.ifftn, input, 1)


@kernel('RFFT')
def rfft(input, fft_length):
    return _real(input, fft_length, 1)


@kernel('IRFFT')
def irfft(input, fft_length):
    return _inverse_real(input, fft_length, 1)


@kernel('FFT2D')
def fft2d(input):
    return _complex(np.fft.fftn, input, 2)


@kernel('IFFT2D')
def ifft2d(input):
    return _complex(np.fft.ifftn, input, 2)


@kernel('RFFT2D')
def rfft2d(input, fft_length):
    return _real(input, fft_length, 2)


@kernel('IRFFT2D')
def irfft2d(input, fft_length):
    return _inverse_real(input, fft_length, 2)


@kernel('FFT3D')
def fft3d(input):
    return _complex(np.fft.fftn, input, 3)


@kernel('IFFT3D')
def ifft3d(input):
    return _complex(np.fft.ifftn, input, 3)


@kernel('RFFT3D')
def rfft3d(input, fft_length):
    return _real(input, fft_length, 3)


@kernel('IRFFT3D')
def irfft3d(input, fft_length):
    return _inverse_real(input, fft_length, 3)
