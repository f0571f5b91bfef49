"""Loops: tf.while_loop.

Every loop variable goes through Enter, a Merge that takes the value that entered or that of the round before, and a
Switch by the condition, to the body or to the Exit. What else the loop uses from outside enters as a loop constant.
"""
from graphflow import protos
from graphflow.framework import convert, scopes
from graphflow.framework.apply import apply
from graphflow.framework.export import export
from graphflow.framework.graph import get_default_graph
from graphflow.framework.proto_functions import register_proto_function
from graphflow.framework.registry import joins, op
from graphflow.framework.scoped_names import with_scope, without_scope
from graphflow.framework.scopes import GraphKeys
from graphflow.framework.shape_rules import scalar, unchanged
from graphflow.framework.sparse_tensor import SparseTensor
from graphflow.framework.tensor_shape import TensorShape
from graphflow.ops import array, comparison
from graphflow.ops.constant import constant
from graphflow.ops.control_flow_context import CLASSES, ControlFlowContext, is_loop_constant, output_context
from graphflow.ops.switch import merge, switch_value
from graphflow.util import nest

_ENTER = 'T:type; frame_name:string; is_constant:bool=False; parallel_iterations:int=10'


def _entered(c):
    """A loop variable may have another shape in the next round."""
    return c.shape(0) if c.attr('is_constant') else TensorShape(None)


op('Enter', 'data:T -> output:T', _ENTER, shape=_entered)
op('RefEnter', 'data:ref(T) -> output:ref(T)', _ENTER, shape=unchanged)
op('Exit', 'data:T -> output:T', 'T:type', shape=unchanged)
op('RefExit', 'data:ref(T) -> output:ref(T)', 'T:type', shape=unchanged)
op('NextIteration', 'data:T -> output:T', 'T:type', shape=unchanged)
op('RefNextIteration', 'data:ref(T) -> output:ref(T)', 'T:type', shape=unchanged)
op('LoopCond', 'input:bool -> output:bool', '', shape=scalar)
joins('Enter', 'RefEnter', 'Exit', 'RefExit', 'NextIteration', 'RefNextIteration', 'LoopCond')


def _by_type(op_type, tensor, name=None, **attrs):
    """A node of `op_type`, or of its form for references."""
    return apply('Ref' + op_type if tensor.dtype._is_ref_dtype else op_type, tensor, name=name, **attrs)


