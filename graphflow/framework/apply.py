"""Adds a node of a registered op: converts the inputs, infers the type attrs, checks everything, names it.

This one function stands behind every op function of `tf.*`: what TensorFlow generates code for, op by op, is
interpreted here from the op's declaration.
"""
import collections
import contextlib
import numbers
import re

import numpy as np

from graphflow.framework import convert, dtypes, graph as graph_lib, registry, tensor_shape
from graphflow.framework.tensor import Tensor


def apply(op_type, /, *inputs, name=None, **attrs):
    """Adds a node to the default graph (or the graph of the inputs).

    Args:
      op_type: a registered op type.
      *inputs: one value an input of the op: anything that convert_to_tensor takes, a list of such for a list input.
        Inputs may be given by name too.
      name: a name for the node; the op type by default.
      **attrs: attrs of the op; those that follow from the inputs' types may be left out, None stands for the default.

    Returns: the Operation if the op has no outputs; a Tensor (or list of Tensors) for one output; a namedtuple of these
      for several.

    Raises: TypeError, ValueError as TensorFlow does for inputs or attrs that do not fit.
    """
    op = apply_op(op_type, *inputs, name=name, **attrs)
    return results(op)


def apply_op(op_type, /, *inputs, name=None, **attrs):
    """Like `apply`, but returns the Operation itself."""
    op_def = registry.OPS.get(op_type)
    if op_def is None:
        raise RuntimeError(f'Unrecognized Op name {op_type}')
    values = _by_name(op_def, inputs, attrs)
    graph = graph_lib.graph_of(_flatten(values))
    with graph.as_default(), graph.name_scope(name or op_type) as scope:
        node_inputs, input_types, refs = _convert_inputs(op_def, values, attrs)
        node_attrs = {a.name: _checked_attr(op_def, a, attrs) for a in op_def.attrs.values()}
        types = output_types(op_def, node_attrs)
        with contextlib.ExitStack() as stack:
            for tensor in refs:     # what changes a variable runs where the variable lives
                stack.enter_context(graph.colocate_with(tensor.op))
            return graph.create_op(op_type, node_inputs, types, input_types, scope, node_attrs)


def results(op):
    """The outputs of an Operation, structured by its declaration (see `apply`)."""
    outputs = op.op_def_.outputs
    if not outputs:
        return op
    if len(outputs) == 1:
        return list(op.outputs) if outputs[0].is_list else op.outputs[0]
    structured, at = [], 0
    for arg in outputs:
        if arg.is_list:
            count = _list_length(arg, op._attrs)
            structured.append(list(op.outputs[at:at + count]))
        else:
            count = 1
            structured.append(op.outputs[at])
        at += count
    return _result_class(op.op_def_)(*structured)


_result_classes = {}


def _result_class(op_def):
    cls = _result_classes.get(op_def.name)
    if cls is None:
        cls = collections.namedtuple(op_def.name, [a.name for a in op_def.outputs], rename=True)
        _result_classes[op_def.name] = cls
    return cls


def snake_case(op_type):
    """The name of an op's function in TensorFlow's gen_*_ops modules: MatMul mat_mul, Conv2D conv2d, LRN lrn."""
    text = re.sub(r'(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])', '_', op_type)
    return re.sub(r'(\d)_D(?=_|$)', r'\1d', text).lower()


def _by_name(op_def, inputs, attrs):
    if len(inputs) > len(op_def.inputs):
        raise TypeError(f'{op_def.name} takes {len(op_def.inputs)} inputs, got {len(inputs)}')
    values = list(inputs)
    for arg in op_def.inputs[len(inputs):]:
        if arg.name not in attrs:
            raise TypeError(f'No argument for input {arg.name} found in {op_def.name}')
        values.append(attrs.pop(arg.name))
    return values


def _flatten(values):
    for value in values:
        if isinstance(value, (list, tuple)):
            yield from _flatten(value)
        else:
            yield value


