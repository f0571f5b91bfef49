"""Numbers below the least normal one count as zero in arithmetic, and keep their bits where they are only moved.

Results are scaled up in a second run, so that a subnormal and a zero differ by much.
"""
import numpy as np

SMALL = [1e-30, 1e-36, -1e-36, 3e-38] * 5


def build(tf):
    x = tf.placeholder(tf.float32, [None], name='x')
    y = tf.placeholder(tf.float64, [None], name='y')
    v = tf.Variable(np.full(20, 1e-30, np.float32), name='v')
    results = dict(
        product=x * 1e-4, quotient=x / 1e4, sum=x + 0.0, difference=x - 3.1e-38, negative=-x, square=tf.square(x),
        double=y * 1e-10, narrowed=tf.cast(y, tf.float32), widened=tf.cast(tf.cast(x * 1e-4, tf.float64), tf.float32),
        relu=tf.nn.relu(x), exp=tf.exp(x - 90.), matmul=tf.matmul(x[:, None], tf.fill([1, 3], 1e-4)),
        constant=tf.constant(np.full(20, 1e-30, np.float32)) * 1e-10, mean=tf.reduce_mean(x * 1e-4),
        moved=tf.reverse(tf.concat([x, x], 0), [0]), transposed=tf.transpose(tf.reshape(x, [4, 5])),
        decayed=v.assign(v * 1e-10))
    scale = tf.placeholder(tf.float32, [], name='scale')
    zero = {name: tf.equal(tensor, 0) for name, tensor in results.items()}
    return dict(x=x, y=y, scale=scale, packed=tf.stack([scale, scale]), results=results, zero=zero, log=tf.log(x), up=x * scale,
                init=tf.global_variables_initializer())


def run(tf, built):
    found = {}
    x = np.array(SMALL, np.float32)
    feeds = {built['x']: x, built['y']: np.array([1e-300, 1e-310, 1e-40, -1e-310])}
    with tf.Session() as session:
        session.run(built['init'])
        for name in sorted(built['results']):
            value = session.run(built['results'][name], feeds)
            found[name] = np.where(value == 0, 0, np.sign(value)).astype(np.int8)     # of a zero: 0
            found[name + '_is_zero'] = session.run(built['zero'][name], feeds)
        subnormal = x * np.float32(1e-4)        # by numpy, which keeps it
        found['fed'] = session.run(built['up'], {built['x']: subnormal, built['scale']: np.float32(1e38)})
        found['log'] = session.run(built['log'], {built['x']: subnormal})
        moved = session.run(built['results']['moved'], {built['x']: subnormal})
        found['moved_bits'] = moved.view(np.int32)
        packed = session.run(built['packed'], {built['scale']: subnormal[0]})
        found['packed_bits'] = packed.view(np.int32)
    return found
