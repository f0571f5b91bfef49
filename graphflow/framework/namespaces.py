"""The `tf.*` namespaces: modules whose attributes are the public names that `export` collected.

`tf.nn` is a module without a file; `tf.nn.relu` is looked up when first asked for, in this order:

1. the table of public names (`export.PUBLIC`);
2. names whose definition takes a moment to import (protobuf messages, absl flags), in `_LAZY` and `_MODULES`;
3. another TensorFlow name of the same thing (`tf.log` for `tf.math.log`), from `tf1_aliases.txt`.

What is left is a name that TensorFlow 1.15.5 has and graphflow has not (`tf1_symbols.txt`), which says so, or a mistake.
"""

import difflib
import functools
import importlib
import importlib.abc
import importlib.machinery
import os
import sys
import types

from graphflow import protos
from graphflow.framework import raw_ops, registry
from graphflow.framework.export import PUBLIC

ROOT = 'graphflow'


class UnsupportedSymbolError(AttributeError, NotImplementedError):
    """A name of TensorFlow 1.15 that graphflow does not have. `hasattr` takes it for a missing attribute."""


class UnsupportedImportError(ImportError, NotImplementedError):
    """The same, met in a `from graphflow... import name`."""


_PROTOS = 'tensorboard.compat.proto.'
_LAZY = {public: (_PROTOS + module, public.rpartition('.')[2]) for module, names in {
    'graph_pb2': 'GraphDef',
    'node_def_pb2': 'NodeDef',
    'attr_value_pb2': 'AttrValue NameAttrList',
    'summary_pb2': 'Summary SummaryMetadata HistogramProto summary.Summary summary.SummaryDescription',
    'event_pb2': 'Event LogMessage SessionLog summary.Event summary.SessionLog summary.TaggedRunMetadata',
    'config_pb2': 'ConfigProto GPUOptions GraphOptions OptimizerOptions RunMetadata RunOptions',
    'meta_graph_pb2': 'MetaGraphDef TensorInfo',
    'saver_pb2': 'train.SaverDef',
    'cluster_pb2': 'train.ClusterDef',
}.items() for public in names.split()}
_LAZY.update({'contrib.tensorboard.plugins.projector.' + name: ('tensorboard.plugins.projector.projector_config_pb2', name)
              for name in ('ProjectorConfig', 'EmbeddingInfo', 'SpriteMetadata')})
_LAZY['contrib.testing.FakeSummaryWriter'] = 'graphflow.test.fake_summary_writer', 'FakeSummaryWriter'
_LAZY.update({'contrib.testing.' + name: ('graphflow.test.summaries', name) for name in (
    'assert_summary', 'latest_event_file', 'latest_events', 'latest_summaries', 'simple_values_from_events',
    'to_summary_proto')})
_OWN_PROTOS = 'graphflow.protos.'       # modules that protos.load makes
_LAZY.update({public: (_OWN_PROTOS + module, public.rpartition('.')[2]) for module, names in {
    'feature': 'train.BytesList train.FloatList train.Int64List train.Feature train.Features train.FeatureList '
               'train.FeatureLists',
    'example': 'train.Example train.SequenceExample',
}.items() for public in names.split()})

# Namespaces that are real modules kept elsewhere.
_MODULES = {
    'flags': 'graphflow.platform.flags',
    'app.flags': 'graphflow.platform.flags',
    'contrib.framework.nest': 'graphflow.util.nest',
    'test.mock': 'unittest.mock',
}

_INSTEAD = {
    'estimator': 'write the loop with tf.Session or tf.train.MonitoredTrainingSession',
    'contrib.estimator': 'write the loop with tf.Session or tf.train.MonitoredTrainingSession',
    'contrib.learn': 'write the loop with tf.Session or tf.train.MonitoredTrainingSession',
    'contrib.eager': 'build a graph and run it in a tf.Session',
    'compat.v2': 'use tf.compat.v1',
}

# Names that TensorFlow 1.0 dropped, and what took their place.
_RENAMED = {
    'mul': 'multiply', 'sub': 'subtract', 'neg': 'negative', 'pack': 'stack', 'unpack': 'unstack', 'inv': 'reciprocal',
    'select': 'where', 'listdiff': 'setdiff1d', 'batch_matmul': 'matmul', 'complex_abs': 'abs', 'merge_all_summaries':
    'summary.merge_all', 'merge_summary': 'summary.merge', 'scalar_summary': 'summary.scalar', 'image_summary':
    'summary.image', 'histogram_summary': 'summary.histogram', 'audio_summary': 'summary.audio',
    'train.SummaryWriter': 'summary.FileWriter',
}


@functools.lru_cache(None)
def known_symbols():
    """TensorFlow 1.15.5's public names: {namespace ('' for tf itself): set of names in it}, namespaces included."""
    table = {}
    for line in _data_lines('tf1_symbols.txt'):
        namespace, _, names = line.partition(': ')
        table['' if namespace == '.' else namespace] = {name.rstrip('.') for name in names.split()}
    return table


@functools.lru_cache(None)
def _aliases():
    groups = (line.split() for line in _data_lines('tf1_aliases.txt'))
    return {name: group for group in groups for name in group}


def _data_lines(name):
    with open(os.path.join(os.path.dirname(__file__), name), encoding='utf-8') as f:
        return [line.rstrip('\n') for line in f if not line.startswith('#')]


