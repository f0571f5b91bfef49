"""How the items of a graph's collections are written into a MetaGraphDef and read back."""
import types

_FUNCTIONS = {}     # collection -> (message class, to_proto, from_proto)


def register_proto_function(collection_name, proto_type=None, to_proto=None, from_proto=None):
    """Registers the messages that stand for the items of a collection.

    Args:
      collection_name: its name.
      proto_type: the class of the messages, or a function without arguments that returns it.
      to_proto: function(item, export_scope=None) -> a message, or None if the item is not in the scope.
      from_proto: function(message, import_scope=None) -> an item.

    Raises: TypeError if a function is none, KeyError if the collection has its functions already.
    """
    if to_proto and not callable(to_proto):
        raise TypeError('to_proto must be callable.')
    if from_proto and not callable(from_proto):
        raise TypeError('from_proto must be callable.')
    if collection_name in _FUNCTIONS:
        raise KeyError(f"Registering two proto functions with name '{collection_name}'!")
    _FUNCTIONS[collection_name] = proto_type, to_proto, from_proto


def get_collection_proto_type(collection_name):
    """The message class of a collection, or None."""
    found = _FUNCTIONS.get(collection_name, (None,))[0]
    return found() if isinstance(found, types.FunctionType) else found


def get_to_proto_function(collection_name):
    """The function that writes an item of a collection, or None."""
    return _FUNCTIONS.get(collection_name, (None, None))[1]


def get_from_proto_function(collection_name):
    """The function that reads an item of a collection, or None."""
    return _FUNCTIONS.get(collection_name, (None, None, None))[2]
