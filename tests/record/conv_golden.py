"""Records what TensorFlow 1.15.5 computes for convolution, pooling and normalisation ops.

    PYTHON_OF_TENSORFLOW_1_15_5 tests/record/conv_golden.py      # writes tests/golden/conv.npz

The archive's `cases` is a JSON list of {op, attrs, inputs, outputs}; inputs and outputs name arrays of the archive.
"""
import itertools
import json
import os

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(1)
nan, inf = float('nan'), float('inf')
cases, arrays = [], {}
config = tf.compat.v1.ConfigProto()
config.graph_options.rewrite_options.disable_meta_optimizer = True  # the ops as they are, never folded
session = tf.compat.v1.Session(config=config)


def store(array):
    name = 'a%d' % len(arrays)
    arrays[name] = np.asarray(array)
    return name


def record(op, attrs, **inputs):
    """Runs `op` on the named inputs; returns its outputs."""
    values = {k: np.asarray(v) for k, v in inputs.items()}
    constants = {k: tf.constant(v) for k, v in values.items()}
    result = getattr(tf.raw_ops, op)(**constants, **attrs)
    fetched = session.run(result)
    outputs = list(fetched) if isinstance(fetched, tuple) else [fetched]
    attrs = {k: tf.as_dtype(v).name if isinstance(v, tf.DType) else v for k, v in attrs.items()}
    cases.append(dict(op=op, attrs=attrs, inputs=[store(values[k]) for k in values],
                      outputs=[store(v) for v in outputs]))
    return outputs


def normal(*shape, dtype='f'):
    return rng.randn(*shape).astype(dtype)


def i32(values):
    return np.array(values, np.int32)


def conv2d(x, w, s, d, padding, explicit=(), dtype='f'):
    attrs = dict(strides=[1, s[0], s[1], 1], dilations=[1, d[0], d[1], 1], padding=padding,
                 explicit_paddings=list(explicit))
    x, w = normal(*x, dtype=dtype), normal(*w, dtype=dtype)
    y, = record('Conv2D', attrs, input=x, filter=w)
    dy = normal(*y.shape, dtype=dtype)
    if tuple(d) == (1, 1):  # TensorFlow's CPU gradients refuse dilations
        record('Conv2DBackpropInput', attrs, input_sizes=i32(x.shape), filter=w, out_backprop=dy)
        record('Conv2DBackpropFilter', attrs, input=x, filter_sizes=i32(w.shape), out_backprop=dy)


for padding in ('SAME', 'VALID'):
    conv2d((2, 7, 6, 3), (3, 3, 3, 5), (1, 1), (1, 1), padding)
    conv2d((1, 8, 7, 2), (3, 2, 2, 18), (2, 2), (1, 1), padding)
    conv2d((2, 7, 7, 1), (5, 5, 1, 4), (1, 1), (1, 1), padding)
    conv2d((1, 5, 5, 4), (1, 1, 4, 3), (1, 1), (1, 1), padding)
    conv2d((1, 6, 6, 3), (1, 1, 3, 3), (2, 2), (1, 1), padding)
    conv2d((1, 11, 10, 2), (3, 3, 2, 3), (1, 1), (2, 3), padding)
    conv2d((1, 11, 10, 2), (3, 3, 2, 3), (2, 1), (2, 2), padding)
    conv2d((1, 9, 8, 2), (3, 3, 2, 3), (3, 2), (1, 1), padding)
    conv2d((1, 6, 6, 17), (3, 3, 17, 3), (1, 1), (1, 1), padding, dtype='d')
    conv2d((1, 6, 6, 2), (3, 3, 2, 3), (1, 1), (1, 1), padding, dtype='e')
conv2d((1, 4, 4, 2), (2, 2, 2, 2), (3, 3), (1, 1), 'SAME')
conv2d((1, 6, 7, 2), (3, 3, 2, 3), (1, 2), (1, 1), 'EXPLICIT', [0, 0, 2, 0, 1, 3, 0, 0])
conv2d((1, 6, 7, 2), (3, 3, 2, 3), (2, 2), (1, 2), 'EXPLICIT', [0, 0, 1, 2, 3, 0, 0, 0])
conv2d((0, 6, 7, 2), (3, 3, 2, 3), (1, 1), (1, 1), 'SAME')

