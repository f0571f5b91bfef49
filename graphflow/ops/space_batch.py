"""Blocks of space moved to the batch or to the channels, and back; patches of images."""
import numpy as np

from graphflow.framework import constant_value, convert, dtypes
from graphflow.framework.apply import apply
from graphflow.framework.export import export
from graphflow.framework.registry import gradient, op
from graphflow.framework.scopes import name_scope
from graphflow.ops import array, concat, fill
from graphflow.util.deprecation import deprecated_argument_lookup


def _divided(size, by):
    if size is None:
        return None
    if size % by:
        raise ValueError(f'Dimension size must be evenly divisible by {by} but is {size}')
    return size // by


def _block_arguments(c, block=None):
    """(dims or None, block sizes or None, [before, after] of each spatial dimension or None)."""
    if block is None:
        blocks = c.shape(1)
        if blocks.ndims != 1:
            raise ValueError('block_shape must have rank 1.')
        count = blocks.as_list()[0]
        if count is None:
            return None, None, None
        block, edges = c.value(1), c.value(2)
    else:
        c.rank(0, 4)
        block, edges, count = np.array([block, block]), c.value(1), 2
    shape = c.rank_at_least(0, count + 1)
    if shape.ndims is None:
        return None, None, None
    return shape.as_list(), None if block is None else block.tolist(), None if edges is None else edges.tolist()


def _to_batch(c, block=None):
    dims, block, paddings = _block_arguments(c, block)
    if dims is None:
        return None
    count = len(block) if block is not None else c.shape(1).as_list()[0]
    if block is None or paddings is None:
        return [None] * (count + 1) + dims[count + 1:]
    batch = None if dims[0] is None else dims[0] * int(np.prod(block))
    spatial = [_divided(None if d is None else d + sum(p), b) for d, b, p in zip(dims[1:], block, paddings)]
    return [batch] + spatial + dims[count + 1:]


def _from_batch(c, block=None):
    dims, block, crops = _block_arguments(c, block)
    if dims is None:
        return None
    count = len(block) if block is not None else c.shape(1).as_list()[0]
    if block is None:
        return [None] * (count + 1) + dims[count + 1:]
    batch = dims[0]
    for b in block:
        batch = _divided(batch, b)
    spatial = [None if d is None or crops is None else d * b - sum(crops[i])
               for i, (d, b) in enumerate(zip(dims[1:], block))]
    for size in spatial:
        if size is not None and size < 0:
            raise ValueError(f'Negative dimension size caused by cropping: {size}')
    return [batch] + spatial + dims[count + 1:]


op('SpaceToBatchND', 'input:T, block_shape:Tblock_shape, paddings:Tpaddings -> output:T',
   'T:type; Tblock_shape:type=int32{int32,int64}; Tpaddings:type=int32{int32,int64}', shape=_to_batch)
op('BatchToSpaceND', 'input:T, block_shape:Tblock_shape, crops:Tcrops -> output:T',
   'T:type; Tblock_shape:type=int32{int32,int64}; Tcrops:type=int32{int32,int64}', shape=_from_batch)
op('SpaceToBatch', 'input:T, paddings:Tpaddings -> output:T',
   'T:type; Tpaddings:type=int32{int32,int64}; block_size:int>=2', shape=lambda c: _to_batch(c, c.attr('block_size')))
op('BatchToSpace', 'input:T, crops:Tidx -> output:T', 'T:type; block_size:int>=2; Tidx:type=int32{int32,int64}',
   shape=lambda c: _from_batch(c, c.attr('block_size')))


@gradient('SpaceToBatchND')
def _(op, grad):
    return batch_to_space_nd(grad, op.inputs[1], op.inputs[2]), None, None


@gradient('BatchToSpaceND')
def _(op, grad):
    return space_to_batch_nd(grad, op.inputs[1], op.inputs[2]), None, None


@gradient('SpaceToBatch')
def _(op, grad):
    return apply('BatchToSpace', grad, op.inputs[1], block_size=op.get_attr('block_size')), None


@gradient('BatchToSpace')
def _(op, grad):
    return apply('SpaceToBatch', grad, op.inputs[1], block_size=op.get_attr('block_size')), None