def is_namespace(dotted):
    """Whether `tf.<dotted>` is a namespace, of graphflow or of TensorFlow."""
    if dotted in known_symbols() or dotted in _MODULES or dotted in ('compat.v1', 'compat.v2'):
        return True
    return dotted not in PUBLIC and any(name.startswith(dotted + '.') for name in PUBLIC)


def find(dotted):
    """The public object or namespace `tf.<dotted>`; None if there is none (no public object is None)."""
    if dotted in PUBLIC:
        return PUBLIC[dotted]
    if dotted in _LAZY:
        module, name = _LAZY[dotted]
        if module.startswith(_OWN_PROTOS):
            return getattr(protos.load(module[len(_OWN_PROTOS):]), name)
        return getattr(importlib.import_module(module), name)
    if dotted in _MODULES:
        return importlib.import_module(_MODULES[dotted])
    if dotted.startswith('raw_ops.') and dotted[len('raw_ops.'):] in registry.OPS:
        return raw_ops.function(dotted[len('raw_ops.'):])
    for alias in _aliases().get(dotted, ()):
        if alias in PUBLIC:
            return PUBLIC[alias]
    if is_namespace(dotted):
        return importlib.import_module(f'{ROOT}.{dotted}')
    return None


def unsupported(dotted):
    """Says that `tf.<dotted>` is TensorFlow's and not ours; None if TensorFlow has no such name either."""
    namespace, _, name = dotted.rpartition('.')
    if name not in known_symbols().get(namespace, ()):
        return None
    text = f'tf.{dotted} is part of TensorFlow 1.15 but graphflow does not have it yet'
    for prefix, instead in _INSTEAD.items():
        if dotted.startswith(prefix + '.'):
            text += f'; {instead}'
    return text


class Namespace(types.ModuleType):
    """A module whose attributes are public names. `__namespaces__` are the dotted prefixes searched, best first."""

    def __getattr__(self, name):
        if name == '__all__':
            return [n for n in dir(self) if not n.startswith('_')]
        if name.startswith('__') and name.endswith('__'):
            raise AttributeError(f'module {self.__name__!r} has no attribute {name!r}')
        names = [f'{prefix}.{name}' if prefix else name for prefix in self.__namespaces__]
        for dotted in names:
            value = find(dotted)
            if value is not None or dotted in PUBLIC:   # tf.newaxis is None
                self.__dict__[name] = value
                return value
        for dotted in names:
            if unsupported(dotted):
                raise UnsupportedSymbolError(unsupported(dotted))
        guesses = [_RENAMED[n] for n in names if n in _RENAMED] or difflib.get_close_matches(name, dir(self), 1)
        hint = f'. Did you mean: {guesses[0]!r}?' if guesses else ''
        raise AttributeError(f'module {self.__name__!r} has no attribute {name!r}{hint}')

    def __setattr__(self, name, value):
        # An import binds the submodule in its package. Where a public name is the same (the function tf.layers.dense,
        # in the file layers/dense.py), the public name is what users mean.
        if isinstance(value, types.ModuleType) and value.__name__ == f'{self.__name__}.{name}':
            if any((f'{prefix}.{name}' if prefix else name) in PUBLIC for prefix in self.__namespaces__):
                return
            adopt(value)
        super().__setattr__(name, value)

    def __dir__(self):
        names = {n for n in self.__dict__ if n.startswith('__')}
        for prefix in self.__namespaces__:
            start = prefix + '.' if prefix else ''
            for table in (PUBLIC, _LAZY, _MODULES):
                names.update(key[len(start):].partition('.')[0] for key in table if key.startswith(start))
        return sorted(names)

    def __repr__(self):
        return f'<module {self.__name__!r}>'


def adopt(module):
    """Makes a module of the package a namespace if it is named as one of TensorFlow's (graphflow/train: tf.train)."""
    dotted = module.__name__[len(ROOT) + 1:]
    if type(module) is types.ModuleType and (not dotted or is_namespace(dotted)):
        module.__namespaces__ = ('compat.v1', '') if dotted == 'compat.v1' else (dotted,)
        if not hasattr(module, '__path__'):
            module.__path__ = []
        module.__class__ = Namespace


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports namespaces that have no file, and says plainly what an import asks for in vain."""

    def find_spec(self, fullname, path=None, target=None):
        if not fullname.startswith(ROOT + '.'):
            return None
        dotted = fullname[len(ROOT) + 1:]
        if is_namespace(_without_v1(dotted)):
            return importlib.machinery.ModuleSpec(fullname, self, is_package=True)
        if unsupported(_without_v1(dotted)):
            raise UnsupportedImportError(unsupported(_without_v1(dotted)), name=fullname)
        return None

    def create_module(self, spec):
        dotted = spec.name[len(ROOT) + 1:]
        home = _MODULES.get(_without_v1(dotted)) or f'{ROOT}.{_without_v1(dotted)}'
        if home == spec.name:
            return types.ModuleType(spec.name)
        module = importlib.import_module(home)
        spec.loader_state = module.__spec__
        return module

    def exec_module(self, module):
        if module.__spec__.loader_state is not None:    # a module known under a second name keeps its own
            module.__spec__ = module.__spec__.loader_state
        else:
            adopt(module)


def _without_v1(dotted):
    """tf.compat.v1.X is tf.X."""
    return dotted[len('compat.v1.'):] if dotted.startswith('compat.v1.') else dotted


def install():
    """Makes the package's modules namespaces from now on. Called once, as the package starts to be imported."""
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.append(_Finder())
    for name in [n for n in sys.modules if n == ROOT or n.startswith(ROOT + '.')]:
        adopt(sys.modules[name])
