"""Reductions by segment and running sums: nodes, shapes, gradients, values; dense tensors made of IndexedSlices."""
import numpy as np

X = np.array([[1., 2., 0.], [3., 2., 0.], [-1., 0.5, 4.], [3., 3., 3.]], np.float32)


def build(tf):
    out, feeds = {}, {}
    for kind, shape in (('known', [4, 3]), ('part', [None, 3])):
        x = tf.placeholder(tf.float32, shape)
        feeds[x] = X
        ids = tf.placeholder(tf.int32, shape[:1])
        feeds[ids] = [0, 0, 2, 2]
        free = tf.placeholder(tf.int64, shape[:1])
        feeds[free] = [2, 0, 2, -1]
        rows = tf.placeholder(tf.int32, [None])
        feeds[rows] = [3, 0, 0, 1]
        count = tf.placeholder(tf.int32, [])
        feeds[count] = 4
        for name in ('sum', 'mean', 'max', 'min', 'prod'):
            out[f'segment_{name}_{kind}'] = y = getattr(tf, 'segment_' + name)(x, ids)
            if name != 'prod':
                out[f'segment_{name}_{kind}_grad'] = tf.gradients(y, x)[0]
        for name in ('sum', 'mean', 'max', 'min', 'prod', 'sqrt_n'):
            for label, n in (('5', 5), ('fed', count)):
                y = getattr(tf, 'unsorted_segment_' + name)(x, free, n)
                out[f'unsorted_{name}_{kind}_{label}'] = y
                out[f'unsorted_{name}_{kind}_{label}_grad'] = tf.gradients(y, x)[0]
        for name in ('sum', 'mean', 'sqrt_n'):
            for n in (None, 5, count):
                y = getattr(tf, 'sparse_segment_' + name)(x, rows, ids, num_segments=n)
                out[f'sparse_{name}_{kind}_{"fed" if n is count else n}'] = y
                out[f'sparse_{name}_{kind}_{"fed" if n is count else n}_grad'] = tf.gradients(y, x)[0]
        for axis in (0, 1, -1):
            for exclusive in (False, True):
                for reverse in (False, True):
                    for f_name in ('cumsum', 'cumprod', 'cumulative_logsumexp'):
                        f = getattr(tf.math, f_name)
                        name = f'{f_name}_{kind}_{axis}_{exclusive}_{reverse}'
                        out[name] = y = f(x, axis, exclusive, reverse)
                        if f_name != 'cumulative_logsumexp' or not exclusive:
                            out[name + '_grad'] = tf.gradients(y * x, x)[0]
        picked = tf.gather(x, rows)
        slices = tf.gradients(picked * picked, x)[0]
        out[f'dense_{kind}'] = tf.convert_to_tensor(slices, name='dense_' + kind)
        out[f'slices_sum_{kind}'] = tf.reduce_sum(slices)
    out['list'] = tf.cumsum([1, 2, 3])
    out['two_ids'] = tf.unsorted_segment_sum(X, [[0, 1, 1], [0, 1, 1], [2, 2, 2], [0, 0, 0]], 3)
    out['bytes'] = tf.cumsum(np.full(3, 100, np.int8))
    return out, feeds


def run(tf, built):
    out, feeds = built
    with tf.Session() as session:
        values = session.run(out, feeds)
    return {**values, **{k + '_shape': str(t.shape) for k, t in out.items()}}
