"""Gradients of loops.

The gradient of a loop is a loop that goes round as often, in the other direction. A counter added to the forward loop
says how often that is. What the gradient needs of a round is pushed on a stack there and popped here; a loop constant's
gradients are added up over the rounds.
"""
from graphflow.framework import scopes
from graphflow.framework.apply import apply
from graphflow.framework.constant_value import constant_value
from graphflow.framework.graph import get_default_graph
from graphflow.framework.indexed_slices import IndexedSlices
from graphflow.framework.registry import gradient, not_differentiable, op
from graphflow.framework.shape_rules import unknown
from graphflow.framework.tensor_shape import TensorShape
from graphflow.ops import fill
from graphflow.ops.cond import zeros_like_output
from graphflow.ops.constant import constant
from graphflow.ops.control_flow_context import is_loop_constant, output_context
from graphflow.ops.switch import merge, switch, switch_value
from graphflow.ops.while_loop import WhileContext

op('StackV2', 'max_size:int32 -> handle:resource', "elem_type:type; stack_name:string=''",
   shape=lambda c: TensorShape([2]), stateful=True)
op('StackPushV2', 'handle:resource, elem:T -> output:T', 'T:type; swap_memory:bool=False', shape=lambda c: c.shape(1),
   stateful=True)
op('StackPopV2', 'handle:resource -> elem:elem_type', 'elem_type:type', shape=unknown, stateful=True)
not_differentiable('StackV2', 'StackPushV2', 'StackPopV2', 'LoopCond')
_SWITCHES = ('Switch', 'RefSwitch')


def loop_of(op):
    """The innermost loop that `op` is in, or None."""
    context = op._get_control_flow_context()
    return None if context is None else context.GetWhileContext()


def is_exit(op):
    return op.type in ('Exit', 'RefExit')


def is_loop_switch(op):
    """Whether `op` is the Switch of a loop variable."""
    context = op._get_control_flow_context()
    return op.type in _SWITCHES and context is not None and context.IsWhileContext()


class _Within:
    """A block within a context, which may be None."""

    def __init__(self, context):
        self._context = context

    def __enter__(self):
        if self._context is not None:
            self._context.Enter()

    def __exit__(self, *exc):
        if self._context is not None:
            self._context.Exit()


class _Without:
    """A block outside a context that is the current one."""

    def __init__(self, context):
        self._context = context

    def __enter__(self):
        self._context.Exit()

    def __exit__(self, *exc):
        self._context.Enter()


def _variable(context, start, name, step, finish=None):
    """Adds a loop variable that begins as `start` and goes on by `step`; returns it (after a round, at the end)."""
    context._values.add(start)
    entered = apply('Enter', start, frame_name=context.name, is_constant=False, name=name,
                    parallel_iterations=context.parallel_iterations)
    entered.graph.prevent_feeding(entered)
    entered.set_shape(start.shape)
    context._loop_enters.append(entered)
    merged = merge([entered, entered], name=finish)[0]
    at_end, in_body = step.split(merged)
    following = apply('NextIteration', step(in_body))
    merged.op._update_input(1, following)
    result = apply('Exit', at_end, name=name)
    context._loop_exits.append(result)
    return following, result


class _Step:
    """How a loop variable goes on: by `function` in a round, of which there is one while `pred` of it holds."""

    def __init__(self, context, function, pred=None):
        self._context, self._function, self._pred = context, function, pred

    def split(self, merged):
        if self._pred is not None:
            self._context._pivot_for_pred = merged
            self._context._pivot = apply('LoopCond', self._pred(merged), name='b_count')
        return switch(merged, self._context._pivot)

    def __call__(self, value):
        result = self._function(value)
        if self._pred is not None:
            self._context._pivot_for_body = result
        return result