for padding, s, dtype in itertools.product(('SAME', 'VALID'), (1, 2), 'fd'):
    attrs = dict(strides=[1, s, s, 1], padding=padding)
    x, w = normal(2, 7, 6, 3, dtype=dtype), normal(3, 2, 3, 2, dtype=dtype)
    y, = record('DepthwiseConv2dNative', attrs, input=x, filter=w)
    dy = normal(*y.shape, dtype=dtype)
    record('DepthwiseConv2dNativeBackpropInput', attrs, input_sizes=i32(x.shape), filter=w, out_backprop=dy)
    record('DepthwiseConv2dNativeBackpropFilter', attrs, input=x, filter_sizes=i32(w.shape), out_backprop=dy)

for padding, s in itertools.product(('SAME', 'VALID'), ((1, 1, 1), (2, 1, 2))):
    attrs = dict(strides=[1] + list(s) + [1], padding=padding)
    x, w = normal(1, 4, 5, 4, 2), normal(3, 2, 2, 2, 3)
    y, = record('Conv3D', attrs, input=x, filter=w)
    dy = normal(*y.shape)
    record('Conv3DBackpropInputV2', attrs, input_sizes=i32(x.shape), filter=w, out_backprop=dy)
    record('Conv3DBackpropFilterV2', attrs, input=x, filter_sizes=i32(w.shape), out_backprop=dy)


def pool2d(x, k, s, padding, average=True):
    attrs = dict(ksize=k, strides=s, padding=padding)
    shape = x.shape
    y, = record('MaxPool', attrs, input=x)
    record('MaxPoolV2', dict(padding=padding), input=x, ksize=i32(k), strides=i32(s))
    dy, ddx = normal(*y.shape, dtype=x.dtype), normal(*shape, dtype=x.dtype)
    if k[3] == 1:
        record('MaxPoolGrad', attrs, orig_input=x, orig_output=y, grad=dy)
        record('MaxPoolGradV2', dict(padding=padding), orig_input=x, orig_output=y, grad=dy, ksize=i32(k),
               strides=i32(s))
        record('MaxPoolGradGrad', attrs, orig_input=x, orig_output=y, grad=ddx)
    if k[3] == 1 and x.dtype == np.float32:
        for batch, dtype in ((False, tf.int64), (True, tf.int64)):
            record('MaxPoolWithArgmax', dict(attrs, include_batch_in_index=batch, Targmax=dtype), input=x)
        _, at = record('MaxPoolWithArgmax', dict(attrs, include_batch_in_index=True), input=x)
        record('MaxPoolGradWithArgmax', dict(attrs, include_batch_in_index=True), input=x, grad=dy, argmax=at)
    if average and k[3] == 1:
        record('AvgPool', attrs, value=x)
        record('AvgPoolGrad', attrs, orig_input_shape=i32(shape), grad=dy)


for padding in ('SAME', 'VALID'):
    pool2d(normal(2, 6, 6, 3), [1, 2, 2, 1], [1, 2, 2, 1], padding)
    pool2d(normal(2, 7, 6, 3), [1, 3, 2, 1], [1, 2, 1, 1], padding)
    pool2d(normal(1, 7, 7, 2), [1, 2, 2, 1], [1, 3, 3, 1], padding)
    pool2d(normal(1, 6, 6, 2, dtype='d'), [1, 3, 3, 1], [1, 2, 2, 1], padding)
    pool2d(normal(1, 6, 6, 2, dtype='e'), [1, 3, 3, 1], [1, 2, 2, 1], padding)
    pool2d(rng.randint(0, 3, (2, 7, 7, 2)).astype('f'), [1, 3, 3, 1], [1, 2, 2, 1], padding)
    pool2d(rng.choice([nan, inf, -inf, 0, 1], (2, 8, 8, 2)).astype('f'), [1, 2, 2, 1], [1, 2, 2, 1], padding)
    pool2d(rng.randint(-9, 9, (1, 6, 6, 2)).astype('i'), [1, 3, 3, 1], [1, 2, 2, 1], padding, average=False)
pool2d(normal(1, 3, 3, 6), [1, 1, 1, 3], [1, 1, 1, 3], 'VALID')

