"""Scalar functions without branches: numpy code that computes on arrays, and that LLVM vectorises.

A `branch_free` function is straight-line arithmetic on its arguments: where a choice depends on a value it says
`np.where`, so that all elements take the same way. That makes it three things at once:

- a Python function of numbers or arrays;
- a program that can be run on `trace.Traced` values, which write down the machine instructions it takes;
- code for vector registers, since nothing in it needs one element at a time: no calls, no tables.

It may ask for `x.dtype` (a choice that is settled before there is code), use Python numbers as constants (which
take the dtype of what they meet), and look at the bits of a number by `x.view`.
"""
import functools

import numpy as np


def branch_free(function):
    """Declares a function branch-free. Arguments: floats of one dtype, in which the result is returned too."""
    @functools.wraps(function)
    def computed(*arguments):
        if not isinstance(arguments[0], (np.generic, float, int)):
            return function(*arguments)     # traced values, and arrays
        # By way of arrays of one element: there, Python numbers take the dtype of numpy's in every numpy.
        result = function(*[np.asarray(a).reshape(1) for a in arguments])
        return result[0]
    computed.branch_free = True
    return computed


def where(condition, yes, no):
    """`yes` or `no`, in functions that also compute with numbers for which there is no traced value (complex ones)."""
    if isinstance(condition, (bool, np.bool_)):
        return yes if condition else no
    return np.where(condition, yes, no)


where.complete = lambda condition, yes, no: yes if condition else no    # what numba compiles


def muladd(a, b, c):
    """a * b + c, of which `a` is no constant: one instruction and one rounding where the CPU can."""
    return a.muladd(b, c) if hasattr(a, 'muladd') else a * b + c


def polynomial(x, coefficients):
    """The polynomial with these coefficients, from the highest power down, by Horner's rule."""
    result = None
    for c in coefficients:
        result = c if result is None else x * result + c if not hasattr(x, 'muladd') else x.muladd(result, c)
    return result


def rarely_outside(outside, ufunc):
    """Declares a branch-free function of one number valid but for rare arguments.

    outside: branch-free function that tells where it is not.
    ufunc: numpy's function, valid everywhere. Rows of elements are computed with it where one of them is outside.
    """
    def complete(x):
        return ufunc(x)

    def declare(function):
        @functools.wraps(function)
        def computed(x):
            if hasattr(x, 'muladd'):
                raise TypeError('%s depends on a check of its argument' % function.__name__)
            return complete(x)
        computed.fast, computed.outside, computed.complete = function, outside, complete
        return computed
    return declare
