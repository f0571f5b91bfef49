"""TensorArray: a list of tensors that a loop reads and writes by index.

The array itself stays behind a handle; a scalar, the flow, goes from each write to what must come after it.
"""
import contextlib

import numpy as np

from graphflow.framework import convert, dtypes, scopes, tensor_shape
from graphflow.framework.apply import apply
from graphflow.framework.constant_value import constant_value
from graphflow.framework.export import export
from graphflow.framework.registry import gradient, not_differentiable, op
from graphflow.framework.shape_rules import no_outputs, scalar, unknown
from graphflow.framework.tensor_shape import TensorShape
from graphflow.ops import array, cast, fill

_HANDLE = 'handle:resource'


def _new(c):
    c.rank(0, 0)
    return [TensorShape([2]), TensorShape([])]


op('TensorArrayV3', 'size:int32 -> handle:resource, flow:float',
   'dtype:type; element_shape:shape=shape?; dynamic_size:bool=False; clear_after_read:bool=True; '
   "identical_element_shapes:bool=False; tensor_array_name:string=''", shape=_new, stateful=True)
op('TensorArrayWriteV3', _HANDLE + ', index:int32, value:T, flow_in:float -> flow_out:float', 'T:type', shape=scalar,
   stateful=True)
op('TensorArrayReadV3', _HANDLE + ', index:int32, flow_in:float -> value:dtype', 'dtype:type', shape=unknown,
   stateful=True)
op('TensorArrayGatherV3', _HANDLE + ', indices:int32, flow_in:float -> value:dtype',
   'dtype:type; element_shape:shape=shape?', shape=unknown, stateful=True)
op('TensorArrayScatterV3', _HANDLE + ', indices:int32, value:T, flow_in:float -> flow_out:float', 'T:type',
   shape=scalar, stateful=True)
op('TensorArrayConcatV3', _HANDLE + ', flow_in:float -> value:dtype, lengths:int64',
   'dtype:type; element_shape_except0:shape=shape?', shape=lambda c: [TensorShape(None), TensorShape([None])],
   stateful=True)
op('TensorArraySplitV3', _HANDLE + ', value:T, lengths:int64, flow_in:float -> flow_out:float', 'T:type', shape=scalar,
   stateful=True)
op('TensorArraySizeV3', _HANDLE + ', flow_in:float -> size:int32', '', shape=scalar, stateful=True)
op('TensorArrayCloseV3', _HANDLE + ' ->', '', shape=no_outputs, stateful=True)
op('TensorArrayGradV3', _HANDLE + ', flow_in:float -> grad_handle:resource, flow_out:float', 'source:string',
   shape=lambda c: [TensorShape([2]), TensorShape([])], stateful=True)
not_differentiable('TensorArrayV3', 'TensorArrayGradV3', 'TensorArraySizeV3', 'TensorArrayCloseV3')