class LoopGradient:
    """The backward loop of one forward loop.

    Attributes: `forward` and `grad_context`, the contexts; `outer`, the LoopGradient around or None; `history`, dict of
    forward tensors to their values in the backward loop; `switches`, dict of forward Switches to backward Merges.
    """

    def __init__(self, forward, outer):
        self.forward, self.outer = forward, outer
        self.exits = list(forward.loop_exits)
        self.history, self.switches = {}, {}
        self.unused_exits, self.deferred_exits = [], []
        self.pending_exits = len(self.exits)
        self._forward_sync = self._grad_sync = None
        around = forward.outer_context if outer is None else outer.forward
        with _Within(around):
            count = self._count_forward()
        if outer is None:
            with _Within(around):
                self._new_context()
                self._count_backward(count)
            return
        around._values.add(count)
        saved = outer.push(count)
        with outer.grad_context:
            self._new_context()
            self._count_backward(outer.pop(saved, count))

    @property
    def forward_context(self):
        return self.forward

    def _new_context(self):
        forward = self.forward
        self.grad_context = WhileContext(forward.maximum_iterations, forward.parallel_iterations, forward.back_prop,
                                         forward.swap_memory, forward.name)
        self.grad_context.grad_state = self

    def _count_forward(self):
        zero = constant(0, name='f_count')
        if self.outer is not None:
            # The rounds of one run of an inner loop come before those of the next.
            zero.op._add_control_input(self.outer.forward_index.op._inputs[0].op)
        with self.forward:
            step = _Step(self.forward, lambda n: apply('Add', n, 1))
            self.forward_index, count = _variable(self.forward, zero, 'f_count', step)
            self.forward.ExitResult([count])
        return count

    def _count_backward(self, count):
        context, one = self.grad_context, constant(1, name='b_count')
        with context:
            step = _Step(context, lambda n: apply('Sub', n, one), lambda n: apply('GreaterEqual', n, one))
            self.grad_index, zero = _variable(context, count, 'b_count', step)
            if self.outer is not None:
                self.outer.grad_sync._add_control_input(zero.op)
            context.ExitResult([zero])

    @property
    def forward_sync(self):
        """A node that each forward round waits for before the next."""
        if self._forward_sync is None:
            self._forward_sync = self._sync('f_sync', self.forward, self.forward_index)
        return self._forward_sync

    @property
    def grad_sync(self):
        """A node that each backward round waits for before the next."""
        if self._grad_sync is None:
            self._grad_sync = self._sync('b_sync', self.grad_context, self.grad_index)
        return self._grad_sync

    def _sync(self, name, context, index):
        with scopes.control_dependencies(None):
            sync = apply('ControlTrigger', name=name)
        sync._set_control_flow_context(context)
        index.op._add_control_input(sync)
        if context.outer_context is not None:
            context.outer_context.AddInnerOp(sync)
        return sync

    def push(self, value, dead_branch=False):
        """Has the forward loop push `value` on a stack in each round; returns the stack's handle."""
        current = get_default_graph()._get_control_flow_context()
        with scopes.control_dependencies(None):
            with _Within(current), scopes.colocate_with(value):
                stack = apply('StackV2', constant(-1), elem_type=value.dtype.base_dtype, name='f_acc')
            inside = self.forward.AddValue(stack)
            context = output_context(value.op)
            where = context.outer_context if dead_branch else context
            with where:
                pushed = apply('StackPushV2', inside, value, swap_memory=self.forward.swap_memory)
            if context is self.forward:
                self.forward_index.op._add_control_input(pushed.op)
            else:
                if dead_branch:
                    pushed.op._set_control_flow_context(context)
                self.forward_sync._add_control_input(pushed.op)
            pushed.op._add_control_input(self.forward_index.op._inputs[0].op)
        return stack

    def pop(self, stack, value, dead_branch=False):
        """In the backward loop the value that `push(value)` saved in the forward round that belongs to this one."""
        branch, end = value.op._get_control_flow_context(), stack.op._get_control_flow_context()
        while branch is not None and branch is not end and not branch.IsCondContext():
            branch = branch.outer_context
        with scopes.control_dependencies(None), self.grad_context:
            if branch is not None and branch is not end:
                side = 1 - branch.branch if dead_branch else branch.branch
                stack = switch_value(stack, self._known(branch.pred))[side]
            popped = apply('StackPopV2', stack, elem_type=value.dtype.base_dtype)
            popped.set_shape(value.shape)
        if self.grad_context.parallel_iterations > 1:
            self.grad_sync._add_control_input(popped.op)
        return popped

    def _known(self, pred):
        state = self
        while state is not None:
            if pred in state.history:
                return state.history[pred]
            state = state.outer
        return pred

    def saved(self, value, dead_branch=False):
        """`push` and `pop` of a value, called in the backward context."""
        with _Without(self.grad_context):
            stack = self.push(value, dead_branch)
        return self.pop(stack, value, dead_branch)

    def real_value(self, value):
        """What stands in the backward loop for a tensor of the forward loop."""
        found = self.history.get(value)
        if found is None:
            found = self.history[value] = self._real_value(value)
        return found

    def _real_value(self, value):
        state, current = self, value
        while True:
            enter = current.op
            while enter.type in _SWITCHES + ('Identity', 'RefIdentity'):
                enter = enter._inputs[0].op
            if not is_loop_constant(enter):
                break
            current, state = enter._inputs[0], state.outer
            if state is None:
                return self.grad_context.AddValue(current)
        if current.op.type == 'Const':
            return constant(constant_value(current), dtype=current.dtype)
        with _Without(self.grad_context):
            stack = state.push(current)
        popped = state.pop(stack, current)
        return popped if state is self else self.grad_context.AddValue(popped)


