"""Joining tensors and taking them apart: stack and unstack, concat and split; lists of tensors as tensors."""
import numpy as np

from graphflow.framework import constant_value, convert, dtypes, tensor_shape
from graphflow.framework.apply import apply
from graphflow.framework.export import export
from graphflow.framework.indexed_slices import IndexedSlices
from graphflow.framework.registry import (gradient, not_differentiable, op, partial_value_rule, shape_value_rule,
                                          value_rule)
from graphflow.framework.scopes import name_scope
from graphflow.framework.shape_rules import merge
from graphflow.framework.tensor import Tensor
from graphflow.ops import array
from graphflow.ops.constant import constant

TensorShape = tensor_shape.TensorShape
_MANY = 16      # the gradient of a concat of more inputs is one split instead of as many slices


# Stack and unstack.

@op('Pack', 'values:N*T -> output:T', 'N:int>=1; T:type; axis:int=0')
def _(c):
    shape = c.shape(c.num_inputs - 1)
    for i in range(c.num_inputs - 2, -1, -1):
        try:
            shape = merge(c.shape(i), shape)
        except ValueError as error:
            raise ValueError(f'{error}\n\tFrom merging shape {i} with other shapes.') from None
    if shape.ndims is None:
        return None
    dims = shape.as_list()
    axis = _checked_axis(c.attr('axis'), len(dims) + 1)
    return dims[:axis] + [c.num_inputs] + dims[axis:]


def _checked_axis(axis, rank):
    if not -rank <= axis < rank:
        raise ValueError(f'Invalid axis: {axis}; must be in [{-rank},{rank})')
    return axis % rank


@value_rule('Pack')
def _(op):
    if op._attrs['axis'] != 0:
        return None
    values = [constant_value.constant_value(t) for t in op._inputs]
    return None if any(v is None for v in values) else np.array(values)


@partial_value_rule('Pack')
def _(op):
    if op._attrs['axis'] != 0:
        return None
    return np.array([constant_value.constant_value(t, partial=True) for t in op._inputs], dtype=object)


@shape_value_rule('Pack')
def _(op):
    if op._inputs[0]._shape.ndims not in (0, None):
        return None
    values = [constant_value.evaluate(t) for t in op._inputs]
    return TensorShape([None if v is None or v < 0 else int(v) for v in values])


@gradient('Pack')
def _(op, grad):
    return unstack(grad, num=op.get_attr('N'), axis=op.get_attr('axis'))


@gradient('Unpack')
def _(op, *grads):
    return stack(list(grads), axis=op.get_attr('axis'))


@export('stack')
def stack(values, axis=0, name='stack'):
    """Tensors of one shape, stacked along a new dimension.

    Args:
      values: a list of Tensors of one shape and dtype.
      axis: the index of the new dimension; a negative one counts from the end.
      name: name of the node.

    Raises: ValueError if `axis` is out of [-(rank + 1), rank + 1).
    """
    if axis == 0:
        try:
            return convert.to_tensor(values, name=name)
        except (TypeError, ValueError):
            pass        # their types or shapes differ, which Pack says better
    ndims = convert.to_tensor(values[0], name=name)._shape.ndims
    if ndims is not None and not -ndims - 1 <= axis < ndims + 1:
        raise ValueError(f'axis = {axis} not in [{-ndims - 1}, {ndims + 1})')
    return apply('Pack', values, axis=axis, name=name)


@op('ParallelConcat', 'values:N*T -> output:T', 'N:int>=1; T:type; shape:shape')
def _(c):
    return c.attr('shape')


@export('parallel_stack')
def parallel_stack(values, name='parallel_stack'):
    """Tensors of one fully known shape, stacked along a new first dimension."""
    with name_scope(name):
        first = convert.to_tensor(values[0])
        shape = TensorShape([len(values)]).concatenate(first._shape)
        return apply('ParallelConcat', [array.expand_dims(v, 0) for v in values], shape=shape)


@op('Unpack', 'value:T -> output:num*T', 'num:int>=0; T:type; axis:int=0')
def _(c):
    shape, num = c.shape(0), c.attr('num')
    if shape.ndims is None:
        return [TensorShape(None)] * num
    dims = shape.as_list()
    if not dims:
        raise ValueError('Shape must be at least rank 1 but is rank 0')
    axis = _checked_axis(c.attr('axis'), len(dims))
    if dims[axis] not in (None, num):
        raise ValueError(f'Dimension must be {num} but is {dims[axis]}')
    return [TensorShape(dims[:axis] + dims[axis + 1:])] * num


