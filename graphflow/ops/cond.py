"""Conditionals: tf.cond and what is made of it.

Each branch is built in a context of its own. What a branch takes from outside goes through a Switch by the predicate,
so that the nodes of the branch not taken never get their inputs and do not run; a Merge for each result picks the one
that was computed.
"""
import collections
import functools

from graphflow import protos
from graphflow.framework import convert, dtypes, scopes
from graphflow.framework.apply import apply
from graphflow.framework.constant_value import constant_value
from graphflow.framework.export import PUBLIC, export
from graphflow.framework.graph import get_default_graph
from graphflow.framework.operation import Operation
from graphflow.framework.proto_functions import register_proto_function
from graphflow.framework.registry import gradient
from graphflow.framework.scoped_names import with_scope, without_scope
from graphflow.framework.scopes import GraphKeys
from graphflow.framework.tensor import Tensor
from graphflow.ops import array, concat, control_flow, fill
from graphflow.ops.constant import constant
from graphflow.ops.control_flow_context import CLASSES, ControlFlowContext, is_in_context, output_context
from graphflow.ops.switch import merge, switch, switch_value
from graphflow.platform import tf_logging
from graphflow.util import nest
from graphflow.util.deprecation import deprecated_args


class CondContext(ControlFlowContext):
    """One branch of a conditional.

    Args:
      pred: the bool scalar that decides.
      pivot: a Tensor that is there exactly when this branch is taken.
      branch: which output of a Switch leads here: 1 if `pred` is true, 0 if it is false.
      name: its name, made unique.
    """

    def __init__(self, pred, pivot, branch, name='cond_text'):
        super().__init__()
        self._name = self._graph.unique_name(name)
        self._pred, self._pivot, self._branch = pred, pivot, branch
        self._values.add(pred)
        self._external_values[pred] = pred
        self._values.add(pivot)
        pivot.op._set_control_flow_context(self)

    pred = property(lambda self: self._pred)
    pivot = property(lambda self: self._pivot)
    branch = property(lambda self: self._branch)
    name = property(lambda self: self._name)

    def IsCondContext(self):
        return True

    def GetControlPivot(self):
        return self._pivot

    def to_proto(self, export_scope=None):
        """A CondContextDef message; None if the context is not in the scope `export_scope`."""
        if export_scope is not None and not self._name.startswith(export_scope):
            return None
        message = _context_def()(context_name=without_scope(self._name, export_scope), branch=self._branch,
                                 pred_name=without_scope(self._pred.name, export_scope),
                                 pivot_name=without_scope(self._pivot.name, export_scope))
        self._write(message, export_scope)
        return message

    @classmethod
    def from_proto(cls, context_def, import_scope=None):
        """The context that a CondContextDef message describes, of nodes of the default graph within `import_scope`."""
        context = cls.__new__(cls)
        find = context._read(context_def, import_scope)
        context._name = with_scope(context_def.context_name, import_scope)
        context._pred, context._pivot = find(context_def.pred_name), find(context_def.pivot_name)
        context._branch = context_def.branch
        context._read_nested(context_def, import_scope)
        return context

    def AddValue(self, val):
        if val in self._values:
            return self._external_values.get(val, val)
        self._values.add(val)
        result = val
        if self._outer_context is not None:
            result = self._outer_context.AddValue(val)
            self._values.add(result)
            self._external_values[result] = result
        with scopes.control_dependencies(None):
            result = switch_value(result, self._pred)[self._branch]
            if self._outer_context is not None:
                self._outer_context.AddInnerOp(result.op)
        result.op.graph.prevent_fetching(result.op)
        result.op._set_control_flow_context(self)
        self._know_in_all([result])
        self._external_values[val] = result
        return result

    def AddOp(self, op):
        self._take(op)

    def _take(self, op):
        if op._inputs:
            self._replace_inputs(op)
            self._drop_external_control_inputs(op)
        else:
            self._drop_external_control_inputs(op)
            if not any(is_in_context(control, self) for control in op._control_inputs):
                op._add_control_input(self._pivot.op)
        self._know_in_all(op.outputs)
        self._hide(op)
        if self._outer_context is not None:
            self._outer_context.AddInnerOp(op)

    def build(self, function):
        """Calls `function` with this as the current context.

        Returns: (what it returned, the list of its results as tensors that are there if the branch is taken).
        """
        summaries = get_default_graph().get_collection(GraphKeys._SUMMARY_COLLECTION)
        original = function()
        new = get_default_graph().get_collection(GraphKeys._SUMMARY_COLLECTION)[len(summaries):]
        if new:
            with scopes.control_dependencies(new):
                if original is None:
                    return control_flow.no_op(), None
                if not isinstance(original, Operation):
                    original = nest.map_structure(array.identity, original, expand_composites=True)
        if original is None:
            return None, None
        result = nest.map_structure(self._result, original, expand_composites=True)
        return original, result if isinstance(result, (list, tuple)) else [result]

    def _result(self, value):
        if isinstance(value, Operation):
            return control_flow.with_dependencies([value], self._pivot)
        if hasattr(value, 'flow') and hasattr(value, 'handle'):
            value = value.flow          # a TensorArray
        value = convert.to_tensor(value)
        if value in self._values:
            return self._external_values.get(value, value)
        # The function returned a tensor from outside: it has to pass a Switch too.
        self._values.add(value)
        inside = value
        if self._outer_context is not None:
            inside = self._outer_context.AddValue(value)
            self._values.add(inside)
            self._external_values[inside] = inside
        inside = switch_value(inside, self._pred)[self._branch]
        self._external_values[value] = inside
        return inside


