"""GraphDef, NodeDef and AttrValue messages: the wire form of a graph.

Nodes keep their attrs as plain Python values; the messages are made only when somebody asks for them, since importing
protobuf takes longer than building most graphs.
"""
import numpy as np

from tensorboard.compat.proto import attr_value_pb2, graph_pb2, node_def_pb2, op_def_pb2, tensor_shape_pb2, versions_pb2

from graphflow.framework import dtypes, registry, tensor_proto, tensor_shape


def shape_proto(shape):
    """A TensorShapeProto of a TensorShape, a list of int/None, or None (unknown rank)."""
    return tensor_shape.as_shape(shape).as_proto()


def attr_proto(kind, value):
    """The AttrValue of a Python value whose kind ('int', 'list(type)', ...) is known, or guessed if None."""
    if isinstance(value, attr_value_pb2.AttrValue):
        return value
    kind = kind or _guess_kind(value)
    message = attr_value_pb2.AttrValue()
    if kind.startswith('list('):
        message.list.SetInParent()
        _SET_LIST[kind[5:-1]](message.list, value)
    else:
        _SET[kind](message, value)
    return message


def _guess_kind(value):
    for types, kind in ((bool, 'bool'), (int, 'int'), (float, 'float'), ((bytes, str), 'string'), (dtypes.DType, 'type'),
                        (tensor_shape.TensorShape, 'shape'), (np.ndarray, 'tensor'),
                        (attr_value_pb2.NameAttrList, 'func')):
        if isinstance(value, types):
            return kind
    if isinstance(value, (list, tuple)):
        return f'list({_guess_kind(value[0]) if value else "int"})'
    raise TypeError(f'no attr can hold {value!r}')


def _bytes(value):
    return value.encode() if isinstance(value, str) else value


def _set_func(message, value):
    if isinstance(value, str):
        message.func.name = value
    else:
        message.func.CopyFrom(value)


_SET = {
    'int': lambda m, v: setattr(m, 'i', v),
    'float': lambda m, v: setattr(m, 'f', v),
    'bool': lambda m, v: setattr(m, 'b', v),
    'string': lambda m, v: setattr(m, 's', _bytes(v)),
    'type': lambda m, v: setattr(m, 'type', v.as_datatype_enum),
    'shape': lambda m, v: m.shape.CopyFrom(shape_proto(v)),
    'tensor': lambda m, v: m.tensor.CopyFrom(_tensor(v)),
    'func': _set_func,
}
_SET_LIST = {
    'int': lambda m, v: m.i.extend(v),
    'float': lambda m, v: m.f.extend(v),
    'bool': lambda m, v: m.b.extend(v),
    'string': lambda m, v: m.s.extend(map(_bytes, v)),
    'type': lambda m, v: m.type.extend(t.as_datatype_enum for t in v),
    'shape': lambda m, v: m.shape.extend(map(shape_proto, v)),
    'tensor': lambda m, v: m.tensor.extend(map(_tensor, v)),
    'func': lambda m, v: m.func.extend(v),
}


def _tensor(value):
    return value if not isinstance(value, np.ndarray) else tensor_proto.make_tensor_proto(value)


def attr_from_proto(message):
    """The Python value of an AttrValue."""
    kind = message.WhichOneof('value')
    if kind == 'list':
        values = message.list
        for field, read in _READ.items():
            items = getattr(values, field, None)
            if items is not None and len(items):
                return [read(item) for item in items]
        return []
    return None if kind is None else _READ[kind](getattr(message, kind))


_READ = {
    's': bytes, 'i': int, 'f': float, 'b': bool, 'type': dtypes.as_dtype, 'shape': tensor_shape.as_shape,
    'tensor': tensor_proto.make_ndarray, 'func': lambda func: func,
}


def attr_as_user_value(op_def, name, value):
    """What `Operation.get_attr` shows of a value that is no plain scalar: messages for shapes and tensors."""
    kind = _kind(op_def, name)
    message = attr_proto(kind, value)
    field = message.WhichOneof('value')
    if field != 'list':
        return getattr(message, field)
    kind = kind or _guess_kind(value)
    if kind == 'list(type)':
        return list(value)
    return list(getattr(message.list, {'string': 's', 'int': 'i', 'float': 'f', 'bool': 'b'}.get(kind[5:-1], kind[5:-1])))


def _kind(op_def, name):
    attr = op_def.attrs.get(name)
    return attr.kind if attr is not None else ('list(string)' if name == '_class' else None)


def from_operation(op, sort_control_inputs=False):
    """The NodeDef of an Operation. Graphs list control inputs in order of name, nodes in order of addition."""
    node = node_def_pb2.NodeDef(name=op.name, op=op.type, device=op.device)
    node.input.extend(t._as_node_def_input() for t in op._inputs)
    controls = [c.name for c in op._control_inputs]
    node.input.extend('^' + name for name in (sorted(controls) if sort_control_inputs else controls))
    dtype = op._attrs.get('dtype')
    for name, value in op._attrs.items():
        if isinstance(value, np.ndarray) and dtype is not None:
            node.attr[name].tensor.CopyFrom(_constant(value, dtype))
        else:
            node.attr[name].CopyFrom(attr_proto(_kind(op.op_def_, name), value))
    return node


def _constant(value, dtype):
    """The TensorProto of a constant; of one that repeats a single value in memory it holds just that value."""
    if value.size > 1 and not any(value.strides):
        message = tensor_proto.make_tensor_proto(value[(0,) * value.ndim], dtype=dtype)
        message.tensor_shape.CopyFrom(shape_proto(value.shape))
        return message
    return tensor_proto.make_tensor_proto(value, dtype=dtype, shape=value.shape)


def graph_def(graph, add_shapes=False):
    """The GraphDef of a Graph (see Graph.as_graph_def)."""
    message = graph_pb2.GraphDef(versions=graph.graph_def_versions)
    for op in graph.get_operations():
        node = from_operation(op, sort_control_inputs=True)
        if add_shapes and op.outputs:
            node.attr['_output_shapes'].list.shape.extend(shape_proto(t.shape) for t in op.outputs)
        message.node.append(node)
    return message


def versions(producer, min_consumer=0, bad_consumers=()):
    return versions_pb2.VersionDef(producer=producer, min_consumer=min_consumer, bad_consumers=bad_consumers)


def op_def_proto(op_def):
    """The OpDef message of a registered op."""
    message = op_def_pb2.OpDef(name=op_def.name, is_stateful=op_def.is_stateful)
    for args, field in ((op_def.inputs, message.input_arg), (op_def.outputs, message.output_arg)):
        for arg in args:
            item = field.add(name=arg.name, is_ref=arg.is_ref)
            if arg.dtype is not None:
                item.type = arg.dtype.as_datatype_enum
            for name in ('type_attr', 'type_list_attr', 'number_attr'):
                if getattr(arg, name):
                    setattr(item, name, getattr(arg, name))
    for attr in op_def.attrs.values():
        item = message.attr.add(name=attr.name, type=attr.kind)
        if attr.has_default:
            item.default_value.CopyFrom(attr_proto(attr.kind, attr.default))
        if attr.allowed:
            item.allowed_values.CopyFrom(attr_proto(f'list({attr.kind.replace("list(", "").strip(")")})', attr.allowed))
    return message


def op_def_from_registry(name):
    return op_def_proto(registry.OPS[name])
