from graphflow.framework import device

from .golden import NAMES, differences, recorded


class _Op:
    device = ''

    def _set_device(self, name):
        self.device = name


def test_names():
    assert differences('devices') == []


def test_nested_scopes():
    for text, expected in recorded('devices_of_nested_scopes'):
        functions = [device.device_function(scope) for scope in eval(text, dict(NAMES))]
        op = _Op()
        device.apply_device_functions(op, functions[::-1])
        assert op.device == expected, text


def test_spec():
    spec = device.DeviceSpec(job='a', task='3')
    assert spec.to_string() == '/job:a/task:3' and spec == device.DeviceSpec(job='a', task=3)
    assert spec.replace(task=2).to_string() == '/job:a/task:2'
    assert spec.make_merged_spec(device.DeviceSpec(device_type='gpu')).to_string() == '/job:a/task:3/device:GPU:*'
    spec.merge_from(device.DeviceSpec(task=1))
    assert spec.to_string() == '/job:a/task:1' and hash(spec) == hash(device.DeviceSpec(job='a', task=1))
