"""Reductions: nodes, static shapes, gradients and values, for known, partly known and unknown shapes."""
import numpy as np

X = np.array([[[1., -2.], [3., 3.], [0.5, 2.]], [[-1., 4.], [2., 2.], [6., 0.]]], np.float32)
SHAPES = {'known': [2, 3, 2], 'part': [None, 3, 2], 'unknown': None}
AXES = {'all': None, 'one': 1, 'several': [0, -1], 'listed': [0, 1, 2], 'tuple': (2,), 'none': []}


def build(tf):
    functions = {'sum': tf.reduce_sum, 'mean': tf.reduce_mean, 'max': tf.reduce_max, 'min': tf.reduce_min,
                 'prod': tf.reduce_prod, 'logsumexp': tf.reduce_logsumexp, 'std': tf.math.reduce_std,
                 'variance': tf.math.reduce_variance, 'norm': tf.math.reduce_euclidean_norm, 'count': tf.count_nonzero}
    out, feeds = {}, {}
    for kind, shape in SHAPES.items():
        x = tf.placeholder(tf.float32, shape, name='x_' + kind)
        feeds[x] = X
        for f_name, f in functions.items():
            for label, axis in AXES.items():
                for keep in (False, True):
                    y = f(x, axis=axis, keepdims=keep)
                    name = f'{f_name}_{kind}_{label}_{keep}'
                    out[name] = y
                    if y.dtype == tf.float32 and f_name != 'norm':
                        grad, = tf.gradients(y, x)
                        out[name + '_grad'] = grad
        for f_name, f in (('all', tf.reduce_all), ('any', tf.reduce_any)):
            for label, axis in AXES.items():
                out[f'{f_name}_{kind}_{label}'] = f(x > 0., axis)
        axis = tf.placeholder(tf.int64, [None], name='axis_' + kind)
        feeds[axis] = [0, 2]
        y = tf.reduce_mean(x, axis)
        out['fed_' + kind] = tf.gradients(y, x)[0]
        out['argmax_' + kind] = tf.argmax(x, 1)
        out['argmin_' + kind] = tf.argmin(x, axis=-1, output_type=tf.int32)
        out['arg_max_' + kind] = tf.arg_max(x, 0)
    out['old'] = tf.reduce_sum(x, reduction_indices=[1], keep_dims=True)
    out['old_all'] = tf.reduce_max(x, reduction_indices=1, name='greatest')
    out['list'] = tf.reduce_mean([[1., 2.], [3., 5.]])
    out['scalar'] = tf.reduce_sum(3.)
    out['ints'] = tf.reduce_mean([[-1, -2, -4]], 1)
    v = tf.Variable(tf.ones([2, 3]), name='v')
    out['variable'] = tf.gradients(tf.reduce_sum(v), v)[0]
    out['twice'] = tf.gradients(tf.reduce_sum(v * v, 1) + tf.reduce_sum(v + 2., 1), v)[0]
    out['strings'] = tf.count_nonzero(['', 'a'], dtype=tf.int32)
    z = tf.complex(v, v)
    out['complex'] = tf.reduce_prod(z, 1)
    return out, feeds


def run(tf, built):
    out, feeds = built
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        values = session.run(out, feeds)
    return {**values, **{k + '_shape': str(t.shape) for k, t in out.items()}}
