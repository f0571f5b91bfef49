"""Inner names of python.framework.op_def_registry."""
import collections.abc

from graphflow.framework import registry


class _Messages(collections.abc.Mapping):
    """{op type: OpDef message}; a message is made when asked for."""

    def __getitem__(self, op_type):
        from graphflow.framework import node_def
        return node_def.op_def_proto(registry.OPS[op_type])

    def __iter__(self):
        return iter(registry.OPS)

    def __len__(self):
        return len(registry.OPS)


def get_registered_ops():
    """The registered ops: a mapping of op types to OpDef messages."""
    return _Messages()


def get(name):
    """The OpDef message of an op type, None if there is none."""
    return _Messages().get(name)


def register_op_list(op_list):
    """Nothing to do for ops that are known. Raises: ValueError for one that is not."""
    for op_def in op_list.op:
        if op_def.name not in registry.OPS:
            raise ValueError(f'graphflow has no op {op_def.name!r}: declare it with graphflow.framework.registry.op')
