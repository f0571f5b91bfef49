"""Softmax cross entropies of one-hot and class labels, of all ranks, with gradients."""
import numpy as np


def build(tf):
    x = tf.placeholder(tf.float32, [3, 4], 'x')
    l = tf.placeholder(tf.float32, [3, 4], 'l')
    c = tf.placeholder(tf.int32, [3], 'c')
    x3 = tf.placeholder(tf.float32, [None, 3, 4], 'x3')
    l3 = tf.placeholder(tf.float32, [None, 3, 4], 'l3')
    open_x, open_l = tf.placeholder(tf.float32, name='ox'), tf.placeholder(tf.float32, name='ol')
    out = {}
    out['v1'] = tf.nn.softmax_cross_entropy_with_logits(labels=l, logits=x)
    out['v1_grad'], = tf.gradients(out['v1'], x)
    out['v1_second'], = tf.gradients(out['v1_grad'] * out['v1_grad'], x)
    v2 = tf.nn.softmax_cross_entropy_with_logits_v2(labels=l, logits=x, name='v2')
    out['v2'], out['v2_grad'] = v2, tf.gradients(v2, [x, l])
    out['rank3'] = tf.nn.softmax_cross_entropy_with_logits_v2(labels=l3, logits=x3)
    out['axis1'] = tf.nn.softmax_cross_entropy_with_logits_v2(labels=l3, logits=x3, axis=1)
    out['dim0'] = tf.nn.softmax_cross_entropy_with_logits(labels=l3, logits=x3, dim=0)
    out['open'] = tf.nn.softmax_cross_entropy_with_logits_v2(labels=open_l, logits=open_x)
    out['half'] = tf.nn.softmax_cross_entropy_with_logits_v2(labels=[[0, 1]], logits=tf.constant([[1., 2.]], tf.float16))
    out['broadcast'] = tf.nn.softmax_cross_entropy_with_logits_v2(labels=[[.5, .5]], logits=tf.ones([3, 2]))
    sparse = tf.nn.sparse_softmax_cross_entropy_with_logits
    out['sparse'] = sparse(labels=c, logits=x)
    out['sparse_grad'], = tf.gradients(out['sparse'], x)
    c3 = tf.constant([[0, 1, 2], [3, 2, 1]])
    fixed = tf.reshape(x3, [2, 3, 4])
    out['sparse_rank3'] = sparse(labels=c3, logits=fixed, name='s3')
    out['sparse_rank3_grad'], = tf.gradients(out['sparse_rank3'], x3)
    out['sparse_rank1'] = sparse(labels=2, logits=tf.constant([1., 2., 4.], tf.float16))
    return (x, l, c, x3, l3, open_x, open_l), out


def flat(values):
    return {'%s_%d' % (name, i): v for name, vs in values.items()
            for i, v in enumerate(vs if isinstance(vs, list) else [vs])}


def run(tf, built):
    inputs, out = built
    logits = np.sin(np.arange(24.)).reshape(2, 3, 4) * 3
    labels = np.abs(np.cos(np.arange(24.))).reshape(2, 3, 4)
    labels /= labels.sum(-1, keepdims=True)
    values = (logits[0], labels[0], [0, 3, 1], logits, labels, logits, labels)
    with tf.Session() as session:
        return flat(session.run(out, dict(zip(inputs, values))))
