"""Snippets for an InteractiveSession: eval of everything, shapes, indexing, reshapes, sorting out dtypes."""
import numpy as np


def build(tf):
    x = tf.Variable([1.0, 2.0])
    a = tf.constant([3.0, 3.0])
    m = tf.reshape(tf.range(12), [3, 4])
    t = tf.constant([[[1, 1, 1], [2, 2, 2]], [[3, 3, 3], [4, 4, 4]], [[5, 5, 5], [6, 6, 6]]])
    return x, dict(
        sub=tf.subtract(x, a), row=m[1], column=m[:, 2], corner=m[:2, -2:], strided=m[::2, ::-1], more=m[..., tf.newaxis],
        slice=tf.slice(t, [1, 0, 0], [1, 2, 3]), stride=tf.strided_slice(t, [1, -1, 0], [2, -3, 3], [1, -1, 1]),
        rank=tf.rank(t), shape=tf.shape(t), size=tf.size(m), flat=tf.reshape(m, [-1]), transposed=tf.transpose(t, perm=[0, 2, 1]),
        split=tf.split(m, 2, axis=1)[1], uneven=tf.split(m, [1, 3], 1)[1], concat=tf.concat([m, m], 1), stack=tf.stack([a, a], axis=1),
        unstack=tf.unstack(m)[2], pad=tf.pad(m, [[1, 0], [0, 2]]), reflect=tf.pad(m, [[1, 1], [1, 1]], 'REFLECT'),
        tile=tf.tile(a, [2]), reverse=tf.reverse(m, [0]), squeeze=tf.squeeze(tf.zeros([1, 2, 1])), cast=tf.cast(1.8, tf.int32),
        gather=tf.gather(m, [2, 0]), gather_nd=tf.gather_nd(m, [[0, 0], [2, 3]]), where=tf.where(m > 5), choose=tf.where(m > 5, m, -m),
        one_hot=tf.one_hot([0, 2, -1, 1], 3, on_value=5.0, off_value=0.0), fill=tf.fill([2, 2], 9), eye=tf.eye(2), diag=tf.diag([1, 2]),
        cumsum=tf.cumsum(m, 1), norm=tf.norm(a), mean=tf.reduce_mean(m), all=tf.reduce_all(m >= 0), any=tf.reduce_any(m > 20),
        prod=tf.reduce_prod(m[0] + 1), min=tf.reduce_min(t, axis=[0, 2]), logsumexp=tf.reduce_logsumexp(a), argmax=tf.argmax(m, axis=0),
        unique=tf.unique([1, 1, 2, 4, 4])[0], segment=tf.segment_sum(m, [0, 0, 1]), mask=tf.boolean_mask([1, 2, 3], [True, False, True]),
        setdiff=tf.setdiff1d([1, 2, 3], [2])[0], partition=tf.dynamic_partition([1, 2, 3], [0, 1, 0], 2)[0],
        round=tf.round([0.5, 1.5, -2.5]), ceil=tf.ceil(2.1), mod=tf.mod(-7, 3), truncated=tf.truncatemod(-7, 3), pow=tf.pow([[2, 2], [3, 3]], 2),
        sign=tf.sign([-1., 0.]), sequence=tf.sequence_mask([1, 3], 4), band=tf.matrix_band_part(m, 0, -1), complex=tf.complex(1., 2.),
        matmul=tf.matmul([[1, 2]], [[3], [4]]), batched=tf.matmul(tf.ones([2, 1, 3]), tf.ones([2, 3, 1])), dot=tf.tensordot(a, a, 1),
        einsum=tf.einsum('ij,kj->ik', tf.to_float(m), tf.ones([2, 4])), cross=tf.cross([1., 0., 0.], [0., 1., 0.]),
        topk=tf.nn.top_k([5, 1, 7], 2)[1], in_top=tf.nn.in_top_k([[.1, .9]], [1], 1), meshgrid=tf.meshgrid([1, 2], [3, 4, 5])[1],
        bool=tf.logical_xor([True, False], True), equal=tf.equal([1, 2], [1, 3]), clip=tf.clip_by_value(m, 2, 8))


def run(tf, built):
    x, nodes = built
    sess = tf.InteractiveSession()
    x.initializer.run()
    out = {name: node.eval() for name, node in nodes.items()}
    out['printed'] = [str(node) for node in nodes.values()] + [str(x), repr(x), repr(nodes['sub'].op.type), str(nodes['row'].get_shape().as_list())]
    sess.close()
    return out