def _convert_inputs(op_def, values, attrs):
    """Converts `values` to tensors; fills the attrs they determine.

    Returns: the flat list of tensors, their types as the node sees them, and those that the op modifies.
    """
    tensors, types, refs = [], [], []
    inferred_from = {}
    for arg, value in zip(op_def.inputs, values):
        if arg.is_list:
            found = _convert_list(op_def, arg, value, attrs, inferred_from)
        else:
            found = [_convert_one(op_def, arg, value, attrs, inferred_from)]
        if arg.is_ref:
            if not all(t.dtype._is_ref_dtype for t in found):
                raise TypeError(f"'{op_def.name}' Op requires that input '{arg.name}' be a mutable tensor "
                                '(e.g.: a tf.Variable)')
            refs.extend(found)
            types.extend(t.dtype._as_ref for t in found)
        else:
            types.extend(t.dtype.base_dtype for t in found)
        tensors.extend(found)
    return tensors, types, refs


def _wanted_type(op_def, arg, attrs):
    """(dtype the input must have or None, dtype it should have if it can)."""
    if arg.dtype is not None:
        return arg.dtype, None
    if arg.type_attr in attrs and attrs[arg.type_attr] is not None:
        return dtypes.as_dtype(attrs[arg.type_attr]).base_dtype, None
    attr = op_def.attrs[arg.type_attr]
    return None, attr.default if attr.has_default else None


def _convert_one(op_def, arg, value, attrs, inferred_from):
    wanted, preferred = _wanted_type(op_def, arg, attrs)
    try:
        tensor = convert.to_tensor(value, wanted, arg.name, arg.is_ref, preferred)
    except TypeError as error:
        if wanted is None:
            raise
        raise TypeError(f"Expected {wanted.name} passed to parameter '{arg.name}' of op '{op_def.name}', got "
                        f"{value!r} of type '{type(value).__name__}' instead. Error: {error}") from None
    except ValueError:
        # The wanted type may be that of another argument: say so in terms of the op.
        try:
            tensor = convert.to_tensor(value, None, arg.name, arg.is_ref)
        except ValueError as error:
            raise ValueError(f"Tried to convert '{arg.name}' to a tensor and failed. Error: {error}") from None
        if wanted is None or tensor.dtype.base_dtype == wanted:
            raise
    base = tensor.dtype.base_dtype
    if wanted is not None and base != wanted:
        prefix = f"Input '{arg.name}' of '{op_def.name}' Op has type {tensor.dtype.name} that does not match"
        if arg.type_attr in inferred_from:
            raise TypeError(f"{prefix} type {wanted.name} of argument '{inferred_from[arg.type_attr]}'.")
        raise TypeError(f'{prefix} expected type of {wanted.name}.')
    if arg.type_attr is not None:
        _infer(op_def, arg, base, attrs, inferred_from)
    return tensor


def _infer(op_def, arg, dtype, attrs, inferred_from):
    if attrs.get(arg.type_attr) is None:
        attrs[arg.type_attr] = dtype
        inferred_from[arg.type_attr] = arg.name
    _check_type(op_def.attrs[arg.type_attr], dtype, arg.name)


def _check_type(attr, dtype, param):
    if attr.allowed is not None and dtype not in attr.allowed:
        raise TypeError(f"Value passed to parameter '{param}' has DataType {dtype.name} not in list of allowed "
                        'values: ' + ', '.join(t.name for t in attr.allowed))


def _convert_list(op_def, arg, value, attrs, inferred_from):
    if not isinstance(value, (list, tuple)):
        raise _not_a_list(op_def, arg.name, value)
    if arg.number_attr is not None:
        count = attrs.get(arg.number_attr)
        if count is not None and arg.number_attr in inferred_from and count != len(value):
            raise ValueError(f"List argument '{arg.name}' to '{op_def.name}' Op with length {len(value)} must match "
                             f"length {count} of argument '{inferred_from[arg.number_attr]}'.")
        if count is None:
            attrs[arg.number_attr] = len(value)
            inferred_from[arg.number_attr] = arg.name
            minimum = op_def.attrs[arg.number_attr].minimum
            if minimum is not None and len(value) < minimum:
                raise ValueError(f"List argument '{arg.name}' to '{op_def.name}' Op with length {len(value)} shorter "
                                 f'than minimum length {minimum}.')
    if arg.type_list_attr is not None:
        return _convert_heterogeneous(op_def, arg, value, attrs, inferred_from)
    wanted, preferred = _wanted_type(op_def, arg, attrs)
    if wanted is None:
        # A tensor in the list tells the Python values beside it what to become.
        wanted = next((t.dtype.base_dtype for t in value if isinstance(t, Tensor)), None)
    try:
        tensors = convert.to_tensors(value, wanted, arg.name, arg.is_ref, preferred)
        if len({t.dtype.base_dtype for t in tensors}) > 1:
            raise TypeError('mixed')
    except (TypeError, ValueError):
        required = arg.dtype is not None or attrs.get(arg.type_attr)
        _explain_list(op_def, arg, value, wanted if required else None, arg.type_attr in inferred_from)
        raise
    if arg.type_attr is not None and tensors:
        _infer(op_def, arg, tensors[0].dtype.base_dtype, attrs, inferred_from)
    elif arg.type_attr is not None and attrs.get(arg.type_attr) is None and preferred is not None:
        attrs[arg.type_attr] = preferred
    return tensors


