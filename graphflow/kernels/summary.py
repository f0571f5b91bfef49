"""Kernels of summaries: each returns a serialized Summary message. protobuf is imported when the first of them runs."""
import functools
import sys

import numpy as np

from graphflow.framework import dtypes, errors, tensor_proto, tensor_shape
from graphflow.framework.registry import kernel
from graphflow.kernels import png, wav


def _invalid(message):
    return errors.InvalidArgumentError(None, None, message)


def _summary():
    from tensorboard.compat.proto import summary_pb2
    return summary_pb2.Summary()


def _serialized(summary):
    return np.array(summary.SerializeToString(), object)


def _scalar_text(tag, message):
    if np.ndim(tag):
        raise _invalid(message)
    return _bytes(np.asarray(tag).item())


def _bytes(text):
    return text.encode() if isinstance(text, str) else text


def _shape_text(array):
    return '[' + ','.join(map(str, np.shape(array))) + ']'


@kernel('ScalarSummary')
def scalar_summary(tags, values):
    tags, values = np.asarray(tags), np.asarray(values)
    if tags.size != values.size or tags.ndim != values.ndim and (tags.ndim == 0 or values.ndim == 0):
        one = f" (tag '{_bytes(tags.ravel()[0]).decode()}')" if tags.size == 1 else ''
        raise _invalid(f'tags and values not the same shape: {_shape_text(tags)} != {_shape_text(values)}{one}')
    summary = _summary()
    with np.errstate(over='ignore'):
        numbers = values.astype(np.float32)
    for tag, number in zip(tags.ravel(), numbers.ravel().tolist()):
        summary.value.add(tag=_bytes(tag), simple_value=number)
    return _serialized(summary)


# Histograms count in buckets whose limits grow by a tenth, from 1e-12 to 1e20, on both sides of 0.

@functools.lru_cache(None)
def bucket_limits():
    """The upper limits of all buckets, ascending; a value at a limit belongs to the next bucket."""
    positive, limit = [], 1e-12
    while limit < 1e20:
        positive.append(limit)
        limit *= 1.1
    positive.append(sys.float_info.max)
    return np.array([-limit for limit in reversed(positive)] + [0.] + positive)


def fill_histogram(proto, values):
    """Sets the fields of a HistogramProto to the histogram of `values`, a 1-D float64 array without NaN."""
    limits = bucket_limits()
    largest = sys.float_info.max
    proto.min = values.min() + 0. if values.size else largest       # + 0. turns -0. into 0.
    proto.max = values.max() + 0. if values.size else -largest
    proto.num = values.size
    if values.size:     # sums in the order of the elements
        proto.sum = np.cumsum(values)[-1] + 0.
        proto.sum_squares = np.cumsum(values * values)[-1]
    buckets = np.searchsorted(limits, values, side='right')
    counts = np.bincount(np.minimum(buckets, limits.size - 1), minlength=limits.size)
    # A run of empty buckets is one bucket.
    empty = counts == 0
    last_of_run = ~empty | ~np.append(empty[1:], False)
    last_of_run[-1] = True
    proto.bucket_limit.extend(limits[last_of_run].tolist())
    proto.bucket.extend(counts[last_of_run].astype(np.float64).tolist())


@kernel('HistogramSummary')
def histogram_summary(tag, values, node):
    tag = _scalar_text(tag, 'tags must be scalar')
    values = np.asarray(values).ravel().astype(np.float64)
    finite = np.isfinite(values)
    if not finite.all():
        first = values[np.argmin(finite)]
        raise _invalid(f'{"Nan" if np.isnan(first) else "Infinity"} in summary histogram for: {node.name}')
    summary = _summary()
    fill_histogram(summary.value.add(tag=tag).histo, values)
    return _serialized(summary)


def _output_tags(tag, kind, max_outputs, count):
    """The tags of `count` outputs in one summary, of which there might have been `max_outputs`."""
    return [b'%s/%s' % (tag, kind)] if max_outputs == 1 else [b'%s/%s/%d' % (tag, kind, i) for i in range(count)]


@kernel('ImageSummary')
def image_summary(tag, tensor, max_images, bad_color):
    tag = _scalar_text(tag, 'Tags must be a scalar')
    tensor = np.asarray(tensor)
    if tensor.ndim != 4 or tensor.shape[3] not in (1, 3, 4):
        raise _invalid(f'Tensor must be 4-D with last dim 1, 3, or 4, not {_shape_text(tensor)}')
    if tensor.size == 0 and tensor.shape[0]:
        raise _invalid(f'input tensor must have non-zero dims. Found: [{", ".join(map(str, tensor.shape))}].')
    _, height, width, depth = tensor.shape
    bad_color = np.asarray(bad_color)
    if bad_color.dtype != np.uint8:
        name = {'float32': 'float', 'float64': 'double'}.get(bad_color.dtype.name, bad_color.dtype.name)
        raise _invalid(f'bad_color must be uint8, got {name}')
    if bad_color.ndim != 1:
        raise _invalid(f'bad_color must be a vector, got shape {_shape_text(bad_color)}')
    if tensor.dtype != np.uint8 and bad_color.size < depth:
        raise _invalid(f'expected depth <= bad_color.size, got depth = {depth}, bad_color.size = {bad_color.size}')
    images = tensor[:max_images]
    summary = _summary()
    for tag, image in zip(_output_tags(tag, b'image', max_images, len(images)), images):
        if image.dtype != np.uint8:
            image = normalized(image, bad_color[:depth])
        summary.value.add(tag=tag).image.MergeFrom(type(summary).Image(
            height=height, width=width, colorspace=depth, encoded_image_string=png.encode(image)))
    return _serialized(summary)