def _context_def():
    return protos.load('control_flow').CondContextDef


CLASSES['cond_ctxt'] = CondContext
register_proto_function(GraphKeys.COND_CONTEXT, _context_def, CondContext.to_proto, CondContext.from_proto)


@export('cond')
@deprecated_args(None, 'fn1/fn2 are deprecated in favor of the true_fn/false_fn arguments.', 'fn1', 'fn2')
def cond(pred, true_fn=None, false_fn=None, strict=False, name=None, fn1=None, fn2=None):
    """What `true_fn()` returns if `pred` is true in a run, else what `false_fn()` returns.

    Both functions are called now, to build their nodes; in a run only the nodes of one branch run. What the functions
    use from outside is computed whichever branch is taken.

    Args:
      pred: a bool scalar Tensor.
      true_fn: a function without arguments that returns a Tensor, an Operation or a nested structure of these.
      false_fn: one that returns a like structure.
      strict: whether a list or tuple of one element stays one.
      name: a name for the scope of the nodes.
      fn1: deprecated name of true_fn.
      fn2: deprecated name of false_fn.

    Returns: a structure of Tensors.

    Raises: TypeError if an argument is of the wrong kind, ValueError if the results are unlike.
    """
    true_fn = _function('true_fn', true_fn, 'fn1', fn1)
    false_fn = _function('false_fn', false_fn, 'fn2', fn2)
    with scopes.name_scope(name, 'cond', [pred]):
        if isinstance(pred, bool):
            raise TypeError('pred must not be a Python bool')
        p_false, p_true = switch(pred, pred)
        pivot_true = array.identity(p_true, name='switch_t')
        pivot_false = array.identity(p_false, name='switch_f')
        pred = array.identity(pred, name='pred_id')
        for tensor in (p_true, p_false, pivot_true, pivot_false, pred):
            tensor.graph.prevent_fetching(tensor.op)
        contexts, originals, results = [], [], []
        for label, function, pivot, branch in (('true_fn', true_fn, pivot_true, 1), ('false_fn', false_fn,
                                                                                     pivot_false, 0)):
            context = CondContext(pred, pivot, branch)
            with context:
                original, result = context.build(function)
                if original is None:
                    raise ValueError(f'{label} must have a return value.')
                context.ExitResult(nest.flatten(result, expand_composites=True))
            contexts.append(context)
            originals.append(original if strict else _unpacked(original))
            results.append(nest.flatten(result, expand_composites=True))
        nest.assert_same_structure(*originals, expand_composites=True)
        merged = []
        for if_true, if_false in zip(*results):
            if if_true.dtype.base_dtype != if_false.dtype.base_dtype:
                raise ValueError('Outputs of true_fn and false_fn must have the same type: '
                                 f'{if_true.dtype.base_dtype.name}, {if_false.dtype.base_dtype.name}')
        for if_true, if_false in zip(*results):
            merged.append(merge([if_false, if_true])[0])
        merged = [_like(value, tensor) for value, tensor in
                  zip(nest.flatten(originals[0], expand_composites=True), merged)]
        if contexts[0].outer_context is None:
            for context in contexts:
                scopes.add_to_collection(GraphKeys.COND_CONTEXT, context)
        structured = nest.pack_sequence_as(originals[0], merged, expand_composites=True)
        return structured if strict else _unpacked(structured)


