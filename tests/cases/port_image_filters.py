"""Pictures: blur, sharpen, edges by conv2d and depthwise, crops, flips, grey, normalised patches."""
import numpy as np

picture = np.random.RandomState(12).randint(0, 256, [6, 7, 3]).astype(np.uint8)


def build(tf):
    image = tf.placeholder(tf.uint8, [None, None, 3], name='image')
    x = tf.expand_dims(tf.cast(image, tf.float32) / 255., 0)
    gray = tf.reduce_sum(x * tf.constant([0.2989, 0.587, 0.114]), axis=3, keepdims=True)
    sobel = np.array([[-1., 0, 1], [-2, 0, 2], [-1, 0, 1]], np.float32)
    kernels = tf.stack([sobel, sobel.T], axis=-1)[:, :, tf.newaxis, :]
    edges = tf.nn.conv2d(gray, kernels, strides=[1, 1, 1, 1], padding='SAME')
    magnitude = tf.sqrt(tf.reduce_sum(tf.square(edges), -1) + 1e-8)
    blur = tf.nn.depthwise_conv2d(x, tf.fill([3, 3, 3, 1], 1. / 9), [1, 1, 1, 1], 'VALID')
    sharp = tf.clip_by_value(2 * x[:, 1:-1, 1:-1] - blur, 0, 1)
    mean, variance = tf.nn.moments(x, axes=[1, 2], keep_dims=True)
    return image, dict(
        magnitude=magnitude, sharp=sharp, standard=(x - mean) / tf.sqrt(variance), flipped=image[:, ::-1][:2],
        up=tf.reverse(image, axis=[0])[:1], crop=tf.slice(image, [1, 2, 0], [2, 2, -1]), inverted=(255 - image)[:2],
        pooled=tf.nn.avg_pool(x, [1, 2, 2, 1], [1, 2, 2, 1], 'VALID'), gray=tf.squeeze(tf.cast(gray * 255, tf.uint8)),
        largest=tf.reduce_max(image, axis=[0, 1]), turned=tf.transpose(image, [1, 0, 2])[:2],
        swapped=tf.concat(tf.split(image, 3, axis=2)[::-1], axis=-1)[0], bright=tf.saturate_cast(tf.cast(image, tf.int32) + 60, tf.uint8)[0],
        patches=tf.extract_image_patches(x, [1, 3, 3, 1], [1, 2, 2, 1], [1, 1, 1, 1], 'VALID')[0, 0],
        blocks=tf.space_to_depth(x[:, :6, :6], 2)[0, 0], transposed=tf.nn.conv2d_transpose(
            gray[:, :2, :2], tf.ones([2, 2, 1, 1]), [1, 4, 4, 1], [1, 2, 2, 1]))


def run(tf, built):
    image, nodes = built
    with tf.Session() as sess:
        return sess.run(nodes, feed_dict={image: picture})
