"""What the names in a plan's code stand for, in words."""
import re

import numpy as np

from graphflow.runtime.state import VariableCell

_SHOWN = 6      # elements of a constant
_NAME = re.compile(r'\b[a-z]\d+\b')


def members(instruction):
    """The instructions of single nodes that an instruction stands for."""
    inside = getattr(instruction, 'members', None)
    return [instruction] if inside is None else [m for i in inside for m in members(i)]


def title(instruction):
    """The ops that an instruction stands for."""
    ops = [m.op for m in members(instruction)]
    prefix = {'Fused': 'loop: ', 'Sliced': 'slices: '}.get(instruction.op, '') if len(ops) > 1 else ''
    return prefix + ' + '.join(ops)


def kind(dtype, shape):
    """The type of an array in words: 'float32 (100, 10)'."""
    if dtype is None:
        return 'reference'
    name = 'string' if dtype == object else np.dtype(dtype).name
    return f'{name} {"(...)" if shape is None else tuple(shape)}'


def constant(array):
    """A constant in words."""
    array = np.asarray(array)
    if array.size <= _SHOWN:
        return f'{kind(array.dtype, array.shape)} {np.array2string(array, separator=", ")}'
    same = array.dtype != object and (array == array.flat[0]).all()
    return kind(array.dtype, array.shape) + (f', all {array.flat[0]!s}' if same else '')


def of_code(code, fed):
    """Dict of the names in an emit.Code to what they are. `fed`: the Tensors of its arguments."""
    program = code.program
    variables = {id(array): cell.name for cell, array in program.guards.items()}
    found = {v.name: f'the feed of {t.name}: {kind(v.dtype, v.shape)}' for v, t in zip(program.arguments, fed)}
    text = code.source.splitlines()
    for instruction, (first, end) in zip(program.instructions, code.spans):
        for name in _NAME.findall(' '.join(text[first:end])):
            made = _MAKERS.get(name[0])
            if made is not None and name in code.scope:
                found.setdefault(name, made(title(instruction), instruction.node.name))
    for name, value in code.scope.items():
        if name[0] == 'c':
            found[name] = f'constant: {constant(value)}'
        elif isinstance(value, VariableCell):
            found[name] = f'variable {value.name}'
        elif name[0] in 'va' and isinstance(value, np.ndarray):
            variable = f'variable {variables[id(value)]}' if id(value) in variables else 'a variable'
            found[name] = f'the array of {variable}: {kind(value.dtype, value.shape)}'
    for (shape, dtype), name in code.allocators.items():
        found[name] = f'makes an array: {kind(dtype, shape)}'
    return found


_MAKERS = {
    'k': lambda title, node: f'{title}, for node {node}',
    'x': lambda title, node: 'the same op by op, for arrays that are not as expected',
    'w': lambda title, node: 'sizes and strides for the loop',
    'z': lambda title, node: 'makes an array of zeros',
    'd': lambda title, node: 'numpy.divide',
}


def of_region(region, nodes, constants, fed):
    """Dict of the names in a codegen region to what they are.

    Args:
      nodes: the Operations it runs.
      constants: dict of Tensors to arrays, those known when the plan was made.
      fed: the Tensors of its arguments.
    """
    found = {f'f{i}': f'the feed of {t.name}' for i, t in enumerate(fed)}
    found.update((f'k{node._id}', f'{node.type}, for node {node.name}') for node in nodes)
    used = set(_NAME.findall(region.source))
    for i, (tensor, array) in enumerate(constants.items()):
        if f'c{i}' in used:
            found[f'c{i}'] = f'constant {tensor.op.name}: {constant(array)}'
    return found
