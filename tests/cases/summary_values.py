"""Summaries as bytes: histograms' buckets, pictures as PNG, sounds as WAV, and what cannot be summarized."""
import numpy as np


def histograms(random):
    yield from ([1., 2, 3], [], [0., 0.], [-1., -2.5, 0, 1e-13, -1e-13, 1e30, -1e30], [1e-12, 1.1e-12, -1e-12], [3e38, -3e38],
                [2.5] * 10, [1., np.nan], [np.inf, np.nan], [-0.])
    for dtype in (np.float16, np.float64, np.int64, np.uint8, np.int32):
        yield (random.randn(30) * 40).astype(dtype)
    yield np.ldexp(random.randn(100), random.randint(-45, 80, 100))
    yield random.randn(5, 4, 3).astype(np.float32)


def images(random):
    for channels in (1, 3, 4):
        yield (random.rand(2, 5, 4, channels) * 255).astype(np.uint8)
        yield random.rand(1, 5, 4, channels).astype(np.float32)
        yield random.randn(1, 5, 4, channels).astype(np.float32)
        holes = random.randn(1, 4, 4, channels).astype(np.float32)
        holes[0, 1, 1, -1], holes[0, 2, 3, 0], holes[0, 3, 3, 0] = np.nan, np.inf, -np.inf
        if channels > 1:
            holes[0, 1, 1, 0] = 1e9      # finite, in a pixel that is not
        yield holes
    yield random.randn(2, 3, 3, 1).astype(np.float16)
    yield random.randn(1, 3, 3, 3)
    for constant in (7, 0, -2, 1e-30, np.nan):
        yield np.full([1, 2, 2, 1], constant, np.float32)
    yield np.add.outer(np.arange(100), np.arange(300)).astype(np.uint8).reshape(1, 100, 300, 1)
    for shape in ([1, 3, 3, 2], [1, 3, 3, 5], [2, 2, 1], [1, 0, 2, 1], [0, 2, 2, 1]):
        yield np.zeros(shape, np.float32)


def sounds(random):
    sound = random.randn(3, 7, 2).astype(np.float32)
    yield from (sound, sound[:, :, 0], sound[0, :, 0], sound[None], sound[:, :0], sound[:0])
    yield np.array([[np.nan, np.inf, -np.inf, 1, -1, 1.0001, .99999, .5, -.5, 1 / 65536, 1 / 65535]], np.float32)


def build(tf):
    random = np.random.RandomState(0)
    raw, c = tf.raw_ops, tf.constant
    nodes = {}
    for i, values in enumerate(histograms(random)):
        nodes[f'histogram_{i}'] = raw.HistogramSummary(tag='h', values=c(np.array(values)))
    for i, values in enumerate(images(random)):
        nodes[f'image_{i}'] = raw.ImageSummary(tag='i', tensor=c(values))
    batch = c(random.rand(3, 2, 2, 1), tf.float32)
    nodes['image_one'] = raw.ImageSummary(tag='i', tensor=batch, max_images=1)
    nodes['image_many'] = raw.ImageSummary(tag='i', tensor=batch, max_images=9)
    nodes['image_tags'] = raw.ImageSummary(tag=['i'], tensor=batch)
    for i, color in enumerate((np.array([1, 2, 3, 4], np.uint8), np.array([9], np.uint8), np.array([1.], np.float32),
                               np.array([[1]], np.uint8))):
        nodes[f'image_color_{i}'] = raw.ImageSummary(tag='i', tensor=c([[[[np.nan], [1]]]]), bad_color=tf.make_tensor_proto(color))
    nodes['image_colors_few'] = raw.ImageSummary(tag='i', tensor=tf.zeros([1, 1, 1, 3]),
                                                 bad_color=tf.make_tensor_proto(np.array([1], np.uint8)))
    for i, values in enumerate(sounds(random)):
        nodes[f'audio_{i}'] = raw.AudioSummaryV2(tag='a', tensor=c(values), sample_rate=22050.7)
    nodes['audio_one'] = raw.AudioSummaryV2(tag='a', tensor=tf.ones([2, 2]), sample_rate=8., max_outputs=1)
    nodes['audio_rate'] = raw.AudioSummaryV2(tag='a', tensor=tf.ones([2, 2]), sample_rate=0.)
    nodes['audio_tags'] = raw.AudioSummaryV2(tag=['a'], tensor=tf.ones([2, 2]), sample_rate=1.)
    for i, values in enumerate((1.5, np.nan, np.inf, -0., 0., np.float64(.1), np.int64(2**40 + 1), np.float16(3), np.uint8(3))):
        nodes[f'scalar_{i}'] = raw.ScalarSummary(tags='s', values=c(np.array(values)))
    for i, (tags, values) in enumerate(((['a', 'b'], [1., 2.]), ([['a', 'b']], [[1., 2.]]), ('a', [1., 2.]), ('a', [1.]), (['a'], 1.),
                                        (['a', 'b', 'c'], [[1.]]), ('', 0.))):
        nodes[f'scalars_{i}'] = raw.ScalarSummary(tags=tags, values=values)
    for i, values in enumerate(([1, 2], [[1., 2], [3, 4]], ['a', 'bb'], [True, False], 1.5, np.float64([.1]), np.float16([1, 2]),
                                np.complex64([1 + 2j]), [7.] * 5, np.zeros([0, 3], np.float32), 'x', np.zeros([0], object))):
        tensor = c(values, tf.string) if getattr(values, 'dtype', None) == object else c(values)
        nodes[f'tensor_{i}'] = raw.TensorSummaryV2(tag='t', tensor=tensor, serialized_summary_metadata=b'\n\x06\n\x04text')
        nodes[f'tensor_old_{i}'] = raw.TensorSummary(tensor=tensor, description='words')
    nodes['tensor_metadata'] = raw.TensorSummaryV2(tag='t', tensor=c(1), serialized_summary_metadata=[b'\xff\xff'])
    nodes['tensor_tags'] = raw.TensorSummaryV2(tag=['t'], tensor=c(1), serialized_summary_metadata='')
    first, second = nodes['scalar_0'], nodes['histogram_0']
    for i, inputs in enumerate(([first, second], [first, first], ['\xff'], [tf.stack([first, second])], [''],
                                [nodes['tensor_old_0'], nodes['tensor_old_0']])):
        nodes[f'merged_{i}'] = raw.MergeSummary(inputs=inputs)
    sound = c(random.randn(7, 2), tf.float32)
    file = tf.audio.encode_wav(sound, 8000)
    nodes['wav'] = file
    nodes['wav_rate'] = tf.audio.encode_wav(sound, 0)
    for i, (channels, samples) in enumerate(((-1, -1), (1, -1), (3, 10), (-1, 3))):
        nodes[f'wav_decoded_{i}'], nodes[f'wav_decoded_rate_{i}'] = tf.audio.decode_wav(file, channels, samples)
    for i, text in enumerate(('abc', 'RIFF' + 'a' * 60)):
        nodes[f'wav_broken_{i}'] = tf.audio.decode_wav(text).audio
    return nodes


def run(tf, nodes):
    values = {}
    with tf.Session() as session:
        for name, node in nodes.items():
            try:
                value = session.run(node)
                values[name] = np.frombuffer(value, np.uint8) if isinstance(value, bytes) else value
            except tf.errors.OpError as error:
                values[name] = f'{type(error).__name__}: {error.message}'.splitlines()[0]
    return values