@export('unstack')
def unstack(value, num=None, axis=0, name='unstack'):
    """The slices of `value` along dimension `axis`, a list of Tensors of one rank less.

    Args:
      value: a Tensor.
      num: the size of the dimension; needed where it is not known statically.
      axis: an int; a negative one counts from the end.
      name: name of the node.

    Raises: ValueError if `num` is not given and not known, or `axis` is out of range.
    """
    if num is None:
        value = convert.to_tensor(value)
        shape = value._shape
        if shape.ndims is not None:
            if not -shape.ndims <= axis < shape.ndims:
                raise ValueError(f'axis = {axis} not in [{-shape.ndims}, {shape.ndims})')
            num = shape.as_list()[axis]
    if num is None:
        raise ValueError(f'Cannot infer num from shape {value.shape}')
    return apply('Unpack', value, num=num, axis=axis, name=name)


# A list with tensors in it becomes a tensor by packing it.

def _first_dtype(values):
    """The DType of the first tensor in nested lists, or None."""
    for value in values:
        if _is_dense(value):
            return value.dtype.base_dtype
        if isinstance(value, (list, tuple)):
            found = _first_dtype(value)
            if found is not None:
                return found
    return None


def _is_dense(value):
    return isinstance(value, Tensor) or convert.is_tensor_like(value) and not isinstance(value, IndexedSlices)


def _pack(values, dtype, name):
    """Packs nested lists into a tensor if there is a tensor in them; else returns what they are."""
    must_pack, elements = False, []
    with name_scope(name) as scope:
        for i, value in enumerate(values):
            if _is_dense(value):
                if dtype is not None and value.dtype.base_dtype != dtype:
                    raise TypeError(f'Cannot convert a list containing a tensor of dtype {value.dtype} to {dtype} '
                                    f'(Tensor is: {value!r})')
                must_pack = True
            elif isinstance(value, (list, tuple)):
                value = _pack(value, dtype, str(i))
                must_pack = must_pack or _is_dense(value)
            elements.append(value)
        if not must_pack:
            return elements
        tensors = [e if _is_dense(e) else constant(e, dtype=dtype, name=str(i)) for i, e in enumerate(elements)]
        return apply('Pack', tensors, name=scope)


def _cast_tensors(values, dtype):
    cast = []
    for value in values:
        if isinstance(value, (list, tuple)):
            value = _cast_tensors(value, dtype)
        elif _is_dense(value) and value.dtype.base_dtype != dtype:
            value = apply('Cast', value, DstT=dtype)
        cast.append(value)
    return cast


def _packed(value, dtype=None, name=None, as_ref=False):
    if as_ref:
        return NotImplemented
    inferred = _first_dtype(value)
    if inferred is None:
        return NotImplemented
    if dtype is None:
        dtype = inferred
    elif dtype != inferred:
        value = _cast_tensors(value, dtype)
    return _pack(value, dtype, name or 'packed')


convert.register_tensor_conversion_function((list, tuple), _packed, 99)


# Concat.

def _concatenated(c, axis_input, first, last):
    axis_shape = c.shape(axis_input)
    if axis_shape.ndims not in (None, 0):
        raise ValueError(f'Shape must be rank 0 but is rank {axis_shape.ndims}')
    shapes = [c.shape(i) for i in range(first, last)]
    ranks = [s.ndims for s in shapes if s.ndims is not None]
    if not ranks:
        return None
    for rank in ranks:
        if rank != ranks[0]:
            raise ValueError(f'Shape must be rank {ranks[0]} but is rank {rank}')
    axis = c.value(axis_input)
    if axis is None:
        if ranks[0] == 0:
            raise ValueError("Can't concatenate scalars (use tf.stack instead)")
        return [None] * ranks[0]
    axis = int(axis)
    result = None       # the dimensions joined so far
    for shape in shapes:
        least = -axis if axis < 0 else axis + 1
        if shape.ndims is not None and shape.ndims < least:
            raise ValueError(f'Shape must be at least rank {least} but is rank {shape.ndims}')
        dims = shape.as_list() if shape.ndims is not None else [None] * ranks[0]
        result = dims if result is None else _join(result, dims, axis)
    return result


def _join(a, b, axis):
    at = axis % len(a)
    before = merge(TensorShape(a[:at]), TensorShape(b[:at])).as_list()
    after = merge(TensorShape(a[at + 1:]), TensorShape(b[at + 1:])).as_list()
    joined = None if a[at] is None or b[at] is None else a[at] + b[at]
    return before + [joined] + after


