"""tf.gradients: adds to the graph the nodes that compute derivatives, by reverse-mode differentiation.

The walk goes from the ys back to the xs. An op is visited once all ops that use its outputs (and lie between xs and ys)
have been; its gradient function, registered beside its declaration, turns the gradients of its outputs into those of its
inputs (Rumelhart, Hinton and Williams 1986; the order of visits fixes the order of the nodes made).
"""
import collections
import contextlib
import enum

from graphflow.framework import convert, dtypes, registry, scopes
from graphflow.framework.export import export
from graphflow.framework.graph import get_default_graph
from graphflow.framework.indexed_slices import IndexedSlices
from graphflow.framework.tensor import Tensor
from graphflow.ops import array, cast, concat, control_flow, fill, while_gradients
from graphflow.ops.cond import zeros_like_output
from graphflow.ops.constant import constant
from graphflow.ops.math import accumulate_n, add_n

_TRAINABLE = (dtypes.float16, dtypes.float32, dtypes.float64, dtypes.complex64, dtypes.complex128, dtypes.bfloat16,
              dtypes.resource, dtypes.variant)


@export('UnconnectedGradients')
class UnconnectedGradients(enum.Enum):
    """What `tf.gradients` gives for an x that the ys do not depend on: None, or zeros."""
    NONE = 'none'
    ZERO = 'zero'


@export('AggregationMethod')
class AggregationMethod:
    """How the gradients that reach one tensor by several paths are added up."""
    ADD_N = 0
    DEFAULT = ADD_N
    EXPERIMENTAL_TREE = 1
    EXPERIMENTAL_ACCUMULATE_N = 2


@export('RegisterGradient')
class RegisterGradient:
    """Decorator that registers a function as the gradient of an op type (or of a name for `gradient_override_map`).

    Args:
      op_type: the op type, a string.

    The function takes the Operation and one gradient an output, and returns one gradient (or None) an input.
    """

    def __init__(self, op_type):
        if not isinstance(op_type, str):
            raise TypeError('op_type must be a string')
        self._op_type = op_type

    def __call__(self, function):
        return registry.gradient(self._op_type)(function)


@export('NotDifferentiable', 'no_gradient', 'NoGradient')
def NotDifferentiable(op_type):
    """Declares that ops of type `op_type` have no gradient: backprop stops at them."""
    if not isinstance(op_type, str):
        raise TypeError('op_type must be a string')
    registry.not_differentiable(op_type)


def gradient_function(op):
    """The function registered for `op`; None where it is not differentiable. Raises: LookupError with none registered."""
    if not op._inputs:
        return None
    name = op._attrs.get('_gradient_op_type')
    name = op.type if name is None else name.decode()
    if name not in registry.GRADIENTS:
        raise LookupError(f"No gradient defined for operation '{op.name}' (op type: {op.type})")
    return registry.GRADIENTS[name]


def is_trainable(tensor):
    """Whether the tensor is of a type that gradients flow through."""
    return tensor.dtype.base_dtype in _TRAINABLE


@export('gradients')
def gradients(ys, xs, grad_ys=None, name='gradients', colocate_gradients_with_ops=False, gate_gradients=False,
              aggregation_method=None, stop_gradients=None, unconnected_gradients=UnconnectedGradients.NONE):
    """Adds nodes that compute the derivatives of the sum of `ys` with respect to each of `xs`.

    Args:
      ys: a Tensor or a list of Tensors to be differentiated.
      xs: a Tensor, Variable or list of these to differentiate by.
      grad_ys: a Tensor or list of the shapes of `ys`: the derivatives of some outer function by them; ones if None.
      name: name of the scope of the new nodes.
      colocate_gradients_with_ops: whether each gradient node is placed with the op it belongs to.
      gate_gradients: whether the gradients of one op's inputs are all computed before any is used.
      aggregation_method: one of `AggregationMethod`.
      stop_gradients: a Tensor or list of Tensors not to differentiate through.
      unconnected_gradients: an `UnconnectedGradients`.

    Returns: a list as long as `xs`: Tensors of their shapes, IndexedSlices, or None where the ys do not depend on the x.

    Raises: LookupError if an op on the way has no gradient registered; ValueError, TypeError for unfit arguments.
    """
    ys, xs = _as_list(ys), _as_list(xs)
    stop_gradients = [] if stop_gradients is None else _as_list(stop_gradients)
    grad_ys = [None] * len(ys) if grad_ys is None else _as_list(grad_ys)
    try:
        unconnected_gradients = UnconnectedGradients(unconnected_gradients)
    except ValueError:
        raise ValueError(f"Unknown value for unconnected_gradients: '{unconnected_gradients}'") from None
    given = [v for v in ys + xs + stop_gradients + grad_ys if v is not None]
    with scopes.name_scope(name, 'gradients', [v for v in given if hasattr(v, 'graph')]):
        get_default_graph().unique_name('uid')
        walk = _Backprop(ys, xs, grad_ys, stop_gradients, colocate_gradients_with_ops, gate_gradients,
                         aggregation_method)
        walk.run()
    if walk.loops is not None:
        walk.loops.finish()
    return [walk.gradient_of(x, unconnected_gradients) for x in walk.xs]