@export('space_to_batch_nd', 'manip.space_to_batch_nd')
def space_to_batch_nd(input, block_shape, paddings, name=None):
    """Cuts the spatial dimensions into blocks and moves the place within a block to the batch.

    Args:
      input: a Tensor [batch] + spatial shape of M dimensions + rest.
      block_shape: 1-D [M], the size of a block.
      paddings: [M, 2], zeros to add before and after first, so that blocks fit.
      name: name of the node.

    Returns: a Tensor [batch * product of block_shape] + padded spatial shape / block_shape + rest.
    """
    return apply('SpaceToBatchND', input, block_shape, paddings, name=name)


@export('batch_to_space_nd', 'manip.batch_to_space_nd')
def batch_to_space_nd(input, block_shape, crops, name=None):
    """The inverse of space_to_batch_nd; `crops` [M, 2] is cut off the spatial dimensions in the end."""
    return apply('BatchToSpaceND', input, block_shape, crops, name=name)


@export('space_to_batch', 'nn.space_to_batch')
def space_to_batch(input, paddings, block_size=None, name=None, block_shape=None):
    """space_to_batch_nd of images [batch, height, width, depth] with square blocks."""
    size = deprecated_argument_lookup('block_shape', block_shape, 'block_size', block_size)
    result = space_to_batch_nd(input, paddings=paddings, block_shape=np.array([size, size], dtype=np.int64), name=name)
    result.set_shape(result._shape.with_rank(4))
    return result


@export('batch_to_space')
def batch_to_space(input, crops, block_size, name=None, block_shape=None):
    """The inverse of space_to_batch."""
    size = deprecated_argument_lookup('block_shape', block_shape, 'block_size', block_size)
    result = batch_to_space_nd(input, crops=crops, block_shape=np.array([size, size], dtype=np.int64), name=name)
    result.set_shape(result._shape.with_rank(4))
    return result


@export('required_space_to_batch_paddings')
def required_space_to_batch_paddings(input_shape, block_shape, base_paddings=None, name=None):
    """(paddings, crops) for space_to_batch_nd and back such that blocks fit.

    Args:
      input_shape: int32 [M], the spatial shape.
      block_shape: int32 [M].
      base_paddings: int32 [M, 2], the least to pad; none by default.
      name: name of the scope.
    """
    with name_scope(name, 'required_space_to_batch_paddings', [input_shape, block_shape]):
        size = convert.to_tensor(input_shape, dtypes.int32, name='input_shape')
        block = convert.to_tensor(block_shape, dtypes.int32, name='block_shape')
        block._shape.assert_is_fully_defined()
        block._shape.assert_has_rank(1)
        count = block._shape.as_list()[0]
        if count == 0:
            return fill.zeros([0, 2], dtypes.int32), fill.zeros([0, 2], dtypes.int32)
        size._shape.assert_is_compatible_with(block._shape)
        if base_paddings is not None:
            base = convert.to_tensor(base_paddings, dtypes.int32, name='base_paddings')
            base._shape.assert_is_compatible_with([count, 2])
        else:
            base = fill.zeros([count, 2], dtypes.int32)
        known = [constant_value.constant_value(t) for t in (size, block, base)]
        if all(v is not None for v in known):
            size, block, base = known
        start, end = base[:, 0], base[:, 1]
        full = size + start + end
        extra = (block - full % block) % block
        end = end + extra
        paddings = concat.stack([[start[i], end[i]] for i in range(count)], name='paddings')
        crops = concat.stack([[0, extra[i]] for i in range(count)], name='crops')
        return paddings, crops


_LAYOUTS = "T:type; block_size:int>=2; data_format:string='NHWC'{'NHWC','NCHW','NCHW_VECT_C'}"


def _nhwc(c):
    """(dims in the order NHWC or None, function that takes such dims back)."""
    dims = c.rank(0, 5 if c.attr('data_format') == 'NCHW_VECT_C' else 4).as_list()
    if c.attr('data_format') == 'NHWC':
        return dims, lambda d: d
    return [dims[0], dims[2], dims[3], dims[1]], lambda d: [d[0], d[3], d[1], d[2]] + dims[4:]


@op('SpaceToDepth', 'input:T -> output:T', _LAYOUTS)
def _(c):
    (n, h, w, d), back = _nhwc(c)
    b = c.attr('block_size')
    return back([n, _divided(h, b), _divided(w, b), None if d is None else d * b * b])


