"""The compiler: from a plan's nodes and the feeds' shapes to a Program, and its code. One pass a file, in this order."""
from graphflow.runtime import lower, propagate, properties, simplify, snapshots, subexpressions
from graphflow.runtime.emit import Code
from graphflow.runtime.epilogues import join_epilogues
from graphflow.runtime.fuse import fuse
from graphflow.runtime.program import Instruction
from graphflow.runtime.slices import slice_batches

# What rewrites a whole program, after the instructions are final: function(program), in this order.
PASSES = [join_epilogues, slice_batches, fuse]


def specialise(functions, constants, fed, shapes, fetches, targets):
    """The Code for feeds of these shapes. Arguments as for `lower.lower`."""
    program = lower.lower(functions, constants, fed, shapes, fetches, targets)
    snapshots.share(program)
    _rewrite(program)
    drop_unused(program)
    for rewrite in PASSES:
        rewrite(program)
    return Code(program)


def _rewrite(program):
    """Shapes, constants, algebra and common subexpressions, in one walk: each makes more of the others possible."""
    replaced, known, kept = {}, subexpressions.Known(), []
    for instruction in program.instructions:
        instruction.inputs = [_final(v, replaced) for v in instruction.inputs]
        node = instruction.node
        if type(instruction) is Instruction:
            propagate.infer(instruction)
            constants = None if instruction.wanted else propagate.fold(instruction)
            if constants is not None:
                replaced.update(zip(instruction.outputs, constants))
                program.note('fold', node.name)
                continue
        found = None if instruction.wanted else simplify.simplify(instruction)
        if found is not None:
            if not hasattr(found, 'inputs'):
                replaced[instruction.outputs[0]] = found
                program.note('simplify', node.name)
                continue
            replaced[instruction.outputs[0]] = found.outputs[0]
            instruction = found
        earlier = known.find(instruction)
        if earlier is not None:
            replaced.update(zip(instruction.outputs, earlier.outputs))
            program.note('subexpressions', f'{node.name} = {earlier.node.name}')
            continue
        kept.append(instruction)
    program.instructions = kept
    program.results = [_final(v, replaced) for v in program.results]


def _final(value, replaced):
    while value in replaced:
        value = replaced[value]
    return value


def _is_of_strings(instruction):
    return any(v.dtype is not None and v.dtype.hasobject for v in instruction.inputs + instruction.outputs)


def drop_unused(program):
    """Drops calls without effect whose results nobody takes any more."""
    used, kept = set(program.results), []
    for instruction in reversed(program.instructions):
        harmless = (properties.is_total(instruction.op) and all(v.shape is not None for v in instruction.outputs)
                    and not (instruction.op == 'Cast' and _is_of_strings(instruction)))
        needed = (instruction.effect or instruction.wanted or not harmless
                  or any(v in used for v in instruction.outputs))
        if needed:
            used.update(instruction.inputs)
            kept.append(instruction)
        else:
            program.note('drop', instruction.node.name)
    program.instructions = kept[::-1]