class WhileContext(ControlFlowContext):
    """A loop.

    Args:
      maximum_iterations: how many rounds at most, or None.
      parallel_iterations: how many rounds TensorFlow would run at once.
      back_prop: whether the loop is to be differentiable.
      swap_memory: accepted for compatibility.
      name: the name of the frame.
    """

    def __init__(self, maximum_iterations=None, parallel_iterations=10, back_prop=True, swap_memory=False,
                 name='while_context'):
        super().__init__()
        self._name = self._graph.unique_name(name)
        self._maximum_iterations, self._parallel_iterations = maximum_iterations, parallel_iterations
        self._back_prop, self._swap_memory = back_prop, swap_memory
        self._pivot = self._pivot_for_pred = self._pivot_for_body = None
        self._loop_enters, self._loop_exits = [], []

    name = property(lambda self: self._name)
    maximum_iterations = property(lambda self: self._maximum_iterations)
    parallel_iterations = property(lambda self: self._parallel_iterations)
    back_prop = property(lambda self: self._back_prop)
    swap_memory = property(lambda self: self._swap_memory)
    pivot = property(lambda self: self._pivot)
    loop_enters = property(lambda self: self._loop_enters)
    loop_exits = property(lambda self: self._loop_exits)

    def to_proto(self, export_scope=None):
        """A WhileContextDef message; None if the context is not in the scope `export_scope`."""
        if export_scope is not None and not self._name.startswith(export_scope):
            return None

        def names(tensors):
            return [without_scope(t.name, export_scope) for t in tensors]
        message = _context_def()(
            context_name=without_scope(self._name, export_scope), parallel_iterations=self._parallel_iterations,
            back_prop=self._back_prop, swap_memory=self._swap_memory, loop_enter_names=names(self._loop_enters),
            loop_exit_names=names(self._loop_exits), **{
                field: names([tensor])[0] for field, tensor in self._marks().items() if tensor is not None})
        self._write(message, export_scope)
        return message

    def _marks(self):
        """The tensors that have a meaning of their own, by the field of a WhileContextDef that names them."""
        return {'pivot_name': self._pivot, 'pivot_for_pred_name': self._pivot_for_pred,
                'pivot_for_body_name': self._pivot_for_body, 'maximum_iterations_name': self._maximum_iterations}

    @classmethod
    def from_proto(cls, context_def, import_scope=None):
        """The context that a WhileContextDef message describes, of nodes of the default graph within `import_scope`."""
        context = cls.__new__(cls)
        find = context._read(context_def, import_scope)
        context._name = with_scope(context_def.context_name, import_scope)
        context._parallel_iterations = context_def.parallel_iterations
        context._back_prop, context._swap_memory = context_def.back_prop, context_def.swap_memory
        context._pivot, context._pivot_for_pred, context._pivot_for_body, context._maximum_iterations = (
            find(getattr(context_def, field)) if getattr(context_def, field) else None
            for field in ('pivot_name', 'pivot_for_pred_name', 'pivot_for_body_name', 'maximum_iterations_name'))
        context._loop_enters = [find(name) for name in context_def.loop_enter_names]
        context._loop_exits = [find(name) for name in context_def.loop_exit_names]
        if import_scope:
            for tensor in context._values:
                if tensor.op.type in ('Enter', 'RefEnter'):
                    tensor.op._set_attr('frame_name', context._name.encode())
        context._read_nested(context_def, import_scope)
        return context

    def IsWhileContext(self):
        return True

    def GetWhileContext(self):
        return self

    def GetControlPivot(self):
        return self._pivot_for_pred if self._pivot_for_body is None else self._pivot_for_body

    # What comes in

    def AddValue(self, val):
        if val in self._values or val.op._control_flow_context is self:
            return self._external_values.get(val, val)
        current = self._graph._get_control_flow_context()
        current = None if current is None else current.GetWhileContext()
        if current is not None and current.grad_state is not None:
            source = output_context(val.op)
            source = None if source is None else source.GetWhileContext()
            if source is not None and source is current.grad_state.forward:
                self._values.add(val)
                self._external_values[val] = real = current.grad_state.real_value(val)
                return real
        self._values.add(val)
        result = val if self._outer_context is None else self._outer_context.AddValue(val)
        with scopes.control_dependencies(None):
            entered = self._enter(result, is_constant=True)
        self._settle(entered)
        self._values.add(entered)
        self._external_values[val] = entered
        return entered

    def AddOp(self, op):
        if op.type in ('Shape', 'Size', 'Rank') and self._belongs_to_forward(op):
            context = op._inputs[0].op._get_control_flow_context()
            op._set_control_flow_context(context)
            context._take(op)
        else:
            self._take(op)

    def _belongs_to_forward(self, op):
        """Whether `op`, made in a backward loop, should run in the forward loop: it needs less than what it takes."""
        current = self._graph._get_control_flow_context()
        current = None if current is None else current.GetWhileContext()
        if current is None or current.grad_state is None:
            return False
        source = op._inputs[0].op._get_control_flow_context()
        return source is not None and source.GetWhileContext() is current.grad_state.forward

    def _take(self, op):
        if op._inputs:
            self._replace_inputs(op)
        inside, outside = self._drop_external_control_inputs(op)
        if not op._inputs:
            if not inside:
                op._add_control_input(self.GetControlPivot().op)
        elif not op._control_inputs and all(is_loop_constant(t.op) for t in op._inputs):
            op._add_control_input(self.GetControlPivot().op)     # else it would run without its round
        self._values.update(op.outputs)
        if outside:
            with scopes.control_dependencies(None), self:
                # What lies outside is waited for by taking its value.
                waited = [array.identity(c.outputs[0]).op for c in outside if c.outputs]
            op._add_control_inputs(waited)
        self._hide(op)
        if self._outer_context is not None or op.type not in ('Exit', 'RefExit'):
            for tensor in op.outputs:
                op.graph.prevent_feeding(tensor)
        if self._outer_context is not None:
            self._outer_context.AddInnerOp(op)

    def _enter(self, tensor, is_constant):
        entered = _by_type('Enter', tensor, frame_name=self._name, is_constant=is_constant,
                           parallel_iterations=self._parallel_iterations)
        entered.graph.prevent_feeding(entered)
        if self._outer_context is not None:
            self._outer_context.AddInnerOp(entered.op)
        return entered

    def _settle(self, entered):
        """Puts an Enter, made outside all contexts, into this one, with the control inputs it may have."""
        graph, enter = entered.graph, entered.op
        around, loop = [self._outer_context], None
        if self._outer_context is not None:
            loop = self._outer_context.GetWhileContext()
        while around[-1] is not None and around[-1] is not loop:
            around.append(around[-1].outer_context)
        controls = [c for c in graph._control_inputs_for([enter._inputs[0].op]) if output_context(c) in around]
        enter._set_control_flow_context(self)
        enter._add_control_inputs(controls)
        for controller in graph._controllers:
            controller.seen.add(enter)

    # Building

    def BuildLoop(self, pred, body, loop_vars, shape_invariants, return_same_structure):
        """Builds the loop (see `while_loop`); returns its results."""
        flat = [_flow(v) for v in nest.flatten(loop_vars)]
        flat = nest.flatten([_tensor(v) for v in flat], expand_composites=True)
        with self:
            result, exits = self._build(pred, body, loop_vars, flat, shape_invariants)
        leaves = nest.flatten(result, expand_composites=True)
        packed = nest.pack_sequence_as(result, [_like(v, e) for v, e in zip(leaves, exits)], expand_composites=True)
        return packed if return_same_structure or len(exits) != 1 else packed[0]

    def _build(self, pred, body, structure, flat, shape_invariants):
        values = flat
        if self._outer_context is not None:
            values = [self._outer_context.AddValue(v) for v in flat]
        with scopes.control_dependencies(None):
            enters = [self._enter(v, is_constant=False) for v in values]
        if shape_invariants is None:
            for value, entered in zip(values, enters):
                entered.set_shape(value.shape)
        self._follow_outer_pivot(enters)
        if shape_invariants is not None:
            _set_invariants(values, enters, nest.flatten(shape_invariants))
        for entered in enters:
            self._settle(entered)
        self._values.update(enters)
        self._loop_enters = enters
        merges = [merge([e, e])[0] for e in enters]
        self._pivot_for_pred = merges[0]
        condition = convert.to_tensor(pred(*_packed(structure, merges)))
        self._pivot = apply('LoopCond', condition, name='LoopCond')
        switches = [switch_value(m, self._pivot) for m in merges]
        in_body = [_by_type('Identity', s[1]) for s in switches]
        self._pivot_for_body = in_body[0]
        packed = _packed(structure, in_body)
        result = _with_summaries(lambda: body(*packed))
        if not nest.is_sequence_or_composite(result):
            result = [result]
        nest.assert_same_structure(list(packed), list(result), expand_composites=True)
        after = [_flow(v) for v in nest.flatten(result)]
        after = nest.flatten([_tensor(v) for v in after], expand_composites=True)
        for merged, value in zip(merges, after):
            following = _by_type('NextIteration', value)
            _check_invariant(merged, following)
            merged.op._update_input(1, following)
        self._loop_exits = exits = [_by_type('Exit', s[0]) for s in switches]
        self.ExitResult(exits)
        return result, exits

    def _follow_outer_pivot(self, enters):
        """A loop whose variables start with constants of the loop around starts once in each of its rounds."""
        context, pivot = self._outer_context, None
        while context is not None and pivot is None:
            pivot, context = context.GetControlPivot(), context.outer_context
        if pivot is not None:
            for entered in enters:
                if is_loop_constant(entered.op._inputs[0].op):
                    entered.op._add_control_input(pivot.op)