def _function(name, function, old_name, old):
    if old is not None:
        if function is not None:
            raise TypeError(f'cond(): {name} and {old_name} may not be set simultaneously.')
        function = old
    elif function is None:
        raise TypeError(f'cond(): {name} argument required')
    if not callable(function):
        raise TypeError(f'{name} must be callable.')
    return function


def _unpacked(value):
    """The only element of a list or tuple of one."""
    if isinstance(value, (list, tuple)) and not hasattr(value, '_fields') and len(value) == 1:
        return value[0]
    return value


def _like(value, tensor):
    """`tensor`, or the TensorArray whose flow it is if `value` is one."""
    return value._with_flow(tensor) if hasattr(value, '_with_flow') else tensor


# Gradients


@gradient('Switch', 'RefSwitch')
def _(op, *grads):
    context = op._get_control_flow_context()
    if context is not None and context.IsWhileContext():
        from graphflow.ops.while_gradients import loop_switch_gradient
        return loop_switch_gradient(op, *grads)
    if context is not None:
        if grads[1 - context.branch] is None:
            # Only types that have no zeros, such as resources, come here.
            if op._inputs[0].dtype == dtypes.resource:
                return merge([grads[context.branch]] * 2, name='cond_resource_grad')[0], None
            return None, None
        return merge(grads, name='cond_grad')[0], None
    if_false = switch(grads[0], op._inputs[1])[0]
    if_true = switch(grads[1], op._inputs[1])[1]
    return merge([if_false, if_true])[0], None


@gradient('Merge', 'RefMerge')
def _(op, grad, _):
    context = output_context(op._inputs[0].op)
    if context is not None and context.IsWhileContext():
        return switch_value(grad, get_default_graph()._get_control_flow_context().pivot)
    if context is not None:
        pred, current = context.pred, get_default_graph()._get_control_flow_context()
        if current is not None and current.grad_state is not None:
            state = current.grad_state      # within a loop: the predicate of the round that belongs to this one
            if pred not in state.history:
                state.history[pred] = state.saved(pred)
            pred = state.history[pred]
        return switch_value(grad, pred, name='cond_grad')
    return [switch_value(grad, apply('Equal', op.outputs[1], i))[1] for i in range(len(op._inputs))]


def zeros_like_output(op, index):
    """Zeros in place of the gradient that output `index` of `op` did not get.

    Those of a Switch are made only in runs in which the output is there: behind a Switch by the same predicate.
    """
    value = op.outputs[index]
    context = op._get_control_flow_context()
    if op.type not in ('Switch', 'RefSwitch') or context is None:
        if value.dtype == dtypes.resource:
            return fill.zeros(apply('VariableShape', value), dtype=dtypes.float32)
        return fill.zeros_like(value, optimize=False)
    other_side = switch(op._inputs[0], context.pred)[1 - context.branch]
    pivot = array.identity(other_side)
    if value.dtype == dtypes.resource:
        with scopes.control_dependencies([pivot]):
            return fill.zeros(apply('VariableShape', other_side), dtype=dtypes.float32)
    shape = apply('Shape', other_side)
    with scopes.control_dependencies([pivot]):
        return fill.zeros(shape, dtype=value.dtype)


# Made of cond


def smart_cond(pred, true_fn=None, false_fn=None, name=None):
    """`cond`, decided now if the value of `pred` is known now.

    Args: as for `cond`; `pred` may also be a bool, 0 or 1.
    """
    if not callable(true_fn):
        raise TypeError('`true_fn` must be callable.')
    if not callable(false_fn):
        raise TypeError('`false_fn` must be callable.')
    value = smart_constant_value(pred)
    if value is None:
        return cond(pred, true_fn=true_fn, false_fn=false_fn, name=name)
    return true_fn() if value else false_fn()


