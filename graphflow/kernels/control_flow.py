"""Nodes that steer a run. One that only carries control dependencies computes nothing: a plan leaves it out.

A value that is not there, because its branch was not taken, is DEAD. The runtime calls no kernel with a dead input but
that of Merge, whose job they are.
"""
import numpy as np

from graphflow.framework import errors
from graphflow.framework.registry import KERNELS, kernel
from graphflow.kernels.array import text

KERNELS['NoOp'] = KERNELS['ControlTrigger'] = None


class _Dead:
    """The value that is not there."""

    def read(self):
        return self


DEAD = _Dead()


@kernel('Switch', 'RefSwitch')
def switch(data, pred):
    if np.ndim(pred):
        raise errors.InvalidArgumentError(
            None, None, f'The second input must be a scalar, but it has shape {text(np.shape(pred))}')
    return (DEAD, data) if pred else (data, DEAD)


@kernel('Merge', 'RefMerge')
def merge(inputs):
    for i, value in enumerate(inputs):
        if value is not DEAD:
            return value, np.int32(i)
    return DEAD, DEAD


@kernel('Enter', 'RefEnter', 'Exit', 'RefExit', 'NextIteration', 'RefNextIteration')
def passed_on(data):
    return data


@kernel('LoopCond')
def loop_cond(input):
    if np.ndim(input):
        raise errors.InvalidArgumentError(None, None, 'Loop condition must be a scalar')
    return input
