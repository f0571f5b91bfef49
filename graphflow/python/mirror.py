"""Modules named as those of `tensorflow.python`, whose names are looked up when first asked for.

`graphflow.python.ops.math_ops.X` is, in this order:

1. what was exported for just this place: `@export('python.ops.math_ops.X')`;
2. the public name that `modules.txt` gives for it (`math_ops.neg` is `tf.math.negative`);
3. in a module gen_*_ops: a function that adds the op whose name in snake case is X;
4. X of the modules that do the work of this one: its file in `inner/`, for names that TensorFlow has only there, then
   `_HOMES`, or the module of the same name under graphflow;
5. for X_v2 the function X with other arguments (`inner/second_version.py`);
   else the public name tf.X, or the shortest tf.<...>.X;
6. in a module of ops: the function that adds the op whose name in snake case is X;
7. X where it is defined in any module of graphflow's that is loaded.

`modules.txt` lists which modules there are. `graphflow.core.framework.graph_pb2` is the module of protobuf messages.
"""

import functools
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import os
import re
import sys
import types

from graphflow import protos
from graphflow.framework import export, namespaces, raw_ops
from graphflow.python.inner import second_version

_PYTHON, _CORE = 'graphflow.python', 'graphflow.core'

# Where a module's work is done, if not in a module of the same name (array_ops: graphflow.ops.array).
_HOMES = {
    'framework.ops': 'framework.graph framework.operation framework.tensor framework.convert framework.registry '
                     'framework.defaults framework.indexed_slices',
    'framework.errors': 'framework.errors',
    'framework.errors_impl': 'framework.errors',
    'framework.tensor_util': 'framework.tensor_proto framework.constant_value',
    'framework.constant_op': 'ops.constant ops.array',
    'framework.test_util': 'test.test_util test.test_case',
    'framework.graph_util': 'tools.graph_util framework.importer',
    'framework.graph_util_impl': 'tools.graph_util',
    'framework.meta_graph': 'train.meta_graph',
    'framework.graph_io': 'train.write_graph',
    'client.session': 'runtime.session',
    'platform.test': 'test test.test_case test.test_util',
    'platform.googletest': 'test test.temp_dir test.test_case',
    'util.compat': 'platform.compat',
    'compat.compat': 'platform.compat',
    'lib.io.file_io': 'platform.gfile',
    'lib.io.tf_record': 'io.tf_record',
    'summary.summary': 'ops.summary',
    'ops.gradients_impl': 'framework.gradients ops.gradients',
    'ops.gradients': 'framework.gradients ops.gradients',
    'ops.standard_ops': '',
}

# Names that are switches or plain functions of TensorFlow's inner modules.
_CONSTANTS = {
    'ops.control_flow_util.ENABLE_CONTROL_FLOW_V2': False,
    'ops.control_flow_util_v2.ENABLE_CONTROL_FLOW_V2': False,
    'framework.ops._USE_C_API': True,
    'framework.ops._USE_C_SHAPES': True,
    'lib.io.file_io.file_exists': 'gfile.Exists',
    'lib.io.file_io.FileIO': 'gfile.GFile',
    'lib.io.file_io.delete_file': 'gfile.Remove',
    'lib.io.file_io.delete_recursively': 'gfile.DeleteRecursively',
    'lib.io.file_io.list_directory': 'gfile.ListDirectory',
    'lib.io.file_io.recursive_create_dir': 'gfile.MakeDirs',
    'lib.io.file_io.create_dir': 'gfile.MkDir',
    'lib.io.file_io.is_directory': 'gfile.IsDirectory',
    'lib.io.file_io.get_matching_files': 'gfile.Glob',
    'lib.io.file_io.copy': 'gfile.Copy',
    'lib.io.file_io.rename': 'gfile.Rename',
    'lib.io.file_io.stat': 'gfile.Stat',
    'lib.io.file_io.walk': 'gfile.Walk',
}


@functools.lru_cache(None)
def _modules():
    """{module of tensorflow.python: {name in it: its public name}}."""
    table = {}
    with open(os.path.join(os.path.dirname(__file__), 'modules.txt'), encoding='utf-8') as f:
        for line in f:
            if not line.startswith('#'):
                module, *names = line.split()
                table[module] = dict(name.split('=') for name in names)
    return table


@functools.lru_cache(None)
def _packages():
    """The packages that hold those modules."""
    return {module.rpartition('.')[0][:end] for module in _modules() for end in _dots(module.rpartition('.')[0])}


def _dots(dotted):
    return [i for i, c in enumerate(dotted + '.') if c == '.']


def _names(module):
    """The names by which graphflow may call a module: 'ops.array_ops' is 'ops.array', 'training.adam' 'train.adam'."""
    package, _, leaf = module.rpartition('.')
    package = {'training': 'train', 'client': 'runtime', 'util': 'util'}.get(package, package)
    stem = re.sub(r'(_ops|_impl|_util|_op)+$', '', leaf)
    return [f'{package}.{name}' for name in dict.fromkeys((leaf, stem))]


def _home_modules(module):
    homes = _HOMES[module].split() if module in _HOMES else _names(module)
    for home in ['python.inner.' + module.replace('.', '_')] + homes:
        try:
            found = importlib.util.find_spec('graphflow.' + home)
        except (ImportError, AttributeError, ValueError):
            continue
        if found is not None and found.origin:
            yield importlib.import_module('graphflow.' + home)