def normalized(image, bad_color):
    """The uint8 picture of the floats `image` [height, width, channels]; see `tf.summary.image`.

    bad_color: uint8 array [channels], for pixels that are not finite.
    """
    good = np.isfinite(image).all(axis=-1)
    finite = image[good]
    low, high = (np.float32(finite.min()), np.float32(finite.max())) if finite.size else (np.float32(0), np.float32(0))
    largest, to, zero = (max(-low, high), 127, 128) if low < 0 else (high, 255, 0)
    scale = np.float32(to) / largest if largest >= 1e-6 else np.float32(0)
    kind = image.dtype.type         # the scale is a float32, the rest is computed in the image's own type
    result = np.empty(image.shape, np.uint8)
    result[good] = (finite * kind(scale) + kind(zero)).astype(np.uint8)
    result[~good] = bad_color
    return result


@kernel('AudioSummaryV2', 'AudioSummary')
def audio_summary(tag, tensor, sample_rate, max_outputs):
    tag = _scalar_text(tag, 'Tag must be a scalar')
    tensor = np.asarray(tensor)
    if tensor.ndim not in (2, 3):
        raise _invalid(f'Tensor must be 3-D or 2-D, got: {_shape_text(tensor)}')
    rate = np.asarray(sample_rate, np.float32)
    if rate.size != 1:
        raise _invalid(f'sample_rate must be a scalar, got: {_shape_text(rate)}')
    rate = rate.item()
    if not rate > 0:
        raise _invalid('sample_rate must be > 0')
    sounds = tensor[:max_outputs]
    if sounds.ndim == 2:
        sounds = sounds[:, :, np.newaxis]
    if len(sounds) and not sounds.size:
        raise _invalid('audio is null')
    summary = _summary()
    for tag, sound in zip(_output_tags(tag, b'audio', max_outputs, len(sounds)), sounds):
        frames, channels = sound.shape
        summary.value.add(tag=tag).audio.MergeFrom(type(summary).Audio(
            sample_rate=rate, num_channels=channels, length_frames=frames,
            encoded_audio_string=wav.encode(sound, int(rate + .5)), content_type='audio/wav'))
    return _serialized(summary)


def _set_tensor(proto, array, dtype):
    """Sets a TensorProto to an array; all but strings as raw bytes, whatever their number."""
    array = np.asarray(array)
    if dtype == dtypes.string or dtype == dtypes.bfloat16:
        proto.CopyFrom(tensor_proto.make_tensor_proto(array, dtype=dtype))
    else:
        proto.dtype = dtype.as_datatype_enum
        proto.tensor_content = array.tobytes()
    proto.tensor_shape.CopyFrom(tensor_shape.as_shape(array.shape).as_proto())


@kernel('TensorSummary')
def tensor_summary(tensor, node, T):
    summary = _summary()
    _set_tensor(summary.value.add(node_name=node.name).tensor, tensor, dtypes.as_dtype(T))
    return _serialized(summary)


@kernel('TensorSummaryV2')
def tensor_summary_v2(tag, tensor, serialized_summary_metadata, T):
    summary = _summary()
    value = summary.value.add(tag=_scalar_text(tag, 'tag must be scalar'))
    _set_tensor(value.tensor, tensor, dtypes.as_dtype(T))
    metadata = np.asarray(serialized_summary_metadata)
    if metadata.size != 1:
        raise _invalid('serialized_summary_metadata must be scalar')
    value.metadata.SetInParent()
    from google.protobuf.message import DecodeError
    try:
        value.metadata.ParseFromString(_bytes(metadata.item()))
    except DecodeError:
        value.metadata.Clear()
        value.metadata.SetInParent()
    return _serialized(summary)


@kernel('MergeSummary')
def merge_summary(inputs):
    from google.protobuf.message import DecodeError
    merged, tags = _summary(), set()
    for array in inputs:
        for text in np.asarray(array).ravel():
            start = len(merged.value)
            try:
                merged.MergeFromString(_bytes(text))
            except DecodeError:
                raise _invalid('Could not parse one of the summary inputs') from None
            for value in merged.value[start:]:
                if value.tag and value.tag in tags:
                    raise _invalid(f'Duplicate tag {value.tag} found in summary inputs')
                tags.add(value.tag)
    return _serialized(merged)
