"""bias_add in both layouts, with gradients of the gradient."""
import numpy as np


def build(tf):
    out = {}
    x = tf.constant(np.arange(2 * 3 * 4 * 5).reshape(2, 3, 4, 5), tf.float32)
    for name, size, data_format in (('last', 5, None), ('second', 3, 'NCHW'), ('other', 3, 'NC..')):
        b = tf.constant(np.arange(size) + 1., tf.float32)
        y = tf.nn.bias_add(x, b, data_format)
        dy = tf.cos(y)
        dx, db = tf.gradients(y, [x, b], grad_ys=dy)
        out[name] = [y, dx, db] + tf.gradients(db, [dy])
    open_x = tf.placeholder_with_default(np.ones([2, 3], 'f'), None)
    y = tf.nn.bias_add(open_x, [1., 2., 3.], name='b')
    out['unknown'] = [y] + tf.gradients(y, open_x)
    v1 = tf.raw_ops.BiasAddV1(value=x, bias=tf.ones([5]))
    out['v1'] = [v1] + tf.gradients(v1, x)
    out['int'] = tf.nn.bias_add([[1, 2]], [3, 4])
    return out


def flat(values):
    return {'%s_%d' % (name, i): v for name, vs in values.items()
            for i, v in enumerate(vs if isinstance(vs, list) else [vs])}


def run(tf, out):
    with tf.Session() as session:
        return flat(session.run(out))