for padding, values in itertools.product(('SAME', 'VALID'), (None, [0, 1, 2], [nan, inf, -inf, 1])):
    shape = (1, 5, 4, 6, 2)
    x = normal(*shape) if values is None else rng.choice(values, shape).astype('f')
    attrs = dict(ksize=[1, 2, 3, 2, 1], strides=[1, 2, 1, 2, 1], padding=padding)
    y, = record('MaxPool3D', attrs, input=x)
    dy, ddx = normal(*y.shape), normal(*shape)
    record('MaxPool3DGrad', attrs, orig_input=x, orig_output=y, grad=dy)
    record('MaxPool3DGradGrad', attrs, orig_input=x, orig_output=y, grad=ddx)
    record('AvgPool3D', attrs, input=x)
    record('AvgPool3DGrad', attrs, orig_input_shape=i32(shape), grad=dy)

for radius, bias, alpha, beta, channels in ((5, 1.0, 1.0, 0.5, 8), (2, 2.0, 1e-1, 0.75, 7), (1, 1.0, 0.3, 1.0, 3),
                                            (0, 1.0, 0.5, 0.6, 2)):
    attrs = dict(depth_radius=radius, bias=bias, alpha=alpha, beta=beta)
    x = normal(1, 3, 2, channels)
    y, = record('LRN', attrs, input=x)
    record('LRNGrad', attrs, input_grads=normal(*x.shape), input_image=x, output_image=y)

for padding, s, r, dtype in itertools.product(('SAME', 'VALID'), ((1, 1), (2, 3)), ((1, 1), (2, 1)), 'fi'):
    attrs = dict(strides=[1, s[0], s[1], 1], rates=[1, r[0], r[1], 1], padding=padding)
    x, w = rng.randint(-5, 5, (1, 7, 6, 2)).astype(dtype), rng.randint(-3, 3, (3, 2, 2)).astype(dtype)
    y, = record('Dilation2D', attrs, input=x, filter=w)
    dy = rng.randint(-5, 5, y.shape).astype(dtype)
    record('Dilation2DBackpropInput', attrs, input=x, filter=w, out_backprop=dy)
    record('Dilation2DBackpropFilter', attrs, input=x, filter=w, out_backprop=dy)

for version, training, dtype, shape in itertools.product(('', 'V2', 'V3'), (True, False), 'f',
                                                         ((2, 3, 4, 3), (1, 1, 1, 3), (0, 2, 2, 3))):
    attrs = dict(epsilon=1e-3, is_training=training)
    x, scale, offset = normal(*shape, dtype=dtype), normal(3), normal(3)
    mean, variance = ((), ()) if training else (normal(3), normal(3) ** 2)
    mean, variance = np.array(mean, 'f'), np.array(variance, 'f')
    out = record('FusedBatchNorm' + version, attrs, x=x, scale=scale, offset=offset, mean=mean, variance=variance)
    saved = dict(reserve_space_1=out[3] if training else mean, reserve_space_2=out[4] if training else variance)
    if version == 'V3':
        saved['reserve_space_3'] = out[5]
    record('FusedBatchNormGrad' + version, attrs, y_backprop=normal(*shape, dtype=dtype), x=x, scale=scale, **saved)

for shape in ((2, 3), (2, 3, 4), (2, 2, 3, 4), (1, 2, 3, 2, 4)):
    for data_format, dtype in itertools.product(('NHWC', 'NCHW'), ('f', 'i')):
        if len(shape) == 2 and data_format == 'NCHW':
            continue
        channels = shape[1] if data_format == 'NCHW' else shape[-1]
        attrs = dict(data_format=data_format)
        x, b = (normal(*shape) * 9).astype(dtype), (normal(channels) * 9).astype(dtype)
        record('BiasAdd', attrs, value=x, bias=b)
        record('BiasAddGrad', attrs, out_backprop=x)
        if data_format == 'NHWC':
            record('BiasAddV1', {}, value=x, bias=b)

path = os.path.join(os.path.dirname(__file__), '..', 'golden', 'conv.npz')
np.savez_compressed(path, cases=np.array(json.dumps(cases)), **arrays)
print('%d cases, %d bytes' % (len(cases), os.path.getsize(path)))