def _explain_list(op_def, arg, value, wanted, is_inferred):
    """Raises the TypeError that says which types the tensors of a list have."""
    found = _type_names(arg, value)
    prefix = (f"Tensors in list passed to '{arg.name}' of '{op_def.name}' Op have types "
              f'[{", ".join(found)}]')
    if wanted is not None:
        expected = f'type {wanted.name} inferred from earlier arguments' if is_inferred else f'expected type {wanted.name}'
        raise TypeError(f'{prefix} that do not match {expected}.') from None
    if len(set(found)) > 1 or '<NOT CONVERTIBLE TO TENSOR>' in found:
        raise TypeError(f"{prefix} that don't all match.") from None


def _type_names(arg, values):
    names = []
    for value in values:
        try:
            names.append(convert.to_tensor(value, as_ref=arg.is_ref).dtype.base_dtype.name)
        except (TypeError, ValueError):
            names.append('<NOT CONVERTIBLE TO TENSOR>')
    return names


def _convert_heterogeneous(op_def, arg, value, attrs, inferred_from):
    wanted = attrs.get(arg.type_list_attr)
    if wanted is None or arg.type_list_attr in inferred_from:
        try:
            tensors = convert.to_tensors(value, None, arg.name, arg.is_ref)
        except (TypeError, ValueError):
            raise TypeError(f"Tensors in list passed to '{arg.name}' of '{op_def.name}' Op have types "
                            f'[{", ".join(_type_names(arg, value))}] that are invalid. Tensors: {value}') from None
        types = [t.dtype.base_dtype for t in tensors]
        if wanted is not None and types != wanted:
            found, first = (', '.join(t.name for t in part) for part in (types, wanted))
            raise TypeError(f"Input '{arg.name}' of '{op_def.name}' Op has type list of {found} that does not match type "
                            f"list {first} of argument '{inferred_from[arg.type_list_attr]}'.")
        attrs[arg.type_list_attr] = types
        inferred_from[arg.type_list_attr] = arg.name
        for dtype in types:
            _check_type(op_def.attrs[arg.type_list_attr], dtype, arg.name)
        return tensors
    if len(wanted) != len(value):
        raise ValueError(f"List argument '{arg.name}' to '{op_def.name}' Op with length {len(value)} must match length "
                         f'{len(wanted)} of attr {arg.type_list_attr!r}.')
    return [convert.to_tensor(v, t, f'{arg.name}_{i}', arg.is_ref) for i, (v, t) in enumerate(zip(value, wanted))]


def _checked_attr(op_def, attr, attrs):
    value = attrs.get(attr.name)
    if value is None and attr.name + '_' in attrs:
        value = attrs[attr.name + '_']
    if value is None:
        if attr.kind == 'shape':
            return tensor_shape.as_shape(attr.default)
        if attr.has_default:
            return list(attr.default) if isinstance(attr.default, list) else attr.default
        if attr.name not in attrs:
            raise TypeError(f'No argument for attr {attr.name} found in {op_def.name}')
    if attr.kind.startswith('list('):
        if not isinstance(value, (list, tuple)) and not hasattr(value, '__iter__') or isinstance(value, (str, bytes)):
            raise _not_a_list(op_def, attr.name, value)
        item_kind = attr.kind[5:-1]
        values = [_checked(op_def, attr, item_kind, item) for item in value]
        if attr.minimum is not None and len(values) < attr.minimum:
            raise ValueError(f"Attr '{attr.name}' of '{op_def.name}' Op passed list of length {len(values)} less than "
                             f'minimum {attr.minimum}.')
        return values
    return _checked(op_def, attr, attr.kind, value)


def _not_a_list(op_def, name, value):
    return TypeError(f"Expected list for '{name}' argument to '{snake_case(op_def.name)}' Op, not {value!r}.")


