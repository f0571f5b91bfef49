"""Matrix products by BLAS, on graphflow's own threads.

BLAS libraries keep threads of their own, which spin while they wait for work and so take the processors from ours: a
step of a small model then takes ten times as long. So BLAS is told once, when the kernels load, to use one thread in this
process, and big products are split over the pool in `threads.py`. Set GRAPHFLOW_BLAS_THREADS to choose another number.
"""
import os

import numpy as np
import threadpoolctl

from graphflow.kernels.threads import shard

_GRAIN = 1 << 22        # multiply-adds: about 100 microseconds of one core's work

threadpoolctl.threadpool_limits(int(os.environ.get('GRAPHFLOW_BLAS_THREADS', 1)), user_api='blas')


def product(a, b):
    """The product of two matrices of floats (numpy arrays [m, k] and [k, n], in any layout)."""
    (m, k), n = a.shape, b.shape[1]
    if m * k * n < 2 * _GRAIN:
        return np.matmul(a, b)
    out = np.empty((m, n), np.result_type(a, b))
    rows = m >= n
    size = m if rows else n
    shard(_rows if rows else _columns, size, a, b, out, grain=max(1, _GRAIN * size // (m * k * n)))
    return out


def _rows(a, b, out, lo, hi):
    np.matmul(a[lo:hi], b, out=out[lo:hi])


def _columns(a, b, out, lo, hi):
    np.matmul(a, b[:, lo:hi], out=out[:, lo:hi])
