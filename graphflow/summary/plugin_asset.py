"""Files that a plugin of TensorBoard needs beside the events: a FileWriter writes those of its graph."""
import abc

from graphflow.framework.graph import get_default_graph

_NAMES = '__tensorboard_plugin_asset__'     # the collection of the plugins' names; each asset has one of its own


class PluginAsset(abc.ABC):
    """Base class of assets; a subclass sets `plugin_name`, the folder that the files are for."""
    plugin_name = None

    @abc.abstractmethod
    def assets(self):
        """A dict of the names of files to their contents."""


def get_plugin_asset(plugin_asset_cls, graph=None):
    """The asset of that class in a graph (the default graph if None), made when first asked for.

    Raises: ValueError if the class has no `plugin_name`, or one that an asset of another class has.
    """
    graph = graph or get_default_graph()
    if not plugin_asset_cls.plugin_name:
        raise ValueError(f'Class {plugin_asset_cls.__name__} has no plugin_name')
    key = _NAMES + plugin_asset_cls.plugin_name
    found = graph.get_collection(key)
    if not found:
        found = [plugin_asset_cls()]
        graph.add_to_collection(key, found[0])
        graph.add_to_collection(_NAMES, plugin_asset_cls.plugin_name)
    elif type(found[0]) is not plugin_asset_cls:
        raise ValueError(f'Plugin name collision between classes {plugin_asset_cls.__name__} and '
                         f'{type(found[0]).__name__}')
    return found[0]


def get_all_plugin_assets(graph=None):
    """All assets of a graph (the default graph if None), a list."""
    graph = graph or get_default_graph()
    return [graph.get_collection(_NAMES + name)[0] for name in graph.get_collection(_NAMES)]
