"""Parts of tensors: slice, strided_slice, indexing with brackets, boolean masks, pad."""
import builtins
import sys

import numpy as np

from graphflow.framework import constant_value, convert, dtypes, strided_spec, tensor_shape
from graphflow.framework.apply import apply
from graphflow.framework.export import export
from graphflow.framework.registry import gradient, op, shape_value_rule
from graphflow.framework.scopes import name_scope
from graphflow.framework.shape_rules import merge
from graphflow.framework.tensor import Tensor
from graphflow.ops import array, concat, fill
from graphflow.ops.constant import constant

TensorShape = tensor_shape.TensorShape
_MASKS = 'begin_mask:int=0; end_mask:int=0; ellipsis_mask:int=0; new_axis_mask:int=0; shrink_axis_mask:int=0'


@op('Slice', 'input:T, begin:Index, size:Index -> output:T', 'T:type; Index:type{int32,int64}')
def _(c):
    shape = c.shape(0)
    merged = merge(c.rank(1, 1), c.rank(2, 1))
    count = merged.as_list()[0]
    rank = shape.ndims
    if count is not None:
        if rank is not None and rank != count:
            raise ValueError(f'Shape must be rank {count} but is rank {rank}')
        rank = count
    if rank is None:
        return None
    dims = [None] * rank if shape.ndims is None else shape.as_list()
    sizes = c.value(2)
    begins = c.value_as_shape(1)
    begins = begins.as_list() if begins.ndims == rank else [None] * rank
    if sizes is None:
        known = c.value_as_shape(2)
        return known if known.ndims == rank else [None] * rank
    out = []
    for i, (size, begin, dim) in enumerate(zip(sizes.tolist(), begins, dims)):
        if size == -1:
            if dim is None or begin is None:
                out.append(None)
                continue
            if begin > dim:
                raise ValueError(f'Negative dimension size caused by subtracting {begin} from {dim}')
            out.append(dim - begin)
        elif size < -1:
            raise ValueError(f'Expected size[{i}] >= -1, but got {size}')
        else:
            out.append(size)
    return out


@gradient('Slice')
def _(op, grad):
    x, begin = op.inputs[0], op.inputs[1]
    rank = array.rank(x)
    size = array.shape(op.outputs[0])
    column = concat.stack([rank, 1])
    before = array.reshape(begin, column)
    after = array.reshape(array.shape(x) - size - begin, column)
    return apply('Pad', grad, concat.concat([before, after], 1)), None, None


@export('slice')
def slice(input_, begin, size, name=None):
    """The block of `input_` that starts at `begin` and has `size`.

    Args:
      input_: a Tensor.
      begin: a 1-D integer tensor, one element a dimension.
      size: the same; -1 stands for all that is left.
      name: name of the node.
    """
    return apply('Slice', input_, begin, size, name=name)


def _masks(c):
    return strided_spec.Masks(*(c.attr(n + '_mask') for n in ('begin', 'end', 'ellipsis', 'new_axis', 'shrink_axis')))


@op('StridedSlice', 'input:T, begin:Index, end:Index, strides:Index -> output:T',
    'T:type; Index:type{int32,int64}; ' + _MASKS)
def _(c):
    count = merge(merge(c.rank(1, 1), c.rank(2, 1)), c.rank(3, 1)).as_list()[0]
    strides, shape = c.value(3), c.shape(0)
    if shape.ndims is None or count is None or strides is None:
        return None
    masks, strides = _masks(c), strides.tolist()
    found = strided_spec.entries(shape.ndims, count, masks)
    strided_spec.check(found, strides, masks)
    begin, end = c.value(1), c.value(2)
    begin = None if begin is None else begin.tolist()
    end = None if end is None else end.tolist()
    return strided_spec.shape(shape.as_list(), found, begin, end, strides, masks)


@shape_value_rule('StridedSlice')
def _(op):
    if any(op._attrs[mask] & ~1 for mask in ('begin_mask', 'end_mask')):
        return None
    if any(op._attrs[mask] for mask in ('ellipsis_mask', 'new_axis_mask', 'shrink_axis_mask')):
        return None
    begin, end, stride = (constant_value.evaluate(t) for t in op._inputs[1:])
    if begin is None or end is None or stride is None or begin.size != 1:
        return None
    shape = constant_value.evaluate_as_shape(op._inputs[0])
    if shape.ndims is None:
        return None
    begin = None if op._attrs['begin_mask'] else int(begin[0])
    end = None if op._attrs['end_mask'] else int(end[0])
    return TensorShape(shape.as_list()[begin:end:int(stride[0])])


