"""The contexts of control flow: which branch or loop a node belongs to.

While a context is the graph's current one, every new node is shown to it (`AddOp`). The context then replaces inputs
that come from outside by ones that only arrive when the branch is taken or the loop goes round, and ties nodes without
inputs to its pivot, a node that runs exactly when the context is alive.
"""
from graphflow.framework.graph import get_default_graph
from graphflow.framework.scoped_names import with_scope, without_scope
from graphflow.framework.tensor import Tensor

_EXITS = ('Exit', 'RefExit')
_ENTERS = ('Enter', 'RefEnter')
_SWITCHES = ('Switch', 'RefSwitch')


class ControlFlowContext:
    """A branch of a conditional, or a loop.

    `values` are the tensors known inside, made there or brought in; `external_values` maps a tensor from outside to the
    one that stands for it inside.
    """
    grad_state = None
    back_prop = False

    def __init__(self):
        self._graph = get_default_graph()
        self._outer_context = self._graph._get_control_flow_context()
        self._nested_contexts = []
        if self._outer_context is not None:
            self._outer_context._nested_contexts.append(self)
        self._entered_from = []
        self._values = set()
        self._external_values = {}

    # To and from messages

    def _write(self, message, export_scope):
        """Writes the known tensors and the nested contexts into a CondContextDef or WhileContextDef."""
        values = message.values_def
        values.values.extend(without_scope(name, export_scope) for name in sorted(v.name for v in self._values))
        for outside, inside in self._external_values.items():
            values.external_values[without_scope(outside.name, export_scope)] = without_scope(inside.name, export_scope)
        for context in self._nested_contexts:
            field = 'while_ctxt' if context.IsWhileContext() else 'cond_ctxt'
            nested = context.to_proto(export_scope)
            if nested is not None:
                getattr(message.nested_contexts.add(), field).CopyFrom(nested)

    def _read(self, message, import_scope):
        """The reverse of `_write`, for a context that `__init__` has not seen: its nodes are in the default graph."""
        ControlFlowContext.__init__(self)

        def find(name):
            return self._graph.get_tensor_by_name(with_scope(name, import_scope))
        self._values = {find(name) for name in message.values_def.values}
        self._external_values = {find(k): find(v) for k, v in message.values_def.external_values.items()}
        for tensor in self._values - set(self._external_values):
            tensor.op._set_control_flow_context(self)
        return find

    def _read_nested(self, message, import_scope):
        """Makes the contexts within this one."""
        with self:
            for nested in message.nested_contexts:
                field = nested.WhichOneof('ctxt')
                if field is not None:
                    CLASSES[field].from_proto(getattr(nested, field), import_scope)

    @property
    def outer_context(self):
        """The context around this one, or None."""
        return self._outer_context

    @property
    def graph(self):
        return self._graph

    def Enter(self):
        """Makes this the graph's current context."""
        self._entered_from.append(self._graph._get_control_flow_context())
        self._graph._set_control_flow_context(self)

    def Exit(self):
        """Makes the context current again that was so before Enter."""
        self._graph._set_control_flow_context(self._entered_from.pop())

    def __enter__(self):
        self.Enter()
        return self

    def __exit__(self, *exc):
        self.Exit()

    def ExitResult(self, result):
        """Makes the (nested) tensors `result` known to the context around."""
        if self._outer_context is not None:
            self._outer_context._values.update(t for t in result if isinstance(t, Tensor))

    def GetWhileContext(self):
        """The innermost loop this context is in, itself included, or None."""
        return None if self._outer_context is None else self._outer_context.GetWhileContext()

    def IsWhileContext(self):
        return False

    def IsCondContext(self):
        return False

    def IsXLAContext(self):
        return False

    def CheckUse(self, op, source):
        """Checks that `op` may use outputs of `source`, a node of this context.

        Raises: ValueError if these exist only within a loop that `op` is not in.
        """
        own = output_context(source)
        loop = None if own is None else own.GetWhileContext()
        context = op._get_control_flow_context()
        around = None if context is None else context.GetWhileContext()
        if loop is None or around is loop or op.type in _ENTERS + _SWITCHES:
            return
        why = f'{source.name!r} is in a while loop' if around is None else 'they are in different while loops'
        while around is not None:
            if around is loop or around.grad_state is not None:
                return
            outer = around.outer_context
            around = None if outer is None else outer.GetWhileContext()
        raise ValueError(f'Cannot use {source.name!r} as input to {op.name!r} because {why}. See info log for more '
                         'details.')

    def AddOp(self, op):
        """Takes in a node that was made while this context was the current one."""
        raise NotImplementedError

    def AddValue(self, val):
        """The tensor that stands in this context for `val`."""
        raise NotImplementedError

    def AddInnerOp(self, op):
        """Hears of a node made in a context within this one."""
        if self._outer_context is not None:
            self._outer_context.AddInnerOp(op)

    def _replace_inputs(self, op):
        for i, tensor in enumerate(op._inputs):
            inside = self.AddValue(tensor)
            if inside is not tensor:
                op._update_input(i, inside)

    def _drop_external_control_inputs(self, op):
        """Takes from `op` the control inputs that lie outside the loop, if it is in one: it could not wait for these.

        Returns: (the control inputs that stay, those taken).
        """
        loop = self.GetWhileContext()
        inside, outside = [], []
        for control in op._control_inputs:
            context = output_context(control)
            is_inside = loop is None or context is not None and context.GetWhileContext() is loop
            (inside if is_inside else outside).append(control)
        if outside:
            op._remove_all_control_inputs()
            op._add_control_inputs(inside)
        return inside, outside

    def _hide(self, op):
        """Forbids to fetch the node: outside its outputs may not exist, or exist many times."""
        if self._outer_context is not None or op.type not in _EXITS:
            op.graph.prevent_fetching(op)

    def _know_in_all(self, tensors):
        context = self
        while context is not None:
            context._values.update(tensors)
            context = context._outer_context


def output_context(op):
    """The context in which the outputs of `op` are: for the exit of a loop, the one around the loop."""
    context = op._get_control_flow_context()
    if context is not None and op.type in _EXITS:
        context = context.outer_context
    return context


def is_in_context(op, context):
    """Whether `op` is in `context` or one within it."""
    own = op._get_control_flow_context()
    while own is not None:
        if own is context:
            return True
        own = own.outer_context
    return False


def is_loop_constant(op):
    """Whether `op` brings a value into a loop that stays the same in all rounds."""
    return op.type in _ENTERS and op._attrs['is_constant']


# The classes of contexts by the field of a ControlFlowContextDef that holds them.
CLASSES = {}
