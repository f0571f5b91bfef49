"""Kernels of pictures in files: PNG and JPEG. Pillow decodes them, and encodes JPEG."""
import io
import struct

import numpy as np

from graphflow.framework import errors
from graphflow.framework.registry import kernel
from graphflow.kernels import png

_XMP = b'http://ns.adobe.com/xap/1.0/\0'
# Shares of red, green and blue in grey, of 32768, and what is added before the division by it.
_GREY = np.array([9797, 19234, 3737], np.int64)
_GREY_ROUNDING = {1: 0, 2: 1 << 14}     # by bytes a channel


def _invalid(message):
    return errors.InvalidArgumentError(None, None, message)


def _shape_text(array):
    return '[' + ','.join(map(str, array.shape)) + ']'


@kernel('EncodePng')
def encode_png(image, compression):
    image = np.asarray(image)
    if image.ndim != 3:
        raise _invalid(f'image must be 3-dimensional{_shape_text(image)}')
    if not 1 <= image.shape[2] <= 4:
        raise _invalid(f'image must have 1, 2, 3, or 4 channels, got {image.shape[2]}')
    if image.size == 0:
        raise _invalid(f'image must not be empty, got {_shape_text(image)}')
    if not -1 <= compression <= 9:
        raise _invalid(f'compression must be in [-1,9], got {compression}')
    return np.array(png.encode(image, compression), object)


@kernel('EncodeJpeg')
def encode_jpeg(image, format, quality, progressive, optimize_size, chroma_downsampling, density_unit, x_density,
                y_density, xmp_metadata):
    from PIL import Image
    image = np.asarray(image)
    if image.ndim != 3:
        raise _invalid(f'image must be 3-dimensional{_shape_text(image)}')
    channels = image.shape[2]
    if channels not in (1, 3):
        raise _invalid(f'image must have 1 or 3 channels, got {_shape_text(image)}')
    wanted = {'grayscale': 1, 'rgb': 3}.get(format, channels)
    if channels != wanted:
        raise _invalid(f'format {format} expects {wanted} channels, got {_shape_text(image)}')
    if not 0 <= quality <= 100:
        raise _invalid(f'quality must be in [0,100], got {quality}')
    if image.size == 0 or max(image.shape) > 65535:
        raise _invalid('JPEG encoding failed')
    file = io.BytesIO()
    Image.fromarray(image[:, :, 0] if channels == 1 else image).save(
        file, 'JPEG', quality=quality, progressive=progressive, optimize=optimize_size, dpi=(1, 1),
        subsampling='4:2:0' if chroma_downsampling and channels == 3 else '4:4:4')
    data = file.getvalue()
    # The file starts with its mark and the segment APP0: 20 bytes, in which bytes 13 to 17 are the density.
    density = struct.pack('>BHH', {'in': 1, 'cm': 2}[density_unit], x_density & 0xffff, y_density & 0xffff)
    xmp = xmp_metadata.encode() if isinstance(xmp_metadata, str) else xmp_metadata
    segment = b'\xff\xe1' + struct.pack('>H', 2 + len(_XMP) + len(xmp)) + _XMP + xmp if xmp else b''
    return np.array(data[:13] + density + data[18:20] + segment + data[20:], object)


def _contents(contents):
    """The bytes of a file; the kind that it is of, told by how it begins."""
    if np.ndim(contents):
        raise _invalid(f'contents must be scalar, got shape {_shape_text(np.asarray(contents))}')
    data = np.asarray(contents).item()
    for mark, kind in ((b'\xff\xd8\xff', 'JPEG'), (b'\x89PNG\r\n\x1a\n', 'PNG')):
        if data.startswith(mark):
            return data, kind
    if not data:
        raise _invalid('Expected image (JPEG, PNG, or GIF), got empty file')
    start = data[:16].decode('latin-1')
    raise _invalid(f"Expected image (JPEG, PNG, or GIF), got unknown format starting with '{start}'")


def _open(data, message):
    """Pillow's picture, or InvalidArgumentError with that message."""
    from PIL import Image
    try:
        return Image.open(io.BytesIO(data))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise _invalid(message) from None


def _pixels(picture, message):
    from PIL import Image
    try:
        picture.load()
        array = np.asarray(picture)
    except (OSError, ValueError, SyntaxError, IndexError, struct.error, Image.DecompressionBombError):
        raise _invalid(message) from None
    return array.reshape(array.shape[0], array.shape[1], -1)


