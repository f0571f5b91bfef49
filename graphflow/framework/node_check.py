"""Checks a NodeDef message against the declaration of its op, and turns its attrs into Python values.

What a file holds may be anything: made by another release, by hand or by an accident. The messages are TensorFlow's.
"""
import numpy as np

from graphflow.framework import dtypes, errors, tensor_proto, tensor_shape

_FIELDS = {'s': 'string', 'i': 'int', 'f': 'float', 'b': 'bool', 'type': 'type', 'shape': 'shape', 'tensor': 'tensor',
           'func': 'func'}
_FIELD_OF = {kind: field for field, kind in _FIELDS.items()}
_TYPE_NAMES = {'float16': 'half', 'float32': 'float', 'float64': 'double'}
_SHOWN = 10             # elements of a list in a text; of a longer one only both ends
_MAX_OUTPUTS = 1 << 20  # of a node: a length from a file is no reason to make a list of that length
_LARGE = 1 << 26        # elements from which on a constant of one value repeated is stored as that value
_MAX_SIZE = 1 << 31      # elements of any other constant
_MAX_RANK = 254         # as in TensorFlow


def type_name(dtype):
    """The name of a DType as TensorFlow's core has it: 'float', 'half_ref'."""
    base = dtype.base_dtype.name
    return _TYPE_NAMES.get(base, base) + ('_ref' if dtype._is_ref_dtype else '')


# Texts of ops and nodes in messages


def _listed(values):
    values = list(values)
    if len(values) > _SHOWN:
        values = values[:5] + ['...'] + values[-5:]
    return '[' + ', '.join(values) + ']'


def _value_text(kind, value):
    if kind.startswith('list('):
        return _listed(_value_text(kind[5:-1], v) for v in value)
    if kind == 'type':
        return 'DT_' + type_name(value).upper()
    if kind == 'string':
        return '"%s"' % (value.decode() if isinstance(value, bytes) else value)
    if kind == 'bool':
        return 'true' if value else 'false'
    if kind == 'shape':
        shape = tensor_shape.as_shape(value)
        sizes = None if shape.ndims is None else ['?' if d is None else str(d) for d in shape.as_list()]
        return '<unknown>' if sizes is None else '[' + ','.join(sizes) + ']'
    return '%g' % value if kind == 'float' else str(value)


def _arg_text(arg):
    kind = arg.type_attr or arg.type_list_attr or type_name(arg.dtype)
    if arg.number_attr:
        kind = f'{arg.number_attr}*{kind}'
    elif arg.type_list_attr:
        kind = ''
    return f'{arg.name}:{f"Ref({kind})" if arg.is_ref else kind}'


def op_text(op_def):
    """An op's declaration in a message: Op<name=Neg; signature=x:T -> y:T; attr=T:type>."""
    sides = [', '.join(map(_arg_text, args)) for args in (op_def.inputs, op_def.outputs)]
    text = f'Op<name={op_def.name}; signature={sides[0]} -> {sides[1]}'
    for attr in op_def.attrs.values():
        text += f'; attr={attr.name}:{attr.kind}'
        if attr.has_default:
            text += ',default=' + _value_text(attr.kind, attr.default)
        if attr.minimum is not None:
            text += f',min={attr.minimum}'
        if attr.allowed is not None:
            text += ',allowed=' + _listed(_value_text(_item_kind(attr.kind), v) for v in attr.allowed)
    return text + ('; is_stateful=true>' if op_def.is_stateful else '>')


def _item_kind(kind):
    return kind[5:-1] if kind.startswith('list(') else kind


def _where(name, op_def):
    return f'\n\t; NodeDef: {{{{node {name}}}}}; {op_text(op_def)}'


# Attrs


def _found_kind(message):
    """The kind of value in an AttrValue: 'int', 'list(type)', 'any' (of an empty list), None (nothing)."""
    field = message.WhichOneof('value')
    if field != 'list':
        return _FIELDS.get(field, field)
    kinds = [kind for name, kind in _FIELDS.items() if len(getattr(message.list, name))]
    return 'any' if not kinds else f'list({kinds[0]})' if len(kinds) == 1 else 'several'


def _type(enum):
    if enum == 0:
        raise ValueError('AttrValue has invalid DataType')
    try:
        dtype = dtypes.as_dtype(enum)
    except TypeError:
        raise ValueError(f'AttrValue has invalid DataType enum: {enum}') from None
    if dtype._is_ref_dtype:
        raise ValueError(f'AttrValue must not have reference type value of {type_name(dtype)}')
    return dtype