class LoopGradients:
    """The LoopGradients of one call of `tf.gradients`, by forward loop."""

    def __init__(self):
        self.states = {}

    def add(self, op, between):
        """Makes the backward loop for the loop that `op` is an exit of; all its exits are to be visited."""
        forward = loop_of(op)
        if forward in self.states:
            return
        outer = forward.outer_context
        outer = None if outer is None else outer.GetWhileContext()
        state = self.states[forward] = LoopGradient(forward, self.states.get(outer))
        for tensor in state.exits:
            between.setdefault(tensor.op)

    def state_of(self, op, before):
        """The LoopGradient where gradients of `op` are made; `before` the gradient of an Exit, that of the loop around."""
        forward = op._get_control_flow_context()
        if before and is_exit(op):
            forward = forward.outer_context
        forward = None if forward is None else forward.GetWhileContext()
        return self.states.get(forward)

    def within(self, op, before):
        """A block in which gradients of `op` are made."""
        state = self.state_of(op, before)
        return _Within(None if state is None else state.grad_context)

    def unused_exits(self, pending, roots):
        """The exits of loops of which none is used by another op of the walk."""
        found = []
        for state in self.states.values():
            for tensor in state.exits:
                if pending[tensor.op] == 0:
                    state.pending_exits -= 1
                    if tensor.op not in roots:
                        state.unused_exits.append(tensor)
                    if state.pending_exits == 0:
                        found.extend(state.unused_exits)
            for tensor in state.forward.loop_enters:
                if pending[tensor.op] == 0:
                    pending[tensor.op] = 1
        return found

    def zeros_for_exit(self, tensor):
        """Zeros in place of the gradient of an exit that is not used."""
        forward = loop_of(tensor.op)
        outer = forward.outer_context
        state = self.states.get(None if outer is None else outer.GetWhileContext())
        shape = tensor.shape
        if state is None:
            return fill.zeros(shape, tensor.dtype) if shape.is_fully_defined() else \
                fill.zeros_like(tensor, optimize=False)
        if not shape.is_fully_defined():
            with outer:
                shape = apply('Shape', tensor)
            stack = state.push(shape)
            with state.grad_context:
                return fill.zeros(state.pop(stack, shape), tensor.dtype)
        with state.grad_context:
            return fill.zeros(shape, tensor.dtype)

    def zeros_like(self, op, index):
        """Zeros in place of the gradient that output `index` of `op` did not get."""
        if is_loop_switch(op):
            return None
        state = self.states.get(loop_of(op))
        if state is None:
            return zeros_like_output(op, index)
        value, context = op.outputs[index], op._get_control_flow_context()
        dead_branch = op.type in _SWITCHES
        if value.shape.is_fully_defined():
            zeros = constant(0, shape=value.shape.as_list(), dtype=value.dtype)
            if dead_branch:
                zeros = switch_value(zeros, state.history.get(context.pred))[1 - context.branch]
            return zeros
        if dead_branch:
            with context.outer_context:
                other_side = switch_value(op._inputs[0], context.pred)[1 - context.branch]
                shape = apply('Shape', other_side)
            other_side.op._set_control_flow_context(context)
            shape.op._set_control_flow_context(context)
        else:
            with context:
                shape = apply('Shape', value)
        return fill.zeros(state.saved(shape, dead_branch), value.dtype)

    def finish(self):
        """Closes the backward loops: the gradient of a variable that no next round depends on is zero there."""
        for state in self.states.values():
            for merged in state.switches.values():
                if merged.op._inputs[0] is not merged.op._inputs[1]:
                    continue
                first, context = merged.op._inputs[0], state.grad_context
                if first.shape.is_fully_defined():
                    with context:
                        following = apply('NextIteration', constant(0, dtype=first.dtype, shape=first.shape.as_list()))
                else:
                    with _Within(context.outer_context):
                        zeros = fill.zeros(apply('Shape', first.op._inputs[0]), dtype=first.dtype)
                    with context:
                        following = apply('NextIteration', zeros)
                merged.op._update_input(1, following)


