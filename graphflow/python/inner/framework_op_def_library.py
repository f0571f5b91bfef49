"""Inner names of python.framework.op_def_library."""
from graphflow.framework import apply, registry


class OpDefLibrary:
    """Adds nodes of registered ops by the names of their arguments."""

    def add_op_list(self, op_list):
        """Nothing to do: graphflow's registry knows the ops."""

    def apply_op(self, op_type_name, name=None, **keywords):
        """Adds a node.

        Args:
          op_type_name: a registered op type.
          name: name of the node; the op type by default.
          **keywords: every input, and every attr that does not follow from the inputs, by name (with an underscore
            behind it where the name is a word of Python's); None for an attr's default.

        Returns: the outputs, structured by the op's declaration; the Operation if it has none.

        Raises: RuntimeError for an unknown op, TypeError and ValueError for arguments that do not fit.
        """
        op_def = registry.OPS.get(op_type_name)
        if op_def is None:
            raise RuntimeError(f'Unrecognized Op name {op_type_name}')
        inputs = [_taken(keywords, 'input', arg.name) for arg in op_def.inputs]
        inferred = {ref for arg in op_def.inputs for ref in (arg.type_attr, arg.number_attr, arg.type_list_attr) if ref}
        for key in keywords:
            if key in inferred:
                raise TypeError(f"Should not specify value for inferred attr '{key}'.")
        attrs = {key: _taken(keywords, 'attr', key) for key in op_def.attrs if key not in inferred}
        if keywords:
            raise TypeError('apply_op() got unexpected keyword arguments: ' + ', '.join(sorted(keywords)))
        for arg, value in zip(op_def.inputs, inputs):
            if arg.is_list and not isinstance(value, (list, tuple)):
                raise TypeError(f"Expected list for '{arg.name}' argument to '{op_type_name}' Op, not {value}.")
        for key, value in attrs.items():
            if op_def.attrs[key].kind.startswith('list(') and value is not None and not hasattr(value, '__iter__'):
                raise TypeError(f'Expected list for attr {key}')
        result = apply.apply(op_type_name, *inputs, name=name, **attrs)
        return tuple(result) if isinstance(result, tuple) else result


def _taken(keywords, kind, name):
    for key in (name, name + '_'):
        if key in keywords:
            return keywords.pop(key)
    raise TypeError(f'No argument for {kind} {name}')
