"""Devices that nodes ask for. Everything runs on the CPU; a node that asks for another device runs there all the same."""
import threading

from graphflow.framework.device import DeviceSpec
from graphflow.platform import tf_logging

_told = set()
_lock = threading.Lock()


def tell_of_missing_devices(nodes):
    """Logs a warning, once in the process for each device, for devices nodes ask for that do not exist."""
    for name in {node._device for node in nodes}:
        if name and name not in _told and _is_missing(name):
            with _lock:
                if name in _told:
                    continue
                _told.add(name)
            tf_logging.warning('There is no device %s here: what is placed on it runs on the CPU.', name)


def _is_missing(name):
    spec = DeviceSpec.from_string(name)
    return (spec.device_type not in (None, 'CPU') or spec.device_index not in (None, 0)
            or spec.job not in (None, 'localhost'))
