"""Runs kernels on the cases recorded from TensorFlow 1.15.5 in tests/golden/conv.npz."""
import inspect
import json
import os

import numpy as np

from graphflow.framework.registry import KERNELS
from graphflow.kernels.conv_geometry import channels_first

PATH = os.path.join(os.path.dirname(__file__), '..', 'golden', 'conv.npz')
TOLERANCE = {'float16': 4e-3, 'float32': 3e-5, 'float64': 1e-11}


def load(prefixes):
    """The recorded cases of ops whose names begin with one of `prefixes`, as (id, op, attrs, inputs, outputs)."""
    archive = np.load(PATH)
    cases = json.loads(str(archive['cases']))
    return [('%d-%s' % (i, c['op']), c['op'], c['attrs'], [archive[a] for a in c['inputs']],
             [archive[a] for a in c['outputs']])
            for i, c in enumerate(cases) if c['op'].startswith(prefixes)]


def run(op, attrs, inputs):
    """The outputs of op's kernel, as a list."""
    fn = KERNELS[op]
    parameters = list(inspect.signature(fn).parameters)[len(inputs):]
    given = {k: v for k, v in attrs.items() if k in parameters}
    for x in inputs:
        x.flags.writeable = False
    result = fn(*inputs, **given)
    return list(result) if isinstance(result, tuple) else [result]


def check(op, attrs, inputs, outputs):
    for actual, expected in zip(run(op, attrs, inputs), outputs, strict=True):
        compare(actual, expected)


def compare(actual, expected):
    assert actual.dtype == expected.dtype and actual.shape == expected.shape
    tolerance = TOLERANCE.get(str(expected.dtype), 0)
    finite = np.abs(expected[np.isfinite(expected)])
    np.testing.assert_allclose(actual, expected, rtol=tolerance, atol=tolerance * max(1, finite.max(initial=0)))


def first(array, channels_last_rank):
    """A channels-last array with channels first, if it is an image."""
    return np.ascontiguousarray(np.moveaxis(array, -1, 1)) if array.ndim == channels_last_rank else array


def to_channels_first(attrs, inputs, outputs, images, image_outputs, shapes=()):
    """The same case in NCHW (NCDHW). `images` and `image_outputs` are positions, `shapes` those of shape inputs."""
    def swap_list(values):
        return [values[0], values[-1], *values[1:-1]]

    def swap(values, positions):
        return [np.ascontiguousarray(np.moveaxis(v, -1, 1)) if i in positions else
                np.array(swap_list(list(v)), v.dtype) if values is inputs and i in shapes else v
                for i, v in enumerate(values)]
    attrs = dict(attrs)
    for key in ('strides', 'dilations', 'ksize'):
        if key in attrs:
            attrs[key] = swap_list(attrs[key])
    if attrs.get('explicit_paddings'):
        pairs = np.array(attrs['explicit_paddings']).reshape(-1, 2).tolist()
        attrs['explicit_paddings'] = sum(swap_list(pairs), [])
    rank = inputs[images[0]].ndim
    attrs['data_format'] = 'NCHW' if rank == 4 else 'NCDHW'
    assert channels_first(attrs['data_format'])
    return attrs, swap(inputs, images), swap(outputs, image_outputs)