def _as_list(value):
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _to_tensors(values, name):
    return [v if isinstance(v, (IndexedSlices, Tensor)) else convert.to_tensor(v, name=f'{name}_{i}')
            for i, v in enumerate(values)]


def _sources(xs):
    """What gradients are taken with respect to: a resource variable's handle stands for the variable."""
    return [x if isinstance(x, (IndexedSlices, Tensor)) else
            convert.to_tensor(getattr(x, 'handle', x), name=f'x_{i}', as_ref=True) for i, x in enumerate(xs)]


class _Backprop:
    """One walk from ys to xs. `grads` maps (op) to a list, an output each, of the gradients that have arrived."""

    def __init__(self, ys, xs, grad_ys, stop_gradients, colocate, gate, aggregation_method):
        if aggregation_method not in (None, AggregationMethod.ADD_N, AggregationMethod.EXPERIMENTAL_TREE,
                                      AggregationMethod.EXPERIMENTAL_ACCUMULATE_N):
            raise ValueError(f'Invalid aggregation_method specified {aggregation_method}.')
        self.colocate, self.gate = colocate, gate
        self.aggregation_method = aggregation_method
        self.ys = _to_tensors(ys, 'y')
        self.xs = _sources(xs)
        grad_ys = self._initial_gradients(grad_ys)
        self.stop = {t.op for t in stop_gradients}
        self.between, self.pending = _pending_counts([t.op for t in self.ys], [t.op for t in self.xs])
        self.loops = self._loops()
        self.grads = {}
        for y, grad in zip(self.ys, grad_ys):
            self._add(y, grad)

    def _initial_gradients(self, grad_ys):
        if len(grad_ys) != len(self.ys):
            raise ValueError(f'Passed {len(grad_ys)} grad_ys for {len(self.ys)} ys')
        grad_ys = [g if g is None or isinstance(g, IndexedSlices) else convert.to_tensor(g, name=f'grad_y_{i}')
                   for i, g in enumerate(grad_ys)]
        return [self._initial_gradient(i, y, grad) for i, (y, grad) in enumerate(zip(self.ys, grad_ys))]

    def _initial_gradient(self, i, y, grad):
        with self._placed_with(y.op):
            if grad is None:
                if y.dtype.is_complex:
                    raise TypeError(f'Gradients of complex tensors must set grad_ys (y.dtype = {y.dtype!r})')
                shape = array.shape(y)
                return fill.fill(shape, constant(1, dtype=y.dtype, name=f'grad_ys_{i}'))
            _check_initial_dtype(y, grad)
            if isinstance(grad, IndexedSlices):
                indices, values, shape = (
                    None if part is None else array.identity(part, name=f'grad_ys_{i}_{name}') for name, part in
                    (('indices', grad.indices), ('values', grad.values), ('shape', grad.dense_shape)))
                return IndexedSlices(values, indices, shape)
            return array.identity(grad, name=f'grad_ys_{i}')

    def run(self):
        stops = self._stop_ops()
        queue = collections.deque()
        for op in dict.fromkeys(t.op for t in self.ys):
            if op in self.between and self.pending[op] == 0:
                queue.append(op)
        if self.loops is not None:
            for tensor in self.loops.unused_exits(self.pending, set(queue)):
                if is_trainable(tensor):
                    self._add(tensor, self.loops.zeros_for_exit(tensor))
                    queue.append(tensor.op)
        while queue:
            op = queue.popleft()
            with self._placed_with(op):
                with self._loop_of(op, before=True):
                    out_grads = self._aggregated(op)
                with self._loop_of(op, before=False):
                    in_grads = [None] * len(op._inputs)
                    if op not in stops and any(g is not None for g in out_grads):
                        function = gradient_function(op)
                        if function is not None:
                            in_grads = self._apply(function, op, out_grads)
                    for i, (tensor, grad) in enumerate(zip(op._inputs, in_grads)):
                        if grad is not None:
                            _take_shape(op, i, tensor, grad)
                            self._add(tensor, grad)
            for tensor in op._inputs:
                self.pending[tensor.op] -= 1
                if self._is_ready(tensor.op):
                    queue.extend(self._next(tensor))

    # Loops (see while_gradients.py)

    def _loops(self):
        """The backward loops of the loops on the way, None if there are none."""
        exits = [op for op in self.between if while_gradients.is_exit(op)]
        if not exits:
            return None
        loops = while_gradients.LoopGradients()
        for op in exits:
            loops.add(op, self.between)
        # All exits of these loops are on the way now: their inputs have one more use.
        for op in self.between:
            if while_gradients.is_exit(op) and op not in exits:
                for tensor in op._inputs:
                    if tensor.op in self.between:
                        self.pending[tensor.op] += 1
        return loops

    def _loop_of(self, op, before):
        return contextlib.nullcontext() if self.loops is None else self.loops.within(op, before)

    def _is_ready(self, op):
        """Whether `op` is to be visited: the Switch of a loop variable is so twice, first when the loop's exit has been."""
        if self.loops is None or self.pending[op] <= 0:
            return self.pending[op] == 0
        return while_gradients.is_loop_switch(op)

    def _next(self, tensor):
        """The ops to visit now that that of `tensor` is ready: the exits of a loop wait for each other."""
        if self.loops is None or not while_gradients.is_exit(tensor.op):
            return [tensor.op]
        state = self.loops.state_of(tensor.op, before=False)
        state.deferred_exits.append(tensor)
        state.pending_exits -= 1
        if state.pending_exits:
            return []
        ready = []
        for exit in state.deferred_exits:
            if any(g is not None and g != [] for g in self.grads.get(exit.op, ())):
                ready.append(exit.op)
            else:
                state.unused_exits.append(exit)
        if not ready:
            return [exit.op for exit in state.unused_exits]
        for exit in state.unused_exits:
            if is_trainable(exit):
                self._add(exit, self.loops.zeros_for_exit(exit))
                ready.append(exit.op)
        return ready

    def _stop_ops(self):
        """The ops at which the walk ends: those of xs that no other x lies behind, and those asked for."""
        stops = set(self.stop)
        for x in self.xs:
            if not any(self.pending[t.op] > 0 for t in x.op._inputs):
                stops.add(x.op)
        return stops

    def _apply(self, function, op, out_grads):
        """The gradients of the inputs of `op`."""
        for i, grad in enumerate(out_grads):
            if grad is None and is_trainable(op.outputs[i]):
                zeros = zeros_like_output if self.loops is None else self.loops.zeros_like
                out_grads[i] = zeros(op, i)
        graph = get_default_graph()
        with scopes.name_scope(op.name + '_grad'):
            with graph._original_op_scope(op):
                in_grads = function(op, *out_grads)
            in_grads = list(in_grads) if isinstance(in_grads, (list, tuple)) else [in_grads]
            if len(in_grads) != len(op._inputs):
                raise ValueError(f'Num gradients {len(in_grads)} generated for op {op.node_def} do not match num inputs '
                                 f'{len(op._inputs)}')
            if self.gate and sum(g is not None for g in in_grads) > 1:
                with scopes.device(None), scopes.colocate_with(None, ignore_existing=True):
                    in_grads = control_flow.tuple(in_grads)
        return in_grads

    def _placed_with(self, op):
        return scopes.colocate_with(op) if self.colocate else contextlib.nullcontext()

    def _add(self, tensor, grad):
        slots = self.grads.get(tensor.op)
        if slots is None:
            slots = self.grads[tensor.op] = [[] for _ in tensor.op.outputs]
        if isinstance(slots[tensor.value_index], list):
            slots[tensor.value_index].append(grad)
        else:       # the second visit of the Switch of a loop variable
            slots[tensor.value_index] = grad

    def _aggregated(self, op):
        """The gradients of the outputs of `op`, those of several paths added up; None where there is none."""
        slots = self.grads.get(op)
        if slots is None:
            return [None] * len(op.outputs)
        self.grads[op] = sums = [_sum(found, self.aggregation_method, op) if isinstance(found, list) else found
                                 for found in slots]
        return list(sums)

    def gradient_of(self, x, unconnected):
        found = self.grads.get(x.op)
        grad = found[x.value_index] if found else None
        if isinstance(grad, list):
            grad = _sum(grad, self.aggregation_method, x.op)
        if grad is None and unconnected is UnconnectedGradients.ZERO:
            return fill.zeros_like(x)
        return grad


