"""Pictures to and from PNG and JPEG files."""
import numpy as np


def build(tf):
    random = np.random.RandomState(0)
    image, c = tf.image, tf.constant
    smooth = np.clip(np.add.outer(np.arange(10) * 3, np.arange(12) * 7)[..., None] + [0, 40, 90], 0, 255).astype(np.uint8)
    noise = (random.rand(9, 7, 3) * 255).astype(np.uint8)
    pictures = {'smooth': smooth, 'grey': smooth[..., :1], 'noise': noise,
                'grey_alpha': noise[:6, :, :2], 'alpha': (random.rand(5, 6, 4) * 255).astype(np.uint8)}
    nodes = {}
    for name, picture in pictures.items():
        for bits, values in ((8, picture), (16, picture.astype(np.uint16) * 251 + 3)):
            file = image.encode_png(c(values))
            nodes[f'png_{name}_{bits}'] = file
            nodes[f'png_fast_{name}_{bits}'] = image.encode_png(c(values), compression=1)
            for channels in (0, 1, 3, 4):
                for dtype in (tf.uint8, tf.uint16):
                    nodes[f'png_decoded_{name}_{bits}_{channels}_{dtype.name}'] = image.decode_png(file, channels, dtype)
    for i, options in enumerate((dict(), dict(quality=50), dict(progressive=True), dict(optimize_size=True),
                                 dict(chroma_downsampling=False), dict(format='rgb'), dict(format='grayscale'),
                                 dict(density_unit='cm', x_density=10, y_density=20), dict(xmp_metadata='abc'),
                                 dict(quality=0), dict(quality=101))):
        for name in ('smooth', 'grey', 'noise'):
            nodes[f'jpeg_{name}_{i}'] = image.encode_jpeg(pictures[name], **options)
    nodes['jpeg_alpha'] = image.encode_jpeg(pictures['alpha'])
    # One colour only: ways to decode differ in how they round what varies.
    plain = image.encode_jpeg(np.full([20, 36, 3], 120, np.uint8))
    for i, options in enumerate((dict(), dict(channels=1), dict(ratio=2), dict(ratio=8), dict(ratio=3), dict(channels=4),
                                 dict(dct_method='other'), dict(dct_method='INTEGER_ACCURATE'))):
        nodes[f'jpeg_decoded_{i}'] = image.decode_jpeg(plain, **options)
    nodes['jpeg_cropped'] = image.decode_and_crop_jpeg(plain, [3, 4, 10, 8])
    nodes['jpeg_cropped_too_far'] = image.decode_and_crop_jpeg(plain, [3, 4, 100, 8])
    nodes['jpeg_shape'] = image.extract_jpeg_shape(plain)
    nodes['jpeg_shape_long'] = image.extract_jpeg_shape(plain, tf.int64)
    nodes['is_jpeg'] = image.is_jpeg(plain)
    nodes['is_not_jpeg'] = image.is_jpeg(nodes['png_grey_8'], name='named')
    nodes['jpeg_as_png'] = image.decode_png(plain)
    nodes['png_as_jpeg'] = image.decode_jpeg(nodes['png_noise_8'])
    for i, text in enumerate(('', 'abc')):
        nodes[f'broken_{i}'] = image.decode_png(text)
    size = tf.strings.length(nodes['png_smooth_8'])
    for i, end in enumerate((size - 30, 50)):
        nodes[f'broken_png_{i}'] = image.decode_png(tf.strings.substr(nodes['png_smooth_8'], 0, end))
    nodes['broken_jpeg'] = image.decode_jpeg(tf.strings.substr(plain, 0, 300))
    return nodes


def run(tf, nodes):
    values = {}
    with tf.Session() as session:
        for name, node in nodes.items():
            try:
                value = session.run(node)
                values[name] = np.frombuffer(value, np.uint8) if isinstance(value, bytes) else value
                values['shape_' + name] = str(node.shape)
            except tf.errors.OpError as error:
                values[name] = f'{type(error).__name__}: {error.message}'.splitlines()[0]
    for i, call in enumerate((lambda: tf.image.decode_png(['a']), lambda: tf.image.decode_png('a', channels=-1),
                              lambda: tf.image.encode_png(np.zeros([3, 3], np.uint8)))):
        try:
            call()
        except ValueError as error:
            values[f'error_{i}'] = str(error)
    return values