@op('ConcatV2', 'values:N*T, axis:Tidx -> output:T', 'N:int>=2; T:type; Tidx:type=int32{int32,int64}')
def _(c):
    return _concatenated(c, c.num_inputs - 1, 0, c.num_inputs - 1)


@op('Concat', 'concat_dim:int32, values:N*T -> output:T', 'N:int>=2; T:type')
def _(c):
    return _concatenated(c, 0, 1, c.num_inputs)


def _concat_arguments(op):
    """(values, axis) of a Concat or ConcatV2 node."""
    return (op._inputs[1:], op._inputs[0]) if op.type == 'Concat' else (op._inputs[:-1], op._inputs[-1])


@value_rule('Concat', 'ConcatV2')
def _(op):
    inputs, axis = _concat_arguments(op)
    axis = constant_value.constant_value(axis)
    values = [constant_value.constant_value(t) for t in inputs] if axis is not None else [None]
    return None if any(v is None for v in values) else np.concatenate(values, axis=int(axis))


@shape_value_rule('Concat', 'ConcatV2')
def _(op):
    inputs, _ = _concat_arguments(op)
    shape = TensorShape([])
    for t in inputs:
        shape = shape.concatenate(constant_value.evaluate_as_shape(t))
    return shape


@op('ConcatOffset', 'concat_dim:int32, shape:N*int32 -> offset:N*int32', 'N:int>=2')
def _(c):
    return [c.shape(i) for i in range(1, c.num_inputs)]


not_differentiable('ConcatOffset')


@gradient('ConcatV2')
def _(op, grad):
    return _concat_gradient(op, grad, op.inputs[:-1], op.inputs[-1]) + [None]


@gradient('Concat')
def _(op, grad):
    return [None] + _concat_gradient(op, grad, op.inputs[1:], op.inputs[0])


def _concat_gradient(op, grad, values, axis):
    if len(values) == 1:
        return [grad]
    if isinstance(grad, IndexedSlices):
        return _concat_gradient_of_slices(grad, values, axis)
    axis = _in_context_of(axis, grad)
    axis = axis % array.rank(values[0])
    shapes = _shapes(values)
    if len(shapes) > _MANY:
        sizes = array.squeeze(apply('Slice', stack(shapes, axis=1), [axis, 0], [1, -1]))
        return split(grad, sizes, axis)
    offsets = apply('ConcatOffset', axis, shapes)
    return [apply('Slice', grad, begin, size) for begin, size in zip(offsets, shapes)]


def _in_context_of(axis, grad):
    """`axis`, made anew where `grad` is: a constant need not be carried into a loop."""
    if axis.op.type == 'Const' and axis.op._control_flow_context is not grad.op._control_flow_context:
        return constant(constant_value.constant_value(axis), dtype=axis.dtype)
    return axis


def _shapes(values):
    shapes = []
    for value in values:
        shape = array.shape(value)
        if shape.op.type != 'Const':
            return array.shape_n(list(values))
        shapes.append(shape)
    return shapes


def _concat_gradient_of_slices(grad, values, axis):
    """Slices of whole rows go to the inputs that hold the rows (axis 0), or are cut along `axis`."""
    dim = constant_value.constant_value(axis)
    if dim is None:
        raise ValueError('Can only compute IndexedSlices gradient with statically-known concat_dim')
    dim = int(dim)
    if dim < 0:
        rank = array.shape(grad.values)._shape.as_list()[0]
        dim %= rank
    out = []
    if dim > 0:
        sizes = [array.shape(v) for v in values]
        begin = None
        for size in sizes:
            size = apply('ConcatV2', [array.shape(grad.values)[:1], size[1:]], 0, name='concat')
            if begin is None:
                begin = constant(np.zeros(len(size._shape) and size._shape.as_list()[0]), dtype=dtypes.int32)
            out.append(IndexedSlices(apply('Slice', grad.values, begin, size), grad.indices, size))
            begin = begin + size * constant(np.eye(1, size._shape.as_list()[0], dim)[0], dtype=dtypes.int32)
        return out
    start = constant(0, dtype=grad.indices.dtype)
    for value in values:
        shape = array.shape(value, out_type=grad.indices.dtype)
        end = start + shape[0]
        inside = apply('Where', apply('LogicalAnd', grad.indices >= start, grad.indices < end))
        chosen = array.squeeze(inside, axis=[1])
        indices = apply('GatherV2', grad.indices, chosen, 0) - start
        out.append(IndexedSlices(apply('GatherV2', grad.values, chosen, 0), indices, shape))
        start = end
    return out


