"""Kernels: the functions over numpy arrays that compute the ops. Loaded when a session first runs."""
import importlib
import pkgutil

_loaded = False
_GENERATORS = {'rows', 'native'}    # hold no kernels and import numba: wait until something has to be compiled


def load():
    """Imports every module of this package, so that all kernels are registered."""
    global _loaded
    if not _loaded:
        for module in sorted(m.name for m in pkgutil.iter_modules(__path__) if m.name not in _GENERATORS):
            importlib.import_module(f'{__name__}.{module}')
        _loaded = True
