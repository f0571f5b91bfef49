"""Kernels of space_to_batch, space_to_depth, their inverses, and patches of images."""
import numpy as np

from graphflow.framework.registry import kernel
from graphflow.kernels.array import invalid, text


def _check(input, block, edges):
    if input.ndim <= len(block):
        raise invalid(f'input rank should be >= {len(block) + 1} instead of {input.ndim}')
    for b in block:
        if b < 1:
            raise invalid(f'All values in block_shape must be positive, got value, {b} at index 0.')
    for pair in edges:
        if min(pair) < 0:
            raise invalid('Paddings must be non-negative')


@kernel('SpaceToBatchND')
def space_to_batch_nd(input, block_shape, paddings):
    block, edges = block_shape.tolist(), paddings.tolist()
    _check(input, block, edges)
    count = len(block)
    for i, (size, b, pair) in enumerate(zip(input.shape[1:], block, edges)):
        if (size + sum(pair)) % b:
            raise invalid(f'padded_shape[{i}]={size + sum(pair)} is not divisible by block_shape[{i}]={b}')
    x = np.pad(input, [(0, 0)] + edges + [(0, 0)] * (input.ndim - 1 - count))
    n, rest = x.shape[0], x.shape[1 + count:]
    places = [s // b for s, b in zip(x.shape[1:], block)]
    x = x.reshape([n] + [v for pair in zip(places, block) for v in pair] + list(rest))
    order = list(range(2, 2 * count + 1, 2)) + [0] + list(range(1, 2 * count, 2)) + list(range(2 * count + 1, x.ndim))
    return x.transpose(order).reshape([n * int(np.prod(block))] + places + list(rest))


@kernel('BatchToSpaceND')
def batch_to_space_nd(input, block_shape, crops):
    block, edges = block_shape.tolist(), crops.tolist()
    _check(input, block, edges)
    count, total = len(block), int(np.prod(block))
    if input.shape[0] % total:
        raise invalid(f'Input batch dimension ({input.shape[0]}) is not divisible by product of block sizes ({total})')
    n, places, rest = input.shape[0] // total, list(input.shape[1:1 + count]), list(input.shape[1 + count:])
    x = input.reshape(block + [n] + places + rest)
    order = [count]
    for i in range(count):
        order += [count + 1 + i, i]
    x = x.transpose(order + list(range(2 * count + 1, x.ndim)))
    sizes = [p * b for p, b in zip(places, block)]
    for size, pair in zip(sizes, edges):
        if size < sum(pair):
            raise invalid(f'cropped_shape must be non-negative, got {size - sum(pair)}')
    x = x.reshape([n] + sizes + rest)
    return x[(slice(None),) + tuple(slice(b, s - a) for s, (b, a) in zip(sizes, edges))]


@kernel('SpaceToBatch')
def space_to_batch(input, paddings, block_size):
    if paddings.shape != (2, 2):
        raise invalid(f'paddings should have shape [2, 2] instead of {text(paddings.shape)}')
    return space_to_batch_nd(input, np.array([block_size, block_size]), paddings)


@kernel('BatchToSpace')
def batch_to_space(input, crops, block_size):
    if crops.shape != (2, 2):
        raise invalid(f'crops should have shape [2, 2] instead of {text(crops.shape)}')
    return batch_to_space_nd(input, np.array([block_size, block_size]), crops)


def _only_nhwc(data_format):
    if data_format != 'NHWC':
        raise invalid(f'Only NHWC data_format supported on CPU. Got {data_format}')


@kernel('SpaceToDepth')
def space_to_depth(input, block_size, data_format):
    _only_nhwc(data_format)
    if input.ndim != 4:
        raise invalid(f'Input rank should be 4 instead of {input.ndim}')
    n, h, w, d = input.shape
    b = block_size
    if h % b or w % b:
        raise invalid(f'Image width {w} and height {h} should be divisible by block_size: {b}')
    return input.reshape(n, h // b, b, w // b, b, d).transpose(0, 1, 3, 2, 4, 5).reshape(n, h // b, w // b, b * b * d)


@kernel('DepthToSpace')
def depth_to_space(input, block_size, data_format):
    _only_nhwc(data_format)
    if input.ndim != 4:
        raise invalid(f'Input rank should be: 4 instead of: {input.ndim}')
    n, h, w, d = input.shape
    b = block_size
    if d % (b * b):
        raise invalid(f'Input depth dimension {d} should be divisible by: {b * b}')
    return input.reshape(n, h, w, b, b, d // (b * b)).transpose(0, 1, 3, 2, 4, 5).reshape(n, h * b, w * b, -1)


@kernel('ExtractImagePatches')
def extract_image_patches(images, ksizes, strides, rates, padding):
    if images.ndim != 4:
        raise invalid(f'input must be 4-dimensional{text(images.shape)}')
    n, h, w, d = images.shape
    outs, edges = [], []
    for size, k, s, r in zip((h, w), ksizes[1:3], strides[1:3], rates[1:3]):
        span = (k - 1) * r + 1
        out = -(-size // s) if padding == 'SAME' else (size - span + s) // s
        total = max((out - 1) * s + span - size, 0) if padding == 'SAME' else 0
        outs.append(max(out, 0))
        edges.append((total // 2, total - total // 2))
    x = np.pad(images, [(0, 0)] + edges + [(0, 0)])
    (oh, ow), (sh, sw), (rh, rw), (kh, kw) = outs, strides[1:3], rates[1:3], ksizes[1:3]
    if not oh or not ow:
        return np.zeros((n, oh, ow, kh * kw * d), images.dtype)
    a, b, c, e = x.strides
    view = np.lib.stride_tricks.as_strided(x, (n, oh, ow, kh, kw, d), (a, b * sh, c * sw, b * rh, c * rw, e))
    return view.reshape(n, oh, ow, kh * kw * d)
