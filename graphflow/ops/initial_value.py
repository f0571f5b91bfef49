"""Initial values that depend on other variables."""
from graphflow.framework.scopes import GraphKeys
from graphflow.framework.tensor import Tensor
from graphflow.util import deprecation

_VARIABLE_TYPES = ('Variable', 'VariableV2', 'VarHandleOp')
_KEPT_TYPES = ('IsVariableInitialized', 'VarIsInitializedOp', 'ReadVariableOp')


def guarded(scope, value):
    """`value` rebuilt so that wherever it reads a variable it takes that one's initial value if it has none yet.

    One `tf.global_variables_initializer` then works whatever the order in which the variables get their values.

    Args:
      scope: the name scope of the variable that `value` is for, 'w/'.
      value: a tensor.
    """
    if not isinstance(value, Tensor) or _has_cycle(value.op):
        return value
    return _guarded_op(scope, value.op, {}).outputs[value.value_index]


def _has_cycle(op):
    """Whether the nodes `op` depends on contain a loop."""
    done, path = set(), set()
    stack = [(op, False)]
    while stack:
        node, leaving = stack.pop()
        if leaving:
            path.discard(node)
            done.add(node)
            continue
        if node in path:
            return True
        if node in done:
            continue
        path.add(node)
        stack.append((node, True))
        for source in [t.op for t in node._inputs] + node._control_inputs:
            if source in path:
                return True
            if source not in done:
                stack.append((source, False))
    return False


def _guarded_op(scope, op, rebuilt):
    if op in rebuilt:
        return rebuilt[op]
    if op.type in _KEPT_TYPES:
        result = op
    elif op.type in _VARIABLE_TYPES:
        result = _initialized_op(op)
    else:
        inputs = [_guarded_op(scope, t.op, rebuilt).outputs[t.value_index] for t in op._inputs]
        result = op if inputs == list(op._inputs) else _copy(scope, op, inputs)
    rebuilt[op] = result
    return result


def _initialized_op(op):
    """What outputs the initialized value of the variable whose node is `op`; `op` itself if it is no known variable."""
    for key in (GraphKeys.GLOBAL_VARIABLES, GraphKeys.LOCAL_VARIABLES):
        for variable in op.graph.get_collection(key):
            if variable is not None and getattr(variable, 'op', None) is op:
                with deprecation.silence():
                    return variable.initialized_value().op
    return op


def _copy(scope, op, inputs):
    op_type = 'Switch' if op.type == 'RefSwitch' else op.type   # the copy switches a value
    return op.graph.create_op(op_type, inputs, [t.dtype.base_dtype for t in op.outputs] if op_type != op.type
                              else [t.dtype for t in op.outputs],
                              name=f'{op.name}_{scope}'.replace(':', '_'), attrs=op._attrs)
