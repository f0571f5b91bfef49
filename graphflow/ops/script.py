"""Ops that call Python functions: tf.py_func, tf.numpy_function, tf.py_function."""
from graphflow.framework import dtypes, py_funcs
from graphflow.framework.apply import apply_op
from graphflow.framework.export import export
from graphflow.framework.graph import graph_of
from graphflow.framework.registry import not_differentiable, op
from graphflow.framework.shape_rules import unknown

_TYPES = 'token:string; Tin:list(type)>=0; Tout:list(type)>=0'
op('PyFunc', 'input:list Tin -> output:list Tout', _TYPES, shape=unknown, stateful=True)
op('PyFuncStateless', 'input:list Tin -> output:list Tout', _TYPES, shape=unknown)
op('EagerPyFunc', 'input:list Tin -> output:list Tout',
   'token:string; is_async:bool=False; Tin:list(type)>=0; Tout:list(type)>=0', shape=unknown, stateful=True)
not_differentiable('PyFunc', 'PyFuncStateless')


@export('py_func')
def py_func(func, inp, Tout, stateful=True, name=None):
    """Calls a Python function on numpy arrays whenever the graph computes the outputs.

    Args:
      func: a function of as many numpy arrays (scalars: numpy scalars, strings: bytes) as there are in `inp`; it
        returns an array, or a list of arrays, one an output.
      inp: a list of tensors.
      Tout: the DType of the output, or a list of DTypes.
      stateful: whether func may return other values for the same arguments; if not, it may be called less often.
      name: a name for the node.

    Returns: a Tensor of unknown shape or a list of these, as Tout is; the Operation for an empty Tout. No gradient
      flows through it.

    Raises: ValueError if `func` is not callable. In the run: InvalidArgumentError if what it returns is not of Tout;
      for exceptions of func, see `kernels/script.py`.
    """
    return _call('PyFunc' if stateful else 'PyFuncStateless', func, inp, Tout, name)


@export('numpy_function')
def numpy_function(func, inp, Tout, name=None):
    """`py_func` for a function that may have side effects."""
    return py_func(func, inp, Tout, stateful=True, name=name)


@export('py_function', 'contrib.eager.py_func')
def py_function(func, inp, Tout, name=None):
    """Adds an EagerPyFunc node. graphflow has no eager execution: running it raises UnimplementedError. Use `py_func`."""
    return _call('EagerPyFunc', func, inp, Tout, name)


def _call(op_type, func, inp, Tout, name):
    if not callable(func):
        raise ValueError(f'Expected func to be callable, got func of type {type(func)}')
    several = isinstance(Tout, (list, tuple))
    types = [dtypes.as_dtype(t) for t in (Tout if several else [Tout])]
    inp = list(inp)
    token = py_funcs.register(graph_of(inp), func)
    node = apply_op(op_type, inp, token=token, Tout=types, name=name)
    if not types:
        return node
    return list(node.outputs) if several else node.outputs[0]
