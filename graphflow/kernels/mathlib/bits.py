"""Floats taken apart: signs, exponents and powers of two, by integer arithmetic on their bits."""
import numpy as np


def is_single(x):
    return x.dtype == np.float32


def integer(x):
    """The integer dtype with as many bits as `x`."""
    return np.int32 if is_single(x) else np.int64


def choose(x, single, double):
    """A constant for the dtype of `x`."""
    return single if is_single(x) else double


def with_sign(magnitude, x):
    """`magnitude`, which is not negative, with the sign of `x` (-0 is negative)."""
    dtype = integer(x)
    sign = x.view(dtype) & choose(x, -2**31, -2**63)
    return (magnitude.view(dtype) | sign).view(x.dtype)


def nearest(x):
    """(The whole number nearest to `x`, the same as an integer), for |x| below 2^21 or 2^50.

    Adding 1.5 * 2^(digits - 1) rounds, and leaves the integer in the lowest bits; LLVM has vector code for that on
    every CPU, which it has not for conversions to 64-bit integers.
    """
    magic, magic_bits = choose(x, (1.5 * 2.0**23, 0x4b400000), (1.5 * 2.0**52, 0x4338000000000000))
    shifted = x + magic
    return shifted - magic, shifted.view(integer(x)) - magic_bits


def power_of_two(n, like):
    """2^n in the dtype of `like`, for integers n between the exponents of the least and the greatest normal number."""
    bias, digits = choose(like, (127, 23), (1023, 52))
    return ((n + bias) << digits).view(like.dtype)


def scaled(x, n):
    """x * 2^n, rounded once, also where 2^n alone is too great or too small for a float."""
    half = n >> 1
    return x * power_of_two(half, x) * power_of_two(n - half, x)


def significand_and_exponent(x):
    """(m, k) with x = m * 2^k and sqrt(1/2) <= m < sqrt(2), for normal positive x; k is a float."""
    root, mask, digits = choose(
        x, (0x3f3504f3, 0x007fffff, 23), (0x3fe6a09e667f3bcd, 0x000fffffffffffff, 52))
    above = x.view(integer(x)) - root
    m = ((above & mask) + root).view(x.dtype)
    # A 32-bit integer even in double precision: conversions from 64 bits have no vector code on many CPUs.
    k = above >> 23 if digits == 23 else (above >> 32).astype(np.int32) >> 20
    return m, k.astype(x.dtype)


def least_normal(x):
    """The least positive number of the dtype that is not subnormal."""
    return choose(x, 2.0**-126, 2.0**-1022)