@op('StridedSliceGrad', 'shape:Index, begin:Index, end:Index, strides:Index, dy:T -> output:T',
    'T:type; Index:type{int32,int64}; ' + _MASKS)
def _(c):
    return c.value_as_shape(0)


_REF_SIGNATURE = 'ref:ref(T), begin:Index, end:Index, strides:Index, value:T -> output_ref:ref(T)'
op('StridedSliceAssign', _REF_SIGNATURE, 'T:type; Index:type{int32,int64}; ' + _MASKS, shape=lambda c: c.shape(0))
op('ResourceStridedSliceAssign', 'ref:resource, begin:Index, end:Index, strides:Index, value:T ->',
   'T:type; Index:type{int32,int64}; ' + _MASKS, shape=lambda c: [], stateful=True)


def _mask_attrs(op):
    return {name: op.get_attr(name) for name in
            ('begin_mask', 'end_mask', 'ellipsis_mask', 'new_axis_mask', 'shrink_axis_mask')}


@gradient('StridedSlice')
def _(op, grad):
    x, begin, end, strides = op.inputs
    shape = array.shape(x, out_type=begin.dtype.base_dtype)
    return apply('StridedSliceGrad', shape, begin, end, strides, grad, **_mask_attrs(op)), None, None, None


@gradient('StridedSliceGrad')
def _(op, grad):
    _, begin, end, strides, _ = op.inputs
    return None, None, None, None, apply('StridedSlice', grad, begin, end, strides, **_mask_attrs(op))


@export('strided_slice')
def strided_slice(input_, begin, end, strides=None, begin_mask=0, end_mask=0, ellipsis_mask=0, new_axis_mask=0,
                  shrink_axis_mask=0, var=None, name=None):
    """The elements of `input_` from `begin` to `end` (not included) in steps of `strides`; what brackets become.

    Args:
      input_: a Tensor.
      begin, end, strides: 1-D integer tensors of one length; strides are 1 by default.
      begin_mask, end_mask: bit i set: begin[i] or end[i] is ignored, the range is as long as possible.
      ellipsis_mask: bit i set: entry i stands for as many whole dimensions as are left.
      new_axis_mask: bit i set: entry i adds a dimension of size 1.
      shrink_axis_mask: bit i set: entry i takes one element and drops the dimension.
      var: the Variable that `input_` is the value of, which makes `result.assign(value)` possible.
      name: name of the node.
    """
    if strides is None:
        strides = fill.ones_like(begin)
    masks = dict(begin_mask=begin_mask, end_mask=end_mask, ellipsis_mask=ellipsis_mask, new_axis_mask=new_axis_mask,
                 shrink_axis_mask=shrink_axis_mask)
    result = apply('StridedSlice', input_, begin, end, strides, name=name, **masks)

    def assign(val, name=None):
        """Assigns `val` to this slice of the variable. Raises: ValueError if it is no slice of one."""
        if var is None:
            raise ValueError('Sliced assignment is only supported for variables')
        return var._strided_slice_assign(begin=begin, end=end, strides=strides, value=val,
                                         name=parent_name + '_assign' if name is None else name, **masks)

    parent_name = name or 'strided_slice'
    result.assign = assign
    return result


# Brackets.

_NOT_AN_INDEX = ('Only integers, slices (`:`), ellipsis (`...`), tf.newaxis (`None`) and scalar tf.int32/tf.int64 '
                 'tensors are valid indices')


def _check_index(index):
    if isinstance(index, (int, tensor_shape.Dimension)):
        return
    dtype = getattr(index, 'dtype', None)
    if dtype is None or dtypes.as_dtype(dtype).base_dtype not in (dtypes.int32, dtypes.int64) or _is_vector(index):
        raise TypeError(f'{_NOT_AN_INDEX}, got {index!r}')


def _is_vector(index):
    rank = index._shape.ndims if isinstance(index, Tensor) else len(index.shape)
    return rank == 1


