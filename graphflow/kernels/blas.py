"""Matrix products by BLAS, on graphflow's own threads, or by product.py where that is quicker.

BLAS libraries keep threads of their own, which spin while they wait for work and so take the processors from ours: a
step of a small model then takes ten times as long. So BLAS is told once, when the kernels load, to use one thread in this
process, and big products are split over the pool in `threads.py`. Set GRAPHFLOW_BLAS_THREADS to choose another number.
"""
import os

import numpy as np
import threadpoolctl

from graphflow.kernels import memory
from graphflow.kernels.product import product as tiled, suits
from graphflow.kernels.threads import available, shard

_GRAIN = 1 << 22        # multiply-adds: about 100 microseconds of one core's work
SMALL = _GRAIN // 4     # so few are left to BLAS, by one thread

threadpoolctl.threadpool_limits(int(os.environ.get('GRAPHFLOW_BLAS_THREADS', 1)), user_api='blas')


def product(a, b, bias=None, relu=False):
    """The product of two matrices of floats (numpy arrays [m, k] and [k, n], in any layout).

    A `bias` [n] is added to each row; with `relu`, negative results become 0. Both happen while results are in cache.
    """
    (m, k), n = a.shape, b.shape[1]
    work = m * k * n
    if work >= SMALL and suits(a, b):
        return tiled(a, b, None if bias is None else np.ascontiguousarray(bias, a.dtype), relu)
    if a.dtype != b.dtype:
        a, b = (x.astype(np.result_type(a, b)) for x in (a, b))
    out = memory.empty((m, n), a.dtype)
    if work < 4 * _GRAIN:
        np.dot(a, b, out=out)
        _finish(out, bias, relu)
    else:
        # Few parts, for BLAS is slow at narrow ones; columns rather than rows, each of which would pack all of b.
        rows = m >= 4 * n
        size = m if rows else n
        shard(_rows if rows else _columns, size, a, b, out, bias, relu,
              grain=max(1, size // available(), _GRAIN * size // work))
    return out


def _rows(a, b, out, bias, relu, lo, hi):
    part = out[lo:hi]
    np.dot(a[lo:hi], b, out=part)
    _finish(part, bias, relu)


def _columns(a, b, out, bias, relu, lo, hi):
    part = out[:, lo:hi]
    np.matmul(a, b[:, lo:hi], out=part)
    _finish(part, None if bias is None else bias[lo:hi], relu)


def _finish(part, bias, relu):
    if bias is not None:
        np.add(part, bias, out=part)
    if relu:
        np.maximum(part, 0, out=part)
