"""tf.sysconfig: what native extensions are compiled against. There is nothing to compile against here."""

from graphflow.framework.export import export, export_constant

for _name in ('CXX11_ABI_FLAG', 'MONOLITHIC_BUILD'):
    export_constant(_name, export_constant('sysconfig.' + _name, 0))


def _define(name, what):
    def unsupported():
        raise NotImplementedError(f'tf.sysconfig.{name}: graphflow is Python alone and has no {what}; '
                                  'an op is added in Python, with a numba kernel')
    unsupported.__name__ = unsupported.__qualname__ = name
    export('sysconfig.' + name)(unsupported)


_define('get_include', 'C++ headers')
_define('get_lib', 'C++ library')
_define('get_compile_flags', 'C++ headers')
_define('get_link_flags', 'C++ library')
