"""Protocol messages that the tensorboard package lacks, from the `.proto` files of this folder.

    from graphflow import protos
    entry = protos.load('tensor_bundle').BundleEntryProto(shard_id=0)

Messages are built when first asked for: protobuf is slow to import. They are in the package `graphflow`, not `tensorflow`:
on the wire and in text form that makes no difference, and TensorFlow's own may be loaded into the same process.
"""
import functools
import importlib
import os
import re
import types

_FOLDER = os.path.dirname(__file__)
# Comments are left out; what is left are words, quoted paths and punctuation.
_TOKEN = re.compile(r'//[^\n]*|/\*.*?\*/|("[^"]*"|[\w.]+|[^\s\w])', re.DOTALL)
_SCALARS = ('double float int64 uint64 int32 fixed64 fixed32 bool string group message bytes uint32 enum sfixed32 '
            'sfixed64 sint32 sint64').split()       # in the order of their numbers in FieldDescriptorProto, from 1
_OPTIONAL, _REPEATED = 1, 3


@functools.lru_cache(None)
def load(name):
    """The messages and enums of `<name>.proto`, as attributes of a module.

    Raises: FileNotFoundError if there is no such file.
    """
    from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
    from google.protobuf.internal import enum_type_wrapper
    with open(os.path.join(_FOLDER, name + '.proto'), encoding='utf-8') as f:
        tokens = [t for t in _TOKEN.findall(f.read()) if t]
    path = f'graphflow/protos/{name}.proto'
    file = descriptor_pb2.FileDescriptorProto(name=path, syntax='proto3')
    _parse_file(tokens[::-1], file)
    for dependency in file.dependency:
        _load_path(dependency)
    pool = descriptor_pool.Default()
    pool.AddSerializedFile(file.SerializeToString())
    descriptor = pool.FindFileByName(path)
    module = types.ModuleType(f'{__name__}.{name}_pb2')
    module.DESCRIPTOR = descriptor
    for message_name, message in descriptor.message_types_by_name.items():
        setattr(module, message_name, message_factory.GetMessageClass(message))
    for enum_name, enum in descriptor.enum_types_by_name.items():
        setattr(module, enum_name, enum_type_wrapper.EnumTypeWrapper(enum))
        vars(module).update((value.name, value.number) for value in enum.values)
    return module


def _load_path(path):
    """Makes the messages of an imported file known to protobuf."""
    stem = path[:-len('.proto')]
    if stem.startswith('graphflow/protos/'):
        load(stem.rpartition('/')[2])
    else:
        importlib.import_module(stem.replace('/', '.') + '_pb2')


# The parser takes tokens from the end of a reversed list. It knows what the files here use of the language: messages and
# enums, also nested, oneof, map, repeated, and options in brackets, which it passes over.

def _parse_file(tokens, file):
    while tokens:
        word = tokens.pop()
        if word == 'package':
            file.package = tokens.pop()
            _expect(tokens, ';')
        elif word == 'import':
            file.dependency.append(tokens.pop().strip('"'))
            _expect(tokens, ';')
        elif word == 'message':
            _parse_message(tokens, file.message_type.add(), '.' + file.package)
        elif word == 'enum':
            _parse_enum(tokens, file.enum_type.add())
        else:
            _skip_statement(tokens)


def _expect(tokens, wanted):
    found = tokens.pop()
    if found != wanted:
        raise ValueError(f'expected {wanted!r} in a .proto file, found {found!r}')


def _skip_statement(tokens):
    while tokens.pop() != ';':
        pass


def _parse_enum(tokens, enum):
    enum.name = tokens.pop()
    _expect(tokens, '{')
    while (name := tokens.pop()) != '}':
        if name in ('option', 'reserved'):
            _skip_statement(tokens)
            continue
        _expect(tokens, '=')
        sign = -1 if tokens[-1] == '-' and tokens.pop() else 1
        enum.value.add(name=name, number=sign * int(tokens.pop()))
        _skip_statement(tokens)


def _parse_message(tokens, message, scope):
    message.name = tokens.pop()
    scope = f'{scope}.{message.name}'
    _expect(tokens, '{')
    oneof = None            # index of the oneof that the fields belong to
    while True:
        word = tokens.pop()
        if word == '}':
            if oneof is None:
                return
            oneof = None
        elif word == 'message':
            _parse_message(tokens, message.nested_type.add(), scope)
        elif word == 'enum':
            _parse_enum(tokens, message.enum_type.add())
        elif word == 'oneof':
            oneof = len(message.oneof_decl)
            message.oneof_decl.add(name=tokens.pop())
            _expect(tokens, '{')
        elif word in ('option', 'reserved'):
            _skip_statement(tokens)
        elif word == 'map':
            _parse_map(tokens, message, scope)
        else:
            field = message.field.add(label=_REPEATED if word == 'repeated' else _OPTIONAL)
            _set_type(field, tokens.pop() if word == 'repeated' else word)
            if oneof is not None:
                field.oneof_index = oneof
            _parse_name(tokens, field)


def _parse_name(tokens, field):
    field.name = tokens.pop()
    _expect(tokens, '=')
    field.number = int(tokens.pop(), 0)
    _skip_statement(tokens)


def _set_type(field, name):
    if name in _SCALARS:
        field.type = _SCALARS.index(name) + 1
    else:
        field.type_name = name      # relative: protobuf finds out what it names


def _parse_map(tokens, message, scope):
    """On the wire a map is a repeated message of key and value."""
    _expect(tokens, '<')
    key = tokens.pop()
    _expect(tokens, ',')
    value = tokens.pop()
    _expect(tokens, '>')
    field = message.field.add(label=_REPEATED)
    _parse_name(tokens, field)
    entry = message.nested_type.add(name=''.join(w.capitalize() for w in field.name.split('_')) + 'Entry')
    entry.options.map_entry = True
    _set_type(entry.field.add(name='key', number=1, label=_OPTIONAL), key)
    _set_type(entry.field.add(name='value', number=2, label=_OPTIONAL), value)
    field.type_name = f'{scope}.{entry.name}'