@op('DepthToSpace', 'input:T -> output:T', _LAYOUTS)
def _(c):
    (n, h, w, d), back = _nhwc(c)
    b = c.attr('block_size')
    return back([n, None if h is None else h * b, None if w is None else w * b, _divided(d, b * b)])


@gradient('SpaceToDepth')
def _(op, grad):
    return apply('DepthToSpace', grad, block_size=op.get_attr('block_size'), data_format=op.get_attr('data_format'))


@gradient('DepthToSpace')
def _(op, grad):
    return apply('SpaceToDepth', grad, block_size=op.get_attr('block_size'), data_format=op.get_attr('data_format'))


@export('space_to_depth', 'nn.space_to_depth')
def space_to_depth(input, block_size, name=None, data_format='NHWC'):
    """Moves blocks of block_size x block_size places of images to the channels."""
    return apply('SpaceToDepth', input, block_size=block_size, data_format=data_format, name=name)


@export('depth_to_space', 'nn.depth_to_space')
def depth_to_space(input, block_size, name=None, data_format='NHWC'):
    """The inverse of space_to_depth."""
    return apply('DepthToSpace', input, block_size=block_size, data_format=data_format, name=name)


_PATCH_TYPES = "T:type{float,double,int32,uint8,int16,int8,int64,bfloat16,uint16,half,uint32,uint64}"


@op('ExtractImagePatches', 'images:T -> patches:T',
    f"ksizes:list(int)>=4; strides:list(int)>=4; rates:list(int)>=4; {_PATCH_TYPES}; padding:string{{'SAME','VALID'}}")
def _(c):
    n, h, w, d = c.rank(0, 4).as_list()
    _, kh, kw, _ = c.attr('ksizes')
    _, sh, sw, _ = c.attr('strides')
    _, rh, rw, _ = c.attr('rates')
    same = c.attr('padding') == 'SAME'
    return [n, _patches(h, kh, sh, rh, same), _patches(w, kw, sw, rw, same), None if d is None else d * kh * kw]


def _patches(size, taps, stride, rate, same):
    if size is None:
        return None
    if same:
        return -(-size // stride)
    return (size - (taps - 1) * rate - 1 + stride) // stride


@gradient('ExtractImagePatches')
def _(op, grad):
    """Sums the patches back: the patches of an image of place numbers say where each element goes."""
    images = op.inputs[0]
    attrs = {name: op.get_attr(name) for name in ('ksizes', 'strides', 'rates', 'padding')}
    n, h, w, d = concat.unstack(array.shape(images), num=4)
    taps = attrs['ksizes'][1] * attrs['ksizes'][2]
    # Number 0 is what padding gives.
    places = array.reshape(fill.range(1, h * w + 1), concat.stack([1, h, w, 1]))
    places = array.reshape(apply('ExtractImagePatches', places, **attrs), [-1])
    grad_shape = array.shape(grad)
    split = array.reshape(grad, concat.stack([n, grad_shape[1] * grad_shape[2] * taps, d]))
    sums = apply('UnsortedSegmentSum', array.transpose(split, [1, 0, 2]), places, h * w + 1)
    whole = array.transpose(sums[1:], [1, 0, 2])
    result = array.reshape(whole, array.shape(images))
    return result


@export('image.extract_image_patches', 'extract_image_patches')
def extract_image_patches(images, ksizes=None, strides=None, rates=None, padding=None, name=None, sizes=None):
    """The patches of images, each flattened into the channels of one place.

    Args:
      images: a Tensor [batch, height, width, depth].
      ksizes: [1, height, width, 1] of a patch.
      strides: [1, rows, columns, 1] from one patch to the next.
      rates: [1, rows, columns, 1] from one element of a patch to the next.
      padding: 'SAME' or 'VALID'.
      name: name of the node.
      sizes: another name of `ksizes`.

    Returns: a Tensor [batch, out height, out width, patch height * patch width * depth].
    """
    ksizes = deprecated_argument_lookup('sizes', sizes, 'ksizes', ksizes)
    return apply('ExtractImagePatches', images, ksizes=ksizes, strides=strides, rates=rates, padding=padding, name=name)


@export('image.extract_patches')
def extract_patches(images, sizes, strides, rates, padding, name=None):
    """extract_image_patches with the arguments of TensorFlow 2."""
    return apply('ExtractImagePatches', images, ksizes=sizes, strides=strides, rates=rates, padding=padding, name=name)