def _is_mask(index):
    return isinstance(index, bool) or (isinstance(index, (Tensor, np.ndarray)) and
                                       dtypes.as_dtype(index.dtype).base_dtype == dtypes.bool)


def _is_given(bound):
    return bound is not None and (isinstance(bound, Tensor) or convert.is_tensor_like(bound) or bound != sys.maxsize)


def slice_tensor(tensor, index, var=None):
    """`tensor[index]`: integers, slices, ellipsis, None, scalar tensors, or a boolean mask.

    Raises: TypeError for anything else.
    """
    if _is_mask(index):
        return boolean_mask(tensor, index)
    if not isinstance(index, (list, tuple)):
        index = [index]
    begin, end, strides = [], [], []
    begin_mask = end_mask = ellipsis_mask = new_axis_mask = shrink_axis_mask = 0
    for i, entry in enumerate(index):
        bit = 1 << i
        first, last, step = 0, 0, 1
        if isinstance(entry, builtins.slice):
            if _is_given(entry.start):
                _check_index(entry.start)
                first = entry.start
            else:
                begin_mask |= bit
            if _is_given(entry.stop):
                _check_index(entry.stop)
                last = entry.stop
            else:
                end_mask |= bit
            if entry.step is not None:
                _check_index(entry.step)
                step = entry.step
        elif entry is Ellipsis:
            ellipsis_mask |= bit
        elif entry is None:
            new_axis_mask |= bit
        else:
            _check_index(entry)
            first, last = entry, entry + 1
            shrink_axis_mask |= bit
        begin.append(first)
        end.append(last)
        strides.append(step)
    with name_scope(None, 'strided_slice', [tensor] + begin + end + strides) as name:
        if begin:
            packed = [concat.stack(values) for values in (begin, end, strides)]
            if any(p.dtype == dtypes.int64 for p in packed):
                packed = [p if p.dtype == dtypes.int64 else apply('Cast', p, DstT=dtypes.int64) for p in packed]
        else:
            packed = [constant([], dtype=dtypes.int32)] * 3
        return strided_slice(tensor, *packed, begin_mask=begin_mask, end_mask=end_mask, ellipsis_mask=ellipsis_mask,
                             new_axis_mask=new_axis_mask, shrink_axis_mask=shrink_axis_mask, var=var, name=name)


def slice_variable(var, index):
    """`var[index]` for a variable: a slice of its value that can be assigned to."""
    return slice_tensor(var.value(), index, var)


Tensor._override_operator('__getitem__', slice_tensor)


@export('boolean_mask')
def boolean_mask(tensor, mask, name='boolean_mask', axis=None):
    """The elements (or slices) of `tensor` where `mask` is true.

    Args:
      tensor: a Tensor of rank N.
      mask: a bool tensor of known rank K <= N, of the shape of dimensions axis ... axis + K - 1 of `tensor`.
      name: name of the scope.
      axis: the dimension that the mask begins with, 0 by default.

    Returns: a Tensor of rank N - K + 1.

    Raises: ValueError if the mask is a scalar, of unknown rank, or its shape does not fit.
    """
    with name_scope(name, values=[tensor, mask]):
        tensor = convert.to_tensor(tensor, name='tensor')
        mask = convert.to_tensor(mask, name='mask')
        shape, mask_shape = tensor._shape, mask._shape
        count = mask_shape.ndims
        if count == 0:
            raise ValueError('mask cannot be scalar.')
        if count is None:
            raise ValueError('Number of mask dimensions must be specified, even if some dimensions are None.  E.g. '
                             'shape=[None] is ok, but shape=None is not.')
        axis = 0 if axis is None else axis
        if isinstance(axis, Tensor):
            axis = int(constant_value.constant_value(axis))
        if shape.ndims is not None and axis < 0:
            axis += shape.ndims
        shape[axis:axis + count].assert_is_compatible_with(mask_shape)
        elements = apply('Prod', array.shape(tensor)[axis:axis + count], constant([0], name='Prod/reduction_indices'))
        flat_shape = concat.concat([array.shape(tensor)[:axis], [elements], array.shape(tensor)[axis + count:]], 0)
        tensor = array.reshape(tensor, flat_shape)
        size = shape[axis:axis + count].num_elements()
        tensor.set_shape(TensorShape(shape[:axis]).concatenate([size]).concatenate(shape[axis + count:]))
        chosen = array.squeeze(apply('Where', array.reshape(mask, [-1])), axis=[1])
        return apply('GatherV2', tensor, chosen, axis)


