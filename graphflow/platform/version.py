"""Version numbers, as programs written for TensorFlow 1.15.5 check them."""

from graphflow.framework.export import export_constant

_VERSIONS = {
    'VERSION': '1.15.5',
    'GIT_VERSION': 'v1.15.4-39-g3db52be',
    'COMPILER_VERSION': '7.3.1 20180303',
    'GRAPH_DEF_VERSION': 134,
    'GRAPH_DEF_VERSION_MIN_CONSUMER': 0,
    'GRAPH_DEF_VERSION_MIN_PRODUCER': 0,
}
for _name, _value in _VERSIONS.items():
    globals()[_name] = export_constant(_name, export_constant('version.' + _name, _value))