@export('TensorArray')
class TensorArray:
    """A list of tensors of one dtype, to read and write by index, above all in loops.

    Each write returns a new TensorArray object, which later reads have to use. An element is written once, and read
    once unless `clear_after_read` is False.

    Args:
      dtype: the DType of the elements.
      size: an int scalar (or tensor), the number of elements.
      dynamic_size: whether a write beyond the end makes the array longer.
      clear_after_read: whether an element is freed when it is read.
      tensor_array_name: accepted for compatibility.
      handle: the handle of an array that exists, in place of `size`.
      flow: the scalar that what comes next has to wait for.
      infer_shape: whether all elements have one shape.
      element_shape: the TensorShape of every element.
      colocate_with_first_write_call: whether the array is placed with the first value written.
      name: a name for the node.

    Raises: ValueError if neither or both of `handle` and `size` are given.
    """

    def __init__(self, dtype, size=None, dynamic_size=None, clear_after_read=None, tensor_array_name=None, handle=None,
                 flow=None, infer_shape=True, element_shape=None, colocate_with_first_write_call=True, name=None):
        if handle is not None and tensor_array_name:
            raise ValueError('Cannot construct with both handle and tensor_array_name')
        if handle is not None and not hasattr(handle, 'op'):
            raise TypeError('Handle must be a Tensor')
        if handle is None and size is None:
            raise ValueError('Size must be provided if handle is not provided')
        if handle is not None and size is not None:
            raise ValueError('Cannot provide both a handle and size at the same time')
        if handle is not None and element_shape is not None:
            raise ValueError('Cannot provide both a handle and element_shape at the same time')
        if handle is not None and dynamic_size is not None:
            raise ValueError('Cannot provide both a handle and dynamic_size at the same time')
        if handle is not None and clear_after_read is not None:
            raise ValueError('Cannot provide both a handle and clear_after_read at the same time')
        self._dtype = dtypes.as_dtype(dtype).base_dtype
        self._dynamic_size = dynamic_size or False
        self._infer_shape = infer_shape or element_shape is not None
        # Shared by all objects of one array: what a write within a loop finds out is known outside.
        self._element_shape = [tensor_shape.as_shape(element_shape)]
        self._first_write = [] if colocate_with_first_write_call else None
        if handle is not None:
            self._handle, self._flow = handle, flow
            return
        with scopes.name_scope(name, 'TensorArray', [size, flow]) as scope:
            def make():
                return apply('TensorArrayV3', size, dtype=self._dtype, element_shape=self._element_shape[0],
                             dynamic_size=self._dynamic_size, tensor_array_name=tensor_array_name or '', name=scope,
                             clear_after_read=True if clear_after_read is None else clear_after_read,
                             identical_element_shapes=infer_shape)
            if colocate_with_first_write_call:
                with scopes.device(None), scopes.colocate_with(None, ignore_existing=True):
                    self._handle, new_flow = make()
            else:
                self._handle, new_flow = make()
            self._flow = new_flow if flow is None else flow

    flow = property(lambda self: self._flow)
    handle = property(lambda self: self._handle)
    dtype = property(lambda self: self._dtype)
    dynamic_size = property(lambda self: self._dynamic_size)
    element_shape = property(lambda self: self._element_shape[0])

    def _with_flow(self, flow):
        """This array as it is after `flow`."""
        other = object.__new__(TensorArray)
        other.__dict__.update(self.__dict__)
        other._flow = flow
        return other

    def _placed(self, value):
        """The scope in which writes are placed: with the first value."""
        if self._first_write is None:
            return contextlib.nullcontext()
        if not self._first_write:
            self._first_write.append(value)
        return scopes.colocate_with(self._first_write[0])

    def _learn(self, shape):
        known = self._element_shape[0]
        if not known.is_compatible_with(shape):
            raise ValueError(f'Inconsistent shapes: saw {shape} but expected {known} ')
        if self._infer_shape:
            self._element_shape[0] = known.merge_with(shape)

    def _value(self, value):
        return convert.to_tensor(value, preferred_dtype=self._dtype, name='value')

    def identity(self):
        """This array, behind an identity of the flow."""
        return self._with_flow(array.identity(self._flow))

    def read(self, index, name=None):
        """The element at `index`, an int scalar."""
        value = apply('TensorArrayReadV3', self._handle, index, self._flow, dtype=self._dtype, name=name)
        if self.element_shape.ndims:
            value.set_shape(self.element_shape)
        elif self.element_shape.ndims == 0:
            value.set_shape([])
        return value

    def write(self, index, value, name=None):
        """The array with `value` at `index`."""
        with scopes.name_scope(name, 'TensorArrayWrite', [self._handle, index, value]):
            value = self._value(value)
            self._learn(value.shape)
            with self._placed(value):
                return self._with_flow(apply('TensorArrayWriteV3', self._handle, index, value, self._flow, name=name))

    def stack(self, name=None):
        """All elements, which have one shape, as one tensor [size, ...]."""
        with scopes.colocate_with(self._handle), scopes.name_scope(name, 'TensorArrayStack', [self._handle]):
            return self.gather(fill.range(0, self.size()), name=name)

    def gather(self, indices, name=None):
        """The elements at `indices`, a list or 1-D int tensor, as one tensor."""
        value = apply('TensorArrayGatherV3', self._handle, indices, self._flow, dtype=self._dtype, name=name,
                      element_shape=self.element_shape)
        if self.element_shape.ndims is not None:
            value.set_shape([None] + self.element_shape.as_list())
        return value

    def concat(self, name=None):
        """All elements, one behind the other along their first dimension."""
        rest = self.element_shape[1:] if self.element_shape.ndims is not None else tensor_shape.unknown_shape()
        value, _ = apply('TensorArrayConcatV3', self._handle, self._flow, dtype=self._dtype, name=name,
                         element_shape_except0=rest)
        if rest.ndims is not None:
            value.set_shape([None] + rest.as_list())
        return value

    def unstack(self, value, name=None):
        """The array with the rows of `value` as its elements."""
        with scopes.name_scope(name, 'TensorArrayUnstack', [self._handle, value]):
            count = array.shape(value)[0]
            return self.scatter(fill.range(0, count), value, name=name)

    def scatter(self, indices, value, name=None):
        """The array with the rows of `value` at `indices`."""
        with scopes.name_scope(name, 'TensorArrayScatter', [self._handle, value, indices]):
            value = self._value(value)
            if value.shape.ndims is not None:
                self._learn(value.shape[1:])
            with self._placed(value):
                flow = apply('TensorArrayScatterV3', self._handle, indices, value, self._flow, name=name)
                return self._with_flow(flow)

    def split(self, value, lengths, name=None):
        """The array with `value`, cut along its first dimension into parts of `lengths`, as its elements."""
        with scopes.name_scope(name, 'TensorArraySplit', [self._handle, value, lengths]):
            value = self._value(value)
            with self._placed(value):
                lengths = cast.cast(lengths, dtypes.int64)
                known = constant_value(lengths)
                if self._infer_shape and known is not None and value.shape.ndims is not None and np.size(known) \
                        and np.all(known == np.ravel(known)[0]):
                    self._learn(TensorShape([int(np.ravel(known)[0])] + value.shape.as_list()[1:]))
                return self._with_flow(apply('TensorArraySplitV3', self._handle, value, lengths, self._flow, name=name))

    def size(self, name=None):
        """The number of elements, an int32 scalar."""
        return apply('TensorArraySizeV3', self._handle, self._flow, name=name)

    def grad(self, source, flow=None, name=None):
        """The TensorArray that gradients by the elements of this one are added up in.

        Args:
          source: a string that tells apart several gradients of one array.
          flow: what comes before; by default the flow of this array.
          name: a name for the scope of the nodes.
        """
        flow = self._flow if flow is None else flow
        with scopes.name_scope(name, 'TensorArrayGrad', [self._handle]):
            with scopes.colocate_with(self._handle):
                handle, _ = apply('TensorArrayGradV3', self._handle, flow, source=source, name=name)
                with scopes.control_dependencies([handle]):
                    flow = array.identity(flow, name='gradient_flow')
                result = TensorArray(self._dtype, handle=handle, flow=flow, infer_shape=self._infer_shape,
                                     colocate_with_first_write_call=False)
                result._element_shape = self._element_shape
                return result

    def close(self, name=None):
        """An Operation that frees the elements."""
        return apply('TensorArrayCloseV3', self._handle, name=name)