def _sizes(message):
    """The sizes in a TensorShapeProto. Raises: ValueError for too many."""
    sizes = [dim.size for dim in message.dim]
    if len(sizes) > _MAX_RANK:
        raise ValueError(f'Shape {_sizes_text(sizes)} has too many dimensions')
    return sizes


def _sizes_text(sizes):
    return '[' + ','.join('?' if d == -1 else str(d) for d in sizes) + ']'


def _shape(message):
    sizes = _sizes(message)
    if message.unknown_rank and sizes:
        raise ValueError('An unknown shape must not have any dimensions set.')
    if min(sizes, default=0) < -1:
        raise ValueError(f'Shape {_sizes_text(sizes)} has dimensions with values below -1 (where -1 means unknown)')
    return tensor_shape.as_shape(message)


def tensor_value(message):
    """The array of a TensorProto from a file. A large one of one value takes the memory of that value.

    Raises: ValueError if it has no array: sizes that are negative or too large, values that do not fill it.
    """
    sizes = _sizes(message.tensor_shape)
    text = _sizes_text(sizes)
    if min(sizes, default=0) < 0:
        raise ValueError(f'Shape {text} is not fully defined')
    size = 1
    for d in sizes:
        size *= d
    if size >= 2 ** 63:
        raise ValueError(f'Shape {text} is too large (more than 2**63 - 1 entries)')
    try:
        if size <= _LARGE or message.tensor_content or _has_several(message):
            _check_content(message, size)
            if size > _MAX_SIZE:
                raise ValueError(f'{size} elements are more than a message can hold')
            return tensor_proto.make_ndarray(_without_excess(message, size))
        one = type(message)()
        one.CopyFrom(message)
        del one.tensor_shape.dim[:]
        return np.broadcast_to(tensor_proto.make_ndarray(one), sizes)
    except (TypeError, ValueError, OverflowError, IndexError, MemoryError) as error:
        raise ValueError(f'Cannot parse tensor from proto: {error}') from None


def _without_excess(message, size):
    """The message, or a copy that does not hold more values than elements."""
    for field, values in message.ListFields():
        wanted = 2 * size if field.name in ('scomplex_val', 'dcomplex_val') else size   # stored as two numbers
        if field.name.endswith('_val') and len(values) > wanted:
            shorter = type(message)()
            shorter.CopyFrom(message)
            del getattr(shorter, field.name)[wanted:]
            return shorter
    return message


def _has_several(message):
    """Whether a message holds more than one value."""
    return any(len(value) > 1 for field, value in message.ListFields() if field.name.endswith('_val'))


def _check_content(message, size):
    if message.tensor_content:
        dtype = dtypes.as_dtype(message.dtype)
        if dtype is dtypes.string or len(message.tensor_content) != size * dtype.size:
            raise ValueError(f'{len(message.tensor_content)} bytes for {size} elements of type {dtype.name}')


_READ = {'int': int, 'float': float, 'bool': bool, 'string': bytes, 'type': _type, 'func': lambda v: v}


def _read(name, op_def, attr, message):
    kind, found = attr.kind, _found_kind(message)
    item = _item_kind(kind)
    try:
        if found is None:
            raise ValueError(f"AttrValue missing value with expected type '{kind}'")
        if found != kind and not (found == 'any' and kind.startswith('list(')):
            if found == 'placeholder':
                raise ValueError("AttrValue had value with unexpected type 'placeholder'")
            raise ValueError(f"AttrValue had value with type '{found}' when '{kind}' expected")
        values = [getattr(message, message.WhichOneof('value'))] if item == kind else getattr(message.list, _FIELD_OF[item])
        values = list(map(_READ[item], values)) if item not in ('tensor', 'shape') else list(values)
    except ValueError as error:
        raise ValueError(f"{error}\n\t for attr '{attr.name}'{_where(name, op_def)}") from None
    if item in ('tensor', 'shape'):
        try:
            values = list(map(tensor_value if item == 'tensor' else _shape, values))
        except ValueError as error:     # found out when the node's shape is inferred
            raise ValueError(f"{error} for '{name}' (op: '{op_def.name}') with input shapes: .") from None
    return values[0] if item == kind else values