def _check_initial_dtype(y, grad):
    for kind in ('is_floating', 'is_integer', 'is_complex'):
        if getattr(y.dtype, kind) and not getattr(grad.dtype, kind):
            word = {'is_floating': 'real', 'is_integer': 'integer', 'is_complex': 'complex'}[kind]
            raise TypeError(f'Gradient type {dtypes.as_dtype(grad.dtype).name} generated for {word} tensor {y} with '
                            f'type {dtypes.as_dtype(y.dtype).name} must be {word}')


def _pending_counts(to_ops, from_ops):
    """The ops that lie between, and for each how many uses of its outputs between have yet to be visited."""
    reached, queue = set(), collections.deque(dict.fromkeys(from_ops))
    while queue:
        op = queue.popleft()
        if op not in reached:
            reached.add(op)
            for tensor in op.outputs:
                if is_trainable(tensor):
                    queue.extend(tensor._consumers)
    between, queue = {}, collections.deque(to_ops)
    while queue:
        op = queue.popleft()
        if op in reached and op not in between:
            between[op] = None
            queue.extend(t.op for t in op._inputs)
    pending = collections.Counter()
    for op in between:
        for tensor in op._inputs:
            if tensor.op in between:
                pending[tensor.op] += 1
    return between, pending


def _sum(grads, method, op):
    """The sum of the gradients in the list, those of an output of `op`: Tensor, IndexedSlices or None."""
    if not grads:
        return None
    if len(grads) == 1:
        return grads[0]
    if all(isinstance(g, Tensor) for g in grads):
        if method == AggregationMethod.EXPERIMENTAL_TREE:
            with scopes.name_scope(op.name + '_gradient_sum'):
                total = grads[0]
                for grad in grads[1:]:
                    total = add_n([total, grad])
                return total
        if method == AggregationMethod.EXPERIMENTAL_ACCUMULATE_N:
            return accumulate_n(grads)
        return _sum_by_device(grads)
    if any(isinstance(g, Tensor) for g in grads):
        return add_n(grads)
    first = next(g for g in grads if g.dense_shape is not None) if any(g.dense_shape is not None for g in grads) \
        else grads[0]
    indices = [g.indices for g in grads]
    if any(i.dtype == dtypes.int64 for i in indices):
        indices = [cast.cast(i, dtypes.int64) for i in indices]
    return IndexedSlices(concat.concat([g.values for g in grads], 0), concat.concat(indices, 0), first.dense_shape)


def _sum_by_device(grads):
    by_device = {}
    for grad in grads:
        by_device.setdefault(grad.device, []).append(grad)
    sums = []
    for device in sorted(by_device):
        group = by_device[device]
        with scopes.colocate_with(group[0].op, ignore_existing=True):
            sums.append(add_n(group))
    return add_n(sums)


def _take_shape(op, i, tensor, grad):
    """Gives the gradient of input i of `op` that input's static shape."""
    if not isinstance(grad, Tensor) or tensor.dtype == dtypes.resource:
        return
    try:
        grad.set_shape(tensor.shape)
    except ValueError:
        raise ValueError(
            'Incompatible shapes between op input and calculated input gradient. Forward operation: '
            f'{op.name}.  Input index: {i}. Original input shape: {tensor.shape}.  Calculated input gradient shape: '
            f'{grad.shape}') from None

