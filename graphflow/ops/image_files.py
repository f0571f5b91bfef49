"""tf.image: pictures in PNG and JPEG files."""
from graphflow.framework import dtypes, scopes
from graphflow.framework.apply import apply
from graphflow.framework.export import export
from graphflow.framework.registry import not_differentiable, op
from graphflow.ops import comparison, string


def _encoded(c):
    c.rank(0, 3)
    return []


def _decoded(c):
    c.rank(0, 0)
    channels = c.attr('channels')
    if channels < 0:
        raise ValueError(f'channels must be non-negative, got {channels}')
    return [None, None, channels or None]


_JPEG = ("channels:int=0; ratio:int=1; fancy_upscaling:bool=True; try_recover_truncated:bool=False; "
         "acceptable_fraction:float=1.0; dct_method:string=''")

op('EncodePng', 'image:T -> contents:string', 'compression:int=-1; T:type=uint8{uint8,uint16}', shape=_encoded)
op('EncodeJpeg', 'image:uint8 -> contents:string',
   "format:string=''{'','grayscale','rgb'}; quality:int=95; progressive:bool=False; optimize_size:bool=False; "
   "chroma_downsampling:bool=True; density_unit:string='in'{'in','cm'}; x_density:int=300; y_density:int=300; "
   "xmp_metadata:string=''", shape=_encoded)
op('DecodePng', 'contents:string -> image:dtype', 'channels:int=0; dtype:type=uint8{uint8,uint16}', shape=_decoded)
op('DecodeJpeg', 'contents:string -> image:uint8', _JPEG, shape=_decoded)


@op('DecodeAndCropJpeg', 'contents:string, crop_window:int32 -> image:uint8', _JPEG)
def _(c):
    dims = _decoded(c)
    c.rank(1, 1)
    window = c.value(1)
    return dims if window is None else [int(window[2]), int(window[3]), dims[2]]


@op('ExtractJpegShape', 'contents:string -> image_shape:output_type', 'output_type:type=int32{int32,int64}')
def _(c):
    c.rank(0, 0)
    return [3]


not_differentiable('EncodePng', 'EncodeJpeg', 'DecodePng', 'DecodeJpeg', 'DecodeAndCropJpeg', 'ExtractJpegShape')


@export('image.encode_png')
def encode_png(image, compression=-1, name=None):
    """A PNG file.

    Args:
      image: a uint8 or uint16 Tensor [height, width, channels]: 1 grey, 2 grey and alpha, 3 RGB, 4 RGBA.
      compression: from 0, none, to 9, the smallest file; -1: zlib's default.
      name: a name for the node.

    Returns: a scalar string Tensor.
    """
    return apply('EncodePng', image, compression=compression, name=name)


@export('io.encode_jpeg', 'image.encode_jpeg')
def encode_jpeg(image, format='', quality=95, progressive=False, optimize_size=False, chroma_downsampling=True,
                density_unit='in', x_density=300, y_density=300, xmp_metadata='', name=None):
    """A JPEG file.

    Args:
      image: a uint8 Tensor [height, width, channels], 1 (grey) or 3 (RGB) channels.
      format: 'grayscale', 'rgb', or '' for what the channels say.
      quality: from 0 to 100.
      progressive: whether a part of the file shows the whole picture, coarsely.
      optimize_size: whether to spend time on a smaller file, at the same quality.
      chroma_downsampling: whether colours are stored at half the resolution.
      density_unit, x_density, y_density: pixels for each 'in' or 'cm', as told in the file.
      xmp_metadata: a text to put into the file.
      name: a name for the node.

    Returns: a scalar string Tensor.
    """
    return apply('EncodeJpeg', image, format=format, quality=quality, progressive=progressive,
                 optimize_size=optimize_size, chroma_downsampling=chroma_downsampling, density_unit=density_unit,
                 x_density=x_density, y_density=y_density, xmp_metadata=xmp_metadata, name=name)


@export('io.decode_png', 'image.decode_png')
def decode_png(contents, channels=0, dtype=dtypes.uint8, name=None):
    """The picture in a PNG file (a JPEG file too).

    Args:
      contents: a scalar string Tensor.
      channels: 0: as in the file; 1: grey; 3: RGB; 4: RGBA.
      dtype: uint8 or uint16.
      name: a name for the node.

    Returns: a Tensor [height, width, channels] of `dtype`; running it raises InvalidArgumentError for other contents.
    """
    return apply('DecodePng', contents, channels=channels, dtype=dtype, name=name)


@export('io.decode_jpeg', 'image.decode_jpeg')
def decode_jpeg(contents, channels=0, ratio=1, fancy_upscaling=True, try_recover_truncated=False, acceptable_fraction=1,
                dct_method='', name=None):
    """The picture in a JPEG file (a PNG file too).

    Args:
      contents: a scalar string Tensor.
      channels: 0: as in the file; 1: grey; 3: RGB.
      ratio: 1, 2, 4 or 8: how many times smaller the picture is to be.
      try_recover_truncated: whether a file that ends too early is no error.
      fancy_upscaling, acceptable_fraction, dct_method: accepted; decoding is always the accurate one.
      name: a name for the node.

    Returns: a uint8 Tensor [height, width, channels]; running it raises InvalidArgumentError for other contents.
    """
    return apply('DecodeJpeg', contents, channels=channels, ratio=ratio, fancy_upscaling=fancy_upscaling,
                 try_recover_truncated=try_recover_truncated, acceptable_fraction=acceptable_fraction,
                 dct_method=dct_method, name=name)


@export('io.decode_and_crop_jpeg', 'image.decode_and_crop_jpeg')
def decode_and_crop_jpeg(contents, crop_window, channels=0, ratio=1, fancy_upscaling=True, try_recover_truncated=False,
                         acceptable_fraction=1, dct_method='', name=None):
    """A part of the picture in a JPEG file.

    Args:
      crop_window: an int32 Tensor [4]: first row, first column, height, width.
      contents, channels, ratio, try_recover_truncated, name: as for `decode_jpeg`.

    Returns: a uint8 Tensor [height, width, channels].
    """
    return apply('DecodeAndCropJpeg', contents, crop_window, channels=channels, ratio=ratio,
                 fancy_upscaling=fancy_upscaling, try_recover_truncated=try_recover_truncated,
                 acceptable_fraction=acceptable_fraction, dct_method=dct_method, name=name)


@export('io.extract_jpeg_shape', 'image.extract_jpeg_shape')
def extract_jpeg_shape(contents, output_type=dtypes.int32, name=None):
    """[height, width, channels] of a JPEG file, a Tensor [3] of `output_type`, without decoding it."""
    return apply('ExtractJpegShape', contents, output_type=output_type, name=name)


@export('io.is_jpeg', 'image.is_jpeg')
def is_jpeg(contents, name=None):
    """Whether a scalar string Tensor begins as a JPEG file does, a bool scalar."""
    with scopes.name_scope(name, 'is_jpeg'):
        return comparison.equal(string.substr(contents, 0, 3), b'\xff\xd8\xff', name=name)