def _decode_png(data, channels, dtype):
    if channels not in (0, 1, 3, 4):
        raise _invalid(f'channels must be 0, 1, 3, or 4, got {channels}')
    message = f'Invalid PNG data, size {len(data)}'
    picture = _open(data, message)
    if picture.mode == 'P':
        picture = _converted(picture, 'RGBA' if 'transparency' in picture.info else 'RGB', message)
    elif picture.mode == '1':
        picture = _converted(picture, 'L', message)
    if png.is_16_bit_colour(data):
        pixels = png.decode_16_bit(data)        # Pillow keeps 8 of the 16 bits
        if pixels is None:
            raise _invalid(message)
    else:
        pixels = _pixels(picture, message)
    return _with_depth(_with_channels(pixels, channels), dtype)


def _converted(picture, mode, message):
    try:
        return picture.convert(mode)
    except (OSError, ValueError, SyntaxError, IndexError, struct.error):
        raise _invalid(message) from None


def _with_channels(pixels, channels):
    have = pixels.shape[2]
    if channels in (0, have):
        return pixels
    colours = pixels[:, :, :1] if have < 3 else pixels[:, :, :3]
    if channels == 1:
        if have < 3:
            return colours
        grey = (colours @ _GREY + _GREY_ROUNDING[pixels.dtype.itemsize]) >> 15
        return grey.astype(pixels.dtype)[:, :, np.newaxis]
    colours = np.broadcast_to(colours, colours.shape[:2] + (3,))
    if channels == 3:
        return colours
    opaque = 65535 if pixels.dtype.itemsize > 1 else 255
    alpha = pixels[:, :, -1:] if have == 2 else np.full(pixels.shape[:2] + (1,), opaque, pixels.dtype)
    return np.concatenate([colours, alpha], axis=2)


def _with_depth(pixels, dtype):
    if pixels.dtype.itemsize > 1 and dtype == np.uint8:
        pixels = pixels >> 8
    elif pixels.dtype.itemsize == 1 and dtype == np.uint16:
        pixels = pixels.astype(np.uint16) * 257
    return np.ascontiguousarray(pixels, dtype)


def _decode_jpeg(data, channels, ratio, recover, message):
    if channels not in (0, 1, 3):
        raise _invalid(f'channels must be 0, 1, or 3 for JPEG, got {channels}')
    if recover:
        data += b'\xff\xd9'         # the mark of the end: what is missing becomes grey
    picture = _open(data, message)
    mode = {0: 'L' if picture.mode == 'L' else 'RGB', 1: 'L', 3: 'RGB'}[channels]
    width, height = picture.size
    picture.draft(mode, (max(1, width // ratio), max(1, height // ratio)))
    pixels = _pixels(picture if picture.mode == mode else _converted(picture, mode, message), message)
    return np.array(pixels)


def _decoded(contents, channels, ratio, try_recover_truncated, dct_method, dtype):
    _check_options(ratio, dct_method)
    data, kind = _contents(contents)
    if kind == 'PNG':
        return _decode_png(data, channels, dtype)
    message = f'Invalid JPEG data or crop window, data size {len(data)}'
    return _with_depth(_decode_jpeg(data, channels, ratio, try_recover_truncated, message), dtype)


def _check_options(ratio, dct_method):
    if ratio not in (1, 2, 4, 8):
        raise _invalid(f'ratio must be 1, 2, 4, or 8, got {ratio}')
    if dct_method not in ('', 'INTEGER_FAST', 'INTEGER_ACCURATE', b'', b'INTEGER_FAST', b'INTEGER_ACCURATE'):
        raise _invalid("dct_method must be one of {'', 'INTEGER_FAST', 'INTEGER_ACCURATE'}")


@kernel('DecodePng')
def decode_png(contents, channels, dtype):
    return _decoded(contents, channels, 1, False, '', np.dtype(dtype))


@kernel('DecodeJpeg')
def decode_jpeg(contents, channels, ratio, try_recover_truncated, dct_method):
    return _decoded(contents, channels, ratio, try_recover_truncated, dct_method, np.dtype(np.uint8))


@kernel('DecodeAndCropJpeg')
def decode_and_crop_jpeg(contents, crop_window, channels, ratio, try_recover_truncated, dct_method):
    _check_options(ratio, dct_method)
    data, _ = _contents(contents)
    message = f'Invalid JPEG data or crop window, data size {len(data)}'
    pixels = _decode_jpeg(data, channels, ratio, try_recover_truncated, message)
    top, left, height, width = np.asarray(crop_window).tolist()
    bottom, right = top + height, left + width
    if not (0 <= top < bottom <= pixels.shape[0] and 0 <= left < right <= pixels.shape[1]):
        raise _invalid(message)
    return np.ascontiguousarray(pixels[top:bottom, left:right])


@kernel('ExtractJpegShape')
def extract_jpeg_shape(contents, output_type):
    data = np.asarray(contents).item()
    picture = _open(data, f'Invalid JPEG data, size {len(data)}')
    width, height = picture.size
    return np.array([height, width, len(picture.getbands())], output_type)