@export('concat')
def concat(values, axis, name='concat'):
    """Tensors joined along dimension `axis`.

    Args:
      values: a list of Tensors of one dtype, or one Tensor; equal in all dimensions but `axis`.
      axis: a scalar int32; a negative one counts from the end.
      name: name of the node.
    """
    if not isinstance(values, (list, tuple)):
        values = [values]
    if len(values) == 1:
        with name_scope(name):
            convert.to_tensor(axis, dtypes.int32, name='concat_dim')._shape.assert_has_rank(0)
            return array.identity(values[0], name=name)
    return apply('ConcatV2', values, axis, name=name)


# Split.

@op('Split', 'split_dim:int32, value:T -> output:num_split*T', 'num_split:int>=1; T:type')
def _(c):
    num, axis, shape = c.attr('num_split'), c.value(0), c.shape(1)
    if axis is None or shape.ndims is None:
        return [TensorShape(None if shape.ndims is None else [None] * shape.ndims)] * num
    axis = int(axis)
    least = -axis if axis < 0 else axis + 1
    if shape.ndims < least:
        raise ValueError(f'Shape must be at least rank {least} but is rank {shape.ndims}')
    dims = shape.as_list()
    if dims[axis] is not None:
        if dims[axis] % num:
            raise ValueError(f'Dimension size must be evenly divisible by {num} but is {dims[axis]}\n\tNumber of ways '
                             'to split should evenly divide the split dimension')
        dims[axis] //= num
    return [TensorShape(dims)] * num


@op('SplitV', 'value:T, size_splits:Tlen, split_dim:int32 -> output:num_split*T',
    'num_split:int>=1; T:type; Tlen:type=int64{int32,int64}')
def _(c):
    num, shape = c.attr('num_split'), c.shape(0)
    axis, known = c.value(2), c.value(1)
    if axis is None or shape.ndims is None:
        return [TensorShape(None if shape.ndims is None else [None] * shape.ndims)] * num
    axis = int(axis)
    least = -axis if axis < 0 else axis + 1
    if shape.ndims < least:
        raise ValueError(f'Shape must be at least rank {least} but is rank {shape.ndims}')
    dims = shape.as_list()
    whole = dims[axis]
    sizes = [None] * num if known is None else [None if d == -1 else int(d) for d in known.ravel()]
    if known is not None and whole is not None:
        if sizes.count(None) > 1:
            raise ValueError('size_splits can only have one -1')
        if len(sizes) != num:
            raise ValueError('Length of size_splits should be equal to num_outputs')
        total = sum(d for d in sizes if d is not None)
        if sizes.count(None) == 1:
            sizes[sizes.index(None)] = whole - total
        elif None not in sizes and total != whole:
            raise ValueError(f'can\'t split axis of size {whole} into pieces of size '
                             f'[{",".join(str(d) for d in sizes)}]')
    return [TensorShape(dims[:axis % len(dims)] + [size] + dims[axis % len(dims) + 1:]) for size in sizes]


@gradient('Split')
def _(op, *grads):
    return None, concat(list(grads), op.inputs[0])


@gradient('SplitV')
def _(op, *grads):
    return [concat(list(grads), op.inputs[2]), None, None]


@export('split')
def split(value, num_or_size_splits, axis=0, num=None, name='split'):
    """`value` cut into pieces along dimension `axis`.

    Args:
      value: a Tensor.
      num_or_size_splits: an int, the number of equal pieces; or a 1-D integer tensor (or list), their sizes, one of
        which may be -1 for what is left.
      axis: the dimension, an int or int32 scalar.
      num: the number of pieces, where it cannot be told from the shape of the sizes.
      name: name of the node.

    Returns: a list of Tensors.

    Raises: ValueError if the number of pieces is not known.
    """
    sizes = convert.to_tensor(num_or_size_splits)
    if isinstance(num_or_size_splits, (int, np.integer, tensor_shape.Dimension)):
        return apply('Split', axis, value, num_split=num_or_size_splits, name=name)
    if sizes._shape.ndims == 0:
        raise ValueError('Rank-0 tensors are not supported as the num_or_size_splits argument to split. Argument '
                         f'provided: {num_or_size_splits}')
    if num is None:
        num = sizes._shape.as_list()[0] if sizes._shape.ndims is not None else None
        if num is None:
            raise ValueError('Cannot infer num from shape %s' % num_or_size_splits)
    return apply('SplitV', value, sizes, axis, num_split=num, name=name)
