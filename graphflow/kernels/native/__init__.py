"""Machine code: where it is kept (`store`), how it gets into memory (`loader`), how Python calls it
(`signature`, `entry`), and how it is made (`compiler`). Only the last two import numba, and nothing imports
them before something has to be compiled: a process that finds all its kernels on disk starts without numba.
"""
