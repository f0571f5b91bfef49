"""Kernels: the functions over numpy arrays that compute the ops. Loaded when a session first runs."""
import importlib
import pkgutil

_loaded = False


def load():
    """Imports every module of this package, so that all kernels are registered."""
    global _loaded
    if not _loaded:
        for module in sorted(m.name for m in pkgutil.iter_modules(__path__)):
            importlib.import_module(f'{__name__}.{module}')
        _loaded = True
