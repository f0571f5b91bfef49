"""Nodes that only carry control dependencies compute nothing: a plan leaves them out."""
from graphflow.framework.registry import KERNELS

KERNELS['NoOp'] = KERNELS['ControlTrigger'] = None