def _check_allowed(name, op_def, attr, value):
    values = value if attr.kind.startswith('list(') else [value]
    if attr.allowed is not None:
        allowed = [_plain(v) for v in attr.allowed]
        for v in values:
            if _plain(v) not in allowed:
                kind = _item_kind(attr.kind)
                shown, names = (type_name(v), map(type_name, attr.allowed)) if kind == 'type' else (
                    _value_text(kind, v), (_value_text(kind, a) for a in attr.allowed))
                raise ValueError(f"Value for attr '{attr.name}' of {shown} is not in the list of allowed values: "
                                 f'{", ".join(names)}{_where(name, op_def)}')
    if attr.minimum is not None:
        if attr.kind == 'int' and value < attr.minimum:
            raise ValueError(f"Value for attr '{attr.name}' of {value} must be at least minimum {attr.minimum}"
                             + _where(name, op_def))
        if attr.kind.startswith('list(') and len(value) < attr.minimum:
            raise ValueError(f"Length for attr '{attr.name}' of {len(value)} must be at least minimum {attr.minimum}"
                             + _where(name, op_def))


def _plain(value):
    return value.decode(errors='replace') if isinstance(value, bytes) else value


def attrs(name, op_def, messages):
    """The attrs of a node of `op_def` as Python values, defaults included.

    Args:
      name: the node's name, for messages.
      op_def: a registry.OpDef.
      messages: a dict of attr names to AttrValue messages.

    Raises: ValueError for an attr that is unknown, missing, of a wrong kind or not allowed.
    """
    values, late = {}, []
    for attr in op_def.attrs.values():
        message = messages.get(attr.name)
        if message is None:
            if attr.has_default:
                default = attr.default
                values[attr.name] = list(default) if isinstance(default, list) else \
                    tensor_shape.as_shape(default) if attr.kind == 'shape' else default
        elif attr.kind in ('tensor', 'shape'):
            late.append(attr)
        else:
            value = values[attr.name] = _read(name, op_def, attr, message)
            _check_allowed(name, op_def, attr, value)
    for key, message in messages.items():
        if key in op_def.attrs:
            continue
        if not key.startswith('_'):
            raise ValueError(
                f"NodeDef mentions attr '{key}' not in {op_text(op_def)}; NodeDef: {{{{node {name}}}}}. (Check whether "
                'your GraphDef-interpreting binary is up to date with your GraphDef-generating binary.).')
        values[key] = _internal(key, message)
    for attr in late:
        values[attr.name] = _read(name, op_def, attr, messages[attr.name])
    missing = [f"'{key}'" for key in op_def.attrs if key not in values]
    if missing:
        raise ValueError(f"NodeDef missing attr{'s' if len(missing) > 1 else ''} {', '.join(missing)} from "
                         f'{op_text(op_def)}; NodeDef: {{{{node {name}}}}}')
    return values


def _internal(key, message):
    """The value of an attr that no declaration knows: a plain Python value if that says it all, else the message."""
    kind = _found_kind(message)
    if key == '_class':
        return list(message.list.s) if kind in ('list(string)', 'any') else message
    from graphflow.framework import node_def        # here, because protos are slow to import
    return node_def.attr_from_proto(message) if kind in ('int', 'float', 'bool', 'string') else message


# Inputs and outputs


def input_types(name, op_def, values, given):
    """The DTypes that the inputs of a node are to have, a flat list; `given` is how many inputs it has.

    Raises: ValueError if it should have another number of inputs; errors.InvalidArgumentError if that is absurd.
    """
    types, lengths = [], []
    for arg in op_def.inputs:
        length = _length(arg, values)
        lengths.append(length)
        if sum(lengths) > given + _MAX_OUTPUTS:
            break
        types.extend(_arg_types(arg, values, length))
    if len(types) != given:
        raise ValueError(f"NodeDef expected inputs '{', '.join(map(type_name, types[:100]))}' do not match {given} inputs "
                         f'specified; {op_text(op_def)}; NodeDef: {{{{node {name}}}}}')
    return types


def output_types(name, op_def, values):
    """The DTypes of the outputs of a node, a flat list. Raises: errors.ResourceExhaustedError for absurdly many."""
    types = []
    for arg in op_def.outputs:
        length = _length(arg, values)
        if length > _MAX_OUTPUTS:
            raise errors.ResourceExhaustedError(None, None, f'Node {name} would have {length} outputs')
        types.extend(_arg_types(arg, values, length))
    return types


def _length(arg, values):
    if arg.number_attr is not None:
        return max(values[arg.number_attr], 0)
    return len(values[arg.type_list_attr]) if arg.type_list_attr is not None else 1


def _arg_types(arg, values, length):
    if arg.type_list_attr is not None:
        found = values[arg.type_list_attr]
    else:
        found = [arg.dtype if arg.dtype is not None else values[arg.type_attr]] * length
    return [t._as_ref for t in found] if arg.is_ref else found
