"""fused_batch_norm for training and inference, of all versions, with gradients; lrn."""
import numpy as np


def build(tf):
    out = {}
    x = tf.constant(np.sin(np.arange(3 * 4 * 5 * 2)).reshape(3, 4, 5, 2), tf.float32)
    scale, offset, mean, variance = (tf.constant(v, tf.float32) for v in ([1., 2.], [.5, -1.], [.1, .2], [1., .5]))
    open_x = tf.placeholder_with_default(x, [None, None, None, None])
    for name, of, kw in (('training', x, {}), ('inference', x, dict(mean=mean, variance=variance, is_training=False)),
                         ('open', open_x, dict(name='f', epsilon=1e-7)), ('half', tf.cast(x, tf.float16), {})):
        y = tf.nn.fused_batch_norm(of, scale, offset, **kw)
        # For inference TensorFlow leaves the other outputs unset.
        out[name] = list(y)[:1 if name == 'inference' else 3] + tf.gradients(tf.sin(y[0]), [of, scale, offset])
    for version in ('FusedBatchNorm', 'FusedBatchNormV2'):
        y = getattr(tf.raw_ops, version)(x=x, scale=scale, offset=offset, mean=[], variance=[])
        out[version] = list(y)[:3] + tf.gradients(tf.sin(y[0]), [x, scale, offset])
    y = tf.nn.lrn(x, 2, 1., .5, .75)
    out['lrn'] = [y] + tf.gradients(tf.sin(y), x)
    return out


def flat(values):
    return {'%s_%d' % (name, i): v for name, vs in values.items()
            for i, v in enumerate(vs if isinstance(vs, list) else [vs])}


def run(tf, out):
    with tf.Session() as session:
        values = flat(session.run(out))
    del values['half_3']        # rounded half a step apart
    return values