def _backward():
    return get_default_graph()._get_control_flow_context()


@gradient('Exit', 'RefExit')
def _(op, grad):
    context = _backward()
    if not op._get_control_flow_context().back_prop:
        return None
    if op._get_control_flow_context().grad_state is not None:
        raise TypeError('Second-order gradient for while loops not supported.')
    if isinstance(grad, IndexedSlices):
        raise TypeError(f'Slices as the gradient of a loop variable are not supported: {op.name}')
    context._values.add(grad)
    with context:
        entered = apply('Enter', grad, frame_name=context.name, is_constant=False, name='b_exit',
                        parallel_iterations=context.parallel_iterations)
        entered.set_shape(grad.shape)
        entered.graph.prevent_feeding(entered)
        context._loop_enters.append(entered)
    return entered


@gradient('NextIteration', 'RefNextIteration')
def _(op, grad):
    return grad


@gradient('Enter', 'RefEnter')
def _(op, grad):
    context = _backward()
    if context is None or not context.back_prop or context.grad_state is None:
        return grad
    if op._attrs['is_constant']:
        return _accumulated(context, op, grad)
    result = apply('Exit', grad)
    context._loop_exits.append(result)
    context.ExitResult([result])
    return result


def _accumulated(context, op, grad):
    """The sum over all rounds of the gradient of a loop constant."""
    if isinstance(grad, IndexedSlices):
        from graphflow.framework import convert
        grad = convert.to_tensor(grad)
    outer = context.outer_context
    with _Without(context):
        if grad.shape.is_fully_defined():
            with _Within(outer):
                zeros = constant(0, grad.dtype, shape=grad.shape.as_list(), name='b_acc')
        elif outer is not None and outer.IsWhileContext() and outer.grad_state is not None:
            state = context.grad_state
            with state.forward.outer_context:
                shape = apply('Shape', op._inputs[0])
            stack = state.outer.push(shape)
            with outer:
                zeros = fill.zeros(state.outer.pop(stack, shape), grad.dtype)
        else:
            with _Within(outer):
                zeros = fill.zeros(apply('Shape', op._inputs[0]), grad.dtype)
    step = _Step(context, lambda total: apply('Add', total, grad))
    result = _variable(context, zeros, 'b_acc', step, finish='b_acc')[1]
    context.ExitResult([result])
    return result


def loop_switch_gradient(op, if_false, if_true):
    """The gradient of the Switch of a loop variable, which is visited twice: from the Exit and from the loop's body."""
    switches = _backward().grad_state.switches
    merged = switches.get(op)
    if merged is not None:
        if if_true is not None:
            merged.op._update_input(1, apply('NextIteration', if_true))
        return None, None
    if if_false is None:
        return None, None
    merged = switches[op] = merge([if_false, if_false], name='b_switch')[0]
    return merged, None
