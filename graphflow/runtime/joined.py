"""What instructions that stand for several others have in common."""
from graphflow.runtime import diagnostics, propagate
from graphflow.runtime.program import Instruction, View


class Joined(Instruction):
    """One Instruction in place of several, its `members`, in the order in which they ran.

    Args:
      members: Instructions without effects.
      inputs, outputs: what it takes from elsewhere and what others need, Values of the members.
    """
    __slots__ = ('members',)

    def __init__(self, op, function, members, inputs, outputs):
        last = members[-1]
        super().__init__(last.node, op, function, inputs, outputs, (None,) * len(inputs), False, last.version)
        self.members = members

    def run_members(self, *arrays):
        """The outputs by the members' own kernels, as a list. Errors name the member that raised them."""
        values = dict(zip(self.inputs, arrays))
        for member in self.members:
            taken = [values[v] if v in values else v.constant for v in member.inputs]
            try:
                results = run_alone(member, taken)
            except Exception as error:
                raise diagnostics.located(error, member.node) from None
            values.update(zip(member.outputs, results))
        return [values[v] for v in self.outputs]


def run_alone(instruction, arrays):
    """Calls the kernel of one instruction with a flat list of arrays; returns a flat list of results."""
    if isinstance(instruction, View):
        return [arrays[0].reshape(instruction.outputs[0].shape)]
    return propagate.call(instruction, arrays)


def readers(program):
    """Value -> list of the instructions that take it, once for each time."""
    found = {}
    for instruction in program.instructions:
        for value in instruction.inputs:
            found.setdefault(value, []).append(instruction)
    return found
