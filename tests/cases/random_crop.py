"""random_crop, of known and unknown shapes."""
import numpy as np


def build(tf):
    image = tf.placeholder(tf.float32)
    return image, [tf.random_crop(tf.reshape(tf.range(60.), [4, 5, 3]), [2, 2, 3]),
                   tf.random_crop(image, [2, 2, 3], seed=3, name='q')]


def run(tf, built):
    image, crops = built
    with tf.Session() as session:
        runs = [session.run(crops, {image: np.arange(75.).reshape(5, 5, 3)}) for _ in range(3)]
    return {'%d_%d' % (i, j): crop for i, crops in enumerate(runs) for j, crop in enumerate(crops)}