def smart_constant_value(pred):
    """The bool that `pred` (a bool, 0, 1 or a bool scalar Tensor) is known to be, or None. Raises: TypeError."""
    if isinstance(pred, Tensor):
        value = constant_value(pred)
        if value is None:
            from graphflow.framework.constant_value import evaluate
            value = evaluate(pred)
        return value
    if pred in (0, 1):
        return bool(pred)
    if isinstance(pred, bool):
        return pred
    raise TypeError('`pred` must be a Tensor, or a Python bool, or 1 or 0. Found instead: %s' % type(pred))


@export('case')
def case(pred_fn_pairs, default=None, exclusive=False, strict=False, name='case'):
    """What the function returns whose predicate is the first true one.

    Args:
      pred_fn_pairs: a list of pairs (bool scalar Tensor, function without arguments), or a dict.
      default: the function for the case that no predicate is true; without it that is an error in the run.
      exclusive: whether more than one true predicate is an error in the run.
      strict: whether a list or tuple of one element stays one.
      name: a name for the scope of the nodes.

    Returns: a structure of Tensors, as `cond` does.

    Raises: TypeError if the pairs are none.
    """
    preds, actions = _checked_pairs(pred_fn_pairs, exclusive)
    with scopes.name_scope(name, 'case', [preds]):
        if default is None:
            default = functools.partial(_last_action, preds, actions)
            preds, actions = preds[:-1], actions[:-1]
        chosen = default
        for pred, action in zip(reversed(preds), reversed(actions)):
            chosen = functools.partial(cond, pred, true_fn=action, false_fn=chosen, strict=strict)
        if not exclusive:
            return chosen()
        with scopes.control_dependencies([_assert_at_most(preds, 1, 'Input error: exclusive=True')]):
            return chosen()


def _checked_pairs(pairs, exclusive):
    """The predicates and the functions. Raises: TypeError."""
    if isinstance(pairs, dict):
        if not exclusive and not isinstance(pairs, collections.OrderedDict):
            tf_logging.warn('case: An unordered dictionary of predicate/fn pairs was provided, but exclusive=False. The '
                            'order of conditional tests is deterministic but not guaranteed.')
        pairs = list(pairs.items()) if isinstance(pairs, collections.OrderedDict) else \
            sorted(pairs.items(), key=lambda pair: pair[0].name)
    elif not isinstance(pairs, (list, tuple)):
        raise TypeError('pred_fn_pairs must be a list, tuple, or dict')
    for pair in pairs:
        if not isinstance(pair, tuple) or len(pair) != 2:
            raise TypeError('Each entry in pred_fn_pairs must be a 2-tuple')
        pred, function = pair
        if not isinstance(pred, Tensor) or pred.dtype != dtypes.bool:
            raise TypeError(f'pred must be a Tensor, got: {pred}' if not isinstance(pred, Tensor) else
                            'pred must be of type bool: %s' % pred.name)
        if not callable(function):
            raise TypeError(f'fn for pred {pred.name} must be callable.')
    preds, actions = zip(*pairs)
    return list(preds), list(actions)


def _last_action(preds, actions):
    """The last action, in place of a default, with the assertion that its predicate alone is true."""
    none = ('Input error: None of conditions evaluated as True:', concat.stack(preds, name='preds_c'))
    others = _assert_at_most(preds[:-1], 0, 'Implementation error: selected default action '
                             f'#{len(preds) - 1} was called, but some of other predicates are True: ')
    with scopes.control_dependencies([others, PUBLIC['Assert'](preds[-1], data=none)]):
        return actions[-1]()


def _assert_at_most(preds, n, message):
    stacked = concat.stack(preds, name='preds_c')
    count = PUBLIC['reduce_sum'](PUBLIC['cast'](stacked, dtypes.int32), name='num_true_conds')
    condition = PUBLIC['less_equal'](count, constant(n, name='n_true_conds'))
    names = ', '.join(p.name for p in preds)
    return PUBLIC['Assert'](condition, [f'{message}: more than {n} conditions ({names}) evaluated as True:', stacked],
                            summarize=len(preds))
