"""Pass 6: reads of resource variables that need no copy.

A ReadVariableOp gives a value that later updates do not touch, so its kernel copies. Where nothing writes to variables
between the read and the last use, the variable's own array does as well.
"""
from graphflow.runtime import properties


def share(program):
    """Replaces reads in `program` by the variables' arrays where nobody can tell."""
    last = _last_versions(program)
    replaced, kept, gone = {}, [], set()
    for instruction in program.instructions:
        instruction.inputs = [replaced.get(v, v) for v in instruction.inputs]
        gone.update(_replaced_cells(instruction))
        cell = instruction.inputs[0].cell if instruction.op == 'ReadVariableOp' else None
        if cell is not None and cell not in gone and last.get(instruction.outputs[0], 0) <= instruction.version:
            value = program.variable(cell, instruction.node)
            if value is not None and value.dtype == instruction.outputs[0].dtype:
                replaced[instruction.outputs[0]] = value
                program.note('snapshots', f'{instruction.node.name} is read in place')
                continue
        kept.append(instruction)
    program.instructions = kept
    _spread_liveness(program)


def _replaced_cells(instruction):
    if instruction.op in properties.REPLACERS:
        return [v.cell for v in instruction.inputs if v.cell is not None]
    return []


def _last_versions(program):
    """Value -> the version of memory at its last use, be it through a view; infinite if it is returned."""
    last = dict.fromkeys(program.results, float('inf'))
    for instruction in reversed(program.instructions):
        at = instruction.version
        if not properties.is_fresh(instruction.op):
            at = max([at] + [last.get(v, 0) for v in instruction.outputs])
        if _reads_while_writing(instruction):
            at = max(at, instruction.version + 1)
        for value in instruction.inputs:
            last[value] = max(at, last.get(value, 0))
    return last


def _reads_while_writing(instruction):
    """Whether a variable may change before all of the other inputs is read.

    Assignments and optimizers go element by element.
    """
    op = instruction.op
    updates = any(v.cell is not None for v in instruction.inputs)
    return updates and op not in properties.READERS and not op.startswith(('Assign', 'Apply', 'ResourceApply'))


def _spread_liveness(program):
    for instruction in program.instructions:
        if not properties.is_fresh(instruction.op) and any(v.live for v in instruction.inputs):
            for value in instruction.outputs:
                value.live = True