def _checked(op_def, attr, kind, value):
    value = _CHECKS[kind](value, attr.name)
    if kind == 'type':
        _check_type(attr, value, attr.name)
    elif kind == 'string' and attr.allowed is not None and value.decode() not in attr.allowed:
        raise ValueError(f"Attr '{attr.name}' of '{op_def.name}' Op passed string '{value.decode()}' not in: \""
                         + '", "'.join(attr.allowed) + '".')
    elif kind == 'int' and attr.minimum is not None and value < attr.minimum and not attr.kind.startswith('list('):
        raise ValueError(f"Attr '{attr.name}' of '{op_def.name}' Op passed {value} less than minimum {attr.minimum}.")
    return value


def _int(value, name):
    if isinstance(value, str):
        raise TypeError(f'Expected int for argument \'{name}\' not {value!r}.')
    if isinstance(value, tensor_shape.Dimension):
        value = value.value
    try:
        return int(value)
    except (TypeError, ValueError):
        raise TypeError(f'Expected int for argument \'{name}\' not {value!r}.') from None


def _float(value, name):
    if not isinstance(value, (numbers.Real, np.floating, np.integer)):
        raise TypeError(f'Expected float for argument \'{name}\' not {value!r}.')
    # Attrs hold float32.
    return float(np.float32(value))


def _bool(value, name):
    if not isinstance(value, (bool, np.bool_)):
        raise TypeError(f'Expected bool for argument \'{name}\' not {value!r}.')
    return bool(value)


def _string(value, name):
    if isinstance(value, str):
        return value.encode()
    if not isinstance(value, bytes):
        raise TypeError(f'Expected string for argument \'{name}\' not {value!r}.')
    return value


def _type(value, name):
    try:
        return dtypes.as_dtype(value).base_dtype
    except TypeError as error:
        raise TypeError(f"Expected DataType for argument '{name}' not {value!r}.") from error


def _shape(value, name):
    try:
        return tensor_shape.as_shape(value)
    except TypeError as error:
        raise TypeError(f"Error converting {name} to a TensorShape: {error}") from None
    except ValueError as error:
        raise ValueError(f"Error converting {name} to a TensorShape: {error}.") from None


def _tensor(value, name):
    if isinstance(value, np.ndarray):
        return value
    if hasattr(value, 'tensor_shape'):
        from graphflow.framework import tensor_proto
        return tensor_proto.make_ndarray(value)
    raise TypeError(f"Don't know how to convert {value!r} to a TensorProto for argument '{name}'")


_CHECKS = {'int': _int, 'float': _float, 'bool': _bool, 'string': _string, 'type': _type, 'shape': _shape,
           'tensor': _tensor, 'func': lambda value, name: value}


def complete_attrs(op_def, inputs, attrs):
    """Fills those of the dict `attrs` that follow from the input tensors or have a default, for a node made by hand."""
    at = 0
    for i, arg in enumerate(op_def.inputs):
        if arg.is_list and not any(name in attrs for name in (arg.number_attr, arg.type_list_attr)):
            rest = op_def.inputs[i + 1:]
            if any(other.is_list for other in rest):
                break       # where this list ends is told by an attr only
            count = len(inputs) - at - len(rest)
        else:
            count = _list_length(arg, attrs) if arg.is_list else 1
        types = [t.dtype.base_dtype for t in inputs[at:at + count]]
        at += count
        for name, value in ((arg.number_attr, count), (arg.type_list_attr, types), (arg.type_attr, types and types[0])):
            if name and value != []:
                attrs.setdefault(name, value)
    for name, attr in op_def.attrs.items():
        if attr.has_default:
            attrs.setdefault(name, list(attr.default) if isinstance(attr.default, list) else attr.default)


def _list_length(arg, attrs):
    return attrs[arg.number_attr] if arg.number_attr is not None else len(attrs[arg.type_list_attr])


def output_types(op_def, attrs):
    """The dtypes of the outputs of a node of `op_def` with these attrs, a flat list."""
    types = []
    for arg in op_def.outputs:
        if arg.type_list_attr is not None:
            found = list(attrs[arg.type_list_attr])
        else:
            dtype = arg.dtype if arg.dtype is not None else dtypes.as_dtype(attrs[arg.type_attr])
            found = [dtype] * (attrs[arg.number_attr] if arg.number_attr is not None else 1)
        types.extend(t._as_ref if arg.is_ref else t for t in found)
    return types