def _find(module, name):
    """What `name` stands for in a module of tensorflow.python; raises KeyError."""
    full = f'{module}.{name}'
    if f'python.{full}' in export.PUBLIC:
        return export.PUBLIC[f'python.{full}']
    if full in _CONSTANTS:
        value = _CONSTANTS[full]
        return namespaces.find(value) if isinstance(value, str) else value
    public = _modules().get(module, {}).get(name)
    if public and namespaces.find(public) is not None:
        return namespaces.find(public)
    if re.search(r'(^|\.)gen_\w+$', module):
        found = raw_ops.named(name.lstrip('_'))
        if found is not None:
            return found
    for home in _home_modules(module):
        if name in vars(home):
            return vars(home)[name]
    found = second_version.named(module, name) or _public(name)
    if found is None and module.startswith('ops.'):     # math_ops has the names of gen_math_ops too
        found = raw_ops.named(name)
    if found is None:
        found = _defined_anywhere(name)
    if found is None:
        raise KeyError(name)
    return found


def _public(name):
    if not name.startswith('_') and not namespaces.is_namespace(name):
        found = namespaces.find(name)
        if found is not None:
            return found
    ends = [key for key in export.PUBLIC if key.endswith('.' + name) and not key.startswith('python.')]
    return export.PUBLIC[min(ends, key=lambda key: (key.startswith('contrib.'), key.count('.'), key))] if ends else None


def _defined_anywhere(name):
    for module in [m for n, m in sorted(sys.modules.items()) if n.startswith('graphflow.')]:
        value = vars(module).get(name) if type(module) is types.ModuleType else None
        if getattr(value, '__module__', None) == module.__name__:
            return value
    return None


class _Mirror(types.ModuleType):
    """One module of tensorflow.python."""

    def __getattr__(self, name):
        if name.startswith('__') and name.endswith('__'):
            raise AttributeError(f'module {self.__name__!r} has no attribute {name!r}')
        module = self.__name__[len(_PYTHON) + 1:]
        if f'{module}.{name}' in _modules() or f'{module}.{name}' in _packages():
            return importlib.import_module(f'{self.__name__}.{name}')
        try:
            value = _find(module, name)
        except KeyError:
            raise namespaces.UnsupportedSymbolError(_missing(module, name)) from None
        self.__dict__[name] = value
        return value


def _missing(module, name):
    return f'graphflow has nothing yet for tensorflow.python.{module}.{name}'


def _messages(leaf):
    """The module of protobuf messages of that name, tensorboard's or our own; None if there is none."""
    if importlib.util.find_spec('tensorboard.compat.proto.' + leaf) is not None:
        return importlib.import_module('tensorboard.compat.proto.' + leaf)
    try:
        return protos.load(leaf[:-len('_pb2')])
    except FileNotFoundError:
        return None


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):

    def find_spec(self, fullname, path=None, target=None):
        if fullname == _CORE or fullname.startswith(_CORE + '.'):
            leaf = fullname.rpartition('.')[2]
            if leaf.endswith('_pb2'):
                if _messages(leaf) is None:
                    raise namespaces.UnsupportedImportError(f'graphflow has nothing yet for {fullname}', name=fullname)
            return importlib.machinery.ModuleSpec(fullname, self, is_package=True)
        if not fullname.startswith(_PYTHON + '.'):
            return None
        module = fullname[len(_PYTHON) + 1:]
        if module in _modules() or module in _packages():
            return importlib.machinery.ModuleSpec(fullname, self, is_package=True)
        parent, _, name = module.rpartition('.')
        if parent in _modules():
            raise namespaces.UnsupportedImportError(_missing(parent, name), name=fullname)
        return None

    def create_module(self, spec):
        leaf = spec.name.rpartition('.')[2]
        if leaf.endswith('_pb2'):
            module = _messages(leaf)
        elif spec.name in _SAME:
            module = importlib.import_module(_SAME[spec.name])
        else:
            return (_Mirror if spec.name.startswith(_PYTHON) else types.ModuleType)(spec.name)
        spec.loader_state = module.__spec__
        return module

    def exec_module(self, module):
        if module.__spec__.loader_state is not None:    # a module known under a second name keeps its own
            module.__spec__ = module.__spec__.loader_state
        elif module.__name__ == _PYTHON + '.framework.test_ops':    # imported for the ops that it declares
            importlib.import_module(_PYTHON + '.inner.framework_test_ops')


# Modules that are one of graphflow's as a whole.
_SAME = {f'{_PYTHON}.{name}': f'graphflow.{ours}' for name, ours in {
    'util.nest': 'util.nest',
    'util.deprecation': 'util.deprecation',
    'util.tf_inspect': 'util.tf_inspect',
    'util.tf_decorator': 'util.tf_decorator',
    'util.compat': 'platform.compat',
    'platform.tf_logging': 'platform.tf_logging',
    'platform.app': 'platform.app',
    'platform.flags': 'platform.flags',
    'platform.gfile': 'platform.gfile',
    'platform.resource_loader': 'platform.resource_loader',
}.items()}


def install():
    """Called once, when the package is imported."""
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())