def _flow(value):
    """What goes round in place of a TensorArray: its flow."""
    return value.flow if hasattr(value, 'flow') and hasattr(value, 'handle') else value


def _tensor(value):
    return value if isinstance(value, SparseTensor) else convert.convert_to_tensor_or_indexed_slices(value)


def _like(value, tensor):
    return value._with_flow(tensor) if hasattr(value, '_with_flow') else tensor


def _packed(structure, tensors):
    leaves = nest.flatten(structure, expand_composites=True)
    return nest.pack_sequence_as(structure, [_like(v, t) for v, t in zip(leaves, tensors)], expand_composites=True)


def _with_summaries(function):
    """Calls the function; its results wait for the summaries it made."""
    graph = get_default_graph()
    before = len(graph.get_collection(GraphKeys._SUMMARY_COLLECTION))
    result = function()
    new = graph.get_collection(GraphKeys._SUMMARY_COLLECTION)[before:]
    if not new:
        return result
    with scopes.control_dependencies(new):
        return nest.map_structure(lambda v: _like(v, array.identity(_flow(v))), result, expand_composites=True)


def _fits(shape, invariant):
    """Whether a tensor of static shape `shape` surely has the shape `invariant`."""
    if invariant.ndims is None:
        return True
    if shape.ndims != invariant.ndims:
        return False
    return all(n is None or m == n for m, n in zip(shape.as_list(), invariant.as_list()))


