"""Scalar functions of the math ops: arithmetic, comparison and logic.

Each is one element of the op. Numbers arrive in the op's dtype and results are rounded to the output's dtype, so integer
results wrap around.
"""
import numpy as np

from graphflow.kernels.elementwise import elementwise
from graphflow.kernels import mathlib
from graphflow.kernels.mathlib import exp, log, tanh, sqrt


@elementwise('Add', 'AddV2', objects=np.add)
def add(x, y):
    return x + y


@elementwise('Sub')
def sub(x, y):
    return x - y


@elementwise('Mul')
def mul(x, y):
    return x * y


@elementwise('Neg')
def neg(x):
    return -x


@elementwise('Square')
def square(x):
    return x * x


@elementwise('Less', out=bool)
def less(x, y):
    return x < y


@elementwise('Equal', out=bool, objects=np.equal)
def equal(x, y):
    return x == y


@elementwise('LogicalAnd')
def logical_and(x, y):
    return x and y


for _name, _function in dict(Exp=exp, Log=log, Tanh=tanh, Sqrt=sqrt).items():
    elementwise(_name)(_function)
