"""Kernels of slices and pads. Slices are views."""
import numpy as np

from graphflow.framework import errors, strided_spec
from graphflow.framework.registry import kernel
from graphflow.kernels.array import invalid, text
from graphflow.kernels.fill import zeros


@kernel('Slice')
def slice_(input, begin, size):
    if begin.ndim != 1 or size.ndim != 1 or begin.size != input.ndim or size.size != input.ndim:
        raise invalid(f'Expected begin and size arguments to be 1-D tensors of size {input.ndim}, but got shapes '
                      f'{text(begin.shape)} and {text(size.shape)} instead.')
    index = []
    for i, (b, s, n) in enumerate(zip(begin.tolist(), size.tolist(), input.shape)):
        if s == -1:
            s = n - b
        if not 0 <= b <= n:
            raise invalid(f'Expected begin[{i}] in [0, {n}], but got {b}')
        if not 0 <= s <= n - b:
            raise invalid(f'Expected size[{i}] in [0, {n - b}], but got {s}')
        index.append(slice(b, b + s))
    return input[tuple(index) + (...,)]


def _index(shape, begin, end, strides, masks):
    """The numpy index for a strided slice of an array of `shape`."""
    if begin.ndim != 1 or begin.shape != end.shape or begin.shape != strides.shape:
        raise invalid('Expected begin, end, and strides to be 1D equal size tensors, but got shapes '
                      f'{text(begin.shape)}, {text(end.shape)}, and {text(strides.shape)} instead.')
    masks = strided_spec.Masks(*masks)
    begin, end, strides = begin.tolist(), end.tolist(), strides.tolist()
    try:
        found = strided_spec.entries(len(shape), len(begin), masks)
        strided_spec.check(found, strides, masks)
        return strided_spec.numpy_index(shape, found, begin, end, strides, masks) + (...,)
    except ValueError as error:
        raise invalid(str(error)) from None


@kernel('StridedSlice')
def strided_slice(input, begin, end, strides, begin_mask, end_mask, ellipsis_mask, new_axis_mask, shrink_axis_mask):
    return input[_index(input.shape, begin, end, strides,
                        (begin_mask, end_mask, ellipsis_mask, new_axis_mask, shrink_axis_mask))]


@kernel('StridedSliceGrad')
def strided_slice_grad(shape, begin, end, strides, dy, begin_mask, end_mask, ellipsis_mask, new_axis_mask,
                       shrink_axis_mask):
    shape = tuple(shape.tolist())
    index = _index(shape, begin, end, strides,
                   (begin_mask, end_mask, ellipsis_mask, new_axis_mask, shrink_axis_mask))
    out = zeros(shape, dy.dtype)
    part = out[index]
    if part.shape != dy.shape:
        raise invalid(f'shape of dy was {text(dy.shape)} instead of {text(part.shape)}')
    part[...] = dy
    return out


@kernel('StridedSliceAssign')
def strided_slice_assign(ref, begin, end, strides, value, begin_mask, end_mask, ellipsis_mask, new_axis_mask,
                         shrink_axis_mask):
    masks = begin_mask, end_mask, ellipsis_mask, new_axis_mask, shrink_axis_mask
    with ref.lock:
        part = ref.read()[_index(ref.read().shape, begin, end, strides, masks)]
        if part.size and part.shape != value.shape and not (value.ndim == 0 or part.size == value.size == 1):
            raise errors.UnimplementedError(
                None, None, f'sliced l-value shape {text(part.shape)} does not match r-value shape {text(value.shape)}. '
                'Automatic broadcasting not yet implemented.')
        part[...] = value if value.ndim == 0 else value.reshape(part.shape)
    return ref


@kernel('ResourceStridedSliceAssign')
def resource_strided_slice_assign(ref, begin, end, strides, value, begin_mask, end_mask, ellipsis_mask, new_axis_mask,
                                  shrink_axis_mask):
    strided_slice_assign(ref, begin, end, strides, value, begin_mask, end_mask, ellipsis_mask, new_axis_mask,
                         shrink_axis_mask)


def _widths(input, paddings):
    if paddings.ndim != 2 or paddings.shape[1] != 2:
        raise invalid(f'paddings must be a matrix with 2 columns: {text(paddings.shape)}')
    if paddings.shape[0] != input.ndim:
        raise invalid('The first dimension of paddings must be the rank of inputs'
                      f'{text(paddings.shape)} {text(input.shape)}')
    widths = paddings.tolist()
    for before, after in widths:
        if before < 0 or after < 0:
            raise invalid(f'Paddings must be non-negative: {before} {after}')
    return widths


def _pad(input, paddings, value):
    widths = _widths(input, paddings)
    out = np.full([n + b + a for n, (b, a) in zip(input.shape, widths)], value, dtype=input.dtype)
    out[tuple(slice(b, b + n) for n, (b, _) in zip(input.shape, widths)) + (...,)] = input
    return out


@kernel('Pad')
def pad(input, paddings):
    return _pad(input, paddings, b'' if input.dtype == object else 0)


@kernel('PadV2')
def pad_v2(input, paddings, constant_values):
    if constant_values.ndim:
        raise invalid(f'constant_values must be a scalar. Found: {text(constant_values.shape)}')
    return _pad(input, paddings, constant_values)


@kernel('MirrorPad')
def mirror_pad(input, paddings, mode):
    widths = _widths(input, paddings)
    reflect = mode == 'REFLECT'
    for n, (before, after) in zip(input.shape, widths):
        if max(before, after) > n - reflect:
            less = 'less' if reflect else 'no greater'
            than = 'not less than' if reflect else 'greater than'
            raise invalid(f'paddings must be {less} than the dimension size: {before}, {after} {than} {n}')
    return np.pad(input, widths, mode.lower()) if widths else input


@kernel('MirrorPadGrad')
def mirror_pad_grad(input, paddings, mode):
    """Folds what was added back onto what it mirrors, one dimension after the other."""
    offset = mode == 'REFLECT'
    for axis, (before, after) in enumerate(_widths(input, paddings)):
        x = np.moveaxis(input, axis, 0)
        n = x.shape[0] - before - after
        if max(before, after) > n - offset:
            raise invalid('paddings must be less than the output dimension size: '
                          f'{before}, {after} not less than {n}')
        out = x[before:before + n].copy()
        if before:
            out[offset:offset + before] += x[:before][::-1]
        if after:
            out[n - offset - after:n - offset] += x[before + n:][::-1]
        input = np.moveaxis(out, 0, axis)
    return input