def _grad_array(op, dtype, flow, named):
    """The gradients' TensorArray for the array of `op`; `named` is a tensor made by the `tf.gradients` call."""
    scope = named.name.split('/')
    at = [i for i, part in enumerate(scope) if part.startswith('gradients')]
    if not at:
        raise ValueError(
            f'Expected op/tensor name to start with gradients (excluding scope), got: {named.name}. This means that a '
            "tf.gradients op with this op in its dependency path has a custom name that does not start with "
            "'gradients'. "
            'Please make sure all calls to tf.gradients that have non-empty `name` arguments use names that start with '
            "'gradients'.")
    return TensorArray(dtype, handle=op.inputs[0], flow=flow, colocate_with_first_write_call=False).grad(
        '/'.join(scope[:at[-1] + 1]), flow=flow)


@gradient('TensorArrayReadV3')
def _(op, grad):
    target = _grad_array(op, op.get_attr('dtype'), op.inputs[2], grad)
    return None, None, target.write(op.inputs[1], grad).flow


@gradient('TensorArrayWriteV3')
def _(op, flow):
    source = _grad_array(op, op.get_attr('T'), flow, flow)
    return None, None, source.read(op.inputs[1]), flow


@gradient('TensorArrayGatherV3')
def _(op, grad):
    target = _grad_array(op, op.get_attr('dtype'), op.inputs[2], grad)
    return None, None, target.scatter(op.inputs[1], grad).flow


@gradient('TensorArrayScatterV3')
def _(op, flow):
    source = _grad_array(op, op.get_attr('T'), flow, flow)
    return None, None, source.gather(op.inputs[1]), flow


@gradient('TensorArrayConcatV3')
def _(op, grad, _):
    target = _grad_array(op, op.get_attr('dtype'), op.inputs[1], grad)
    return None, target.split(grad, lengths=op.outputs[1]).flow


@gradient('TensorArraySplitV3')
def _(op, flow):
    source = _grad_array(op, op.get_attr('T'), flow, flow)
    return None, source.concat(), None, flow
