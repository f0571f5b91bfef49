"""Pass 9: common subexpressions. Of two calls of one op with the same attrs and inputs the first one's results serve both."""


class Known:
    """The instructions seen so far."""

    def __init__(self):
        self._seen = {}

    def find(self, instruction):
        """An earlier Instruction that computed the same, or None; then this one is remembered."""
        if instruction.effect or not instruction.outputs or instruction.wanted:
            return None
        live = any(v.live for v in instruction.inputs)
        shape = instruction.outputs[0].shape if instruction.op == 'View' else None
        key = (instruction.op, instruction.version if live else None, shape, instruction.groups,
               *[_identity(v) for v in instruction.inputs])
        candidates = self._seen.setdefault(key, [])
        for other in candidates:
            if instruction.op == 'View' or _attrs(other) == _attrs(instruction):
                return other
        candidates.append(instruction)
        return None


def _identity(value):
    """What two inputs share if they are interchangeable: small constants are by their bytes."""
    constant = value.constant
    if constant is not None and constant.dtype.kind in 'fiub' and constant.size <= 16:
        return constant.dtype.str, constant.shape, constant.tobytes()
    return id(value)


def _attrs(instruction):
    attrs = instruction.node._attrs
    return {name: repr(value) for name, value in attrs.items() if name[0] != '_'}
