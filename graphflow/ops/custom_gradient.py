"""Functions with a gradient of their own: tf.custom_gradient, tf.grad_pass_through; second derivatives: tf.hessians."""
import functools
import inspect
import itertools

from graphflow.framework import convert, dtypes
from graphflow.framework.export import export
from graphflow.framework.graph import get_default_graph
from graphflow.framework.registry import gradient
from graphflow.framework.scopes import GraphKeys
from graphflow.ops import array, concat
from graphflow.ops.constant import constant
from graphflow.ops.gradients import gradients
from graphflow.ops.resource_variable import is_resource_variable
from graphflow.ops.tensor_array import TensorArray
from graphflow.ops.variable_scope import get_variable_scope
from graphflow.ops.while_loop import while_loop
from graphflow.util import nest

_count = itertools.count(1)


@export('custom_gradient')
def custom_gradient(f):
    """Decorator for a function that computes its own gradient.

    Args:
      f: a function of tensors that returns (y, grad_fn): y is a tensor or a structure of these; grad_fn takes one
        gradient a tensor of y and returns one gradient an argument of f. If f uses resource variables, grad_fn takes
        `variables`, a list of them, too, and returns a pair: the gradients of the arguments and a list of those of the
        variables.

    Returns: a function of the arguments of f that returns y. What it is made of is not differentiated: grad_fn is
      called instead.

    Raises (when it is called): ValueError for keyword arguments; TypeError if f uses other variables, or grad_fn does
      not take `variables` though f uses some.
    """
    @functools.wraps(f)
    def decorated(*args, **kwargs):
        if kwargs:
            raise ValueError('The custom_gradient decorator currently supports keywords arguments only when eager '
                             'execution is enabled.')
        return _call(f, args)
    return decorated


def _call(f, args):
    graph = get_default_graph()
    args = [convert.to_tensor(x) for x in args]
    known, first_id = set(map(id, _scope_variables())), graph.version
    result, grad_fn = f(*args)
    if not all(is_resource_variable(v) for v in _scope_variables() if id(v) not in known):
        raise TypeError('All variables used by a function wrapped with @custom_gradient must be `ResourceVariable`s. '
                        'Ensure that no `variable_scope` is created with `use_resource=False`.')
    variables = [v for v in _variables_read(graph, first_id) if not any(v is x for x in args)]
    _check_signature(grad_fn, variables)
    results = nest.flatten(result)
    for x in results:
        array.identity(x)       # not used, but nodes that TensorFlow makes
    name = f'CustomGradient-{next(_count)}'

    @gradient(name)
    def _(op, *grads):
        grads = grads[:len(results)]
        of_variables = []
        if variables:
            of_args, of_variables = grad_fn(*grads, variables=variables)
            if len(of_variables) != len(variables):
                raise ValueError('Must return gradient for each variable from @custom_gradient grad_fn.')
        else:
            of_args = grad_fn(*grads)
        return [None] * len(results) + nest.flatten(of_args) + list(of_variables)

    everything = results + args + variables
    with graph.gradient_override_map({'IdentityN': name}):
        tensors = array.identity_n(everything)
    for variable in variables:
        convert.to_tensor(variable)
    return nest.pack_sequence_as(result, tensors[:len(results)])


def _scope_variables():
    scope = get_variable_scope()
    return scope.global_variables() + scope.local_variables()


def _variables_read(graph, first_id):
    """The trainable resource variables read by the nodes made since the graph had version `first_id`."""
    handles = {}
    for v in graph.get_collection(GraphKeys.TRAINABLE_VARIABLES):
        if is_resource_variable(v):
            handles[v.handle] = v
    found = {}
    for node in graph.get_operations()[first_id:] if handles else ():
        if node.type in ('ReadVariableOp', 'ResourceGather', 'ResourceGatherNd') and node.inputs[0] in handles:
            if '/Read/' not in node.name:       # what a new variable adds to read itself is no use of it
                found[node.inputs[0]] = handles[node.inputs[0]]
    return list(found.values())


def _check_signature(grad_fn, variables):
    signature = inspect.signature(grad_fn).parameters
    takes_variables = 'variables' in signature or any(p.kind is p.VAR_KEYWORD for p in signature.values())
    if variables and not takes_variables:
        raise TypeError('If using @custom_gradient with a function that uses variables, then grad_fn must accept a '
                        "keyword argument 'variables'.")
    if takes_variables and not variables and not get_variable_scope().use_resource:
        raise TypeError('If using @custom_gradient with a function that uses variables, the enclosing variable scope '
                        'must have use_resource=True.')


@export('grad_pass_through')
def grad_pass_through(f):
    """The function f with the gradient of the identity: what comes back goes to its argument unchanged.

    To be used within a variable scope with use_resource=True.
    """
    @custom_gradient
    def pass_through(*args, **kwargs):
        def grad(*grads, **kwargs):
            variables = kwargs.get('variables')
            return (grads, [None] * len(variables)) if variables is not None else grads
        return f(*args, **kwargs), grad
    return functools.wraps(f)(pass_through)


@export('hessians')
def hessians(ys, xs, name='hessians', colocate_gradients_with_ops=False, gate_gradients=False,
             aggregation_method=None):
    """The matrices of second derivatives of the sum of `ys` with respect to each of `xs`.

    A loop makes the rows one by one, each by differentiating one element of the gradient.

    Args:
      ys, xs, name, colocate_gradients_with_ops, gate_gradients, aggregation_method: see `tf.gradients`.

    Returns: a list of tensors, of the shape of x twice over.
    """
    xs = list(xs) if isinstance(xs, (list, tuple)) else [xs]
    options = {'colocate_gradients_with_ops': colocate_gradients_with_ops, 'gate_gradients': gate_gradients,
               'aggregation_method': aggregation_method}
    return [_hessian(x, array.reshape(grad, [-1]), options) for x, grad in zip(xs, gradients(ys, xs, **options))]


def _hessian(x, grad, options):
    size = array.size(x)

    def row(j, rows):
        return j + 1, rows.write(j, gradients(grad[j], x, **options)[0])
    _, rows = while_loop(lambda j, _: j < size, row, [constant(0, dtypes.int32), TensorArray(x.dtype, size)])
    shape = array.shape(x)
    return array.reshape(rows.stack(), concat.concat((shape, shape), 0))
