"""First steps: constants, placeholders, a session, a feed, strings of what is printed."""
import numpy as np


def build(tf):
    a = tf.constant(2)
    b = tf.constant(3)
    x = tf.placeholder(tf.int16)
    y = tf.placeholder(tf.int16)
    add = tf.add(x, y)
    mul = tf.multiply(x, y)
    matrix1 = tf.constant([[3., 3.]])
    matrix2 = tf.constant([[2.], [2.]])
    product = tf.matmul(matrix1, matrix2)
    node1 = tf.constant(3.0, dtype=tf.float32)
    node2 = tf.constant(4.0)
    triple = (node1 + node2) * 3
    vector = tf.constant([1, 2, 3, 4], name='vector', shape=[2, 2])
    filled = tf.constant(-1.0, shape=[2, 3])
    return dict(plus=a + b, times=a * b, add=add, mul=mul, product=product, triple=triple, vector=vector, filled=filled,
                minus=a - b, division=a / b, floor=a // b, modulo=a % b, power=a ** b, negative=-a, large=a > b,
                range=tf.range(3, 18, 3), line=tf.linspace(10., 13., 4), zeros=tf.zeros_like(vector), both=x), x, y


def run(tf, built):
    nodes, x, y = built
    said = {'said_' + name: str(node) for name, node in nodes.items()}
    with tf.Session() as sess:
        values = sess.run(nodes, feed_dict={x: 2, y: 3})
        said['evaluated'] = nodes['triple'].eval()
        said['numpy'] = np.add(nodes['product'].eval(session=sess), 1)
    return dict(values, **said)