def _set_invariants(values, enters, shapes):
    for value, entered, shape in zip(values, enters, shapes):
        if not _fits(value.shape, shape):
            raise ValueError(f'The shape invariant specified for {value.name} is not compatible with the initial shape '
                             f'of the loop variable. It enters the loop with shape {value.shape}, but the specified shape '
                             f'invariant is {shape}.')
        entered.set_shape(shape)


def _check_invariant(merged, following):
    if not _fits(following.shape, merged.shape):
        first = merged.op._inputs[0].op._inputs[0]
        raise ValueError(
            f"Input tensor '{first.name}' enters the loop with shape {merged.shape}, but has shape {following.shape} "
            'after one iteration. To allow the shape to vary across iterations, use the `shape_invariants` argument of '
            'tf.while_loop to specify a less-specific shape.')


def _context_def():
    return protos.load('control_flow').WhileContextDef


CLASSES['while_ctxt'] = WhileContext
register_proto_function(GraphKeys.WHILE_CONTEXT, _context_def, WhileContext.to_proto, WhileContext.from_proto)


@export('while_loop')
def while_loop(cond, body, loop_vars, shape_invariants=None, parallel_iterations=10, back_prop=True, swap_memory=False,
               name=None, maximum_iterations=None, return_same_structure=False):
    """Repeats `body` while `cond` holds.

    Both functions are called once, now, to build their nodes, which run as often as the loop goes round.

    Args:
      cond: function(*loop_vars) -> a bool scalar Tensor.
      body: function(*loop_vars) -> the loop variables of the next round, structured alike.
      loop_vars: a list or tuple of (nested structures of) tensors.
      shape_invariants: a structure like `loop_vars` of TensorShapes that hold in every round; by default the shapes
        with which the variables start.
      parallel_iterations: how many rounds TensorFlow would run at once, a positive int.
      back_prop: whether the loop is to be differentiable.
      swap_memory: accepted for compatibility.
      name: a name for the scope of the nodes.
      maximum_iterations: an int scalar (or tensor): how many rounds at most.
      return_same_structure: whether a single loop variable is returned as a list of one.

    Returns: the loop variables after the last round.

    Raises: TypeError if `cond` or `body` is no function, ValueError if there are no loop variables, or if what `body`
      returns has another structure or shape.
    """
    with scopes.name_scope(name, 'while', loop_vars):
        if not loop_vars:
            raise ValueError('No loop variables provided')
        if not callable(cond):
            raise TypeError('cond must be callable.')
        if not callable(body):
            raise TypeError('body must be callable.')
        if parallel_iterations < 1:
            raise TypeError('parallel_iterations must be a positive integer.')
        if shape_invariants is not None:
            nest.assert_same_structure(loop_vars, shape_invariants)
        counted = maximum_iterations is not None
        if counted:
            maximum_iterations = convert.to_tensor(maximum_iterations, name='maximum_iterations')
            if maximum_iterations.shape.ndims != 0:
                raise ValueError(f'maximum_iterations must be a scalar, saw shape: {maximum_iterations.shape}')
            alone = len(loop_vars) == 1 and not return_same_structure
            cond, body = _counted(cond, body, maximum_iterations, alone)
            counter = constant(0, dtype=maximum_iterations.dtype, name='iteration_counter')
            loop_vars = counter, loop_vars[0] if alone else loop_vars
            if shape_invariants is not None:
                shape_invariants = TensorShape([]), shape_invariants[0] if alone else shape_invariants
        context = WhileContext(maximum_iterations, parallel_iterations, back_prop, swap_memory)
        if context.outer_context is None:
            scopes.add_to_collection(GraphKeys.WHILE_CONTEXT, context)
        result = context.BuildLoop(cond, body, loop_vars, shape_invariants, return_same_structure)
        return result[1] if counted else result


def _counted(cond, body, limit, alone):
    """`cond` and `body` with a counter of rounds before their arguments."""
    if alone:
        return (lambda i, value: comparison.logical_and(i < limit, cond(value)),
                lambda i, value: (i + 1, body(value)))
    return (lambda i, values: comparison.logical_and(i < limit, cond(*values)),
            lambda i, values: (i + 1, body(*values)))
