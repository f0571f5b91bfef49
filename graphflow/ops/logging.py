"""Ops with which a graph speaks: Print, PrintV2, Assert, and those that watch for NaN."""
import pprint
import sys

from graphflow.framework import convert, dtypes, scopes
from graphflow.framework.apply import apply
from graphflow.framework.export import export
from graphflow.framework.graph import get_default_graph
from graphflow.framework.registry import gradient, not_differentiable, op
from graphflow.framework.shape_rules import no_outputs, scalar, unchanged
from graphflow.framework.sparse_tensor import SparseTensor
from graphflow.framework.tensor import Tensor
from graphflow.ops import array, control_flow
from graphflow.ops.cond import cond
from graphflow.platform import tf_logging
from graphflow.util import nest
from graphflow.util.deprecation import deprecated

op('Print', 'input:T, data:list U -> output:T',
   "T:type; U:list(type); message:string=''; first_n:int=-1; summarize:int=3", shape=unchanged, stateful=True)
op('PrintV2', 'input:string ->', "output_stream:string='stderr'; end:string='\n'", shape=no_outputs, stateful=True)
op('Assert', 'condition:bool, data:list T ->', 'T:list(type); summarize:int=3', shape=no_outputs, stateful=True)
op('Timestamp', '-> ts:double', '', shape=scalar, stateful=True)
op('StringFormat', 'inputs:list T -> output:string',
   "T:list(type); template:string='%s'; placeholder:string='%s'; summarize:int=3", shape=scalar)
not_differentiable('PrintV2', 'Assert', 'Timestamp', 'StringFormat')


@gradient('Print')
def _(op, *grads):
    return list(grads) + [None] * (len(op.inputs) - 1)


@export('Print')
@deprecated('2018-08-20', 'Use tf.print instead of tf.Print. Note that tf.print returns a no-output operator that '
            'directly prints the output: run it, or make it a control dependency of what is run.')
def Print(input_, data, message=None, first_n=None, summarize=None, name=None):
    """`input_`; whenever it is computed, `data` is printed to standard error.

    Args:
      input_: a Tensor.
      data: a list of tensors to print.
      message: a string that is printed before them.
      first_n: how many times to print; None or a negative number: always.
      summarize: how many elements of each tensor to print; a negative number: all; None: 3.
      name: a name for the node.

    Returns: a Tensor like `input_`.
    """
    return apply('Print', input_, data, message=message, first_n=first_n, summarize=summarize, name=name)


@export('debugging.Assert', 'Assert')
def Assert(condition, data, summarize=None, name=None):
    """Asserts that `condition` holds whenever the operation returned is run.

    Args:
      condition: a bool or a scalar bool Tensor.
      data: a list of tensors to show if it does not.
      summarize: how many elements of each to show; None: 3.
      name: a name for the scope of the nodes.

    Returns: an Operation, which raises InvalidArgumentError in the run if the condition is false.
    """
    with scopes.name_scope(name, 'Assert', [v for v in [condition] + list(data) if isinstance(v, Tensor)]):
        converted = convert.to_tensors(data)
        if all(t.dtype in (dtypes.string, dtypes.int32) for t in converted):
            # These live on the host anyway: nothing is saved by computing them only when they are needed.
            return apply('Assert', condition, data, summarize=summarize, name='Assert')
        condition = convert.to_tensor(condition, name='Condition')
        guarded = cond(condition, control_flow.no_op,
                       lambda: apply('Assert', condition, data, summarize=summarize), name='AssertGuard')
        return guarded.op


control_flow.Assert = Assert    # which users, and other ops, look for there


@export('timestamp')
def timestamp(name=None):
    """The seconds since the epoch when the op runs, a float64 scalar."""
    return apply('Timestamp', name=name)


@export('debugging.assert_all_finite', 'verify_tensor_all_finite')
def verify_tensor_all_finite(t=None, msg=None, name=None, x=None, message=None):
    """`t`, of floats; running it raises InvalidArgumentError with `msg` if there is a NaN or an infinity in it."""
    x, message = (t if x is None else x), (msg if message is None else message)
    with scopes.name_scope(name, 'VerifyFinite', [x]):
        x = convert.to_tensor(x, name='x')
        with scopes.colocate_with(x):
            check = array.check_numerics(x, message=message)
            return control_flow.with_dependencies([check], x)


