"""Gradients with respect to pictures: Gram matrices, total variation, saliency, activations pushed up."""
import numpy as np

content, style = np.random.RandomState(21).rand(2, 1, 6, 6, 3).astype(np.float32)


def build(tf):
    kernel = tf.constant(np.random.randn(3, 3, 3, 4) * 0.3, tf.float32)

    def features(x):
        c = tf.nn.relu(tf.nn.conv2d(x, kernel, [1, 1, 1, 1], 'SAME'))
        return c, tf.nn.avg_pool(c, [1, 2, 2, 1], [1, 2, 2, 1], 'SAME')

    def gram(x):
        _, h, w, c = x.get_shape().as_list()
        flat = tf.reshape(x, [h * w, c])
        return tf.matmul(flat, flat, transpose_a=True) / (2 * h * w * c)

    picture = tf.Variable(content * 0.5 + 0.25, name='picture')
    mine, target, looks = features(picture), features(tf.constant(content)), features(tf.constant(style))
    content_loss = tf.nn.l2_loss(mine[1] - target[1])
    style_loss = tf.add_n([tf.reduce_sum((gram(a) - gram(b)) ** 2) for a, b in zip(mine, looks)])
    tv = tf.reduce_sum(tf.abs(picture[:, 1:] - picture[:, :-1])) + tf.reduce_sum(tf.abs(picture[:, :, 1:] - picture[:, :, :-1]))
    loss = content_loss + 10 * style_loss + 1e-2 * tv
    step = tf.train.AdamOptimizer(0.02).minimize(loss, var_list=[picture])
    x = tf.placeholder(tf.float32, [None, 6, 6, 3])
    score = tf.reduce_mean(features(x)[1][..., 2])
    grad = tf.gradients(score, x)[0]
    grad /= tf.sqrt(tf.reduce_mean(tf.square(grad))) + 1e-5
    saliency = tf.reduce_max(tf.abs(tf.gradients(tf.reduce_max(features(x)[0], axis=3), [x])[0]), axis=3)
    hessian = tf.gradients(tf.gradients(tf.reduce_sum(tf.exp(x[0, 0] * 2)), x)[0], x)[0]
    return picture, [content_loss, style_loss, tv, loss], step, x, score, grad, saliency, hessian


def run(tf, built):
    picture, goals, step, x, score, grad, saliency, hessian = built
    out = {'goals%d' % i: [] for i in range(4)}
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        for _ in range(20):
            for i, v in enumerate(sess.run(goals)):
                out['goals%d' % i].append(v)
            sess.run(step)
        img = content.copy()
        for _ in range(5):
            g, s = sess.run([grad, score], {x: img})
            img += g * 0.1
        out['img'], out['score'] = img[0, 0], s
        out['saliency'], out['hessian'] = sess.run([saliency, hessian[0, 0]], {x: content})
    return out