# Pad.

def _padded(c):
    paddings = c.rank(1, 2)
    rank, pairs = c.shape(0).ndims, paddings.as_list()
    if pairs[1] not in (None, 2):
        raise ValueError(f'Dimension must be 2 but is {pairs[1]}')
    if pairs[0] is not None:
        if rank is not None and rank != pairs[0]:
            raise ValueError(f'Shape must be rank {pairs[0]} but is rank {rank}')
        rank = pairs[0]
    if rank is None:
        return None
    values = c.value(1)
    dims = [None] * rank if c.shape(0).ndims is None else c.shape(0).as_list()
    if values is None:
        rows = _rows(c)
        if rows is None:
            return [None] * rank
    else:
        rows = values.tolist()
    out = []
    for d, row in zip(dims, rows):
        if row is not None and min(row) < 0:
            raise ValueError('Paddings must be non-negative')
        out.append(None if d is None or row is None else d + sum(row))
    return out


def _rows(c):
    """The rows of paddings packed from tensors: [before, after] or None for each, or None."""
    source = c.op._inputs[1].op
    if source.type != 'Pack' or source._attrs['axis']:
        return None
    rows = [constant_value.evaluate(t) for t in source._inputs]
    return [None if row is None else row.tolist() for row in rows]


_PADDINGS = 'T:type; Tpaddings:type=int32{int32,int64}'
op('Pad', 'input:T, paddings:Tpaddings -> output:T', _PADDINGS, shape=_padded)
op('PadV2', 'input:T, paddings:Tpaddings, constant_values:T -> output:T', _PADDINGS, shape=_padded)
op('MirrorPad', 'input:T, paddings:Tpaddings -> output:T', _PADDINGS + "; mode:string{'REFLECT','SYMMETRIC'}",
   shape=_padded)


@op('MirrorPadGrad', 'input:T, paddings:Tpaddings -> output:T', _PADDINGS + "; mode:string{'REFLECT','SYMMETRIC'}")
def _(c):
    rank = c.rank(1, 2).as_list()[0]
    if c.shape(0).ndims is not None:
        rank = c.shape(0).ndims
    if rank is None:
        return None
    values = c.value(1)
    if values is None or c.shape(0).ndims is None:
        return [None] * rank
    return [None if d is None else d - sum(row) for d, row in zip(c.shape(0).as_list(), values.tolist())]


@gradient('Pad', 'PadV2')
def _(op, grad):
    x, paddings = op.inputs[:2]
    # The first column of the paddings is where the input starts.
    before = apply('Slice', paddings, [0, 0], concat.stack([array.rank(x), 1]))
    begin = array.reshape(before, [-1])
    dx = apply('Slice', grad, begin, array.shape(x))
    return (dx, None) if len(op.inputs) == 2 else (dx, None, None)


@gradient('MirrorPad')
def _(op, grad):
    return apply('MirrorPadGrad', grad, op.inputs[1], mode=op.get_attr('mode')), None


@gradient('MirrorPadGrad')
def _(op, grad):
    return apply('MirrorPad', grad, op.inputs[1], mode=op.get_attr('mode')), None


@export('pad')
def pad(tensor, paddings, mode='CONSTANT', name=None, constant_values=0):
    """`tensor` with elements added around it.

    Args:
      tensor: a Tensor of rank N.
      paddings: int32 or int64 [N, 2]: how many to add before and after, for each dimension.
      mode: 'CONSTANT', 'REFLECT' (mirrored at the edge elements) or 'SYMMETRIC' (edge elements repeated).
      name: name of the node.
      constant_values: the scalar to add in mode CONSTANT.

    Raises: ValueError for another mode.
    """
    mode = mode.upper()
    if mode == 'CONSTANT':
        if not isinstance(constant_values, Tensor) and np.isscalar(constant_values) and constant_values == 0:
            result = apply('Pad', tensor, paddings, name=name)
        else:
            result = apply('PadV2', tensor, paddings, constant_values, name=name)
    elif mode in ('REFLECT', 'SYMMETRIC'):
        result = apply('MirrorPad', tensor, paddings, mode=mode, name=name)
    else:
        raise ValueError(f'Unknown padding mode: {mode}')
    return result