@export('add_check_numerics_ops')
def add_check_numerics_ops():
    """An Operation that checks every float tensor of the graph, in the order of their ops; see `check_numerics`.

    Raises: ValueError if the graph has loops or conditionals.
    """
    checks = []
    for node in get_default_graph().get_operations():
        for output in node.outputs:
            if output.dtype not in (dtypes.float16, dtypes.float32, dtypes.float64):
                continue
            if node._get_control_flow_context() is not None:
                raise ValueError('`tf.add_check_numerics_ops() is not compatible with TensorFlow control flow '
                                 'operations such as `tf.cond()` or `tf.while_loop()`.')
            message = f'{node.name}:{output.value_index}'
            with scopes.control_dependencies(checks):
                checks = [array.check_numerics(output, message=message)]
    return control_flow.group(*checks)


@export('strings.format')
def string_format(template, inputs, placeholder='{}', summarize=3, name=None):
    """A scalar string: `template` with each `placeholder` in it replaced by one of `inputs`.

    Args:
      template: a string.
      inputs: a tensor or a list of tensors, of any types.
      placeholder: the string that stands for a tensor.
      summarize: how many elements at each end of each dimension to show; -1: all.
      name: a name for the node.

    Raises: ValueError if there are not as many placeholders as inputs.
    """
    inputs = inputs if isinstance(inputs, (list, tuple)) else [inputs]
    if template.count(placeholder) != len(inputs):
        raise ValueError(f'{template.count(placeholder)} placeholder(s) in template does not match {len(inputs)} '
                         'tensor(s) provided as input')
    return apply('StringFormat', inputs, template=template, placeholder=placeholder, summarize=summarize, name=name)


@export('print')
def print_v2(*inputs, **kwargs):
    """An Operation that prints `inputs` whenever it is run.

    Args:
      *inputs: tensors, Python values and (nested) structures of these.
      output_stream: sys.stderr (the default), sys.stdout, a function tf.logging.info etc., or 'file://<path>'.
      summarize: how many elements at each end of each dimension to print (3); -1: all.
      sep: what stands between the inputs.
      end: what stands after them.
      name: a name for the node.

    Raises: ValueError for another stream or other keyword arguments.
    """
    stream = kwargs.pop('output_stream', sys.stderr)
    name, summarize = kwargs.pop('name', None), kwargs.pop('summarize', 3)
    sep, end = kwargs.pop('sep', ' '), kwargs.pop('end', '\n')
    if kwargs:
        raise ValueError(f'Unrecognized keyword arguments for tf.print: {kwargs}')
    stream = _stream_name(stream)
    if len(inputs) == 1 and _is_text(inputs[0]):
        text = inputs[0]
    else:
        template, tensors = [], []
        for value in inputs:
            template.append(_template(value, tensors))
        text = string_format(sep.join(template), tensors, summarize=-1 if summarize is None else summarize, name=name)
    return apply('PrintV2', text, output_stream=stream, end=end, name=name)


def _is_text(value):
    return isinstance(value, Tensor) and value.dtype == dtypes.string and value.shape.ndims == 0


class _Placeholder:
    def __repr__(self):
        return '{}'


def _template(value, tensors):
    """The text for one argument of tf.print, with {} for each tensor; adds these to `tensors`."""
    if isinstance(value, str):
        return value
    if isinstance(value, SparseTensor):
        tensors += [value.indices, value.values, value.dense_shape]
        return "'SparseTensor(indices={}, values={}, shape={})'"
    if not nest.is_sequence(value):
        if not hasattr(value, 'graph'):
            return str(value)
        tensors.append(value)
        return '{}'
    leaves = nest.flatten(value)
    shown = [_Placeholder() if hasattr(leaf, 'graph') else leaf for leaf in leaves]
    tensors += [leaf for leaf in leaves if hasattr(leaf, 'graph')]
    return pprint.pformat(nest.pack_sequence_as(value, shown))


def _stream_name(stream):
    names = {tf_logging.info: 'log(info)', tf_logging.warning: 'log(warning)', tf_logging.warn: 'log(warning)',
             tf_logging.error: 'log(error)'}
    if stream is sys.stdout:
        return 'stdout'
    if stream is sys.stderr:
        return 'stderr'
    if isinstance(stream, str) and stream.startswith('file://'):
        return stream
    if isinstance(stream, str) and stream in ('stdout', 'stderr') or stream in names:
        return names.get(stream, stream)
    raise ValueError(f'Unknown output stream or file {stream}.')
